/**
 * Protobuf's scalars between wire and JSON, by the rules of its JSON mapping: 64-bit numbers as text, bytes in base64, NaN and infinities as words.
 * Written forms are taken as the mapping asks: numbers as text or number, base64 of either alphabet.
 */
import { doubleText } from '../avro/scalar'
import { parseInteger } from '../decimal-text'
import { excerpt, JsonNumber, type JsonValue } from '../json-value'
import { SerdeError } from '../serde-error'
import type { ScalarKind } from './proto-model'
import { type ProtoReader, type ProtoWriter, WireType } from './proto-wire'

/** What a scalar is before it is text: a whole number, a float, truth, text, or bytes. */
export type ScalarValue = bigint | number | boolean | string | Buffer

export function wireTypeOf(kind: ScalarKind): WireType {
  switch (kind) {
    case 'double':
    case 'fixed64':
    case 'sfixed64':
      return WireType.fixed64
    case 'float':
    case 'fixed32':
    case 'sfixed32':
      return WireType.fixed32
    case 'string':
    case 'bytes':
      return WireType.bytes
    default:
      return WireType.varint
  }
}

export function readScalar(kind: ScalarKind, reader: ProtoReader, what: string): ScalarValue {
  switch (kind) {
    case 'double':
      return reader.fixed(8, what).readDoubleLE()
    case 'float':
      return reader.fixed(4, what).readFloatLE()
    case 'fixed64':
      return reader.fixed(8, what).readBigUInt64LE()
    case 'sfixed64':
      return reader.fixed(8, what).readBigInt64LE()
    case 'fixed32':
      return BigInt(reader.fixed(4, what).readUInt32LE())
    case 'sfixed32':
      return BigInt(reader.fixed(4, what).readInt32LE())
    case 'int32':
      return BigInt.asIntN(32, reader.varint(what))
    case 'uint32':
      return BigInt.asUintN(32, reader.varint(what))
    case 'int64':
      return BigInt.asIntN(64, reader.varint(what))
    case 'uint64':
      return reader.varint(what)
    case 'sint32':
      return BigInt.asIntN(32, zigzag(BigInt.asUintN(32, reader.varint(what))))
    case 'sint64':
      return zigzag(reader.varint(what))
    case 'bool':
      return reader.varint(what) !== 0n
    case 'bytes':
      return reader.bytes(what)
    case 'string': {
      const start = reader.position
      const bytes = reader.bytes(what)
      const text = bytes.toString('utf8')
      if (text.includes('\ufffd') && !Buffer.from(text, 'utf8').equals(bytes))
        throw reader.fail('a string that is no UTF-8', start)
      return text
    }
  }
}

export function writeScalar(kind: ScalarKind, value: ScalarValue, writer: ProtoWriter): void {
  const fixed = Buffer.alloc(wireTypeOf(kind) === WireType.fixed64 ? 8 : 4)
  switch (kind) {
    case 'double':
      fixed.writeDoubleLE(value as number)
      return writer.raw(fixed)
    case 'float':
      fixed.writeFloatLE(value as number)
      return writer.raw(fixed)
    case 'fixed64':
      fixed.writeBigUInt64LE(value as bigint)
      return writer.raw(fixed)
    case 'sfixed64':
      fixed.writeBigInt64LE(value as bigint)
      return writer.raw(fixed)
    case 'fixed32':
      fixed.writeUInt32LE(Number(value))
      return writer.raw(fixed)
    case 'sfixed32':
      fixed.writeInt32LE(Number(value))
      return writer.raw(fixed)
    case 'sint32':
    case 'sint64':
      return writer.varint(((value as bigint) << 1n) ^ ((value as bigint) >> 63n))
    case 'bool':
      return writer.varint(value === true ? 1n : 0n)
    case 'string':
      return writer.bytes(Buffer.from(value as string, 'utf8'))
    case 'bytes':
      return writer.bytes(value as Buffer)
    default:
      return writer.varint(value as bigint)
  }
}

export function scalarText(kind: ScalarKind, value: ScalarValue): string {
  if (typeof value === 'bigint') return kind.endsWith('64') ? `"${value}"` : String(value)
  if (typeof value === 'number') return doubleText(value, kind === 'float')
  if (typeof value === 'string') return JSON.stringify(value)
  return typeof value === 'boolean' ? String(value) : `"${value.toString('base64')}"`
}

/** Throws SerdeError with the value. */
export function parseScalar(kind: ScalarKind, json: JsonValue): ScalarValue {
  switch (kind) {
    case 'bool':
      return typeof json === 'boolean' ? json : refuse(kind, json)
    case 'string':
      if (typeof json !== 'string') return refuse(kind, json)
      return /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(json)
        ? refuse(kind, json, 'holds half of a surrogate pair, which UTF-8 cannot write')
        : json
    case 'bytes':
      if (typeof json !== 'string' || !/^[A-Za-z0-9+/_-]*={0,2}$/.test(json)) return refuse(kind, json, 'is no base64')
      return Buffer.from(json.replaceAll('-', '+').replaceAll('_', '/'), 'base64')
    case 'double':
    case 'float':
      return parseFloating(kind, json)
    default:
      return parseWhole(kind, json)
  }
}

function parseFloating(kind: 'double' | 'float', json: JsonValue): number {
  const text = json instanceof JsonNumber ? json.text : typeof json === 'string' ? json : refuse(kind, json)
  if (text === 'NaN' || text === 'Infinity' || text === '-Infinity') return Number(text)
  if (!/^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(text)) return refuse(kind, json)
  const value = kind === 'float' ? Math.fround(Number(text)) : Number(text)
  return Number.isFinite(value) ? value : refuse(kind, json, `is beyond what a ${kind} holds`)
}

function parseWhole(kind: ScalarKind, json: JsonValue): bigint {
  const text = json instanceof JsonNumber ? json.text : typeof json === 'string' ? json : refuse(kind, json)
  const value = parseInteger(text) ?? refuse(kind, json, 'is no whole number')
  const bits = kind.endsWith('64') ? 64 : 32
  const isUnsigned = kind.startsWith('uint') || kind.startsWith('fixed')
  const held = isUnsigned ? BigInt.asUintN(bits, value) : BigInt.asIntN(bits, value)
  return held === value ? value : refuse(kind, json, `is beyond what ${kind} holds`)
}

/** What a field without presence has when it is not there. */
export function isDefault(value: ScalarValue): boolean {
  if (typeof value === 'object') return value.length === 0
  return value === 0n || value === '' || value === false || Object.is(value, 0)
}

const zigzag = (value: bigint): bigint => (value >> 1n) ^ -(value & 1n)

function refuse(kind: ScalarKind, json: JsonValue, why?: string): never {
  throw new SerdeError(why === undefined ? `expected ${kind}, found ${excerpt(json)}` : `${excerpt(json)} ${why}`, excerpt(json))
}
