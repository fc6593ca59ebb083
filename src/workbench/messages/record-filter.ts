/**
 * Filters made of what a person chose, as one test of a record. Nothing is rounded: numbers compare by their digits, text as it was sent or as its
 * schema decodes it. Patterns (`matches`) and scripts are not run here but told to the sandbox, which can be ended when one does not.
 */
import type { DecodedRecord } from '../../engine/wire/records'
import { compareDecimal, isDecimal } from '../../shared/exact-number'
import { WorkbenchError } from '../../shared/ipc/errors'
import { findField, type JsonField, type PathStep, parsePath } from '../../shared/json-field'
import type { FilterField, MessageFilter } from '../../shared/model/messages'

/** A record with where it stands, and the JSON that its schemas make of key and value. */
export interface SeenRecord {
  readonly topic: string
  readonly partition: number
  readonly record: DecodedRecord
  /** null: it carries no schema's mark, or cannot be decoded. */
  json(part: 'key' | 'value'): string | null
}

export interface PatternTest {
  readonly source: string
  readonly flags: string
  /** What it is held to, of a record; none: it does not match. */
  texts(seen: SeenRecord): string[]
}

export interface RecordFilter {
  test(seen: SeenRecord): boolean
  readonly patterns: readonly PatternTest[]
}

type Test = (seen: SeenRecord) => boolean

/** Throws BAD_FILTER with what is wrong with which filter. */
export function compileFilters(filters: readonly MessageFilter[]): RecordFilter {
  const tests: Test[] = []
  const patterns: PatternTest[] = []
  for (const filter of filters) {
    if (filter.operator === 'matches') patterns.push(patternOf(filter))
    else tests.push(testOf(filter))
  }
  return { patterns, test: (seen) => tests.every((test) => test(seen)) }
}

function patternOf(filter: MessageFilter): PatternTest {
  const flags = filter.isCaseSensitive ? 'u' : 'iu'
  try {
    new RegExp(filter.operand, flags)
  } catch (error) {
    throw bad(filter, `is no pattern: ${(error as Error).message}`)
  }
  const values = valuesOf(filter)
  return { source: filter.operand, flags, texts: (seen) => values(seen).flatMap((value) => value?.text ?? []) }
}

function bad(filter: MessageFilter, why: string): WorkbenchError {
  return new WorkbenchError('expected', 'BAD_FILTER', `The filter on ${nameOf(filter.field)}: '${filter.operand}' ${why}.`)
}

function nameOf(field: FilterField): string {
  if (field.kind === 'header') return `the header ${field.name}`
  return field.kind === 'field' ? `${field.part}.${field.path}` : field.kind
}

type Value = { readonly kind: JsonField['kind'] | 'bytes'; readonly text: string }
/** One for each there is; null for a null. Of a header that stands twice, both. */
type ValuesOf = (seen: SeenRecord) => readonly (Value | null)[]

function valuesOf(filter: MessageFilter): ValuesOf {
  const { field } = filter
  switch (field.kind) {
    case 'key':
    case 'value': {
      const part = field.kind
      return (seen) => [textOf(seen, part)]
    }
    case 'header': {
      const { name } = field
      return ({ record }) => {
        const values: (Value | null)[] = []
        for (const { key, value } of record.headers)
          if (key === name) values.push(value === null ? null : { kind: 'bytes', text: utf8(value) })
        return values
      }
    }
    case 'field': {
      const steps = stepsOf(filter, field.path)
      const { part } = field
      return (seen) => {
        const found = fieldOf(seen, part, steps)
        return found === null ? [] : [found.kind === 'null' ? null : found]
      }
    }
    case 'partition':
      return ({ partition }) => [number(partition)]
    case 'offset':
      return ({ record }) => [number(record.offset)]
    case 'timestamp':
      return ({ record }) => [number(record.timestamp)]
    case 'size':
      return ({ record }) => [number(sizeOf(record))]
  }
}

const number = (value: number | bigint): Value => ({ kind: 'number', text: String(value) })

function stepsOf(filter: MessageFilter, path: string): readonly PathStep[] {
  const steps = parsePath(path)
  if (steps === null || steps.length === 0)
    throw new WorkbenchError(
      'expected',
      'BAD_FILTER',
      `'${path}' is no path of a field (${nameOf(filter.field)}). Write it as lines[0].sku or customer.id.`,
    )
  return steps
}

