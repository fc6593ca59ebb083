/**
 * From a path of ours to its place in a text, also in one that is broken. A field is found at its name, a type at what names it, an attribute at
 * its key: short ranges, that an editor can underline. Where the way leads through a name, it goes on in that name's definition.
 */
import type { SourceRange } from '../format'
import { type JsonNode, type JsonObject, memberOf, type PointedNode, readJson, stepInto, tokensOf } from '../json-text'
import { collectDeclarations } from './parse/declarations'

export function locateInAvro(text: string, path: string): SourceRange | null {
  const { root } = readJson(text, { comments: true })
  return root && locateInTree(root, path)
}

/** The same in a tree that was made from another language. */
export function locateInTree(root: JsonNode, path: string): SourceRange | null {
  const found = pointedNode(root, path)
  return found ? shortRange(found) : null
}

/** As nodeAt of a tree, stepping from names to what they stand for. */
export function pointedNode(root: JsonNode, path: string): PointedNode | undefined {
  let found: PointedNode | undefined = { node: root, member: null }
  for (const token of tokensOf(path)) {
    if (!found) return undefined
    if (found.node.kind === 'string') {
      const definition = definitionOf(root, found.node.value)
      if (definition) found = { node: definition, member: null }
    }
    found = stepInto(found.node, token)
  }
  return found
}

/** By full name, or by the last part of it where that is the only one of its kind. */
export function definitionOf(root: JsonNode, name: string): JsonObject | undefined {
  const { nodeOfName } = collectDeclarations(root, null)
  const exact = nodeOfName.get(name)
  if (exact) return exact
  const simple = name.slice(name.lastIndexOf('.') + 1)
  const matches = [...nodeOfName].filter(([fullName]) => fullName.slice(fullName.lastIndexOf('.') + 1) === simple)
  return matches.length === 1 ? matches[0]![1] : undefined
}

function shortRange({ node, member }: PointedNode): SourceRange {
  if (node.kind === 'object') {
    const head = memberOf(node, 'name') ?? memberOf(node, 'type')
    if (head && head.value.kind !== 'object' && head.value.kind !== 'array') return range(head.value)
    return member ? range(member.key) : { from: node.from, to: Math.min(node.from + 1, node.to) }
  }
  if (node.kind === 'array') return member ? range(member.key) : range(node)
  return range(node)
}

const range = ({ from, to }: SourceRange): SourceRange => ({ from, to })
