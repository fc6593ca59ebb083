/**
 * What is done to valid bytes to make them wrong: single bits, lengths and counts blown up in every encoding that we parse, cuts, repetitions,
 * and the beginning of one input with the end of another. Knows no format; a target that has checksums mends them afterwards.
 */
import type { FuzzRandom } from './fuzz-random'

/** No mutation makes an input longer than this: the work an input may cost is judged by its length. */
export const INPUT_BYTES_MAX = 64 * 1024

type Mutation = (bytes: Buffer, random: FuzzRandom, other: () => Uint8Array) => Buffer

function place(bytes: Buffer, random: FuzzRandom, size: number): number {
  return bytes.length < size ? -1 : random.below(bytes.length - size + 1)
}

const flipBit: Mutation = (bytes, random) => {
  if (bytes.length > 0) bytes[random.below(bytes.length)]! ^= 1 << random.below(8)
  return bytes
}

const setByte: Mutation = (bytes, random) => {
  const value = random.chance(0.5) ? random.pick([0, 1, 0x7f, 0x80, 0xff, 0xfe]) : random.next()
  if (bytes.length > 0) bytes[random.below(bytes.length)] = value
  return bytes
}

const setInt16: Mutation = (bytes, random) => {
  const at = place(bytes, random, 2)
  if (at >= 0) bytes.writeInt16BE((random.int32() << 16) >> 16, at)
  return bytes
}

const setInt32: Mutation = (bytes, random) => {
  const at = place(bytes, random, 4)
  if (at < 0) return bytes
  // Now and then what would just fit, or just not: the bytes that are left, one more, one less.
  const value = random.chance(0.3) ? bytes.length - at - 4 + random.between(-2, 2) : random.int32()
  if (random.chance(0.15)) bytes.writeInt32LE(value, at)
  else bytes.writeInt32BE(value, at)
  return bytes
}

const addToInt32: Mutation = (bytes, random) => {
  const at = place(bytes, random, 4)
  if (at >= 0) bytes.writeInt32BE((bytes.readInt32BE(at) + random.between(-16, 16)) | 0, at)
  return bytes
}

const setInt64: Mutation = (bytes, random) => {
  const at = place(bytes, random, 8)
  if (at >= 0) bytes.writeBigInt64BE(random.int64(), at)
  return bytes
}

function varintOf(value: number): number[] {
  const bytes: number[] = []
  let rest = value >>> 0
  while (rest > 0x7f) {
    bytes.push((rest & 0x7f) | 0x80)
    rest >>>= 7
  }
  bytes.push(rest)
  return bytes
}

/** In the place of one byte, as a length that was short becomes a long one; or a varint that does not end. */
const setVarint: Mutation = (bytes, random) => {
  const at = random.below(bytes.length + 1)
  const value = random.int32()
  const varint = random.chance(0.1)
    ? Array.from({ length: random.between(1, 12) }, () => random.pick([0x80, 0xff, 0x81]))
    : varintOf(random.chance(0.5) ? value : (value << 1) ^ (value >> 31))
  return Buffer.concat([bytes.subarray(0, at), Buffer.from(varint), bytes.subarray(at + 1)])
}

const truncate: Mutation = (bytes, random) => bytes.subarray(0, random.below(bytes.length + 1))

const removeRange: Mutation = (bytes, random) => {
  const start = random.below(bytes.length + 1)
  const end = Math.min(bytes.length, start + 1 + random.size(256))
  return Buffer.concat([bytes.subarray(0, start), bytes.subarray(end)])
}

const insertNoise: Mutation = (bytes, random) => {
  const at = random.below(bytes.length + 1)
  return Buffer.concat([bytes.subarray(0, at), random.bytes(1 + random.size(64)), bytes.subarray(at)])
}

const duplicateRange: Mutation = (bytes, random) => {
  const start = random.below(bytes.length + 1)
  const range = bytes.subarray(start, start + 1 + random.size(512))
  const at = random.chance(0.5) ? start : random.below(bytes.length + 1)
  const times = random.chance(0.9) ? 1 : random.between(2, 200)
  return Buffer.concat([bytes.subarray(0, at), ...Array.from({ length: times }, () => range), bytes.subarray(at)])
}

const fillRange: Mutation = (bytes, random) => {
  const start = random.below(bytes.length + 1)
  return bytes.fill(random.pick([0, 0xff, 0x80]), start, Math.min(bytes.length, start + 1 + random.size(512)))
}

const splice: Mutation = (bytes, random, other) => {
  const tail = other()
  return Buffer.concat([bytes.subarray(0, random.below(bytes.length + 1)), tail.subarray(random.below(tail.length + 1))])
}

const overwrite: Mutation = (bytes, random, other) => {
  const source = other()
  const from = random.below(source.length + 1)
  const at = random.below(bytes.length + 1)
  const part = source.subarray(from, from + 1 + random.size(256))
  return Buffer.concat([bytes.subarray(0, at), part, bytes.subarray(at + part.length)])
}

const WORDS: readonly string[] = [
  ...['0', '1', '-1', '9', '99999999999999999999', '1e9', '0x1', '2147483648', '9007199254740993', ' ', '\n', '"', '{', ']'],
  ...['\u0000', '\ud83d', ',', ':', '/', '..', '__proto__', 'null', 'true', '[', '}', '\\'],
]

const insertText: Mutation = (bytes, random) => {
  const at = random.below(bytes.length + 1)
  const replaced = random.chance(0.5) ? 1 : 0
  return Buffer.concat([bytes.subarray(0, at), Buffer.from(random.pick(WORDS)), bytes.subarray(at + replaced)])
}

const BINARY: readonly Mutation[] = [
  ...[flipBit, flipBit, setByte, setByte, setInt16, setInt32, setInt32, setInt32, addToInt32, setInt64, setVarint, setVarint],
  ...[truncate, removeRange, insertNoise, duplicateRange, fillRange, splice, overwrite],
]
const TEXT: readonly Mutation[] = [
  ...[flipBit, setByte, insertText, insertText, insertText, insertText, truncate, removeRange, insertNoise],
  ...[duplicateRange, duplicateRange, splice, overwrite],
]

/** A changed copy; `other` gives further valid inputs to take parts of. */
export function mutateBytes(input: Uint8Array, random: FuzzRandom, other: () => Uint8Array, mutations = BINARY): Buffer {
  let bytes: Buffer = Buffer.from(input)
  do bytes = random.pick(mutations)(bytes, random, other)
  while (random.chance(0.45))
  return bytes.length > INPUT_BYTES_MAX ? bytes.subarray(0, INPUT_BYTES_MAX) : bytes
}

export function mutateText(input: Uint8Array, random: FuzzRandom, other: () => Uint8Array): Buffer {
  return mutateBytes(input, random, other, TEXT)
}
