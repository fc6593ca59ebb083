/** Calls and events about the schema registry and the studio. */
import * as v from 'valibot'
import type {
  DecodedPayload,
  DraftAnalysis,
  EvolutionCheck,
  InferredSchema,
  ReferenceEdge,
  RegistryView,
  SchemaChangeView,
  SchemaVersionView,
  SubjectSummary,
  SubjectView,
} from '../../model/schemas'
import { compatibilityLevels, registryModes } from '../../model/schemas'
import { count, draft, nothing, offset, schemaLanguage, schemaText, subject, topicName, version, versionOf } from './atoms'

export const schemasArguments = {
  'schemas.registry': nothing,
  'schemas.subjects': v.strictObject({ deleted: v.boolean() }),
  /** Subjects whose latest text holds this; names are searched in the window. */
  'schemas.searchTexts': v.strictObject({ text: v.pipe(v.string(), v.minLength(1), v.maxLength(1_000)) }),
  'schemas.subject': v.strictObject({ subject }),
  'schemas.references': nothing,
  'schemas.byId': v.strictObject({ id: v.pipe(v.number(), v.integer(), v.minValue(0)) }),
  'schemas.analyse': v.strictObject({ draft, sampleSeed: v.number() }),
  'schemas.changes': v.strictObject({
    older: v.variant('kind', [
      v.strictObject({ kind: v.literal('version'), version: versionOf }),
      v.strictObject({ kind: v.literal('draft'), draft }),
    ]),
    newer: v.variant('kind', [
      v.strictObject({ kind: v.literal('version'), version: versionOf }),
      v.strictObject({ kind: v.literal('draft'), draft }),
    ]),
  }),
  'schemas.format': v.strictObject({ language: schemaLanguage, text: schemaText }),
  /** From one language to another: Avro to IDL and back. */
  'schemas.convert': v.strictObject({ draft, to: schemaLanguage }),
  'schemas.register': v.strictObject({ draft, normalize: v.boolean() }),
  'schemas.evolution': v.strictObject({ draft, topic: topicName, count: count(100_000) }),
  /** `message`: which one of a Protobuf file; the first one where it is not said. */
  'schemas.sample': v.strictObject({ draft, seed: v.number(), count: count(1_000), message: v.optional(v.string()) }),
  'schemas.inferFromTopic': v.strictObject({
    topic: topicName,
    part: v.picklist(['key', 'value']),
    count: count(100_000),
    language: v.picklist(['avro', 'json-schema']),
  }),
  'schemas.inferFromJson': v.strictObject({
    text: v.pipe(v.string(), v.maxLength(50_000_000)),
    name: v.string(),
    language: v.picklist(['avro', 'json-schema']),
  }),
  /** TypeScript types. */
  'schemas.code': v.strictObject({ draft }),
  'schemas.setLevel': v.strictObject({ subject: v.nullable(subject), level: v.nullable(v.picklist(compatibilityLevels)) }),
  'schemas.setMode': v.strictObject({ subject: v.nullable(subject), mode: v.nullable(v.picklist(registryModes)) }),
  'schemas.deleteVersion': v.strictObject({ subject, version, permanent: v.boolean() }),
  'schemas.deleteSubject': v.strictObject({ subject, permanent: v.boolean() }),
  /** A softly deleted version, back under its number and id. */
  'schemas.restoreVersion': v.strictObject({ subject, version }),
  /** One JSON text with subjects, versions, ids, levels and modes; null: all subjects. */
  'schemas.exportSubjects': v.strictObject({ subjects: v.nullable(v.array(subject)) }),
  'schemas.importSubjects': v.strictObject({ text: v.pipe(v.string(), v.maxLength(200_000_000)) }),
  /** Whether this JSON can be written with the schema; answers null or what is wrong where. */
  'schemas.validate': v.strictObject({
    subject,
    version: v.nullable(version),
    json: v.pipe(v.string(), v.maxLength(50_000_000)),
  }),
  /** Key and value of a record of an open read, seen through their schemas. */
  'schemas.decode': v.strictObject({ readId: v.number(), index: offset }),
} as const

export interface SchemasResults {
  'schemas.registry': RegistryView
  'schemas.subjects': readonly SubjectSummary[]
  'schemas.searchTexts': readonly string[]
  'schemas.subject': SubjectView
  'schemas.references': readonly ReferenceEdge[]
  'schemas.byId': readonly SchemaVersionView[]
  'schemas.analyse': DraftAnalysis
  'schemas.changes': readonly SchemaChangeView[]
  'schemas.format': { readonly text: string }
  'schemas.convert': { readonly text: string }
  'schemas.register': { readonly id: number; readonly version: number; readonly wasRegistered: boolean }
  'schemas.evolution': EvolutionCheck
  /** `messages`: all of a Protobuf file by their names, the first one first; of other types none. */
  'schemas.sample': { readonly samples: readonly string[]; readonly messages: readonly string[] }
  'schemas.inferFromTopic': InferredSchema
  'schemas.inferFromJson': InferredSchema
  'schemas.code': { readonly text: string }
  'schemas.setLevel': undefined
  'schemas.setMode': undefined
  'schemas.deleteVersion': undefined
  'schemas.deleteSubject': undefined
  'schemas.restoreVersion': undefined
  'schemas.exportSubjects': { readonly text: string }
  'schemas.importSubjects': {
    readonly imported: number
    readonly unchanged: number
    readonly refused: readonly { readonly what: string; readonly reason: string }[]
  }
  'schemas.validate': { readonly problem: { readonly path: string; readonly message: string } | null }
  'schemas.decode': { readonly key: DecodedPayload; readonly value: DecodedPayload }
}

export interface SchemasEvents {
  /** The registry came, went, or was written to. */
  'schemas.changed': RegistryView
}

export const schemasEventNames = ['schemas.changed'] as const satisfies readonly (keyof SchemasEvents)[]
