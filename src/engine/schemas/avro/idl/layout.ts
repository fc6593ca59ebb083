/**
 * Lays IDL out for an editor: a field and a symbol list a line, two spaces a depth, an empty line between declarations. Words, their order and
 * all comments stay; nothing is resolved, so that a text lays out whatever it names. Pure.
 */
import { err, ok, type Result } from '../../../../shared/lang/result'
import type { SchemaProblem, SourceRange } from '../../format'
import { ProblemList } from '../parse/problems'
import { readIdl } from './parser'
import { type Token, tokenize } from './tokens'

/** Fails on faults of syntax only: names may be unknown. */
export function formatAvroIdl(text: string): Result<string, readonly SchemaProblem[]> {
  const problems = new ProblemList()
  readIdl(text, problems)
  const faults = problems.inOrder().filter((problem) => !problem.message.startsWith('Imports are not followed'))
  if (faults.length > 0) return err(faults)
  return ok(new IdlLayout(text, tokenize(text, new ProblemList())).write())
}

type Block = 'protocol' | 'record' | 'enum' | 'inline'
const lineMax = 100

class IdlLayout {
  private readonly lines: string[] = []
  private line = ''
  private readonly blocks: Block[] = []
  /** Parentheses and brackets: what stands inside of them is one value. */
  private nesting = 0
  private previous: Token | null = null
  /** Where the last comment before the word ended. */
  private lastEnd = 0
  /** The keyword that the declaration on the way began with. */
  private declares: Block | null = null

  constructor(
    private readonly text: string,
    private readonly tokens: readonly Token[],
  ) {}

  write(): string {
    for (const [index, token] of this.tokens.entries()) {
      this.comments(token)
      if (token.kind === 'end') break
      this.token(token, index)
      this.previous = token
    }
    this.flush()
    return `${this.lines.join('\n').trim()}\n`
  }

  private token(token: Token, index: number): void {
    const { value } = token
    const isSymbol = token.kind === 'symbol'
    if (this.line === '' && this.blocks.every((block) => block !== 'inline') && this.nesting === 0) this.keepEmptyLine(token)
    if (isSymbol && value === '}') this.close(token)
    else this.line += this.gap(token) + this.text.slice(token.from, token.to)
    if (!isSymbol) {
      if (this.nesting === 0 && !token.isQuoted && this.declares === null) this.declares = blockOf(token, this.tokens[index + 1])
      return
    }
    if (value === '(' || value === '[') this.nesting++
    if (value === ')' || value === ']') this.nesting--
    if (value === '{') this.open(index)
    if (value === ';' && this.nesting === 0) this.endOfDeclaration()
    if (value === ',' && this.block() === 'enum' && this.nesting === 0) this.flush()
    // Annotations of declarations have lines of their own, those of fields stay with them.
    if (
      value === ')' &&
      this.nesting === 0 &&
      this.line.trimStart().startsWith('@') &&
      this.block() !== 'record' &&
      this.block() !== 'enum' &&
      this.block() !== 'inline'
    )
      this.flush()
  }

  private open(index: number): void {
    const declares = this.nesting === 0 ? this.declares : null
    const block: Block = declares === null || (declares === 'enum' && this.fitsOnLine(index)) ? 'inline' : declares
    this.blocks.push(block)
    if (declares !== null) this.declares = null
    if (block !== 'inline') this.flush(-1)
  }

  private close(token: Token): void {
    const block = this.blocks.pop()
    if (block === 'inline' || block === undefined) {
      const isEmpty = this.previous?.value === '{'
      this.line += `${isEmpty || this.nesting > 0 ? '' : ' '}}`
    } else {
      this.flush()
      this.line = '}'
    }
    if (this.nesting > 0 || this.block() === 'record' || this.block() === 'enum') return
    const next = this.tokens[this.tokens.indexOf(token) + 1]
    // "} = RED;" goes on; a union inside of parentheses or a schema statement does too.
    if (next?.value === '=' || block === undefined || (block === 'inline' && !this.startsWithEnum())) return
    this.endOfDeclaration()
  }

