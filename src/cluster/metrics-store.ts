/**
 * The figures of the last hours in three distances: a second for a quarter of an hour, ten seconds for three hours, a minute for a day. Samples come
 * once a second and are put together here as each figure wants it (metric-table.ts); what is asked is put together once more, to as many points as fit
 * a chart. Owned by MetricsRecorder. Files in `metrics/` of the workspace, at most 40 MB of them.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { percentileOf } from '../engine'
import { type NamedSeries, parseSeries, seriesOf } from '../shared/model/metric-table'
import type { MetricAnswer, MetricResolution, MetricSeries } from '../shared/model/metrics'
import { MetricsRing } from './metrics-ring'

const minuteMs = 60_000
const resolutions = [
  { sampleMs: 1_000, spanMs: 15 * minuteMs, pageCountMax: 80 },
  { sampleMs: 10_000, spanMs: 180 * minuteMs, pageCountMax: 96 },
  { sampleMs: 60_000, spanMs: 1440 * minuteMs, pageCountMax: 128 },
] as const

/** What was measured in one second. */
export interface MetricSample {
  readonly atMs: number
  readonly values: ReadonlyMap<string, number>
  /** How many requests took how long, by `broker/<id>/request/<api>`. */
  readonly latencies: ReadonlyMap<string, ArrayLike<number>>
}

export class MetricsStore {
  private readonly rings: readonly MetricsRing[]
  private readonly gathering: readonly Gathering[]
  private readonly parsed = new Map<string, NamedSeries | null>()

  constructor(directory: string) {
    try {
      mkdirSync(directory, { recursive: true })
    } catch {
      // Said by the rings, which cannot be opened then.
    }
    this.rings = resolutions.map(
      ({ sampleMs, spanMs, pageCountMax }) =>
        new MetricsRing({ path: join(directory, `figures-${sampleMs / 1000}s.ring`), sampleMs, spanMs, pageCountMax }),
    )
    this.gathering = this.rings.slice(1).map(() => new Gathering())
  }

  get notices(): readonly string[] {
    return this.rings.flatMap(({ notices }) => notices)
  }

  resolutions(): MetricResolution[] {
    return this.rings.map(({ sampleMs, spanMs, oldestMs }) => ({ sampleMs, spanMs, oldestMs }))
  }

  names(): Set<string> {
    const found = new Set<string>()
    for (const ring of this.rings) for (const name of ring.names()) found.add(name)
    return found
  }

  add(sample: MetricSample): void {
    const [finest, ...coarser] = this.rings
    finest!.append(sample.atMs, withPercentiles(sample.values, sample.latencies))
    for (const [index, ring] of coarser.entries()) {
      const gathering = this.gathering[index]!
      const startMs = Math.floor(sample.atMs / ring.sampleMs) * ring.sampleMs
      if (gathering.startMs !== startMs) {
        if (gathering.count > 0)
          ring.append(
            gathering.startMs,
            gathering.take((name) => this.parse(name)),
          )
        gathering.startMs = startMs
      }
      gathering.add(sample)
    }
  }

