/**
 * Writes the tree of tree.ts as text: compact, compact with sorted keys, and values of one's own as nodes. Numbers go out as they came in.
 * Pure; laying out for an editor is layout.ts.
 */
import type { JsonNode } from './tree'

export interface WriteJsonOptions {
  /** Keys in the order of their UTF-16 code units, at every depth. */
  readonly sortKeys?: boolean
  /** How a number is written; as it stood by default. */
  readonly number?: (text: string) => string
  /** How a text is written, quotes included; as JSON.stringify does by default. */
  readonly string?: (value: string) => string
}

/** No white space. Of repeated keys the last one is written, at the place of the first. */
export function writeJson(node: JsonNode, options: WriteJsonOptions = {}): string {
  const { number = (text: string) => text, string = JSON.stringify as (value: string) => string, sortKeys = false } = options
  const write = (value: JsonNode): string => {
    switch (value.kind) {
      case 'object': {
        const members = new Map(value.members.map((member) => [member.key.value, member.value]))
        const keys = [...members.keys()]
        if (sortKeys) keys.sort((left, right) => (left < right ? -1 : left > right ? 1 : 0))
        return `{${keys.map((key) => `${string(key)}:${write(members.get(key)!)}`).join(',')}}`
      }
      case 'array':
        return `[${value.items.map(write).join(',')}]`
      case 'string':
        return string(value.value)
      case 'number':
        return number(value.text)
      case 'boolean':
        return String(value.value)
      case 'null':
        return 'null'
    }
  }
  return write(node)
}

/** What nodeOf takes: bigint for integers that a double cannot hold. */
export type PlainJson =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly PlainJson[]
  | { readonly [key: string]: PlainJson | undefined }

const nowhere = { from: 0, to: 0 }

/** A node for a value of our own, with no place in any text. Members that are undefined are left out. Numbers must be finite. */
export function nodeOf(value: PlainJson): JsonNode {
  if (value === null) return { kind: 'null', ...nowhere }
  switch (typeof value) {
    case 'boolean':
      return { kind: 'boolean', value, ...nowhere }
    case 'number':
    case 'bigint':
      return { kind: 'number', text: String(value), ...nowhere }
    case 'string':
      return { kind: 'string', value, ...nowhere }
    default:
  }
  if (isList(value)) return { kind: 'array', items: value.map(nodeOf), ...nowhere }
  const members = Object.entries(value).flatMap(([key, member]) =>
    member === undefined ? [] : [{ key: { kind: 'string' as const, value: key, ...nowhere }, value: nodeOf(member), ...nowhere }],
  )
  return { kind: 'object', members, ...nowhere }
}

const isList = (value: object): value is readonly PlainJson[] => Array.isArray(value)

/** The node as plain values; integers beyond 2^53 as bigint, other numbers as doubles. Keys such as __proto__ stay keys. */
export function plainOf(node: JsonNode): PlainJson {
  switch (node.kind) {
    case 'object': {
      const result: Record<string, PlainJson> = {}
      for (const member of node.members)
        Object.defineProperty(result, member.key.value, {
          value: plainOf(member.value),
          enumerable: true,
          configurable: true,
          writable: true,
        })
      return result
    }
    case 'array':
      return node.items.map(plainOf)
    case 'number':
      return /^-?\d+$/.test(node.text) && !Number.isSafeInteger(Number(node.text)) ? BigInt(node.text) : Number(node.text)
    case 'string':
    case 'boolean':
      return node.value
    case 'null':
      return null
  }
}
