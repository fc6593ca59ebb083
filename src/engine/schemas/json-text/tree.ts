/**
 * JSON as a tree that loses nothing: every value knows its place in the text, numbers keep their text (64-bit integers never pass through a
 * double), members keep their order and their repetitions. Built by read.ts; written by write.ts; used by the schema formats, the codecs and
 * the services behind the window. Data and look-ups only: it knows nothing of schemas.
 */
import type { SourceRange } from '../format'

export interface JsonObject extends SourceRange {
  readonly kind: 'object'
  readonly members: readonly JsonMember[]
}

export interface JsonMember extends SourceRange {
  readonly key: JsonString
  readonly value: JsonNode
}

export interface JsonArray extends SourceRange {
  readonly kind: 'array'
  readonly items: readonly JsonNode[]
}

export interface JsonString extends SourceRange {
  readonly kind: 'string'
  readonly value: string
}

export interface JsonNumber extends SourceRange {
  readonly kind: 'number'
  /** As written: 1, -0.50, 9223372036854775807, 1e400. */
  readonly text: string
}

export interface JsonBoolean extends SourceRange {
  readonly kind: 'boolean'
  readonly value: boolean
}

export interface JsonNull extends SourceRange {
  readonly kind: 'null'
}

export type JsonNode = JsonObject | JsonArray | JsonString | JsonNumber | JsonBoolean | JsonNull

/** The member of that key; of several the last one, as Jackson and JSON.parse take it. */
export function memberOf(object: JsonObject, key: string): JsonMember | undefined {
  for (let index = object.members.length - 1; index >= 0; index--) {
    const member = object.members[index]!
    if (member.key.value === key) return member
  }
  return undefined
}

/** The value of that key, as memberOf finds it. */
export const memberValue = (object: JsonObject, key: string): JsonNode | undefined => memberOf(object, key)?.value

/** The value as a string, undefined where it is absent or something else. */
export function stringOf(object: JsonObject, key: string): string | undefined {
  const value = memberValue(object, key)
  return value?.kind === 'string' ? value.value : undefined
}

/** Written without point or exponent: an integer of any size. 1.0 and 1e3 are none, as for Jackson. */
export const isIntegral = (number: JsonNumber): boolean => /^-?\d+$/.test(number.text)

/** 'an object', 'the number 12', 'the text "abc"': for sentences. Long texts are cut. */
export function describeNode(node: JsonNode): string {
  switch (node.kind) {
    case 'object':
      return 'an object'
    case 'array':
      return 'an array'
    case 'string':
      return `the text ${JSON.stringify(node.value.length > 40 ? `${node.value.slice(0, 40)}…` : node.value)}`
    case 'number':
      return `the number ${node.text.length > 40 ? `${node.text.slice(0, 40)}…` : node.text}`
    case 'boolean':
      return String(node.value)
    case 'null':
      return 'null'
  }
}

/** Equal as JSON values: order of members does not matter, numbers are compared by their text, places are ignored. */
export function sameValue(left: JsonNode, right: JsonNode): boolean {
  switch (left.kind) {
    case 'object': {
      if (right.kind !== 'object') return false
      const leftKeys = new Set(left.members.map((member) => member.key.value))
      const rightKeys = new Set(right.members.map((member) => member.key.value))
      if (leftKeys.size !== rightKeys.size) return false
      for (const key of leftKeys) {
        const other = memberValue(right, key)
        if (other === undefined || !sameValue(memberValue(left, key)!, other)) return false
      }
      return true
    }
    case 'array':
      return (
        right.kind === 'array' &&
        left.items.length === right.items.length &&
        left.items.every((item, index) => sameValue(item, right.items[index]!))
      )
    case 'string':
      return right.kind === 'string' && left.value === right.value
    case 'number':
      return right.kind === 'number' && left.text === right.text
    case 'boolean':
      return right.kind === 'boolean' && left.value === right.value
    case 'null':
      return right.kind === 'null'
  }
}
