/**
 * JSON as the text it is. Nothing is converted: a number is its digits, so that 64-bit ids are shown as they were sent. The tree, the
 * colours and the check of typed JSON all stand on these tokens; JSON.parse is never used for anything that is shown.
 */

export type JsonTokenKind =
  | '{'
  | '}'
  | '['
  | ']'
  | ':'
  | ','
  | 'string'
  | 'number'
  | 'true'
  | 'false'
  | 'null'
  /** Not JSON; `message` says why. */
  | 'bad'
  | 'end'

export interface JsonToken {
  readonly kind: JsonTokenKind
  readonly start: number
  readonly end: number
  readonly message?: string
}

const numberPattern = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const wordPattern = /[A-Za-z_$][\w$]*/y
const tab = 9
const lineFeed = 10
const carriageReturn = 13
const space = 32
const quote = 34
const backslash = 92

/** The token at or after `position`. */
export function nextToken(text: string, position: number): JsonToken {
  let start = position
  for (; start < text.length; start++) {
    const code = text.charCodeAt(start)
    if (code !== space && code !== lineFeed && code !== carriageReturn && code !== tab) break
  }
  const first = text[start]
  if (first === undefined) return { kind: 'end', start, end: start }
  if (first === '{' || first === '}' || first === '[' || first === ']' || first === ':' || first === ',')
    return { kind: first, start, end: start + 1 }
  if (first === '"') return stringAt(text, start)
  if (first === '-' || (first >= '0' && first <= '9')) return numberAt(text, start)
  wordPattern.lastIndex = start
  const word = wordPattern.exec(text)?.[0]
  if (word === 'true' || word === 'false' || word === 'null') return { kind: word, start, end: start + word.length }
  const length = word?.length ?? ((text.codePointAt(start) ?? 0) > 0xffff ? 2 : 1)
  const message =
    first === "'" ? 'Strings stand in double quotes' : `${word ?? text.slice(start, start + length)} is no JSON value`
  return { kind: 'bad', start, end: start + length, message }
}

function stringAt(text: string, start: number): JsonToken {
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === quote) return { kind: 'string', start, end: at + 1 }
    if (code === backslash) {
      const escaped = /^\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/.exec(text.slice(at, at + 6))
      if (escaped === null)
        return {
          kind: 'bad',
          start: at,
          end: Math.min(text.length, at + 2),
          message: `${text.slice(at, at + 2)} is no escape of JSON`,
        }
      at += escaped[0].length - 1
    } else if (code < space) {
      const shown = code === lineFeed || code === carriageReturn ? 'A line break' : 'A control character'
      return { kind: 'bad', start: at, end: at + 1, message: `${shown} cannot stand in a string, only its escape` }
    }
  }
  return { kind: 'bad', start, end: text.length, message: 'The string is not closed' }
}

function numberAt(text: string, start: number): JsonToken {
  numberPattern.lastIndex = start
  const digits = numberPattern.exec(text)?.[0]
  if (digits === undefined) return { kind: 'bad', start, end: start + 1, message: 'A digit is missing after −' }
  const end = start + digits.length
  const rest = text[end]
  if (rest !== undefined && /[\w.+-]/.test(rest)) {
    const isZero = /^-?0$/.test(digits) && rest >= '0' && rest <= '9'
    const message = isZero ? 'A number does not begin with 0' : `The number ends at ${digits}, ${rest} cannot follow it`
    return { kind: 'bad', start, end: end + 1, message }
  }
  return { kind: 'number', start, end }
}

/** Past the value that begins at `position`; the end of the text where it is cut. Strings and brackets are enough: what stands inside is not looked at. */
export function skipValue(text: string, position: number): number {
  const first = nextToken(text, position)
  if (first.kind !== '{' && first.kind !== '[') return first.kind === 'bad' ? text.length : first.end
  let depth = 1
  let at = first.end
  while (at < text.length) {
    const code = text.charCodeAt(at)
    if (code === quote) {
      at = skipString(text, at)
      continue
    }
    if (code === 0x7b || code === 0x5b) depth++
    else if (code === 0x7d || code === 0x5d) {
      depth--
      if (depth === 0) return at + 1
    }
    at++
  }
  return text.length
}

function skipString(text: string, start: number): number {
  let at = start + 1
  for (;;) {
    const close = text.indexOf('"', at)
    if (close < 0) return text.length
    let slashes = 0
    while (text.charCodeAt(close - 1 - slashes) === backslash) slashes++
    if (slashes % 2 === 0) return close + 1
    at = close + 1
  }
}
