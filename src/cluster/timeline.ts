/**
 * The record of what happened to the cluster and what followed from it. An effect is tied to a cause only where the engine says whose
 * coming or going led to it; nothing is grouped by mere closeness in time.
 */
import type { TimelineEvent, TimelineSeverity } from '../shared/model/cluster'
import type { EngineEvent } from './worker-protocol'

const eventsMax = 2000
/** Like effects of one cause that come within this time are told as one, with their number. */
const foldMs = 150
const detailLengthMax = 300
/** How long after it an action can still be named as the cause of what a broker does. */
const causeHorizonMs = 60_000

type Draft = Omit<TimelineEvent, 'id'>

interface Words {
  readonly severity: TimelineSeverity
  title(event: EngineEvent): string
}

const words: Record<string, Words> = {
  'session-expired': { severity: 'warn', title: (event) => `Session of broker ${event.brokerId} expired` },
  'controller-elected': { severity: 'info', title: (event) => `Broker ${event.brokerId} is the controller` },
  'broker-joined': { severity: 'ok', title: (event) => `Broker ${event.brokerId} joined the cluster` },
  'broker-left': { severity: 'warn', title: (event) => `Broker ${event.brokerId} left the cluster` },
  'leaders-elected': {
    severity: 'info',
    title: (event) => `${partitions(event.count)} elected ${event.count === 1 ? 'a new leader' : 'new leaders'}`,
  },
  'preferred-election': { severity: 'info', title: (event) => `${partitions(event.count)} went back to their preferred leaders` },
  'isr-shrunk': { severity: 'warn', title: (event) => `ISR shrank on ${partitions(event.count)}` },
  'isr-expanded': { severity: 'ok', title: (event) => `${partitions(event.count)} took a replica back into the ISR` },
  'partitions-offline': {
    severity: 'error',
    title: (event) => `${partitions(event.count)} ${event.count === 1 ? 'is' : 'are'} offline`,
  },
  'topic-created': { severity: 'info', title: (event) => `Topic ${event.topic} created` },
  'topic-deletion-waiting': {
    severity: 'warn',
    title: (event) => `Topic ${event.topic} is deleted but for brokers that are down`,
  },
  'topic-deleted': { severity: 'info', title: (event) => `Topic ${event.topic} deleted` },
  'config-changed': { severity: 'info', title: (event) => `Config of ${event.topic ?? 'the cluster'} changed` },
  'partitions-added': { severity: 'info', title: (event) => `${partitions(event.count)} added to ${event.topic}` },
  'reassignment-begun': { severity: 'info', title: (event) => `${partitions(event.count)} being moved to other brokers` },
  'reassignment-ended': { severity: 'ok', title: (event) => `${partitions(event.count)} moved as asked, or moved back` },
  'log-recovered': {
    severity: 'warn',
    title: (event) => `Broker ${event.brokerId} cut damaged bytes from ${partitions(event.count)}`,
  },
  'schema-registered': {
    severity: 'info',
    title: (event) => (event.count === 1 ? 'Schema registered' : `${event.count} schemas registered`),
  },
  'schemas-deleted': {
    severity: 'warn',
    title: (event) => (event.count === 1 ? 'Schema version deleted' : `${event.count} schema versions deleted`),
  },
  'log-dir-failed': { severity: 'error', title: (event) => `Broker ${event.brokerId} cannot write its data directory` },
}

/** By a client. */
const ASKED_FOR: ReadonlySet<string> = new Set(['partitions-added', 'reassignment-begun'])

export class Timeline {
  private readonly events: TimelineEvent[] = []
  private nextId = 1
  private readonly lastCause = new Map<number, { id: number; atMs: number }>()
  private controllerId: number | null = null
  private foldable: { event: TimelineEvent; engine: EngineEvent } | null = null

  constructor(private readonly onDidAppend: (events: readonly TimelineEvent[]) => void) {}

  all(): readonly TimelineEvent[] {
    return this.events
  }

