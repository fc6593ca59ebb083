/** What happened, when: the faults as they were done, and what the cluster said of itself. Kept in a file, and shown when a run fails. */
import { appendFileSync } from 'node:fs'

/** Ends of workers that faults lead to, as in Kafka. */
const explained = [
  // Told to die by us.
  /^The coordination service crashed: the worker ended with exit code 1/,
  // Its disk's doing.
  /\(torture\)/,
  // Cut off from coordination for longer than it waits; a start on a folder that cannot be written.
  /cannot start: /,
  /It did not stop in time/,
]

export class RunTimeline {
  private readonly startMs = Date.now()
  readonly faultCounts = new Map<string, number>()
  /** Brokers that ended by themselves, by reason. */
  readonly crashes = new Map<string, number>()
  private readonly faults: string[] = []

  constructor(readonly path: string) {}

  get elapsedMs(): number {
    return Date.now() - this.startMs
  }

  /** A fault has hit. */
  fault(kind: string, text: string): void {
    this.faultCounts.set(kind, (this.faultCounts.get(kind) ?? 0) + 1)
    this.note(`FAULT ${kind}: ${text}`)
  }

  note(text: string): void {
    const line = `${new Date().toISOString()} +${(this.elapsedMs / 1000).toFixed(3)} ${text}`
    this.faults.push(line)
    if (this.faults.length > 5_000) this.faults.shift()
    appendFileSync(this.path, `${line}\n`)
  }

  /** Words of the cluster: in the file only. */
  said(text: string): void {
    const reason = /ERROR \[cluster\] (.* crashed: .*)/.exec(text)?.[1]
    if (reason !== undefined) this.crashes.set(reason, (this.crashes.get(reason) ?? 0) + 1)
    appendFileSync(this.path, `${new Date().toISOString()}    | ${text}\n`)
  }

  last(count: number): readonly string[] {
    return this.faults.slice(-count)
  }

  /** Those that no fault asked for: a bug. */
  get unexplainedCrashes(): readonly string[] {
    return [...this.crashes.keys()].filter((reason) => !explained.some((pattern) => pattern.test(reason)))
  }

  get faultTotal(): number {
    return [...this.faultCounts.values()].reduce((sum, count) => sum + count, 0)
  }
}
