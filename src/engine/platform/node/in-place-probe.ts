/**
 * Finds out whether this runtime lets an accepted socket receive in place. Node offers `onread` for outgoing sockets only; for accepted ones
 * their handle is moved into a socket of our own making, which is undocumented. So before the first listener relies on it, one byte is sent over
 * a loopback connection that has been adopted this way. Called by NodeNetwork, once a thread; never throws: any doubt answers false,
 * and then NodeNetwork copies from 'data' events.
 */
import net from 'node:net'

const PROBE_TIMEOUT_MS = 1000

interface AdoptionOptions {
  readonly buffer: () => Uint8Array
  readonly callback: (length: number, buffer: Uint8Array) => boolean
}

/** Moves the handle of an accepted, paused socket into a new socket that receives in place; null (and `accepted` untouched) where that fails. */
export function adoptInPlace(accepted: net.Socket, onread: AdoptionOptions): net.Socket | null {
  const shell = accepted as unknown as { _handle: object | null }
  const handle = shell._handle
  if (handle === null || typeof handle !== 'object') return null
  const options = { handle, onread, allowHalfOpen: false } as unknown as net.SocketConstructorOpts
  const adopted = new net.Socket(options)
  if ((adopted as unknown as { _handle: unknown })._handle !== handle) return null
  shell._handle = null
  accepted.destroy()
  adopted.read(0)
  return adopted
}

let probe: Promise<boolean> | null = null

export function canReceiveInPlace(): Promise<boolean> {
  probe ??= runProbe()
  return probe
}

function runProbe(): Promise<boolean> {
  return new Promise((resolve) => {
    const target = Buffer.alloc(8)
    let client: net.Socket | null = null
    const finish = (works: boolean): void => {
      clearTimeout(timer)
      client?.destroy()
      server.close()
      resolve(works)
    }
    const timer = setTimeout(() => finish(false), PROBE_TIMEOUT_MS)
    const server = net.createServer({ pauseOnConnect: true }, (accepted) => {
      accepted.on('error', () => finish(false))
      try {
        const adopted = adoptInPlace(accepted, {
          buffer: () => target,
          callback: (length, buffer) => {
            adopted?.destroy()
            finish(length === 1 && buffer === target && target[0] === 42)
            return true
          },
        })
        if (adopted === null) accepted.destroy()
        adopted?.on('error', () => finish(false))
        adopted?.on('data', () => finish(false))
        if (adopted === null) finish(false)
      } catch {
        finish(false)
      }
    })
    server.on('error', () => finish(false))
    server.listen({ host: '127.0.0.1', port: 0 }, () => {
      const address = server.address()
      if (address === null || typeof address === 'string') return finish(false)
      client = net.connect({ host: '127.0.0.1', port: address.port }, () => client?.write(Buffer.of(42)))
      client.on('error', () => finish(false))
    })
  })
}
