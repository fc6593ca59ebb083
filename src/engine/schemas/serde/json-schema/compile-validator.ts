/**
 * JSON Schema by ajv, drafts 4 to 2020-12, for validating one message at a time: the draft is chosen by `$schema` (draft 7 where there is none, as
 * Confluent's serializers take it), references are found by the names that they were registered under. Numbers are compared exactly
 * (exact-keywords.ts). ajv compiles by `new Function`, so this never runs in the window.
 */
import Ajv, { type Options, type ValidateFunction } from 'ajv'
import Ajv2019 from 'ajv/dist/2019'
import Ajv2020 from 'ajv/dist/2020'
import AjvDraft4 from 'ajv-draft-04'
import addFormats from 'ajv-formats'
import type { ReferencedTexts } from '../../format'
import { isJsonObject, JsonSyntaxError, type JsonValue, parseJson } from '../json-value'
import { boundedPattern, type Pattern } from './bounded-pattern'
import { installExactKeywords, toPlain } from './exact-keywords'

/** Why a value is not of the schema: `segments` lead to it in the data. */
export interface Violation {
  readonly segments: readonly (string | number)[]
  readonly message: string
}

/** The schema's text cannot be compiled. */
export class JsonSchemaError extends Error {
  override readonly name = 'JsonSchemaError'
}

/** A function from value to its first violation, or null. Throws {@link JsonSchemaError}. */
export function compileValidator(text: string, references: ReferencedTexts): (value: JsonValue) => Violation | null {
  const schema = read(text, 'the schema')
  const root: { current: JsonValue } = { current: null }
  const ajv = newAjv(schema)
  addFormats(ajv as never)
  installExactKeywords(ajv, root)
  let validate: ValidateFunction
  try {
    addReferences(ajv, schema, references)
    validate = ajv.compile(plainSchema(schema))
  } catch (error) {
    if (error instanceof RangeError) throw new JsonSchemaError('the schema refers to itself without end')
    throw new JsonSchemaError(error instanceof Error ? error.message : String(error))
  }
  return (value) => {
    root.current = value
    try {
      if (validate(toPlain(value))) return null
    } catch (error) {
      // ajv follows references by calls: those that lead round in a circle end with the stack.
      if (error instanceof RangeError)
        return { segments: [], message: 'cannot be judged: the schema refers to itself without end' }
      throw error
    }
    const errors = validate.errors ?? []
    // Of several, the deepest says what is wrong; "must match a schema in anyOf" is only where it was noticed.
    const error = errors.reduce((best, next) => (depth(next) > depth(best) ? next : best), errors[0]!)
    return { segments: segmentsOf(error.instancePath, value), message: sentence(error) }
  }
}

function newAjv(schema: JsonValue): Ajv {
  const options: Options = {
    strict: false,
    validateSchema: false,
    allErrors: false,
    ownProperties: true,
    logger: false,
    code: { regExp: Object.assign((pattern: string, flags: string) => lenientRegExp(pattern, flags), { code: 'new RegExp' }) },
  }
  const draft = isJsonObject(schema) ? schema.get('$schema') : undefined
  const name = typeof draft === 'string' ? draft : ''
  if (name.includes('2020-12')) return new Ajv2020(options) as unknown as Ajv
  if (name.includes('2019-09')) return new Ajv2019(options) as unknown as Ajv
  if (name.includes('draft-04')) return new AjvDraft4(options) as unknown as Ajv
  return new Ajv(options)
}

/** ajv reads patterns with the flag u, under which escapes that Java takes ("\-") are errors. */
function lenientRegExp(pattern: string, flags: string): Pattern {
  try {
    return boundedPattern(new RegExp(pattern, flags))
  } catch {
    return boundedPattern(new RegExp(pattern, flags.replace('u', '')))
  }
}

/** Under their names, and under what a `$ref` by that name means below each `$id` there is. */
function addReferences(ajv: Ajv, schema: JsonValue, references: ReferencedTexts): void {
  const texts = Array.from(references, ([name, text]) => ({ name, schema: read(text, `the referenced schema '${name}'`) }))
  const bases = [schema, ...texts.map((entry) => entry.schema)].map(idOf).filter((id) => id !== null)
  for (const entry of texts) {
    const keys = new Set([entry.name, ...bases.flatMap((base) => resolved(entry.name, base))])
    const own = idOf(entry.schema)
    if (own !== null) keys.add(own)
    for (const key of keys) {
      if (Object.hasOwn(ajv.schemas, key) || Object.hasOwn(ajv.refs, key)) continue
      const plain = plainSchema(entry.schema)
      if (key !== own && isRecord(plain)) {
        delete plain['$id']
        delete plain['id']
      }
      ajv.addSchema(plain as object, key)
    }
  }
}

function resolved(name: string, base: string): string[] {
  try {
    return [new URL(name, base).href]
  } catch {
    return []
  }
}

function idOf(schema: JsonValue): string | null {
  if (!isJsonObject(schema)) return null
  const id = schema.get('$id') ?? schema.get('id')
  return typeof id === 'string' ? id.replace(/#$/, '') : null
}

/** Without `$schema`, which chose the class already and which ajv would look up among its own. */
function plainSchema(schema: JsonValue): object | boolean {
  const plain = toPlain(schema)
  if (isRecord(plain)) delete plain['$schema']
  return plain as object | boolean
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function read(text: string, what: string): JsonValue {
  try {
    return parseJson(text)
  } catch (error) {
    if (error instanceof JsonSyntaxError) throw new JsonSchemaError(`${what} is no JSON: ${error.message}, at ${error.offset}`)
    throw error
  }
}

type AjvError = NonNullable<ValidateFunction['errors']>[number]

const depth = (error: AjvError): number => error.instancePath.split('/').length

/** A pointer's numbers are items only where the data has a list there. */
function segmentsOf(pointer: string, value: JsonValue): readonly (string | number)[] {
  let current: JsonValue | undefined = value
  return pointer
    .split('/')
    .slice(1)
    .map((part) => {
      const name = part.replaceAll('~1', '/').replaceAll('~0', '~')
      if (Array.isArray(current)) {
        current = current[Number(name)]
        return Number(name)
      }
      current = current instanceof Map ? current.get(name) : undefined
      return name
    })
}

function sentence(error: AjvError): string {
  const params = error.params as Record<string, unknown>
  switch (error.keyword) {
    case 'additionalProperties':
      return `must have no property '${String(params['additionalProperty'])}': the schema names all that it allows`
    case 'unevaluatedProperties':
      return `must have no property '${String(params['unevaluatedProperty'])}': the schema names all that it allows`
    case 'required':
      return `must have the property '${String(params['missingProperty'])}'`
    case 'false schema':
      return 'must not be there: the schema allows no value here'
    default:
      return error.message ?? `breaks '${error.keyword}'`
  }
}
