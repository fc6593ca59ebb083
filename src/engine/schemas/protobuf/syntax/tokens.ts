/**
 * A .proto text in tokens, comments among them, each with its place; joined together with the white space between they are the text again.
 * Never fails: what is no token is one of kind 'unknown', a string or comment that does not end runs to the end of its line or of the text.
 */
import type { SourceRange } from '../../format'

export type TokenKind = 'word' | 'number' | 'string' | 'symbol' | 'comment' | 'unknown' | 'end'

export interface Token extends SourceRange {
  readonly kind: TokenKind
  readonly text: string
  /** A string or a block comment without its end. */
  readonly isOpen?: boolean
}

const pattern =
  /(\/\/[^\n]*|\/\*[\s\S]*?\*\/)|(\/\*[\s\S]*)|([A-Za-z_][A-Za-z0-9_]*)|(0[xX][0-9a-fA-F]+|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?[fF]?)|("(?:[^"\\\n]|\\[^\n])*"|'(?:[^'\\\n]|\\[^\n])*')|(["'][^\n]*)|([{}[\]()<>;,=.:+\-/])|\s+|([\s\S])/uy

export function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = []
  let from = 0
  const start = text.startsWith('\uFEFF') ? 1 : 0
  from = start
  while (from < text.length) {
    pattern.lastIndex = from
    const match = pattern.exec(text)
    if (match === null) break
    const to = pattern.lastIndex
    const [whole, comment, openComment, word, number, string, openString, symbol, unknown] = match
    const at = { text: whole, from, to }
    if (comment !== undefined) tokens.push({ kind: 'comment', ...at })
    else if (openComment !== undefined) tokens.push({ kind: 'comment', ...at, isOpen: true })
    else if (word !== undefined) tokens.push({ kind: 'word', ...at })
    else if (number !== undefined) tokens.push({ kind: 'number', ...at })
    else if (string !== undefined) tokens.push({ kind: 'string', ...at })
    else if (openString !== undefined) tokens.push({ kind: 'string', ...at, isOpen: true })
    else if (symbol !== undefined) tokens.push({ kind: 'symbol', ...at })
    else if (unknown !== undefined) tokens.push({ kind: 'unknown', ...at })
    from = to
  }
  tokens.push({ kind: 'end', text: '', from: text.length, to: text.length })
  return tokens
}

const escapes: Readonly<Record<string, string>> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' }

/** What a string token stands for. Escapes above \x7f are taken as the character of that number, as the registry's parser does. */
export function unquote(token: string): string {
  return token
    .slice(1, -1)
    .replace(/\\(?:([xX])([0-9a-fA-F]{1,2})|([0-7]{1,3})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([\s\S]))/gu, (...groups) => {
      const [, , hex, octal, unit, point, single] = groups as (string | undefined)[]
      if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16))
      if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8))
      if (unit !== undefined) return String.fromCharCode(Number.parseInt(unit, 16))
      if (point !== undefined) {
        const code = Number.parseInt(point, 16)
        return code <= 0x10ffff ? String.fromCodePoint(code) : ''
      }
      return escapes[single!] ?? single!
    })
}

/** The words of a comment: without slashes, stars and the indentation that they all have. */
export function commentText(comment: string): string {
  if (comment.startsWith('//'))
    return comment
      .slice(2)
      .replace(/^\/*\s?/, '')
      .trimEnd()
  const body = comment.slice(2, comment.endsWith('*/') ? -2 : undefined)
  const lines = body.split('\n').map((line) => line.replace(/^\s*\*+\s?/, '').trim())
  return lines.join('\n').trim()
}
