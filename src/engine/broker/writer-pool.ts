/**
 * Response buffers, used again and again: one pool a broker, shared by its connections. A response is built in one of them, handed to the
 * socket as it is, and the buffer comes back when the system has taken it. Without it every fetch would allocate, which is slow in Electron.
 */
import { Writer } from '../wire/writer'

/** Sizes of pooled buffers, and how many of each are kept while idle: 17 MiB at the most. A larger response gets a buffer of its own. */
const CLASSES = [
  { sizeInBytes: 4 * 1024, keptMax: 64 },
  { sizeInBytes: 128 * 1024, keptMax: 16 },
  { sizeInBytes: 1024 * 1024 + 64 * 1024, keptMax: 8 },
  { sizeInBytes: 3 * 1024 * 1024, keptMax: 2 },
] as const

export interface PooledWriter {
  readonly writer: Writer
  /** Exactly once, when nothing will read the bytes any more. */
  readonly release: () => void
}

export class WriterPool {
  private readonly idle: PooledWriter[][] = CLASSES.map(() => [])

  /** A writer with room for `sizeInBytes`; it grows where the guess was too small, at the price of a copy. */
  take(sizeInBytes: number): PooledWriter {
    const index = CLASSES.findIndex((sizeClass) => sizeInBytes <= sizeClass.sizeInBytes)
    if (index < 0) return { writer: new Writer(sizeInBytes), release: () => undefined }
    return this.idle[index]!.pop() ?? this.make(index)
  }

  private make(index: number): PooledWriter {
    const { sizeInBytes, keptMax } = CLASSES[index]!
    const idle = this.idle[index]!
    const pooled: PooledWriter = {
      writer: new Writer(sizeInBytes),
      release: () => {
        // One that has grown far beyond its class would be kept for small responses for ever.
        if (idle.length >= keptMax || pooled.writer.length > sizeInBytes * 4) return
        pooled.writer.reset()
        idle.push(pooled)
      },
    }
    return pooled
  }
}
