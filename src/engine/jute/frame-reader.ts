/**
 * Cuts a byte stream into jute packets (int length, body) without copying small ones: they are handed out of an arena that all connections of
 * the thread share, and a packet that needs more reads is received in place in a buffer of its own. Used by the server's and the client's
 * connections, whose receiveBuffer and onData it answers. A packet is valid during onFrame only.
 */
const ARENA = Buffer.allocUnsafeSlow(64 * 1024)

export interface JuteFrameReaderOptions {
  readonly maxFrameBytes: number
  onFrame(frame: Buffer): void
  /** The length is negative or above the limit; nothing is read after it. The server's four-letter words come here too. */
  onBadLength(length: number): void
}

export class JuteFrameReader {
  private readonly head = Buffer.alloc(4)
  private headLength = 0
  private pending: Buffer | null = null
  private pendingLength = 0
  private isStopped = false

  constructor(private readonly options: JuteFrameReaderOptions) {}

  /** Ignores everything from here on, also the rest of what is being read. */
  stop(): void {
    this.isStopped = true
    this.pending = null
  }

  receiveBuffer(): Buffer {
    return this.pending === null ? ARENA : this.pending.subarray(this.pendingLength)
  }

  onData(buffer: Uint8Array, length: number): void {
    if (this.pending !== null) return this.continuePending(length)
    const bytes = Buffer.from(buffer.buffer, buffer.byteOffset, length)
    let position = 0
    while (position < length && !this.isStopped) {
      const headBytes = Math.min(4 - this.headLength, length - position)
      bytes.copy(this.head, this.headLength, position, position + headBytes)
      this.headLength += headBytes
      position += headBytes
      if (this.headLength < 4) return
      this.headLength = 0
      const frameLength = this.head.readInt32BE(0)
      if (frameLength < 0 || frameLength > this.options.maxFrameBytes) {
        this.stop()
        return this.options.onBadLength(frameLength)
      }
      const end = position + frameLength
      if (end > length) {
        this.pending = Buffer.allocUnsafe(frameLength)
        this.pendingLength = bytes.copy(this.pending, 0, position, length)
        return
      }
      this.options.onFrame(bytes.subarray(position, end))
      position = end
    }
  }

  private continuePending(length: number): void {
    const frame = this.pending as Buffer
    this.pendingLength += length
    if (this.pendingLength < frame.length) return
    this.pending = null
    this.options.onFrame(frame)
  }
}
