/**
 * Cuts the stream of one connection into frames, in place. While no frame is pending the connection reads into one arena that all
 * connections of the thread share, and small frames are handed out where they lie; of a frame that is not complete the rest is received
 * into a buffer of its own, taken from a pool. That buffer follows what comes, not what is announced: a peer that announces a hundred megabytes
 * and sends nothing costs as little as one that announces a hundred bytes. Of a large frame the part that is there is copied once or twice.
 *
 * A frame's view is valid during `onFrame` only. Whoever must keep bytes copies them. What comes after `stop()` is ignored, also when
 * the handler stops the reader, or closes the connection, inside `onFrame`. One read can hold thousands of small frames, so a handler that
 * has enough calls `pause()` inside `onFrame`: the rest of the read is kept aside, the connection is paused by its owner, and `resume()`
 * goes on with that rest.
 */
import type { ConnectionHandler } from '../platform/network'

export interface FrameReaderOptions {
  /** A frame that announces more is bad, and so is a negative size. */
  readonly maxFrameBytes: number
  /** The frame without its four bytes of size. */
  onFrame(frame: Uint8Array): void
  /** The stream cannot be read on: close the connection. Called once. */
  onBadFrame(message: string): void
}

const ARENA_SIZE = 256 * 1024
const SIZE_BYTES = 4

/** Pooled buffers have sizes of powers of two from here on; larger ones than the last are made for the frame and dropped after it. */
const POOLED_SIZE_MIN = 4 * 1024
const POOLED_SIZE_MAX = 2 * 1024 * 1024
const POOLED_BYTES_PER_SIZE_MAX = 4 * 1024 * 1024

/** The first buffer of a frame holds this much, or a few times what is there of it; each further one a few times what has come. */
const FRAME_START_BYTES = 256 * 1024
const FRAME_GROWTH = 8

let arena: Buffer | null = null
const pools = new Map<number, Buffer[]>()

function takeBuffer(size: number): Buffer {
  if (size > POOLED_SIZE_MAX) return Buffer.allocUnsafeSlow(size)
  let pooledSize = POOLED_SIZE_MIN
  while (pooledSize < size) pooledSize *= 2
  return pools.get(pooledSize)?.pop() ?? Buffer.allocUnsafeSlow(pooledSize)
}

function giveBuffer(buffer: Buffer): void {
  if (buffer.length > POOLED_SIZE_MAX) return
  const pool = pools.get(buffer.length)
  if (pool === undefined) pools.set(buffer.length, [buffer])
  else if (pool.length * buffer.length < POOLED_BYTES_PER_SIZE_MAX) pool.push(buffer)
}

export class FrameReader implements Pick<ConnectionHandler, 'receiveBuffer' | 'onData'> {
  readonly #options: FrameReaderOptions
  /** The frame that is coming in: its buffer, how long it is and how much of it is there. */
  #frame: Buffer | null = null
  #frameSize = 0
  #received = 0
  /** Bytes of a size field that a read has cut. */
  readonly #sizeBytes = Buffer.alloc(SIZE_BYTES)
  #sizeReceived = 0
  #isStopped = false
  #isPaused = false
  /** What a paused reader has not yet parsed, and where it begins. */
  #rest: Buffer | null = null
  #restStart = 0
  #restEnd = 0

  constructor(options: FrameReaderOptions) {
    this.#options = options
  }

  get isStopped(): boolean {
    return this.#isStopped
  }

