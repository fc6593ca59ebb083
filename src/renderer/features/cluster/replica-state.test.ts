import { describe, expect, it } from 'vitest'
import type { BrokerState, BrokerView, PartitionView } from '../../../shared/model/cluster'
import { describeCell, hasMoved, isEpochNew, leaderChange, replicaCell } from './replica-state'

const now = 1_000_000

function broker(id: number, state: BrokerState = 'running'): BrokerView {
  return {
    id,
    state,
    stateSinceMs: 0,
    reason: null,
    host: '127.0.0.1',
    port: 9091 + id,
    isController: false,
    isRegistered: true,
    leaderCount: 0,
    replicaCount: 0,
    logBytes: 0,
    bytesInPerSecond: 0,
    bytesOutPerSecond: 0,
    messagesInPerSecond: 0,
    connectionCount: 0,
  }
}
const brokers = (...states: BrokerState[]) => new Map(states.map((state, index) => [index + 1, broker(index + 1, state)]))

function partition(over: Partial<PartitionView> & { ends?: number[]; online?: boolean[] } = {}): PartitionView {
  const ends = over.ends ?? [100, 100, 100]
  return {
    topic: 'payments',
    partition: 3,
    leader: 1,
    preferredLeader: 1,
    leaderEpoch: 10,
    partitionEpoch: 4,
    replicas: ends.map((logEndOffset, index) => ({
      brokerId: index + 1,
      isLeader: index === 0,
      isInSync: true,
      isOnline: over.online?.[index] ?? true,
      logStartOffset: 0,
      logEndOffset,
      highWatermark: 90,
      logBytes: 1,
      grewAtMs: now - 1_000,
    })),
    isr: [1, 2, 3],
    logStartOffset: 0,
    highWatermark: 90,
    logEndOffset: 100,
    minInSyncReplicas: 1,
    leaderChangedAtMs: null,
    previousLeader: null,
    ...over,
  }
}

describe('a cell of the replica map', () => {
  it('shows the leader with its whole log end offset', () => {
    expect(replicaCell(partition(), 1, brokers('running', 'running', 'running'), now)).toMatchObject({
      state: 'leader',
      text: '100',
      isNew: false,
      isPreferred: true,
    })
  })
  it('shows a follower in sync with how far it is behind', () => {
    expect(replicaCell(partition({ ends: [100, 95, 100] }), 2, brokers('running', 'running', 'running'), now)).toMatchObject({
      state: 'in-sync',
      text: '−5',
      behind: 5,
    })
  })
  it('shows a follower out of the ISR as lagging with its share of the log', () => {
    expect(
      replicaCell(partition({ ends: [100, 25, 100], isr: [1, 3] }), 2, brokers('running', 'running', 'running'), now),
    ).toMatchObject({ state: 'lagging', text: '−75', share: 0.25 })
  })
  it('shows a frozen follower as stuck, even though it says nothing any more', () => {
    expect(
      replicaCell(partition({ isr: [1, 3], online: [true, false, true] }), 2, brokers('running', 'frozen', 'running'), now).state,
    ).toBe('stuck')
  })
  it('shows a follower that is behind and has not grown for ten seconds as stuck', () => {
    const behind = partition({ ends: [100, 25, 100], isr: [1, 3] })
    const three = brokers('running', 'running', 'running')
    expect(replicaCell(behind, 2, three, now).state).toBe('lagging')
    expect(replicaCell(behind, 2, three, now + 10_000).state).toBe('stuck')
  })
  it('shows what a reassignment adds and removes, in sync or not, but its leader as that', () => {
    const moved = partition({ ends: [100, 25, 100], isr: [1, 3] })
    const three = brokers('running', 'running', 'running')
    const reassignment = { adding: [2], removing: [1, 3] }
    expect([1, 2, 3].map((id) => replicaCell(moved, id, three, now, reassignment).state)).toEqual([
      'leader',
      'adding',
      'removing',
    ])
    expect(replicaCell(moved, 2, three, now, reassignment)).toMatchObject({ behind: 75, share: 0.25, text: '−75' })
  })
  it('shows a dead leader as electing until the cluster names another', () => {
    expect(replicaCell(partition(), 1, brokers('killed', 'running', 'running'), now).state).toBe('electing')
    expect(replicaCell(partition(), 1, brokers('frozen', 'running', 'running'), now).state).toBe('electing')
  })
  it('keeps the mark of the old leader and points to the new one for a minute', () => {
    const moved = partition({ leader: 2, previousLeader: 1, leaderChangedAtMs: now - 1000, isr: [2, 3] })
    const states = brokers('killed', 'running', 'running')
    expect(replicaCell(moved, 1, states, now)).toMatchObject({ state: 'was-leader', otherBroker: 2 })
    expect(replicaCell(moved, 2, states, now)).toMatchObject({ state: 'leader', isNew: true, otherBroker: 1, isPreferred: false })
    expect(replicaCell(moved, 1, states, now + 60_000)).toMatchObject({ state: 'was-leader', otherBroker: null })
    expect(replicaCell(moved, 2, states, now + 60_000).isNew).toBe(false)
  })
  it('shows a follower on a dead broker as offline with its last known log end', () => {
    expect(replicaCell(partition({ ends: [100, 100, 88] }), 3, brokers('running', 'running', 'crashed'), now)).toMatchObject({
      state: 'offline',
      text: '88',
    })
  })
  it('says that a broker holds no replica', () => {
    expect(replicaCell(partition(), 4, brokers('running', 'running', 'running', 'running'), now).state).toBe('none')
  })
  it('reads as a sentence', () => {
    const lagging = partition({ ends: [12_580, 100, 100], logEndOffset: 12_580, isr: [1, 2] })
    expect(describeCell(lagging, 3, replicaCell(lagging, 3, brokers('running', 'running', 'running'), now))).toBe(
      'payments-3, broker 3, lagging, 12,480 behind',
    )
  })
})

describe('what has changed lately', () => {
  const moved = partition({ leader: 2, previousLeader: 1, leaderChangedAtMs: now - 30_000 })
  it('a partition has moved for two minutes, its epoch is new for one', () => {
    expect([hasMoved(moved, now), isEpochNew(moved, now)]).toEqual([true, true])
    expect([hasMoved(moved, now + 60_000), isEpochNew(moved, now + 60_000)]).toEqual([true, false])
    expect(hasMoved(moved, now + 120_000)).toBe(false)
  })
  it('counts leaders won and lost, and not those that came back to the same broker', () => {
    const back = partition({ leader: 1, previousLeader: 1, leaderChangedAtMs: now })
    expect([1, 2, 3].map((id) => leaderChange(id, [moved, moved, back], now))).toEqual([-2, 2, 0])
  })
})