  /** Something a person or the host did to a broker, or that befell it from outside: later effects of that broker name it as their cause. */
  cause(
    type: string,
    title: string,
    options: {
      brokerId?: number
      brokerIds?: readonly number[]
      actor?: 'you' | 'auto'
      severity?: TimelineSeverity
      detail?: string | null
      topic?: string
    },
  ): void {
    const event = this.append({
      atMs: Date.now(),
      kind: 'cause',
      causeId: null,
      severity: options.severity ?? 'info',
      type,
      actor: options.actor ?? 'you',
      title,
      detail: options.detail ?? null,
      brokerId: options.brokerId ?? null,
      topic: options.topic ?? null,
      partition: null,
    })
    const affected = options.brokerIds ?? (options.brokerId === undefined ? [] : [options.brokerId])
    for (const brokerId of affected) this.lastCause.set(brokerId, { id: event.id, atMs: event.atMs })
  }

  engineEvent(told: EngineEvent): void {
    const engine = this.withPredecessor(told)
    const causeId = this.causeOf(engine)
    if (this.fold(engine, causeId)) return
    const wording = words[engine.type]
    const event = this.append({
      atMs: engine.atMs,
      kind: causeId === null && isOwnCause(engine.type) ? 'cause' : 'effect',
      causeId,
      severity: wording?.severity ?? 'info',
      type: engine.type,
      actor: /^(topic|schema|schemas)-/.test(engine.type) || ASKED_FOR.has(engine.type) ? 'client' : 'auto',
      title: wording?.title(engine) ?? engine.type,
      detail: engine.detail,
      brokerId: engine.brokerId,
      topic: engine.topic,
      partition: engine.partition,
    })
    this.foldable = { event, engine }
  }

  /** A new controller follows from what befell the one before, not from what it did itself. */
  private withPredecessor(engine: EngineEvent): EngineEvent {
    if (engine.type !== 'controller-elected') return engine
    const predecessorId = this.controllerId
    this.controllerId = engine.brokerId
    return { ...engine, causeBrokerId: predecessorId ?? engine.brokerId }
  }

  private causeOf(engine: EngineEvent): number | null {
    const candidates = engine.type === 'controller-elected' ? [engine.causeBrokerId] : [engine.causeBrokerId, engine.brokerId]
    for (const brokerId of candidates) {
      if (brokerId === null) continue
      const cause = this.lastCause.get(brokerId)
      if (cause !== undefined && engine.atMs - cause.atMs <= causeHorizonMs) return cause.id
    }
    return null
  }

  /** Adds to the newest event where it is of the same kind and moment; the window replaces an event it knows by id. */
  private fold(engine: EngineEvent, causeId: number | null): boolean {
    const last = this.foldable
    if (last === null || engine.count === null || last.engine.count === null) return false
    const { event } = last
    if (event.type !== engine.type || event.causeId !== causeId || engine.atMs - event.atMs > foldMs) return false
    const merged: EngineEvent = { ...engine, count: last.engine.count + engine.count, topic: null, partition: null }
    const folded: TimelineEvent = {
      ...event,
      title: words[engine.type]?.title(merged) ?? engine.type,
      detail: joined(event.detail, engine.detail),
      topic: null,
      partition: null,
    }
    this.events[this.events.length - 1] = folded
    this.foldable = { event: folded, engine: merged }
    this.onDidAppend([folded])
    return true
  }

  private append(draft: Draft): TimelineEvent {
    const event: TimelineEvent = { id: this.nextId++, ...draft }
    this.events.push(event)
    if (this.events.length > eventsMax) this.events.splice(0, this.events.length - eventsMax)
    this.foldable = null
    this.onDidAppend([event])
    return event
  }
}

function isOwnCause(type: string): boolean {
  return (
    /^(topic|schema|schemas)-/.test(type) || ASKED_FOR.has(type) || type === 'config-changed' || type === 'preferred-election'
  )
}

function partitions(count: number | null): string {
  return count === 1 ? '1 partition' : `${count ?? 0} partitions`
}

/** What both say, once; a long list ends in dots. */
function joined(known: string | null, more: string | null): string | null {
  if (known === null || more === null || known.split('; ').includes(more)) return known ?? more
  if (known.endsWith('…')) return known
  return known.length + more.length > detailLengthMax ? `${known}; …` : `${known}; ${more}`
}
