/**
 * The timeline kept over restarts: `timeline.jsonl` in the workspace, a line an event, the newest line of an id counts. Appended to a few times a
 * second at most; written anew when it holds twice what is kept. A line that a crash cut short is dropped, and so is anything that is no event.
 * Owned by Timeline; a disk that refuses ends the keeping, never the recording.
 */
import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { appendFile } from 'node:fs/promises'
import * as v from 'valibot'
import type { TimelineEvent } from '../shared/model/cluster'

const flushMs = 500

const eventSchema = v.looseObject({
  id: v.pipe(v.number(), v.integer(), v.minValue(1)),
  atMs: v.number(),
  kind: v.picklist(['cause', 'effect']),
  causeId: v.nullable(v.number()),
  severity: v.picklist(['info', 'ok', 'warn', 'error']),
  type: v.string(),
  actor: v.picklist(['you', 'auto', 'client']),
  title: v.string(),
  detail: v.nullable(v.string()),
  brokerId: v.nullable(v.number()),
  topic: v.nullable(v.string()),
  partition: v.nullable(v.number()),
})

export class TimelineFile {
  /** What was kept, oldest first. */
  readonly kept: readonly TimelineEvent[]
  private waiting: string[] = []
  private lineCount: number
  private timer: NodeJS.Timeout | null = null
  private writing: Promise<void> = Promise.resolve()
  private hasFailed = false

  constructor(
    private readonly path: string,
    private readonly eventsMax: number,
    private readonly onFailure: (error: Error) => void = () => undefined,
  ) {
    const { events, lineCount } = this.read()
    this.kept = events
    this.lineCount = lineCount
  }

  /** `all`: what the timeline holds now, for when the file is to be written anew. */
  write(event: TimelineEvent, all: readonly TimelineEvent[]): void {
    if (this.hasFailed) return
    this.waiting.push(JSON.stringify(event))
    this.timer ??= setTimeout(() => this.flush(all), flushMs)
  }

  /** Writes what is waiting before it returns: the process may end next. */
  close(): void {
    if (this.timer !== null) clearTimeout(this.timer)
    this.timer = null
    if (this.waiting.length === 0 || this.hasFailed) return
    this.guard(() => appendFileSync(this.path, this.takeWaiting()))
  }

  /** Resolves when nothing is being written; for tests. */
  whenWritten(): Promise<void> {
    return this.writing
  }

  private flush(all: readonly TimelineEvent[]): void {
    this.timer = null
    if (this.lineCount + this.waiting.length > this.eventsMax * 2) {
      this.waiting = []
      this.lineCount = all.length
      this.guard(() => {
        writeFileSync(`${this.path}.tmp`, all.map((event) => `${JSON.stringify(event)}\n`).join(''))
        renameSync(`${this.path}.tmp`, this.path)
      })
      return
    }
    const lines = this.takeWaiting()
    this.writing = this.writing.then(() => appendFile(this.path, lines)).catch((error: unknown) => this.fail(error))
  }

  private takeWaiting(): string {
    const lines = this.waiting.map((line) => `${line}\n`).join('')
    this.lineCount += this.waiting.length
    this.waiting = []
    return lines
  }

  private read(): { events: TimelineEvent[]; lineCount: number } {
    const byId = new Map<number, TimelineEvent>()
    let lines: string[] = []
    this.guard(() => {
      if (existsSync(this.path)) lines = readFileSync(this.path, 'utf8').split('\n')
    })
    for (const line of lines) {
      const event = parse(line)
      if (event !== null) byId.set(event.id, event)
    }
    // A torn last line must not swallow the first new one.
    if (lines.length > 0 && lines[lines.length - 1] !== '') this.guard(() => appendFileSync(this.path, '\n'))
    const events = [...byId.values()].sort((left, right) => left.id - right.id).slice(-this.eventsMax)
    return { events, lineCount: lines.length }
  }

  private guard(write: () => void): void {
    try {
      write()
    } catch (error) {
      this.fail(error)
    }
  }

  private fail(error: unknown): void {
    if (this.hasFailed) return
    this.hasFailed = true
    this.waiting = []
    this.onFailure(error as Error)
  }
}

function parse(line: string): TimelineEvent | null {
  if (line === '') return null
  try {
    const parsed = v.safeParse(eventSchema, JSON.parse(line))
    return parsed.success ? (parsed.output as unknown as TimelineEvent) : null
  } catch {
    return null
  }
}
