/**
 * A message of a JSON Schema, by the names of its properties, formats, patterns, bounds and examples. Each is validated before it is handed out; one that
 * fails (a `not`, a condition) is made again with other choices, and the last tries take the smallest that is allowed.
 */

import type { ReferencedTexts } from '../format'
import { compileValidator, type Violation } from '../serde/json-schema/compile-validator'
import { identityKey } from '../serde/json-schema/exact-keywords'
import { JsonNumber, type JsonValue } from '../serde/json-value'
import { formatPath } from '../serde/serde-error'
import { textByName } from './field-meaning'
import { type Flat, Flattener, type Located, SchemaDocuments } from './json-schema-flat'
import { numberOf } from './number-within'
import { textOfPattern } from './pattern-text'
import { SampleError, sampleDepthMax, valuesMax } from './sample-limits'
import { SampleRandom } from './sample-random'
import { textOfFormat } from './text-of-format'

const attemptsMax = 60

/** A function from seed and number to message. Throws JsonSchemaError for what is no schema; the function throws SampleError. */
export function jsonSchemaSampler(text: string, references: ReferencedTexts): (seed: number, index: number) => JsonValue {
  const violationOf = compileValidator(text, references)
  const documents = new SchemaDocuments(text, references)
  return (seed, index) => {
    let last: Violation | null = null
    let failure: SampleError | null = null
    for (let attempt = 0; attempt < attemptsMax; attempt++) {
      const random = new SampleRandom(seed + attempt * 7919, index)
      try {
        const value = new JsonSample(documents, random, attempt).value([documents.root], '', '', 0)
        last = violationOf(value)
        if (last === null) return value
      } catch (error) {
        if (!(error instanceof SampleError)) throw error
        failure = error
      }
    }
    const why = last === null ? (failure?.message ?? '') : `${formatPath(last.segments)} ${last.message}`.trim()
    throw new SampleError(`no message was found in ${attemptsMax} tries: ${why}`)
  }
}

class JsonSample {
  private values = 0

  constructor(
    private readonly documents: SchemaDocuments,
    private readonly random: SampleRandom,
    private readonly attempt: number,
  ) {}

  value(schemas: readonly Located[], name: string, parent: string, depth: number): JsonValue {
    this.values++
    if (depth > 60) throw new SampleError('the schema asks for itself without end')
    const { random } = this
    const isLate = depth >= sampleDepthMax || this.values > valuesMax || this.attempt >= attemptsMax / 2
    const flat = new Flattener(this.documents, random, isLate).flatten(schemas)
    if (flat.isNever) throw new SampleError(`the schema allows nothing for '${name}'`)
    if (flat.options !== null && flat.options.length > 0) return random.pick(flat.options)
    if (flat.examples.length > 0 && this.attempt < attemptsMax / 3) return random.pick(flat.examples)
    switch (this.typeOf(flat, isLate)) {
      case 'null':
        return null
      case 'boolean':
        return random.chance(0.5)
      case 'integer':
        return numberOf(flat, true, name, random)
      case 'number':
        return numberOf(flat, false, name, random)
      case 'array':
        return this.array(flat, name, parent, depth, isLate)
      case 'object':
        return this.object(flat, name, depth, isLate)
      default:
        return this.text(flat, name, parent)
    }
  }

