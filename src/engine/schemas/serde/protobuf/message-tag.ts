/**
 * Which message of its file a Protobuf payload is of, said in its JSON: a first member `"@type": "shop.Refund"`, as Google's mapping has it for Any.
 * Shown for every message but the file's first, and taken for every one; a text without it is of the first. No field is called so.
 */
import { isJsonObject, JsonSyntaxError, parseJson, printJson } from '../json-value'

export const messageTag = '@type'

/** `json`: an object without the tag. */
export function withMessageTag(name: string, json: string): string {
  const open = json.indexOf('{')
  const isEmpty = json.slice(open + 1).trim() === '}'
  const gap = /^\{(\s*)/.exec(json.slice(open))?.[1] ?? ''
  const member = `${JSON.stringify(messageTag)}:${gap === '' ? '' : ' '}${JSON.stringify(name)}`
  return `{${isEmpty ? '' : gap}${member}${isEmpty ? '}' : `,${json.slice(open + 1)}`}`
}

/** The name that is said, and the text without it; null where none is said, also where the text is no JSON object. Numbers stay as they are written. */
export function takeMessageTag(json: string): { readonly name: string; readonly json: string } | null {
  // Nearly no text has one, and a run encodes many.
  if (!json.includes(messageTag)) return null
  try {
    const value = parseJson(json)
    const name = isJsonObject(value) ? value.get(messageTag) : undefined
    if (!isJsonObject(value) || typeof name !== 'string') return null
    return { name, json: printJson(new Map([...value].filter(([key]) => key !== messageTag))) }
  } catch (error) {
    // Whoever encodes it says where.
    if (error instanceof JsonSyntaxError) return null
    throw error
  }
}
