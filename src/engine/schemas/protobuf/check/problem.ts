/** What a check says: a problem with its place, put together in one call. */
import type { SchemaFix, SchemaProblem, SourceRange } from '../../format'

interface Words {
  readonly message: string
  readonly hint?: string | null
  readonly path?: string
  readonly fixes?: readonly SchemaFix[]
}

const problem = (
  severity: 'error' | 'warning',
  { from, to }: SourceRange,
  { message, hint = null, path = '', fixes = [] }: Words,
): SchemaProblem => ({
  severity,
  from,
  to,
  message,
  hint,
  path,
  fixes,
})

export const errorAt = (range: SourceRange, words: Words): SchemaProblem => problem('error', range, words)
export const warningAt = (range: SourceRange, words: Words): SchemaProblem => problem('warning', range, words)

export const replace = (label: string, { from, to }: SourceRange, insert: string): SchemaFix => ({
  label,
  edits: [{ from, to, insert }],
})
