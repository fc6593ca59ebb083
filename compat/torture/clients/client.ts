/** A producer under test: it writes to its streams from its start on, and tells the ledger of every acknowledgement. */
import type { Ledger, Stream } from '../history/ledger'

export interface ProducerUnderTest {
  /** Writes no more, waits until every record has been acknowledged or has failed, and ends. Rejects after `timeoutMs`. */
  stop(timeoutMs: number): Promise<void>
  /** At once, whatever is under way. */
  kill(): void
}

export interface ProducerContext {
  readonly bootstrap: string
  readonly ledger: Ledger
  readonly streams: readonly Stream[]
  /** Of the whole producer. */
  readonly recordsPerSecond: number
  /** What the client says of itself, for the timeline. */
  readonly onSaid: (line: string) => void
  /** A record that the client gave up, or an idempotent producer that had to be replaced. */
  readonly onTrouble: (kind: 'failed' | 'replaced', text: string) => void
}

export interface ProducerKind {
  readonly name: string
  readonly isIdempotent: boolean
  /** null, or why it cannot run on this machine. */
  unavailable(): string | null
  start(context: ProducerContext): ProducerUnderTest
}

export async function within<T>(timeoutMs: number, what: string, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} did not come to an end within ${timeoutMs / 1000} s`)), timeoutMs)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
