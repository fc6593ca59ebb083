/** Avro's binary encoding into a buffer that grows. Used by the compiled encoders only; takes what they have checked. */

export class AvroWriter {
  private buffer = Buffer.allocUnsafe(256)
  private length = 0

  boolean(value: boolean): void {
    this.reserve(1)
    this.buffer[this.length++] = value ? 1 : 0
  }

  /** An int32, or a count or length. */
  int(value: number): void {
    this.reserve(5)
    let rest = ((value << 1) ^ (value >> 31)) >>> 0
    while (rest > 0x7f) {
      this.buffer[this.length++] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    this.buffer[this.length++] = rest
  }

  /** An int64; small ones take the way without bigint. */
  long(value: bigint): void {
    if (value >= -0x40000000n && value <= 0x3fffffffn) {
      this.int(Number(value))
      return
    }
    this.reserve(10)
    let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n))
    while (rest > 0x7fn) {
      this.buffer[this.length++] = Number(rest & 0x7fn) | 0x80
      rest >>= 7n
    }
    this.buffer[this.length++] = Number(rest)
  }

  float(value: number): void {
    this.reserve(4)
    this.length = this.buffer.writeFloatLE(value, this.length)
  }

  double(value: number): void {
    this.reserve(8)
    this.length = this.buffer.writeDoubleLE(value, this.length)
  }

  bytes(value: Uint8Array): void {
    this.int(value.length)
    this.fixed(value)
  }

  fixed(value: Uint8Array): void {
    this.reserve(value.length)
    this.buffer.set(value, this.length)
    this.length += value.length
  }

  string(value: string): void {
    const size = Buffer.byteLength(value, 'utf8')
    this.int(size)
    this.reserve(size)
    this.buffer.write(value, this.length, size, 'utf8')
    this.length += size
  }

  /** A copy of its own. */
  finish(): Buffer {
    return Buffer.from(this.buffer.subarray(0, this.length))
  }

  private reserve(size: number): void {
    if (this.length + size <= this.buffer.length) return
    const grown = Buffer.allocUnsafe(Math.max(this.buffer.length * 2, this.length + size))
    this.buffer.copy(grown, 0, 0, this.length)
    this.buffer = grown
  }
}
