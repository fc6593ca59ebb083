/** What is wrong with a schema, all of it, each at its place. */
import type { ParseOptions, SchemaProblem } from '../format'
import { pointerOf } from '../json-text'
import { subschemas } from './dialect'
import type { SchemaGraph } from './graph'
import { type JsonNode, member, stringMember } from './json'

export function checkSchema(graph: SchemaGraph, _options: ParseOptions): readonly SchemaProblem[] {
  const problems: SchemaProblem[] = []
  const visit = (node: JsonNode, path: readonly string[]): void => {
    if (node.kind !== 'object' && node.kind !== 'boolean') {
      problems.push(problem(node, path, `A schema is an object or a boolean.`, null))
      return
    }
    const reference = stringMember(node, '$ref')
    if (reference !== null) {
      const resolution = graph.resolve(reference, node)
      if (resolution.kind === 'unresolved') {
        problems.push(
          problem(
            member(node, '$ref')!,
            [...path, '$ref'],
            `The reference '${reference}' leads nowhere: ${resolution.reason}.`,
            null,
          ),
        )
      }
    }
    for (const inner of subschemas(node, graph.scopeOf(node).draft)) visit(inner.node, [...path, ...inner.path])
  }
  visit(graph.root, [])
  return problems
}

const problem = (node: JsonNode, path: readonly string[], message: string, hint: string | null): SchemaProblem => ({
  severity: 'error',
  from: node.from,
  to: node.to,
  message,
  hint,
  path: `#${pointerOf(path)}`,
  fixes: [],
})
