/** Generates values of any declared message in any version, for tests: all that the version can carry, unknown tagged fields included. */
import fc from 'fast-check'
import { isInBody, isTagged } from '../schema/compile-decoder'
import { defaultOf } from '../schema/defaults'
import type { FieldDeclaration, Fields, ScalarType } from '../schema/fields'
import { includesVersion } from '../schema/versions'

/** Buffers, because that is what views on a frame are. */
const anyBytes = (maxLength: number) => fc.uint8Array({ maxLength }).map((bytes) => Buffer.from(bytes))

const SCALARS: Readonly<Record<ScalarType, fc.Arbitrary<unknown>>> = {
  bool: fc.boolean(),
  int8: fc.integer({ min: -0x80, max: 0x7f }),
  int16: fc.integer({ min: -0x8000, max: 0x7fff }),
  uint16: fc.integer({ min: 0, max: 0xffff }),
  int32: fc.integer(),
  uint32: fc.integer({ min: 0, max: 0xffffffff }),
  int64: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  int64n: fc.maxSafeInteger(),
  float64: fc.double({ noNaN: true }),
  uuid: fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => Buffer.from(bytes).toString('base64url')),
  string: fc.oneof(fc.string({ unit: 'grapheme', maxLength: 12 }), fc.constant('a'.repeat(200))),
  bytes: anyBytes(20),
  records: anyBytes(20),
}

/** Tags far from those that Kafka uses. */
const unknownTags = fc
  .uniqueArray(fc.record({ tag: fc.integer({ min: 1000, max: 0x7fffffff }), data: anyBytes(200) }), {
    maxLength: 3,
    minLength: 1,
    selector: ({ tag }) => tag,
  })
  .map((fields) => fields.sort((left, right) => left.tag - right.tag))

function arbitraryField(field: FieldDeclaration, version: number, flexible: boolean): fc.Arbitrary<unknown> {
  if (!isInBody(field, version) && !isTagged(field, version)) return fc.constant(defaultOf(field))
  const value = arbitraryValue(field, version, flexible)
  return includesVersion(field.options.nullable, version) ? fc.oneof({ weight: 4, arbitrary: value }, fc.constant(null)) : value
}

function arbitraryValue(field: FieldDeclaration, version: number, flexible: boolean): fc.Arbitrary<unknown> {
  if (field.type === 'struct') return arbitraryMessage(field.element as Fields, version, flexible)
  if (field.type !== 'array') return SCALARS[field.type]
  const element = field.element as ScalarType | Fields
  return fc.array(typeof element === 'string' ? SCALARS[element] : arbitraryMessage(element, version, flexible), { maxLength: 3 })
}

export function arbitraryMessage(fields: Fields, version: number, flexible: boolean): fc.Arbitrary<object> {
  const known = fc.record(
    Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, arbitraryField(field, version, flexible)])),
  )
  if (!flexible) return known
  const withUnknown = fc.tuple(known, unknownTags).map(([message, unknownTaggedFields]) => ({ ...message, unknownTaggedFields }))
  return fc.oneof({ weight: 3, arbitrary: known }, withUnknown)
}
