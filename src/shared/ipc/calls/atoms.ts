/** Parts that arguments of several calls are made of, with their bounds. */
import * as v from 'valibot'

export const brokerId = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0x7fffffff))
export const count = (max: number) => v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(max))
export const offset = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
export const topicName = v.pipe(v.string(), v.minLength(1), v.maxLength(249))
export const partition = v.pipe(v.number(), v.integer(), v.minValue(0))
/** What a person typed as a key, a value or a header, and how it is meant. */
export const payload = v.variant('format', [
  v.strictObject({
    format: v.picklist(['text', 'json', 'int32', 'int64', 'float', 'double', 'uuid', 'hex', 'base64', 'empty', 'null']),
    text: v.string(),
  }),
  /** JSON written with a schema of the registry; null: its latest version. */
  v.strictObject({
    format: v.literal('schema'),
    text: v.string(),
    subject: v.pipe(v.string(), v.minLength(1)),
    version: v.nullable(v.pipe(v.number(), v.integer(), v.minValue(1))),
  }),
])
export const nothing = v.optional(v.undefined())
export const subject = v.pipe(v.string(), v.minLength(1), v.maxLength(10_000))
export const version = v.pipe(v.number(), v.integer(), v.minValue(1))
export const schemaText = v.pipe(v.string(), v.maxLength(5_000_000))
export const schemaLanguage = v.picklist(['avro', 'avro-idl', 'json-schema', 'protobuf'])
export const draft = v.strictObject({
  subject: v.string(),
  language: schemaLanguage,
  text: schemaText,
  references: v.array(v.strictObject({ name: v.string(), subject: v.string(), version: v.number() })),
})
export const versionOf = v.strictObject({ subject, version })
