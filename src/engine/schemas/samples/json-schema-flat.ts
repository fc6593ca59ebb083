/**
 * A JSON Schema made flat for sampling: references followed, allOf put together, one branch of oneOf, anyOf and if/then/else chosen. What was asked in
 * several places holds at once. It need not be exact: samples are validated afterwards, and another choice is tried.
 */

import type { ReferencedTexts } from '../format'
import { compareNumbers } from '../serde/json-schema/exact-keywords'
import { isJsonArray, isJsonObject, JsonNumber, type JsonObject, type JsonValue, parseJson } from '../serde/json-value'
import { SampleError } from './sample-limits'
import type { SampleRandom } from './sample-random'

/** A schema within the document that its references start from. */
export interface Located {
  readonly schema: JsonValue
  readonly document: JsonValue
}

export interface Flat {
  isNever: boolean
  types: readonly string[] | null
  options: readonly JsonValue[] | null
  readonly examples: JsonValue[]
  readonly properties: Map<string, Located[]>
  readonly patterns: { readonly pattern: string; readonly value: Located }[]
  readonly additional: Located[]
  readonly required: Set<string>
  readonly names: Located[]
  readonly requiredWith: Map<string, readonly string[]>
  readonly prefix: Located[][]
  readonly items: Located[]
  readonly contains: Located[]
  /** minLength, maximum, multipleOf … by keyword; the tightest of several. */
  readonly bounds: Map<string, JsonNumber>
  readonly textPatterns: string[]
  format: string | null
  isUnique: boolean
}

const LOWER = new Set(['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties', 'minContains'])
const UPPER = new Set(['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties', 'maxContains'])
/** Steps of references and combinations followed for one value; a schema that refers to itself without end stops here. */
const stepsMax = 200

/** Finds schemas by `$ref`. */
export class SchemaDocuments {
  private readonly documents = new Map<string, JsonValue>()
  readonly root: Located

  constructor(text: string, references: ReferencedTexts) {
    const schema = parseJson(text)
    for (const [name, referenced] of references) this.add(name, parseJson(referenced))
    this.root = { schema, document: schema }
    this.add('', schema)
  }

  private add(name: string, schema: JsonValue): void {
    this.documents.set(name, schema)
    const id = idOf(schema)
    if (id !== null) this.documents.set(id, schema)
  }

  resolve(reference: string, from: JsonValue): Located {
    const [address, fragment = ''] = reference.split('#') as [string, string?]
    const document = address === '' ? from : this.document(address, from)
    const schema =
      document === undefined
        ? undefined
        : fragment === '' || fragment.startsWith('/')
          ? pointed(document, fragment)
          : anchored(document, fragment)
    if (schema === undefined) throw new SampleError(`the reference '${reference}' leads nowhere`)
    return { schema, document: document! }
  }

  private document(address: string, from: JsonValue): JsonValue | undefined {
    const base = idOf(from)
    return (
      this.documents.get(address) ??
      (base === null ? undefined : this.documents.get(joined(address, base))) ??
      embedded(from, address)
    )
  }
}

export class Flattener {
  private steps = 0

  constructor(
    private readonly documents: SchemaDocuments,
    private readonly random: SampleRandom,
    /** Takes the branches that end soonest. */
    private readonly isLate: boolean,
  ) {}

  flatten(all: readonly Located[]): Flat {
    const flat: Flat = {
      ...{ isNever: false, types: null, options: null, examples: [], properties: new Map(), patterns: [], additional: [] },
      ...{ required: new Set(), names: [], requiredWith: new Map(), prefix: [], items: [], contains: [], bounds: new Map() },
      ...{ textPatterns: [], format: null, isUnique: false },
    }
    for (const located of all) this.add(flat, located)
    return flat
  }

  private add(flat: Flat, { schema, document }: Located): void {
    if (++this.steps > stepsMax) throw new SampleError('the schema refers to itself without end')
    if (schema === false) flat.isNever = true
    if (!isJsonObject(schema)) return
    const at = (inner: JsonValue): Located => ({ schema: inner, document })
    const reference = schema.get('$ref') ?? schema.get('$dynamicRef')
    if (typeof reference === 'string') this.add(flat, this.documents.resolve(reference, document))
    for (const inner of list(schema.get('allOf'))) this.add(flat, at(inner))
    for (const keyword of ['oneOf', 'anyOf']) {
      const options = list(schema.get(keyword))
      if (options.length > 0) this.add(flat, at(this.choose(options, document)))
    }
    this.addCondition(flat, schema, at)
    addValues(flat, schema)
    addContainers(flat, schema, at)
  }

  private addCondition(flat: Flat, schema: JsonObject, at: (inner: JsonValue) => Located): void {
    const condition = schema.get('if')
    if (condition === undefined) return
    const isMet = this.random.chance(0.5)
    if (isMet) this.add(flat, at(condition))
    const outcome = schema.get(isMet ? 'then' : 'else')
    if (outcome !== undefined) this.add(flat, at(outcome))
  }

  private choose(options: readonly JsonValue[], document: JsonValue): JsonValue {
    if (!this.isLate) return this.random.pick(options)
    return options.reduce((best, next) => (this.cost(next, document) < this.cost(best, document) ? next : best))
  }

  /** How much more a branch asks for: 0 a scalar, more for containers, most for what leads on. */
  private cost(schema: JsonValue, document: JsonValue, steps = 0): number {
    if (!isJsonObject(schema)) return 0
    const reference = schema.get('$ref')
    if (typeof reference === 'string') {
      if (steps > 5) return 10
      const target = this.documents.resolve(reference, document)
      return 1 + this.cost(target.schema, target.document, steps + 1)
    }
    const type = schema.get('type')
    if (schema.has('const') || schema.has('enum') || (typeof type === 'string' && type !== 'object' && type !== 'array')) return 0
    return 1 + list(schema.get('required')).length
  }
}

