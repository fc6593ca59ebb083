/**
 * The little language in which messages are declared, and the types that follow from a declaration. A message is an object of fields in
 * wire order; a field is made by the function named after its type: `acks: int16('0+')`, `name: string('0+', { nullable: '12+' })`,
 * `topics: array('0+', { … })`. Declarations say what Kafka's own definitions say, in the same words; nothing here reads or writes a byte.
 */
import type { Uuid } from '../uuid'
import type { RecordsSource } from '../writer'
import type { Versions } from './versions'

export type ScalarType =
  | 'bool'
  | 'int8'
  | 'int16'
  | 'uint16'
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'int64n'
  | 'float64'
  | 'uuid'
  | 'string'
  | 'bytes'
  | 'records'

/** What a codec is compiled from. */
export interface FieldDeclaration {
  readonly type: ScalarType | 'array' | 'struct'
  readonly versions: Versions
  /** Of an array: what it holds. Of a struct: itself. */
  readonly element: ScalarType | Fields | null
  readonly options: AnyOptions
}

type AnyOptions = Options<unknown>

export interface Options<T> {
  /** Versions in which the value may be null. */
  readonly nullable?: Versions
  /** The value where the field is absent; without it Kafka's: 0, false, '', [], a struct of defaults, and null for records. */
  readonly default?: T
  /** May be dropped silently when a request is written in a version without the field. */
  readonly ignorable?: true
  /** Tagged fields stand at the end of a struct, in any version of `tagged`, and only when they are not the default. */
  readonly tag?: number
  readonly tagged?: Versions
}

/** A tagged field that this declaration does not know: kept, and written back. `data` is a view on the frame. */
export interface UnknownTaggedField {
  readonly tag: number
  readonly data: Uint8Array
}

declare const types: unique symbol

export interface Field<D, E, Optional extends boolean> extends FieldDeclaration {
  readonly [types]: { readonly decoded: D; readonly encodable: E; readonly optional: Optional }
}

export type Fields = { readonly [name: string]: Field<unknown, unknown, boolean> }

/** A field may be left out when encoding where it has a default, may be dropped, or is not in all versions. */
type IsOptional<V, O> = O extends { readonly default: unknown } | { readonly ignorable: true } | { readonly tag: number }
  ? true
  : V extends '0+'
    ? false
    : true

type OrNull<T, O> = O extends { readonly nullable: Versions } ? T | null : T

declare const encodable: unique symbol

/** What decoding gives: every field, in every version. Arrays and structs that stand for a default are shared and frozen. */
export type DecodedStruct<F extends Fields> = {
  readonly [K in keyof F]: F[K][typeof types]['decoded']
} & { readonly unknownTaggedFields?: readonly UnknownTaggedField[]; readonly [encodable]?: EncodableStruct<F> }

type OptionalKeys<F extends Fields> = { [K in keyof F]: F[K][typeof types]['optional'] extends true ? K : never }[keyof F]

export type EncodableStruct<F extends Fields> = {
  readonly [K in Exclude<keyof F, OptionalKeys<F>>]: F[K][typeof types]['encodable']
} & {
  readonly [K in OptionalKeys<F>]?: F[K][typeof types]['encodable'] | undefined
} & { readonly unknownTaggedFields?: readonly UnknownTaggedField[] | undefined }

/** What encoding takes, for a decoded type. */
export type Encodable<T> = typeof encodable extends keyof T ? Exclude<T[typeof encodable], undefined> : T

interface ScalarTypes {
  bool: boolean
  int8: number
  int16: number
  uint16: number
  int32: number
  uint32: number
  int64: bigint
  int64n: number
  float64: number
  uuid: Uuid
  string: string
  bytes: Uint8Array
  records: Uint8Array
}

type EncodableScalar<S extends ScalarType> = S extends 'records' ? Uint8Array | RecordsSource : ScalarTypes[S]

function scalar<S extends ScalarType>(type: S) {
  return <V extends Versions, const O extends Options<ScalarTypes[S] | null> = Record<never, never>>(versions: V, options?: O) =>
    ({ type, versions, element: null, options: options ?? {} }) as unknown as Field<
      OrNull<ScalarTypes[S], O>,
      OrNull<EncodableScalar<S>, O>,
      IsOptional<V, O>
    >
}

export const bool = scalar('bool')
export const int8 = scalar('int8')
export const int16 = scalar('int16')
export const uint16 = scalar('uint16')
export const int32 = scalar('int32')
export const uint32 = scalar('uint32')
/** Where a client can choose the value: exact, a bigint. */
export const int64 = scalar('int64')
/** Where only a broker chooses the value, an offset or a time: a number. */
export const int64n = scalar('int64n')
export const float64 = scalar('float64')
export const uuid = scalar('uuid')
export const string = scalar('string')
export const bytes = scalar('bytes')
export const records = scalar('records')

type DecodedElement<E> = E extends ScalarType ? ScalarTypes[E] : E extends Fields ? DecodedStruct<E> : never
type EncodableElement<E> = E extends ScalarType ? EncodableScalar<E> : E extends Fields ? EncodableStruct<E> : never

export function array<
  V extends Versions,
  const E extends ScalarType | Fields,
  const O extends Options<readonly never[] | null> = Record<never, never>,
>(versions: V, element: E, options?: O) {
  return { type: 'array', versions, element, options: options ?? {} } as unknown as Field<
    OrNull<readonly DecodedElement<E>[], O>,
    OrNull<readonly EncodableElement<E>[], O>,
    IsOptional<V, O>
  >
}

export function struct<V extends Versions, const F extends Fields, const O extends Options<null> = Record<never, never>>(
  versions: V,
  fields: F,
  options?: O,
) {
  return { type: 'struct', versions, element: fields, options: options ?? {} } as unknown as Field<
    OrNull<DecodedStruct<F>, O>,
    OrNull<EncodableStruct<F>, O>,
    IsOptional<V, O>
  >
}
