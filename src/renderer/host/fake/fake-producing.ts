/**
 * Producing in the fake host: runs that go on with each tick, against the fake cluster and its failures; templates filled in with words from a
 * list; lines that are split and counted; saved messages that live as long as the page.
 */
import type { EventName, EventPayloads } from '../../../shared/ipc/contract'
import { WorkbenchError } from '../../../shared/ipc/errors'
import { partitionForKey } from '../../../shared/lang/murmur2'
import { hasTemplate, parseTemplate, templateFunctions } from '../../../shared/lang/template'
import {
  type LinesCheck,
  type LinesRequest,
  latencyBoundsMs,
  type PayloadInput,
  type ProducePreview,
  type ProduceProgress,
  type ProduceRequestInput,
  type ProduceRunView,
  type SavedMessage,
  type SavedMessages,
} from '../../../shared/model/producing'
import type { FakeCluster } from './fake-cluster'
import type { Handlers } from './fake-host'
import type { FakeMessages } from './fake-messages'
import { fakeRuns, fakeSaved } from './fake-producing-data'

interface Run {
  view: ProduceRunView
  request: ProduceRequestInput
  beganAtMs: number
  pausedMs: number
  lastTickMs: number
}

export interface FakeProducingOptions {
  readonly cluster: FakeCluster
  readonly messages: FakeMessages
  readonly now: () => number
  readonly emit: <N extends EventName>(name: N, payload: EventPayloads[N]) => void
  readonly need: (topic: string) => void
  readonly hasHistory: boolean
}

type ProduceHandlers = { readonly [N in Extract<keyof Handlers, `produce.${string}`>]: Handlers[N] }

const perStepMax = 2_000
const isOver = ({ progress }: ProduceRunView): boolean => !['running', 'waiting', 'paused'].includes(progress.state)

export class FakeProducing {
  private readonly runs: Run[]
  private nextRunId = 100
  private nextLinesId = 1
  private readonly lineCounts = new Map<number, number>()
  private saved: SavedMessages

  constructor(private readonly options: FakeProducingOptions) {
    const nowMs = options.now()
    this.runs = options.hasHistory
      ? fakeRuns(nowMs).map(({ view, request }) => ({
          view,
          request,
          beganAtMs: view.startedAtMs,
          pausedMs: 0,
          lastTickMs: nowMs,
        }))
      : []
    this.saved = options.hasHistory ? fakeSaved(nowMs) : { folders: [], messages: [], problem: null }
  }

  tick(): void {
    for (const run of this.runs) if (!isOver(run.view)) this.advance(run)
  }

  readonly handlers: ProduceHandlers = {
    'produce.start': (request) => this.start(request as ProduceRequestInput),
    'produce.again': ({ runId }) => this.start(this.find(runId).request),
    'produce.cancel': ({ runId }) => this.change(runId, (run) => this.set(run, { state: 'cancelled', nextAtMs: null })),
    'produce.pause': ({ runId, isPaused }) =>
      this.change(runId, (run) => this.set(run, { state: isPaused ? 'paused' : 'running' })),
    'produce.runs': () => this.views(),
    'produce.request': ({ runId }) => this.find(runId).request,
    'produce.forget': ({ runId }) => {
      for (const run of [...this.runs])
        if (isOver(run.view) && (runId === null || run.view.runId === runId)) this.runs.splice(this.runs.indexOf(run), 1)
      this.options.emit('produce.runsChanged', this.views())
      return undefined
    },
    'produce.preview': ({ request, count }) => this.preview(request as ProduceRequestInput, count),
    'produce.fillIn': ({ text }) => ({ text: fill(text, 0, '') }),
    'produce.checkLines': (request) => this.checkLines(request as LinesRequest),
    'produce.saved': () => this.saved,
    'produce.save': ({ messages, folders }) => {
      const byId = new Map(this.saved.messages.map((each) => [each.id, each]))
      for (const message of messages as SavedMessage[]) byId.set(message.id, message)
      return this.keep([...byId.values()], [...this.saved.folders, ...folders, ...messages.map(({ folder }) => folder)])
    },
    'produce.removeSaved': ({ ids, folders }) =>
      this.keep(
        this.saved.messages.filter(({ id, folder }) => !ids.includes(id) && !folders.includes(folder)),
        this.saved.folders.filter((folder) => !folders.includes(folder)),
      ),
    'produce.renameFolder': ({ from, to }) =>
      this.keep(
        this.saved.messages.map((each) => (each.folder === from ? { ...each, folder: to } : each)),
        this.saved.folders.map((folder) => (folder === from ? to : folder)),
      ),
  }