  private startsWithEnum(): boolean {
    return /^enum\b/.test(this.line.trimStart())
  }

  private endOfDeclaration(): void {
    this.flush()
    this.declares = null
  }

  /** An enum without comments inside stays on one line if that is short. */
  private fitsOnLine(index: number): boolean {
    let end = index
    while (this.tokens[end]!.kind !== 'end' && this.tokens[end]!.value !== '}') {
      if (end > index && this.tokens[end]!.comments.length > 0) return false
      end++
    }
    const inner = this.text.slice(this.tokens[index]!.from, this.tokens[end]!.to).replace(/\s+/g, ' ')
    return this.tokens[end]!.comments.length === 0 && this.line.length + inner.length + 2 <= lineMax
  }

  /** What stands between this word and the one before it on the line. */
  private gap(token: Token): string {
    const before = this.previous
    if (this.line === '' || !before) return ''
    const { value } = token
    if (token.kind === 'symbol' && ';,)>]?:'.includes(value)) return ''
    if (before.kind === 'symbol' && '(<[@'.includes(before.value)) return ''
    if (before.value === '{' && before.kind === 'symbol') return this.nesting > 0 ? '' : ' '
    const afterWord = before.kind === 'identifier'
    if (token.kind === 'symbol' && afterWord && (value === '(' || value === '<')) return ''
    return ' '
  }

  private comments(token: Token): void {
    let end = this.previous?.to ?? 0
    for (const comment of token.comments) {
      const written = this.text.slice(comment.from, comment.to)
      const isBehind = this.previous !== null && !/[\n\r]/.test(this.text.slice(end, comment.from))
      const isLine = written.startsWith('//')
      if (isBehind && this.line === '' && this.lines.length > 0) this.lines[this.lines.length - 1] += ` ${written}`
      else if (this.line !== '') {
        this.line += ` ${written}`
        if (isLine) this.flush()
      } else this.ownLines(comment, end, written)
      end = comment.to
    }
    this.lastEnd = end
  }

  /** The stars of a comment of several lines stand below its first. */
  private ownLines(comment: SourceRange, end: number, written: string): void {
    this.emptyLineIf(end, comment.from)
    for (const [index, line] of written.split(/\r\n|\r|\n/).entries()) {
      const bare = line.trim()
      this.line = index === 0 ? bare : bare.startsWith('*') ? ` ${bare}` : bare === '' ? '' : `   ${bare}`
      if (this.line === '') this.lines.push('')
      this.flush()
    }
  }

  private keepEmptyLine(token: Token): void {
    const isDoc = token.comments.length > 0
    this.emptyLineIf(isDoc ? this.lastEnd : (this.previous?.to ?? 0), token.from, isDoc)
  }

  /** One empty line where there were any, and between declarations; none behind an opening brace, nor between a comment and its word. */
  private emptyLineIf(from: number, to: number, isAttached = false): void {
    const last = this.lines[this.lines.length - 1]
    if (last === undefined || last === '' || last.trimEnd().endsWith('{')) return
    if (this.previous?.value === '}' && !isAttached && this.text.slice(to, to + 1) !== '}') this.lines.push('')
    else if ((this.text.slice(from, to).match(/\n/g)?.length ?? 0) > 1 && !isAttached && this.text.slice(to, to + 1) !== '}')
      this.lines.push('')
  }

  private block(): Block | undefined {
    return this.blocks[this.blocks.length - 1]
  }

  private flush(shift = 0): void {
    if (this.line === '') return
    const depth = this.blocks.filter((block) => block !== 'inline').length + shift
    this.lines.push(('  '.repeat(depth) + this.line).trimEnd())
    this.line = ''
  }
}

/** The kind of block that a declaration opens, where a word begins one: followed by its name. */
function blockOf(token: Token, next: Token | undefined): Block | null {
  if (next?.kind !== 'identifier') return null
  if (token.value === 'record' || token.value === 'error') return 'record'
  if (token.value === 'enum') return 'enum'
  return token.value === 'protocol' ? 'protocol' : null
}
