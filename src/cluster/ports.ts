/**
 * Finding listener ports. A broker keeps its port over restarts, since clients were told of it; so free ports are searched outside the
 * system's ephemeral range, where an outgoing connection could take the port of a broker that is down.
 */
import { createServer } from 'node:net'
import { WorkbenchError } from '../shared/ipc/errors'

const freeRangeStart = 20_000
const freeRangeEnd = 32_000

export function isPortFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)))
  })
}

/** Claims ports one after the other, never the same twice: a broker that is down keeps its own. */
export class PortAllocator {
  /** By port, for whom. */
  private readonly claimed = new Map<number, string>()

  constructor(
    private readonly host: string,
    private readonly onTaken: 'fail' | 'move',
    private readonly onMoved: (wanted: number, got: number) => void,
  ) {}

  /** `wanted` if it is free, 0 for any. Throws PORT_TAKEN, or moves to the next free one and says so. */
  async claim(wanted: number, forWhom: string, onTaken = this.onTaken, onMoved = this.onMoved): Promise<number> {
    if (wanted === 0) return this.claimAny(forWhom)
    for (let port = wanted; port <= 65_535; port++) {
      const owner = this.claimed.get(port)
      if (owner === undefined && (await isPortFree(this.host, port))) {
        this.claimed.set(port, forWhom)
        if (port !== wanted) onMoved(wanted, port)
        return port
      }
      if (onTaken === 'fail') {
        throw new WorkbenchError(
          'expected',
          'PORT_TAKEN',
          owner === undefined
            ? `Port ${wanted} for ${forWhom} is taken on ${this.host}. End the process that listens there, or choose another port (0 takes a free one).`
            : `Port ${wanted} is wanted for ${forWhom} and for ${owner}. Choose another port for one of them (0 takes a free one).`,
        )
      }
    }
    throw new WorkbenchError('expected', 'PORT_TAKEN', `No port from ${wanted} to 65535 is free on ${this.host} for ${forWhom}.`)
  }

  /** Its owner is gone for good. */
  release(port: number): void {
    this.claimed.delete(port)
  }

  private async claimAny(forWhom: string): Promise<number> {
    // Starting at a random place keeps clusters that start at the same moment out of each other's way.
    const size = freeRangeEnd - freeRangeStart
    const start = Math.floor(Math.random() * size)
    for (let step = 0; step < size; step++) {
      const port = freeRangeStart + ((start + step) % size)
      if (this.claimed.has(port)) continue
      if (await isPortFree(this.host, port)) {
        this.claimed.set(port, forWhom)
        return port
      }
    }
    throw new WorkbenchError(
      'expected',
      'PORT_TAKEN',
      `No port between ${freeRangeStart} and ${freeRangeEnd} is free on ${this.host}.`,
    )
  }
}
