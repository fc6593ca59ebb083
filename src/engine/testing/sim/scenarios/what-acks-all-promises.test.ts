/** What an acknowledgement with acks=all is worth while brokers die, freeze and lose each other. Each title says the rule. */
import { afterEach, describe, expect, it } from 'vitest'
import { KafkaClient, Producer } from '../../../client'
import { Scenario, topic } from './scenario'

let cluster: Scenario
afterEach(() => cluster.close())

const minTwo = { 'min.insync.replicas': '2' }

describe('acks=all with min.insync.replicas=2', () => {
  it("survives the leader's death the moment it has acknowledged", async () => {
    cluster = await Scenario.start([1, 2, 3], minTwo)
    expect(await cluster.write('acknowledged')).toEqual({ error: 'NONE', offset: 0 })
    cluster.kill(1)
    await cluster.untilLeads(2, 3)
    await cluster.untilInSync(2, 3)
    await cluster.until(() => cluster.committed().length === 1, 'it can be read')
    expect(cluster.committed()).toEqual(['acknowledged'])
  })

  it('survives two leaders in a row, and refuses more with NOT_ENOUGH_REPLICAS while one replica is left', async () => {
    cluster = await Scenario.start([1, 2, 3], minTwo)
    await cluster.write('under the first')
    cluster.kill(1)
    const second = await cluster.untilLeads(2, 3)
    await cluster.untilInSync(2, 3)
    expect(await cluster.write('under the second')).toEqual({ error: 'NONE', offset: 1 })
    cluster.kill(second)
    const third = await cluster.untilLeads(second === 2 ? 3 : 2)
    await cluster.untilInSync(third)

    expect(await cluster.write('to the last one')).toEqual({ error: 'NOT_ENOUGH_REPLICAS', offset: -1 })
    expect(cluster.log(third)).toEqual(['under the first', 'under the second'])

    await cluster.restart(1, second)
    await cluster.untilInSync(1, 2, 3)
    await cluster.untilCaughtUp(1, 2, 3)
    expect(cluster.committed()).toEqual(['under the first', 'under the second'])
  })

  it('is given by no leader that was frozen and replaced: when it wakes it is fenced, and what it had not committed is cut off', async () => {
    cluster = await Scenario.start([1, 2, 3], minTwo)
    await cluster.write('committed')
    await cluster.untilCaughtUp(1, 2, 3)
    const heal = cluster.cut(1, 2, 3)
    const uncommitted = cluster.send('in the log of the first alone', { to: 1 })
    await cluster.until(() => cluster.log(1).length === 2, 'it is appended')
    cluster.world.freeze(cluster.broker(1))
    heal()
    const asleep = cluster.send('sent to the sleeping one', { to: 1 })
    await cluster.untilLeads(2, 3)
    expect(await cluster.write('under the next')).toEqual({ error: 'NONE', offset: 1 })

    cluster.world.thaw(cluster.broker(1))
    expect(await cluster.world.settle(uncommitted)).not.toMatchObject({ error: 'NONE' })
    expect(await cluster.world.settle(asleep)).not.toMatchObject({ error: 'NONE' })
    await cluster.untilInSync(1, 2, 3)
    for (const id of [1, 2, 3]) expect(cluster.log(id)).toEqual(['committed', 'under the next'])
  })

  it('is given by no leader that has lost coordination: another one leads, and the followers are with that', async () => {
    cluster = await Scenario.start([1, 2, 3], minTwo)
    await cluster.write('before')
    // Its answers arrive, its heartbeats do not: to the cluster it is dead, while it reaches every broker and client.
    const heal = cluster.world.blockOneWay(cluster.broker(1).host, cluster.world.coordination.host)
    const next = await cluster.untilLeads(2, 3)
    expect(await cluster.write('to the deposed', { to: 1 })).not.toMatchObject({ error: 'NONE' })
    expect(await cluster.write('to the elected', { to: next })).toEqual({ error: 'NONE', offset: 1 })

    heal()
    await cluster.untilInSync(1, 2, 3)
    for (const id of [1, 2, 3]) expect(cluster.log(id)).toEqual(['before', 'to the elected'])
  })

  it('survives a controller that dies in the middle of the election, at whatever moment', async () => {
    const isElectionDone = new Set<boolean>()
    for (const afterMs of [0, 0.5, 1, 2, 4, 16]) {
      cluster?.close()
      let electedBy = 0
      cluster = await Scenario.start([2, 3, 1], minTwo, { controller: 1 })
      cluster.world.onDidBrokerEvent((id, { type }) => {
        if (type === 'leaders-elected') electedBy = id
      })
      await cluster.write('before')
      cluster.kill(2)
      await cluster.until(
        () => cluster.coordinationEvents.some((event) => event.type === 'session-expired'),
        'coordination takes it for dead',
      )
      await cluster.pass(afterMs)
      isElectionDone.add(electedBy === 1)
      cluster.kill(1)
      await cluster.restart(1)
      await cluster.untilLeads(1, 3)
      await cluster.restart(2)
      await cluster.untilInSync(1, 2, 3)
      expect(await cluster.write('after')).toEqual({ error: 'NONE', offset: 1 })
      expect(cluster.log(cluster.leader() ?? -1)).toEqual(['before', 'after'])
    }
    // Some of these moments were before the first controller was through with it, some after.
    expect(isElectionDone.size).toBe(2)
  })
})

