/**
 * Walks over the words of an IDL text: the next one, what is expected of it, annotations and JSON values. A fault is thrown inside of a
 * declaration and caught by parser.ts, where reading can go on; its problem has been told by then.
 */
import type { SourceRange } from '../../format'
import type { JsonNode } from '../../json-text'
import type { ProblemList } from '../parse/problems'
import { readJsonValue } from './json-values'
import { place } from './nodes'
import type { Token } from './tokens'

/** Thrown inside of a declaration, caught where reading can go on. */
export class IdlFault extends Error {}

export interface Annotation {
  readonly name: string
  readonly nameRange: SourceRange
  readonly value: JsonNode
}

export class IdlCursor {
  protected at = 0

  constructor(
    protected readonly tokens: readonly Token[],
    protected readonly problems: ProblemList,
  ) {}

  protected annotations(): readonly Annotation[] {
    const annotations: Annotation[] = []
    while (this.isSymbol('@')) {
      const sign = this.next()
      const name = this.identifier('The name of an annotation is missing behind @.')
      this.expect('(')
      const value = this.json()
      this.expect(')')
      annotations.push({ name: name.value, nameRange: { from: sign.from, to: name.to }, value })
    }
    return annotations
  }

  protected reserved(annotations: readonly Annotation[], names: readonly string[]): void {
    for (const { name, nameRange } of annotations)
      if (names.includes(name)) this.problems.error(nameRange, '', `@${name} is no annotation: IDL has its own way to write it.`)
  }

  protected json(): JsonNode {
    const { node, next } = readJsonValue(this.tokens, this.at, (token, message) => this.fail(token, message))
    this.at = next
    return node
  }

  protected identifier(message: string): Token {
    const token = this.peek()
    if (token.kind !== 'identifier') this.fail(token, message)
    return this.next()
  }

  protected expect(symbol: string): Token {
    if (this.isSymbol(symbol)) return this.next()
    const token = this.peek()
    const before = this.tokens[this.at - 1]
    this.fail(
      before && (token.kind === 'end' || symbol === ';') ? before : token,
      `A ${symbol} is missing ${symbol === ';' ? 'behind this' : 'here'}.`,
      symbol,
    )
  }

  protected fail(token: SourceRange, message: string, missing?: string): never {
    this.report(token, message, missing)
    throw new IdlFault(message)
  }

  /** What is missing belongs behind the word before. */
  protected report(token: SourceRange, message: string, missing?: string): void {
    const at = this.tokens[this.at - 1]?.to ?? 0
    const fixes = missing ? [{ label: `Add ${missing}`, edits: [{ from: at, to: at, insert: missing }] }] : []
    this.problems.error(place(token), '', message, { fixes })
  }

  protected peek(): Token {
    return this.tokens[this.at]!
  }

  protected next(): Token {
    const token = this.tokens[this.at]!
    if (token.kind !== 'end') this.at++
    return token
  }

  protected isSymbol(value: string): boolean {
    const token = this.peek()
    return token.kind === 'symbol' && token.value === value
  }

  protected isWord(value: string): boolean {
    const token = this.peek()
    return token.kind === 'identifier' && !token.isQuoted && token.value === value
  }
}
