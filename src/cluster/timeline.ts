/**
 * The record of what happened to the cluster and what followed from it. An effect is tied to a cause only where the engine says whose
 * coming or going led to it; nothing is grouped by mere closeness in time. Kept over restarts where a file is given.
 */
import type { TimelineEvent, TimelineSeverity } from '../shared/model/cluster'
import type { TimelineFile } from './timeline-file'
import { wordsFor } from './timeline-words'
import type { EngineEvent } from './worker-protocol'

/** As many are kept on disk. */
export const timelineEventsMax = 10_000
/** Like effects of one cause that come within this time are told as one, with their number. */
const foldMs = 150
/** Housekeeping comes in waves over all logs of a broker. */
const housekeepingFoldMs = 5_000
const housekeeping: ReadonlySet<string> = new Set(['segment-rolled', 'segments-deleted'])
const detailLengthMax = 300
/** Partitions that one event names; its title has their whole number. */
export const partitionsNamedMax = 200
/** How long after it an action can still be named as the cause of what a broker does. */
const causeHorizonMs = 60_000
/** How long after the window asked for something the cluster's word of it can be taken for the answer: of a topic that it named, and of any. */
const askHorizonMs = 15_000
const vagueAskHorizonMs = 5_000

type Draft = Omit<TimelineEvent, 'id'>

interface Asked {
  readonly types: readonly string[]
  readonly topic: string | null
  readonly atMs: number
}

/** Who became the controller last, as far as this timeline saw it. */
export interface ControllerChange {
  readonly brokerId: number
  readonly sinceMs: number
  readonly eventId: number
  /** What led to it, as the timeline calls it. */
  readonly after: string | null
}

export class Timeline {
  private readonly events: TimelineEvent[] = []
  private nextId = 1
  private readonly lastCause = new Map<number, { id: number; atMs: number }>()
  private lastReassignmentId: number | null = null
  private controllerChange: ControllerChange | null = null
  private foldable: { event: TimelineEvent; engine: EngineEvent } | null = null
  private asked: Asked[] = []

  constructor(
    private readonly onDidAppend: (events: readonly TimelineEvent[]) => void,
    private readonly file: TimelineFile | null = null,
  ) {
    if (file === null) return
    this.events.push(...file.kept)
    this.nextId = (file.kept[file.kept.length - 1]?.id ?? 0) + 1
  }

  all(): readonly TimelineEvent[] {
    return this.events
  }

  get controller(): ControllerChange | null {
    return this.controllerChange
  }

  /** What is waiting is on disk when this returns. */
  close(): void {
    this.file?.close()
  }

  /** The window is about to ask for this: what the cluster tells of it is by you, not by some client. */
  expectByYou(types: readonly string[], topic: string | null = null): void {
    const nowMs = Date.now()
    this.asked = [...this.asked.filter(({ atMs }) => nowMs - atMs < askHorizonMs), { types, topic, atMs: nowMs }]
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
    const isAsked = this.isAsked(engine)
    const words = wordsFor(engine.type)
    // What you asked for follows from nothing but that you did.
    const causeId = isAsked && (words.isOwnCause ?? false) ? null : this.causeOf(engine)
    if (this.fold(engine, causeId)) return
    const event = this.append({
      atMs: engine.atMs,
      kind: causeId === null && (words.isOwnCause ?? false) ? 'cause' : 'effect',
      causeId,
      severity: words.severity,
      type: engine.type,
      actor: isAsked ? 'you' : (words.actor ?? 'auto'),
      title: words.title(engine),
      detail: engine.detail,
      brokerId: engine.brokerId,
      topic: engine.topic,
      partition: engine.partition,
      ...(engine.group === undefined ? {} : { group: engine.group }),
      ...(engine.partitions === undefined ? {} : { partitions: engine.partitions.slice(0, partitionsNamedMax) }),
    })
    this.foldable = { event, engine }
    if (engine.type === 'reassignment-begun') this.lastReassignmentId = event.id
    if (engine.type === 'controller-elected' && engine.brokerId !== null) {
      const after = this.events.find(({ id }) => id === causeId)?.title ?? null
      this.controllerChange = { brokerId: engine.brokerId, sinceMs: engine.atMs, eventId: event.id, after }
    }
  }

  /** A new controller follows from what befell the one before, not from what it did itself. */
  private withPredecessor(engine: EngineEvent): EngineEvent {
    if (engine.type !== 'controller-elected') return engine
    return { ...engine, causeBrokerId: this.controllerChange?.brokerId ?? engine.brokerId }
  }

  private causeOf(engine: EngineEvent): number | null {
    if (engine.type === 'reassignment-ended') return this.lastReassignmentId
    // Housekeeping goes on whatever befell the broker.
    if (housekeeping.has(engine.type)) return null
    const candidates = engine.type === 'controller-elected' ? [engine.causeBrokerId] : [engine.causeBrokerId, engine.brokerId]
    for (const brokerId of candidates) {
      if (brokerId === null) continue
      const cause = this.lastCause.get(brokerId)
      if (cause !== undefined && engine.atMs - cause.atMs <= causeHorizonMs) return cause.id
    }
    return null
  }

  private isAsked(engine: EngineEvent): boolean {
    const nowMs = Date.now()
    return this.asked.some(
      ({ types, topic, atMs }) =>
        types.includes(engine.type) &&
        (topic === null ? nowMs - atMs < vagueAskHorizonMs : topic === engine.topic && nowMs - atMs < askHorizonMs),
    )
  }

  /** Adds to the newest event where it is of the same kind and moment; the window replaces an event it knows by id. */
  private fold(engine: EngineEvent, causeId: number | null): boolean {
    const last = this.foldable
    if (last === null || engine.count === null || last.engine.count === null || engine.group !== undefined) return false
    const { event } = last
    const withinMs = housekeeping.has(engine.type) ? housekeepingFoldMs : foldMs
    if (event.type !== engine.type || event.causeId !== causeId || engine.atMs - event.atMs > withinMs) return false
    const merged: EngineEvent = { ...engine, count: last.engine.count + engine.count, topic: null, partition: null }
    const named = [...(event.partitions ?? []), ...(engine.partitions ?? [])].slice(0, partitionsNamedMax)
    const folded: TimelineEvent = {
      ...event,
      title: wordsFor(engine.type).title(merged),
      detail: joined(event.detail, engine.detail),
      brokerId: event.brokerId === engine.brokerId ? event.brokerId : null,
      topic: null,
      partition: null,
      ...(named.length === 0 ? {} : { partitions: named }),
    }
    this.events[this.events.length - 1] = folded
    this.foldable = { event: folded, engine: merged }
    this.told(folded)
    return true
  }

  private append(draft: Draft): TimelineEvent {
    const event: TimelineEvent = { id: this.nextId++, ...draft }
    this.events.push(event)
    if (this.events.length > timelineEventsMax) this.events.splice(0, this.events.length - timelineEventsMax)
    this.foldable = null
    this.told(event)
    return event
  }

  private told(event: TimelineEvent): void {
    this.file?.write(event, this.events)
    this.onDidAppend([event])
  }
}

/** What both say, once; a long list ends in dots. */
function joined(known: string | null, more: string | null): string | null {
  if (known === null || more === null || known.split('; ').includes(more)) return known ?? more
  if (known.endsWith('…')) return known
  return known.length + more.length > detailLengthMax ? `${known}; …` : `${known}; ${more}`
}
