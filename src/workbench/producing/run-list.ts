/**
 * The runs: those under way and the last fifty that have ended, with what was asked for, kept in a file of the workspace so that they are
 * there after a restart. One that was under way when the workbench went is listed as interrupted.
 */
import * as v from 'valibot'
import { produceRequest } from '../../shared/ipc/calls/producing'
import { WorkbenchError } from '../../shared/ipc/errors'
import type { ProduceProgress, ProduceRequestInput, ProduceRunView } from '../../shared/model/producing'
import { JsonFile } from '../json-file'
import type { ProducerRun } from './producer-run'

const endedMax = 50
/** A request that is larger is not kept: its records stand in the topic. */
const requestCharactersMax = 64_000
const labelMax = 80

const number = v.number()
const failure = v.object({ name: v.string(), message: v.string() })
const progressSchema = v.object({
  runId: number,
  state: v.picklist(['waiting', 'running', 'paused', 'finished', 'cancelled', 'failed']),
  sentCount: number,
  acknowledgedCount: number,
  failedCount: number,
  retryCount: number,
  elapsedMs: number,
  ratePerSecond: number,
  last: v.nullable(v.object({ partition: number, offset: number, timestamp: v.string() })),
  partitions: v.array(v.object({ partition: number, firstOffset: number, lastOffset: number, count: number })),
  error: v.nullable(failure),
  errors: v.array(v.object({ ...failure.entries, count: number, retryCount: number })),
  latencyMs: v.nullable(v.object({ p50: number, p95: number, p99: number, max: number })),
  latencyCounts: v.array(number),
  transactions: v.nullable(v.object({ committed: number, aborted: number })),
  nextAtMs: v.nullable(number),
})
const entrySchema = v.object({
  label: v.string(),
  topic: v.string(),
  request: v.nullable(produceRequest),
  startedAtMs: number,
  endedAtMs: v.nullable(number),
  progress: progressSchema,
})
const fileSchema = v.object({ version: v.literal(1), runs: v.array(entrySchema) })

interface Entry {
  readonly label: string
  readonly topic: string
  /** null: it was too large to be kept. */
  readonly request: ProduceRequestInput | null
  readonly startedAtMs: number
  endedAtMs: number | null
  progress: ProduceProgress
}

export class RunList {
  private readonly live = new Map<number, ProducerRun>()
  private entries: Entry[] | null = null
  private nextId = 1
  private readonly file: JsonFile<typeof fileSchema>

  constructor(
    path: string,
    nowMs: () => number,
    private readonly hasLines: (linesId: number) => boolean,
    private readonly onChange: (runs: readonly ProduceRunView[]) => void,
    private readonly onProblem: (message: string) => void,
  ) {
    this.file = new JsonFile(path, fileSchema, nowMs)
  }

  takeId(): number {
    this.read()
    return this.nextId++
  }

  add(run: ProducerRun): void {
    this.live.set(run.id, run)
    const { input } = run
    this.read().unshift({
      label: labelOf(input),
      topic: input.topic,
      request: input,
      startedAtMs: run.startedAtMs,
      endedAtMs: null,
      progress: run.progress(),
    })
    this.write()
  }

  ended(run: ProducerRun): void {
    this.live.delete(run.id)
    const entry = this.read().find(({ progress }) => progress.runId === run.id)
    if (entry !== undefined) {
      entry.endedAtMs = run.endedAtMs
      entry.progress = run.progress()
    }
    this.write()
  }

  run(runId: number): ProducerRun | undefined {
    return this.live.get(runId)
  }

  /** Throws where it is not known any more, or was too large to be kept. */
  request(runId: number): ProduceRequestInput {
    const entry = this.read().find(({ progress }) => progress.runId === runId)
    const problem = entry === undefined ? 'This run is not in the list any more.' : this.againProblem(entry, false)
    if (entry?.request == null || problem !== null)
      throw new WorkbenchError('expected', 'RUN_NOT_KEPT', problem ?? 'This run is not in the list any more.')
    return entry.request
  }

  forget(runId: number | null): void {
    this.entries = this.read().filter(
      ({ progress }) => this.live.has(progress.runId) || (runId !== null && progress.runId !== runId),
    )
    this.write()
  }

  views(): ProduceRunView[] {
    return this.read().map((entry) => ({
      runId: entry.progress.runId,
      topic: entry.topic,
      label: entry.label,
      source: entry.request?.lines == null ? 'message' : 'lines',
      count: entry.request?.count ?? null,
      startedAtMs: entry.startedAtMs,
      endedAtMs: entry.endedAtMs,
      progress: this.live.get(entry.progress.runId)?.progress() ?? entry.progress,
      againProblem: this.againProblem(entry, true),
    }))
  }

  private againProblem({ request }: Entry, needsLines: boolean): string | null {
    if (request === null) return 'Its message was too large to be kept.'
    if (!needsLines || request.lines == null || this.hasLines(request.lines.linesId)) return null
    return `The lines of ${request.lines.name} are not kept. Choose the file again.`
  }

  private read(): Entry[] {
    if (this.entries !== null) return this.entries
    const { value, problem } = this.file.read()
    if (problem !== null) this.onProblem(problem)
    this.entries = (value?.runs ?? []).map((entry): Entry => (entry.endedAtMs === null ? interrupted(entry) : { ...entry }))
    this.nextId = Math.max(0, ...this.entries.map(({ progress }) => progress.runId)) + 1
    return this.entries
  }

  private write(): void {
    const all = this.read()
    const ended = all.filter(({ progress }) => !this.live.has(progress.runId)).slice(0, endedMax)
    this.entries = all.filter((entry) => this.live.has(entry.progress.runId) || ended.includes(entry))
    try {
      this.file.write({ version: 1, runs: this.entries.map(toFile) })
    } catch (error) {
      this.onProblem(`The list of runs could not be written: ${(error as Error).message}.`)
    }
    this.onChange(this.views())
  }
}

function interrupted(entry: v.InferOutput<typeof entrySchema>): Entry {
  const why = {
    name: 'INTERRUPTED',
    message: 'The workbench was closed while it ran. What was acknowledged by then is in the topic.',
  }
  return {
    ...entry,
    endedAtMs: entry.startedAtMs + entry.progress.elapsedMs,
    progress: { ...entry.progress, state: 'cancelled', error: why, nextAtMs: null },
  }
}

function toFile(entry: Entry): v.InferInput<typeof entrySchema> {
  const request = entry.request
  const isKept = request !== null && JSON.stringify(request).length <= requestCharactersMax
  return {
    ...entry,
    request: isKept ? { ...request, headers: [...request.headers] } : null,
    progress: {
      ...entry.progress,
      partitions: [...entry.progress.partitions],
      errors: [...entry.progress.errors],
      latencyCounts: [...entry.progress.latencyCounts],
    },
  }
}

/** What tells one message from another: its key, or how its value begins. */
function labelOf({ key, value, lines }: ProduceRequestInput): string {
  if (lines != null) return lines.name
  const words = key.format !== 'null' && key.text !== '' ? key.text : value.format === 'null' ? 'null' : value.text
  return words === '' ? 'empty' : words.slice(0, labelMax).replace(/\s+/g, ' ')
}
