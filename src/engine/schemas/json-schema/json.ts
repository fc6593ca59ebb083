/** Members by key, once an object: schemas have thousands of properties, and the tree of json-text keeps a list. */
import { type JsonArray, type JsonMember, type JsonNode, type JsonObject, nodeAt, readJson } from '../json-text'

export type { JsonArray, JsonMember, JsonNode, JsonObject }
export { readJson }

const known = new WeakMap<JsonObject, ReadonlyMap<string, JsonMember>>()

/** In the order of the text; of equal keys the last value at the place of the first, as every reader of JSON in this field takes it. */
export function membersOf(node: JsonObject): ReadonlyMap<string, JsonMember> {
  let members = known.get(node)
  if (members === undefined) {
    members = new Map(node.members.map((entry) => [entry.key.value, entry]))
    known.set(node, members)
  }
  return members
}

/** The member's value, or undefined when this is no object or has no such key. */
export function member(node: JsonNode | undefined, key: string): JsonNode | undefined {
  return node?.kind === 'object' ? membersOf(node).get(key)?.value : undefined
}

/** The string under a key, or null. */
export function stringMember(node: JsonNode | undefined, key: string): string | null {
  const value = member(node, key)
  return value?.kind === 'string' ? value.value : null
}

/** The strings of an array, or nothing when it is none. */
export function stringsOf(node: JsonNode | undefined): readonly string[] {
  return node?.kind === 'array' ? node.items.flatMap((item) => (item.kind === 'string' ? [item.value] : [])) : []
}

/** The node at a JSON pointer below another, or undefined. */
export const atPointer = (node: JsonNode, pointer: string): JsonNode | undefined => nodeAt(node, pointer)?.node
