/**
 * Cuts a byte stream into jute packets (int length, body) without copying small ones: they are handed out of an arena that all connections of
 * the thread share, and a packet that needs more reads is received in place in a buffer of its own, which grows with what comes and not with what
 * is announced. Used by the server's and the client's connections, whose receiveBuffer and onData it answers. A packet is valid during onFrame only.
 *
 * One read can hold thousands of small packets, each of which may ask for much: `pause()` inside onFrame keeps the rest of the read aside until
 * `resume()`, and the owner pauses its connection too.
 */
/** What a packet's buffer begins with; it grows by this factor. */
const PENDING_START_BYTES = 32 * 1024
const PENDING_GROWTH = 4
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
  /** How long the pending packet is. */
  private pendingSize = 0
  private isStopped = false
  private isPaused = false
  /** What a paused reader has not looked at yet. */
  private rest: Buffer | null = null

  constructor(private readonly options: JuteFrameReaderOptions) {}

  /** Ignores everything from here on, also the rest of what is being read. */
  stop(): void {
    this.isStopped = true
    this.pending = null
    this.rest = null
  }

  /** Hands out no further packet until `resume()`. Nothing may be received meanwhile. */
  pause(): void {
    this.isPaused = true
  }

  /** Hands out what was kept aside, until that is all or the owner pauses again. Never called inside onFrame. */
  resume(): void {
    this.isPaused = false
    const { rest } = this
    this.rest = null
    if (rest !== null) this.parse(rest)
  }

  receiveBuffer(): Buffer {
    return this.pending === null ? ARENA : this.roomIn(this.pending)
  }

  onData(buffer: Uint8Array, length: number): void {
    if (this.isStopped) return
    // The buffer may have been asked for while the reader was paused, before what was kept aside began a packet.
    if (this.pending !== null && buffer.buffer !== ARENA.buffer) return this.continuePending(this.pending, length)
    this.parse(Buffer.from(buffer.buffer, buffer.byteOffset, length))
  }

  private parse(bytes: Buffer): void {
    const { length } = bytes
    let position = 0
    while (position < length && !this.isStopped) {
      if (this.isPaused) {
        // The buffer of the read is the next read's too.
        this.rest = Buffer.from(bytes.subarray(position))
        return
      }
      if (this.pending !== null) {
        const copied = bytes.copy(this.roomIn(this.pending), 0, position)
        position += copied
        this.continuePending(this.pending, copied)
        continue
      }
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
        const available = length - position
        this.pending = Buffer.allocUnsafe(Math.min(frameLength, Math.max(PENDING_START_BYTES, available * PENDING_GROWTH)))
        this.pendingSize = frameLength
        this.pendingLength = bytes.copy(this.pending, 0, position, length)
        return
      }
      this.options.onFrame(bytes.subarray(position, end))
      position = end
    }
  }

  /** Where the packet goes on, in a larger buffer where the one it has is full. */
  private roomIn(pending: Buffer): Buffer {
    let buffer = pending
    if (this.pendingLength === pending.length) {
      buffer = Buffer.allocUnsafe(Math.min(this.pendingSize, pending.length * PENDING_GROWTH))
      pending.copy(buffer)
      this.pending = buffer
    }
    return buffer.subarray(this.pendingLength)
  }

  private continuePending(frame: Buffer, length: number): void {
    this.pendingLength += length
    if (this.pendingLength < this.pendingSize) return
    this.pending = null
    this.options.onFrame(frame)
  }
}
