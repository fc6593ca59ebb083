/** What Kafka's rules allow to be lost is lost, and nothing else: each title says the rule, each test which record and why. */
import { afterEach, describe, expect, it } from 'vitest'
import { Scenario } from './scenario'

let cluster: Scenario
afterEach(() => cluster.close())

describe('acks=1', () => {
  it('loses what only the leader had when it died: its acknowledgement waited for nobody else', async () => {
    cluster = await Scenario.start([1, 2, 3], { 'min.insync.replicas': '2' })
    expect(await cluster.write('on all three', { acks: 1 })).toEqual({ error: 'NONE', offset: 0 })
    await cluster.untilCaughtUp(1, 2, 3)

    const heal = cluster.cut(1, 2, 3)
    expect(await cluster.write('on the leader alone', { acks: 1 })).toEqual({ error: 'NONE', offset: 1 })
    cluster.kill(1)
    heal()
    await cluster.untilLeads(2, 3)
    // The offset that was acknowledged belongs to another record now.
    expect(await cluster.write('after the election')).toEqual({ error: 'NONE', offset: 1 })

    expect(cluster.log(1)).toEqual(['on all three', 'on the leader alone'])
    await cluster.restart(1)
    await cluster.untilInSync(1, 2, 3)
    for (const id of [1, 2, 3]) expect(cluster.log(id)).toEqual(['on all three', 'after the election'])
  })

  it('loses nothing when the leader dies after its followers have fetched', async () => {
    cluster = await Scenario.start([1, 2, 3])
    await cluster.write('fetched', { acks: 1 })
    await cluster.untilCaughtUp(1, 2, 3)
    cluster.kill(1)
    await cluster.untilLeads(2, 3)
    expect(cluster.committed()).toEqual(['fetched'])
  })
})

describe('an unclean election', () => {
  const configs = { 'min.insync.replicas': '1' }

  /** Replica 2 is down and out of the ISR when 'without the other' is acknowledged by all that are in sync: the leader alone, which dies. */
  async function acknowledgeByOneThenDie(): Promise<void> {
    await cluster.write('on both')
    await cluster.untilCaughtUp(1, 2)
    cluster.kill(2)
    await cluster.untilInSync(1)
    expect(await cluster.write('without the other')).toEqual({ error: 'NONE', offset: 1 })
    cluster.kill(1)
  }

  it('loses what was acknowledged by all in-sync replicas while the elected one was not among them', async () => {
    cluster = await Scenario.start([1, 2], { ...configs, 'unclean.leader.election.enable': 'true' })
    await acknowledgeByOneThenDie()
    await cluster.restart(2)
    await cluster.untilLeads(2)
    expect(cluster.committed()).toEqual(['on both'])

    await cluster.restart(1)
    await cluster.untilInSync(1, 2)
    expect(cluster.log(1)).toEqual(['on both'])
  })

  it('does not happen unless the topic allows it: the partition waits for the last in-sync replica, and nothing is lost', async () => {
    cluster = await Scenario.start([1, 2], configs)
    await acknowledgeByOneThenDie()
    await cluster.restart(2)
    await cluster.pass(10_000)
    expect(cluster.leader()).toBeNull()

    await cluster.restart(1)
    await cluster.untilLeads(1)
    await cluster.untilInSync(1, 2)
    for (const id of [1, 2]) expect(cluster.log(id)).toEqual(['on both', 'without the other'])
  })
})

describe('a loss of power of the last in-sync replica', () => {
  const count = 40

  async function writeManyThenLosePower(configs: Record<string, string>): Promise<void> {
    cluster = await Scenario.start([1], configs)
    for (let number = 0; number < count; number++)
      expect(await cluster.write(`record ${number}`)).toEqual({ error: 'NONE', offset: number })
    cluster.losePower(1)
    await cluster.restart(1)
    await cluster.untilLeads(1)
  }

  it('loses the end of the log that nobody had flushed, and nothing before it', async () => {
    await writeManyThenLosePower({})
    const kept = cluster.log(1)
    expect(kept.length).toBeLessThan(count)
    expect(kept).toEqual(Array.from({ length: kept.length }, (_, number) => `record ${number}`))
  })

  it('loses nothing with flush.messages=1: a record is on the disk before it is acknowledged', async () => {
    await writeManyThenLosePower({ 'flush.messages': '1' })
    expect(cluster.log(1)).toHaveLength(count)
  })
})
