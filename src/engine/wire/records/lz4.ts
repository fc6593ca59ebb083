/**
 * The lz4 frame format, as Kafka uses it in format 2: magic, descriptor with its checksum, blocks, end mark, optional checksums.
 * Written as Kafka's Java client does: independent blocks of 64 KiB, no content checksum. Read in every shape that the format has but
 * for dictionaries, linked blocks included.
 */
import { DecodeError } from '../wire-error'
import { copyLiteral, copyMatch } from './copy-bytes'
import { xxHash32 } from './xx-hash32'

const FRAME_MAGIC = 0x184d2204
const BLOCK_SIZE = 64 * 1024
/** Version 1, independent blocks. */
const FLAGS = 0x60
/** Blocks of at most 64 KiB. */
const BLOCK_DESCRIPTOR = 0x40
const UNCOMPRESSED_BIT = 0x80000000

const HASH_BITS = 14
const hashTable = new Int32Array(1 << HASH_BITS)
const MATCH_MIN = 4
/** The format wants the last five bytes of a block as literals, and no match to begin in the last twelve. */
const LAST_LITERALS = 5
const MATCH_START_MARGIN = 12

function word(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
}

/** Output that grows by blocks, up to a limit. Later blocks may refer to earlier ones, so all of it is one buffer. */
class Output {
  bytes: Buffer
  length = 0

  constructor(
    initialSize: number,
    readonly sizeMax: number,
  ) {
    this.bytes = Buffer.allocUnsafe(Math.min(initialSize, sizeMax))
  }

  reserve(count: number, position: number): void {
    const needed = this.length + count
    if (needed <= this.bytes.length) return
    if (needed > this.sizeMax) throw new DecodeError(`lz4: more than ${this.sizeMax} bytes uncompressed`, position)
    const grown = Buffer.allocUnsafe(Math.min(this.sizeMax, Math.max(needed, this.bytes.length * 2)))
    this.bytes.copy(grown, 0, 0, this.length)
    this.bytes = grown
  }
}

export function lz4Decompress(input: Uint8Array, sizeMax: number): Uint8Array {
  const need = (position: number, count: number) => {
    if (count > input.length - position) throw new DecodeError('lz4: frame is cut off', position)
  }
  need(0, 7)
  if (word(input, 0) !== FRAME_MAGIC) throw new DecodeError('lz4: not a frame', 0)
  const flags = input[4]!
  if (flags >>> 6 !== 1) throw new DecodeError(`lz4: frame of version ${flags >>> 6}`, 4)
  if ((flags & 0x01) !== 0) throw new DecodeError('lz4: frame needs a dictionary', 4)
  const hasBlockChecksum = (flags & 0x10) !== 0
  const hasContentSize = (flags & 0x08) !== 0
  const hasContentChecksum = (flags & 0x04) !== 0
  const blockSizeCode = (input[5]! >>> 4) & 0x07
  if (blockSizeCode < 4) throw new DecodeError(`lz4: block size code ${blockSizeCode}`, 5)
  const blockSizeMax = 1 << (8 + 2 * blockSizeCode)
  const descriptorEnd = hasContentSize ? 14 : 6
  need(descriptorEnd, 1)
  if (input[descriptorEnd] !== ((xxHash32(input, 4, descriptorEnd) >>> 8) & 0xff)) {
    throw new DecodeError('lz4: checksum of the frame descriptor is wrong', descriptorEnd)
  }

  let position = descriptorEnd + 1
  const output = new Output(input.length * 4, sizeMax)
  for (;;) {
    need(position, 4)
    const sizeField = word(input, position) >>> 0
    position += 4
    if (sizeField === 0) break
    const isUncompressed = sizeField >= UNCOMPRESSED_BIT
    const size = isUncompressed ? sizeField - UNCOMPRESSED_BIT : sizeField
    if (size > blockSizeMax) throw new DecodeError(`lz4: block of ${size} bytes, ${blockSizeMax} is the most`, position)
    need(position, size)
    if (isUncompressed) {
      output.reserve(size, position)
      output.bytes.set(input.subarray(position, position + size), output.length)
      output.length += size
    } else {
      decompressBlock(input, position, position + size, output, output.length + blockSizeMax)
    }
    position += size
    if (hasBlockChecksum) {
      need(position, 4)
      if (word(input, position) >>> 0 !== xxHash32(input, position - size, position)) {
        throw new DecodeError('lz4: checksum of a block is wrong', position)
      }
      position += 4
    }
  }
  if (hasContentChecksum) {
    need(position, 4)
    if (word(input, position) >>> 0 !== xxHash32(output.bytes, 0, output.length)) {
      throw new DecodeError('lz4: checksum of the content is wrong', position)
    }
  }
  return output.bytes.subarray(0, output.length)
}

