/** Counts what goes through a topic, record by record, in bounded memory. Pure; fed by topic-analysis.ts. */

import type { DecodedRecord } from '../../engine/wire/records'
import { murmur2 } from '../../shared/lang/murmur2'
import type { Histogram, SizeFacts, TopicAnalysis } from '../../shared/model/topic-analysis'

/** Different keys kept, with their counts: about 100 MB at the worst that is usual. */
const keysKept = 500_000
/** A key longer than this is told by its beginning and its hash. */
const keyBytesKept = 256
const topCount = 20
const headerNamesKept = 500
const timeBuckets = 60
/** Times are counted in buckets of a width that doubles when there are too many. */
const timeBucketsKept = 4_096
/** JSON is told by parsing values up to this size; longer ones by how they begin and end. */
const parsedBytes = 16 * 1024
const wireFormatMagic = 0

const strict = new TextDecoder('utf-8', { fatal: true })

class Sizes {
  private readonly counts = new Float64Array(33)
  private readonly exact = new Map<number, number>()
  private total = 0
  private count = 0
  private min = Number.POSITIVE_INFINITY
  private max = 0

  add(size: number): void {
    const bucket = 32 - Math.clz32(size)
    this.counts[bucket] = (this.counts[bucket] ?? 0) + 1
    // Percentiles to 1 in 64: fine enough to read, few enough to keep.
    const step = size < 64 ? size : Math.floor(size / 2 ** (bucket - 6)) * 2 ** (bucket - 6)
    this.exact.set(step, (this.exact.get(step) ?? 0) + 1)
    this.total += size
    this.count++
    this.min = Math.min(this.min, size)
    this.max = Math.max(this.max, size)
  }

  facts(): SizeFacts | null {
    if (this.count === 0) return null
    const steps = [...this.exact].sort(([left], [right]) => left - right)
    const at = (share: number): number => {
      let left = Math.ceil(this.count * share)
      for (const [size, count] of steps) {
        left -= count
        if (left <= 0) return Math.max(this.min, size)
      }
      return this.max
    }
    const first = Math.max(
      0,
      this.counts.findIndex((count) => count > 0),
    )
    let last = 32
    while (last > first && this.counts[last] === 0) last--
    const from = Array.from({ length: last - first + 1 }, (_, index) => (first + index === 0 ? 0 : 2 ** (first + index - 1)))
    const histogram = { from, counts: from.map((_, index) => this.counts[first + index] ?? 0) }
    return { min: this.min, p50: at(0.5), p95: at(0.95), p99: at(0.99), max: this.max, total: this.total, histogram }
  }
}

interface KeyEntry {
  count: number
  /** The partition it stands in; -1: several. */
  partition: number
}

export class TopicTally {
  recordCount = 0
  undecodableBatches = 0
  private batchCount = 0
  private batchBytes = 0
  private readonly compressions = new Map<string, number>()
  private readonly partitions = new Map<number, { count: number; bytes: number }>()
  private readonly keys = new Map<string, KeyEntry>()
  private areKeysCut = false
  private scatteredCount = 0
  private keyNulls = 0
  private keyEmpties = 0
  private valueNulls = 0
  private valueEmpties = 0
  private jsonCount = 0
  private textCount = 0
  private binaryCount = 0
  private readonly schemaIds = new Map<number, number>()
  private readonly keySizes = new Sizes()
  private readonly valueSizes = new Sizes()
  private withHeaders = 0
  private readonly headerNames = new Map<string, number>()
  private firstMs = Number.POSITIVE_INFINITY
  private lastMs = Number.NEGATIVE_INFINITY
  private timeWidthMs = 1_000
  private times = new Map<number, number>()
  private outOfOrderCount = 0
  private readonly newestMs = new Map<number, number>()

  addBatch(partition: number, byteLength: number, compression: string): void {
    this.batchCount++
    this.batchBytes += byteLength
    this.compressions.set(compression, (this.compressions.get(compression) ?? 0) + 1)
    const entry = this.partitionOf(partition)
    entry.bytes += byteLength
  }

  addRecord(partition: number, record: DecodedRecord): void {
    this.recordCount++
    this.partitionOf(partition).count++
    this.addKey(partition, record.key)
    this.addValue(record.value)
    if (record.headers.length > 0) this.withHeaders++
    for (const { key } of record.headers)
      if (this.headerNames.has(key) || this.headerNames.size < headerNamesKept)
        this.headerNames.set(key, (this.headerNames.get(key) ?? 0) + 1)
    this.addTime(partition, Number(record.timestamp))
  }

  analysis(): TopicAnalysis {
    const most = <K>(counts: ReadonlyMap<K, number>): [K, number][] => [...counts].sort(([, left], [, right]) => right - left)
    return {
      recordCount: this.recordCount,
      batchCount: this.batchCount,
      batchBytes: this.batchBytes,
      compressions: most(this.compressions).map(([name, count]) => ({ name, count })),
      partitions: [...this.partitions]
        .map(([partition, entry]) => ({ partition, ...entry }))
        .sort((a, b) => a.partition - b.partition),
      keys: {
        nullCount: this.keyNulls,
        emptyCount: this.keyEmpties,
        distinctCount: this.keys.size,
        isDistinctExact: !this.areKeysCut,
        top: this.topKeys(),
        scatteredCount: this.scatteredCount,
        sizes: this.keySizes.facts(),
      },
      values: {
        nullCount: this.valueNulls,
        emptyCount: this.valueEmpties,
        jsonCount: this.jsonCount,
        textCount: this.textCount,
        binaryCount: this.binaryCount,
        schemaIds: most(this.schemaIds)
          .slice(0, topCount)
          .map(([id, count]) => ({ id, count })),
        sizes: this.valueSizes.facts(),
      },
      headers: {
        withHeaders: this.withHeaders,
        names: most(this.headerNames)
          .slice(0, topCount)
          .map(([name, count]) => ({ name, count })),
      },
      time:
        this.recordCount === 0
          ? null
          : {
              firstMs: this.firstMs,
              lastMs: this.lastMs,
              histogram: this.timeHistogram(),
              outOfOrderCount: this.outOfOrderCount,
            },
      undecodableBatches: this.undecodableBatches,
    }
  }

