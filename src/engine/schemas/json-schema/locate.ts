/**
 * From a path of ours to its place in a text. Paths are JSON pointers, with '#' before them or not, and go through a `$ref` of the same text as
 * if what it leads to stood there: so a difference inside of a definition is found from the property that uses it. `required/name` is the name
 * in the list. Called by index.ts, and for places in a writer's schema by incompatibilities.ts.
 */
import type { SourceRange } from '../format'
import { tokensOf } from '../json-text'
import { SchemaGraph } from './graph'
import { type JsonMember, type JsonNode, membersOf, readJson, stringMember } from './json'

/** The places of one text are asked for in a row, one for each difference: it is read once. */
let last: { readonly text: string; readonly graph: SchemaGraph | null } | null = null

function graphOf(text: string): SchemaGraph | null {
  if (last?.text !== text) {
    const { root } = readJson(text)
    last = { text, graph: root === null ? null : new SchemaGraph(root, new Map()) }
  }
  return last.graph
}

/** How many `$ref`s one step may go through. */
const followMax = 20

/** The place of a path in a text: a member whole, with its key; null where it is not there. */
export function locate(text: string, path: string): SourceRange | null {
  const graph = graphOf(text)
  const found = graph === null ? null : along(graph, segmentsOf(path))
  if (found === null || found.isForeign) return null
  return found.member === null ? { from: found.node.from, to: found.node.to } : { from: found.member.key.from, to: found.node.to }
}

export const segmentsOf = (path: string): readonly string[] => tokensOf(path.replace(/^#/, ''))

/** The node at these segments, null where there is none. */
export const nodeAlong = (graph: SchemaGraph, segments: readonly string[]): JsonNode | null =>
  along(graph, segments)?.node ?? null

/** The node at these segments that has the member, through the references that stand there; null where there is none. */
export function nodeWith(graph: SchemaGraph, segments: readonly string[], key: string): JsonNode | null {
  let here = along(graph, segments)
  for (let followed = 0; here !== null && !here.isForeign && followed < followMax; followed++) {
    if (stepInto(here, key) !== null || stringMember(here.node, '$ref') === null) return here.node
    here = follow(graph, here)
  }
  return null
}

interface Found {
  readonly node: JsonNode
  readonly member: JsonMember | null
  /** In a referenced text, not in this one. */
  readonly isForeign: boolean
}

function along(graph: SchemaGraph, segments: readonly string[]): Found | null {
  let here: Found | null = { node: graph.root, member: null, isForeign: false }
  for (const segment of segments) {
    let next: Found | null = stepInto(here, segment)
    for (let followed = 0; next === null && followed < followMax; followed++) {
      const target: Found | null = follow(graph, here)
      if (target === null) return null
      here = target
      next = stepInto(here, segment)
    }
    if (next === null) return null
    here = next
  }
  return here
}

function stepInto(from: Found, segment: string): Found | null {
  const { node, isForeign } = from
  if (node.kind === 'object') {
    const member = membersOf(node).get(segment)
    return member === undefined ? null : { node: member.value, member, isForeign }
  }
  if (node.kind !== 'array') return null
  const item = /^\d+$/.test(segment)
    ? node.items[Number(segment)]
    : node.items.find((each) => each.kind === 'string' && each.value === segment)
  return item === undefined ? null : { node: item, member: null, isForeign }
}

function follow(graph: SchemaGraph, from: Found): Found | null {
  const reference = stringMember(from.node, '$ref')
  if (reference === null) return null
  const resolution = graph.resolve(reference, from.node)
  if (resolution.kind !== 'node') return null
  return { node: resolution.node, member: null, isForeign: graph.scopeOf(resolution.node).document !== null }
}