  /** Names that no figure has answer with nothing known. */
  query({
    series: names,
    fromMs,
    toMs,
    pointCount,
  }: {
    series: readonly string[]
    fromMs: number
    toMs: number
    pointCount: number
  }): MetricAnswer {
    const ring = this.ringFor(fromMs)
    const { sampleMs } = ring
    const span = Math.max(sampleMs, toMs - fromMs)
    const isFine = span / sampleMs <= pointCount
    const stepMs = isFine ? sampleMs : Math.ceil(span / Math.max(1, Math.floor(pointCount / 2)) / sampleMs) * sampleMs
    const firstMs = Math.floor(fromMs / stepMs) * stepMs
    const bucketCount = Math.floor((toMs - firstMs) / stepMs) + 1
    const asked = names.map((name) => new Asked(name, this.parse(name), bucketCount))
    const brokers = new Set(asked.flatMap(({ brokerId }) => (brokerId === null ? [] : [brokerId])))
    const ups = new Map([...brokers].map((id) => [id, new Uint32Array(bucketCount)]))
    const upNames = new Map([...brokers].map((id, index) => [seriesOf.broker(id, 'up'), asked.length + index]))
    const upAt = [...ups.values()]
    const indexes = new Map(asked.map(({ name }, index) => [name, index]))
    const samples = new Uint32Array(bucketCount)
    const bucketOf = (atMs: number) => Math.floor((atMs - firstMs) / stepMs)
    const read = (from: MetricsRing, since: number) =>
      from.scan(
        Math.max(firstMs, since),
        toMs,
        (name) => indexes.get(name) ?? upNames.get(name) ?? -1,
        (atMs, index, value) => {
          if (index >= asked.length) upAt[index - asked.length]![bucketOf(atMs)]!++
          else asked[index]!.add(bucketOf(atMs), atMs, value)
        },
        (atMs) => samples[bucketOf(atMs)]!++,
      )
    read(ring, firstMs)
    // What is still being gathered is in the finest already. Where both have up marks of one of them, that is the same second told once only.
    const finest = this.rings[0]!
    if (ring !== finest) read(finest, (ring.newestMs ?? Number.NEGATIVE_INFINITY) + (ring.newestMs === null ? 0 : sampleMs))
    const isPaired = !isFine
    const atMs = timesOf(firstMs, stepMs, bucketCount, isPaired)
    return {
      sampleMs,
      stepMs,
      series: asked.map((each): MetricSeries => {
        const known = each.brokerId === null ? samples : ups.get(each.brokerId)!
        return { name: each.name, unit: each.unit, atMs, values: each.values(known, isPaired) }
      }),
    }
  }

  close(): void {
    for (const ring of this.rings) ring.close()
  }

  /** The finest that reaches as far back as is asked, or as far as any does. */
  private ringFor(fromMs: number): MetricsRing {
    const known = this.rings.filter(({ oldestMs }) => oldestMs !== null)
    const oldest = Math.min(...known.map(({ oldestMs }) => oldestMs!))
    return known.find(({ oldestMs, sampleMs }) => oldestMs! <= Math.max(fromMs, oldest + minuteMs) + sampleMs) ?? this.rings[0]!
  }

  private parse(name: string): NamedSeries | null {
    let parsed = this.parsed.get(name)
    if (parsed === undefined) {
      // Topics come and go, and so do their names.
      if (this.parsed.size > 20_000) this.parsed.clear()
      parsed = parseSeries(name)
      this.parsed.set(name, parsed)
    }
    return parsed
  }
}

function withPercentiles(
  values: ReadonlyMap<string, number>,
  latencies: ReadonlyMap<string, ArrayLike<number>>,
): ReadonlyMap<string, number> {
  if (latencies.size === 0) return values
  const all = new Map(values)
  for (const [prefix, cells] of latencies) {
    const p50 = percentileOf(cells, 0.5)
    if (p50 === null) continue
    // A cell's bound may lie above the longest there was.
    const longest = all.get(`${prefix}/max`) ?? Number.POSITIVE_INFINITY
    all.set(`${prefix}/p50`, Math.min(p50, longest))
    all.set(`${prefix}/p99`, Math.min(percentileOf(cells, 0.99) ?? p50, longest))
  }
  return all
}

/** Samples that become one of a greater distance. */
class Gathering {
  startMs = Number.NaN
  count = 0
  private readonly figures = new Map<string, { sum: number; count: number; max: number; last: number }>()
  private readonly latencies = new Map<string, Float64Array>()

  add({ values, latencies }: MetricSample): void {
    this.count++
    for (const [name, value] of values) {
      const figure = this.figures.get(name)
      if (figure === undefined) this.figures.set(name, { sum: value, count: 1, max: value, last: value })
      else {
        figure.sum += value
        figure.count++
        figure.max = Math.max(figure.max, value)
        figure.last = value
      }
    }
    for (const [prefix, cells] of latencies) {
      const sums = this.latencies.get(prefix)
      if (sums === undefined) this.latencies.set(prefix, Float64Array.from(cells))
      else for (let cell = 0; cell < sums.length; cell++) sums[cell]! += cells[cell] ?? 0
    }
  }

