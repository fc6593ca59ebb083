/**
 * The format behind each schema type. The one place where types become code: the registry, the codecs and the studio ask here and know
 * none of the formats by name.
 */
import { avroFormat } from './avro'
import type { SchemaFormat, SchemaType } from './format'
import { jsonSchemaFormat } from './json-schema'
import { protobufFormat } from './protobuf'

export const schemaTypes: readonly SchemaType[] = ['JSON', 'PROTOBUF', 'AVRO']

const formats: Readonly<Record<SchemaType, SchemaFormat<unknown>>> = {
  AVRO: avroFormat as SchemaFormat<unknown>,
  JSON: jsonSchemaFormat as SchemaFormat<unknown>,
  PROTOBUF: protobufFormat as SchemaFormat<unknown>,
}

export function formatOf(type: SchemaType): SchemaFormat<unknown> {
  return formats[type]
}

export function isSchemaType(name: unknown): name is SchemaType {
  return typeof name === 'string' && Object.hasOwn(formats, name)
}