function decompressBlock(input: Uint8Array, start: number, end: number, output: Output, outputEnd: number): void {
  let position = start
  const fail = (reason: string): never => {
    throw new DecodeError(`lz4: ${reason}`, position)
  }
  const readLength = (nibble: number): number => {
    let length = nibble
    if (nibble < 15) return length
    for (;;) {
      if (position >= end) fail('length is cut off')
      const byte = input[position++]!
      length += byte
      if (byte !== 255) return length
    }
  }
  while (position < end) {
    const token = input[position++]!
    const literalLength = readLength(token >>> 4)
    if (literalLength > end - position) fail(`literal of ${literalLength} bytes is cut off`)
    if (literalLength > outputEnd - output.length) fail('block is longer than its frame allows')
    output.reserve(literalLength, position)
    copyLiteral(input, position, literalLength, output.bytes, output.length)
    output.length += literalLength
    position += literalLength
    if (position === end) return
    if (end - position < 2) fail('offset is cut off')
    const offset = input[position]! | (input[position + 1]! << 8)
    position += 2
    const matchLength = readLength(token & 0x0f) + MATCH_MIN
    if (offset === 0 || offset > output.length) fail(`match from ${offset} back, ${output.length} bytes are there`)
    if (matchLength > outputEnd - output.length) fail('block is longer than its frame allows')
    output.reserve(matchLength, position)
    copyMatch(output.bytes, output.length, offset, matchLength)
    output.length += matchLength
  }
}

export function lz4Compress(input: Uint8Array): Uint8Array {
  const blockCount = Math.ceil(input.length / BLOCK_SIZE)
  const output = Buffer.allocUnsafe(7 + blockCount * 4 + input.length + 4 + blockSizeBound(Math.min(input.length, BLOCK_SIZE)))
  output.writeUInt32LE(FRAME_MAGIC, 0)
  output[4] = FLAGS
  output[5] = BLOCK_DESCRIPTOR
  output[6] = (xxHash32(output, 4, 6) >>> 8) & 0xff
  let at = 7
  for (let start = 0; start < input.length; start += BLOCK_SIZE) {
    const end = Math.min(input.length, start + BLOCK_SIZE)
    const blockEnd = compressBlock(input, start, end, output, at + 4)
    const size = blockEnd - at - 4
    if (size < end - start) {
      output.writeUInt32LE(size, at)
      at = blockEnd
    } else {
      output.writeUInt32LE(UNCOMPRESSED_BIT + end - start, at)
      output.set(input.subarray(start, end), at + 4)
      at += 4 + end - start
    }
  }
  output.writeUInt32LE(0, at)
  return output.subarray(0, at + 4)
}

function blockSizeBound(size: number): number {
  return size + Math.floor(size / 255) + 16
}

function compressBlock(input: Uint8Array, start: number, end: number, output: Uint8Array, at: number): number {
  let out = at
  hashTable.fill(-1)
  const lastMatchStart = end - MATCH_START_MARGIN
  const lastMatchEnd = end - LAST_LITERALS
  let literalStart = start
  let position = start
  // Looks further ahead the longer nothing matches, so that incompressible data costs little.
  let patience = 64
  while (position < lastMatchStart) {
    const value = word(input, position)
    const slot = Math.imul(value, 0x9e3779b1) >>> (32 - HASH_BITS)
    const candidate = hashTable[slot]!
    hashTable[slot] = position
    // Blocks are no longer than 64 KiB, so within one every offset but 65536 itself can be said, and that needs a match at its very end.
    if (candidate < 0 || word(input, candidate) !== value) {
      position += patience++ >>> 6
      continue
    }
    patience = 64
    let length = MATCH_MIN
    while (position + length < lastMatchEnd && input[position + length] === input[candidate + length]) length++
    out = emitSequence(input, literalStart, position, position - candidate, length, output, out)
    position += length
    literalStart = position
  }
  return emitSequence(input, literalStart, end, 0, 0, output, out)
}

/** Literals and a match; without a match (length 0) the end of a block. */
function emitSequence(
  input: Uint8Array,
  literalStart: number,
  literalEnd: number,
  offset: number,
  matchLength: number,
  output: Uint8Array,
  at: number,
): number {
  let out = at + 1
  const literalLength = literalEnd - literalStart
  const matchCode = matchLength === 0 ? 0 : matchLength - MATCH_MIN
  output[at] = (Math.min(literalLength, 15) << 4) | Math.min(matchCode, 15)
  out = emitLength(literalLength, output, out)
  copyLiteral(input, literalStart, literalLength, output, out)
  out += literalLength
  if (matchLength === 0) return out
  output[out++] = offset
  output[out++] = offset >>> 8
  return emitLength(matchCode, output, out)
}

function emitLength(length: number, output: Uint8Array, at: number): number {
  if (length < 15) return at
  let out = at
  let rest = length - 15
  for (; rest >= 255; rest -= 255) output[out++] = 255
  output[out++] = rest
  return out
}