  private partitionOf(partition: number): { count: number; bytes: number } {
    const found = this.partitions.get(partition) ?? { count: 0, bytes: 0 }
    this.partitions.set(partition, found)
    return found
  }

  private addKey(partition: number, key: Uint8Array | null): void {
    if (key === null) {
      this.keyNulls++
      return
    }
    if (key.length === 0) this.keyEmpties++
    this.keySizes.add(key.length)
    const bytes = Buffer.from(key.buffer, key.byteOffset, Math.min(key.length, keyBytesKept))
    const id = key.length > keyBytesKept ? `${bytes.toString('latin1')}…${murmur2(key)}` : bytes.toString('latin1')
    const entry = this.keys.get(id)
    if (entry === undefined) {
      if (this.keys.size >= keysKept) this.areKeysCut = true
      else this.keys.set(id, { count: 1, partition })
      return
    }
    entry.count++
    if (entry.partition !== partition && entry.partition !== -1) {
      entry.partition = -1
      this.scatteredCount++
    }
  }

  private topKeys(): TopicAnalysis['keys']['top'] {
    // The few that are most, without sorting half a million.
    const top: [string, number][] = []
    for (const [id, { count }] of this.keys) {
      if (top.length === topCount && count <= (top[topCount - 1]?.[1] ?? 0)) continue
      top.push([id, count])
      top.sort(([, left], [, right]) => right - left)
      if (top.length > topCount) top.pop()
    }
    return top.map(([id, count]) => {
      const bytes = Buffer.from(id, 'latin1')
      const text = textOf(bytes)
      return text === null ? { key: bytes.toString('hex'), isBinary: true, count } : { key: text, isBinary: false, count }
    })
  }

  private addValue(value: Uint8Array | null): void {
    if (value === null) {
      this.valueNulls++
      return
    }
    this.valueSizes.add(value.length)
    if (value.length === 0) {
      this.valueEmpties++
      return
    }
    if (value.length > 5 && value[0] === wireFormatMagic) {
      const id = Buffer.from(value.buffer, value.byteOffset, value.length).readUInt32BE(1)
      this.schemaIds.set(id, (this.schemaIds.get(id) ?? 0) + 1)
      this.binaryCount++
      return
    }
    const text = textOf(value)
    if (text === null) this.binaryCount++
    else if (isJson(text)) this.jsonCount++
    else this.textCount++
  }

  private addTime(partition: number, ms: number): void {
    if (ms < 0) return
    this.firstMs = Math.min(this.firstMs, ms)
    this.lastMs = Math.max(this.lastMs, ms)
    const newest = this.newestMs.get(partition) ?? Number.NEGATIVE_INFINITY
    if (ms < newest) this.outOfOrderCount++
    else this.newestMs.set(partition, ms)
    const bucket = Math.floor(ms / this.timeWidthMs)
    this.times.set(bucket, (this.times.get(bucket) ?? 0) + 1)
    while (this.times.size > timeBucketsKept) {
      this.timeWidthMs *= 2
      const wider = new Map<number, number>()
      for (const [at, count] of this.times) wider.set(Math.floor(at / 2), (wider.get(Math.floor(at / 2)) ?? 0) + count)
      this.times = wider
    }
  }

  private timeHistogram(): Histogram {
    if (!Number.isFinite(this.firstMs)) return { from: [], counts: [] }
    const first = Math.floor(this.firstMs / this.timeWidthMs)
    const last = Math.floor(this.lastMs / this.timeWidthMs)
    const perBucket = Math.max(1, Math.ceil((last - first + 1) / timeBuckets))
    const length = Math.ceil((last - first + 1) / perBucket)
    const counts = Array.from({ length }, () => 0)
    for (const [at, count] of this.times) {
      const index = Math.floor((at - first) / perBucket)
      counts[index] = (counts[index] ?? 0) + count
    }
    return { from: counts.map((_, index) => (first + index * perBucket) * this.timeWidthMs), counts }
  }
}

function textOf(bytes: Uint8Array): string | null {
  try {
    const text = strict.decode(bytes)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what tells bytes from text
    return /[\u0000-\u0008\u000e-\u001f]/.test(text) ? null : text
  } catch {
    return null
  }
}

/** An object or an array: a lone number or word is text to most people. */
function isJson(text: string): boolean {
  const trimmed = text.trim()
  const isFramed = (trimmed.startsWith('{') && trimmed.endsWith('}')) || (trimmed.startsWith('[') && trimmed.endsWith(']'))
  if (!isFramed || trimmed.length > parsedBytes) return isFramed
  try {
    JSON.parse(trimmed)
    return true
  } catch {
    return false
  }
}
