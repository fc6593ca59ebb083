/**
 * Reads ZooKeeper's jute encoding from one frame or file: big-endian numbers, length-prefixed buffers, strings and vectors.
 * Every read is checked against the end of the bytes and throws {@link JuteError}; buffers are views, valid as long as the bytes are.
 */
export class JuteError extends Error {
  override readonly name = 'JuteError'
}

export class JuteReader {
  constructor(
    private readonly bytes: Buffer,
    private at = 0,
  ) {}

  get position(): number {
    return this.at
  }

  get remaining(): number {
    return this.bytes.length - this.at
  }

  byte(): number {
    this.need(1)
    return this.bytes[this.at++] as number
  }

  bool(): boolean {
    return this.byte() !== 0
  }

  int(): number {
    this.need(4)
    const value = this.bytes.readInt32BE(this.at)
    this.at += 4
    return value
  }

  long(): bigint {
    this.need(8)
    const value = this.bytes.readBigInt64BE(this.at)
    this.at += 8
    return value
  }

  buffer(): Buffer | null {
    const length = this.int()
    if (length === -1) return null
    if (length < 0) throw new JuteError(`negative length ${length} at ${this.at - 4}`)
    this.need(length)
    const value = this.bytes.subarray(this.at, this.at + length)
    this.at += length
    return value
  }

  /** A null string reads as the empty one: nothing in the protocol tells them apart. */
  ustring(): string {
    return this.buffer()?.toString('utf8') ?? ''
  }

  /** The count of a vector, checked against the bytes that are left, so that a false one cannot make anybody allocate. Null reads as empty. */
  count(minItemBytes: number): number {
    const count = this.int()
    if (count === -1) return 0
    if (count < 0 || count * minItemBytes > this.remaining)
      throw new JuteError(`vector of ${count} items in ${this.remaining} bytes`)
    return count
  }

  private need(length: number): void {
    if (this.at + length > this.bytes.length) {
      throw new JuteError(`needs ${length} bytes at ${this.at}, has ${this.bytes.length - this.at}`)
    }
  }
}
