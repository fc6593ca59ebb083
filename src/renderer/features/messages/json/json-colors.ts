/** Which colour each stretch of a JSON text has, for rows, editors and previews. Whatever is not JSON stays plain: text is never lost. */
import { nextToken } from './json-tokens'

export type JsonColor = 'key' | 'str' | 'num' | 'kw' | 'null' | 'punc' | 'plain'

export interface ColoredText {
  readonly color: JsonColor
  readonly text: string
}

/** The whole of `text`, in stretches; put together they are `text` again. */
export function colorJson(text: string): ColoredText[] {
  const parts: { color: JsonColor; text: string }[] = []
  const put = (color: JsonColor, from: number, to: number): void => {
    if (to <= from) return
    const last = parts[parts.length - 1]
    const stretch = text.slice(from, to)
    if (last && (last.color === color || stretch.trim() === '')) last.text += stretch
    else parts.push({ color, text: stretch })
  }
  let at = 0
  for (;;) {
    const token = nextToken(text, at)
    put('punc', at, token.start)
    if (token.kind === 'end') return parts
    // An unfinished string at a cut is still a string to the eye.
    const isString = token.kind === 'string' || (token.kind === 'bad' && text[token.start] === '"')
    if (isString) put(nextToken(text, token.end).kind === ':' ? 'key' : 'str', token.start, token.end)
    else if (token.kind === 'number') put('num', token.start, token.end)
    else if (token.kind === 'true' || token.kind === 'false') put('kw', token.start, token.end)
    else if (token.kind === 'null') put('null', token.start, token.end)
    else put(token.kind === 'bad' ? 'plain' : 'punc', token.start, token.end)
    at = token.end
  }
}

/** Lines and indents put in, and nothing else changed: every token stays as it was written. */
export function prettyJson(text: string): string {
  const lines: string[] = []
  let line = ''
  let depth = 0
  let token = nextToken(text, 0)
  while (token.kind !== 'end') {
    const next = nextToken(text, token.end)
    const written = text.slice(token.start, token.end)
    if (token.kind === '{' || token.kind === '[') {
      const isEmpty = next.kind === (token.kind === '{' ? '}' : ']')
      line += written
      if (!isEmpty) {
        lines.push(line)
        line = '  '.repeat(++depth)
      }
    } else if (token.kind === '}' || token.kind === ']') {
      if (line.trim() !== '' && !/[[{]$/.test(line)) lines.push(line)
      if (/[[{]$/.test(line)) line += written
      else {
        depth = Math.max(0, depth - 1)
        line = '  '.repeat(depth) + written
      }
    } else if (token.kind === ',') {
      lines.push(`${line},`)
      line = '  '.repeat(depth)
    } else line += token.kind === ':' ? ': ' : written
    token = next
  }
  lines.push(line)
  return lines.join('\n')
}
