/**
 * Keeps the number of open segment files, and with them the indexes in memory, below a bound that holds for a broker with thousands of
 * partitions. One a broker, given to every log. A segment opens its file and loads its indexes when it is used; when too many are open,
 * the least recently used quarter is released, active segments too: they open again with the next append.
 */
import type { Logger } from '../platform/logger'

export interface Releasable {
  /** The value of `OpenSegments.tick()` when it was last used. */
  readonly lastUse: number
  /** Writes back what only memory holds, closes the file, drops the indexes. May throw DiskError; then it stays open. */
  release(): void
}

export class OpenSegments {
  readonly #open = new Set<Releasable>()
  #uses = 0

  constructor(
    private readonly logger: Logger,
    private readonly maxOpen = 1024,
  ) {}

  get count(): number {
    return this.#open.size
  }

  tick(): number {
    return ++this.#uses
  }

  onDidOpen(segment: Releasable): void {
    this.#open.add(segment)
    if (this.#open.size > this.maxOpen) this.#releaseSome(segment)
  }

  onDidClose(segment: Releasable): void {
    this.#open.delete(segment)
  }

  #releaseSome(exceptFor: Releasable): void {
    const byAge = [...this.#open].filter((segment) => segment !== exceptFor).sort((a, b) => a.lastUse - b.lastUse)
    for (const segment of byAge.slice(0, Math.ceil(this.maxOpen / 4))) {
      try {
        segment.release()
      } catch (cause) {
        this.logger.warn('A segment could not be written back and stays open', { cause })
      }
    }
  }
}
