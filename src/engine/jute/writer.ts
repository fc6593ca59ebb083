/**
 * Writes ZooKeeper's jute encoding into one growing buffer, which is kept over reset(): one writer serves many packets.
 * Packets are framed by beginFrame/endFrame. Checks nothing of what it writes.
 */
const INITIAL_BYTES = 512
/** A buffer that one large packet has grown beyond this is not kept by reset(). */
const RETAINED_BYTES_MAX = 1024 * 1024

export class JuteWriter {
  private target: Buffer
  private at = 0

  constructor(initialBytes = INITIAL_BYTES) {
    this.target = Buffer.allocUnsafe(initialBytes)
  }

  get length(): number {
    return this.at
  }

  /** What has been written: a view, valid until reset() or the next write. */
  bytes(): Buffer {
    return this.target.subarray(0, this.at)
  }

  reset(): void {
    this.at = 0
    if (this.target.length > RETAINED_BYTES_MAX) this.target = Buffer.allocUnsafe(INITIAL_BYTES)
  }

  byte(value: number): void {
    this.reserve(1)
    this.target[this.at++] = value
  }

  bool(value: boolean): void {
    this.byte(value ? 1 : 0)
  }

  int(value: number): void {
    this.reserve(4)
    this.at = this.target.writeInt32BE(value, this.at)
  }

  long(value: bigint): void {
    this.reserve(8)
    this.at = this.target.writeBigInt64BE(value, this.at)
  }

  buffer(value: Uint8Array | null): void {
    if (value === null) return this.int(-1)
    this.int(value.length)
    this.raw(value)
  }

  raw(value: Uint8Array): void {
    this.reserve(value.length)
    this.target.set(value, this.at)
    this.at += value.length
  }

  ustring(value: string): void {
    // A UTF-16 unit takes three bytes of UTF-8 at most.
    this.reserve(4 + value.length * 3)
    const length = this.target.write(value, this.at + 4, 'utf8')
    this.target.writeInt32BE(length, this.at)
    this.at += 4 + length
  }

  /** Leaves room for a packet's length; answers where it stands. */
  beginFrame(): number {
    const start = this.at
    this.int(0)
    return start
  }

  endFrame(start: number): void {
    this.target.writeInt32BE(this.at - start - 4, start)
  }

  private reserve(length: number): void {
    const needed = this.at + length
    if (needed <= this.target.length) return
    const grown = Buffer.allocUnsafe(Math.max(needed, this.target.length * 2))
    this.target.copy(grown, 0, 0, this.at)
    this.target = grown
  }
}
