/**
 * Values of any declared message in any version, quickly: what fast-check's arbitraries do for the round-trip tests (wire/testing), without their
 * shrinking, for the valid inputs that fuzzing starts from. Leans to edges.
 */
import { isInBody, isTagged } from '../../wire/schema/compile-decoder'
import { defaultOf } from '../../wire/schema/defaults'
import type { FieldDeclaration, Fields, ScalarType } from '../../wire/schema/fields'
import { includesVersion } from '../../wire/schema/versions'
import type { FuzzRandom } from './fuzz-random'
import { validBatch } from './generate-records'

const NAMES = ['orders', 'a', '', 'payments-7', 'x'.repeat(249), 'héllo', '__consumer_offsets', 'topic id', '\u0000', '消息']

export function generateMessage(fields: Fields, version: number, isFlexible: boolean, random: FuzzRandom, depth = 0): object {
  const message: Record<string, unknown> = {}
  for (const [name, field] of Object.entries(fields)) message[name] = fieldValue(field, version, isFlexible, random, depth)
  if (isFlexible && random.chance(0.1)) message['unknownTaggedFields'] = unknownTags(random)
  return message
}

function fieldValue(field: FieldDeclaration, version: number, isFlexible: boolean, random: FuzzRandom, depth: number): unknown {
  if (!isInBody(field, version) && !isTagged(field, version)) return defaultOf(field)
  if (includesVersion(field.options.nullable, version) && random.chance(0.15)) return null
  if (field.type === 'struct') return generateMessage(field.element as Fields, version, isFlexible, random, depth + 1)
  if (field.type !== 'array') return scalarOf(field.type, random)
  const element = field.element as ScalarType | Fields
  const count = random.chance(0.02) ? random.below(40) : random.below(depth > 1 ? 3 : 4)
  return Array.from({ length: count }, () =>
    typeof element === 'string' ? scalarOf(element, random) : generateMessage(element, version, isFlexible, random, depth + 1),
  )
}

function scalarOf(type: ScalarType, random: FuzzRandom): unknown {
  switch (type) {
    case 'bool':
      return random.chance(0.5)
    case 'int8':
      return (random.int32() << 24) >> 24
    case 'int16':
      return (random.int32() << 16) >> 16
    case 'uint16':
      return random.int32() & 0xffff
    case 'int32':
      return random.int32()
    case 'uint32':
      return random.int32() >>> 0
    case 'int64':
      return random.int64()
    case 'int64n':
      return random.chance(0.8) ? random.int32() : Number(BigInt.asIntN(53, random.int64()))
    case 'float64':
      return random.pick([0, 1.5, -1, 1e300, Number.POSITIVE_INFINITY])
    case 'uuid':
      return random.bytes(16).toString('base64url')
    case 'string':
      return random.pick(NAMES)
    case 'bytes':
      return random.bytes(random.size(200))
    case 'records':
      return random.chance(0.7) ? validBatch(random) : random.bytes(random.size(100))
  }
}

function unknownTags(random: FuzzRandom): { tag: number; data: Buffer }[] {
  const first = random.between(1000, 100_000)
  return Array.from({ length: random.between(1, 3) }, (_, index) => ({ tag: first + index, data: random.bytes(random.size(60)) }))
}
