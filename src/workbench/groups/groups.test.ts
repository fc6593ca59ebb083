import { describe, expect, it } from 'vitest'
import { offsetsPartitionOf, type SampledGroup, type SampledMember } from './group-sample'
import { refusalFor } from './groups-service'
import { LagHistory } from './lag-history'
import { RebalanceLog } from './rebalances'
import { type ResetFacts, resetRow } from './reset-plan'

const at = (offset: number, leaderEpoch = 4, timestamp = -1) => ({ offset, leaderEpoch, timestamp })
const commit = (offset: bigint, leaderEpoch = 2) => ({ topic: 't', partition: 0, offset, leaderEpoch, metadata: '' })
const facts = (fields: Partial<ResetFacts> = {}): ResetFacts => ({
  committed: commit(50n),
  start: at(10, 1),
  end: at(100),
  atTime: null,
  other: null,
  ...fields,
})
const row = (target: Parameters<typeof resetRow>[1], fields: Partial<ResetFacts> = {}) =>
  resetRow({ topic: 't', partition: 0 }, target, facts(fields))

describe('a reset', () => {
  it('goes to the ends of the log with the epochs that were found there', () => {
    expect(row({ kind: 'earliest' })).toMatchObject({ committed: '50', next: '10', change: -40, leaderEpoch: 1 })
    expect(row({ kind: 'latest' })).toMatchObject({ next: '100', change: 50, leaderEpoch: 4 })
  })
  it('stays within the log and says so', () => {
    expect(row({ kind: 'shift', by: -45 })).toMatchObject({ next: '10', note: 'the log begins at 10' })
    expect(row({ kind: 'shift', by: 51 })).toMatchObject({ next: '100', note: 'the log ends at 100' })
    expect(row({ kind: 'shift', by: 0 })).toMatchObject({ next: '50', change: 0, leaderEpoch: 2 })
    expect(row({ kind: 'offset', offset: '60', byPartition: { 't/0': '70' } })).toMatchObject({ next: '70', leaderEpoch: -1 })
  })
  it('tells no commit from 0, and what cannot be looked up from both', () => {
    expect(row({ kind: 'shift', by: 5 }, { committed: null })).toMatchObject({
      committed: null,
      next: null,
      note: 'no commit to shift',
    })
    expect(row({ kind: 'latest' }, { committed: null })).toMatchObject({ committed: null, next: '100', change: null })
    expect(row({ kind: 'latest' }, { committed: commit(0n) })).toMatchObject({ committed: '0', change: 100 })
    expect(row({ kind: 'earliest' }, { start: null })).toMatchObject({ next: null, note: 'no leader answers: left as it is' })
  })
  it('goes to the first record at a time, to the end where none is as young, and to where another group is', () => {
    const target = { kind: 'time', timestampMs: 1_000 } as const
    expect(row(target, { atTime: at(42, 3, 1_007) })).toMatchObject({ next: '42', recordAtMs: 1_007, leaderEpoch: 3 })
    expect(row(target, { atTime: at(-1, -1) })).toMatchObject({ next: '100', note: 'no record is as young: the end' })
    expect(row({ kind: 'group', groupId: 'g' }, { other: commit(77n, 9) })).toMatchObject({ next: '77', leaderEpoch: 9 })
    expect(row({ kind: 'group', groupId: 'g' })).toMatchObject({ next: null, note: 'g has no commit here: left as it is' })
  })
  it('keeps offsets that no double can hold', () => {
    expect(row({ kind: 'shift', by: 0 }, { committed: commit(9007199254740993n) })).toMatchObject({
      committed: '9007199254740993',
    })
  })
  it('is refused while somebody is connected, with the way out', () => {
    expect(refusalFor(0, 0)).toBeNull()
    expect(refusalFor(3, 0)).toBe(
      '3 members are connected. A group must be empty to be changed. Stop them first: they run outside the workbench.',
    )
    expect(refusalFor(1, 1)).toContain('Stop it first: it runs in the workbench.')
    expect(refusalFor(3, 2)).toContain('2 in the workbench, 1 outside it')
  })
})

describe('lag over time', () => {
  it('keeps an hour, the newest of it, in order', () => {
    const history = new LagHistory()
    for (let second = 0; second < 5_000; second++) history.add(second * 1_000, second)
    const { times, values } = history.since(0)
    expect(times.length).toBeLessThanOrEqual(2_400)
    expect([times[times.length - 1], values[values.length - 1]]).toEqual([4_999_000, 4_999])
    expect([...times]).toEqual([...times].sort((a, b) => a - b))
    expect(history.since(4_998_000).values).toEqual(new Float64Array([4_998, 4_999]))
    history.add(9_000_000, Number.NaN)
    expect(history.since(0).times).toEqual(new Float64Array([9_000_000]))
  })
})

describe('a rebalance', () => {
  const member = (memberId: string, partitions: number[]): SampledMember => ({
    memberId,
    clientId: `client-${memberId}`,
    host: '127.0.0.1',
    instanceId: null,
    subscription: ['t'],
    assignment: partitions.map((partition) => ({ topic: 't', partition })),
    target: null,
    epoch: null,
  })
  const group = (state: string, members: SampledMember[]): SampledGroup => ({
    groupId: 'g',
    type: 'classic',
    state,
    protocolType: 'consumer',
    assignor: 'range',
    groupEpoch: null,
    assignmentEpoch: null,
    members,
    committed: [],
    coordinator: 1,
  })
  it('is seen from the first unsettled look to the first settled one, with who came and what moved', () => {
    const log = new RebalanceLog()
    log.add(group('Stable', [member('a', [0, 1])]), 1_000, 1)
    log.add(group('PreparingRebalance', [member('a', []), member('b', [])]), 2_000, 1)
    expect(log.views[0]).toMatchObject({ isOngoing: true, durationMs: null, why: 'client-b joined' })
    log.add(group('Stable', [member('a', [0]), member('b', [1])]), 5_000, 2)
    expect(log.views).toHaveLength(1)
    expect(log.views[0]).toMatchObject({ isOngoing: false, durationMs: 3_000, generation: 2, why: 'client-b joined' })
    expect(log.views[0]?.moved).toEqual([{ topic: 't', partition: 1, from: 'a', to: 'b' }])
    log.add(group('Stable', [member('a', [0]), member('b', [1])]), 6_000, 2)
    expect(log.views).toHaveLength(1)
  })
  it('is seen by its outcome where it was over between two looks', () => {
    const log = new RebalanceLog()
    log.add(group('Stable', [member('a', [0]), member('b', [1])]), 1_000, 1)
    log.add(group('Stable', [member('a', [0, 1])]), 2_000, 2)
    expect(log.views[0]).toMatchObject({ isOngoing: false, durationMs: null, why: 'client-b left' })
  })
})

describe('the coordinator of a group', () => {
  it('is who leads the partition that its name hashes to, as Java counts', () => {
    // "group".hashCode() is 98629247; "polygenelubricants".hashCode() is Integer.MIN_VALUE, whose absolute value Kafka takes for 0.
    expect(offsetsPartitionOf('group', 50)).toBe(98629247 % 50)
    expect(offsetsPartitionOf('polygenelubricants', 50)).toBe(0)
  })
})