  private keep(messages: readonly SavedMessage[], folders: readonly string[]): SavedMessages {
    this.saved = { messages, folders: [...new Set(folders)].filter((folder) => folder !== '').sort(), problem: null }
    return this.saved
  }

  private find(runId: number): Run {
    const run = this.runs.find(({ view }) => view.runId === runId)
    if (!run) throw new WorkbenchError('expected', 'RUN_NOT_KEPT', 'This run is not in the list any more.')
    return run
  }

  private change(runId: number, change: (run: Run) => void): undefined {
    const run = this.runs.find(({ view }) => view.runId === runId)
    if (!run || isOver(run.view)) return undefined
    change(run)
    this.tell(run)
    return undefined
  }

  private set(run: Run, change: Partial<ProduceProgress>): void {
    const progress = { ...run.view.progress, ...change }
    const wasOver = isOver(run.view)
    run.view = { ...run.view, progress }
    if (!wasOver && isOver(run.view)) run.view = { ...run.view, endedAtMs: this.options.now() }
  }

  private tell(run: Run): void {
    this.options.emit('produce.progress', run.view.progress)
    if (isOver(run.view)) this.options.emit('produce.runsChanged', this.views())
  }

  private views(): ProduceRunView[] {
    return this.runs.map(({ view }) => view)
  }

  private start(request: ProduceRequestInput): { readonly runId: number } {
    this.options.need(request.topic)
    const runId = this.nextRunId++
    const nowMs = this.options.now()
    const count = request.lines ? (this.lineCounts.get(request.lines.linesId) ?? 1) : request.count
    const startAtMs = request.pace?.startAtMs ?? null
    const isWaiting = startAtMs !== null && startAtMs > nowMs
    const progress: ProduceProgress = {
      runId,
      state: isWaiting ? 'waiting' : 'running',
      sentCount: 0,
      acknowledgedCount: 0,
      failedCount: 0,
      retryCount: 0,
      elapsedMs: 0,
      ratePerSecond: 0,
      last: null,
      partitions: [],
      error: null,
      errors: [],
      latencyMs: null,
      latencyCounts: latencyBoundsMs.map(() => 0).concat(0),
      transactions: request.transaction ? { committed: 0, aborted: 0 } : null,
      nextAtMs: isWaiting ? startAtMs : null,
    }
    const words = request.key.format !== 'null' && request.key.text !== '' ? request.key.text : request.value.text
    const view: ProduceRunView = {
      runId,
      topic: request.topic,
      label: request.lines?.name ?? (words.slice(0, 80).replace(/\s+/g, ' ') || 'empty'),
      source: request.lines ? 'lines' : 'message',
      count,
      startedAtMs: nowMs,
      endedAtMs: null,
      progress,
      againProblem: null,
    }
    const run: Run = {
      view,
      request: { ...request, count },
      beganAtMs: isWaiting ? (startAtMs ?? nowMs) : nowMs,
      pausedMs: 0,
      lastTickMs: nowMs,
    }
    this.runs.unshift(run)
    setTimeout(() => {
      this.options.emit('produce.runsChanged', this.views())
      this.advance(run)
    }, 0)
    return { runId }
  }

