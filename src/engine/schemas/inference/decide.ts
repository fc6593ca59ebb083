/**
 * What a place in the samples is, the same for every schema language: record or map, which number, and what its texts could be beside text. Each
 * decision says what it rests on.
 */

import { isAvroName } from './names'
import { merged, type NumbersSeen, newSeen, type ObjectsSeen, type Seen, type TextsSeen } from './observe'
import type { TextFormat } from './text-formats'

export type NumberDecision =
  | { readonly kind: 'int' | 'long' | 'double' }
  /** Beyond 64 bits, or fractions that a double would change. */
  | { readonly kind: 'decimal'; readonly precision: number; readonly scale: number }

/** By range and by how they are written: 1.0 is no int. */
export function decideNumber(numbers: NumbersSeen): NumberDecision {
  const isWhole = numbers.wholeCount === numbers.count
  if (isWhole && numbers.min >= -(2n ** 31n) && numbers.max < 2n ** 31n) return { kind: 'int' }
  if (isWhole && numbers.min >= -(2n ** 63n) && numbers.max < 2n ** 63n) return { kind: 'long' }
  if (!isWhole && numbers.beyondDoubleCount === 0) return { kind: 'double' }
  return decimalOf(numbers)
}

/** A decimal that holds every one of them. */
export function decimalOf({ integerDigits, scale }: NumbersSeen): NumberDecision & { readonly kind: 'decimal' } {
  return { kind: 'decimal', precision: Math.max(integerDigits + scale, 1), scale }
}

/** Names of objects that look like data: numbers, UUIDs, dates, long hex, e-mail addresses. */
const DATA_NAME =
  /^(?:[+-]?\d[\d._:-]*(?:T[\d:.Z+-]*)?|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|(?=[a-f]*\d)[0-9a-f]{12,}|[^@\s]+@[^@\s]+\.[^@\s]+)$/i

/**
 * Whether the objects of a place are maps, and why; null: records. They are where their names are data (two at least, all of them), or where names
 * hardly ever come twice and all values are of one kind. The message itself (`isRoot`) is one only when it has more names than a record can.
 */
export function whyMap(objects: ObjectsSeen, isRoot: boolean): string | null {
  const { fields } = objects
  if (fields === null) return `more than a thousand different names`
  if (isRoot) return null
  const names = [...fields.keys()]
  if (names.length >= 2 && names.every((name) => DATA_NAME.test(name)) && isOneKind(fields))
    return `its names are data, such as ${JSON.stringify(names[0])}`
  const repetition = objects.nameCount / (names.length * objects.count)
  if (objects.count >= 5 && names.length >= 10 && repetition < 0.2 && isOneKind(fields)) {
    return `${names.length} different names in ${objects.count} objects, hardly any twice`
  }
  return null
}

/** All values of a map together. */
export const mapValues = ({ fields, values }: ObjectsSeen): Seen =>
  fields === null ? values : fields.size === 0 ? newSeen() : merged([...fields.values()])

function isOneKind(fields: ReadonlyMap<string, Seen>): boolean {
  const kinds = new Set<string>()
  for (const seen of fields.values()) for (const kind of kindsOf(seen)) kinds.add(kind)
  return kinds.size <= 1
}

export type SeenKind = 'boolean' | 'number' | 'string' | 'array' | 'object'

/** Without null. */
export function kindsOf(seen: Seen): readonly SeenKind[] {
  const kinds: SeenKind[] = []
  if (seen.booleans > 0) kinds.push('boolean')
  if (seen.numbers !== null) kinds.push('number')
  if (seen.texts !== null) kinds.push('string')
  if (seen.arrays !== null) kinds.push('array')
  if (seen.objects !== null) kinds.push('object')
  return kinds
}

/** The most telling format that all texts are of, or null. */
export const commonFormat = (texts: TextsSeen): TextFormat | null => texts.formats[0] ?? null

/** Values for an enum, in order: few, all of them more than once on average, and names of Avro where `asNames`. null: no enum. */
export function enumSymbols(texts: TextsSeen, asNames: boolean): readonly string[] | null {
  const { distinct, count } = texts
  if (distinct === null || distinct.size > 16 || count < 6 || count < distinct.size * 3) return null
  const symbols = [...distinct.keys()].sort()
  if (symbols.some((symbol) => symbol === '' || symbol.length > 60)) return null
  return asNames && !symbols.every(isAvroName) ? null : symbols
}

/** Whole numbers that are milliseconds or microseconds since 1970 if they are times at all: between 2001 and 2100. */
export function epochUnit({ min, max }: NumbersSeen): 'millis' | 'micros' | null {
  if (min >= 978_307_200_000n && max < 4_102_444_800_000n) return 'millis'
  return min >= 978_307_200_000_000n && max < 4_102_444_800_000_000n ? 'micros' : null
}
