/**
 * Writes Kafka's primitive types into one buffer that grows and is used again. Owned by whoever sends it: what `bytes()` gave stays valid
 * until `reset()`, so a writer goes back to its pool only when the connection has flushed.
 */
import { ZERO_UUID } from './uuid'
import { EncodeError } from './wire-error'

/** Records that are read from where they lie straight into the response: a fetch copies file to frame and nothing else. */
export interface RecordsSource {
  readonly sizeInBytes: number
  /** Fills `target`, which is exactly `sizeInBytes` long. */
  readInto(target: Uint8Array): void
}

const TWO_32 = 4294967296
const INT64_LIMIT = 2 ** 63
const STRING_LENGTH_MAX = 0x7fff

/** A buffer that one large response has grown beyond this is not kept by `reset()`. */
const RETAINED_SIZE_MAX = 4 * 1024 * 1024

export class Writer {
  #buffer: Buffer
  #position = 0
  readonly #initialSize: number

  constructor(initialSize = 1024) {
    this.#initialSize = initialSize
    this.#buffer = Buffer.allocUnsafeSlow(initialSize)
  }

  get length(): number {
    return this.#position
  }

  /** What has been written, as a view: valid until the next write or reset. */
  bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#position)
  }

  reset(): void {
    this.#position = 0
    if (this.#buffer.length > RETAINED_SIZE_MAX) this.#buffer = Buffer.allocUnsafeSlow(this.#initialSize)
  }

  /** Takes back what was written from `length` on: a message that could not be finished. */
  truncate(length: number): void {
    this.#position = length
  }

  /** Makes room for `length` bytes and answers where they start. */
  reserve(length: number): number {
    const start = this.#position
    const end = start + length
    if (end > this.#buffer.length) this.#grow(end)
    this.#position = end
    return start
  }

  #grow(needed: number): void {
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.#buffer.length * 2))
    this.#buffer.copy(grown, 0, 0, this.#position)
    this.#buffer = grown
  }

  bool(value: boolean): void {
    const at = this.reserve(1)
    this.#buffer[at] = value ? 1 : 0
  }

  int8(value: number): void {
    const at = this.reserve(1)
    this.#buffer[at] = value
  }

  int16(value: number): void {
    const at = this.reserve(2)
    const buffer = this.#buffer
    buffer[at] = value >> 8
    buffer[at + 1] = value
  }

  int32(value: number): void {
    this.putInt32(this.reserve(4), value)
  }

  /** Overwrites four bytes that were reserved before. */
  putInt32(at: number, value: number): void {
    const buffer = this.#buffer
    buffer[at] = value >> 24
    buffer[at + 1] = value >> 16
    buffer[at + 2] = value >> 8
    buffer[at + 3] = value
  }

  /** A double that holds an integer; one beyond the range of int64, as rounding can make it, is written as the nearest int64. */
  int64n(value: number): void {
    if (value >= INT64_LIMIT) {
      this.int32(0x7fffffff)
      this.int32(-1)
      return
    }
    const high = Math.floor(value / TWO_32)
    this.int32(high)
    this.int32(value - high * TWO_32)
  }

  int64(value: bigint): void {
    const at = this.reserve(8)
    this.#buffer.writeBigInt64BE(value, at)
  }

  float64(value: number): void {
    const at = this.reserve(8)
    this.#buffer.writeDoubleBE(value, at)
  }

  unsignedVarint(value: number): void {
    let rest = value >>> 0
    while (rest > 0x7f) {
      this.int8((rest & 0x7f) | 0x80)
      rest >>>= 7
    }
    this.int8(rest)
  }

  /** Zigzag, 32 bits. */
  varint(value: number): void {
    this.unsignedVarint((value << 1) ^ (value >> 31))
  }

  /** Zigzag, 64 bits. */
  varlong(value: bigint): void {
    if (value >= -0x40000000n && value < 0x40000000n) {
      this.varint(Number(value))
      return
    }
    let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n))
    while (rest > 0x7fn) {
      this.int8(Number(rest & 0x7fn) | 0x80)
      rest >>= 7n
    }
    this.int8(Number(rest))
  }

  uuid(value: string): void {
    const at = this.reserve(16)
    if (value === ZERO_UUID) {
      this.#buffer.fill(0, at, at + 16)
      return
    }
    if (value.length !== 22 || this.#buffer.write(value, at, 16, 'base64url') !== 16) {
      throw new EncodeError(`'${value}' is not a UUID in 22 characters of base64url`)
    }
  }

  raw(bytes: Uint8Array): void {
    const at = this.reserve(bytes.length)
    this.#buffer.set(bytes, at)
  }

  string(value: string | null, flexible: boolean): void {
    if (value === null) {
      if (flexible) this.int8(0)
      else this.int16(-1)
      return
    }
    const length = Buffer.byteLength(value)
    if (length > STRING_LENGTH_MAX) throw new EncodeError(`string is ${length} bytes long, ${STRING_LENGTH_MAX} is the most`)
    if (flexible) this.unsignedVarint(length + 1)
    else this.int16(length)
    const at = this.reserve(length)
    this.#buffer.write(value, at, length, 'utf8')
  }

  dataLength(length: number, flexible: boolean): void {
    if (flexible) this.unsignedVarint(length + 1)
    else this.int32(length)
  }

  data(value: Uint8Array | null, flexible: boolean): void {
    if (value === null) {
      this.dataLength(-1, flexible)
      return
    }
    this.dataLength(value.length, flexible)
    this.raw(value)
  }

  records(value: Uint8Array | RecordsSource | null, flexible: boolean): void {
    if (value === null || value instanceof Uint8Array) {
      this.data(value, flexible)
      return
    }
    const size = value.sizeInBytes
    this.dataLength(size, flexible)
    if (size === 0) return
    const at = this.reserve(size)
    value.readInto(this.#buffer.subarray(at, at + size))
  }

  /**
   * Writes what `body` writes, preceded by its size as a varint. The size is known only afterwards: one byte is kept for it, and the
   * rare body of 128 bytes or more is moved.
   */
  sized(body: () => void): void {
    const sizeAt = this.reserve(1)
    body()
    const size = this.#position - sizeAt - 1
    if (size < 0x80) {
      this.#buffer[sizeAt] = size
      return
    }
    let extra = 0
    for (let rest = size >>> 7; rest > 0; rest >>>= 7) extra++
    this.reserve(extra)
    this.#buffer.copyWithin(sizeAt + 1 + extra, sizeAt + 1, sizeAt + 1 + size)
    this.#position = sizeAt
    this.unsignedVarint(size)
    this.#position = sizeAt + 1 + extra + size
  }
}
