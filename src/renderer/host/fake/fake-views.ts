/** What the fake cluster looks like from outside: the views that main would send. Pure reading of FakeCluster. */
import type { BrokerView, ClusterView, PartitionView, ReplicaView } from '../../../shared/model/cluster'
import type { TopicView } from '../../../shared/model/topics'
import type { FakeCluster } from './fake-cluster'
import { fakeConfigDefinitions } from './fake-data'
import type { FakeBroker, FakePartition } from './fake-state'

export function clusterView(cluster: FakeCluster, nowMs: number): ClusterView {
  const topics = topicViews(cluster)
  return {
    state: cluster.state,
    reason: cluster.reason,
    clusterId: cluster.state === 'running' ? 'kV3nQ0xWTb2cM1eZr8sPqg' : null,
    workspaceName: 'sandbox',
    dataDirectory: '/home/dev/.local/share/broker-workbench/sandbox',
    bootstrapServers: cluster.brokers.map((broker) => `127.0.0.1:${broker.port}`).join(','),
    controllerId: cluster.controllerId,
    controllerEpoch: cluster.controllerEpoch,
    controller:
      cluster.controllerId === null
        ? null
        : {
            brokerId: cluster.controllerId,
            epoch: cluster.controllerEpoch,
            sinceMs: cluster.controllerChange?.sinceMs ?? null,
            after: cluster.controllerChange?.after ?? null,
            eventId: cluster.controllerChange?.eventId ?? null,
          },
    brokers: cluster.brokers.map((broker) => brokerView(cluster, broker, nowMs)),
    coordination: {
      state: cluster.state === 'failed' ? 'crashed' : cluster.state === 'starting' ? 'starting' : 'running',
      host: '127.0.0.1',
      port: 12181,
      sessionCount: cluster.brokers.filter((broker) => broker.isRegistered).length,
      znodeCount: 60 + topics.length * 6,
      reason: cluster.state === 'failed' ? cluster.reason : null,
    },
    registry: {
      state: cluster.state === 'running' ? 'running' : 'starting',
      host: '127.0.0.1',
      port: 8081,
      url: cluster.state === 'running' ? 'http://127.0.0.1:8081' : null,
      problem: null,
      subjectCount: 0,
      revision: 0,
      level: 'BACKWARD',
      mode: 'READWRITE',
    },
    topicCount: topics.length,
    partitionCount: topics.reduce((sum, topic) => sum + topic.partitionCount, 0),
    underReplicatedCount: topics.reduce((sum, topic) => sum + topic.underReplicatedCount, 0),
    offlineCount: topics.reduce((sum, topic) => sum + topic.offlineCount, 0),
    notices: cluster.notices,
  }
}

export function topicViews(cluster: FakeCluster): TopicView[] {
  return [...cluster.topics.values()].map((topic) => {
    const partitions = topic.partitions.map((partition) => partitionView(cluster, partition))
    return {
      name: topic.seed.name,
      topicId: topic.topicId,
      isInternal: topic.seed.isInternal ?? false,
      partitionCount: partitions.length,
      replicationFactor: topic.seed.replicationFactor,
      messageCount: partitions.reduce((sum, partition) => sum + partition.highWatermark - partition.logStartOffset, 0),
      logBytes: partitions.reduce(
        (sum, partition) => sum + partition.replicas.reduce((bytes, replica) => bytes + replica.logBytes, 0),
        0,
      ),
      underReplicatedCount: partitions.filter((partition) => partition.isr.length < partition.replicas.length).length,
      offlineCount: partitions.filter((partition) => partition.leader === null).length,
      cleanupPolicy: topic.seed.configs['cleanup.policy'] ?? 'delete',
      retentionMs: topic.seed.configs['retention.ms'] ?? '604800000',
    }
  })
}

export function partitionViews(cluster: FakeCluster, topic: string | null): PartitionView[] {
  const topics =
    topic === null ? [...cluster.topics.values()] : [cluster.topics.get(topic)].filter((found) => found !== undefined)
  return topics.flatMap((found) => found.partitions.map((partition) => partitionView(cluster, partition)))
}

