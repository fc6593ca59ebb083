/** How the checks put a problem together: at a node, with the path to it and what would mend it. */
import type { SchemaFix, SchemaProblem, SourceRange } from '../../format'
import { pointerOf, type TextEdit } from '../../json-text'
import type { Draft } from '../dialect'
import type { SchemaGraph } from '../graph'
import type { JsonNode, JsonObject } from '../json'

/** What a check is told of the schema that it looks at. */
export interface Place {
  readonly graph: SchemaGraph
  readonly draft: Draft
  readonly node: JsonObject
  readonly path: readonly string[]
}

export interface Mend {
  readonly hint?: string | null
  readonly fixes?: readonly SchemaFix[]
}

export const problem = (
  severity: SchemaProblem['severity'],
  range: SourceRange,
  path: readonly string[],
  message: string,
  { hint, fixes }: Mend = {},
): SchemaProblem => ({
  severity,
  from: range.from,
  to: range.to,
  message,
  hint: hint ?? null,
  path: path.length === 0 ? '' : `#${pointerOf(path)}`,
  fixes: fixes ?? [],
})

/** One edit at one place. */
export const fix = (label: string, range: SourceRange, insert: string): SchemaFix => ({
  label,
  edits: [{ from: range.from, to: range.to, insert }],
})

export const fixWith = (label: string, edit: TextEdit): SchemaFix => ({ label, edits: [edit] })

export const kindWords: Readonly<Record<JsonNode['kind'], string>> = {
  object: 'an object',
  array: 'a list',
  string: 'a text',
  number: 'a number',
  boolean: 'true or false',
  null: 'null',
}
