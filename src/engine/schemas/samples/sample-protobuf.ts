/**
 * A message of a .proto file, by the names of its fields. Sent through the codec, which gives it the form that messages are shown in and proves that
 * it can be written. Recursion ends by leaving fields out; only `required` of proto2 can make it endless.
 */

import type { ReferencedTexts } from '../format'
import { decimalText } from '../serde/decimal-text'
import { JsonNumber, type JsonValue, parseJson } from '../serde/json-value'
import { decodeMessage } from '../serde/protobuf/proto-decoder'
import { encodeMessage } from '../serde/protobuf/proto-encoder'
import { type ProtoField, type ProtoMessage, type ProtoType, readProtoFile, type ScalarKind } from '../serde/protobuf/proto-model'
import type { MessageIndexes } from '../serde/wire-format'
import { isEpochName, numberByName, textByName } from './field-meaning'
import { SampleError, sampleDepthMax, valuesMax } from './sample-limits'
import { SampleRandom } from './sample-random'

/** A function from seed and number to message. Throws ProtoSchemaError; the function throws SampleError. */
export function protobufSampler(
  text: string,
  references: ReferencedTexts,
  messageIndexes: MessageIndexes,
): (seed: number, index: number) => JsonValue {
  const file = readProtoFile(text, references)
  const message = file.message(messageIndexes)
  return (seed, index) => {
    const value = new ProtobufSample(new SampleRandom(seed, index)).message(message, 0)
    return parseJson(decodeMessage(message, encodeMessage(message, value, file), file))
  }
}

class ProtobufSample {
  private values = 0

  constructor(private readonly random: SampleRandom) {}

  message(message: ProtoMessage, depth: number): JsonValue {
    this.values++
    if (depth > 60) throw new SampleError(`message ${message.name} requires itself without end: no message can be of it`)
    const known = this.wellKnown(message.name, depth)
    if (known !== undefined) return known
    const isLate = depth >= sampleDepthMax || this.values > valuesMax
    const oneofs = new Map<string, ProtoField[]>()
    for (const field of message.fields)
      if (field.oneof !== null) oneofs.set(field.oneof, [...(oneofs.get(field.oneof) ?? []), field])
    const chosen = new Set(isLate ? [] : Array.from(oneofs.values(), (fields) => this.random.pick(fields)))
    const simpleName = message.name.slice(message.name.lastIndexOf('.') + 1)
    const entries = new Map<string, JsonValue>()
    for (const field of message.fields) {
      if (field.oneof !== null && !chosen.has(field)) continue
      // Past the depth messages are left out, and with them what they would lead to.
      if (isLate && !field.isRequired && field.type.kind === 'message') continue
      if (field.hasPresence && !field.isRequired && field.oneof === null && this.random.chance(0.15)) continue
      entries.set(field.jsonName, this.field(field, simpleName, depth, isLate))
    }
    return entries
  }

  private field(field: ProtoField, parent: string, depth: number, isLate: boolean): JsonValue {
    const { random } = this
    if (field.mapKey !== null) {
      const { mapKey } = field
      const keys = Array.from({ length: isLate ? 0 : random.between(1, 2) }, () => this.key(mapKey))
      return new Map(keys.map((key) => [key, this.value(field.type, field.name, parent, depth)]))
    }
    if (!field.isRepeated) return this.value(field.type, field.name, parent, depth)
    return Array.from({ length: isLate ? 0 : random.between(1, 3) }, () => this.value(field.type, field.name, parent, depth))
  }

  private value(type: ProtoType, name: string, parent: string, depth: number): JsonValue {
    if (type.kind === 'message') return this.message(type.message, depth + 1)
    if (type.kind === 'scalar') return this.scalar(type.scalar, name, parent)
    // The first one means "not said" by convention.
    const names = [...type.enum.numbers.keys()]
    return names.length > 1 ? this.random.pick(names.slice(1)) : names[0]!
  }

  private scalar(kind: ScalarKind, name: string, parent: string): JsonValue {
    const { random } = this
    switch (kind) {
      case 'string':
        return textByName(name, parent, random) ?? random.faker.lorem.words({ min: 1, max: 3 })
      case 'bytes':
        return random.bytes(8).toString('base64')
      case 'bool':
        return random.chance(0.5)
      case 'double':
      case 'float': {
        const { min, max, digits } = numberByName(name) ?? { min: 0, max: 100, digits: 2 }
        return new JsonNumber(decimalText(BigInt(random.between(min * 10 ** digits, max * 10 ** digits)), digits))
      }
      default: {
        if (isEpochName(name)) {
          const seconds = random.epochSeconds()
          return new JsonNumber(String(kind.endsWith('64') ? seconds * 1000 + random.between(0, 999) : seconds))
        }
        const { min, max } = numberByName(name) ?? { min: 0, max: 1_000 }
        const isUnsigned = kind.startsWith('uint') || kind.startsWith('fixed')
        return new JsonNumber(String(random.between(isUnsigned ? Math.max(min, 0) : min, max)))
      }
    }
  }

  private key(kind: ScalarKind): string {
    if (kind === 'string') return this.random.faker.lorem.word()
    return kind === 'bool' ? String(this.random.chance(0.5)) : String(this.random.between(1, 1_000))
  }

  /** JSON of the types that have forms of their own; undefined for all others. */
  private wellKnown(name: string, depth: number): JsonValue | undefined {
    const { random } = this
    switch (name) {
      case 'google.protobuf.Timestamp':
        return new Date(random.epochSeconds() * 1000 + random.between(0, 999)).toISOString()
      case 'google.protobuf.Duration':
        return `${random.between(0, 3_600)}.${random.between(100, 999)}s`
      case 'google.protobuf.FieldMask':
        return 'name,address.city'
      case 'google.protobuf.Struct':
        return new Map([[random.faker.lorem.word(), random.faker.lorem.word()]])
      case 'google.protobuf.Value':
        return random.faker.lorem.word()
      case 'google.protobuf.ListValue':
        return depth > sampleDepthMax ? [] : [random.faker.lorem.word()]
      case 'google.protobuf.Any':
        return new Map<string, JsonValue>([
          ['@type', 'type.googleapis.com/google.protobuf.Any'],
          ['value', new Map<string, JsonValue>()],
        ])
      case 'google.protobuf.BoolValue':
        return random.chance(0.5)
      case 'google.protobuf.StringValue':
        return random.faker.lorem.words({ min: 1, max: 3 })
      case 'google.protobuf.BytesValue':
        return random.bytes(8).toString('base64')
      case 'confluent.type.Decimal':
        return new Map<string, JsonValue>([
          ['value', Buffer.from([random.between(0, 127), random.between(0, 255)]).toString('base64')],
          ['precision', new JsonNumber('5')],
          ['scale', new JsonNumber('2')],
        ])
      default:
        return /^google\.protobuf\.U?(?:Int32|Int64|Double|Float)Value$/.test(name)
          ? new JsonNumber(String(random.between(0, 1_000)))
          : undefined
    }
  }
}
