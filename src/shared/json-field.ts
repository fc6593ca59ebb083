/**
 * A field of a JSON text by its path, found without parsing the rest: `customer.id`, `lines[0].sku`, `["a.b"].c`. Numbers keep their digits,
 * so 64-bit ids can be shown and compared whole. Used by filters and columns of messages, in the workers and in the window.
 */
import { type JsonTokenKind, nextToken, skipValue } from './json-tokens'

export interface JsonField {
  readonly kind: 'object' | 'array' | 'string' | 'number' | 'true' | 'false' | 'null'
  /** As written; of a string what it means, without quotes and escapes. */
  readonly text: string
}

export type PathStep = string | number

const stepPattern = /\.?(?:([^.[\]"]+)|\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\])/y

/** The steps of a path; null where it is none. The empty path is the whole. */
export function parsePath(path: string): readonly PathStep[] | null {
  const steps: PathStep[] = []
  stepPattern.lastIndex = 0
  while (stepPattern.lastIndex < path.length) {
    const isFirst = stepPattern.lastIndex === 0
    const found = stepPattern.exec(path)
    if (found === null || (isFirst && found[0].startsWith('.'))) return null
    const [, name, index, quoted] = found
    if (name !== undefined) steps.push(name)
    else if (index !== undefined) steps.push(Number(index))
    else steps.push(unquote(`"${quoted ?? ''}"`))
  }
  return steps
}

/** A path that leads to the field `steps` name, as `parsePath` reads it. */
export function writePath(steps: readonly PathStep[]): string {
  let path = ''
  for (const step of steps) {
    if (typeof step === 'number') path += `[${step}]`
    else if (step === '' || /[.[\]"]/.test(step)) path += `[${JSON.stringify(step)}]`
    else path += path === '' ? step : `.${step}`
  }
  return path
}

/** null: there is no such field, or the text is no JSON up to there. Of a key that stands twice, the first. */
export function findField(json: string, steps: readonly PathStep[]): JsonField | null {
  let at = 0
  for (const step of steps) {
    const next = childOf(json, at, step)
    if (next === null) return null
    at = next
  }
  const token = nextToken(json, at)
  if (token.kind === '{' || token.kind === '[')
    return { kind: token.kind === '{' ? 'object' : 'array', text: json.slice(token.start, skipValue(json, token.start)) }
  const text = json.slice(token.start, token.end)
  if (token.kind === 'string') return { kind: 'string', text: unquote(text) }
  return isPlain(token.kind) ? { kind: token.kind, text } : null
}

function isPlain(kind: JsonTokenKind): kind is 'number' | 'true' | 'false' | 'null' {
  return kind === 'number' || kind === 'true' || kind === 'false' || kind === 'null'
}

/** Where the child's value begins. */
function childOf(json: string, at: number, step: PathStep): number | null {
  const container = nextToken(json, at)
  if (container.kind !== '{' && container.kind !== '[') return null
  let position = container.end
  for (let index = 0; ; index++) {
    let token = nextToken(json, position)
    if (container.kind === '{') {
      if (token.kind !== 'string') return null
      const isIt = keyIs(json, token.start, token.end, String(step))
      token = nextToken(json, token.end)
      if (token.kind !== ':') return null
      position = token.end
      if (isIt) return position
    } else {
      if (token.kind === ']' || token.kind === 'end' || token.kind === 'bad') return null
      if (String(index) === String(step)) return token.start
    }
    token = nextToken(json, skipValue(json, position))
    if (token.kind !== ',') return null
    position = token.end
  }
}

function keyIs(json: string, start: number, end: number, wanted: string): boolean {
  if (end - start - 2 === wanted.length && json.startsWith(wanted, start + 1)) return true
  return json.slice(start, end).includes('\\') && unquote(json.slice(start, end)) === wanted
}

function unquote(quoted: string): string {
  try {
    return JSON.parse(quoted) as string
  } catch {
    return quoted.slice(1, -1)
  }
}