function addValues(flat: Flat, schema: JsonObject): void {
  const type = schema.get('type')
  const types =
    typeof type === 'string'
      ? [type]
      : isJsonArray(type ?? null)
        ? (type as readonly JsonValue[]).filter((name) => typeof name === 'string')
        : null
  if (types !== null) flat.types = flat.types === null ? types : bothTypes(flat.types, types)
  const only = schema.get('const')
  if (only !== undefined) flat.options = [only]
  else if (schema.has('enum') && flat.options === null) flat.options = list(schema.get('enum'))
  flat.examples.push(...list(schema.get('examples')))
  const pattern = schema.get('pattern')
  if (typeof pattern === 'string') flat.textPatterns.push(pattern)
  const format = schema.get('format')
  if (typeof format === 'string') flat.format = format
  if (schema.get('uniqueItems') === true) flat.isUnique = true
  for (const [keyword, bound] of schema) {
    if (!(bound instanceof JsonNumber)) continue
    const held = flat.bounds.get(keyword)
    if (held === undefined) flat.bounds.set(keyword, bound)
    else if (LOWER.has(keyword) && compareNumbers(bound, held) > 0) flat.bounds.set(keyword, bound)
    else if (UPPER.has(keyword) && compareNumbers(bound, held) < 0) flat.bounds.set(keyword, bound)
  }
  // Draft 4's way to say it.
  for (const [flag, keyword] of [
    ['exclusiveMinimum', 'minimum'],
    ['exclusiveMaximum', 'maximum'],
  ] as const) {
    const bound = schema.get(keyword)
    if (schema.get(flag) === true && bound instanceof JsonNumber) flat.bounds.set(flag, bound)
  }
}

function addContainers(flat: Flat, schema: JsonObject, at: (inner: JsonValue) => Located): void {
  for (const [name, inner] of entries(schema.get('properties')))
    flat.properties.set(name, [...(flat.properties.get(name) ?? []), at(inner)])
  for (const [pattern, inner] of entries(schema.get('patternProperties'))) flat.patterns.push({ pattern, value: at(inner) })
  for (const name of list(schema.get('required'))) if (typeof name === 'string') flat.required.add(name)
  for (const keyword of ['dependentRequired', 'dependencies']) {
    for (const [name, needs] of entries(schema.get(keyword))) {
      if (isJsonArray(needs))
        flat.requiredWith.set(
          name,
          needs.filter((need) => typeof need === 'string'),
        )
    }
  }
  const single = (keyword: string, into: Located[]): void => {
    const inner = schema.get(keyword)
    if (inner !== undefined && !isJsonArray(inner)) into.push(at(inner))
  }
  single('additionalProperties', flat.additional)
  single('propertyNames', flat.names)
  single('contains', flat.contains)
  const tuple = isJsonArray(schema.get('items') ?? null) ? schema.get('items') : schema.get('prefixItems')
  for (const [index, inner] of list(tuple).entries()) flat.prefix[index] = [...(flat.prefix[index] ?? []), at(inner)]
  single('items', flat.items)
  if (isJsonArray(schema.get('items') ?? null)) single('additionalItems', flat.items)
}

function bothTypes(a: readonly string[], b: readonly string[]): readonly string[] {
  const both = a.filter((type) => b.includes(type))
  if (
    !both.includes('integer') &&
    (a.includes('integer') || b.includes('integer')) &&
    (a.includes('number') || b.includes('number'))
  )
    both.push('integer')
  return both
}

export const list = (value: JsonValue | undefined): readonly JsonValue[] =>
  value !== undefined && isJsonArray(value) ? value : []
const entries = (value: JsonValue | undefined): Iterable<[string, JsonValue]> =>
  value !== undefined && isJsonObject(value) ? value : []

function idOf(schema: JsonValue): string | null {
  if (!isJsonObject(schema)) return null
  const id = schema.get('$id') ?? schema.get('id')
  return typeof id === 'string' ? id.replace(/#$/, '') : null
}

function joined(address: string, base: string): string {
  try {
    return new URL(address, base).href
  } catch {
    return address
  }
}

function pointed(document: JsonValue, pointer: string): JsonValue | undefined {
  let current: JsonValue | undefined = document
  for (const step of pointer.split('/').slice(1)) {
    const name = decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~')
    if (current === undefined) return undefined
    current = isJsonArray(current) ? current[Number(name)] : isJsonObject(current) ? current.get(name) : undefined
  }
  return current
}

/** A subschema with this `$anchor` (or `$id: "#name"`, as drafts 4 to 7 write it). */
const anchored = (document: JsonValue, anchor: string): JsonValue | undefined =>
  find(
    document,
    (schema) => [schema.get('$anchor'), schema.get('$dynamicAnchor')].includes(anchor) || idText(schema) === `#${anchor}`,
  )

/** A subschema that brings its own `$id`. */
const embedded = (document: JsonValue, address: string): JsonValue | undefined =>
  find(document, (schema) => idText(schema) === address)

const idText = (schema: JsonObject): JsonValue | undefined => schema.get('$id') ?? schema.get('id')

function find(value: JsonValue, isIt: (schema: JsonObject) => boolean): JsonValue | undefined {
  if (isJsonObject(value) && isIt(value)) return value
  const inner = isJsonArray(value) ? value : isJsonObject(value) ? value.values() : []
  for (const item of inner) {
    const found = find(item, isIt)
    if (found !== undefined) return found
  }
  return undefined
}
