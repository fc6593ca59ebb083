/** JSON inside of IDL: defaults and the values of annotations. Numbers may be hexadecimal, octal or end in L, f or d. */
import type { JsonMember, JsonNode } from '../../json-text'
import { listNode, memberNode, objectNode, textNode } from './nodes'
import type { Token } from './tokens'

/** Reads a value at `at`; `fail` throws. */
export function readJsonValue(
  tokens: readonly Token[],
  at: number,
  fail: (token: Token, message: string) => never,
): { readonly node: JsonNode; readonly next: number } {
  let next = at
  const is = (symbol: string): boolean => tokens[next]!.kind === 'symbol' && tokens[next]!.value === symbol

  const value = (depth: number): JsonNode => {
    const token = tokens[next]!
    if (depth > 200) fail(token, 'Values are nested too deep.')
    const { from, to } = token
    if (token.kind === 'string') {
      next++
      return textNode(token.value, token)
    }
    if (token.kind === 'number') {
      next++
      // JSON has no such numbers; a float or double takes them in quotes.
      return /[A-Za-z]{3}/.test(token.value) ? textNode(token.value, token) : { kind: 'number', text: token.value, from, to }
    }
    if (token.kind === 'identifier') {
      if (token.value === 'NaN' || token.value === 'Infinity') {
        next++
        return textNode(token.value, token)
      }
      if (token.value === 'null' || token.value === 'true' || token.value === 'false') {
        next++
        return token.value === 'null' ? { kind: 'null', from, to } : { kind: 'boolean', value: token.value === 'true', from, to }
      }
      fail(token, `${token.value} is no value: texts and symbols stand in quotes.`)
    }
    if (is('[')) return list(token, depth)
    if (is('{')) return object(token, depth)
    return fail(token, 'A value is expected here.')
  }

  const list = (open: Token, depth: number): JsonNode => {
    const items: JsonNode[] = []
    next++
    while (!is(']')) {
      items.push(value(depth + 1))
      if (is(',')) next++
      else if (!is(']')) fail(tokens[next]!, 'A comma or ] is missing here.')
    }
    return listNode(items, { from: open.from, to: tokens[next++]!.to })
  }

  const object = (open: Token, depth: number): JsonNode => {
    const members: JsonMember[] = []
    next++
    while (!is('}')) {
      const key = tokens[next]!
      if (key.kind !== 'string') fail(key, 'A key in quotes is expected here.')
      next++
      if (!is(':')) fail(tokens[next]!, 'A colon is missing here.')
      next++
      members.push(memberNode(key.value, value(depth + 1), key))
      if (is(',')) next++
      else if (!is('}')) fail(tokens[next]!, 'A comma or } is missing here.')
    }
    return objectNode(members, { from: open.from, to: tokens[next++]!.to })
  }

  return { node: value(0), next }
}
