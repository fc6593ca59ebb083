/** Prints a schema that is being made and remembers where its marked parts came to stand, so that suggestions can be edits of the text. */
import type { SourceRange } from '../format'

/** A finished piece of JSON text, a list, or names with values; `mark` asks for its place. */
export type Part =
  | { readonly kind: 'text'; readonly json: string; readonly mark?: object }
  | { readonly kind: 'list'; readonly items: readonly Part[]; readonly mark?: object }
  | { readonly kind: 'object'; readonly entries: readonly (readonly [string, Part])[]; readonly mark?: object }

export interface Place extends SourceRange {
  /** The indentation of the line that the part begins on. */
  readonly indent: string
  /** JSON pointer. */
  readonly pointer: string
}

export const textPart = (value: string | number | boolean | null, mark?: object): Part => ({
  kind: 'text',
  json: JSON.stringify(value),
  ...(mark === undefined ? {} : { mark }),
})

/** The text with two spaces of indentation; lists of short texts stay on one line. */
export function printSchema(root: Part): { readonly text: string; readonly places: ReadonlyMap<object, Place> } {
  const places = new Map<object, Place>()
  let text = ''
  const print = (part: Part, indent: string, pointer: string): void => {
    const from = text.length
    const inner = `${indent}  `
    if (part.kind === 'text') text += part.json
    else if (part.kind === 'list') {
      const isShort = part.items.every((item) => item.kind === 'text') && part.items.length <= 8
      text += '['
      for (const [index, item] of part.items.entries()) {
        text += index === 0 ? '' : ','
        text += isShort ? (index === 0 ? '' : ' ') : `\n${inner}`
        print(item, isShort ? indent : inner, `${pointer}/${index}`)
      }
      text += isShort || part.items.length === 0 ? ']' : `\n${indent}]`
    } else {
      text += '{'
      for (const [index, [name, value]] of part.entries.entries()) {
        text += `${index === 0 ? '' : ','}\n${inner}${JSON.stringify(name)}: `
        print(value, inner, `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`)
      }
      text += part.entries.length === 0 ? '}' : `\n${indent}}`
    }
    if (part.mark !== undefined) places.set(part.mark, { from, to: text.length, indent, pointer })
  }
  print(root, '', '')
  return { text, places }
}