  /** What they became; empties it. */
  take(parse: (name: string) => NamedSeries | null): ReadonlyMap<string, number> {
    const values = new Map<string, number>()
    for (const [name, { sum, count, max, last }] of this.figures) {
      const named = parse(name)
      if (named === null) continue
      const { rollup, absent } = named.definition
      if (rollup === 'average') {
        // Where nothing is said nothing happened: that counts as well, for as long as its broker was up.
        const known =
          absent === 'unknown'
            ? count
            : named.brokerId === null
              ? this.count
              : (this.figures.get(seriesOf.broker(named.brokerId, 'up'))?.count ?? count)
        values.set(name, sum / Math.max(count, known))
      } else values.set(name, rollup === 'sum' ? sum : rollup === 'max' ? max : last)
    }
    const all = withPercentiles(values, this.latencies)
    this.figures.clear()
    this.latencies.clear()
    this.count = 0
    return all
  }
}

/** One series of a query, by bucket: the smallest and the largest, which of them came first, and the sum. */
class Asked {
  readonly unit: MetricSeries['unit']
  readonly brokerId: number | null
  private readonly isSum: boolean
  private readonly isZeroWhereAbsent: boolean
  private readonly counts: Uint32Array
  private readonly sums: Float64Array
  private readonly min: Float64Array
  private readonly max: Float64Array
  private readonly minAt: Float64Array
  private readonly maxAt: Float64Array

  constructor(
    readonly name: string,
    named: NamedSeries | null,
    bucketCount: number,
  ) {
    this.unit = named?.definition.unit ?? 'count'
    this.brokerId = named?.brokerId ?? null
    this.isSum = named?.definition.rollup === 'sum'
    this.isZeroWhereAbsent = named?.definition.absent === 'zero'
    this.counts = new Uint32Array(bucketCount)
    this.sums = new Float64Array(bucketCount)
    this.min = new Float64Array(bucketCount)
    this.max = new Float64Array(bucketCount)
    this.minAt = new Float64Array(bucketCount)
    this.maxAt = new Float64Array(bucketCount)
  }

  add(bucket: number, atMs: number, value: number): void {
    const isFirst = this.counts[bucket]!++ === 0
    this.sums[bucket]! += value
    if (isFirst || value < this.min[bucket]!) {
      this.min[bucket] = value
      this.minAt[bucket] = atMs
    }
    if (isFirst || value > this.max[bucket]!) {
      this.max[bucket] = value
      this.maxAt[bucket] = atMs
    }
  }

  /** `known`: how many samples of a bucket could have had this figure. */
  values(known: ArrayLike<number>, isPaired: boolean): Float64Array {
    const { counts } = this
    const values = new Float64Array(counts.length * (isPaired ? 2 : 1))
    for (let bucket = 0; bucket < counts.length; bucket++) {
      const [first, second] = this.pair(bucket, known[bucket] ?? 0)
      if (isPaired) {
        values[2 * bucket] = first
        values[2 * bucket + 1] = second
        // One sample is in one bucket alone where samples are not closer than that.
      } else values[bucket] = second
    }
    return values
  }

  private pair(bucket: number, known: number): readonly [number, number] {
    const count = this.counts[bucket]!
    const hasZero = this.isZeroWhereAbsent && known > count
    if (count === 0) return hasZero ? [0, 0] : [Number.NaN, Number.NaN]
    if (this.isSum) return [this.sums[bucket]!, this.sums[bucket]!]
    const min = hasZero ? Math.min(0, this.min[bucket]!) : this.min[bucket]!
    const max = this.max[bucket]!
    return !hasZero && this.maxAt[bucket]! < this.minAt[bucket]! ? [max, min] : [min, max]
  }
}

function timesOf(firstMs: number, stepMs: number, bucketCount: number, isPaired: boolean): Float64Array {
  if (!isPaired) return Float64Array.from({ length: bucketCount }, (_, bucket) => firstMs + bucket * stepMs)
  return Float64Array.from({ length: bucketCount * 2 }, (_, point) => firstMs + (point * stepMs) / 2)
}
