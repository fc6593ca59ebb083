/** What a run has to say of itself: counts, errors by kind, latencies, and where the records stand. Pure; bounded for a million records and more. */
import type { Delivery } from '../../engine/client'
import { latencyBoundsMs, type ProduceFailure, type ProduceProgress } from '../../shared/model/producing'
import { LatencySample } from './latency-sample'

const rateWindowMs = 1_000
const errorKindsMax = 20

interface PartitionResult {
  firstOffset: number
  lastOffset: number
  count: number
}

interface ErrorCount {
  message: string
  count: number
  retryCount: number
}

export class RunTally {
  sentCount = 0
  acknowledgedCount = 0
  failedCount = 0
  private retryCount = 0
  private last: ProduceProgress['last'] = null
  private error: ProduceFailure | null = null
  private readonly partitions = new Map<number, PartitionResult>()
  private readonly latencies = new LatencySample()
  private readonly latencyCounts = new Array<number>(latencyBoundsMs.length + 1).fill(0)
  private readonly errors = new Map<string, ErrorCount>()
  /** When, and how many were acknowledged by then. */
  private readonly marks: { readonly atMs: number; readonly count: number }[] = []

  onDelivered({ partition, offset, timestamp }: Delivery, latencyMs: number): void {
    this.acknowledgedCount++
    if (this.failedCount === 0) this.error = null
    this.last = { partition, offset, timestamp: String(timestamp) }
    this.latencies.add(latencyMs)
    const bucket = latencyBoundsMs.findIndex((boundMs) => latencyMs <= boundMs)
    this.latencyCounts[bucket < 0 ? latencyBoundsMs.length : bucket]!++
    const known = this.partitions.get(partition)
    if (known === undefined) this.partitions.set(partition, { firstOffset: offset, lastOffset: offset, count: 1 })
    else {
      known.firstOffset = Math.min(known.firstOffset, offset)
      known.lastOffset = Math.max(known.lastOffset, offset)
      known.count++
    }
  }

  onFailed(failure: ProduceFailure): void {
    this.failedCount++
    this.note(failure).count++
  }

  onRetry(failure: ProduceFailure): void {
    this.retryCount++
    this.note(failure).retryCount++
  }

  /** Of the run itself and not of a record. */
  onStopped(failure: ProduceFailure): void {
    this.note(failure)
  }

  progress(
    nowMs: number,
    startedAtMs: number,
    isOver: boolean,
  ): Omit<ProduceProgress, 'runId' | 'state' | 'transactions' | 'nextAtMs'> {
    const elapsedMs = nowMs - startedAtMs
    return {
      sentCount: this.sentCount,
      acknowledgedCount: this.acknowledgedCount,
      failedCount: this.failedCount,
      retryCount: this.retryCount,
      elapsedMs,
      ratePerSecond: isOver ? perSecond(this.acknowledgedCount, elapsedMs) : this.recentRate(nowMs),
      last: this.last,
      partitions: [...this.partitions].sort(([a], [b]) => a - b).map(([partition, result]) => ({ partition, ...result })),
      error: this.error,
      errors: [...this.errors]
        .map(([name, counted]) => ({ name, ...counted }))
        .sort((a, b) => b.count - a.count || b.retryCount - a.retryCount),
      latencyMs: this.latencies.percentiles(),
      latencyCounts: [...this.latencyCounts],
    }
  }

  private note({ name, message }: ProduceFailure): ErrorCount {
    this.error = { name, message }
    let counted = this.errors.get(name)
    if (counted === undefined) {
      counted = { message, count: 0, retryCount: 0 }
      if (this.errors.size < errorKindsMax) this.errors.set(name, counted)
    }
    counted.message = message
    return counted
  }

  /** Asked four times a second: the oldest mark is the beginning of the window. */
  private recentRate(nowMs: number): number {
    this.marks.push({ atMs: nowMs, count: this.acknowledgedCount })
    while (this.marks.length > 2 && this.marks[1]!.atMs <= nowMs - rateWindowMs) this.marks.shift()
    const first = this.marks[0]!
    return perSecond(this.acknowledgedCount - first.count, nowMs - first.atMs)
  }
}

function perSecond(count: number, durationMs: number): number {
  return durationMs < 1 ? 0 : Math.round((count * 10_000) / durationMs) / 10
}
