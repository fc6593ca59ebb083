/**
 * Snappy, in both shapes that Kafka's clients send: raw (librdkafka, franz-go) and in the framing of xerial's Java library, which Java
 * clients write and always accept, and so do we write:
 *
 *     0x82 "SNAPPY" 0x00 · version int32 · oldest compatible version int32 · { block length int32 · raw snappy block }
 *
 * A raw block is its length as a varint and then elements: literals, and copies of what came before.
 */
import { DecodeError } from '../wire-error'
import { copyLiteral, copyMatch } from './copy-bytes'

const XERIAL_MAGIC = Uint8Array.of(0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00)
const XERIAL_HEADER_SIZE = 16
/** Block size of xerial's output stream. */
const XERIAL_BLOCK_SIZE = 32 * 1024

/** No element yields more bytes a byte than a copy of 64 bytes in three; so a length that cannot come true is seen before it is allocated. */
const EXPANSION_MAX = 22

const HASH_BITS = 14
const hashTable = new Uint16Array(1 << HASH_BITS)

export function snappyDecompress(input: Uint8Array, sizeMax: number): Uint8Array {
  if (!XERIAL_MAGIC.every((byte, index) => input[index] === byte)) return decompressRaw(input, 0, input.length, sizeMax)
  const blocks: Uint8Array[] = []
  let size = 0
  let position = XERIAL_HEADER_SIZE
  while (position < input.length) {
    if (input.length - position < 4) throw new DecodeError('snappy: block length is cut off', position)
    const length =
      ((input[position]! << 24) | (input[position + 1]! << 16) | (input[position + 2]! << 8) | input[position + 3]!) >>> 0
    position += 4
    if (length > input.length - position) throw new DecodeError(`snappy: block of ${length} bytes is cut off`, position)
    const block = decompressRaw(input, position, position + length, sizeMax - size)
    blocks.push(block)
    size += block.length
    position += length
  }
  return blocks.length === 1 ? blocks[0]! : Buffer.concat(blocks, size)
}

export function snappyCompress(input: Uint8Array): Uint8Array {
  const blockCount = Math.max(1, Math.ceil(input.length / XERIAL_BLOCK_SIZE))
  const output = Buffer.allocUnsafe(
    XERIAL_HEADER_SIZE + blockCount * (4 + compressedSizeMax(Math.min(input.length, XERIAL_BLOCK_SIZE))),
  )
  output.set(XERIAL_MAGIC)
  output.writeInt32BE(1, 8)
  output.writeInt32BE(1, 12)
  let at = XERIAL_HEADER_SIZE
  for (let block = 0; block < blockCount; block++) {
    const start = block * XERIAL_BLOCK_SIZE
    const end = compressBlock(input, start, Math.min(input.length, start + XERIAL_BLOCK_SIZE), output, at + 4)
    output.writeInt32BE(end - at - 4, at)
    at = end
  }
  return output.subarray(0, at)
}

function compressedSizeMax(size: number): number {
  return 32 + size + Math.floor(size / 6)
}

