import { beforeEach, describe, expect, it } from 'vitest'
import { FakeCoordination, type FakeSession } from '../testing/fake-coordination'
import { ensureClusterPaths } from './cluster-identity'
import { SteadyCoordination } from './coordination-port'
import { ControllerMovedError } from './errors'
import { FencedStore, type StateWrite } from './fenced-store'
import { LeaderRecoveryState } from './types'
import { CONTROLLER_EPOCH, statePath, topicPath } from './znodes'

let service: FakeCoordination
let session: FakeSession
let store: FencedStore

beforeEach(async () => {
  service = new FakeCoordination()
  session = service.openSession()
  await ensureClusterPaths(session)
  await session.create(CONTROLLER_EPOCH, '1')
  store = new FencedStore(new SteadyCoordination(session), 1, 0)
})

const write = (topic: string, partition: number, partitionEpoch: number, leader = 1): StateWrite => ({
  topic,
  partition,
  state: {
    leader,
    leaderEpoch: partitionEpoch,
    isr: [leader],
    leaderRecoveryState: LeaderRecoveryState.RECOVERED,
    partitionEpoch,
  },
})

async function create(topic: string, count: number): Promise<void> {
  await session.create(topicPath(topic), '{}')
  const writes = Array.from({ length: count }, (_, partition) => write(topic, partition, 0))
  expect((await store.createStates(writes)).written).toHaveLength(count)
}

const leaderOf = (topic: string, partition: number) => (service.json(statePath(topic, partition)) as { leader: number }).leader

describe('the fenced store', () => {
  it('writes what does not fit into one packet in several, none above half a megabyte', async () => {
    const name = 'x'.repeat(249)
    await create(name, 1500)
    const before = service.multiCount
    const result = await store.updateStates(Array.from({ length: 1500 }, (_, partition) => write(name, partition, 1, 2)))
    expect(result).toMatchObject({ written: { length: 1500 }, conflicts: [] })
    expect(service.multiCount - before).toBe(2)
    expect([0, 749, 1499].map((partition) => leaderOf(name, partition))).toEqual([2, 2, 2])
  })

  it('writes the others where some were changed by somebody else, and says what is there', async () => {
    await create('t', 5)
    await session.setData(
      statePath('t', 3),
      JSON.stringify({ controller_epoch: 1, leader: 9, version: 1, leader_epoch: 8, isr: [9] }),
    )
    const { written, conflicts } = await store.updateStates([0, 1, 2, 3, 4].map((partition) => write('t', partition, 1, 2)))
    expect(written.map(({ partition }) => partition)).toEqual([0, 1, 2, 4])
    expect(conflicts).toMatchObject([
      { write: { partition: 3 }, actual: { state: { leader: 9, leaderEpoch: 8, partitionEpoch: 1 } } },
    ])
    expect([0, 3, 4].map((partition) => leaderOf('t', partition))).toEqual([2, 9, 2])
  })

  it('tells of states that are gone', async () => {
    await create('t', 2)
    await session.delete(statePath('t', 1))
    const { written, conflicts } = await store.updateStates([write('t', 0, 1), write('t', 1, 1)])
    expect(written).toHaveLength(1)
    expect(conflicts).toMatchObject([{ write: { partition: 1 }, actual: null }])
  })

  it('knows its own write again whose reply was lost', async () => {
    await create('t', 3)
    session.loseNextReply()
    const { written, conflicts } = await store.updateStates([0, 1, 2].map((partition) => write('t', partition, 1, 2)))
    expect(written).toHaveLength(3)
    expect(conflicts).toEqual([])
    expect(service.read(statePath('t', 0))?.stat.version).toBe(1)
  })

  it('completes what a controller before it has begun to create, and takes over what that has finished', async () => {
    await session.create(topicPath('t'), '{}')
    await session.ensurePath('/brokers/topics/t/partitions/0')
    await session.ensurePath('/brokers/topics/t/partitions/1')
    await session.create(
      statePath('t', 1),
      JSON.stringify({ controller_epoch: 0, leader: 5, version: 1, leader_epoch: 0, isr: [5] }),
    )
    const { written, conflicts } = await store.createStates([0, 1, 2].map((partition) => write('t', partition, 0)))
    expect(written.map(({ partition }) => partition).sort()).toEqual([0, 2])
    expect(conflicts).toMatchObject([{ write: { partition: 1 }, actual: { state: { leader: 5 } } }])
  })

  it('writes nothing once another controller has raised the epoch', async () => {
    await create('t', 1)
    await session.setData(CONTROLLER_EPOCH, '2')
    await expect(store.updateStates([write('t', 0, 1, 2)])).rejects.toThrow(ControllerMovedError)
    await expect(store.multi([{ type: 'create', path: '/admin/delete_topics/t', data: '' }])).rejects.toThrow(
      ControllerMovedError,
    )
    expect(leaderOf('t', 0)).toBe(1)
    expect(service.has('/admin/delete_topics/t')).toBe(false)
  })
})
