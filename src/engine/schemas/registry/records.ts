/**
 * The records of `_schemas` in Confluent's shapes (registry-and-coordination section 3.4): keys with fixed field order, since compaction
 * compares their bytes, and values of which unknown fields are ignored. Both directions; pure. What cannot be read is answered as null: a
 * record of a later version, or of somebody who writes what does not belong here, must not stop the registry from reading on.
 */
import type { SchemaReference } from '../format'
import { isSchemaType } from '../formats'
import { type Association, type ConfigValue, type Metadata, type Mode, modes, type RuleSet } from './model'
import { readConfigValue, readMetadata, readReferences, readRuleSet } from './values'

export interface SchemaValue {
  readonly subject: string
  readonly version: number
  readonly id: number
  readonly schemaType: 'AVRO' | 'JSON' | 'PROTOBUF'
  readonly references: readonly SchemaReference[]
  readonly metadata: Metadata | null
  readonly ruleSet: RuleSet | null
  readonly schema: string
  readonly deleted: boolean
}

/** `value` null: a tombstone. A null subject is the global setting, or all contexts. */
export type RegistryRecord =
  | { readonly kind: 'schema'; readonly subject: string; readonly version: number; readonly value: SchemaValue | null }
  | { readonly kind: 'config'; readonly subject: string | null; readonly value: ConfigValue | null }
  | { readonly kind: 'mode'; readonly subject: string | null; readonly value: { readonly mode: Mode } | null }
  | { readonly kind: 'delete-subject'; readonly subject: string; readonly value: { readonly version: number } | null }
  | { readonly kind: 'clear-subject'; readonly subject: string | null; readonly value: Record<string, never> | null }
  | { readonly kind: 'context'; readonly context: string; readonly value: Record<string, never> | null }
  | { readonly kind: 'association'; readonly guid: string; readonly value: Association | null }
  /**
   * Confluent's registries write it with a null value and pass over it unread. Ours may carry the highest id given in each context, so that
   * an id whose record is compacted away is not given again.
   */
  | { readonly kind: 'noop'; readonly value: { readonly maxIds: Readonly<Record<string, number>> } | null }

export interface RecordBytes {
  readonly key: Buffer
  readonly value: Buffer | null
}

/** The topic's one tenant: others are Confluent Cloud's. */
const tenant = 'default'

export function encodeRecord(record: RegistryRecord): RecordBytes {
  return { key: json(keyOf(record)), value: record.value === null ? null : json(contentOf(record)) }
}

function keyOf(record: RegistryRecord): object {
  switch (record.kind) {
    case 'schema':
      return { keytype: 'SCHEMA', subject: record.subject, version: record.version, magic: 1 }
    case 'config':
      return { keytype: 'CONFIG', ...optional('subject', record.subject), magic: 0 }
    case 'mode':
      return { keytype: 'MODE', ...optional('subject', record.subject), magic: 0 }
    case 'delete-subject':
      return { keytype: 'DELETE_SUBJECT', subject: record.subject, magic: 0 }
    case 'clear-subject':
      return { keytype: 'CLEAR_SUBJECT', ...optional('subject', record.subject), magic: 0 }
    case 'context':
      return { keytype: 'CONTEXT', tenant, context: record.context, magic: 0 }
    case 'association':
      return { keytype: 'ASSOC', tenant, guid: record.guid, magic: 0 }
    case 'noop':
      return { keytype: 'NOOP', magic: 0 }
  }
}

function contentOf(record: RegistryRecord): object {
  switch (record.kind) {
    case 'schema':
      return record.value === null ? {} : schemaValue(record.value)
    case 'config':
    case 'mode':
      return { ...optional('subject', record.subject), ...record.value }
    case 'delete-subject':
    case 'clear-subject':
      return { ...optional('subject', record.subject), ...record.value }
    case 'context':
      return { tenant, context: record.context }
    case 'association':
      return { tenant, ...record.value }
    case 'noop':
      return { ...record.value }
  }
}