export function decompressRaw(input: Uint8Array, start: number, end: number, sizeMax: number): Uint8Array {
  let position = start
  let size = 0
  for (let shift = 0; ; shift += 7) {
    if (position >= end || shift > 28) throw new DecodeError('snappy: length is not readable', start)
    const byte = input[position++]!
    size += (byte & 0x7f) * 2 ** shift
    if (byte < 0x80) break
  }
  if (size > sizeMax) throw new DecodeError(`snappy: ${size} bytes uncompressed, ${sizeMax} is the most`, start)
  if (size > (end - position) * EXPANSION_MAX) throw new DecodeError(`snappy: ${end - position} bytes cannot hold ${size}`, start)
  const output = Buffer.allocUnsafe(size)
  let written = 0
  while (position < end) {
    const at = position
    const tag = input[position++]!
    const kind = tag & 0x03
    let length = (tag >>> 2) + 1
    if (kind === 0) {
      const lengthBytes = length - 60
      if (lengthBytes > 0) {
        if (lengthBytes > end - position) throw new DecodeError('snappy: literal is cut off', at)
        length = 1
        for (let index = 0; index < lengthBytes; index++) length += input[position++]! * 2 ** (index * 8)
      }
      if (length > end - position || length > size - written)
        throw new DecodeError(`snappy: literal of ${length} bytes does not fit`, at)
      copyLiteral(input, position, length, output, written)
      position += length
      written += length
      continue
    }
    let offset: number
    if (kind === 1) {
      length = ((tag >>> 2) & 0x07) + 4
      offset = ((tag >>> 5) << 8) | (input[position] ?? 0)
      position += 1
    } else {
      offset = (input[position] ?? 0) | ((input[position + 1] ?? 0) << 8)
      if (kind === 3) offset += (input[position + 2] ?? 0) * 65536 + (input[position + 3] ?? 0) * 16777216
      position += kind === 3 ? 4 : 2
    }
    if (position > end || offset === 0 || offset > written || length > size - written) {
      throw new DecodeError(`snappy: copy of ${length} bytes from ${offset} back does not fit`, at)
    }
    copyMatch(output, written, offset, length)
    written += length
  }
  if (written !== size) throw new DecodeError(`snappy: gave ${written} bytes of ${size}`, end)
  return output
}

function word(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
}

function hash(value: number): number {
  return Math.imul(value, 0x1e35a7bd) >>> (32 - HASH_BITS)
}

/** Compresses one block of at most 64 KiB to `output` at `at`, and answers where it ends. Greedy, as Google's own. */
function compressBlock(input: Uint8Array, start: number, end: number, output: Uint8Array, at: number): number {
  let out = at
  for (let rest = end - start; ; rest >>>= 7) {
    if (rest < 0x80) {
      output[out++] = rest
      break
    }
    output[out++] = (rest & 0x7f) | 0x80
  }
  hashTable.fill(0)
  const lastMatchStart = end - 15
  let literalStart = start
  let position = start + 1
  // Looks further ahead the longer nothing matches, so that incompressible data costs little.
  let patience = 32
  while (position <= lastMatchStart) {
    const value = word(input, position)
    const slot = hash(value)
    const candidate = start + hashTable[slot]!
    hashTable[slot] = position - start
    if (candidate >= position || word(input, candidate) !== value) {
      position += patience++ >>> 5
      continue
    }
    patience = 32
    if (position > literalStart) out = emitLiteral(input, literalStart, position, output, out)
    let length = 4
    while (position + length < end && input[position + length] === input[candidate + length]) length++
    out = emitCopy(position - candidate, length, output, out)
    position += length
    literalStart = position
  }
  return end > literalStart ? emitLiteral(input, literalStart, end, output, out) : out
}

function emitLiteral(input: Uint8Array, start: number, end: number, output: Uint8Array, at: number): number {
  let out = at
  const length = end - start - 1
  if (length < 60) {
    output[out++] = length << 2
  } else if (length < 256) {
    output[out++] = 60 << 2
    output[out++] = length
  } else {
    output[out++] = 61 << 2
    output[out++] = length
    output[out++] = length >>> 8
  }
  copyLiteral(input, start, length + 1, output, out)
  return out + length + 1
}

function emitCopy(offset: number, length: number, output: Uint8Array, at: number): number {
  let out = at
  let rest = length
  while (rest > 0) {
    // A copy is at most 64 bytes, and what is left must be at least 4, where the shortest form begins.
    const part = rest <= 64 ? rest : rest < 68 ? 60 : 64
    if (part >= 4 && part < 12 && offset < 2048) {
      output[out++] = 1 | ((part - 4) << 2) | ((offset >>> 8) << 5)
      output[out++] = offset
    } else {
      output[out++] = 2 | ((part - 1) << 2)
      output[out++] = offset
      output[out++] = offset >>> 8
    }
    rest -= part
  }
  return out
}
