/** Bodies of requests into what operations take, and what they answer into bodies: names, order and left-out fields as Confluent's. */
import { isSchemaType } from '../../formats'
import { badRequest, invalidSchema } from '../errors'
import type { ConfigValue, SchemaContent, StoredSchema } from '../model'
import type { SchemaRequest } from '../operations/prepare'
import { isObject, readMetadata, readReferences, readRuleSet } from '../values'

/** Throws 400 for a field of the wrong kind, 42201 for a type that there is not. */
export function schemaRequest(body: Record<string, unknown>): SchemaRequest {
  const {
    schema = '',
    schemaType = 'AVRO',
    references = [],
    version = 0,
    id = -1,
    metadata = null,
    ruleSet = body['ruleset'] ?? null,
  } = body
  if (schema !== null && typeof schema !== 'string') throw badRequest('"schema" must be a string: the text of the schema')
  if (references !== null && !Array.isArray(references))
    throw badRequest('"references" must be a list of name, subject and version')
  const read = readReferences(references)
  if (references !== null && read.length !== references.length)
    throw badRequest('Each of "references" needs a name, a subject and a version')
  const type = schemaType ?? 'AVRO'
  if (!isSchemaType(type))
    throw invalidSchema(`Invalid schema type ${typeof type === 'string' ? type : JSON.stringify(type).slice(0, 100)}`)
  if (metadata !== null && !isObject(metadata)) throw badRequest('"metadata" must be an object')
  if (!isMapOfScalars(metadata?.['properties'] ?? {}))
    throw badRequest('"metadata.properties" must be an object, and each of its values a text')
  if (ruleSet !== null && !isObject(ruleSet)) throw badRequest('"ruleSet" must be an object')
  return {
    type,
    text: schema ?? '',
    references: read,
    metadata: readMetadata(metadata),
    ruleSet: readRuleSet(ruleSet),
    version: optionalInteger('version', version, 0),
    id: optionalInteger('id', id, -1),
  }
}

function isMapOfScalars(given: unknown): boolean {
  return isObject(given) && Object.values(given).every((value) => typeof value !== 'object' || value === null)
}

function optionalInteger(name: string, value: unknown, absent: number): number {
  if (value === null) return absent
  if (typeof value !== 'number' || !Number.isInteger(value) || Math.abs(value) > 0x7fffffff)
    throw badRequest(`"${name}" must be an integer`)
  return value
}

/** What a schema is, without its place; empty parts are left out. */
export function contentBody({ type, references, metadata, ruleSet }: SchemaContent): object {
  return {
    schemaType: type,
    ...(references.length === 0 ? {} : { references }),
    ...(metadata === null ? {} : { metadata }),
    ...(ruleSet === null ? {} : { ruleSet }),
  }
}

/** `text` where a format was asked for. */
export function schemaBody(schema: StoredSchema, text = schema.text): object {
  return {
    subject: schema.subject,
    version: schema.version,
    id: schema.id,
    guid: schema.guid,
    ...contentBody(schema),
    schema: text,
    ts: schema.timestampMs,
    deleted: schema.isDeleted,
  }
}

/** By id or GUID: the place is only said to whoever asked about one. */
export function schemaStringBody(schema: StoredSchema, text: string, withPlace: boolean, maxId: number | null): object {
  return {
    ...(withPlace ? { subject: schema.subject, version: schema.version } : {}),
    ...contentBody(schema),
    schema: text,
    guid: schema.guid,
    ts: schema.timestampMs,
    deleted: schema.isDeleted,
    ...(maxId === null ? {} : { maxId }),
  }
}

export function configBody({ compatibilityLevel, ...rest }: ConfigValue): object {
  return { ...rest, ...(compatibilityLevel === undefined ? {} : { compatibilityLevel }) }
}
