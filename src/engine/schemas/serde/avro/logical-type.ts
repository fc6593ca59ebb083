/**
 * Which logical types a schema's `logicalType` attributes stand for. One that does not fit its type is ignored, as Avro's specification
 * asks ("Logical Types"): the value is then shown as the plain type.
 */
import { JsonNumber, type JsonObject } from '../json-value'

export type LogicalType =
  | { readonly name: 'decimal'; readonly precision: number; readonly scale: number }
  | { readonly name: 'uuid' | 'date' | 'duration' }
  | { readonly name: 'time-millis' | 'time-micros' }
  | { readonly name: TimestampName }

export type TimestampName =
  | 'timestamp-millis'
  | 'timestamp-micros'
  | 'timestamp-nanos'
  | 'local-timestamp-millis'
  | 'local-timestamp-micros'
  | 'local-timestamp-nanos'

/** Which plain types each may annotate. */
const homes: Readonly<Record<string, readonly string[]>> = {
  decimal: ['bytes', 'fixed'],
  uuid: ['string', 'fixed'],
  date: ['int'],
  'time-millis': ['int'],
  'time-micros': ['long'],
  duration: ['fixed'],
  'timestamp-millis': ['long'],
  'timestamp-micros': ['long'],
  'timestamp-nanos': ['long'],
  'local-timestamp-millis': ['long'],
  'local-timestamp-micros': ['long'],
  'local-timestamp-nanos': ['long'],
}

/** The valid logical type of a type's attributes, or null. `size` counts for fixed. */
export function readLogicalType(attributes: JsonObject, kind: string, size: number): LogicalType | null {
  const name = attributes.get('logicalType')
  if (typeof name !== 'string' || !homes[name]?.includes(kind)) return null
  if (name === 'decimal') return readDecimal(attributes, kind, size)
  if (name === 'uuid' && kind === 'fixed' && size !== 16) return null
  if (name === 'duration' && size !== 12) return null
  return { name } as LogicalType
}

function readDecimal(attributes: JsonObject, kind: string, size: number): LogicalType | null {
  const precision = integer(attributes.get('precision'))
  const scale = attributes.has('scale') ? integer(attributes.get('scale')) : 0
  if (precision === null || scale === null || precision < 1 || scale < 0 || scale > precision) return null
  if (kind === 'fixed' && precision > maxPrecision(size)) return null
  return { name: 'decimal', precision, scale }
}

/** The most digits that every number of so many has room for in `size` bytes of two's complement. */
const maxPrecision = (size: number): number => (size === 0 ? 0 : Math.floor((8 * size - 1) * Math.log10(2)))

function integer(value: unknown): number | null {
  if (!(value instanceof JsonNumber) || !/^\d{1,9}$/.test(value.text)) return null
  return Number(value.text)
}

/** Units below a second of the types that count time, by their names' ends. */
export function fractionDigits(name: string): 3 | 6 | 9 {
  if (name.endsWith('nanos')) return 9
  return name.endsWith('micros') ? 6 : 3
}
