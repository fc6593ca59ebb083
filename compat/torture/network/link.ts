/**
 * A TCP proxy for one way through the cluster's network: whoever connects to its port talks to the target, unless the way is troubled. Directions are
 * named from the one who connects: `forward` is what it sends. Bytes of a blocked direction are held, as a network that loses packets holds them: they
 * arrive once it heals, also after their sender has closed, and so does the news that it has.
 */
import net from 'node:net'

export interface Trouble {
  readonly blocksForward: boolean
  readonly blocksBackward: boolean
  /** Each way. */
  readonly delayMs: number
  /** Each way and connection; 0: no limit. */
  readonly bytesPerSecond: number
}

export const noTrouble: Trouble = { blocksForward: false, blocksBackward: false, delayMs: 0, bytesPerSecond: 0 }

const heldBytesMax = 1_000_000
const tickMs = 5

export class Link {
  private trouble: Trouble = noTrouble
  private readonly pairs = new Set<Pair>()
  private readonly server: net.Server
  bytes = 0
  cuts = 0

  private constructor(
    readonly name: string,
    private readonly targetPort: number,
  ) {
    this.server = net.createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      const pair = new Pair(this, socket, this.targetPort, () => this.pairs.delete(pair))
      this.pairs.add(pair)
    })
  }

  static async open(name: string, port: number, targetPort: number): Promise<Link> {
    const link = new Link(name, targetPort)
    await new Promise<void>((resolve, reject) => {
      link.server.once('error', reject)
      link.server.listen({ host: '127.0.0.1', port }, resolve)
    })
    return link
  }

  get port(): number {
    return (this.server.address() as net.AddressInfo).port
  }

  get current(): Trouble {
    return this.trouble
  }

  set(trouble: Partial<Trouble>): void {
    this.trouble = { ...this.trouble, ...trouble }
    for (const pair of this.pairs) pair.pump()
  }

  heal(): void {
    this.set(noTrouble)
  }

  /** Every connection is reset; what was under way is gone. */
  cut(): number {
    const count = this.pairs.size
    this.cuts += count
    for (const pair of [...this.pairs]) pair.reset()
    return count
  }

  close(): void {
    this.server.close()
    this.cut()
  }
}

/** One connection: the accepted socket, the one to the target, and what is on its way between them. */
class Pair {
  private readonly target: net.Socket
  private readonly forward: Direction
  private readonly backward: Direction
  private isConnecting = false
  private isGone = false

  constructor(
    private readonly link: Link,
    private readonly source: net.Socket,
    private readonly targetPort: number,
    private readonly onGone: () => void,
  ) {
    this.target = new net.Socket({ allowHalfOpen: true })
    this.target.setNoDelay(true)
    this.forward = new Direction(
      link,
      source,
      this.target,
      () => link.current.blocksForward || this.target.connecting || !this.isConnecting,
    )
    this.backward = new Direction(link, this.target, source, () => link.current.blocksBackward)
    for (const direction of [this.forward, this.backward]) direction.onDone = () => this.maybeGone()
    this.target.on('connect', () => this.forward.pump())
    // A refused connection is told to the one who connects as a reset: the proxy had accepted it already.
    this.target.on('error', () => {
      if (!this.forward.hasMoved && !this.backward.hasMoved) this.reset()
    })
    this.pump()
  }

  pump(): void {
    // Not even the first packet gets through a blocked way.
    if (!this.isConnecting && !this.link.current.blocksForward && !this.link.current.blocksBackward) {
      this.isConnecting = true
      this.target.connect({ host: '127.0.0.1', port: this.targetPort })
    }
    this.forward.pump()
    this.backward.pump()
  }

  reset(): void {
    if (this.isGone) return
    this.isGone = true
    this.forward.stop()
    this.backward.stop()
    for (const socket of [this.source, this.target]) {
      if (socket.connecting || socket.destroyed) socket.destroy()
      else socket.resetAndDestroy()
    }
    this.onGone()
  }

