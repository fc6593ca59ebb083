/**
 * What a large cluster costs the host and the way to the window: 5,000 topics, 20,000 partitions, three replicas each. The model alone first (no disk, no
 * sockets): taking in metadata, a broker's death, a second of traffic, and what of it crosses to the window, against sending all of it. Then, with
 * `--real`, a real cluster with that many partitions of one replica each: how long it takes to make them, what the host's thread does while nothing
 * happens, and how long after a kill the view has new leaders or none.
 *
 *   npx tsx bench/many-partitions.ts [--topics 5000] [--partitions 4] [--real 2000]
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { parseArgs } from 'node:util'
import { Kafka, logLevel } from 'kafkajs'
import { Cluster } from '../src/cluster'
import { ClusterModel } from '../src/cluster/cluster-model'
import { ModelHistory } from '../src/cluster/model-history'
import type { MetadataReport, ReplicaReport } from '../src/cluster/worker-protocol'
import type { BrokerMoment } from '../src/shared/model/cluster'

const brokerIds = [1, 2, 3, 4, 5, 6]
const { values } = parseArgs({
  options: {
    topics: { type: 'string', default: '5000' },
    partitions: { type: 'string', default: '4' },
    real: { type: 'string' },
  },
})
const topicCount = Number(values.topics)
const perTopic = Number(values.partitions)

function metadataOf(dead: number | null): MetadataReport {
  return {
    clusterId: 'bench',
    controllerId: 1,
    liveBrokers: brokerIds.filter((id) => id !== dead),
    topics: Array.from({ length: topicCount }, (_, topic) => ({
      name: nameOf(topic),
      topicId: String(topic),
      isInternal: false,
      cleanupPolicy: 'delete',
      retentionMs: '604800000',
      partitions: Array.from({ length: perTopic }, (_each, partition) => {
        const replicas = replicasOf(topic, partition)
        const isr = replicas.filter((id) => id !== dead)
        const hasMoved = replicas[0] === dead
        return {
          partition,
          leader: isr[0] ?? -1,
          leaderEpoch: hasMoved ? 1 : 0,
          partitionEpoch: dead === null ? 0 : 1,
          replicas,
          isr,
        }
      }),
    })),
  }
}

const nameOf = (topic: number): string => `topic-${String(topic).padStart(5, '0')}`
const replicasOf = (topic: number, partition: number): number[] =>
  [0, 1, 2].map((copy) => brokerIds[(topic + partition + copy) % brokerIds.length] ?? 1)

/** Of one broker; `share` of its replicas. */
function reportsOf(brokerId: number, logEndOffset: number, share: number): ReplicaReport[] {
  const reports: ReplicaReport[] = []
  for (let topic = 0; topic < topicCount * share; topic++) {
    for (let partition = 0; partition < perTopic; partition++) {
      const replicas = replicasOf(topic, partition)
      if (!replicas.includes(brokerId)) continue
      const role = replicas[0] === brokerId ? 'leader' : 'follower'
      reports.push({
        topic: nameOf(topic),
        partition,
        role,
        leaderEpoch: 0,
        logStartOffset: 0,
        highWatermark: logEndOffset,
        logEndOffset,
        logBytes: logEndOffset * 100,
        minInSyncReplicas: 1,
      })
    }
  }
  return reports
}

function timed<T>(what: string, run: () => T): T {
  const from = performance.now()
  const result = run()
  console.log(`${what.padEnd(62)} ${(performance.now() - from).toFixed(1).padStart(8)} ms`)
  return result
}

