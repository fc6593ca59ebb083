/**
 * What the coordination server says of itself: ZooKeeper's four-letter words over a connection of their own, and their answers read back into
 * figures. Formats: ZooKeeper 3.8, DumpCommand, ConsCommand, WatchByPathCommand, MonitorCommand.
 */
import type { Network } from '../../engine/platform'

/** An answer of a server with a hundred thousand watches; more is not read. */
const answerLimit = 64 * 1024 * 1024
const chunkBytes = 64 * 1024

/** Asks one word. Rejects where nobody answers in time or the connection breaks. */
export function askServer(network: Network, host: string, port: number, word: string, timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let length = 0
    const buffer = new Uint8Array(chunkBytes)
    const connection = network.connect(
      { host, port, timeoutMs },
      {
        onConnect: () => void connection.write([Buffer.from(word, 'latin1')]),
        receiveBuffer: () => buffer,
        onData: (bytes, count) => {
          chunks.push(Buffer.from(bytes.subarray(0, count)))
          length += count
          if (length > answerLimit) connection.destroy()
        },
        // The server answers a word and closes.
        onClose: (error) =>
          error === null && length <= answerLimit
            ? resolve(Buffer.concat(chunks).toString('utf8'))
            : reject(error ?? new Error(`The answer to ${word} is over ${answerLimit} bytes.`)),
      },
    )
  })
}

/** `mntr`: name and value, without the `zk_`. */
export function readMonitor(answer: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>()
  for (const line of answer.split('\n')) {
    const tab = line.indexOf('\t')
    if (tab > 0) values.set(line.slice(0, tab).replace(/^zk_/, ''), line.slice(tab + 1))
  }
  return values
}

export interface ConnectionLine {
  readonly address: string
  readonly sessionId: string
  readonly timeoutMs: number
  readonly sinceMs: number
  readonly lastOperation: string
  readonly receivedCount: number
  readonly sentCount: number
}

/** `cons`: the connections that have a session. ` /127.0.0.1:4711[1](queued=0,recved=5,sent=5,sid=0x1,lop=PING,est=…,to=…,…)`. */
export function readConnections(answer: string): readonly ConnectionLine[] {
  return answer.split('\n').flatMap((line) => {
    const match = /^ \/(.+)\[\d\]\((.*)\)$/.exec(line)
    if (!match) return []
    const fields = new Map((match[2] ?? '').split(',').map((field) => field.split('=', 2) as [string, string]))
    const sessionId = fields.get('sid')
    if (sessionId === undefined) return []
    return [
      {
        address: match[1] ?? '',
        sessionId,
        timeoutMs: Number(fields.get('to')),
        sinceMs: Number(fields.get('est')),
        lastOperation: fields.get('lop') ?? 'NA',
        receivedCount: Number(fields.get('recved')),
        sentCount: Number(fields.get('sent')),
      },
    ]
  })
}

export interface SessionDump {
  /** Every session, with the tick at which it expires. */
  readonly expiresAtMs: ReadonlyMap<string, number>
  readonly ephemerals: ReadonlyMap<string, readonly string[]>
}

/** `dump`: sessions by the tick that ends them, and the ephemeral znodes of each. */
export function readDump(answer: string): SessionDump {
  const expiresAtMs = new Map<string, number>()
  const ephemerals = new Map<string, string[]>()
  let due = Number.NaN
  let owner: string[] | null = null
  for (const line of answer.split('\n')) {
    const expiry = /^\d+ expire at (.*):$/.exec(line)
    if (expiry) due = Date.parse(expiry[1] ?? '')
    else if (/^0x[0-9a-f]+:$/.test(line)) {
      owner = []
      ephemerals.set(line.slice(0, -1), owner)
    } else if (line === 'Connections dump:') break
    else if (line.startsWith('\t')) {
      if (owner) owner.push(line.slice(1))
      else expiresAtMs.set(line.slice(1), due)
    }
  }
  return { expiresAtMs, ephemerals }
}

/** `wchc`: the paths whose data each session watches. */
export function readWatches(answer: string): ReadonlyMap<string, readonly string[]> {
  const watches = new Map<string, string[]>()
  let paths: string[] | null = null
  for (const line of answer.split('\n')) {
    if (/^0x[0-9a-f]+$/.test(line)) {
      paths = watches.get(line) ?? []
      watches.set(line, paths)
    } else if (line.startsWith('\t')) paths?.push(line.slice(1))
  }
  return watches
}
