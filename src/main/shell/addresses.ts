/** Which addresses the page may ask for, who may call us, and what a browser may be sent to. Pure. */
import { appOrigin } from './app-files'

/** Whose pages the workbench itself links to: Kafka's documentation, and what the formats that it speaks are written down in. */
const linkedHosts: ReadonlySet<string> = new Set([
  'kafka.apache.org',
  'cwiki.apache.org',
  'avro.apache.org',
  'protobuf.dev',
  'json-schema.org',
  'docs.confluent.io',
])

/** Only https, without credentials or a port, to a host of the list: no file:, no javascript:, no scheme of another program, no stranger. */
export function externalAddress(address: string): string | null {
  let url: URL
  try {
    url = new URL(address)
  } catch {
    return null
  }
  const isPlain = url.protocol === 'https:' && url.username === '' && url.password === '' && url.port === ''
  return isPlain && linkedHosts.has(url.hostname) ? url.href : null
}

/** Whether the page may send this request: our own files, what it made itself, the tools beside it, and in development the dev server. */
export function isOwnRequest(address: string, devServer: string | null): boolean {
  if (address.startsWith(`${appOrigin}/`) || /^(?:devtools|data|blob):/.test(address)) {
    return true
  }
  if (devServer === null) {
    return false
  }
  return address.startsWith(devServer) || address.startsWith(devServer.replace(/^http/, 'ws'))
}

/** Whether a message comes from our own page. */
export function isOwnPage(address: string, devServer: string | null): boolean {
  return address.startsWith(`${appOrigin}/`) || (devServer !== null && address.startsWith(`${devServer}/`))
}
