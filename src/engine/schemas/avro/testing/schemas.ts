/** Short hands for tests of this folder. */
import { applyFix } from '../../json-text/testing'
import { type AvroSchema, parseAvro } from '../index'

export { applyFix }

/** Parses what must parse; JSON values are written as text first. */
export function schemaOf(schema: unknown, references: ReadonlyMap<string, string> = new Map(), isNew = true): AvroSchema {
  const text = typeof schema === 'string' && /^\s*["[{]/.test(schema) ? schema : JSON.stringify(schema)
  const parsed = parseAvro(text, references, { isNew })
  if (!parsed.ok) throw new Error(`${text} does not parse: ${parsed.error.map((problem) => problem.message).join(' ')}`)
  return parsed.value
}

export const record = (name: string, fields: readonly unknown[], rest: object = {}) => ({ type: 'record', name, ...rest, fields })
export const enumOf = (name: string, symbols: readonly string[], rest: object = {}) => ({ type: 'enum', name, symbols, ...rest })
export const fixed = (name: string, size: number, rest: object = {}) => ({ type: 'fixed', name, size, ...rest })
export const field = (name: string, type: unknown, rest: object = {}) => ({ name, type, ...rest })
