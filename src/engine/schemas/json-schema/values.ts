/** Values of schemas as texts: equality for enum, const and default, and how a sentence shows a value. */
import { writeJson } from '../json-text'
import { decimalKey, decimalOf } from './decimal'
import type { JsonNode } from './json'

/** Equal texts for values that are equal in JSON Schema's sense: key order and the writing of numbers do not count. */
export const valueKey = (node: JsonNode): string =>
  writeJson(node, { sortKeys: true, number: (text) => decimalKey(decimalOf(text)) })

/** A value as a sentence shows it: compact and not longer than a line. */
export function shortText(node: JsonNode): string {
  const text = writeJson(node)
  return text.length <= 80 ? text : `${text.slice(0, 77)}…`
}
