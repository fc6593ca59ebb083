/**
 * Avro's scalars as JSON text and back, logical types included. Four closures a type, put together by decoder, encoder and resolver: reading the
 * raw value, rendering it, parsing JSON into it, writing it. The forms, both ways exact:
 *   int, long          a number;  float, double: a number, or "NaN", "Infinity", "-Infinity" as Avro's Java writes them
 *   bytes, fixed       Avro's own JSON encoding: each character U+0000–U+00FF is one byte
 *   decimal            a number with as many digits behind the point as its scale; as text it is taken, too
 *   date, time-…       "2024-01-31", "12:34:56.789"; timestamp-… with T and Z, local-timestamp-… without Z; a raw integer is taken, and is
 *                      what is shown where the number is no time of a day
 *   uuid, duration     8-4-4-4-12 text; ISO 8601 with months, days and seconds apart ("P1M2DT3.004S")
 */
import { decimalText, digitCount, fromTwosComplement, parseDecimal, parseInteger, rescale, twosComplement } from '../decimal-text'
import { excerpt, JsonNumber, type JsonValue } from '../json-value'
import { SerdeError } from '../serde-error'
import type { AvroReader } from './avro-reader'
import { type AvroFixed, type AvroPrimitive, describeType } from './avro-type'
import type { AvroWriter } from './avro-writer'
import { dateText, parseDate, parseTime, parseTimestamp, timestampText, timeText } from './civil-time'
import { durationText, parseDuration } from './duration-text'
import { fractionDigits, type LogicalType } from './logical-type'

export type ScalarType = AvroPrimitive | AvroFixed
/** int as number, long as number or bigint (as AvroReader gives it) or bigint (as parsed), bytes and fixed as bytes. */
export type Raw = null | boolean | number | bigint | string | Uint8Array

/** More bytes than this in a decimal are refused: 9,800 digits, and turning more into text takes its time. */
const decimalBytesMax = 4096
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
/** Half of a surrogate pair without the other: UTF-8 has no form for it, and Buffer would write U+FFFD without a word. */
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/

export function rawReader(type: ScalarType): (reader: AvroReader) => Raw {
  switch (type.kind) {
    case 'null':
      return () => null
    case 'boolean':
      return (reader) => reader.boolean()
    case 'int':
      return (reader) => reader.int()
    case 'long':
      return (reader) => reader.long()
    case 'float':
      return (reader) => reader.float()
    case 'double':
      return (reader) => reader.double()
    case 'bytes':
      return (reader) => reader.bytes()
    case 'string':
      return (reader) => reader.string()
    case 'fixed': {
      const { size, name } = type
      return (reader) => reader.fixed(size, `fixed ${name}`)
    }
  }
}

/** JSON text of a raw value. Throws SerdeError for a decimal that is none. */
export function renderer(type: ScalarType): (raw: Raw) => string {
  const { logical } = type
  if (logical !== null && logical.name !== 'uuid') return logicalRenderer(type, logical)
  switch (type.kind) {
    case 'float':
      return (raw) => doubleText(raw as number, true)
    case 'double':
      return (raw) => doubleText(raw as number, false)
    case 'string':
      return (raw) => JSON.stringify(raw)
    case 'bytes':
      return (raw) => JSON.stringify(asBuffer(raw).toString('latin1'))
    case 'fixed':
      if (logical === null) return (raw) => JSON.stringify(asBuffer(raw).toString('latin1'))
      return (raw) =>
        `"${asBuffer(raw)
          .toString('hex')
          .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')}"`
    default:
      return String
  }
}

/** The raw value that a JSON value stands for. Throws SerdeError with the value. */
export function parser(type: ScalarType): (value: JsonValue) => Raw {
  const { logical } = type
  if (logical !== null) return logicalParser(type, logical)
  switch (type.kind) {
    case 'null':
      return (value) => (value === null ? null : refuse(type, value))
    case 'boolean':
      return (value) => (typeof value === 'boolean' ? value : refuse(type, value))
    case 'int':
      return (value) => Number(integer(type, value, 32))
    case 'long':
      return (value) => integer(type, value, 64)
    case 'float':
    case 'double':
      return (value) => double(type, value)
    case 'string':
      return (value) => text(type, value)
    case 'bytes':
      return (value) => latin1(type, value)
    case 'fixed':
      return (value) => {
        const bytes = latin1(type, value)
        if (bytes.length !== type.size)
          refuse(type, value, `has ${bytes.length} bytes, and ${describeType(type)} has ${type.size}`)
        return bytes
      }
  }
}

