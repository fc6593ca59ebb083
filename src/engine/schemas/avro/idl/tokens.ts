/** Words of Avro IDL with their places; a doc comment goes with the word behind it. Never throws: what is no word becomes a problem. */
import type { SourceRange } from '../../format'
import type { ProblemList } from '../parse/problems'

export interface DocComment extends SourceRange {
  readonly text: string
}

export interface Token extends SourceRange {
  readonly kind: 'identifier' | 'string' | 'number' | 'symbol' | 'end'
  /** Of identifiers without backticks, of texts unescaped, of numbers as JSON writes them (NaN and Infinity as words), else as written. */
  readonly value: string
  /** In backticks: a name and no keyword. */
  readonly isQuoted: boolean
  readonly doc: DocComment | null
  /** All comments since the word before, for laying the text out. */
  readonly comments: readonly SourceRange[]
}

const part = '(?:`[\\p{XID_Start}_]\\p{XID_Continue}*`|[\\p{XID_Start}_]\\p{XID_Continue}*)'
const identifier = new RegExp(`${part}(?:[.-]${part})*`, 'uy')
const floating = /[+-]?(?:NaN|Infinity|(?:\d+\.\d*|\.\d+)(?:[eE][+-]?\d+)?[fFdD]?|\d+(?:[eE][+-]?\d+[fFdD]?|[fFdD]))(?![\w.])/y
const integer = /-?(?:0[xX][0-9a-fA-F]+|0[0-7]*|[1-9]\d*)[lL]?(?![\w.])/y
const text = /"(?:[^"\\\n\r]|\\[^\n\r])*"/y
const space = /[ \t\n\r\f]+/y
const lineComment = /\/\/[^\n\r]*/y

/** Ends with a token of kind 'end'. */
export function tokenize(source: string, problems: ProblemList): readonly Token[] {
  const tokens: Token[] = []
  let at = source.charCodeAt(0) === 0xfeff ? 1 : 0
  let doc: DocComment | null = null
  let comments: SourceRange[] = []
  const match = (pattern: RegExp): string | null => {
    pattern.lastIndex = at
    return pattern.exec(source)?.[0] ?? null
  }
  const push = (kind: Token['kind'], length: number, value: string, isQuoted = false): void => {
    tokens.push({ kind, value, isQuoted, doc, comments, from: at, to: at + length })
    doc = null
    comments = []
    at += length
  }

  // The old end-of-file character ends a text, as the grammar has it.
  while (at < source.length && source[at] !== '\u001a') {
    const blank = match(space)
    const comment = blank === null ? match(lineComment) : null
    if (comment !== null) comments.push({ from: at, to: at + comment.length })
    if (blank !== null || comment !== null) {
      at += (blank ?? comment)!.length
      continue
    }
    if (source.startsWith('/*', at)) {
      const end = source.indexOf('*/', at + 2)
      const to = end < 0 ? source.length : end + 2
      if (end < 0) problems.error({ from: at, to: at + 2 }, '', 'This comment is not closed: its */ is missing.')
      if (source.startsWith('/**', at) && to - at > 4 && end >= 0)
        doc = { from: at, to, text: docText(source.slice(at + 3, end)) }
      comments.push({ from: at, to })
      at = to
      continue
    }
    const number = match(floating) ?? match(integer)
    const word = number === null ? match(identifier) : null
    const string = match(text)
    if (number !== null) push('number', number.length, numberText(number))
    else if (word !== null) push('identifier', word.length, word.replace(/`/g, ''), word.includes('`'))
    else if (string !== null) push('string', string.length, unescaped(string.slice(1, -1)))
    else if ('(){}[]:;,@=?<>'.includes(source[at]!)) push('symbol', 1, source[at]!)
    else {
      const isText = source[at] === '"'
      const length = isText ? /^[^\n\r]*/.exec(source.slice(at))![0].length : 1
      problems.error(
        { from: at, to: at + length },
        '',
        isText ? 'This text is not closed: its second quote is missing.' : `${JSON.stringify(source[at])} has no place in IDL.`,
      )
      at += length
    }
  }
  at = Math.min(at, source.length)
  push('end', 0, '')
  return tokens
}

/** Without the stars before the lines, and without the white space that all lines share. */
function docText(body: string): string {
  const lines = body
    .split(/\r\n|\r|\n/)
    .map((line, index) => (index === 0 ? line.trim() : line.replace(/^\s*\*? ?/, '').trimEnd()))
  while (lines.length > 0 && lines[0]!.trim() === '') lines.shift()
  while (lines.length > 0 && lines[lines.length - 1]!.trim() === '') lines.pop()
  return lines.join('\n')
}

function numberText(written: string): string {
  const bare = written.replace(/^\+/, '')
  if (/(NaN|Infinity)$/.test(bare)) return bare
  const negative = bare.startsWith('-') ? '-' : ''
  const digits = bare.slice(negative.length)
  if (/^0[xX]/.test(digits)) return `${negative}${BigInt(digits.replace(/[lL]$/, ''))}`
  if (/^0[0-7]+[lL]?$/.test(digits)) return `${negative}${BigInt(`0o${digits.replace(/[lL]$/, '')}`)}`
  const plain = digits.replace(/[lLfFdD]$/, '')
  return `${negative}${plain
    .replace(/^\./, '0.')
    .replace(/\.(?=$|[eE])/, '.0')
    .replace(/^0+(?=\d)/, '')}`
}

function unescaped(body: string): string {
  return body.replace(/\\(u[0-9a-fA-F]{4}|[0-3]?[0-7]{1,2}|.)/g, (_, code: string) => {
    if (/^u[0-9a-fA-F]{4}$/.test(code)) return String.fromCharCode(Number.parseInt(code.slice(1), 16))
    if (/^[0-7]+$/.test(code)) return String.fromCharCode(Number.parseInt(code, 8))
    return { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' }[code] ?? code
  })
}
