/**
 * A follower cuts its log where the leader's history parts from its own, which it asks by leader epoch, and never at its own high watermark, which may
 * be old: the two scenarios of KIP-101, in which cutting at the high watermark lost a record or left two different ones, and a longer divergence.
 */
import { afterEach, describe, expect, it } from 'vitest'
import { Scenario } from './scenario'

let cluster: Scenario
afterEach(() => cluster.close())

describe('a follower', () => {
  it('keeps what it has beyond its old high watermark when it follows another leader, and so loses nothing as the next one (KIP-101, scenario 1)', async () => {
    cluster = await Scenario.start([1, 3, 2], { 'min.insync.replicas': '1' }, { brokerCount: 4, controller: 4 })
    await cluster.write('m1')
    await cluster.untilCaughtUp(1, 2, 3)
    // 2 gets m2 and says so with its next fetch; that this committed m2 it does not hear any more.
    const acknowledged = cluster.send('m2')
    await cluster.until(() => cluster.replica(2)?.logEndOffset === 2, '2 has m2')
    cluster.world.blockOneWay(cluster.broker(1).host, cluster.broker(2).host)
    expect(await cluster.world.settle(acknowledged)).toEqual({ error: 'NONE', offset: 1 })
    expect(cluster.replica(2)).toMatchObject({ logEndOffset: 2, highWatermark: 1 })

    // It becomes a follower of 3, cannot reach it, and is elected when 3 dies as well.
    cluster.cut(2, 3)
    cluster.kill(1)
    await cluster.untilLeads(3)
    await cluster.until(() => cluster.replica(2)?.leaderId === 3, '2 follows 3')
    cluster.kill(3)
    await cluster.untilLeads(2)
    await cluster.until(() => cluster.committed().length === 2, 'm2 can be read')
    expect(cluster.committed()).toEqual(['m1', 'm2'])
  })

  it('drops what it appended in an epoch that ended elsewhere, though it is no shorter than its leader (KIP-101, scenario 2)', async () => {
    cluster = await Scenario.start([1, 2], { 'min.insync.replicas': '1' })
    await cluster.write('m1')
    await cluster.untilCaughtUp(1, 2)
    const heal = cluster.cut(1, 2)
    await cluster.write('m2, of the first alone', { acks: 1 })
    cluster.kill(1)
    heal()
    await cluster.untilLeads(2)
    expect(await cluster.write('m3, at the same offset')).toEqual({ error: 'NONE', offset: 1 })

    await cluster.restart(1)
    await cluster.untilInSync(1, 2)
    for (const id of [1, 2]) expect(cluster.log(id)).toEqual(['m1', 'm3, at the same offset'])
  })

  it('cuts a longer log back to where its epoch ended for the leader, and keeps all before that', async () => {
    cluster = await Scenario.start([1, 2, 3], { 'min.insync.replicas': '2' })
    const shared = Array.from({ length: 5 }, (_, number) => `shared ${number}`)
    for (const text of shared) await cluster.write(text)
    await cluster.untilCaughtUp(1, 2, 3)
    const heal = cluster.cut(1, 2, 3)
    for (let number = 0; number < 10; number++) await cluster.write(`of the first alone ${number}`, { acks: 1 })
    cluster.kill(1)
    heal()
    await cluster.untilLeads(2, 3)
    await cluster.write('of the next epoch')
    expect(cluster.log(1)).toHaveLength(15)

    // Nothing is copied twice: the first five are the bytes that it had.
    const before = cluster.broker(1).disk.peek('/data/t-0/00000000000000000000.log')?.slice(0, 100)
    await cluster.restart(1)
    await cluster.untilInSync(1, 2, 3)
    for (const id of [1, 2, 3]) expect(cluster.log(id)).toEqual([...shared, 'of the next epoch'])
    expect(cluster.broker(1).disk.peek('/data/t-0/00000000000000000000.log')?.slice(0, 100)).toEqual(before)
  })

  it('cuts back to its own end of an epoch where its leader has more of that epoch: two leaders in a row left a tail behind (KIP-279)', async () => {
    cluster = await Scenario.start([1, 2, 3], { 'min.insync.replicas': '1' }, { brokerCount: 4, controller: 4 })
    await cluster.write('m1')
    await cluster.untilCaughtUp(1, 2, 3)
    // Of the first epoch 3 has more than 2, and both are in sync.
    cluster.cut(1, 2)
    for (const text of ['m2', 'm3']) await cluster.write(text, { acks: 1 })
    await cluster.until(() => cluster.replica(3)?.logEndOffset === 3, '3 has m2 and m3')
    const heal = cluster.cut(2, 3)
    cluster.kill(1)
    await cluster.untilLeads(2)
    await cluster.write('of the second epoch, and of nobody else', { acks: 1 })
    cluster.kill(2)
    await cluster.untilLeads(3)
    expect(cluster.log(2)).toEqual(['m1', 'of the second epoch, and of nobody else'])

    heal()
    await cluster.restart(2)
    await cluster.untilInSync(2, 3)
    for (const id of [2, 3]) expect(cluster.log(id)).toEqual(['m1', 'm2', 'm3'])
  })
})
