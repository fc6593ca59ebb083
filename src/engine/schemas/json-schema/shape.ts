/**
 * What a schema says, taken apart by kind as the registry takes it apart before it compares: one shape for each type, enum, const, combinator,
 * negation and condition; a schema that says several of these at once is a product of them (registry-and-coordination section 2.2). A `$ref`
 * is the shape that it leads to. Shapes are made on demand and once a node, so that a pair of them has an identity and recursion ends.
 */

import type { JsonString } from '../json-text'
import { type Decimal, decimalOf } from './decimal'
import type { Draft } from './dialect'
import type { JsonNode } from './json'

/** A schema below another, made when it is asked for. */
export interface Child {
  readonly node: JsonNode
  readonly shape: () => Shape
}

/** A bound with the node that it is written in. */
export interface Bound {
  readonly node: JsonNode
  readonly value: Decimal
}

interface ShapeBase {
  readonly node: JsonNode
  readonly annotations: Annotations
}

/** What does not constrain; of the outermost shape of a node, its parts have none. */
export interface Annotations {
  readonly id: string | null
  readonly title: string | null
  readonly description: string | null
  /** The key of the default's value, null where there is none. */
  readonly default: string | null
  /** Kafka Connect's mark of what bytes stand for. */
  readonly connectType: string | null
}

export interface TrueShape extends ShapeBase {
  readonly kind: 'true'
}
export interface FalseShape extends ShapeBase {
  readonly kind: 'false'
}
/** A meta-schema that the text refers to: equal to itself only. */
export interface OpaqueShape extends ShapeBase {
  readonly kind: 'opaque'
  readonly uri: string
}
export interface StringShape extends ShapeBase {
  readonly kind: 'string'
  /** Whether `type` holds values to this type; without, others pass. */
  readonly isTyped: boolean
  readonly maxLength: Bound | null
  readonly minLength: Bound | null
  readonly pattern: JsonString | null
}
export interface NumberShape extends ShapeBase {
  readonly kind: 'number'
  readonly isTyped: boolean
  readonly isInteger: boolean
  readonly maximum: Bound | null
  readonly minimum: Bound | null
  readonly exclusiveMaximum: Bound | null
  readonly exclusiveMinimum: Bound | null
  readonly multipleOf: Bound | null
}
export interface PlainShape extends ShapeBase {
  readonly kind: 'boolean' | 'null'
}
export interface ObjectShape extends ShapeBase {
  readonly kind: 'object'
  readonly isTyped: boolean
  readonly properties: ReadonlyMap<string, Child>
  readonly patternProperties: ReadonlyMap<string, Child>
  /** null: absent, which is true. */
  readonly additionalProperties: Child | null
  readonly unevaluatedProperties: Child | null
  readonly propertyNames: Child | null
  readonly required: ReadonlySet<string>
  readonly maxProperties: Bound | null
  readonly minProperties: Bound | null
  readonly dependentRequired: ReadonlyMap<string, ReadonlySet<string>>
  readonly dependentSchemas: ReadonlyMap<string, Child>
  readonly spelling: ObjectSpelling
}
/** Under which keyword this draft writes what the shape holds. */
export interface ObjectSpelling {
  readonly dependentRequired: 'dependencies' | 'dependentRequired'
  readonly dependentSchemas: 'dependencies' | 'dependentSchemas'
}
export interface ArrayShape extends ShapeBase {
  readonly kind: 'array'
  readonly isTyped: boolean
  /** The schema of all items, where there is no tuple. */
  readonly allItems: Child | null
  /** By position; null where there is none. `items: false` of draft 2020-12 is an empty one with nothing behind it. */
  readonly tuple: readonly Child[] | null
  /** Behind the tuple; null: absent, which is true. Read without a tuple too, where it says nothing of any value. */
  readonly additionalItems: Child | null
  readonly unevaluatedItems: Child | null
  readonly contains: Child | null
  readonly maxItems: Bound | null
  readonly minItems: Bound | null
  readonly maxContains: Bound | null
  readonly minContains: Bound | null
  readonly uniqueItems: boolean
  readonly spelling: { readonly tuple: 'items' | 'prefixItems'; readonly additionalItems: 'additionalItems' | 'items' }
}
export interface EnumShape extends ShapeBase {
  readonly kind: 'enum'
  /** Keys of the values with the values. */
  readonly values: ReadonlyMap<string, JsonNode>
}
export interface ConstShape extends ShapeBase {
  readonly kind: 'const'
  readonly value: string
}
export interface NotShape extends ShapeBase {
  readonly kind: 'not'
  readonly inner: Child
}
export type Criterion = 'allOf' | 'anyOf' | 'oneOf'
export interface CombinedShape extends ShapeBase {
  readonly kind: 'combined'
  readonly criterion: Criterion
  readonly branches: readonly Child[]
  /** Made of keywords beside one another or of a list of types: no combinator of this name stands in the text. */
  readonly isSynthetic: boolean
}
export interface ConditionalShape extends ShapeBase {
  readonly kind: 'conditional'
  readonly condition: Child
  readonly whenTrue: Child | null
  readonly whenFalse: Child | null
}

export type Shape =
  | TrueShape
  | FalseShape
  | OpaqueShape
  | StringShape
  | NumberShape
  | PlainShape
  | ObjectShape
  | ArrayShape
  | EnumShape
  | ConstShape
  | NotShape
  | CombinedShape
  | ConditionalShape

export const noAnnotations: Annotations = { id: null, title: null, description: null, default: null, connectType: null }

/** A number's node as a bound; null for anything else. */
export const boundOf = (node: JsonNode | undefined): Bound | null =>
  node?.kind === 'number' ? { node, value: decimalOf(node.text) } : null

/** A list under `items`, in the drafts that know it. */
export const isTuple = (items: JsonNode | undefined, draft: Draft): boolean => items?.kind === 'array' && draft !== 2020
