/** Payloads between bytes and what a person types or reads. Nothing is rounded: numbers in JSON stay the text they are. */
import { WorkbenchError } from '../shared/ipc/errors'
import { encodeScalar } from '../shared/lang/scalars'
import type { PayloadPreview } from '../shared/model/messages'
import type { PlainPayloadInput } from '../shared/model/producing'

/** The bytes to send, or null. Throws INVALID_PAYLOAD with `what` (the key, header 'x'), and where it is wrong. */
export function encodePayload(input: PlainPayloadInput, what: string): Uint8Array | null {
  const { format, text } = input
  switch (format) {
    case 'null':
      return null
    case 'empty':
      return new Uint8Array(0)
    case 'text':
      return Buffer.from(text)
    case 'int32':
    case 'int64':
    case 'float':
    case 'double':
    case 'uuid': {
      const encoded = encodeScalar(format, text)
      if (!encoded.ok) throw invalid(what, encoded.problem)
      return encoded.bytes
    }
    case 'json':
      try {
        JSON.parse(text)
      } catch (error) {
        throw invalid(what, `is not JSON: ${(error as Error).message}`)
      }
      return Buffer.from(text)
    case 'hex': {
      const digits = text.replace(/\s+/g, '')
      const bad = /[^0-9a-fA-F]/.exec(digits)
      if (bad !== null) throw invalid(what, `is not hex: '${bad[0]}' is no hex digit`)
      if (digits.length % 2 === 1) throw invalid(what, 'is not hex: it has an odd number of digits')
      return Buffer.from(digits, 'hex')
    }
    case 'base64': {
      const compact = text.replace(/\s+/g, '')
      if (!/^[A-Za-z0-9+/_-]*={0,2}$/.test(compact) || compact.replace(/=+$/, '').length % 4 === 1)
        throw invalid(what, 'is not base64')
      return Buffer.from(compact, 'base64')
    }
  }
}

function invalid(what: string, why: string): WorkbenchError {
  return new WorkbenchError('expected', 'INVALID_PAYLOAD', `The ${what} ${why}.`)
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const previewBytesMax = 2_048
const previewCharactersMax = 512

/** What a row shows of a payload: at most some hundred characters, never more work than the first bytes need. */
export function previewPayload(bytes: Uint8Array | null): PayloadPreview {
  if (bytes === null) return { kind: 'null', text: '', byteLength: 0, isCut: false }
  if (bytes.length === 0) return { kind: 'empty', text: '', byteLength: 0, isCut: false }
  const text = decodeStart(bytes)
  if (text === null) {
    const shown = bytes.subarray(0, 24)
    const hex = Array.from(shown, (byte) => byte.toString(16).padStart(2, '0')).join(' ')
    return { kind: 'binary', text: hex, byteLength: bytes.length, isCut: bytes.length > shown.length }
  }
  const isCut = bytes.length > previewBytesMax || text.length > previewCharactersMax
  return { kind: looksLikeJson(bytes, text) ? 'json' : 'text', text: cutText(text), byteLength: bytes.length, isCut }
}

/** Never between the two halves of a surrogate pair. */
function cutText(text: string): string {
  if (text.length <= previewCharactersMax) return text
  const last = text.charCodeAt(previewCharactersMax - 1)
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? previewCharactersMax - 1 : previewCharactersMax)
}

/** The beginning as text, null where it is no UTF-8 or holds control characters that text does not. A character cut at the end is left out. */
function decodeStart(bytes: Uint8Array): string | null {
  const isWhole = bytes.length <= previewBytesMax
  for (let back = 0; back < (isWhole ? 1 : 4); back++) {
    try {
      const text = utf8.decode(bytes.subarray(0, Math.min(bytes.length, previewBytesMax) - back))
      // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
      return /[\u0000-\u0008\u000e-\u001f]/.test(text) ? null : text
    } catch {
      // Cut in the middle of a character, or no UTF-8 at all: one byte less tells.
    }
  }
  return null
}

/** Objects and arrays only: `12` and `"x"` are rather text to a reader. A long value is judged by how it begins. */
function looksLikeJson(bytes: Uint8Array, text: string): boolean {
  const first = text.trimStart()[0]
  if (first !== '{' && first !== '[') return false
  if (bytes.length > previewBytesMax) return true
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
