/**
 * Protobuf as the registry and the studio know it: proto2 and proto3, with references as imports and Google's and Confluent's well-known files.
 * The parsed form is public: codecs, samples and code generators walk it. Each part is a file or folder beside this one.
 */
import type { SchemaFormat } from '../format'
import { canonicalText, normalizedText } from './canonical'
import { protobufChanges } from './changes'
import { protobufIncompatibilities } from './compatibility'
import { serializedProtobuf } from './descriptor'
import { protobufFixes } from './fixes'
import { parseProto, protoWarnings } from './parse'
import { locateInProto, outlineOfProto } from './places'
import { formatProto } from './pretty'
import { messagesOf } from './syntax/nodes'
import { joined, type ProtobufSchema, packageOf } from './types'

export { serializedProtobuf } from './descriptor'
export { indexesOfMessage, messageAtIndexes } from './message-indexes'
export * from './syntax/nodes'
export {
  findType,
  isScalar,
  joined,
  type ProtobufSchema,
  packageOf,
  type ScalarName,
  type TypeEntry,
  walkMessages,
} from './types'

export const protobufFormat: SchemaFormat<ProtobufSchema> = {
  type: 'PROTOBUF',
  parse: parseProto,
  warnings: (_text, schema) => protoWarnings(schema),
  canonicalText,
  normalizedText,
  // A file has one package, so what it imports cannot be written out in it; the registry has no such format for Protobuf either.
  resolvedText: canonicalText,
  serializedText: serializedProtobuf,
  recordName: ({ file }) => {
    const [first] = messagesOf(file.types)
    return first === undefined ? null : joined(packageOf(file), first.name)
  },
  incompatibilities: protobufIncompatibilities,
  fixes: protobufFixes,
  changes: protobufChanges,
  format: formatProto,
  outline: outlineOfProto,
  locate: locateInProto,
}
