/**
 * From a text to a schema that can be compared, or to everything that is wrong with it. Called by index.ts. Syntax first; then what the draft's
 * meta-schema asks and where references lead (checks/), of the text itself: referenced texts were checked when they were
 * registered. Stored schemas are taken as they are, but for references that lead nowhere (registry-and-coordination section 2.1).
 */
import { err, ok, type Result } from '../../../shared/lang/result'
import type { ParseOptions, ReferencedTexts, SchemaProblem } from '../format'
import { checkSchema } from './checks/index'
import { SchemaGraph } from './graph'
import { type JsonNode, readJson } from './json'
import { Shapes } from './shapes'

/** What is odd in a schema that parsed, with places in its text. */
export const jsonSchemaWarnings = (schema: JsonSchema): readonly SchemaProblem[] =>
  checkSchema(schema.graph, { isNew: true }).filter((problem) => problem.severity === 'warning')

/** A schema as the rest of this folder knows it. */
export interface JsonSchema {
  readonly root: JsonNode
  readonly graph: SchemaGraph
  readonly shapes: Shapes
}

export function parseJsonSchema(
  text: string,
  references: ReferencedTexts,
  options: ParseOptions,
): Result<JsonSchema, readonly SchemaProblem[]> {
  const { root, problems } = readJson(text)
  if (root === null || problems.length > 0) return err(problems)
  const graph = new SchemaGraph(root, references)
  const errors = checkSchema(graph, options).filter((problem) => problem.severity === 'error')
  if (errors.length > 0) return err(errors)
  return ok({ root, graph, shapes: new Shapes(graph) })
}
