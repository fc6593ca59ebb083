/**
 * A schema with everything that it refers to written into one text (`format=resolved`): referenced texts go under the root's definitions, by their
 * reference name, and references to them become pointers. What stands in one text already stays as it is. Called by index.ts and by codecs that
 * want one text. Pure.
 */
import { pointerAt, pointerOf, writeJson } from '../json-text'
import type { SchemaGraph } from './graph'
import { type JsonMember, type JsonNode, type JsonObject, membersOf } from './json'

const nowhere = { from: 0, to: 0 }
const text = (value: string) => ({ kind: 'string', value, ...nowhere }) as const
const entry = (key: string, value: JsonNode): JsonMember => ({ key: text(key), value, ...nowhere })

export function resolvedText(graph: SchemaGraph): string {
  if (graph.documents.size === 0 || graph.root.kind !== 'object') return writeJson(graph.root)
  const holder = graph.draft >= 2019 ? '$defs' : 'definitions'
  const own = membersOf(graph.root).get(holder)?.value
  const taken = new Set(own?.kind === 'object' ? membersOf(own).keys() : [])
  const names = new Map<string, string>()
  for (const name of graph.documents.keys()) {
    let free = name
    while (taken.has(free)) free = `${free}_`
    taken.add(free)
    names.set(name, free)
  }
  const rewrite = new Rewriter(graph, holder, names)
  const root = rewrite.own(graph.root)
  const embedded = [...graph.documents].map(([name, document]) => entry(names.get(name)!, rewrite.foreign(document)))
  const definitions: JsonNode = {
    kind: 'object',
    members: [...(own?.kind === 'object' ? (membersOf(root).get(holder)!.value as JsonObject).members : []), ...embedded],
    ...nowhere,
  }
  const members = root.members.filter((each) => each.key.value !== holder)
  return writeJson({ ...root, members: [...members, entry(holder, definitions)] })
}

class Rewriter {
  constructor(
    private readonly graph: SchemaGraph,
    private readonly holder: string,
    private readonly names: ReadonlyMap<string, string>,
  ) {}

  /** The root's own text: only references that leave it change. */
  own(root: JsonObject): JsonObject {
    return this.map(root, false) as JsonObject
  }

  /** A referenced text: its references are pointers from the root now, so its addresses must not move the base. */
  foreign(root: JsonNode): JsonNode {
    return this.map(root, true)
  }

  private map(node: JsonNode, isForeign: boolean): JsonNode {
    if (node.kind === 'array') return { ...node, items: node.items.map((item) => this.map(item, isForeign)) }
    if (node.kind !== 'object') return node
    const isSchema = this.graph.isSchema(node)
    const members = node.members.flatMap((member): JsonMember[] => {
      const { value } = member
      const key = member.key.value
      if (isSchema && value.kind === 'string') {
        if (isForeign && (key === '$id' || key === '$schema' || (key === 'id' && this.graph.scopeOf(node).draft === 4))) return []
        if (key === '$ref') return [{ ...member, value: text(this.reference(value.value, node, isForeign)) }]
      }
      return [{ ...member, value: this.map(value, isForeign) }]
    })
    return { ...node, members }
  }

  private reference(written: string, from: JsonNode, isForeign: boolean): string {
    const resolution = this.graph.resolve(written, from)
    if (resolution.kind !== 'node') return written
    const { document } = this.graph.scopeOf(resolution.node)
    if (document === null) return isForeign ? `#${pointerAt(this.graph.root, resolution.node.from)}` : written
    const inside = pointerAt(this.graph.documents.get(document)!, resolution.node.from)
    return `#${pointerOf([this.holder, this.names.get(document)!])}${inside}`
  }
}
