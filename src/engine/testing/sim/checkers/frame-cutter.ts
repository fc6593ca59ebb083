/**
 * Cuts one direction of a connection into frames (int32 length, body), as both Kafka's protocol and ZooKeeper's have them, from the bytes as they were
 * written. Frames are copies: they may be looked at after the event. Frames that `wants` refuses by their first eight bytes are passed over.
 */
const HEAD_BYTES = 12

export class FrameCutter {
  private readonly head = Buffer.alloc(HEAD_BYTES)
  private headLength = 0
  private body: Buffer | null = null
  private bodyLength = 0
  private skipBytes = 0

  constructor(
    private readonly wants: (head: Buffer) => boolean,
    private readonly onFrame: (frame: Buffer) => void,
  ) {}

  push(bytes: Uint8Array): void {
    let at = 0
    while (at < bytes.length) {
      if (this.skipBytes > 0) {
        const skipped = Math.min(this.skipBytes, bytes.length - at)
        this.skipBytes -= skipped
        at += skipped
      } else if (this.body !== null) at += this.fill(this.body, bytes, at)
      else at += this.begin(bytes, at)
    }
  }

  private begin(bytes: Uint8Array, at: number): number {
    const needed = this.headLength < 4 ? 4 : Math.min(HEAD_BYTES, 4 + this.head.readInt32BE(0))
    const taken = Math.min(needed - this.headLength, bytes.length - at)
    this.head.set(bytes.subarray(at, at + taken), this.headLength)
    this.headLength += taken
    if (this.headLength < 4) return taken
    const length = this.head.readInt32BE(0)
    if (length < 0) throw new Error(`a frame of ${length} bytes was sent`)
    if (this.headLength < Math.min(HEAD_BYTES, 4 + length)) return taken
    const known = this.headLength - 4
    this.headLength = 0
    if (!this.wants(this.head)) {
      this.skipBytes = length - known
      return taken
    }
    this.body = Buffer.allocUnsafe(length)
    this.bodyLength = this.head.copy(this.body, 0, 4, 4 + known)
    this.finish()
    return taken
  }

  private fill(body: Buffer, bytes: Uint8Array, at: number): number {
    const taken = Math.min(body.length - this.bodyLength, bytes.length - at)
    body.set(bytes.subarray(at, at + taken), this.bodyLength)
    this.bodyLength += taken
    this.finish()
    return taken
  }

  private finish(): void {
    const { body } = this
    if (body === null || this.bodyLength < body.length) return
    this.body = null
    this.onFrame(body)
  }
}
