import { describe, expect, it } from 'vitest'
import type { BrokerMoment, PartitionView } from '../shared/model/cluster'
import { ModelHistory } from './model-history'

const brokers = (...states: BrokerMoment['state'][]): BrokerMoment[] =>
  states.map((state, index) => ({ id: index + 1, state, stateSinceMs: 0, isController: index === 0, isRegistered: true }))
const allUp = brokers('running', 'running')

function view(logEndOffset: number, leader: number | null = 1, over: Partial<PartitionView> = {}): PartitionView {
  const replica = (brokerId: number) => ({
    brokerId,
    isLeader: leader === brokerId,
    isInSync: true,
    isOnline: true,
    logStartOffset: 0,
    logEndOffset,
    highWatermark: logEndOffset,
    logBytes: 0,
    grewAtMs: null,
  })
  return {
    topic: 'orders',
    partition: 0,
    leader,
    preferredLeader: 1,
    leaderEpoch: leader ?? 0,
    partitionEpoch: leader ?? 0,
    replicas: [replica(1), replica(2)],
    isr: [1, 2],
    logStartOffset: 0,
    highWatermark: logEndOffset,
    logEndOffset,
    minInSyncReplicas: 1,
    leaderChangedAtMs: null,
    previousLeader: null,
    ...over,
  }
}
const changes = (...partitions: PartitionView[]) => ({ topics: [], partitions, removedTopics: [] })
const endsAt = (history: ModelHistory, atMs: number) => history.at(atMs)?.partitions.map(({ logEndOffset }) => logEndOffset)

describe('the history of the model', () => {
  it('answers the cluster as it was, and the first known moment for what lies before', () => {
    const history = new ModelHistory()
    expect(history.at(5)).toBeNull()
    history.record(1_000, changes(view(10)), allUp)
    history.record(2_000, changes(view(20, 2)), brokers('killed', 'running'))
    expect(history.at(1_999)).toMatchObject({ atMs: 1_999, fromMs: 1_000, brokers: allUp, partitions: [{ leader: 1 }] })
    expect(history.at(2_000)).toMatchObject({ brokers: [{ state: 'killed' }, {}], partitions: [{ leader: 2 }] })
    expect(history.at(0)).toMatchObject({ atMs: 1_000, partitions: [{ leader: 1 }] })
  })

  it('has no topic that was deleted by then, and has the one of its name that came after', () => {
    const history = new ModelHistory()
    history.record(1_000, changes(view(10)), allUp)
    history.record(2_000, { topics: [], partitions: [], removedTopics: ['orders'] }, allUp)
    history.record(3_000, { topics: [], partitions: [view(1)], removedTopics: ['orders'] }, allUp)
    expect([endsAt(history, 1_500), endsAt(history, 2_500), endsAt(history, 3_500)]).toEqual([[10], [], [1]])
  })

  it('thins old log ends to one in ten seconds and keeps the time of every other change', () => {
    const history = new ModelHistory()
    history.record(0, changes(view(0)), allUp)
    for (let second = 1; second <= 400; second++) {
      const isElection = second === 55
      history.record(second * 1_000, changes(view(second, second >= 55 ? 2 : 1)), allUp)
      if (isElection) expect(history.at(55_000)?.partitions[0]?.leader).toBe(2)
    }
    expect(history.size).toBeLessThan(200)
    expect(history.at(54_999)?.partitions[0]?.leader).toBe(1)
    expect(history.at(55_000)?.partitions[0]?.leader).toBe(2)
    // The last two minutes are whole.
    expect(endsAt(history, 350_500)).toEqual([350])
    expect(endsAt(history, 400_000)).toEqual([400])
  })

  it('forgets the oldest where there is too much, and says from when on it knows', () => {
    const history = new ModelHistory(50)
    for (let at = 0; at <= 200; at++) history.record(at, changes(view(at, at % 2 === 0 ? 1 : 2, { leaderEpoch: at })), allUp)
    expect(history.size).toBeLessThanOrEqual(50)
    expect(history.fromMs).toBeGreaterThanOrEqual(149)
    expect(endsAt(history, 0)).toEqual([history.fromMs])
    expect(endsAt(history, 180)).toEqual([180])
    expect(history.at(180)?.brokers).toEqual(allUp)
  })
})