/** AVRO is what an absent schemaType means to every reader, and up to 7.x it is left out. */
function schemaValue({ subject, version, id, schemaType, references, metadata, ruleSet, schema, deleted }: SchemaValue): object {
  return {
    subject,
    version,
    id,
    ...(schemaType === 'AVRO' ? {} : { schemaType }),
    ...(references.length === 0 ? {} : { references }),
    ...optional('metadata', metadata),
    ...optional('ruleSet', ruleSet),
    schema,
    deleted,
  }
}

export function decodeRecord(key: Uint8Array | null, value: Uint8Array | null): RegistryRecord | null {
  const fields = key === null ? null : parse(key)
  if (fields === null) return null
  const content = value === null ? null : parse(value)
  if (value !== null && content === null) return null
  const subject = typeof fields['subject'] === 'string' ? fields['subject'] : null
  switch (fields['keytype']) {
    case 'SCHEMA': {
      const version = fields['version']
      if (subject === null || !isCount(version)) return null
      if (content === null) return { kind: 'schema', subject, version, value: null }
      const read = readSchemaValue(subject, version, content)
      return read === null ? null : { kind: 'schema', subject, version, value: read }
    }
    case 'CONFIG':
      return { kind: 'config', subject, value: content === null ? null : readConfigValue(content) }
    case 'MODE': {
      if (content === null) return { kind: 'mode', subject, value: null }
      const mode = modes.find((known) => known === content['mode'])
      return mode === undefined ? null : { kind: 'mode', subject, value: { mode } }
    }
    case 'DELETE_SUBJECT': {
      if (subject === null) return null
      const version = content?.['version']
      return { kind: 'delete-subject', subject, value: isCount(version) ? { version } : null }
    }
    case 'CLEAR_SUBJECT':
      return { kind: 'clear-subject', subject, value: content === null ? null : {} }
    case 'CONTEXT': {
      const { context } = fields
      return typeof context === 'string' ? { kind: 'context', context, value: content === null ? null : {} } : null
    }
    case 'ASSOC': {
      const { guid } = fields
      if (typeof guid !== 'string') return null
      const association = content === null ? null : readAssociation(guid, content)
      return content !== null && association === null ? null : { kind: 'association', guid, value: association }
    }
    case 'NOOP':
      return { kind: 'noop', value: readMaxIds(content) }
    default:
      return null
  }
}

function readSchemaValue(subject: string, version: number, content: Record<string, unknown>): SchemaValue | null {
  const { id, schema, schemaType = 'AVRO', deleted } = content
  if (!isCount(id) || typeof schema !== 'string' || !isSchemaType(schemaType)) return null
  return {
    subject,
    version,
    id,
    schemaType,
    references: readReferences(content['references']),
    metadata: readMetadata(content['metadata']),
    ruleSet: readRuleSet(content['ruleSet']),
    schema,
    deleted: deleted === true,
  }
}

function readAssociation(guid: string, content: Record<string, unknown>): Association | null {
  const text = (name: string) => (typeof content[name] === 'string' ? (content[name] as string) : '')
  if (text('subject') === '' || text('resourceName') === '') return null
  return {
    guid,
    subject: text('subject'),
    resourceName: text('resourceName'),
    resourceNamespace: text('resourceNamespace'),
    resourceId: text('resourceId'),
    resourceType: text('resourceType'),
    associationType: text('associationType'),
    lifecycle: content['lifecycle'] === 'STRONG' ? 'STRONG' : 'WEAK',
    frozen: content['frozen'] === true,
  }
}

function readMaxIds(content: Record<string, unknown> | null): { maxIds: Record<string, number> } | null {
  const given = content?.['maxIds']
  if (typeof given !== 'object' || given === null) return null
  return { maxIds: Object.fromEntries(Object.entries(given).filter((entry): entry is [string, number] => isCount(entry[1]))) }
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 0x7fffffff
}

function optional<N extends string>(name: N, value: unknown): Partial<Record<N, unknown>> {
  return (value === null ? {} : { [name]: value }) as Partial<Record<N, unknown>>
}

function json(value: object): Buffer {
  return Buffer.from(JSON.stringify(value), 'utf8')
}

function parse(bytes: Uint8Array): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8'))
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null
  } catch {
    return null
  }
}