  /** Where the next read goes. The arena is one for all: nothing may be kept in it between reads. */
  receiveBuffer(): Uint8Array {
    if (this.#frame !== null) return this.#roomIn(this.#frame)
    arena ??= Buffer.allocUnsafeSlow(ARENA_SIZE)
    return arena
  }

  onData(buffer: Uint8Array, length: number): void {
    if (this.#isStopped) return
    const frame = this.#frame
    if (frame !== null && buffer.buffer === frame.buffer) {
      this.#received += length
      if (this.#received === this.#frameSize) this.#finishFrame(frame)
      return
    }
    const parsed = this.#parse(buffer, 0, length)
    if (parsed < length && !this.#isStopped) this.#keepAside(buffer.subarray(parsed, length))
  }

  /** Hands out no further frame until `resume()`. Nothing may be received meanwhile: the owner pauses its connection too. */
  pause(): void {
    this.#isPaused = true
  }

  /** Hands out what was kept aside, until that is all or the handler pauses again. Never called inside `onFrame`. */
  resume(): void {
    this.#isPaused = false
    const rest = this.#rest
    if (rest === null || this.#isStopped) return
    const end = this.#restEnd
    this.#restStart = this.#parse(rest, this.#restStart, end)
    if (this.#restStart < end || this.#rest !== rest) return
    this.#rest = null
    giveBuffer(rest)
  }

  /** Ignores the rest of the stream, and gives the buffer of an unfinished frame back. What was kept aside may be what is being parsed: it goes. */
  stop(): void {
    this.#isStopped = true
    const frame = this.#frame
    this.#frame = null
    this.#rest = null
    if (frame !== null) giveBuffer(frame)
  }

  /** The buffer of the read is the next read's too. */
  #keepAside(bytes: Uint8Array): void {
    const rest = takeBuffer(bytes.length)
    rest.set(bytes)
    this.#rest = rest
    this.#restStart = 0
    this.#restEnd = bytes.length
  }

  /** Answers how far it has come: to `length`, unless it was stopped or paused. */
  #parse(buffer: Uint8Array, start: number, length: number): number {
    let position = start
    while (position < length && !this.#isStopped && !this.#isPaused) {
      if (this.#frame !== null) {
        position += this.#fill(this.#frame, buffer, position, length)
        continue
      }
      const missing = SIZE_BYTES - this.#sizeReceived
      if (this.#sizeReceived > 0 || length - position < SIZE_BYTES) {
        const taken = Math.min(missing, length - position)
        this.#sizeBytes.set(buffer.subarray(position, position + taken), this.#sizeReceived)
        this.#sizeReceived += taken
        position += taken
        if (this.#sizeReceived < SIZE_BYTES) return position
        this.#sizeReceived = 0
        this.#startFrame(readSize(this.#sizeBytes, 0), length - position)
        continue
      }
      const size = readSize(buffer, position)
      position += SIZE_BYTES
      if (size >= 0 && size <= this.#options.maxFrameBytes && size <= length - position) {
        this.#handOut(buffer.subarray(position, position + size))
        position += size
      } else {
        this.#startFrame(size, length - position)
      }
    }
    return position
  }

  #startFrame(size: number, available: number): void {
    if (size < 0 || size > this.#options.maxFrameBytes) {
      this.#isStopped = true
      const limit = this.#options.maxFrameBytes
      this.#options.onBadFrame(size < 0 ? `frame has negative size ${size}` : `frame of ${size} bytes, ${limit} is the most`)
      return
    }
    this.#frame = takeBuffer(Math.min(size, Math.max(FRAME_START_BYTES, available * FRAME_GROWTH)))
    this.#frameSize = size
    this.#received = 0
    if (size === 0) this.#finishFrame(this.#frame)
  }

  /** Copies what is there of the pending frame, and answers how much that was. */
  #fill(frame: Buffer, buffer: Uint8Array, position: number, length: number): number {
    const room = this.#roomIn(frame)
    const taken = Math.min(room.length, length - position)
    room.set(buffer.subarray(position, position + taken))
    this.#received += taken
    if (this.#received === this.#frameSize) this.#finishFrame(this.#frame!)
    return taken
  }

  /** Where the frame goes on, in a larger buffer where the one it has is full. */
  #roomIn(frame: Buffer): Buffer {
    let buffer = frame
    if (this.#received === frame.length) {
      buffer = takeBuffer(Math.min(this.#frameSize, frame.length * FRAME_GROWTH))
      frame.copy(buffer, 0, 0, this.#received)
      this.#frame = buffer
      giveBuffer(frame)
    }
    return buffer.subarray(this.#received, this.#frameSize)
  }

  #finishFrame(frame: Buffer): void {
    this.#frame = null
    try {
      this.#handOut(frame.subarray(0, this.#frameSize))
    } finally {
      giveBuffer(frame)
    }
  }

  /** A handler that throws has lost its place in the stream, so nothing more is read of it. */
  #handOut(frame: Uint8Array): void {
    try {
      this.#options.onFrame(frame)
    } catch (error) {
      this.stop()
      throw error
    }
  }
}

function readSize(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!
}