export function rawWriter(type: ScalarType): (writer: AvroWriter, raw: Raw) => void {
  switch (type.kind) {
    case 'null':
      return () => undefined
    case 'boolean':
      return (writer, raw) => writer.boolean(raw as boolean)
    case 'int':
      return (writer, raw) => writer.int(raw as number)
    case 'long':
      return (writer, raw) => writer.long(raw as bigint)
    case 'float':
      return (writer, raw) => writer.float(raw as number)
    case 'double':
      return (writer, raw) => writer.double(raw as number)
    case 'bytes':
      return (writer, raw) => writer.bytes(raw as Uint8Array)
    case 'string':
      return (writer, raw) => writer.string(raw as string)
    case 'fixed':
      return (writer, raw) => writer.fixed(raw as Uint8Array)
  }
}

/** The shortest text that reads back to the same bits (of 32 for a float). */
export function doubleText(value: number, isFloat: boolean): string {
  if (!Number.isFinite(value)) return `"${value}"`
  if (Object.is(value, -0)) return '-0.0'
  if (!isFloat || Number.isInteger(value)) return String(value)
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits))
    if (Math.fround(short) === value) return String(short)
  }
  return String(Number(value.toPrecision(9)))
}

function logicalRenderer(type: ScalarType, logical: LogicalType): (raw: Raw) => string {
  switch (logical.name) {
    case 'decimal':
      return (raw) => {
        const bytes = asBuffer(raw)
        if (bytes.length === 0 || bytes.length > decimalBytesMax) {
          throw new SerdeError(`a decimal of ${bytes.length} bytes: 1 to ${decimalBytesMax} are read`)
        }
        return decimalText(fromTwosComplement(bytes), logical.scale)
      }
    case 'date':
      return (raw) => `"${dateText(raw as number)}"`
    case 'time-millis':
    case 'time-micros': {
      const digits = fractionDigits(logical.name)
      return (raw) => {
        const time = timeText(BigInt(raw as number | bigint), digits)
        return time === null ? String(raw) : `"${time}"`
      }
    }
    case 'duration':
      return (raw) => `"${durationText(asBuffer(raw))}"`
    case 'uuid':
      return renderer({ ...type, logical: null })
    default: {
      const digits = fractionDigits(logical.name)
      const isLocal = logical.name.startsWith('local-')
      return (raw) => `"${timestampText(BigInt(raw as number | bigint), digits, isLocal)}"`
    }
  }
}

function logicalParser(type: ScalarType, logical: LogicalType): (value: JsonValue) => Raw {
  switch (logical.name) {
    case 'decimal':
      return (value) => decimal(type, logical.precision, logical.scale, value)
    case 'date':
      return (value) => {
        if (typeof value !== 'string') return Number(integer(type, value, 32))
        const days = parseDate(value) ?? refuse(type, value, 'is no date such as 2024-01-31')
        return Number(within(type, BigInt(days), 32, value))
      }
    case 'time-millis':
    case 'time-micros':
      return (value) => {
        const isMillis = logical.name === 'time-millis'
        const bits = isMillis ? 32 : 64
        const units =
          typeof value === 'string'
            ? (parseTime(value, fractionDigits(logical.name)) ??
              refuse(type, value, `is no time such as ${isMillis ? '12:34:56.789' : '12:34:56.789012'}`))
            : integer(type, value, bits)
        return isMillis ? Number(units) : units
      }
    case 'duration':
      return (value) => parseDuration(text(type, value)) ?? refuse(type, value, 'is no duration such as P1M2DT3.004S')
    case 'uuid':
      return (value) => {
        const uuid = text(type, value)
        if (!UUID.test(uuid)) refuse(type, value, 'is no UUID such as 123e4567-e89b-12d3-a456-426614174000')
        return type.kind === 'fixed' ? Buffer.from(uuid.replaceAll('-', ''), 'hex') : uuid
      }
    default: {
      const digits = fractionDigits(logical.name)
      const isLocal = logical.name.startsWith('local-')
      const like = timestampText(1_706_704_496_789n * 10n ** BigInt(digits - 3), digits, isLocal)
      return (value) => {
        if (typeof value !== 'string') return integer(type, value, 64)
        const units = parseTimestamp(value, digits, isLocal) ?? refuse(type, value, `is no ${logical.name} such as ${like}`)
        return within(type, units, 64, value)
      }
    }
  }
}

