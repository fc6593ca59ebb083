/**
 * What is wrong and what is odd with a schema, all of it, each at its place with what would mend it. Errors are what the draft's meta-schema
 * refuses and references that lead nowhere; warnings keep nothing from being registered. Only the schema's own text is looked at: referenced
 * texts were when they were registered. Called by parse.ts for errors, by index.ts for warnings. Pure; fetches nothing.
 */
import type { ParseOptions, SchemaProblem } from '../../format'
import { draftNames, draftOfUri, keywordOf, subschemas } from '../dialect'
import type { SchemaGraph } from '../graph'
import { type JsonNode, membersOf, stringMember } from '../json'
import { kindWords, type Place, problem } from './problem'
import { checkReferences } from './references'
import { checkSense } from './sense'
import { checkValue, isSchema } from './values'
import { checkNames } from './words'

/** In the order of the text. Stored schemas (`isNew` false) are held to their references alone. */
export function checkSchema(graph: SchemaGraph, options: ParseOptions): readonly SchemaProblem[] {
  const problems: SchemaProblem[] = []
  const visited = new Set<JsonNode>()
  const visit = (node: JsonNode, path: readonly string[]): void => {
    if (visited.has(node)) return
    visited.add(node)
    const { draft } = graph.scopeOf(node)
    if (!isSchema(node)) {
      problems.push(problem('error', node, path, `A schema is an object or a boolean, and this is ${kindWords[node.kind]}.`))
      return
    }
    if (node.kind === 'boolean' && draft === 4 && !isAdditional(path)) {
      problems.push(
        problem(
          options.isNew ? 'error' : 'warning',
          node,
          path,
          `Schemas that are true or false came with draft 6; this is ${draftNames[4]}.`,
          {
            hint: node.value ? 'Write {} for anything.' : 'Write {"not": {}} for nothing.',
          },
        ),
      )
    }
    if (node.kind !== 'object') return
    const place: Place = { graph, draft, node, path }
    problems.push(...checkReferences(place))
    if (options.isNew) {
      for (const [name, { value }] of membersOf(node)) {
        const keyword = keywordOf(name, draft)
        if (keyword !== undefined) problems.push(...checkValue(place, keyword, value))
      }
      problems.push(...checkNames(place), ...checkSense(place))
    }
    for (const inner of subschemas(node, draft)) {
      // What is no schema under a keyword that takes one was told of with the keyword.
      if (isSchema(inner.node) || (inner.path.length > 1 && inner.path[0] !== 'dependencies'))
        visit(inner.node, [...path, ...inner.path])
    }
  }
  visit(graph.root, [])
  if (options.isNew) problems.push(...checkRoot(graph))
  return problems.sort((a, b) => a.from - b.from || a.to - b.to)
}

/** `additionalProperties: false` is as old as the keyword. */
const isAdditional = (path: readonly string[]): boolean => /^additional(Properties|Items)$/.test(path[path.length - 1] ?? '')

function checkRoot(graph: SchemaGraph): readonly SchemaProblem[] {
  const { root } = graph
  if (root.kind !== 'object') return []
  const problems: SchemaProblem[] = []
  const uri = stringMember(root, '$schema')
  if (uri !== null && draftOfUri(uri) === null) {
    problems.push(
      problem(
        'warning',
        membersOf(root).get('$schema')!.value,
        ['$schema'],
        `'${uri}' is no draft that the registry knows; it reads this as draft 7.`,
        {
          hint: 'Drafts are http://json-schema.org/draft-07/schema# and its older and newer sisters, up to https://json-schema.org/draft/2020-12/schema.',
        },
      ),
    )
  }
  const properties = membersOf(root).get('properties')?.value
  if (properties?.kind === 'object') {
    for (const [name, { key }] of membersOf(properties)) {
      // The registry keeps these names to itself, at the top and for new schemas only.
      if (!name.startsWith('$$')) continue
      problems.push(
        problem('error', key, ['properties', name], `Names of properties cannot begin with $$: the registry refuses '${name}'.`),
      )
    }
  }
  return problems
}
