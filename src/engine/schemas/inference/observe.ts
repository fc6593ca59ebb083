/**
 * What samples have in common: a tree that grows with their shape and not with their number. Each place counts how often it was there, as what,
 * and within which bounds; decisions are drawn from it later (decide.ts). Pure; numbers are looked at as they are written.
 */
import { digitCount, parseDecimal } from '../serde/decimal-text'
import { isJsonArray, isJsonObject, JsonNumber, type JsonValue } from '../serde/json-value'
import { allTextFormats, isOfFormat, type TextFormat } from './text-formats'

/** More different texts are not remembered: then it is no enum. */
const distinctTextsMax = 64
/** An object with more different names than this is a map: its values are kept together from then on. */
export const objectNamesMax = 1_000

export interface NumbersSeen {
  count: number
  /** Written without point and exponent. */
  wholeCount: number
  /** Of all, as whole numbers where they are; of the others rounded toward zero. */
  min: bigint
  max: bigint
  /** Most digits before and behind the point, for a decimal that holds them all. */
  integerDigits: number
  scale: number
  /** Fewest digits behind the point. */
  scaleMin: number
  /** Not what a double would give back. */
  beyondDoubleCount: number
}

export interface TextsSeen {
  count: number
  /** null: more than are remembered. */
  distinct: Map<string, number> | null
  /** Those that every text so far is of; once none is left, nobody looks any more. */
  formats: readonly TextFormat[]
}

export interface ObjectsSeen {
  count: number
  /** In the order in which names came up; null once there are too many. */
  fields: Map<string, Seen> | null
  /** All values together, whatever their names; filled when fields is given up. */
  values: Seen
  /** Names of objects that had just this one: a union takes them for the name of a branch. */
  loneNames: Set<string>
  nameCount: number
}

/** A place in the samples. */
export interface Seen {
  /** Times that a value was there, null included. */
  count: number
  nulls: number
  booleans: number
  numbers: NumbersSeen | null
  texts: TextsSeen | null
  arrays: { count: number; items: Seen } | null
  objects: ObjectsSeen | null
}

export const newSeen = (): Seen => ({ count: 0, nulls: 0, booleans: 0, numbers: null, texts: null, arrays: null, objects: null })

/** Adds one value to what was seen at a place. */
export function observe(seen: Seen, value: JsonValue): void {
  seen.count++
  if (value === null) seen.nulls++
  else if (typeof value === 'boolean') seen.booleans++
  else if (typeof value === 'string') observeText(seen, value)
  else if (value instanceof JsonNumber) observeNumber(seen, value)
  else if (isJsonArray(value)) {
    seen.arrays ??= { count: 0, items: newSeen() }
    seen.arrays.count++
    for (const item of value) observe(seen.arrays.items, item)
  } else if (isJsonObject(value)) {
    seen.objects ??= { count: 0, fields: new Map(), values: newSeen(), loneNames: new Set(), nameCount: 0 }
    observeObject(seen.objects, value)
  }
}

function observeObject(seen: ObjectsSeen, value: ReadonlyMap<string, JsonValue>): void {
  seen.count++
  seen.nameCount += value.size
  if (value.size === 1 && seen.loneNames.size < objectNamesMax) for (const name of value.keys()) seen.loneNames.add(name)
  for (const [name, item] of value) {
    if (seen.fields === null) {
      observe(seen.values, item)
      continue
    }
    let field = seen.fields.get(name)
    if (field === undefined) {
      field = newSeen()
      seen.fields.set(name, field)
    }
    observe(field, item)
    if (seen.fields.size > objectNamesMax) {
      seen.values = merged([...seen.fields.values()])
      seen.fields = null
    }
  }
}

function observeText(seen: Seen, text: string): void {
  seen.texts ??= { count: 0, distinct: new Map(), formats: allTextFormats }
  const { texts } = seen
  texts.count++
  if (texts.formats.length > 0) texts.formats = texts.formats.filter((format) => isOfFormat(text, format))
  if (texts.distinct === null) return
  texts.distinct.set(text, (texts.distinct.get(text) ?? 0) + 1)
  if (texts.distinct.size > distinctTextsMax) texts.distinct = null
}

function observeNumber(seen: Seen, number: JsonNumber): void {
  // Most numbers are whole and short; then there is nothing to work out.
  if (/^-?\d{1,15}$/.test(number.text)) {
    const whole = BigInt(number.text)
    addNumber(seen, whole, 0, true, false)
    return
  }
  const decimal = parseDecimal(number.text)!
  const scale = Math.max(decimal.scale, 0)
  const whole =
    decimal.scale <= 0 ? decimal.unscaled * 10n ** BigInt(-decimal.scale) : decimal.unscaled / 10n ** BigInt(decimal.scale)
  addNumber(seen, whole, scale, /^-?\d+$/.test(number.text), !isDouble(number))
}

