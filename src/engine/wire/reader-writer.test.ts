import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Reader } from './reader'
import { ONE_UUID, uuidFromBytes, uuidToBytes, ZERO_UUID } from './uuid'
import { DecodeError } from './wire-error'
import { Writer } from './writer'

function written(write: (writer: Writer) => void): string {
  const writer = new Writer(1)
  write(writer)
  return Buffer.from(writer.bytes()).toString('hex')
}

describe('varints', () => {
  it.each([
    [0, '00'],
    [127, '7f'],
    [128, '8001'],
    [300, 'ac02'],
    [0x7fffffff, 'ffffffff07'],
    [0xffffffff, 'ffffffff0f'],
  ])('unsigned %i is %s', (value, hex) => {
    expect(written((writer) => writer.unsignedVarint(value))).toBe(hex)
    expect(new Reader(Buffer.from(hex, 'hex')).unsignedVarint()).toBe(value)
  })

  it.each([
    [0, '00'],
    [-1, '01'],
    [1, '02'],
    [-64, '7f'],
    [64, '8001'],
    [0x7fffffff, 'feffffff0f'],
    [-0x80000000, 'ffffffff0f'],
  ])('zigzag %i is %s', (value, hex) => {
    expect(written((writer) => writer.varint(value))).toBe(hex)
    expect(new Reader(Buffer.from(hex, 'hex')).varint()).toBe(value)
    expect(written((writer) => writer.varlong(BigInt(value)))).toBe(hex)
    expect(new Reader(Buffer.from(hex, 'hex')).varlong()).toBe(BigInt(value))
  })

  it('of 64 bits come back', () => {
    const edges = [2n ** 63n - 1n, -(2n ** 63n), 2n ** 27n, 2n ** 28n, 2n ** 30n, -(2n ** 30n) - 1n]
    fc.assert(
      fc.property(fc.oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.constantFrom(...edges)), (value) => {
        const writer = new Writer()
        writer.varlong(value)
        const reader = new Reader(writer.bytes())
        expect(reader.varlong()).toBe(value)
        expect(reader.remaining).toBe(0)
      }),
    )
  })

  it.each([
    ['ffffffff1f', 'varint is longer than 32 bits'],
    ['808080808000', 'varint is longer than 32 bits'],
    ['8080', 'needs 1 bytes, 0 left'],
  ])('refuses %s', (hex, message) => {
    expect(() => new Reader(Buffer.from(hex, 'hex')).unsignedVarint()).toThrow(message)
  })

  it('refuses a varlong of more than 64 bits', () => {
    expect(() => new Reader(Buffer.from('ffffffffffffffffff02', 'hex')).varlong()).toThrow(DecodeError)
    expect(() => new Reader(Buffer.from('ffffffffffffffffffff01', 'hex')).varlong()).toThrow(DecodeError)
  })
})

describe('numbers of 64 bits', () => {
  it('come back exactly as numbers up to 2^53, and as bigint always', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => {
        const writer = new Writer()
        writer.int64n(value)
        writer.int64(BigInt(value))
        const reader = new Reader(writer.bytes())
        expect(reader.int64n()).toBe(value)
        expect(reader.int64()).toBe(BigInt(value))
        const bytes = Buffer.from(writer.bytes())
        expect(bytes.subarray(0, 8)).toEqual(bytes.subarray(8))
      }),
    )
  })
})

describe('Reader', () => {
  it('reads a part of a buffer, and not beyond it', () => {
    const reader = new Reader(Uint8Array.of(9, 9, 1, 2, 3, 9), 2, 5)
    expect(reader.int16()).toBe(0x0102)
    expect(reader.remaining).toBe(1)
    expect(() => reader.int16()).toThrow('needs 2 bytes, 1 left (at byte 4)')
  })

  it('reads plain Uint8Arrays that begin inside their memory', () => {
    const memory = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 5)
    expect(new Reader(memory.subarray(4)).int32()).toBe(5)
  })
})

describe('Writer', () => {
  it('gives the same bytes however small it starts', () => {
    const write = (writer: Writer) => {
      for (let index = 0; index < 100; index++) writer.string('grüße '.repeat(index), index % 2 === 0)
    }
    const large = new Writer(1024 * 1024)
    write(large)
    expect(written(write)).toBe(Buffer.from(large.bytes()).toString('hex'))
  })

  it('is empty after reset, and lets go of a buffer that one large message has grown', () => {
    const writer = new Writer(64)
    writer.raw(new Uint8Array(6 * 1024 * 1024))
    expect(writer.bytes().buffer.byteLength).toBeGreaterThanOrEqual(6 * 1024 * 1024)
    writer.reset()
    expect(writer.length).toBe(0)
    expect(writer.bytes().buffer.byteLength).toBe(64)
  })
})

describe('uuid', () => {
  it('goes between its two forms', () => {
    expect(uuidFromBytes(new Uint8Array(16))).toBe(ZERO_UUID)
    expect(uuidToBytes(ONE_UUID)).toEqual(Buffer.from('00000000000000000000000000000001', 'hex'))
    expect(uuidToBytes('not a uuid')).toBeNull()
    expect(uuidToBytes('!'.repeat(22))).toBeNull()
  })
})