export function configOf(cluster: FakeCluster, topic: string, name: string): string {
  return (
    cluster.topics.get(topic)?.seed.configs[name] ??
    fakeConfigDefinitions.find((definition) => definition.name === name)?.default ??
    ''
  )
}

function partitionView(cluster: FakeCluster, partition: FakePartition): PartitionView {
  const leader = partition.replicas.find((replica) => replica.brokerId === partition.leader)
  const ends = partition.replicas
    .filter((replica) => partition.isr.includes(replica.brokerId))
    .map((replica) => replica.logEndOffset)
  const highWatermark = Math.min(...ends)
  const logEndOffset = leader?.logEndOffset ?? Math.max(...partition.replicas.map((replica) => replica.logEndOffset))
  return {
    topic: partition.topic.seed.name,
    partition: partition.partition,
    leader: partition.leader,
    preferredLeader: partition.replicas[0]?.brokerId ?? -1,
    leaderEpoch: partition.leaderEpoch,
    partitionEpoch: partition.partitionEpoch,
    replicas: partition.replicas.map(
      (replica): ReplicaView => ({
        brokerId: replica.brokerId,
        isLeader: replica.brokerId === partition.leader,
        isInSync: partition.isr.includes(replica.brokerId),
        isOnline: cluster.isUp(replica.brokerId),
        logStartOffset: partition.logStartOffset,
        logEndOffset: replica.logEndOffset,
        highWatermark: Math.min(highWatermark, replica.logEndOffset),
        logBytes: (replica.logEndOffset - partition.logStartOffset) * partition.topic.seed.recordBytes,
        grewAtMs: cluster.isUp(replica.brokerId) ? replica.caughtUpAtMs || null : null,
      }),
    ),
    isr: partition.isr,
    logStartOffset: partition.logStartOffset,
    highWatermark,
    logEndOffset,
    minInSyncReplicas: Number(configOf(cluster, partition.topic.seed.name, 'min.insync.replicas')),
    leaderChangedAtMs: partition.leaderChangedAtMs,
    previousLeader: partition.previousLeader,
  }
}

function brokerView(cluster: FakeCluster, broker: FakeBroker, nowMs: number): BrokerView {
  const partitions = [...cluster.topics.values()].flatMap((topic) => topic.partitions)
  const led = partitions.filter((partition) => partition.leader === broker.id)
  const held = partitions.filter((partition) => partition.replicas.some((replica) => replica.brokerId === broker.id))
  const isUp = broker.state === 'running'
  const wobble = 1 + 0.12 * Math.sin(nowMs / 1700 + broker.id * 2)
  const messages = isUp
    ? led.reduce((sum, partition) => sum + partition.topic.seed.messagesPerSecond / partition.topic.partitions.length, 0) * wobble
    : 0
  const bytes = isUp
    ? led.reduce(
        (sum, partition) =>
          sum + (partition.topic.seed.messagesPerSecond * partition.topic.seed.recordBytes) / partition.topic.partitions.length,
        0,
      ) * wobble
    : 0
  return {
    id: broker.id,
    state: broker.state,
    stateSinceMs: broker.stateSinceMs,
    reason: broker.reason,
    host: '127.0.0.1',
    port: broker.port,
    isController: cluster.controllerId === broker.id,
    isRegistered: broker.isRegistered,
    leaderCount: led.length,
    replicaCount: held.length,
    logBytes: held.reduce(
      (sum, partition) =>
        sum +
        (partition.replicas.find((replica) => replica.brokerId === broker.id)?.logEndOffset ?? 0) *
          partition.topic.seed.recordBytes,
      0,
    ),
    bytesInPerSecond: bytes,
    bytesOutPerSecond: bytes * 2.1,
    messagesInPerSecond: messages,
    connectionCount: isUp ? 6 + broker.id : 0,
  }
}
