/** Leaders and replicas moved over the protocol on a real cluster, and what the cluster's past and timeline tell of it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WorkbenchKit } from '../testing/workbench-kit'

const kit = new WorkbenchKit()
beforeAll(async () => {
  await kit.open()
  await kit.untilWhole()
  await kit.createTopic('orders', 2, {}, 2)
}, 60_000)
afterAll(() => kit.dispose(), 60_000)

const timeline = (type: string) =>
  kit.until(`the timeline tells ${type}`, async () =>
    (await kit.services['cluster.timeline'](undefined)).find((event) => event.type === type),
  )

describe('leaders and replicas', () => {
  it('go where they are sent, and the past still knows where they were', { timeout: 60_000 }, async () => {
    const before = await kit.partition('orders', 0)
    const [first, second] = before.replicas.map(({ brokerId }) => brokerId) as [number, number]
    const third = [1, 2, 3].find((id) => id !== first && id !== second) as number
    const knownAtMs = Date.now()

    await kit.services['replicas.moveLeadership']({ topic: 'orders', partition: 0, brokerId: second })
    await kit.until('the second leads', async () => {
      const { leader, preferredLeader } = await kit.partition('orders', 0)
      return (leader === second && preferredLeader === second) || undefined
    })

    const outcome = await kit.services['replicas.reassign']({
      moves: [{ topic: 'orders', partition: 0, replicas: [second, third] }],
    })
    expect(outcome).toEqual({ doneCount: 1, failures: [] })
    await kit.until('the third has a replica and the first none', async () => {
      const { replicas } = await kit.partition('orders', 0)
      return replicas.map(({ brokerId }) => brokerId).join() === [second, third].join() || undefined
    })
    await kit.until(
      'nothing is being moved',
      async () => (await kit.services['replicas.reassignments'](undefined)).length === 0 || undefined,
    )

    const begun = await timeline('reassignment-begun')
    expect(begun).toMatchObject({ kind: 'cause', actor: 'you' })
    const ended = await kit.until('its end is told', async () =>
      (await kit.services['cluster.timeline'](undefined)).find(
        ({ type, causeId }) => type === 'reassignment-ended' && causeId === begun.id,
      ),
    )
    expect(ended.kind).toBe('effect')
    const past = await kit.services['cluster.moment']({ atMs: knownAtMs })
    expect(past?.partitions.find(({ topic, partition }) => topic === 'orders' && partition === 0)).toMatchObject({
      leader: first,
      preferredLeader: first,
    })
    expect(past?.brokers.map(({ state }) => state)).toEqual(['running', 'running', 'running'])
  })

  it('are refused with a sentence where a replica cannot lead, and partition by partition otherwise', {
    timeout: 60_000,
  }, async () => {
    const { replicas } = await kit.partition('orders', 1)
    const stranger = [1, 2, 3].find((id) => !replicas.some(({ brokerId }) => brokerId === id)) as number
    await expect(kit.services['replicas.moveLeadership']({ topic: 'orders', partition: 1, brokerId: stranger })).rejects.toThrow(
      `Broker ${stranger} has no replica of orders-1.`,
    )
    const outcome = await kit.services['replicas.reassign']({ moves: [{ topic: 'orders', partition: 1, replicas: [99] }] })
    expect(outcome).toMatchObject({
      doneCount: 0,
      failures: [{ topic: 'orders', partition: 1, code: 'INVALID_REPLICA_ASSIGNMENT' }],
    })
    // Nothing to do is done.
    expect(await kit.services['replicas.elect']({ partitions: null })).toMatchObject({ failures: [] })
  })

  it('are told to the window as what changed', { timeout: 60_000 }, async () => {
    const { revision, topics, partitions } = await kit.services['cluster.topics'](undefined)
    expect(topics.map(({ name }) => name)).toContain('orders')
    expect(partitions.filter(({ topic }) => topic === 'orders')).toHaveLength(2)
    await kit.createTopic('later', 1)
    const delta = await kit.until('a delta has the new topic', () =>
      kit.topicDeltas.find((each) => each.topics.some(({ name }) => name === 'later')),
    )
    expect(delta.revision).toBeGreaterThan(revision)
    expect(delta.partitions.every(({ topic }) => topic !== 'orders')).toBe(true)
  })
})