/** Exact or refused: digits are never rounded away, and the schema's precision holds. */
function decimal(type: ScalarType, precision: number, scale: number, value: JsonValue): Uint8Array {
  const digits = value instanceof JsonNumber ? value.text : typeof value === 'string' ? value : refuse(type, value)
  const number = parseDecimal(digits) ?? refuse(type, value, 'is no decimal number')
  const unscaled =
    rescale(number, scale) ?? refuse(type, value, `has more than ${scale} digits behind the point, the scale of the schema`)
  if (digitCount(unscaled) > precision)
    refuse(type, value, `has more than ${precision} digits at scale ${scale}, the precision of the schema`)
  const bytes = twosComplement(unscaled)
  if (type.kind !== 'fixed') return bytes
  if (bytes.length > type.size) refuse(type, value, `does not fit into ${describeType(type)} of ${type.size} bytes`)
  return Buffer.concat([Buffer.alloc(type.size - bytes.length, unscaled < 0n ? 0xff : 0), bytes])
}

function integer(type: ScalarType, value: JsonValue, bits: 32 | 64): bigint {
  if (!(value instanceof JsonNumber)) return refuse(type, value)
  return within(type, parseInteger(value.text) ?? refuse(type, value, 'is no whole number'), bits, value)
}

function within(type: ScalarType, integer: bigint, bits: 32 | 64, value: JsonValue): bigint {
  return BigInt.asIntN(bits, integer) === integer
    ? integer
    : refuse(type, value, `is beyond the ${bits} bits of ${describeType(type)}`)
}

function double(type: ScalarType, value: JsonValue): number {
  if (typeof value === 'string' && (value === 'NaN' || value === 'Infinity' || value === '-Infinity')) return Number(value)
  if (!(value instanceof JsonNumber)) return refuse(type, value)
  const exact = value.toDouble()
  const number = type.kind === 'float' ? Math.fround(exact) : exact
  if (!Number.isFinite(number)) return refuse(type, value, `is beyond what a ${type.kind} holds`)
  // A fraction is rounded, everybody knows; a whole number that changes is an id that gets lost.
  if (/^-?\d+$/.test(value.text) && value.text.length > 7 && BigInt(number) !== BigInt(value.text)) {
    return refuse(type, value, `is no whole number that a ${type.kind} holds exactly: the nearest is ${BigInt(number)}`)
  }
  return number
}

function text(type: ScalarType, value: JsonValue): string {
  if (typeof value !== 'string') return refuse(type, value)
  if (LONE_SURROGATE.test(value)) return refuse(type, value, 'holds half of a surrogate pair, which UTF-8 cannot write')
  return value
}

function latin1(type: ScalarType, value: JsonValue): Buffer {
  if (typeof value !== 'string') return refuse(type, value)
  for (let i = 0; i < value.length; i++) {
    if (value.charCodeAt(i) <= 0xff) continue
    refuse(type, value, `holds '${value[i]}', and each character stands for one byte (U+0000 to U+00FF)`)
  }
  return Buffer.from(value, 'latin1')
}

function refuse(type: ScalarType, value: JsonValue, why?: string): never {
  throw new SerdeError(
    why === undefined ? `expected ${describeType(type)}, found ${excerpt(value)}` : `${excerpt(value)} ${why}`,
    excerpt(value),
  )
}

function asBuffer(raw: Raw): Buffer {
  const bytes = raw as Uint8Array
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
