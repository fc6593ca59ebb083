/** Collects what is wrong with a text while it is parsed. One instance a parse; the parser's parts share it. */
import type { SchemaFix, SchemaProblem, SourceRange } from '../../format'

export interface ProblemDetails {
  readonly hint?: string | null
  readonly fixes?: readonly SchemaFix[]
}

/** More than this many help nobody, and a broken text of megabytes must not make millions of them. */
const problemsMax = 500

export class ProblemList {
  private readonly list: SchemaProblem[] = []

  error(range: SourceRange, path: string, message: string, details: ProblemDetails = {}): void {
    this.add('error', range, path, message, details)
  }

  warning(range: SourceRange, path: string, message: string, details: ProblemDetails = {}): void {
    this.add('warning', range, path, message, details)
  }

  addAll(problems: readonly SchemaProblem[]): void {
    this.list.push(...problems.slice(0, problemsMax - this.list.length))
  }

  get hasErrors(): boolean {
    return this.list.some((problem) => problem.severity === 'error')
  }

  /** In the order of the text. */
  inOrder(): readonly SchemaProblem[] {
    return [...this.list].sort((left, right) => left.from - right.from || left.to - right.to)
  }

  private add(
    severity: SchemaProblem['severity'],
    range: SourceRange,
    path: string,
    message: string,
    { hint = null, fixes = [] }: ProblemDetails,
  ): void {
    if (this.list.length >= problemsMax) return
    this.list.push({ severity, from: range.from, to: range.to, path, message, hint, fixes })
  }
}
