import { describe, expect, it } from 'vitest'
import { ClusterKit, type PartitionSpec } from '../testing/golden/manager-kit'
import { batchOf } from '../testing/storage-kit'

const partitions = (count: number, leader: number): PartitionSpec[] =>
  Array.from({ length: count }, (_, partition) => ({ partition, leader }))

describe('Fetcher', () => {
  it('fetches all partitions of a leader in one request, and waits there when there is nothing', async () => {
    const cluster = new ClusterKit([1, 2])
    cluster.announce(partitions(300, 1))
    await cluster.settle()
    expect(cluster.fetchRequests.length).toBeLessThan(4)
    expect(cluster.fetchRequests[0]?.body.topics[0]?.partitions.length).toBe(300)
    expect(cluster.parkedCount).toBe(1)
    cluster.broker(1).append(200, batchOf(['a']))
    await cluster.settle()
    expect(cluster.broker(2).status(200)).toMatchObject({ logEndOffset: 1, highWatermark: 1 })
    expect(cluster.parkedCount).toBe(1)
  })

  it('names itself, its registration, its epoch and its position in each request', async () => {
    const cluster = new ClusterKit([1, 2])
    cluster.announce([{ partition: 0, leader: 1, leaderEpoch: 4 }])
    await cluster.settle()
    cluster.broker(1).append(0, batchOf(['a', 'b']))
    await cluster.settle()
    const { body } = cluster.fetchRequests.at(-1)!
    expect(body).toMatchObject({
      replicaState: { replicaId: 2, replicaEpoch: 20 },
      maxWaitMs: 500,
      minBytes: 1,
      sessionEpoch: -1,
    })
    expect(body.topics[0]?.partitions[0]).toMatchObject({
      currentLeaderEpoch: 4,
      fetchOffset: 2,
      lastFetchedEpoch: 4,
      logStartOffset: 0,
    })
  })

  it('does not let a partition that is added sit out the wait of a request that is under way', async () => {
    const cluster = new ClusterKit([1, 2])
    cluster.announce([{ partition: 0, leader: 1 }])
    await cluster.settle()
    expect(cluster.parkedCount).toBe(1)
    cluster.announce([{ partition: 1, leader: 1 }])
    cluster.broker(1).append(1, batchOf(['a']))
    await cluster.settle()
    await cluster.wait(25)
    expect(cluster.broker(1).status(1)).toMatchObject({ highWatermark: 1 })
    // Both lanes wait, each with its partition; when the first request ends, they go together again.
    expect(cluster.parkedCount).toBe(2)
    await cluster.wait(460)
    await cluster.wait(40)
    await cluster.wait(25)
    expect(cluster.fetchRequests.at(-1)?.body.topics.flatMap((topic) => topic.partitions).length).toBe(2)
    expect(cluster.parkedCount).toBe(1)
  })

  it('goes on when the leader is back, from wherever it is then', async () => {
    const cluster = new ClusterKit([1, 2])
    cluster.announce([{ partition: 0, leader: 1 }])
    await cluster.settle()
    cluster.unreachable.add('2>1')
    cluster.cut(1)
    cluster.broker(1).append(0, batchOf(['a']))
    await cluster.wait(1_000)
    const before = cluster.fetchRequests.length
    await cluster.wait(1_000)
    expect(cluster.fetchRequests.length).toBe(before)
    cluster.unreachable.clear()
    await cluster.wait(200)
    expect(cluster.broker(2).status(0)).toMatchObject({ logEndOffset: 1, highWatermark: 1 })
    expect(cluster.broker(2).logger.problems.length).toBe(1)
  })

  it('follows the new leader after an election and drops what only the old one had', async () => {
    const cluster = new ClusterKit([1, 2, 3])
    cluster.announce([{ partition: 0, leader: 1 }])
    await cluster.settle()
    cluster.broker(1).append(0, batchOf(['a']))
    await cluster.settle()
    for (const link of ['2>1', '3>1']) cluster.unreachable.add(link)
    cluster.cut(1)
    cluster.broker(1).append(0, batchOf(['lost', 'lost too']), 1)
    for (const id of [2, 3]) cluster.broker(id).obey([{ partition: 0, leader: 2, leaderEpoch: 2, isr: [2, 3] }])
    cluster.broker(2).append(0, batchOf(['b']))
    await cluster.wait(200)
    cluster.broker(1).obey([{ partition: 0, leader: 2, leaderEpoch: 2, isr: [2, 3] }])
    await cluster.wait(200)
    for (const id of cluster.ids)
      expect(cluster.broker(id).status(0), `broker ${id}`).toMatchObject({ logEndOffset: 2, highWatermark: 2 })
    expect(cluster.broker(2).status(0)?.isr).toEqual([2, 3, 1])
  })

  it('starts over where the leader begins when all that it has was deleted there', async () => {
    const cluster = new ClusterKit([1, 2])
    cluster.announce([{ partition: 0, leader: 1 }])
    await cluster.settle()
    cluster.broker(1).append(0, batchOf(['a']))
    await cluster.settle()
    cluster.unreachable.add('2>1')
    cluster.cut(2)
    cluster.broker(1).obey([{ partition: 0, leader: 1, isr: [1], partitionEpoch: 2 }])
    for (const value of ['b', 'c', 'd']) cluster.broker(1).append(0, batchOf([value]))
    await cluster.wait(11_000)
    cluster.broker(1).append(0, batchOf(['e']))
    cluster.broker(1).logManager.get('orders', 0)?.setLogStartOffset(3)
    cluster.unreachable.clear()
    await cluster.wait(200)
    await cluster.wait(200)
    expect(cluster.broker(2).status(0)).toMatchObject({ logStartOffset: 3, logEndOffset: 5, highWatermark: 5 })
  })

  it('keeps nothing of an epoch in which it led and wrote nothing', async () => {
    const cluster = new ClusterKit([1, 2])
    cluster.announce([{ partition: 0, leader: 1 }])
    await cluster.settle()
    cluster.broker(1).append(0, batchOf(['a']))
    await cluster.settle()
    cluster.broker(2).obey([{ partition: 0, leader: 2, leaderEpoch: 2 }])
    cluster.announce([{ partition: 0, leader: 1, leaderEpoch: 3 }])
    await cluster.settle()
    expect(cluster.parkedCount).toBe(1)
    cluster.broker(1).append(0, batchOf(['b']))
    await cluster.settle()
    expect(cluster.broker(2).status(0)).toMatchObject({ logEndOffset: 2, highWatermark: 2 })
  })

  it('closes its connections when nothing is left to follow there', async () => {
    const cluster = new ClusterKit([1, 2])
    cluster.announce([{ partition: 0, leader: 1 }])
    await cluster.settle()
    const before = cluster.fetchRequests.length
    cluster.broker(2).obey([{ partition: 0, leader: -1, leaderEpoch: 2 }])
    await cluster.wait(1_000)
    expect(cluster.fetchRequests.length).toBe(before)
    expect(cluster.broker(2).status(0)).toMatchObject({ role: 'follower', leaderId: -1 })
  })
})
