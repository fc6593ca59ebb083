/**
 * The four messages of a SCRAM exchange (RFC 5802 section 7) as text, read and written. Pure. Readers answer null for what is not of the grammar;
 * extensions are kept apart so that the text that is signed is the text that was sent.
 */

export interface ClientFirst {
  /** What stands before the bare message: `n,,`. Repeated by the client in its last message, in base64. */
  readonly gs2Header: string
  readonly authorizationId: string
  /** Decoded: with its commas and equal signs. */
  readonly user: string
  readonly nonce: string
  readonly extensions: ReadonlyMap<string, string>
  readonly bare: string
}

export interface ServerFirst {
  readonly nonce: string
  readonly salt: Uint8Array
  readonly iterations: number
}

export interface ClientFinal {
  readonly channelBinding: string
  readonly nonce: string
  readonly proof: Uint8Array
  readonly withoutProof: string
}

/** RFC 5802: printable ASCII but the comma. */
const NONCE = /^[\x21-\x2b\x2d-\x7e]+$/
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/
/** Kafka knows no channel binding, and refuses also a client that would know it. */
const CLIENT_FIRST = /^(n,(?:a=([^,]*))?,)(n=([^,]*),r=([^,]*)((?:,[A-Za-z]+=[^,]*)*))$/
const CLIENT_FINAL = /^(c=([^,]*),r=([^,]*)(?:,[A-Za-z]+=[^,]*)*),p=([^,]*)$/
const SERVER_FIRST = /^r=([^,]*),s=([^,]*),i=(\d{1,10})(?:,.*)?$/

export function encodeClientFirst(user: string, nonce: string): { readonly gs2Header: string; readonly bare: string } {
  return { gs2Header: 'n,,', bare: `n=${encodeName(user)},r=${nonce}` }
}

export function decodeClientFirst(message: Uint8Array): ClientFirst | null {
  const match = CLIENT_FIRST.exec(textOf(message))
  if (match === null) return null
  const [, gs2Header = '', authorization = '', bare = '', name = '', nonce = '', rest = ''] = match
  const user = decodeName(name)
  const authorizationId = decodeName(authorization)
  if (user === null || user === '' || authorizationId === null || !NONCE.test(nonce)) return null
  const extensions = new Map<string, string>()
  for (const extension of rest.split(',').slice(1)) {
    const at = extension.indexOf('=')
    extensions.set(extension.slice(0, at), extension.slice(at + 1))
  }
  return { gs2Header, authorizationId, user, nonce, extensions, bare }
}

export function encodeServerFirst({ nonce, salt, iterations }: ServerFirst): string {
  return `r=${nonce},s=${Buffer.from(salt).toString('base64')},i=${iterations}`
}

export function decodeServerFirst(message: Uint8Array): ServerFirst | null {
  const match = SERVER_FIRST.exec(textOf(message))
  if (match === null) return null
  const [, nonce = '', salt = '', iterations = ''] = match
  if (!NONCE.test(nonce) || salt === '' || !BASE64.test(salt)) return null
  return { nonce, salt: Buffer.from(salt, 'base64'), iterations: Number(iterations) }
}

export function encodeClientFinalWithoutProof(gs2Header: string, nonce: string): string {
  return `c=${Buffer.from(gs2Header).toString('base64')},r=${nonce}`
}

export function decodeClientFinal(message: Uint8Array): ClientFinal | null {
  const match = CLIENT_FINAL.exec(textOf(message))
  if (match === null) return null
  const [, withoutProof = '', channelBinding = '', nonce = '', proof = ''] = match
  if (!NONCE.test(nonce) || proof === '' || !BASE64.test(proof)) return null
  return { channelBinding, nonce, proof: Buffer.from(proof, 'base64'), withoutProof }
}

/** `v=` and the server's signature, or `e=` and why not; null for neither. */
export function decodeServerFinal(message: Uint8Array): { readonly signature: Uint8Array } | { readonly error: string } | null {
  const text = textOf(message)
  const match = /^(v|e)=([^,]*)(?:,.*)?$/.exec(text)
  if (match === null) return null
  const [, kind, value = ''] = match
  if (kind === 'e') return { error: value }
  return BASE64.test(value) ? { signature: Buffer.from(value, 'base64') } : null
}

export function xor(a: Uint8Array, b: Uint8Array): Buffer {
  const result = Buffer.alloc(a.length)
  for (let index = 0; index < a.length; index++) result[index] = a[index]! ^ (b[index] ?? 0)
  return result
}

/** The equal sign first: it stands in what the comma becomes. */
export function encodeName(name: string): string {
  return name.replaceAll('=', '=3D').replaceAll(',', '=2C')
}

function decodeName(text: string): string | null {
  return /=(?!2C|3D)/.test(text) ? null : text.replaceAll('=2C', ',').replaceAll('=3D', '=')
}

function textOf(message: Uint8Array): string {
  return Buffer.from(message.buffer, message.byteOffset, message.byteLength).toString('utf8')
}