  /** One step: what is due by the rate, up to 2,000 records, waiting where the partition cannot take them. */
  private advance(run: Run): void {
    const { cluster, messages, now } = this.options
    const nowMs = now()
    const passedMs = nowMs - run.lastTickMs
    run.lastTickMs = nowMs
    const { state } = run.view.progress
    if (isOver(run.view)) return
    if (state === 'paused') {
      run.pausedMs += passedMs
      return
    }
    if (state === 'waiting') {
      if (nowMs < run.beganAtMs) return
      this.set(run, { state: 'running', nextAtMs: null })
    }
    const { request } = run
    const count = request.count ?? Number.POSITIVE_INFINITY
    const views = cluster.partitionViews(request.topic)
    const progress = run.view.progress
    const partitions = new Map(progress.partitions.map((entry) => [entry.partition, { ...entry }]))
    let { acknowledgedCount, last } = progress
    let error = null as ProduceProgress['error']
    const perSecond = request.pace?.perSecond ?? null
    const due = perSecond === null ? count : Math.floor(((nowMs - run.beganAtMs - run.pausedMs) * perSecond) / 1_000) + 1
    const until = Math.min(count, due, acknowledgedCount + perStepMax)
    const before = acknowledgedCount
    while (acknowledgedCount < until) {
      const key = toBytes(request.key, acknowledgedCount, '')
      const number =
        request.partition ??
        (key && hasTemplate(request.key.text) ? partitionForKey(key, views.length) : acknowledgedCount % views.length)
      const view = views[number]
      const target = cluster.partition(request.topic, number)
      const leader = target?.replicas.find((replica) => replica.brokerId === target.leader)
      if (!view || !target || !leader || !cluster.isUp(leader.brokerId)) {
        error = {
          name: 'LEADER_NOT_AVAILABLE',
          message: `${request.topic}-${number} has no leader. It is tried again until broker ${view?.preferredLeader ?? '?'} is back.`,
        }
        break
      }
      if (request.acks === -1 && target.isr.length < view.minInSyncReplicas) {
        error = {
          name: 'NOT_ENOUGH_REPLICAS',
          message: `${request.topic}-${number} has ${target.isr.length} replica in sync and asks for ${view.minInSyncReplicas}. Start a broker that holds it, or write with acks 1.`,
        }
        break
      }
      const offset = leader.logEndOffset++
      for (const replica of target.replicas)
        if (target.isr.includes(replica.brokerId)) replica.logEndOffset = Math.max(replica.logEndOffset, offset + 1)
      const timestampMs = request.timestamp === null ? nowMs : Number(request.timestamp)
      const keyText = request.key.format === 'null' ? '' : fill(request.key.text, acknowledgedCount, '')
      messages.remember(request.topic, number, offset, {
        key,
        value: toBytes(request.value, acknowledgedCount, keyText),
        headers: request.headers.map((header) => ({ key: header.key, value: toBytes(header.value, acknowledgedCount, keyText) })),
        timestampMs,
      })
      const entry = partitions.get(number)
      if (entry) Object.assign(entry, { lastOffset: offset, count: entry.count + 1 })
      else partitions.set(number, { partition: number, firstOffset: offset, lastOffset: offset, count: 1 })
      last = { partition: number, offset: request.acks === 0 ? -1 : offset, timestamp: String(timestampMs) }
      acknowledgedCount++
    }
    const done = acknowledgedCount - before
    const bumps = [1, 4, 12, 22, 18, 9, 4, 1]
    const latencyCounts = progress.latencyCounts.map((has, at) => has + Math.round((done * (bumps[at] ?? 0)) / 71))
    const isFinished = acknowledgedCount >= count
    const retry = error === null ? [] : [{ ...error, count: 0, retryCount: 1 }]
    this.set(run, {
      state: isFinished ? 'finished' : 'running',
      sentCount: error ? Math.min(count, acknowledgedCount + 1) : acknowledgedCount,
      acknowledgedCount,
      retryCount: progress.retryCount + retry.length,
      elapsedMs: Math.max(250, nowMs - run.view.startedAtMs),
      ratePerSecond: isFinished
        ? Math.round((acknowledgedCount * 1_000) / Math.max(250, nowMs - run.view.startedAtMs))
        : Math.round((done * 1_000) / Math.max(1, passedMs || 250)),
      last,
      partitions: [...partitions.values()].sort((left, right) => left.partition - right.partition),
      error,
      errors: retry.length > 0 ? retry : progress.errors,
      latencyMs: acknowledgedCount > 0 ? { p50: 1.18, p95: 3.71, p99: 6.04, max: 11.9 } : null,
      latencyCounts,
      transactions: request.transaction
        ? {
            committed: Math.floor(
              (acknowledgedCount / request.transaction.recordsPerTransaction) * (1 - request.transaction.abortPercent / 100),
            ),
            aborted: Math.floor(
              (acknowledgedCount / request.transaction.recordsPerTransaction) * (request.transaction.abortPercent / 100),
            ),
          }
        : null,
    })
    this.tell(run)
  }

