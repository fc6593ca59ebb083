/**
 * The window's page as it is served: which file an `app://` address means, and the page's headers. Pure but for reading the file; the
 * Electron side of it is app-protocol.ts.
 */
import { extname, resolve, sep } from 'node:path'

export const appOrigin = 'app://bundle'

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
  '.txt': 'text/plain; charset=utf-8',
}

/** The file behind an address, or null for what is not ours: another host, a way out of the folder, a kind of file that we do not ship. */
export function fileFor(address: string, directory: string): { readonly path: string; readonly contentType: string } | null {
  let url: URL
  let pathname: string
  try {
    url = new URL(address)
    pathname = decodeURIComponent(url.pathname)
  } catch {
    return null
  }
  if (url.protocol !== 'app:' || url.host !== 'bundle' || pathname.includes('\0')) {
    return null
  }
  const home = resolve(directory)
  const path = resolve(home, `.${pathname === '/' ? '/index.html' : pathname}`)
  const contentType = contentTypes[extname(path)]
  return path.startsWith(home + sep) && contentType !== undefined ? { path, contentType } : null
}

/** No inline script, no eval, no other origin. The nonce is for style elements that components make at run time. */
export function contentSecurityPolicy(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "object-src 'none'",
  ].join('; ')
}

/** The page with its nonce, and with its theme already on the root element, so that the first paint is in the right colours. */
export function preparePage(html: string, nonce: string, theme: 'light' | 'dark'): string {
  return html
    .replace('<html', `<html data-theme="${theme}"`)
    .replace('<head>', `<head>\n    <meta name="csp-nonce" content="${nonce}" />`)
}
