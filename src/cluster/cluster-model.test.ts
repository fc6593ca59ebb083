import { describe, expect, it } from 'vitest'
import { ClusterModel, isUnderReplicated } from './cluster-model'
import type { MetadataReport, ReplicaReport } from './worker-protocol'

function metadata(leader: number, leaderEpoch: number, isr: readonly number[]): MetadataReport {
  return {
    clusterId: 'c',
    controllerId: 1,
    liveBrokers: [1, 2, 3],
    topics: [
      {
        name: 'orders',
        topicId: 'id',
        isInternal: false,
        cleanupPolicy: 'delete',
        retentionMs: '604800000',
        partitions: [{ partition: 0, leader, leaderEpoch, partitionEpoch: leaderEpoch, replicas: [1, 2, 3], isr }],
      },
    ],
  }
}

function replica(fields: Partial<ReplicaReport>): ReplicaReport {
  return {
    topic: 'orders',
    partition: 0,
    role: 'follower',
    leaderEpoch: 0,
    logStartOffset: 0,
    highWatermark: 0,
    logEndOffset: 0,
    logBytes: 0,
    minInSyncReplicas: 2,
    ...fields,
  }
}

describe('ClusterModel', () => {
  it("shows the leader's offsets as the partition's", () => {
    const model = new ClusterModel()
    model.applyMetadata(metadata(1, 0, [1, 2, 3]), 1000)
    model.applyReplicas(1, [replica({ role: 'leader', highWatermark: 8, logEndOffset: 10, logBytes: 100 })], [])
    model.applyReplicas(2, [replica({ highWatermark: 8, logEndOffset: 9, logBytes: 90 })], [])
    const [partition] = model.partitions()
    expect(partition).toMatchObject({
      leader: 1,
      highWatermark: 8,
      logEndOffset: 10,
      minInSyncReplicas: 2,
      leaderChangedAtMs: null,
    })
    expect(model.topics()[0]).toMatchObject({ messageCount: 8, logBytes: 190, replicationFactor: 3 })
  })

  it('names the leader before, also after a time without one', () => {
    const model = new ClusterModel()
    model.applyMetadata(metadata(1, 0, [1, 2]), 1000)
    model.applyMetadata(metadata(-1, 1, [2]), 2000)
    expect(model.partitions()[0]).toMatchObject({ leader: null, previousLeader: 1, leaderChangedAtMs: 2000 })
    model.applyMetadata(metadata(2, 2, [2]), 3000)
    expect(model.partitions()[0]).toMatchObject({ leader: 2, previousLeader: 1, leaderChangedAtMs: 3000 })
  })

  it('takes an older leader epoch of a lagging reporter for no change of leader', () => {
    const model = new ClusterModel()
    model.applyMetadata(metadata(2, 5, [2, 3]), 1000)
    model.applyMetadata(metadata(1, 4, [1, 2, 3]), 2000)
    expect(model.partitions()[0]).toMatchObject({ leaderChangedAtMs: null, previousLeader: null })
  })

  it('speaks for an offline partition by its furthest replica', () => {
    const model = new ClusterModel()
    for (const id of [1, 3]) model.setOnline(id, true)
    model.applyMetadata(metadata(-1, 3, [2]), 1000)
    model.applyReplicas(2, [replica({ logEndOffset: 7, highWatermark: 7 })], [])
    model.applyReplicas(3, [replica({ logEndOffset: 5, highWatermark: 5 })], [])
    const [partition] = model.partitions()
    expect(partition).toMatchObject({ leader: null, logEndOffset: 7 })
    expect(partition?.replicas.map((view) => view.isOnline)).toEqual([true, false, true])
    expect(partition !== undefined && isUnderReplicated(partition)).toBe(true)
  })

  it('forgets a topic that was deleted', () => {
    const model = new ClusterModel()
    model.applyMetadata(metadata(1, 0, [1]), 1000)
    model.applyMetadata({ ...metadata(1, 0, [1]), topics: [] }, 2000)
    expect(model.partitions()).toEqual([])
    model.applyMetadata(metadata(2, 0, [2]), 3000)
    expect(model.partitions()[0]).toMatchObject({ leader: 2, previousLeader: null })
  })

  it('tells what changed and nothing else, once to each who tracks it', () => {
    const model = new ClusterModel()
    const first = model.track()
    const second = model.track()
    model.applyMetadata(metadata(1, 0, [1, 2, 3]), 1000)
    model.applyReplicas(1, [replica({ role: 'leader', logEndOffset: 10 })], [])
    expect(first.take().partitions.map(({ logEndOffset }) => logEndOffset)).toEqual([10])
    expect(first.isEmpty).toBe(true)
    model.applyMetadata(metadata(1, 0, [1, 2, 3]), 2000)
    expect(first.isEmpty).toBe(true)
    model.setOnline(2, true)
    expect(first.take()).toMatchObject({ topics: [{ name: 'orders' }], partitions: [{ partition: 0 }], removedTopics: [] })
    expect(second.take().partitions).toEqual(model.partitions())
  })

  it('tells a topic that was made again as removed before it comes, and keeps what brokers already said of the new one', () => {
    const model = new ClusterModel()
    const tracker = model.track()
    model.applyMetadata(metadata(1, 0, [1]), 1000)
    tracker.take()
    model.applyReplicas(1, [replica({ role: 'leader', logEndOffset: 3 })], [])
    const again = metadata(1, 0, [1])
    model.applyMetadata({ ...again, topics: again.topics.map((topic) => ({ ...topic, topicId: 'another' })) }, 2000)
    expect(tracker.take()).toMatchObject({
      removedTopics: ['orders'],
      topics: [{ topicId: 'another' }],
      partitions: [{ logEndOffset: 3 }],
    })
  })

  it('says when a log last grew', () => {
    const model = new ClusterModel()
    model.applyMetadata(metadata(1, 0, [1, 2]), 1000)
    model.applyReplicas(2, [replica({ logEndOffset: 5 })], [], 2000)
    const grewAt = () => model.partitions()[0]?.replicas[1]?.grewAtMs
    expect(grewAt()).toBeNull()
    model.applyReplicas(2, [replica({ logEndOffset: 6 })], [], 3000)
    model.applyReplicas(2, [replica({ logEndOffset: 6, highWatermark: 6 })], [], 4000)
    expect(grewAt()).toBe(3000)
  })
})
