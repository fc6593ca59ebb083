/** Serves the window's files under app://bundle/, each page load with its own nonce. Nothing else is served, and nothing is fetched. */
import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { nativeTheme, protocol } from 'electron'
import { contentSecurityPolicy, fileFor, preparePage } from './app-files'

/** Must be called before the app is ready. */
export function registerAppScheme(): void {
  protocol.registerSchemesAsPrivileged([{ scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true } }])
}

export function serveApp(directory: string): void {
  protocol.handle('app', async (request) => {
    const file = request.method === 'GET' ? fileFor(request.url, directory) : null
    if (file === null) {
      return new Response(null, { status: 404 })
    }
    let content: Buffer
    try {
      content = await readFile(file.path)
    } catch {
      return new Response(null, { status: 404 })
    }
    const headers: Record<string, string> = {
      'content-type': file.contentType,
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-cache',
    }
    if (!file.contentType.startsWith('text/html')) {
      return new Response(new Uint8Array(content), { headers })
    }
    const nonce = randomBytes(16).toString('base64')
    headers['content-security-policy'] = contentSecurityPolicy(nonce)
    return new Response(preparePage(content.toString('utf8'), nonce, nativeTheme.shouldUseDarkColors ? 'dark' : 'light'), {
      headers,
    })
  })
}
