/** What the registry keeps: schemas with their places, levels, modes, associations. Types only, beside the lists of levels and modes. */
import type { SchemaReference, SchemaType } from '../format'

export const compatibilityLevels = [
  'NONE',
  'BACKWARD',
  'BACKWARD_TRANSITIVE',
  'FORWARD',
  'FORWARD_TRANSITIVE',
  'FULL',
  'FULL_TRANSITIVE',
] as const
export type CompatibilityLevel = (typeof compatibilityLevels)[number]

export const modes = ['READWRITE', 'READONLY', 'READONLY_OVERRIDE', 'IMPORT', 'FORWARD'] as const
export type Mode = (typeof modes)[number]

export const compatibilityPolicies = ['STRICT', 'LENIENT', 'LOGICAL'] as const

export type Json = null | boolean | number | string | readonly Json[] | JsonObject
export interface JsonObject {
  readonly [name: string]: Json
}

export interface Metadata {
  readonly tags?: Readonly<Record<string, readonly string[]>>
  readonly properties?: Readonly<Record<string, string>>
  readonly sensitive?: readonly string[]
}

/** Kept and given back, never run: rules belong to the serializers. */
export interface RuleSet {
  readonly migrationRules?: readonly JsonObject[]
  readonly domainRules?: readonly JsonObject[]
  readonly encodingRules?: readonly JsonObject[]
  readonly enableAt?: string
}

/** What makes a schema the same schema, whatever subject it stands under. */
export interface SchemaContent {
  readonly type: SchemaType
  /** Canonical. */
  readonly text: string
  readonly references: readonly SchemaReference[]
  readonly metadata: Metadata | null
  readonly ruleSet: RuleSet | null
}

export interface StoredSchema extends SchemaContent {
  /** In normal form: see subject-name.ts. */
  readonly subject: string
  readonly version: number
  readonly id: number
  readonly guid: string
  readonly isDeleted: boolean
  /** Of its record, ms. */
  readonly timestampMs: number
}

/** A level with what else can be said for a subject; a field that is absent is said somewhere above, or not at all. */
export interface ConfigValue {
  readonly alias?: string
  readonly aliasForDeks?: string
  readonly normalize?: boolean
  readonly validateFields?: boolean
  readonly validateNewSchemas?: boolean
  readonly validateRules?: boolean
  readonly compatibilityLevel?: CompatibilityLevel
  readonly compatibilityPolicy?: (typeof compatibilityPolicies)[number]
  readonly compatibilityGroup?: string
  readonly defaultMetadata?: Metadata
  readonly overrideMetadata?: Metadata
  readonly defaultRuleSet?: RuleSet
  readonly overrideRuleSet?: RuleSet
}

/** A schema's subject tied to a resource, such as a topic: what serializers ask for to find the subject. */
export interface Association {
  readonly guid: string
  readonly subject: string
  readonly resourceName: string
  readonly resourceNamespace: string
  readonly resourceId: string
  readonly resourceType: string
  readonly associationType: string
  readonly lifecycle: 'STRONG' | 'WEAK'
  readonly frozen: boolean
}