  /** Where none is named, what the other keywords speak of. */
  private typeOf(flat: Flat, isLate: boolean): string {
    if (flat.types !== null) {
      if (flat.types.includes('null') && (isLate || this.random.chance(0.15))) return 'null'
      const others = flat.types.filter((type) => type !== 'null')
      return others.length > 0 ? this.random.pick(others) : 'null'
    }
    if (flat.properties.size > 0 || flat.required.size > 0 || flat.additional.length > 0 || flat.patterns.length > 0)
      return 'object'
    if (flat.items.length > 0 || flat.prefix.length > 0 || flat.contains.length > 0 || flat.bounds.has('minItems')) return 'array'
    const isNumber = ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'].some((keyword) =>
      flat.bounds.has(keyword),
    )
    return isNumber ? 'number' : flat.bounds.has('minProperties') ? 'object' : 'string'
  }

  private text(flat: Flat, name: string, parent: string): JsonValue {
    const { random } = this
    const min = bound(flat, 'minLength', 0)
    const max = bound(flat, 'maxLength', Number.POSITIVE_INFINITY)
    const pattern = flat.textPatterns[0]
    if (pattern !== undefined) {
      for (let attempt = 0; attempt < 20; attempt++) {
        const text = textOfPattern(pattern, random)
        if (text === null) break
        if (text.length >= min && text.length <= max) return text
      }
    }
    const formatted = flat.format === null ? null : textOfFormat(flat.format, random)
    if (formatted !== null) return formatted
    let text = textByName(name, parent, random) ?? random.faker.lorem.words({ min: 1, max: 3 })
    while (text.length < min) text += `${text === '' ? '' : ' '}${random.faker.lorem.word()}`
    return text.length > max ? text.slice(0, max) : text
  }

  private array(flat: Flat, name: string, parent: string, depth: number, isLate: boolean): JsonValue {
    const { random } = this
    const min = bound(flat, 'minItems', 0)
    const isClosed = flat.items.some(({ schema }) => schema === false)
    const max = Math.min(
      bound(flat, 'maxItems', Number.POSITIVE_INFINITY),
      isClosed ? flat.prefix.length : Number.POSITIVE_INFINITY,
    )
    const wished = flat.prefix.length > 0 ? flat.prefix.length : isLate ? min : Math.max(min, random.between(1, 3))
    // What must be contained stands behind the tuple, whose places have schemas of their own.
    const containsCount = flat.contains.length > 0 ? bound(flat, 'minContains', 1) : 0
    const containsFrom = this.attempt % 2 === 0 ? flat.prefix.length : 0
    const count = Math.min(Math.max(wished, min, containsFrom + containsCount), max, min + 50)
    const items: JsonValue[] = []
    const seen = new Set<string>()
    for (let index = 0; index < count; index++) {
      const schemas = [
        ...(flat.prefix[index] ?? flat.items),
        ...(index >= containsFrom && index < containsFrom + containsCount ? flat.contains : []),
      ]
      for (let attempt = 0; attempt < 20; attempt++) {
        const item = this.value(schemas, name, parent, depth + 1)
        const key = identityKey(item)
        if (flat.isUnique && seen.has(key)) continue
        seen.add(key)
        items.push(item)
        break
      }
    }
    return items
  }

  private object(flat: Flat, name: string, depth: number, isLate: boolean): JsonValue {
    const { random } = this
    const max = bound(flat, 'maxProperties', Number.POSITIVE_INFINITY)
    const chosen = new Set<string>()
    const require = (property: string): void => {
      if (chosen.has(property)) return
      chosen.add(property)
      for (const needed of flat.requiredWith.get(property) ?? []) require(needed)
    }
    for (const [property, schemas] of flat.properties) {
      if (flat.required.has(property)) require(property)
      else if (!isLate && chosen.size < max && !schemas.some(({ schema }) => schema === false) && random.chance(0.85))
        require(property)
    }
    for (const property of flat.required) require(property)
    const entries = new Map<string, JsonValue>()
    for (const property of chosen) entries.set(property, this.value(schemasOf(flat, property), property, name, depth + 1))
    const isMap =
      flat.properties.size === 0 && flat.required.size === 0 && (flat.additional.some(isSchema) || flat.patterns.length > 0)
    const wished = Math.max(bound(flat, 'minProperties', 0), isMap && !isLate ? random.between(1, 2) : 0)
    for (let attempt = 0; entries.size < Math.min(wished, max) && attempt < 100; attempt++) {
      const key = this.key(flat, depth)
      if (!entries.has(key)) entries.set(key, this.value(schemasOf(flat, key), key, name, depth + 1))
    }
    return entries
  }

  /** A name that the schema allows beside its properties. */
  private key(flat: Flat, depth: number): string {
    const { random } = this
    if (flat.names.length > 0) {
      const key = this.value([...flat.names, { schema: new Map([['type', 'string']]), document: null }], '', '', depth + 1)
      if (typeof key === 'string') return key
    }
    const pattern = flat.patterns.length === 0 ? null : textOfPattern(random.pick(flat.patterns).pattern, random)
    return pattern !== null && pattern !== '' ? pattern : random.faker.lorem.word()
  }
}

/** What holds for a property: its own schema and those of patterns, else what is said of all others. */
function schemasOf(flat: Flat, property: string): readonly Located[] {
  const own = [
    ...(flat.properties.get(property) ?? []),
    ...flat.patterns.filter(({ pattern }) => matches(pattern, property)).map(({ value }) => value),
  ]
  return own.length > 0 ? own : flat.additional
}

function matches(pattern: string, property: string): boolean {
  try {
    return new RegExp(pattern).test(property)
  } catch {
    return false
  }
}

const isSchema = ({ schema }: Located): boolean => typeof schema !== 'boolean'

function bound(flat: Flat, keyword: string, absent: number): number {
  const value = flat.bounds.get(keyword)
  return value instanceof JsonNumber ? value.toDouble() : absent
}
