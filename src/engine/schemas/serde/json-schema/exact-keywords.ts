/**
 * The keywords of JSON Schema that compare numbers, on the numbers as they are written. ajv compares doubles, for which 2^63-1 and 2^63 are one; so
 * ajv gets doubles for everything else and asks these functions here. Installed into an Ajv instance by compile-validator.ts, used by nobody else.
 */
import type { Ajv, FuncKeywordDefinition } from 'ajv'
import { parseDecimal } from '../decimal-text'
import { excerpt, isJsonArray, isJsonObject, JsonNumber, type JsonObject, type JsonValue } from '../json-value'

/** What ajv walks over, with the way back to what is meant. */
export interface PlainValue {
  readonly plain: unknown
  readonly exact: JsonValue
}

/** Containers that ajv sees, with the exact values they stand for. */
const exactOf = new WeakMap<object, JsonValue>()

/**
 * The same value of plain objects and doubles. A double stands in only to have a type: a number that is no double becomes the nearest that is
 * whole exactly if it is.
 */
export function toPlain(value: JsonValue): unknown {
  if (value instanceof JsonNumber) return plainNumber(value)
  if (isJsonArray(value)) {
    const items = value.map(toPlain)
    exactOf.set(items, value)
    return items
  }
  if (!isJsonObject(value)) return value
  const object: Record<string, unknown> = {}
  for (const [name, item] of value) {
    // An assignment to '__proto__' would set the prototype.
    if (name === '__proto__')
      Object.defineProperty(object, name, { value: toPlain(item), enumerable: true, configurable: true, writable: true })
    else object[name] = toPlain(item)
  }
  exactOf.set(object, value)
  return object
}

function plainNumber(number: JsonNumber): number {
  const double = number.toDouble()
  if (!Number.isFinite(double)) return double > 0 ? Number.MAX_VALUE : -Number.MAX_VALUE
  if (!Number.isInteger(double)) return double
  const decimal = parseDecimal(number.text)
  const isWhole = decimal === null || decimal.scale <= 0 || decimal.unscaled % 10n ** BigInt(decimal.scale) === 0n
  return isWhole ? double : 0.5
}

interface Context {
  readonly parentData?: unknown
  readonly parentDataProperty?: string | number
}

/** The exact value behind what ajv hands over. A root that is a number has no container: then the double is all there is to name it by. */
function exact(data: unknown, context: Context | undefined, root: { current: JsonValue }): JsonValue {
  if (typeof data === 'object' && data !== null) return exactOf.get(data) ?? null
  if (typeof data !== 'number') return data as JsonValue
  const parent = context?.parentData
  const container = typeof parent === 'object' && parent !== null ? exactOf.get(parent) : undefined
  if (container === undefined) return root.current
  const item = isJsonArray(container)
    ? container[Number(context!.parentDataProperty)]
    : (container as JsonObject).get(String(context!.parentDataProperty))
  return item ?? new JsonNumber(String(data))
}

/** Negative, zero, positive, as numbers; with rounding only where an exponent is beyond all sense. */
export function compareNumbers(left: JsonNumber, right: JsonNumber): number {
  const [a, b] = [parseDecimal(left.text), parseDecimal(right.text)]
  if (a === null || b === null) return left.toDouble() - right.toDouble()
  const scale = Math.max(a.scale, b.scale)
  const difference = a.unscaled * 10n ** BigInt(scale - a.scale) - b.unscaled * 10n ** BigInt(scale - b.scale)
  return difference === 0n ? 0 : difference < 0n ? -1 : 1
}

function isMultiple(value: JsonNumber, of: JsonNumber): boolean {
  const [a, b] = [parseDecimal(value.text), parseDecimal(of.text)]
  if (a === null || b === null || b.unscaled === 0n) return true
  const scale = Math.max(a.scale, b.scale)
  return (a.unscaled * 10n ** BigInt(scale - a.scale)) % (b.unscaled * 10n ** BigInt(scale - b.scale)) === 0n
}

