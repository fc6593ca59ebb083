/**
 * Figures of the fake cluster: made from the time and the name of a series, so that every answer agrees with the one before; silent while a broker
 * was down, as its timeline says. It has lived for forty minutes.
 */
import { parseSeries } from '../../../shared/model/metric-table'
import type { MetricSeries, MetricsCatalog } from '../../../shared/model/metrics'
import type { FakeCluster } from './fake-cluster'
import type { Handlers } from './fake-host'

type Name = Extract<keyof Handlers, `metrics.${string}`>

const livedMs = 40 * 60_000
const apis = [
  'ApiVersions',
  'Fetch',
  'FindCoordinator',
  'Heartbeat',
  'JoinGroup',
  'LeaderAndIsr',
  'ListOffsets',
  'Metadata',
  'OffsetCommit',
  'Produce',
  'SyncGroup',
  'UpdateMetadata',
]
const groups = ['billing', 'order-projection']

export function metricsHandlers(cluster: FakeCluster, now: () => number): Pick<Handlers, Name> {
  const bornMs = now() - livedMs
  const hasTopics = () => cluster.topics.size > 0
  return {
    'metrics.query': ({ series, fromMs, toMs, pointCount }) => {
      const sampleMs = toMs - fromMs <= 900_000 ? 1_000 : toMs - fromMs <= 3 * 3_600_000 ? 10_000 : 60_000
      const stepMs = Math.max(sampleMs, Math.ceil((toMs - fromMs) / pointCount / sampleMs) * sampleMs)
      const firstMs = Math.floor(fromMs / stepMs) * stepMs
      const atMs = Float64Array.from(
        { length: Math.floor((toMs - firstMs) / stepMs) + 1 },
        (_, index) => firstMs + index * stepMs,
      )
      const downs = downtimes(cluster)
      return {
        sampleMs,
        stepMs,
        series: series.map((name): MetricSeries => {
          const named = parseSeries(name)
          const isKnown = (at: number) =>
            at >= bornMs && at <= now() && !(downs.get(named?.brokerId ?? -1) ?? []).some(([from, to]) => at >= from && at < to)
          return {
            name,
            unit: named?.definition.unit ?? 'count',
            atMs,
            values: atMs.map((at) =>
              named !== null && isKnown(at)
                ? valueAt(name, named.definition.name, named.subject, at, downs, hasTopics())
                : Number.NaN,
            ),
          }
        }),
      }
    },
    'metrics.catalog': (): MetricsCatalog => ({
      brokers: cluster.brokers.map(({ id }) => id),
      topics: [...cluster.topics.keys()].sort(),
      apis: hasTopics() ? apis : ['ApiVersions', 'Metadata', 'UpdateMetadata'],
      errors: downtimes(cluster).size > 0 ? ['NOT_LEADER_OR_FOLLOWER', 'UNKNOWN_TOPIC_OR_PARTITION'] : [],
      groups: hasTopics() ? groups : [],
      resolutions: [
        { sampleMs: 1_000, spanMs: 900_000, oldestMs: Math.max(bornMs, now() - 900_000) },
        { sampleMs: 10_000, spanMs: 10_800_000, oldestMs: bornMs },
        { sampleMs: 60_000, spanMs: 86_400_000, oldestMs: bornMs },
      ],
      notices: [],
    }),
  }
}

type Downtime = readonly [fromMs: number, toMs: number]

function downtimes(cluster: FakeCluster): ReadonlyMap<number, readonly Downtime[]> {
  const found = new Map<number, [number, number][]>()
  for (const { type, brokerId, atMs } of cluster.timeline) {
    if (brokerId === null) continue
    const own = found.get(brokerId) ?? []
    const open = own.at(-1)
    if (/^broker-(killed|crashed|stopped|frozen)$/.test(type)) found.set(brokerId, [...own, [atMs, Number.POSITIVE_INFINITY]])
    else if (/^broker-(started|resumed)$/.test(type) && open?.[1] === Number.POSITIVE_INFINITY) open[1] = atMs + 600
  }
  return found
}

/** 0 to 1, the same for the same text. */
function chance(text: string): number {
  let hash = 2166136261
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 16777619)
  hash ^= hash >>> 13
  hash = Math.imul(hash, 0x5bd1e995)
  return ((hash ^ (hash >>> 15)) >>> 0) / 2 ** 32
}

const sizes: Readonly<Record<string, number>> = {
  'messages-in': 388,
  'bytes-in': 144_000,
  'bytes-out': 210_000,
  'replication-bytes-out': 288_000,
  'batch-bytes': 14_800,
  'batch-records': 39,
  requests: 640,
  count: 60,
  p50: 0.6,
  p99: 5,
  max: 14,
  queue: 0.08,
  local: 0.22,
  remote: 1.4,
  send: 0.05,
  connections: 14,
  heap: 46_000_000,
  'loop-delay': 3,
  disk: 1_240_000_000,
  'waiting-produces': 2,
  'waiting-fetches': 7,
  lag: 4_200,
  sessions: 4,
  znodes: 148,
  latency: 0.7,
  'latency-max': 4,
  subjects: 7,
  up: 1,
  partitions: 31,
  'brokers-up': 3,
}
/** Whole, and the same for a long time. */
const steady = new Set(['connections', 'sessions', 'znodes', 'subjects', 'up', 'partitions', 'brokers-up'])
const idleWithoutTopics = /^(messages|bytes|replication|batch|produce|lag|waiting)/

function valueAt(
  series: string,
  name: string,
  subject: string,
  atMs: number,
  downs: ReadonlyMap<number, readonly Downtime[]>,
  hasTopics: boolean,
): number {
  if (!hasTopics && idleWithoutTopics.test(name)) return name.startsWith('batch') ? Number.NaN : 0
  const all = [...downs.values()].flat()
  const isDown = all.some(([from, to]) => atMs >= from && atMs < to)
  const isJustAfter = all.some(([from]) => atMs >= from + 1_000 && atMs < from + 4_000)
  if (name === 'under-replicated') return isDown ? 21 : 0
  if (name === 'offline' || name.startsWith('isr-') || name === 'elections') return isJustAfter ? (name === 'offline' ? 1 : 8) : 0
  if (/failures$/.test(name) || (name === 'count' && /^[A-Z_]+$/.test(subject)))
    return isJustAfter ? 40 * chance(`${series} ${atMs}`) : 0
  const size = (sizes[name] ?? 1) * (0.4 + 1.2 * chance(series))
  if (steady.has(name)) return Math.round(sizes[name] ?? 1)
  const phase = chance(`${series} phase`) * 100
  const wave = 1 + 0.18 * Math.sin(atMs / 47_000 + phase) + 0.08 * Math.sin(atMs / 9_100 + phase * 3)
  const noise = 0.94 + 0.12 * chance(`${series} ${Math.floor(atMs / 1000)}`)
  // Those that are left do the work of those that are not.
  const share = isDown && /messages|bytes|requests|count/.test(name) ? 1.45 : 1
  const spike = (name === 'p99' || name === 'max') && isJustAfter ? 6 : 1
  if (name === 'disk') return Math.round(size * (1 + (atMs % 86_400_000) / 864_000_000))
  if (name === 'heap') return Math.round(size * (0.8 + 0.4 * ((atMs / 30_000 + phase) % 1)))
  if (name === 'lag' || name.startsWith('waiting')) return Math.round(size * wave * noise)
  return size * wave * noise * share * spike
}
