/**
 * Reads Kafka's primitive types from a frame, bounds checked. Owned by one decode; never copies: bytes come back as views that live as
 * long as the frame. Whatever the bytes, a read returns a value or throws DecodeError, in time and memory bounded by the frame's size.
 */
import { type Uuid, ZERO_UUID } from './uuid'
import { DecodeError } from './wire-error'

const TWO_32 = 4294967296

/** Kafka's own limit for a string, in both encodings. */
const STRING_LENGTH_MAX = 0x7fff

/**
 * Elements that all arrays of one message may hold together. An element can be two bytes on the wire and a hundred in memory, so the
 * frame's size alone does not bound a decode well enough.
 */
const ELEMENT_COUNT_MAX = 1_000_000

export class Reader {
  readonly bytes: Buffer
  readonly end: number
  position: number
  #elementsLeft = ELEMENT_COUNT_MAX

  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    this.bytes = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.position = start
    this.end = end
  }

  get remaining(): number {
    return this.end - this.position
  }

  fail(reason: string, position: number = this.position): never {
    throw new DecodeError(reason, position)
  }

  /** Answers where `length` bytes start, and moves behind them. */
  take(length: number): number {
    const start = this.position
    if (length > this.end - start) this.fail(`needs ${length} bytes, ${this.end - start} left`)
    this.position = start + length
    return start
  }

  bool(): boolean {
    return this.bytes[this.take(1)] !== 0
  }

  int8(): number {
    return (this.bytes[this.take(1)]! << 24) >> 24
  }

  int16(): number {
    const at = this.take(2)
    return ((this.bytes[at]! << 24) >> 16) | this.bytes[at + 1]!
  }

  uint16(): number {
    const at = this.take(2)
    return (this.bytes[at]! << 8) | this.bytes[at + 1]!
  }

  int32(): number {
    const at = this.take(4)
    const bytes = this.bytes
    return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!
  }

  uint32(): number {
    return this.int32() >>> 0
  }

  /** For values that only we choose; one beyond 2^53 comes back rounded, and so out of any range. */
  int64n(): number {
    const high = this.int32()
    return high * TWO_32 + (this.int32() >>> 0)
  }

  int64(): bigint {
    return this.bytes.readBigInt64BE(this.take(8))
  }

  float64(): number {
    return this.bytes.readDoubleBE(this.take(8))
  }

  /** At most five bytes and 32 bits. */
  unsignedVarint(): number {
    const start = this.position
    let value = 0
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.bytes[this.take(1)]!
      if (shift === 28 && byte > 0x0f) this.fail('varint is longer than 32 bits', start)
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) return value >>> 0
    }
    return this.fail('varint is longer than five bytes', start)
  }

  /** Zigzag, 32 bits. */
  varint(): number {
    const value = this.unsignedVarint()
    return (value >>> 1) ^ -(value & 1)
  }

  /** Zigzag, 64 bits, at most ten bytes. */
  varlong(): bigint {
    const start = this.position
    let low = 0
    let shift = 0
    for (; shift < 28; shift += 7) {
      const byte = this.bytes[this.take(1)]!
      low |= (byte & 0x7f) << shift
      if (byte < 0x80) return BigInt((low >>> 1) ^ -(low & 1))
    }
    let value = BigInt(low)
    for (; shift < 70; shift += 7) {
      const byte = this.bytes[this.take(1)]!
      if (shift === 63 && byte > 1) this.fail('varint is longer than 64 bits', start)
      value |= BigInt(byte & 0x7f) << BigInt(shift)
      if (byte < 0x80) return BigInt.asIntN(64, (value >> 1n) ^ -(value & 1n))
    }
    return this.fail('varint is longer than ten bytes', start)
  }

  uuid(): Uuid {
    const at = this.take(16)
    const bytes = this.bytes
    for (let index = at; index < at + 16; index++) {
      if (bytes[index] !== 0) return bytes.toString('base64url', at, at + 16)
    }
    return ZERO_UUID
  }

  /** UTF-8 text of `length` bytes. */
  text(length: number): string {
    const at = this.take(length)
    return this.bytes.toString('utf8', at, at + length)
  }

  /** A view on the next `length` bytes. */
  view(length: number): Uint8Array {
    const at = this.take(length)
    return this.bytes.subarray(at, at + length)
  }

  string(flexible: boolean): string | null {
    const length = flexible ? this.unsignedVarint() - 1 : this.int16()
    if (length < 0) return length === -1 ? null : this.fail(`string has length ${length}`)
    if (length > STRING_LENGTH_MAX) this.fail(`string has length ${length}, ${STRING_LENGTH_MAX} is the most`)
    return this.text(length)
  }

  data(flexible: boolean): Uint8Array | null {
    const length = flexible ? this.unsignedVarint() - 1 : this.int32()
    if (length < 0) return length === -1 ? null : this.fail(`bytes have length ${length}`)
    return this.view(length)
  }

  /** How many elements follow, each of at least `elementSizeMin` bytes; -1 for a null array. */
  arrayLength(flexible: boolean, elementSizeMin: number): number {
    const start = this.position
    const length = flexible ? this.unsignedVarint() - 1 : this.int32()
    if (length < -1) this.fail(`array has length ${length}`, start)
    if (length * elementSizeMin > this.end - this.position) {
      this.fail(`array of ${length} elements does not fit the ${this.remaining} bytes left`, start)
    }
    this.#elementsLeft -= Math.max(length, 0)
    if (this.#elementsLeft < 0) this.fail(`message holds more than ${ELEMENT_COUNT_MAX} array elements`, start)
    return length
  }
}