/** Equal values of JSON have equal keys: 1, 1.0 and 1e0 are one number, and the order of names does not count. */
export function identityKey(value: JsonValue): string {
  if (value instanceof JsonNumber) {
    const decimal = parseDecimal(value.text)
    if (decimal === null) return value.text
    let { unscaled, scale } = decimal
    if (unscaled === 0n) return '0'
    while (unscaled % 10n === 0n) {
      unscaled /= 10n
      scale--
    }
    return `${unscaled}e${-scale}`
  }
  if (isJsonArray(value)) return `[${value.map(identityKey).join(',')}]`
  if (!isJsonObject(value)) return JSON.stringify(value)
  const names = [...value.keys()].sort()
  return `{${names.map((name) => `${JSON.stringify(name)}:${identityKey(value.get(name)!)}`).join(',')}}`
}

type Rule = (data: JsonValue, limit: JsonValue, parent: JsonObject) => string | null

const limit =
  (isFine: (order: number, parent: JsonObject) => boolean, words: (parent: JsonObject) => string): Rule =>
  (data, bound, parent) =>
    !(bound instanceof JsonNumber) || !(data instanceof JsonNumber) || isFine(compareNumbers(data, bound), parent)
      ? null
      : `must be ${words(parent)} ${bound.text}`

/** Draft 4 says `exclusiveMaximum: true` beside `maximum`; later drafts give it a number of its own. */
const isExclusive = (parent: JsonObject, name: string): boolean => parent.get(name) === true

const rules: Readonly<Record<string, Rule>> = {
  maximum: limit(
    (order, parent) => order < 0 || (order === 0 && !isExclusive(parent, 'exclusiveMaximum')),
    (parent) => (isExclusive(parent, 'exclusiveMaximum') ? '<' : '<='),
  ),
  minimum: limit(
    (order, parent) => order > 0 || (order === 0 && !isExclusive(parent, 'exclusiveMinimum')),
    (parent) => (isExclusive(parent, 'exclusiveMinimum') ? '>' : '>='),
  ),
  exclusiveMaximum: limit(
    (order) => order < 0,
    () => '<',
  ),
  exclusiveMinimum: limit(
    (order) => order > 0,
    () => '>',
  ),
  multipleOf: (data, of) =>
    data instanceof JsonNumber && of instanceof JsonNumber && !isMultiple(data, of) ? `must be multiple of ${of.text}` : null,
  const: (data, only) => (identityKey(data) === identityKey(only) ? null : `must be ${excerpt(only)}`),
  enum: (data, values) => {
    if (!isJsonArray(values)) return null
    const key = identityKey(data)
    return values.some((value) => identityKey(value) === key) ? null : `must be one of ${excerpt(values, 160)}`
  },
  uniqueItems: (data, isAsked) => {
    if (isAsked !== true || !isJsonArray(data)) return null
    const seen = new Map<string, number>()
    for (const [index, item] of data.entries()) {
      const key = identityKey(item)
      const first = seen.get(key)
      if (first !== undefined) return `must hold no item twice: items ${first} and ${index} are equal`
      seen.set(key, index)
    }
    return null
  },
}

/** Puts the rules in place of ajv's own. `root` is set by the caller before each validation. */
export function installExactKeywords(ajv: Ajv, root: { current: JsonValue }): void {
  for (const [keyword, rule] of Object.entries(rules)) {
    ajv.removeKeyword(keyword)
    const definition: FuncKeywordDefinition = {
      keyword,
      errors: true,
      compile: (given: unknown, parentSchema: object) => {
        const parent = (exactOf.get(parentSchema) ?? new Map()) as JsonObject
        const bound = parent.get(keyword) ?? (given as JsonValue)
        const validate: { (data: unknown, context?: Context): boolean; errors?: object[] } = (data, context) => {
          const message = rule(exact(data, context, root), bound, parent)
          if (message === null) return true
          validate.errors = [{ keyword, message, params: {} }]
          return false
        }
        return validate as never
      },
    }
    ajv.addKeyword(definition)
  }
}