  private preview(request: ProduceRequestInput, count: number): ProducePreview[] {
    const partitionCount = this.options.cluster.topics.has(request.topic)
      ? this.options.cluster.partitionViews(request.topic).length
      : 0
    return Array.from({ length: Math.min(count, request.count ?? count) }, (_, index): ProducePreview => {
      const number = request.keys ? (index * 7919 + (request.seed ?? 0)) % request.keys.count : index
      const none = { index, key: null, value: null, headers: [], partition: null }
      for (const [what, input] of [
        ['key', request.key],
        ['value', request.value],
      ] as const) {
        const problem = templateProblem(input.text)
        if (problem !== null) return { ...none, problem: `In the ${what}: ${problem}` }
      }
      const key = request.key.format === 'null' ? null : fill(request.key.text, number, '')
      return {
        index,
        key,
        value: request.value.format === 'null' ? null : fill(request.value.text, index, key ?? ''),
        headers: [],
        partition:
          request.partition ??
          (key === null || partitionCount === 0 ? null : partitionForKey(new TextEncoder().encode(key), partitionCount)),
        problem: null,
      }
    })
  }

  private checkLines({ kind, text, mapping, topic }: LinesRequest): LinesCheck {
    const lines = text.split('\n').filter((line) => line.trim() !== '')
    const columns = kind === 'csv' ? (lines.shift() ?? '').split(',').map((name) => name.trim()) : []
    const problems = lines.flatMap((line, at) => {
      if (kind !== 'json' && kind !== 'records') return []
      try {
        JSON.parse(line)
        return []
      } catch (error) {
        return [
          {
            line: at + 1,
            column: 1 + (Number(/position (\d+)/.exec((error as Error).message)?.[1]) || 0),
            message: 'This is not JSON: property name expected.',
          },
        ]
      }
    })
    const linesId = this.nextLinesId++
    this.lineCounts.set(linesId, lines.length - problems.length)
    const partitionCount = this.options.cluster.topics.has(topic) ? this.options.cluster.partitionViews(topic).length : 1
    return {
      linesId,
      count: lines.length - problems.length,
      byteCount: text.length,
      problems: problems.slice(0, 100),
      problemCount: problems.length,
      columns,
      mapping:
        kind === 'csv'
          ? (mapping ?? { key: columns[0] ?? null, value: null, timestamp: null, partition: null, headers: [] })
          : null,
      preview: lines.slice(0, 5).map((line, index) => ({
        index,
        key: kind === 'csv' ? (line.split(',')[0] ?? null) : null,
        value: line,
        headers: [],
        partition: index % partitionCount,
        problem: null,
      })),
    }
  }
}

const words: Readonly<Record<string, readonly string[]>> = {
  'faker.person.fullName': ['Marta Lindqvist', 'Noah Weber', 'Camille Roux', 'Jan de Vries', 'Lucía Ferrer'],
  'faker.internet.email': [
    'marta@example.com',
    'noah@example.com',
    'camille@example.com',
    'jan@example.com',
    'lucia@example.com',
  ],
  'faker.commerce.productName': ['Oak Chair', 'Linen Shirt', 'Steel Flask', 'Wool Blanket', 'Desk Lamp'],
}

function fill(text: string, index: number, key: string): string {
  if (!hasTemplate(text)) return text
  return parseTemplate(text)
    .parts.map((part) => {
      if (typeof part === 'string') return part
      if (part.name === 'index') return String(index)
      if (part.name === 'key') return key
      if (part.name === 'seq') return String(BigInt(part.args[0] ?? 0) + BigInt(index) * BigInt(part.args[1] ?? 1))
      if (part.name === 'uuid') return `5b0e7d3${index % 10}-8c1f-4e52-9a77-0f3d6c2b1a0${index % 10}`
      if (part.name === 'now') return '2026-11-23T14:32:07.418Z'
      if (part.name === 'random') return String(Number(part.args[0] ?? 0) + ((index * 37) % 90))
      if (part.name === 'pick') return part.args[index % Math.max(1, part.args.length)] ?? ''
      return words[part.name]?.[index % 5] ?? `${part.name.split('.').pop()}-${index}`
    })
    .join('')
}

function templateProblem(text: string): string | null {
  const { problem, expressions } = parseTemplate(text)
  if (problem) return problem.message
  const known = new Set(templateFunctions.map(({ usage }) => usage.split(' ')[0]))
  const unknown = expressions.find(({ name }) => !known.has(name) && !name.startsWith('faker.'))
  return unknown ? `There is no function ${unknown.name}.` : null
}

function toBytes(input: PayloadInput, index: number, key: string): Uint8Array | null {
  const text = fill(input.text, index, key) // a schema's own encoding is not imitated
  if (input.format === 'null') return null
  if (input.format === 'hex') return Uint8Array.from(text.match(/[0-9a-f]{2}/gi) ?? [], (pair) => Number.parseInt(pair, 16))
  if (input.format === 'base64') return Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
  return new TextEncoder().encode(text)
}
