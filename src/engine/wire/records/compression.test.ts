import * as judge from '@platformatic/wasm-utils/bundled'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { DecodeError } from '../wire-error'
import { compress, decompress, initCompression } from './compression'
import { xxHash32 } from './xx-hash32'

const CODECS = ['gzip', 'snappy', 'lz4', 'zstd'] as const
const SIZE_MAX = 4 * 1024 * 1024

/** Runs, repetitions at many distances and noise, of sizes on both sides of every block size. */
const anyContent = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 400 }),
      fc.tuple(fc.nat(255), fc.nat(70_000)).map(([byte, length]) => new Uint8Array(length).fill(byte)),
      fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.nat(300)).map(([unit, times]) => repeat(unit, times)),
    ),
    { maxLength: 8 },
  )
  .map((parts) => new Uint8Array(Buffer.concat(parts)))

function repeat(unit: Uint8Array, times: number): Uint8Array {
  return Buffer.concat(Array.from({ length: times }, () => unit))
}

const noise = Uint8Array.from({ length: 150_000 }, (_, index) => Math.imul(index ^ 0x5bd1e995, 0x9e3779b1) >>> 24)

beforeAll(() => initCompression())

describe.each(CODECS)('%s', (codec) => {
  it('gives back what was compressed', () => {
    fc.assert(
      fc.property(anyContent, (content) => {
        expect(Buffer.compare(decompress(codec, compress(codec, content)), content)).toBe(0)
      }),
      { numRuns: 60 },
    )
  })

  it('gives back what cannot be compressed', () => {
    expect(Buffer.compare(decompress(codec, compress(codec, noise)), noise)).toBe(0)
  })

  it('makes repetitive content much smaller', () => {
    const content = repeat(Buffer.from('{"id":1,"name":"broker"},'), 4000)
    expect(compress(codec, content).length).toBeLessThan(content.length / 8)
  })

  // Whatever the bytes: a result within the limit, or a DecodeError.
  it('answers damaged input with DecodeError and stays usable', () => {
    const intact = compress(codec, repeat(Buffer.from('some text to be damaged, '), 200))
    const damages = fc.array(fc.tuple(fc.nat(intact.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 })
    const damaged = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.tuple(damages, fc.nat(intact.length)).map(([changes, length]) => {
        const bytes = Uint8Array.from(intact)
        for (const [at, value] of changes) bytes[at] = value
        return length % 3 === 0 ? bytes.subarray(0, length) : bytes
      }),
    )
    fc.assert(
      fc.property(damaged, (bytes) => {
        try {
          expect(decompress(codec, bytes, SIZE_MAX).length).toBeLessThanOrEqual(SIZE_MAX)
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError)
        }
      }),
      { numRuns: codec === 'gzip' ? 300 : 1000 },
    )
    expect(decompress(codec, intact).length).toBe(25 * 200)
  })

  it('stops at the limit', () => {
    const bomb = compress(codec, new Uint8Array(2 * 1024 * 1024))
    expect(() => decompress(codec, bomb, 1024 * 1024)).toThrow(DecodeError)
    expect(decompress(codec, bomb, 2 * 1024 * 1024).length).toBe(2 * 1024 * 1024)
  })
})

/** The judge keeps a view on its memory, which is stale once that has grown, and makes a new one only for input that is longer: an empty one fails. */
function renewed(): typeof judge {
  judge.crc32c(new Uint8Array(1))
  return judge
}

describe('against another implementation', () => {
  it('reads and writes lz4 frames as it does', () => {
    fc.assert(
      fc.property(anyContent, (content) => {
        expect(Buffer.compare(renewed().lz4Decompress(Buffer.from(compress('lz4', content))), content)).toBe(0)
        expect(Buffer.compare(decompress('lz4', renewed().lz4Compress(Buffer.from(content))), content)).toBe(0)
      }),
      { numRuns: 60 },
    )
  })

  it('reads and writes raw snappy as it does', () => {
    fc.assert(
      fc.property(anyContent, (content) => {
        expect(Buffer.compare(decompress('snappy', renewed().snappyCompress(Buffer.from(content))), content)).toBe(0)
        const written = xerialBlocks(compress('snappy', content)).map((block) => renewed().snappyDecompress(block))
        expect(Buffer.compare(Buffer.concat(written), content)).toBe(0)
      }),
      { numRuns: 60 },
    )
  })
})

