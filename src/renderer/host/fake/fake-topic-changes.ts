/** Changes of topics on the fake cluster, and a count of what is in one, made up from its figures. */
import { WorkbenchError } from '../../../shared/ipc/errors'
import type { AnalysisProgress, TopicAnalysis } from '../../../shared/model/topic-analysis'
import type { FakeCluster } from './fake-cluster'
import type { Handlers } from './fake-host'

type Name =
  | 'topics.setConfigs'
  | 'topics.addPartitions'
  | 'topics.purge'
  | 'topics.clone'
  | 'topics.analyse'
  | 'topics.stopAnalysis'

export function topicChangeHandlers(
  cluster: FakeCluster,
  now: () => number,
  tell: (progress: AnalysisProgress) => void,
  tick: () => void,
): Pick<Handlers, Name> {
  let nextId = 1
  const need = (topic: string) => {
    const found = cluster.topics.get(topic)
    if (!found) throw new WorkbenchError('protocol', 'UNKNOWN_TOPIC_OR_PARTITION', `${topic} does not exist on this cluster.`)
    return found
  }
  return {
    'topics.setConfigs': ({ topic, changes }) => {
      const found = need(topic)
      const configs = { ...found.seed.configs }
      for (const { name, value } of changes) {
        if (value === null) delete configs[name]
        else configs[name] = value
      }
      found.seed = { ...found.seed, configs }
      tick()
      return undefined
    },
    'topics.addPartitions': ({ topic, total }) => {
      const { partitions } = need(topic)
      const [like] = partitions
      for (let partition = partitions.length; like && partition < total; partition++) {
        const replicas = like.replicas.map((replica) => ({ ...replica, logEndOffset: 0 }))
        partitions.push({
          ...like,
          partition,
          leaderEpoch: 0,
          partitionEpoch: 0,
          replicas,
          isr: [...like.isr],
          logStartOffset: 0,
          fraction: 0,
        })
      }
      tick()
      return undefined
    },
    'topics.purge': ({ topic }) => {
      const { partitions } = need(topic)
      for (const each of partitions) each.logStartOffset = Math.max(...each.replicas.map(({ logEndOffset }) => logEndOffset))
      tick()
      return { partitions: partitions.map(({ partition, logStartOffset }) => ({ partition, logStartOffset })) }
    },
    'topics.clone': ({ topic, name }) => {
      need(topic)
      const view = cluster.topicViews().find((each) => each.name === topic)
      cluster.addTopic(
        {
          name,
          partitionCount: view?.partitionCount ?? 1,
          replicationFactor: view?.replicationFactor ?? 1,
          configs: {},
          logEndOffset: 0,
          messagesPerSecond: 0,
          recordBytes: 200,
        },
        true,
      )
      tick()
      return undefined
    },
    'topics.analyse': ({ topic, newest }) => {
      need(topic)
      const analysisId = nextId++
      const partitions = cluster.partitionViews(topic)
      const all = partitions.reduce((sum, partition) => sum + partition.highWatermark - partition.logStartOffset, 0)
      const count = newest === null ? all : Math.min(newest, all)
      const analysis = analysisOf(
        count,
        partitions.map(({ partition }) => partition),
        now(),
      )
      const progress = { analysisId, topic, wantedCount: count, elapsedMs: 412, error: null, recordCount: count, analysis }
      setTimeout(() => tell({ ...progress, state: 'finished' }), 0)
      return { analysisId }
    },
    'topics.stopAnalysis': () => undefined,
  }
}

function analysisOf(count: number, partitions: readonly number[], now: number): TopicAnalysis {
  const share = (part: number): number => Math.round(count * part)
  const buckets = 60
  const widthMs = 60_000
  return {
    recordCount: count,
    batchCount: Math.ceil(count / 12),
    batchBytes: count * 141,
    compressions: [
      { name: 'lz4', count: Math.ceil(count / 13) },
      { name: 'none', count: Math.ceil(count / 160) },
    ],
    partitions: partitions.map((partition) => ({
      partition,
      count: Math.round((count / partitions.length) * (0.8 + ((partition * 37) % 40) / 100)),
      bytes: 12_000,
    })),
    keys: {
      nullCount: share(0.01),
      emptyCount: 0,
      distinctCount: Math.min(4_218, count),
      isDistinctExact: true,
      scatteredCount: 0,
      top: Array.from({ length: Math.min(12, count) }, (_, index) => ({
        key: index === 9 ? '00000000000004d2' : `cus_8hk2q${index}7x9f1d`,
        isBinary: index === 9,
        count: Math.ceil((count * 0.04) / (index + 1)),
      })),
      sizes: null,
    },
    values: {
      nullCount: share(0.02),
      emptyCount: 0,
      jsonCount: share(0.9),
      textCount: share(0.03),
      binaryCount: share(0.05),
      schemaIds: [
        { id: 17, count: share(0.04) },
        { id: 12, count: share(0.01) },
      ],
      sizes:
        count === 0
          ? null
          : {
              min: 38,
              p50: 214,
              p95: 1_310,
              p99: 4_810,
              max: 182_400,
              total: count * 310,
              histogram: {
                from: [32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768, 65536, 131072],
                counts: [0.02, 0.2, 0.41, 0.2, 0.08, 0.05, 0.02, 0.01, 0.004, 0.002, 0.002, 0.001, 0.001].map(share),
              },
            },
    },
    headers: {
      withHeaders: share(0.4),
      names: [
        { name: 'trace-id', count: share(0.4) },
        { name: 'source', count: share(0.22) },
      ],
    },
    time:
      count === 0
        ? null
        : {
            firstMs: now - buckets * widthMs,
            lastMs: now,
            outOfOrderCount: 3,
            histogram: {
              from: Array.from({ length: buckets }, (_, index) => now - (buckets - index) * widthMs),
              counts: Array.from({ length: buckets }, (_, index) =>
                Math.round((count / buckets) * (1 + 0.6 * Math.sin(index / 6))),
              ),
            },
          },
    undecodableBatches: 0,
  }
}