describe('an idempotent producer', () => {
  it('writes a record once, though the answer was lost with its leader and it was sent again to the next one', async () => {
    cluster = await Scenario.start([1, 2, 3], minTwo)
    const client = new KafkaClient({
      platform: cluster.clientProcess.platform,
      bootstrap: cluster.hosts(),
      clientId: 'idempotent',
    })
    const retries: string[] = []
    const onRetry = (error: Error) => retries.push(error.message)
    const producer = new Producer({ client, acks: -1, isIdempotent: true, requestTimeoutMs: 1_000, onRetry })
    const send = (text: string) =>
      producer.send({ topic, partition: 0, key: null, value: Buffer.from(text), headers: [], timestamp: null })
    await cluster.world.settle(client.refresh())
    expect(await cluster.world.settle(send('first'))).toMatchObject({ offset: 0 })

    // Everything reaches the leader, and nothing comes back from it.
    cluster.world.blockOneWay(cluster.broker(1).host, cluster.clientProcess.host)
    const second = send('second')
    await cluster.untilCaughtUp(1, 2, 3)
    await cluster.until(() => cluster.log(3).length === 2, 'it is on all replicas')
    cluster.kill(1)
    expect(await cluster.world.settle(second)).toMatchObject({ offset: 1 })
    expect(retries).not.toEqual([])
    expect(await cluster.world.settle(send('third'))).toMatchObject({ offset: 2 })

    await cluster.restart(1)
    await cluster.untilInSync(1, 2, 3)
    for (const id of [1, 2, 3]) expect(cluster.log(id)).toEqual(['first', 'second', 'third'])
  })
})

describe('a session', () => {
  it('that is renewed in time does not expire, however often its broker is silent for less than the time-out', async () => {
    cluster = await Scenario.start([1, 2, 3])
    for (let round = 0; round < 10; round++) {
      const heal = cluster.cutFromCoordination(1)
      await cluster.pass(700)
      heal()
      await cluster.pass(600)
    }
    expect(cluster.coordinationEvents.filter(({ type }) => type === 'session-expired')).toEqual([])
    expect(cluster.leader()).toBe(1)
    expect(cluster.replica(1)?.leaderEpoch).toBe(0)
  })

  it('that is not renewed expires, and its leaderships go to others', async () => {
    cluster = await Scenario.start([1, 2, 3])
    const heal = cluster.cutFromCoordination(1)
    await cluster.untilLeads(2, 3)
    expect(cluster.coordinationEvents).toContainEqual(expect.objectContaining({ type: 'session-expired' }))
    heal()
    await cluster.untilInSync(1, 2, 3)
  })
})