function measureModel(): void {
  console.log(
    `\nThe model, ${topicCount} topics, ${topicCount * perTopic} partitions, ${topicCount * perTopic * 3} replicas, ${brokerIds.length} brokers`,
  )
  const model = new ClusterModel()
  const untold = model.track()
  const unrecorded = model.track()
  const history = new ModelHistory()
  const brokers: BrokerMoment[] = brokerIds.map((id) => ({
    id,
    state: 'running',
    stateSinceMs: 0,
    isController: id === 1,
    isRegistered: true,
  }))
  for (const id of brokerIds) model.setOnline(id, true)
  const before = metadataOf(null)
  timed('take in the first metadata', () => model.applyMetadata(before, 1_000))
  timed('take in the first reports of all brokers', () => {
    for (const id of brokerIds) model.applyReplicas(id, reportsOf(id, 10, 1), [], 1_000)
  })
  const whole = timed('make every view', () => untold.take())
  history.record(1_000, unrecorded.take(), brokers)
  timed('send all of it (structured clone), as was done 4 times a second', () =>
    structuredClone({ topics: whole.topics, partitions: whole.partitions }),
  )
  timed('take in the same metadata again', () => model.applyMetadata(before, 2_000))
  timed('find that nothing changed', () => untold.isEmpty)
  for (const [words, share] of [
    ['1 %', 0.01],
    ['10 %', 0.1],
  ] as const) {
    timed(`take in traffic on ${words} of the partitions`, () => {
      for (const id of brokerIds) model.applyReplicas(id, reportsOf(id, 20 + share, share), [], 3_000)
    })
    const delta = timed(`  and make what changed`, () => untold.take())
    timed(`  and send it (${delta.partitions.length} partitions)`, () => structuredClone(delta))
    history.record(3_000, unrecorded.take(), brokers)
  }
  const after = metadataOf(2)
  timed('a broker dies: set it offline', () => model.setOnline(2, false))
  timed('  take in the metadata with the new leaders', () => model.applyMetadata(after, 4_000))
  const delta = timed('  make what changed', () => untold.take())
  timed(`  send it (${delta.partitions.length} partitions)`, () => structuredClone(delta))
  timed('  keep it in the history', () => history.record(4_000, unrecorded.take(), brokers))
  timed('the cluster as it was before', () => history.at(3_500))
  console.log(`${'views kept of the past'.padEnd(62)} ${String(history.size).padStart(8)}`)
}

async function measureReal(partitionCount: number): Promise<void> {
  console.log(`\nA real cluster, 3 brokers, ${partitionCount} partitions of one replica`)
  const directory = mkdtempSync(join(tmpdir(), 'workbench-many-'))
  const cluster = await Cluster.start({
    dataDirectory: directory,
    workerDirectory: join(__dirname, '../out/main'),
    brokerCount: 3,
    brokerPorts: [0],
    coordinationPort: 0,
  })
  let told = 0
  let largest = 0
  cluster.on('topics', ({ partitions }) => {
    told++
    largest = Math.max(largest, partitions.length)
  })
  try {
    const admin = new Kafka({
      clientId: 'bench',
      brokers: cluster.bootstrapServers.split(','),
      logLevel: logLevel.NOTHING,
      requestTimeout: 120_000,
    }).admin()
    await admin.connect()
    const from = performance.now()
    const each = 4
    const topics = Array.from({ length: Math.ceil(partitionCount / each) }, (_, topic) => ({
      topic: nameOf(topic),
      numPartitions: each,
      replicationFactor: 1,
    }))
    for (let at = 0; at < topics.length; at += 100)
      await admin.createTopics({ waitForLeaders: false, timeout: 120_000, topics: topics.slice(at, at + 100) })
    await until(
      () => cluster.partitions().length >= partitionCount && cluster.partitions().every(({ leader }) => leader !== null),
    )
    console.log(
      `made and in the view after ${Math.round(performance.now() - from)} ms, ${told} deltas, the largest of ${largest} partitions`,
    )
    await admin.disconnect()
    await idle('quiet', () => told)
    const killedAt = performance.now()
    await cluster.killBroker(3)
    await until(() => cluster.partitions().every(({ leader }) => leader !== 3))
    console.log(
      `after a kill the view has nobody led by it within ${Math.round(performance.now() - killedAt)} ms (its session lives 1,500 ms)`,
    )
    const startedAt = performance.now()
    await cluster.startBroker(3)
    await until(() => cluster.partitions().every(({ leader }) => leader !== null))
    console.log(`started again, all led within ${Math.round(performance.now() - startedAt)} ms`)
    console.log(`the host's memory: ${Math.round(process.memoryUsage().rss / 1_048_576)} MiB with its workers`)
  } finally {
    await cluster.stop()
    rmSync(directory, { recursive: true, force: true })
  }
}

/** Five seconds of nothing: how late the host's thread is, and what it tells. */
async function idle(words: string, told: () => number): Promise<void> {
  const delay = monitorEventLoopDelay({ resolution: 10 })
  const before = told()
  delay.enable()
  await new Promise((resolve) => setTimeout(resolve, 5_000))
  delay.disable()
  console.log(
    `${words}: the host's thread is late by ${(delay.percentile(99) / 1e6).toFixed(1)} ms (p99), ${(delay.max / 1e6).toFixed(1)} ms (most); ${told() - before} deltas in 5 s`,
  )
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 600_000
  while (!condition()) {
    if (performance.now() > deadline) throw new Error('not within ten minutes')
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

measureModel()
if (values.real !== undefined) void measureReal(Number(values.real))
