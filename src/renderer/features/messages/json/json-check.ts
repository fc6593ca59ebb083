/** Whether a text is JSON, and if not, where and why, in words. Strict as JSON.parse is, but it converts nothing. */
import { type JsonToken, type JsonTokenKind, nextToken } from './json-tokens'

export interface JsonProblem {
  readonly position: number
  readonly end: number
  /** Both from 1. */
  readonly line: number
  readonly column: number
  readonly message: string
}

type Expected = 'value' | 'value or ]' | 'key' | 'key or }' | ':' | ', or }' | ', or ]' | 'end'

const words: Readonly<Record<Expected, string>> = {
  value: 'a value',
  'value or ]': 'a value or ]',
  key: 'a key in double quotes',
  'key or }': 'a key in double quotes or }',
  ':': ':',
  ', or }': ', or }',
  ', or ]': ', or ]',
  end: 'the end',
}

/** null: it is JSON. */
export function checkJson(text: string): JsonProblem | null {
  const open: ('{' | '[')[] = []
  let expected: Expected = 'value'
  for (let token = nextToken(text, 0); ; token = nextToken(text, token.end)) {
    if (token.kind === 'bad') return problem(text, token, token.message ?? 'This is not JSON')
    if (token.kind === 'end')
      return expected === 'end' ? null : problem(text, token, `The text ends where ${words[expected]} is expected`)
    const next = step(expected, token.kind, open)
    if (next === null)
      return problem(
        text,
        token,
        `“${text.slice(token.start, Math.min(token.end, token.start + 24))}” stands where ${words[expected]} is expected`,
      )
    expected = next
  }
}

function step(expected: Expected, kind: JsonTokenKind, open: ('{' | '[')[]): Expected | null {
  const afterValue = (): Expected => {
    const inside = open[open.length - 1]
    return inside === undefined ? 'end' : inside === '{' ? ', or }' : ', or ]'
  }
  switch (expected) {
    case 'value':
    case 'value or ]':
      if (kind === '{' || kind === '[') {
        open.push(kind)
        return kind === '{' ? 'key or }' : 'value or ]'
      }
      if (kind === ']' && expected === 'value or ]') {
        open.pop()
        return afterValue()
      }
      return kind === 'string' || kind === 'number' || kind === 'true' || kind === 'false' || kind === 'null'
        ? afterValue()
        : null
    case 'key':
    case 'key or }':
      if (kind === 'string') return ':'
      if (kind !== '}' || expected === 'key') return null
      open.pop()
      return afterValue()
    case ':':
      return kind === ':' ? 'value' : null
    case ', or }':
    case ', or ]': {
      if (kind === ',') return expected === ', or }' ? 'key' : 'value'
      if (kind !== (expected === ', or }' ? '}' : ']')) return null
      open.pop()
      return afterValue()
    }
    case 'end':
      return null
  }
}

function problem(text: string, token: JsonToken, message: string): JsonProblem {
  let line = 1
  let lineStart = 0
  for (let at = text.indexOf('\n'); at >= 0 && at < token.start; at = text.indexOf('\n', at + 1)) {
    line++
    lineStart = at + 1
  }
  return { position: token.start, end: token.end, line, column: token.start - lineStart + 1, message }
}
