/** Groups for the window over a real cluster: consumers of both protocols that come, go and die, lag, resets, and what is deleted. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ConsumerSpec, GroupView } from '../../shared/model/groups'
import { WorkbenchKit } from '../testing/workbench-kit'

const kit = new WorkbenchKit()
const records = 600

const specOf = (groupId: string, fields: Partial<ConsumerSpec> = {}) => ({
  groupId,
  protocol: 'classic' as const,
  assignor: 'cooperative-sticky',
  instanceId: null,
  offsetReset: 'earliest' as const,
  autoCommitIntervalMs: 200,
  sessionTimeoutMs: 6_000,
  processingMs: 0,
  ...fields,
  topics: ['shop.orders'],
})
const start = (groupId: string, count: number, fields: Partial<ConsumerSpec> = {}) =>
  kit.services['groups.startConsumers']({ spec: specOf(groupId, fields), count })
const untilGroup = (groupId: string, what: string, condition: (view: GroupView) => boolean) =>
  kit.until(`${groupId} ${what}`, async () => {
    const view = await kit.services['groups.view']({ groupId })
    return view !== null && condition(view) ? view : undefined
  })
const sizes = (view: GroupView) => view.members.map(({ assignment }) => assignment.length).sort()
const partitions = Array.from({ length: 6 }, (_, partition) => ({ topic: 'shop.orders', partition }))

beforeAll(async () => {
  await kit.open()
  await kit.createTopic('shop.orders', 6)
  await Promise.all(partitions.map(({ partition }) => kit.produce({ topic: 'shop.orders', partition, count: records / 6 })))
})
afterAll(async () => {
  await kit.dispose()
  expect(kit.problems).toEqual([])
})

describe.each([
  ['classic', 'cooperative-sticky'],
  ['classic', 'range'],
  ['consumer', 'uniform'],
] as const)('a group of the %s protocol, %s', (protocol, assignor) => {
  const groupId = `billing-${assignor}`

  it('is read to the end by its members, shares its partitions with one more, and takes them back when one leaves', async () => {
    const { consumerIds } = await start(groupId, 1, { protocol, assignor })
    const alone = await untilGroup(groupId, 'is read', (view) => view.totalLag === 0 && sizes(view)[0] === 6)
    expect(alone).toMatchObject({ type: protocol, state: 'Stable', assignor, memberCount: 1, ownMemberCount: 1, problem: null })
    expect(alone.partitions.reduce((sum, { committed }) => sum + Number(committed), 0)).toBe(records)
    await start(groupId, 1, { protocol, assignor })
    const shared = await untilGroup(groupId, 'is shared', (view) => String(sizes(view)) === '3,3')
    expect(shared.members.map(({ clientId }) => clientId)).toEqual(expect.arrayContaining([`workbench-${consumerIds[0]}`]))
    const rebalanced = await untilGroup(groupId, 'tells of it', ({ rebalances }) =>
      rebalances.some(({ isOngoing }) => !isOngoing),
    )
    expect(rebalanced.generation).toBeGreaterThan(1)
    await kit.services['groups.stopConsumer']({ consumerId: consumerIds[0] ?? 0, how: 'leave' })
    await untilGroup(groupId, 'is one member again', (view) => String(sizes(view)) === '6')
    // Each record once: nothing was read twice over the moves.
    const own = await kit.services['groups.consumers'](undefined)
    expect(own.filter(({ spec }) => spec.groupId === groupId).reduce((sum, { recordCount }) => sum + recordCount, 0)).toBe(
      records,
    )
  })
})

describe('offsets', () => {
  const groupId = 'billing-range'

  it('are not reset while somebody is connected, and are when our own were stopped', async () => {
    const planned = await kit.services['groups.planReset']({ groupId, partitions, target: { kind: 'shift', by: -30 } })
    expect(planned).toMatchObject({
      memberCount: 1,
      ownMemberCount: 1,
      refusal: expect.stringContaining('1 member is connected'),
    })
    const rows = planned.rows.flatMap(({ topic, partition, next, leaderEpoch }) =>
      next === null ? [] : [{ topic, partition, offset: next, leaderEpoch }],
    )
    await expect(kit.services['groups.reset']({ groupId, rows })).rejects.toMatchObject({ code: 'GROUP_NOT_EMPTY' })
    await kit.services['groups.stopConsumers']({ groupId })
    expect((await kit.services['groups.planReset']({ groupId, partitions, target: { kind: 'latest' } })).refusal).toBeNull()
    await kit.services['groups.reset']({ groupId, rows })
    const view = await untilGroup(groupId, 'is back', ({ totalLag }) => totalLag === 180)
    expect(view.state).toBe('Empty')
  })

  it('are planned by time and by another group, and read again from there', async () => {
    const past = await kit.services['groups.planReset']({ groupId, partitions, target: { kind: 'time', timestampMs: 1 } })
    expect(past.rows.map(({ next }) => next)).toEqual(['0', '0', '0', '0', '0', '0'])
    expect(past.rows.every(({ recordAtMs, leaderEpoch }) => (recordAtMs ?? 0) > 1 && leaderEpoch >= 0)).toBe(true)
    const other = await kit.services['groups.planReset']({
      groupId,
      partitions,
      target: { kind: 'group', groupId: 'billing-uniform' },
    })
    expect(other.rows.reduce((sum, { change }) => sum + (change ?? 0), 0)).toBe(180)
    const { consumerIds } = await start(groupId, 1, { assignor: 'range' })
    await untilGroup(groupId, 'has caught up', ({ totalLag }) => totalLag === 0)
    const own = (await kit.services['groups.consumers'](undefined)).find(({ consumerId }) => consumerId === consumerIds[0])
    expect(own?.recordCount).toBe(180)
    await kit.services['groups.stopConsumers']({ groupId })
  })

  it('of chosen partitions are deleted, and then the group with all of them', async () => {
    await kit.services['groups.deleteOffsets']({ groupId, partitions: partitions.slice(0, 2) })
    const view = await kit.services['groups.view']({ groupId })
    expect(view?.partitions.map(({ committed }) => committed !== null)).toEqual([false, false, true, true, true, true])
    await kit.services['groups.delete']({ groupId })
    expect(await kit.services['groups.view']({ groupId })).toBeNull()
    await expect(kit.services['groups.delete']({ groupId: 'billing-uniform' })).rejects.toMatchObject({ code: 'GROUP_NOT_EMPTY' })
  })
})

describe('a consumer that works slowly', () => {
  it('builds up lag, is killed, and its partitions wait for its session to end', async () => {
    const groupId = 'slow'
    const { consumerIds } = await start(groupId, 2, { processingMs: 50 })
    const [killed = 0] = consumerIds
    const lagging = await untilGroup(groupId, 'lags', (view) => String(sizes(view)) === '3,3' && (view.totalLag ?? 0) > 0)
    expect(lagging.ownMemberCount).toBe(2)
    await kit.services['groups.stopConsumer']({ consumerId: killed, how: 'kill' })
    // Nobody was told: to the coordinator it is a member still.
    expect((await kit.services['groups.view']({ groupId }))?.memberCount).toBe(2)
    await untilGroup(groupId, 'has timed it out', (view) => String(sizes(view)) === '6')
    const states = new Map(
      (await kit.services['groups.consumers'](undefined)).map(({ consumerId, state }) => [consumerId, state]),
    )
    expect(states.get(killed)).toBe('killed')
    const lag = await kit.services['groups.lag']({ groupId, sinceMs: 0 })
    expect(lag).toMatchObject([{ topic: 'shop.orders' }])
    expect(lag[0]?.values.length).toBeGreaterThan(2)
  })
})
