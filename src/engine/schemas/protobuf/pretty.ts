/**
 * Lays a .proto text out for an editor: two spaces a level, a statement a line, comments where they stand, at most one empty line. Works on
 * tokens, so nothing that the tree leaves out is lost; the tokens themselves stay as they are.
 */
import { err, ok, type Result } from '../../../shared/lang/result'
import type { SchemaProblem } from '../format'
import { readProto } from './syntax/parser'
import { type Token, tokenize } from './syntax/tokens'

export function formatProto(text: string): Result<string, readonly SchemaProblem[]> {
  const { problems } = readProto(text)
  return problems.length > 0 ? err(problems) : ok(layOut(text))
}

const layOut = (text: string): string => new Layout(text).run()

/** Stand at what is before them. */
const tightBefore: ReadonlySet<string> = new Set([';', ',', ')', ']', '>', '.', ':'])
/** What follows stands at them. */
const tightBehind: ReadonlySet<string> = new Set(['(', '[', '<', '.', '-', '+'])

class Layout {
  private readonly lines: string[] = []
  private line = ''
  /** Of each open brace: whether it is a value in text format, whose entries keep their lines. */
  private readonly braces: boolean[] = []
  private last: Token | null = null
  private isLineClosed = false

  constructor(private readonly text: string) {}

  run(): string {
    const tokens = tokenize(this.text)
    for (const [index, token] of tokens.entries()) {
      if (token.kind === 'end') break
      const gap = this.text.slice(this.last?.to ?? 0, token.from)
      const breaks = gap.split('\n').length - 1
      if (token.kind === 'comment') this.comment(token, breaks)
      else this.token(token, tokens[index + 1], gap, breaks)
      this.last = token
    }
    this.endLine()
    return `${this.lines.join('\n').trim()}\n`
  }

  private comment(token: Token, breaks: number): void {
    const isLineComment = token.text.startsWith('//')
    if (this.last !== null && breaks === 0 && this.line === '' && this.lines.length > 0 && !this.isLineClosed)
      this.lines.push(`${this.lines.pop()!} ${token.text.trimEnd()}`)
    else if (this.line !== '' && breaks === 0) this.line += ` ${token.text.trimEnd()}`
    else {
      this.endLine()
      if (breaks > 1) this.emptyLine()
      this.line = this.indentedComment(token.text)
      if (breaks > 0 || isLineComment) this.endLine()
    }
    // Nothing can follow a line comment on its line.
    if (isLineComment) this.endLine()
    this.isLineClosed = isLineComment
  }

  private token(token: Token, next: Token | undefined, gap: string, breaks: number): void {
    const symbol = token.kind === 'symbol' ? token.text : ''
    this.isLineClosed = false
    if (symbol === '}') return this.closeBrace(next)
    const isValueLine = this.braces.at(-1) === true && breaks > 0
    if (isValueLine && !tightBefore.has(symbol)) this.endLine()
    if (this.line === '' && breaks > 1) this.emptyLine()
    if (symbol === '{') {
      this.line += this.line === '' ? '{' : ' {'
      const before = this.last?.kind === 'symbol' ? this.last.text : ''
      const isValue = this.braces.at(-1) === true || before === '=' || before === ':' || before === '['
      this.endLine()
      this.braces.push(isValue)
      return
    }
    this.line += this.sticks(symbol, gap) ? token.text : ` ${token.text}`
    if (symbol === ';') this.endLine()
  }

  private closeBrace(next: Token | undefined): void {
    this.endLine()
    this.braces.pop()
    const before = this.lines.at(-1)
    // An empty body stays on its line.
    if (before?.endsWith('{') && this.last?.text === '{') this.line = `${this.lines.pop()!.trimStart()}}`
    else this.line = '}'
    const goesOn = next?.kind === 'symbol' && (next.text === ';' || next.text === ',' || next.text === ']')
    if (!goesOn) this.endLine()
  }

  private sticks(symbol: string, gap: string): boolean {
    if (this.line === '') return true
    const { last } = this
    const before = last?.kind === 'symbol' ? last.text : ''
    // A name that begins with a dot: 'repeated .a.B b'.
    if (symbol === '.') return gap === '' || before === '('
    if (tightBefore.has(symbol) || tightBehind.has(before)) return true
    return symbol === '<' && last?.text === 'map'
  }

  private endLine(): void {
    if (this.line !== '') this.lines.push(`${'  '.repeat(this.braces.length)}${this.line}`.trimEnd())
    this.line = ''
  }

  private emptyLine(): void {
    if (this.lines.length > 0 && this.lines.at(-1) !== '' && !this.lines.at(-1)!.endsWith('{')) this.lines.push('')
  }

  /** The further lines of a block comment, one space in where they begin with a star. */
  private indentedComment(comment: string): string {
    const indent = '  '.repeat(this.braces.length)
    const lines = comment.split('\n').map((line) => line.trim())
    return lines
      .map((line, index) => (index === 0 ? line : `${indent}${line.startsWith('*') ? ' ' : '   '}${line}`.trimEnd()))
      .join('\n')
  }
}