/** A field of key or value, decoded by its schema or JSON as it was sent; null: absent. */
export function fieldOf(seen: SeenRecord, part: 'key' | 'value', steps: readonly PathStep[]): JsonField | null {
  const json = seen.json(part) ?? jsonTextOf(seen.record[part])
  return json === null ? null : findField(json, steps)
}

const openBrace = 0x7b
const openBracket = 0x5b
const space = 0x20

/** The bytes as text where they may be JSON of an object or a list: a look at the first byte tells of most that are not. */
function jsonTextOf(bytes: Uint8Array | null): string | null {
  if (bytes === null) return null
  let at = 0
  while (at < bytes.length && (bytes[at] ?? 0) <= space) at++
  return bytes[at] === openBrace || bytes[at] === openBracket ? utf8(bytes) : null
}

function textOf(seen: SeenRecord, part: 'key' | 'value'): Value | null {
  const bytes = seen.record[part]
  if (bytes === null) return null
  return { kind: 'bytes', text: seen.json(part) ?? utf8(bytes) }
}

export function sizeOf(record: DecodedRecord): number {
  return (record.key?.length ?? 0) + (record.value?.length ?? 0)
}

function utf8(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8')
}

function testOf(filter: MessageFilter): Test {
  const values = valuesOf(filter)
  const fold = filter.isCaseSensitive ? (text: string) => text : (text: string) => text.toLowerCase()
  const operand = fold(filter.operand)
  const some = (holds: (value: Value) => boolean): Test => {
    return (seen) => values(seen).some((value) => value !== null && holds(value))
  }
  const not =
    (test: Test): Test =>
    (seen) =>
      !test(seen)
  switch (filter.operator) {
    case 'exists':
      return (seen) => isThere(filter.field, seen, values)
    case 'absent':
      return (seen) => !isThere(filter.field, seen, values)
    case 'is-null':
      return (seen) => values(seen).some((value) => value === null)
    case 'not-null':
      return (seen) => values(seen).some((value) => value !== null)
    case 'contains':
      return rawContains(filter, operand) ?? some((value) => fold(value.text).includes(operand))
    case 'not-contains':
      return not(some((value) => fold(value.text).includes(operand)))
    case 'starts':
      return some((value) => fold(value.text).startsWith(operand))
    case 'equals':
      return some((value) => isEqual(value, fold, operand))
    case 'not-equals':
      return not(some((value) => isEqual(value, fold, operand)))
    case 'greater':
    case 'at-least':
    case 'less':
    case 'at-most': {
      if (!isDecimal(filter.operand)) throw bad(filter, 'is no number, and greater and less compare numbers')
      const { operator } = filter
      return some((value) => {
        const order = compareDecimal(value.text, filter.operand)
        if (order === null) return false
        if (operator === 'greater') return order > 0
        if (operator === 'at-least') return order >= 0
        return operator === 'less' ? order < 0 : order <= 0
      })
    }
    case 'matches':
      throw new Error('patterns are for the sandbox')
  }
}

/** A key or value that is null is there all the same to nobody who filters: it does not exist. */
function isThere(field: FilterField, seen: SeenRecord, values: ValuesOf): boolean {
  const found = values(seen)
  return field.kind === 'key' || field.kind === 'value' ? found.some((value) => value !== null) : found.length > 0
}

/** 1284.5 equals 1284.50: a number is what it is worth, however it is written. */
function isEqual(value: Value, fold: (text: string) => string, operand: string): boolean {
  if (fold(value.text) === operand) return true
  return value.kind === 'number' && compareDecimal(value.text, operand) === 0
}

/** The exact case of a whole key or value is looked for in its bytes: most of a long read is never made text. */
function rawContains(filter: MessageFilter, operand: string): Test | null {
  const { field } = filter
  if (!filter.isCaseSensitive || (field.kind !== 'key' && field.kind !== 'value')) return null
  const part = field.kind
  const wanted = Buffer.from(operand)
  return (seen) => {
    const bytes = seen.record[part]
    if (bytes === null) return false
    const json = seen.json(part)
    return json === null ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes(wanted) : json.includes(operand)
  }
}
