/** What a field holds where it is absent. Defaults are made once a declaration and shared by all that is decoded, hence frozen. */

import { ZERO_UUID } from '../uuid'
import type { FieldDeclaration, Fields, ScalarType } from './fields'

export type AnyStruct = { [name: string]: unknown }

const EMPTY_BYTES: Uint8Array = new Uint8Array(0)
const EMPTY_ARRAY: readonly never[] = Object.freeze([])

const SCALAR_DEFAULTS: Readonly<Record<ScalarType, unknown>> = {
  bool: false,
  int8: 0,
  int16: 0,
  uint16: 0,
  int32: 0,
  uint32: 0,
  int64: 0n,
  int64n: 0,
  float64: 0,
  uuid: ZERO_UUID,
  string: '',
  bytes: EMPTY_BYTES,
  records: null,
}

export function defaultOf(field: FieldDeclaration): unknown {
  if (field.options.default !== undefined) return field.options.default
  if (field.type === 'array') return EMPTY_ARRAY
  if (field.type === 'struct') return Object.freeze(structDefaults(field.element as Fields))
  return SCALAR_DEFAULTS[field.type]
}

/** A struct with every field at its default, in declared order: the template of all structs of this declaration. */
export function structDefaults(fields: Fields): AnyStruct {
  return Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, defaultOf(field)]))
}

/** Whether `value` is `fallback`, as Kafka compares: structs field by field, arrays only as empty ones. A field left out is the default. */
export function isDefault(value: unknown, fallback: unknown): boolean {
  if (value === undefined || value === fallback) return true
  if (value === null || fallback === null || typeof value !== 'object' || typeof fallback !== 'object') return false
  if (Array.isArray(fallback)) return Array.isArray(value) && value.length === 0
  if (fallback instanceof Uint8Array) return value instanceof Uint8Array && value.length === 0
  const struct = value as AnyStruct
  if (Array.isArray(struct['unknownTaggedFields']) && struct['unknownTaggedFields'].length > 0) return false
  return Object.entries(fallback).every(([name, expected]) => isDefault(struct[name], expected))
}
