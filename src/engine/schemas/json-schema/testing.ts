/** For this folder's tests. */
import type { ReferencedTexts, SchemaFix } from '../format'
import { type JsonSchema, parseJsonSchema } from './parse'

/** Parses what must parse. */
export function schemaOf(schema: unknown, references: ReferencedTexts = new Map()): JsonSchema {
  const text = typeof schema === 'string' ? schema : JSON.stringify(schema)
  const parsed = parseJsonSchema(text, references, { isNew: true })
  if (!parsed.ok) throw new Error(`${text}: ${parsed.error[0]?.message}`)
  return parsed.value
}

/** The text with all of a fix's edits, which must not overlap. */
export function applyFix(text: string, { edits }: SchemaFix): string {
  const ordered = [...edits].sort((a, b) => b.from - a.from)
  for (const [index, edit] of ordered.entries()) {
    const before = ordered[index + 1]
    if (before !== undefined && before.to > edit.from) throw new Error('edits overlap')
  }
  return ordered.reduce((rest, edit) => rest.slice(0, edit.from) + edit.insert + rest.slice(edit.to), text)
}
