/** How the data of a znode is shown: JSON laid out, text as it is, anything else as bytes. Numbers keep every digit. */
import { applyEdits, format } from 'jsonc-parser'

export type ZnodeText =
  | { readonly kind: 'empty' }
  | { readonly kind: 'json' | 'text'; readonly text: string }
  | { readonly kind: 'bytes' }

/** Laid out on one thread while somebody waits: what is larger is shown as it is. */
const laidOutLimit = 256 * 1024

export function znodeText(data: Uint8Array): ZnodeText {
  if (data.length === 0) return { kind: 'empty' }
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(data)
  } catch {
    return { kind: 'bytes' }
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what tells bytes from text
  if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/.test(text)) return { kind: 'bytes' }
  if (!/^\s*[[{]/.test(text) || text.length > laidOutLimit) return { kind: 'text', text }
  try {
    JSON.parse(text)
  } catch {
    return { kind: 'text', text }
  }
  // Edits of white space only: the digits of a 64-bit number stay those that are stored.
  return { kind: 'json', text: applyEdits(text, format(text, undefined, { insertSpaces: true, tabSize: 2, eol: '\n' })) }
}