  private maybeGone(): void {
    if (!this.forward.isDone || !this.backward.isDone || this.isGone) return
    this.isGone = true
    this.source.destroy()
    this.target.destroy()
    this.onGone()
  }
}

interface Chunk {
  /** null: the end of the stream. */
  readonly bytes: Buffer | null
  readonly dueMs: number
}

class Direction {
  isDone = false
  hasMoved = false
  onDone: () => void = () => undefined
  private readonly held: Chunk[] = []
  private heldBytes = 0
  private timer: NodeJS.Timeout | null = null
  private allowance = 0
  private allowanceAtMs = Date.now()
  private isFull = false

  constructor(
    private readonly link: Link,
    private readonly from: net.Socket,
    private readonly to: net.Socket,
    private readonly isBlocked: () => boolean,
  ) {
    from.on('data', (bytes: Buffer) => this.receive(bytes))
    from.on('end', () => this.receive(null))
    from.on('error', () => undefined)
    from.on('close', () => this.receive(null))
    to.on('drain', () => {
      this.isFull = false
      this.pump()
    })
    to.on('close', () => this.finish())
  }

  stop(): void {
    this.isDone = true
    this.held.length = 0
    if (this.timer !== null) clearTimeout(this.timer)
    this.timer = null
  }

  pump(): void {
    if (this.isDone || this.timer !== null) return
    while (this.held.length > 0 && !this.isFull && !this.isBlocked()) {
      const head = this.held[0] as Chunk
      const waitMs = Math.max(head.dueMs - Date.now(), this.waitForAllowanceMs(head.bytes?.length ?? 0))
      if (waitMs > 0) {
        this.timer = setTimeout(
          () => {
            this.timer = null
            this.pump()
          },
          Math.max(waitMs, tickMs),
        )
        return
      }
      this.held.shift()
      this.send(head.bytes)
    }
    if (this.heldBytes < heldBytesMax / 2 && this.from.isPaused()) this.from.resume()
  }

  private receive(bytes: Buffer | null): void {
    if (this.isDone) return
    const { delayMs, bytesPerSecond } = this.link.current
    // The end is told once, by whichever event comes first.
    if (bytes === null && this.held.at(-1)?.bytes === null) return
    if (this.held.length === 0 && delayMs === 0 && bytesPerSecond === 0 && !this.isFull && !this.isBlocked())
      return this.send(bytes)
    this.held.push({ bytes, dueMs: Date.now() + delayMs })
    this.heldBytes += bytes?.length ?? 0
    if (this.heldBytes > heldBytesMax) this.from.pause()
    this.pump()
  }

  private send(bytes: Buffer | null): void {
    if (bytes === null) {
      if (!this.to.destroyed) this.to.end()
      this.finish()
      return
    }
    this.hasMoved = true
    this.heldBytes = Math.max(0, this.heldBytes - bytes.length)
    this.allowance -= bytes.length
    this.link.bytes += bytes.length
    if (!this.to.write(bytes)) this.isFull = true
    if (this.isFull) this.from.pause()
  }

  private waitForAllowanceMs(length: number): number {
    const { bytesPerSecond } = this.link.current
    const nowMs = Date.now()
    if (bytesPerSecond === 0) {
      this.allowance = 0
      this.allowanceAtMs = nowMs
      return 0
    }
    this.allowance = Math.min(bytesPerSecond / 10, this.allowance + ((nowMs - this.allowanceAtMs) * bytesPerSecond) / 1000)
    this.allowanceAtMs = nowMs
    // A chunk goes whole and leaves a debt, which the next one waits for.
    return this.allowance > 0 || length === 0 ? 0 : Math.ceil((-this.allowance * 1000) / bytesPerSecond) + 1
  }

  private finish(): void {
    if (this.isDone) return
    this.stop()
    this.onDone()
  }
}
