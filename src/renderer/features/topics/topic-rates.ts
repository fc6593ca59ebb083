/**
 * Messages a second by topic, from how far the high watermarks moved over the last seconds: what was committed, whoever wrote it. Pure: fed with
 * the views that changed and the time.
 */
import type { PartitionView } from '../../../shared/model/cluster'

const windowMs = 5_000

interface Sample {
  readonly atMs: number
  readonly total: number
}

export class TopicRates {
  private readonly watermarks = new Map<string, Map<number, number>>()
  private readonly totals = new Map<string, number>()
  private readonly samples = new Map<string, Sample[]>()

  observe(changed: readonly PartitionView[], nowMs: number): void {
    const touched = new Set<string>()
    for (const { topic, partition, highWatermark } of changed) {
      const known = this.watermarks.get(topic) ?? new Map<number, number>()
      this.watermarks.set(topic, known)
      const before = known.get(partition)
      known.set(partition, highWatermark)
      // A partition seen for the first time has all it ever had: that is no rate. One that went back was truncated or made anew.
      const grown = before === undefined || highWatermark < before ? 0 : highWatermark - before
      const total = this.totals.get(topic)
      if (total === undefined) this.samples.set(topic, [{ atMs: nowMs, total: 0 }])
      this.totals.set(topic, (total ?? 0) + grown)
      if (grown > 0) touched.add(topic)
    }
    for (const topic of touched) {
      const list = this.samples.get(topic) ?? []
      this.samples.set(topic, list)
      list.push({ atMs: nowMs, total: this.totals.get(topic) ?? 0 })
      while (list.length > 2 && nowMs - (list[1]?.atMs ?? nowMs) > windowMs) list.shift()
    }
  }

  forget(topics: readonly string[]): void {
    for (const topic of topics) {
      this.watermarks.delete(topic)
      this.totals.delete(topic)
      this.samples.delete(topic)
    }
  }

  /** Over the last seconds; 0 where nothing moved in them. */
  perSecond(topic: string, nowMs: number): number {
    const list = this.samples.get(topic)
    if (list === undefined) return 0
    const total = this.totals.get(topic) ?? 0
    const fromMs = nowMs - windowMs
    let base = list[0]
    for (const sample of list) if (sample.atMs <= fromMs) base = sample
    if (base === undefined) return 0
    return ((total - base.total) * 1_000) / Math.max(1_000, nowMs - Math.max(fromMs, base.atMs))
  }
}
