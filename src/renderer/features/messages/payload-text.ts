/** Payload bytes as a person reads them, exactly: text where they are text, hex where not, and the ways back. Pure. */
import type { PayloadInput } from '../../../shared/model/producing'
import { checkJson } from './json/json-check'

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The text, byte for byte, or null where these bytes are no UTF-8 or hold control characters that text does not. */
export function textOf(bytes: Uint8Array): string | null {
  try {
    const text = utf8.decode(bytes)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
    return /[\u0000-\u0008\u000e-\u001f]/.test(text.length > 4096 ? text.slice(0, 4096) : text) ? null : text
  } catch {
    return null
  }
}

/** The beginning of a long text that may end within a character. */
export function startOfText(bytes: Uint8Array, bytesMax: number): string | null {
  if (bytes.length <= bytesMax) return textOf(bytes)
  for (let back = 0; back < 4; back++) {
    const text = textOf(bytes.subarray(0, bytesMax - back))
    if (text !== null) return text
  }
  return null
}

const pairs = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

export function hexOf(bytes: Uint8Array, separator = ' '): string {
  let text = ''
  for (let at = 0; at < bytes.length; at++) text += at === 0 ? pairs[bytes[at]!] : separator + pairs[bytes[at]!]
  return text
}

/** `9f 3c 00 … 11 c4`: the first and last few. */
export function shortHex(bytes: Uint8Array, head = 8, tail = 2): string {
  if (bytes.length <= head + tail + 1) return hexOf(bytes)
  return `${hexOf(bytes.subarray(0, head))} … ${hexOf(bytes.subarray(bytes.length - tail))}`
}

export function base64Of(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000))
  return btoa(text)
}

/** A line of a dump: offset, hex, and what of it is printable. */
export function hexLine(bytes: Uint8Array, line: number, perLine: number): { offset: string; hex: string; text: string } {
  const row = bytes.subarray(line * perLine, (line + 1) * perLine)
  const groups: string[] = []
  for (let at = 0; at < perLine; at += 4) groups.push(hexOf(row.subarray(at, at + 4)).padEnd(11))
  const text = Array.from(row, (byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·')).join('')
  return { offset: (line * perLine).toString(16).padStart(6, '0'), hex: groups.join('  '), text }
}

export interface TextStretch {
  readonly text: string
  /** An invisible character, written as its escape. */
  readonly isEscape: boolean
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const invisible = /[\u0000-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g

/** Text in which control and invisible characters stand as escapes; line breaks and tabs too where `oneLine`. */
export function visibleText(text: string, oneLine = true): TextStretch[] {
  const parts: TextStretch[] = []
  let from = 0
  for (const match of text.matchAll(invisible)) {
    const character = match[0]
    if (!oneLine && (character === '\n' || character === '\t')) continue
    if (match.index > from) parts.push({ text: text.slice(from, match.index), isEscape: false })
    parts.push({ text: escapeOf(character), isEscape: true })
    from = match.index + 1
  }
  if (from < text.length) parts.push({ text: text.slice(from), isEscape: false })
  return parts
}

function escapeOf(character: string): string {
  if (character === '\n') return '\\n'
  if (character === '\r') return '\\r'
  if (character === '\t') return '\\t'
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

/**
 * The bytes as something to type on. A field changes line ends and shows no control characters, and `{{index}}` would be filled in: what
 * would not come back byte for byte is given as hex.
 */
export function toInput(bytes: Uint8Array | null, field: 'line' | 'editor'): PayloadInput {
  if (bytes === null) return { format: 'null', text: '' }
  const text = textOf(bytes)
  const changes = field === 'line' ? /[\r\n]|\{\{index\}\}/ : /\r|\{\{index\}\}/
  if (text === null || changes.test(text)) return { format: 'hex', text: hexOf(bytes) }
  return { format: /^\s*[{[]/.test(text) && checkJson(text) === null ? 'json' : 'text', text }
}

/** The bytes for sending as they are. */
export function toExactInput(bytes: Uint8Array | null): PayloadInput {
  return bytes === null ? { format: 'null', text: '' } : { format: 'base64', text: base64Of(bytes) }
}