function addNumber(seen: Seen, whole: bigint, scale: number, isWhole: boolean, isBeyondDouble: boolean): void {
  seen.numbers ??= newNumbers(whole, scale)
  const { numbers } = seen
  numbers.count++
  if (isWhole) numbers.wholeCount++
  if (whole < numbers.min) numbers.min = whole
  if (whole > numbers.max) numbers.max = whole
  numbers.integerDigits = Math.max(numbers.integerDigits, whole === 0n ? 0 : digitCount(whole))
  numbers.scale = Math.max(numbers.scale, scale)
  numbers.scaleMin = Math.min(numbers.scaleMin, scale)
  if (isBeyondDouble) numbers.beyondDoubleCount++
}

function newNumbers(whole: bigint, scale: number): NumbersSeen {
  return { count: 0, wholeCount: 0, min: whole, max: whole, integerDigits: 0, scale: 0, scaleMin: scale, beyondDoubleCount: 0 }
}

/** Whether the shortest text of the nearest double is the same number. */
function isDouble(number: JsonNumber): boolean {
  const double = number.toDouble()
  if (!Number.isFinite(double)) return false
  const [given, back] = [parseDecimal(number.text), parseDecimal(String(double))]
  if (given === null || back === null) return false
  const scale = Math.max(given.scale, back.scale)
  return given.unscaled * 10n ** BigInt(scale - given.scale) === back.unscaled * 10n ** BigInt(scale - back.scale)
}

/** What was seen at several places, as if it had been one. */
export function merged(places: readonly Seen[]): Seen {
  const all = newSeen()
  for (const place of places) mergeInto(all, place)
  return all
}

function mergeInto(into: Seen, from: Seen): void {
  into.count += from.count
  into.nulls += from.nulls
  into.booleans += from.booleans
  if (from.numbers !== null)
    into.numbers = into.numbers === null ? { ...from.numbers } : mergedNumbers(into.numbers, from.numbers)
  if (from.texts !== null) into.texts = mergedTexts(into.texts, from.texts)
  if (from.arrays !== null) {
    into.arrays ??= { count: 0, items: newSeen() }
    into.arrays.count += from.arrays.count
    mergeInto(into.arrays.items, from.arrays.items)
  }
  if (from.objects !== null) into.objects = mergedObjects(into.objects, from.objects)
}

function mergedNumbers(a: NumbersSeen, b: NumbersSeen): NumbersSeen {
  const all: NumbersSeen = {
    ...a,
    count: a.count + b.count,
    wholeCount: a.wholeCount + b.wholeCount,
    integerDigits: Math.max(a.integerDigits, b.integerDigits),
    scale: Math.max(a.scale, b.scale),
    scaleMin: Math.min(a.scaleMin, b.scaleMin),
    beyondDoubleCount: a.beyondDoubleCount + b.beyondDoubleCount,
  }
  // Math.min knows no bigint.
  if (b.min < all.min) all.min = b.min
  if (b.max > all.max) all.max = b.max
  return all
}

function mergedTexts(a: TextsSeen | null, b: TextsSeen): TextsSeen {
  const formats = a === null ? b.formats : a.formats.filter((format) => b.formats.includes(format))
  let distinct = a === null ? new Map<string, number>() : a.distinct && new Map(a.distinct)
  if (b.distinct === null) distinct = null
  for (const [text, count] of b.distinct ?? []) distinct?.set(text, (distinct.get(text) ?? 0) + count)
  if (distinct !== null && distinct.size > distinctTextsMax) distinct = null
  return { count: (a?.count ?? 0) + b.count, distinct, formats }
}

function mergedObjects(a: ObjectsSeen | null, b: ObjectsSeen): ObjectsSeen {
  const all: ObjectsSeen = {
    count: (a?.count ?? 0) + b.count,
    fields: new Map(),
    values: newSeen(),
    loneNames: new Set([...(a?.loneNames ?? []), ...b.loneNames]),
    nameCount: (a?.nameCount ?? 0) + b.nameCount,
  }
  const parts = a === null ? [b] : [a, b]
  if (parts.some(({ fields }) => fields === null)) {
    all.fields = null
    all.values = merged(parts.flatMap(({ fields, values }) => (fields === null ? [values] : [...fields.values()])))
    return all
  }
  for (const part of parts) {
    for (const [name, field] of part.fields ?? []) {
      const own = all.fields!.get(name) ?? newSeen()
      mergeInto(own, field)
      all.fields!.set(name, own)
    }
  }
  return all
}
