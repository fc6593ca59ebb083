/**
 * Avro's binary encoding, read from a payload that may be broken: every length is checked against what is left before anything is taken.
 * Used by the compiled decoders only. Errors are SerdeErrors that name the byte.
 */
import { jsonDepthMax } from '../json-value'
import { SerdeError } from '../serde-error'

export class AvroReader {
  private readonly buffer: Buffer
  private readonly view: DataView
  offset = 0
  /** Items that took no bytes, of all arrays together: the only thing a short payload can multiply. */
  private emptyItems = 0
  private depth = 0

  constructor(bytes: Uint8Array) {
    this.buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get remaining(): number {
    return this.buffer.length - this.offset
  }

  fail(message: string, offset = this.offset): SerdeError {
    return new SerdeError(`${message}, at byte ${offset}`, null, offset)
  }

  boolean(): boolean {
    const byte = this.byte('a boolean')
    if (byte > 1) throw this.fail(`a boolean is 0 or 1, found ${byte}`, this.offset - 1)
    return byte === 1
  }

  int(what = 'an int'): number {
    const start = this.offset
    let value = 0
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte(what)
      // The fifth byte holds four bits: more is no int32, and shifting it would lose them silently.
      if (shift === 28 && (byte & 0x70) !== 0) break
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) return (value >>> 1) ^ -(value & 1)
    }
    throw this.fail(`${what} beyond 32 bits`, start)
  }

  /** As number where it is below 2^48, else as bigint: never rounded. */
  long(what = 'a long'): number | bigint {
    const start = this.offset
    let low = 0
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.byte(what)
      low |= (byte & 0x7f) << shift
      if (byte < 0x80) return (low >>> 1) ^ -(low & 1)
    }
    let high = 0
    for (let shift = 0; shift < 21; shift += 7) {
      const byte = this.byte(what)
      high |= (byte & 0x7f) << shift
      if (byte < 0x80) {
        const zigzag = high * 0x10000000 + low
        return zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2
      }
    }
    let big = (BigInt(high) << 28n) | BigInt(low)
    for (let shift = 49n; shift < 70n; shift += 7n) {
      const byte = this.byte(what)
      if (shift === 63n && byte > 1) break
      big |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return (big >> 1n) ^ -(big & 1n)
    }
    throw this.fail(`${what} beyond 64 bits`, start)
  }

  float(): number {
    this.need(4, 'a float')
    const value = this.view.getFloat32(this.offset, true)
    this.offset += 4
    return value
  }

  double(): number {
    this.need(8, 'a double')
    const value = this.view.getFloat64(this.offset, true)
    this.offset += 8
    return value
  }

  /** A view, valid as long as the payload is. */
  bytes(what = 'bytes'): Buffer {
    return this.fixed(this.length(what), what)
  }

  fixed(size: number, what: string): Buffer {
    this.need(size, what)
    this.offset += size
    return this.buffer.subarray(this.offset - size, this.offset)
  }

  string(): string {
    const start = this.offset
    const bytes = this.bytes('a string')
    const text = bytes.toString('utf8')
    // What is no UTF-8 becomes U+FFFD, silently: then what is shown would not be what was sent.
    if (text.includes('\ufffd') && !Buffer.from(text, 'utf8').equals(bytes)) throw this.fail('a string that is no UTF-8', start)
    return text
  }

  /** The index of a branch or symbol, below `count`. */
  index(count: number, what: string): number {
    const start = this.offset
    const index = this.int(`the index of ${what}`)
    if (index < 0 || index >= count) throw this.fail(`${what} has no number ${index}, only 0 to ${count - 1}`, start)
    return index
  }

  /**
   * Calls `item` for each item of an array or map, block after block. `minimumBytes` is the least that an item takes: a block that
   * promises more items than the rest can hold is refused at once.
   */
  blocks(minimumBytes: number, what: string, item: () => void): void {
    for (;;) {
      const start = this.offset
      let count = this.long(`the size of a block of ${what}`)
      if (count === 0) return
      if (count < 0) {
        count = -count
        const size = this.long(`the bytes of a block of ${what}`)
        if (size < 0 || size > this.remaining)
          throw this.fail(`a block of ${what} of ${size} bytes with ${this.remaining} bytes left`, start)
      }
      if (minimumBytes > 0 && count > this.remaining / minimumBytes) {
        throw this.fail(`a block of ${what} with ${count} items in the ${this.remaining} bytes left`, start)
      }
      if (minimumBytes === 0) {
        this.emptyItems += Number(count)
        if (this.emptyItems > emptyItemsMax) throw this.fail(`more than ${emptyItemsMax} ${what} that take no bytes`, start)
      }
      for (let i = Number(count); i > 0; i--) item()
    }
  }

  /** Called at the beginning of each container, and `leave` at its end: decoders recurse, and a payload must not choose how deep. */
  enter(): void {
    if (++this.depth > jsonDepthMax) throw this.fail(`nested deeper than ${jsonDepthMax} levels`)
  }

  leave(): void {
    this.depth--
  }

  end(): void {
    if (this.remaining > 0)
      throw this.fail(`${this.remaining} ${this.remaining === 1 ? 'byte is' : 'bytes are'} left behind the value`)
  }

  private length(what: string): number {
    const start = this.offset
    const length = this.long(`the length of ${what}`)
    if (length < 0 || length > this.remaining) {
      throw this.fail(`the length of ${what} is ${length}, and ${this.remaining} bytes are left`, start)
    }
    return Number(length)
  }

  private byte(what: string): number {
    const byte = this.buffer[this.offset]
    if (byte === undefined) throw this.fail(`the payload ends within ${what}`)
    this.offset++
    return byte
  }

  private need(size: number, what: string): void {
    if (size > this.remaining) throw this.fail(`the payload ends within ${what}: ${size} bytes needed, ${this.remaining} left`)
  }
}

/** Nobody sends lists of nulls; a payload of four bytes that claims 2^40 of them must not become that. */
export const emptyItemsMax = 10_000
