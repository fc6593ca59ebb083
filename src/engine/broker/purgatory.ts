/**
 * Where requests wait that cannot be answered yet: a produce for its replicas, a fetch for data. An operation is watched under the partitions
 * that it waits for and looked at again when one of them has changed; it completes exactly once, by its condition or by its time.
 *
 * Changes are collected and worked off after the event that made them, so that a fetch woken by a produce to ten partitions sees all ten,
 * and nothing runs inside the code that made the change. Time is one timer for all, set to the first that expires: none a request, and none that
 * finds nothing, for a broker whose consumers wait has nothing else to do.
 */
import type { Clock, Timer } from '../platform'

/** `tryComplete` and `onExpire` are called by the purgatory only, never again after one of them has completed the operation. */
export interface DelayedOperation {
  /** Completes the operation and answers true if it can be completed now. */
  tryComplete(): boolean
  /** Completes the operation with what there is. */
  onExpire(): void
}

interface Watched {
  readonly operation: DelayedOperation
  readonly deadlineMs: number
  readonly keys: readonly string[]
}

/** What expires within so short a time goes together. */
const PRECISION_MS = 10

export class Purgatory {
  private readonly watchersByKey = new Map<string, Set<Watched>>()
  private readonly watched = new Set<Watched>()
  private readonly changedKeys = new Set<string>()
  private isSweepDue = false
  private timer: Timer | null = null
  /** When `timer` is due: never after the first that expires. */
  private dueAtMs = Number.POSITIVE_INFINITY
  private isClosed = false

  constructor(private readonly clock: Clock) {}

  /** Operations that wait. */
  get size(): number {
    return this.watched.size
  }

  /** Completes `operation` at once if it can be, else keeps it until one of `keys` has changed as it needs, `timeoutMs` from now at the latest. */
  tryCompleteElseWatch(operation: DelayedOperation, keys: readonly string[], timeoutMs: number): void {
    if (operation.tryComplete() || this.isClosed) return
    const nowMs = this.clock.monotonicMs()
    const watched: Watched = { operation, keys, deadlineMs: nowMs + timeoutMs }
    this.watched.add(watched)
    for (const key of keys) {
      const watchers = this.watchersByKey.get(key)
      if (watchers === undefined) this.watchersByKey.set(key, new Set([watched]))
      else watchers.add(watched)
    }
    if (watched.deadlineMs < this.dueAtMs) this.wakeAt(watched.deadlineMs, nowMs)
  }

  /** Something about `key` has changed: whoever waits for it is looked at once the present event has been handled. */
  onDidChange(key: string): void {
    if (!this.watchersByKey.has(key)) return
    this.changedKeys.add(key)
    if (this.isSweepDue) return
    this.isSweepDue = true
    this.clock.defer(() => this.sweep())
  }

  /** Forgets all that waits, unanswered: the connections are gone. */
  close(): void {
    this.isClosed = true
    this.timer?.cancel()
    this.watched.clear()
    this.watchersByKey.clear()
    this.changedKeys.clear()
  }

  private sweep(): void {
    this.isSweepDue = false
    const keys = [...this.changedKeys]
    this.changedKeys.clear()
    for (const key of keys) {
      const watchers = this.watchersByKey.get(key)
      if (watchers === undefined) continue
      // A copy: completing one answers a client, and what that leads to may watch the same key.
      for (const watched of [...watchers]) {
        if (this.watched.has(watched) && watched.operation.tryComplete()) this.forget(watched)
      }
    }
  }

  private wakeAt(deadlineMs: number, nowMs: number): void {
    this.timer?.cancel()
    const delayMs = Math.max(PRECISION_MS, deadlineMs - nowMs)
    this.dueAtMs = nowMs + delayMs
    this.timer = this.clock.setTimer(delayMs, () => this.expire())
  }

  private expire(): void {
    // What expires now may lead to others that wait, which are to set the timer.
    this.dueAtMs = Number.POSITIVE_INFINITY
    const nowMs = this.clock.monotonicMs()
    let nextMs = Number.POSITIVE_INFINITY
    for (const watched of this.watched) {
      if (watched.deadlineMs > nowMs) {
        nextMs = Math.min(nextMs, watched.deadlineMs)
        continue
      }
      this.forget(watched)
      watched.operation.onExpire()
    }
    if (nextMs < this.dueAtMs) this.wakeAt(nextMs, nowMs)
  }

  private forget(watched: Watched): void {
    this.watched.delete(watched)
    for (const key of watched.keys) {
      const watchers = this.watchersByKey.get(key)
      if (watchers === undefined) continue
      watchers.delete(watched)
      if (watchers.size === 0) this.watchersByKey.delete(key)
    }
  }
}

/** The key of a partition. Topic names hold no '/', so it is unique. */
export function partitionKey(topic: string, partition: number): string {
  return `${topic}/${partition}`
}
