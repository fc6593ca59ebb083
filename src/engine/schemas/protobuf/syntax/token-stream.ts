/** The parser's hand on the tokens: looks ahead, takes, says what was expected instead, and knows which comments stand where. */
import type { SchemaProblem, SourceRange } from '../../format'
import { commentText, type Token, tokenize } from './tokens'

/** Ends a statement that cannot be read; the parser goes on behind it. */
export class SyntaxFailure extends Error {
  override readonly name = 'SyntaxFailure'
}

export class TokenStream {
  readonly problems: SchemaProblem[] = []
  private readonly tokens: readonly Token[]
  /** Comments directly before the token of that index. */
  private readonly commentsBefore: readonly (readonly Token[])[]
  private index = 0

  constructor(readonly text: string) {
    const tokens: Token[] = []
    const commentsBefore: Token[][] = []
    let comments: Token[] = []
    for (const token of tokenize(text)) {
      if (token.kind === 'comment') {
        comments.push(token)
        if (token.isOpen) this.report(token, 'A comment that does not end.', "Close it with '*/'.")
        continue
      }
      tokens.push(token)
      commentsBefore.push(comments)
      comments = []
    }
    this.tokens = tokens
    this.commentsBefore = commentsBefore
  }

  get next(): Token {
    return this.tokens[this.index]!
  }

  /** The token behind the next one. */
  get afterNext(): Token {
    return this.tokens[this.index + 1] ?? this.next
  }

  /** Where what was taken last ends. */
  get end(): number {
    return this.index === 0 ? 0 : this.tokens[this.index - 1]!.to
  }

  get isAtEnd(): boolean {
    return this.next.kind === 'end'
  }

  is(text: string): boolean {
    const token = this.next
    return token.text === text && (token.kind === 'symbol' || token.kind === 'word')
  }

  take(): Token {
    const token = this.next
    if (token.kind !== 'end') this.index++
    return token
  }

  maybe(text: string): boolean {
    if (!this.is(text)) return false
    this.index++
    return true
  }

  expect(text: string, where: string): Token {
    if (!this.is(text)) throw this.unexpected(`'${text}' ${where}`)
    return this.take()
  }

  word(what: string): Token {
    if (this.next.kind !== 'word') throw this.unexpected(what)
    return this.take()
  }

  /** The end of a statement. A missing ';' is told where it belongs, and the statement still counts. */
  semicolon(after: string): void {
    if (this.maybe(';')) return
    const at = this.end
    this.problems.push({
      severity: 'error',
      from: Math.max(0, at - 1),
      to: at,
      message: `There is no ';' after ${after}.`,
      hint: "Put a ';' there.",
      path: '',
      fixes: [{ label: "Insert ';'", edits: [{ from: at, to: at, insert: ';' }] }],
    })
    if (this.isAtEnd || this.is('}') || this.startsLine()) return
    throw new SyntaxFailure()
  }

  private startsLine(): boolean {
    return this.text.slice(this.end, this.next.from).includes('\n')
  }

  /** Behind the next ';', or a block, or before the '}' that ends the block around. */
  skipStatement(): void {
    let depth = 0
    while (!this.isAtEnd) {
      if (depth === 0 && this.is('}')) return
      const { text, kind } = this.take()
      if (kind !== 'symbol') continue
      if (text === '{') depth++
      else if (text === '}' && --depth === 0) return
      else if (text === ';' && depth === 0) return
    }
  }

  unexpected(expected: string): SyntaxFailure {
    const { next } = this
    const found =
      next.kind === 'end'
        ? 'the text ends'
        : next.isOpen
          ? 'a string begins that does not end on its line'
          : `'${next.text}' stands there`
    const range =
      next.kind === 'end' ? { from: Math.max(0, this.end - 1), to: Math.max(this.end, Math.min(1, this.text.length)) } : next
    this.report(range, `Expected ${expected}, and ${found}.`, null)
    return new SyntaxFailure()
  }

  report(range: SourceRange, message: string, hint: string | null): void {
    this.problems.push({ severity: 'error', from: range.from, to: range.to, message, hint, path: '', fixes: [] })
  }

  /** Of what begins with the next token: comment lines that touch it. */
  docBefore(): string | null {
    const comments = this.commentsBefore[this.index]!
    const touching: string[] = []
    let below = this.next.from
    for (const comment of [...comments].reverse()) {
      if (/\n\s*\n/.test(this.text.slice(comment.to, below)) || this.trails(comment)) break
      touching.unshift(commentText(comment.text))
      below = comment.from
    }
    return touching.join('\n').trim() || null
  }

  /** Of what was just taken whole: a comment behind it on its line. */
  docBehind(): string | null {
    const [comment] = this.commentsBefore[this.index]!
    return comment !== undefined && !this.text.slice(this.end, comment.from).includes('\n')
      ? commentText(comment.text) || null
      : null
  }

  private trails(comment: Token): boolean {
    const lineStart = this.text.lastIndexOf('\n', comment.from - 1) + 1
    return this.text.slice(lineStart, comment.from).trim() !== ''
  }
}