function xerialBlocks(framed: Uint8Array): Buffer[] {
  const bytes = Buffer.from(framed)
  expect(bytes.subarray(0, 16).toString('hex')).toBe('82534e41505059000000000100000001')
  const blocks: Buffer[] = []
  for (let at = 16; at < bytes.length; ) {
    const length = bytes.readInt32BE(at)
    blocks.push(bytes.subarray(at + 4, at + 4 + length))
    at += 4 + length
  }
  return blocks
}

describe('shapes that other writers give', () => {
  it('reads xerial snappy of several blocks', () => {
    const block = Buffer.from([3, 2 << 2, 0x61, 0x62, 0x63])
    const length = Buffer.from([0, 0, 0, block.length])
    const header = Buffer.from('82534e41505059000000000100000001', 'hex')
    expect(decompress('snappy', Buffer.concat([header, length, block, length, block]))).toEqual(Buffer.from('abcabc'))
  })

  it('reads snappy copies with offsets of four bytes, which no common writer makes', () => {
    const raw = Buffer.from([8, 3 << 2, 0x61, 0x62, 0x63, 0x64, (3 << 2) | 3, 4, 0, 0, 0])
    expect(decompress('snappy', raw)).toEqual(Buffer.from('abcdabcd'))
  })

  it('reads lz4 with content size, checksums and linked blocks', () => {
    const content = Buffer.from('abcdabcd')
    const descriptor = Buffer.from([0x5c, 0x40, 8, 0, 0, 0, 0, 0, 0, 0])
    const stored = Buffer.from('abcd')
    // The second block copies from the first: no literals, then four bytes from four back; and ends with an empty literal.
    const linked = Buffer.from([0x00, 4, 0, 0x00])
    const frame = Buffer.concat([
      Buffer.from('04224d18', 'hex'),
      descriptor,
      Buffer.from([(xxHash32(descriptor) >>> 8) & 0xff]),
      uint32(0x80000000 + stored.length),
      stored,
      uint32(xxHash32(stored)),
      uint32(linked.length),
      linked,
      uint32(xxHash32(linked)),
      uint32(0),
      uint32(xxHash32(content)),
    ])
    expect(decompress('lz4', frame)).toEqual(content)
    frame[frame.length - 1]! ^= 1
    expect(() => decompress('lz4', frame)).toThrow('checksum of the content')
  })

  it('reads zstd that does not tell its content size, as Java writes it, also beyond the first guess', () => {
    const blockSize = 128 * 1024
    const blockCount = 40
    const header = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58])
    const blocks = Array.from({ length: blockCount }, (_, index) => {
      const runLength = (blockSize << 3) | (1 << 1) | (index === blockCount - 1 ? 1 : 0)
      return Buffer.from([runLength, runLength >>> 8, runLength >>> 16, 0x41])
    })
    const frame = Buffer.concat([header, ...blocks])
    const content = decompress('zstd', frame)
    expect(content.length).toBe(blockSize * blockCount)
    expect(content.every((byte) => byte === 0x41)).toBe(true)
    expect(() => decompress('zstd', frame, 1024 * 1024)).toThrow(DecodeError)
  })

  it('does not believe a zstd frame that promises four gigabytes', () => {
    const frame = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0xa0, 0xff, 0xff, 0xff, 0xff, 1, 0, 0])
    expect(() => decompress('zstd', frame)).toThrow(/4294967295 bytes uncompressed/)
  })
})

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}
