import { describe, expect, it } from 'vitest'
import { consequencesOf, list, lossOf } from './consequences'
import { brokersOf, partitionOf } from './testing/views'

const three = brokersOf('running', 'running', 'running')
const at = <T>(map: ReadonlyMap<number, T>, id: number): T => map.get(id) as T
const textsOf = (...of: Parameters<typeof consequencesOf>) => consequencesOf(...of).map(({ text }) => text)

describe('what a cluster loses with a broker', () => {
  it('names who takes over: the first replica of the assignment that is in sync and up', () => {
    const brokers = brokersOf('running', 'killed', 'running')
    const loss = lossOf(1, [partitionOf({ replicas: [1, 2, 3], isr: [1, 2, 3] })], brokers)
    expect([...loss.successors]).toEqual([[3, 1]])
    expect(loss.offline).toEqual([])
  })
  it('counts a replica that is up and out of sync for nothing', () => {
    const loss = lossOf(1, [partitionOf({ replicas: [1, 2, 3], isr: [1] })], three)
    expect(loss.offline).toHaveLength(1)
  })
  it('finds writes that begin to fail, not those that fail already or will find no leader', () => {
    const begins = partitionOf({ topic: 'begins', replicas: [1, 2], isr: [1, 2], minInSyncReplicas: 2 })
    const already = partitionOf({ topic: 'already', replicas: [1, 2, 3], isr: [1, 2], minInSyncReplicas: 3 })
    const offline = partitionOf({ topic: 'offline', replicas: [1], isr: [1], minInSyncReplicas: 1 })
    const follower = partitionOf({ topic: 'follower', leader: 2, replicas: [2, 1], isr: [2, 1], minInSyncReplicas: 2 })
    const loss = lossOf(1, [begins, already, offline, follower], three)
    expect(loss.belowMin.map(({ topic }) => topic)).toEqual(['begins', 'follower'])
    expect(loss.offline.map(({ topic }) => topic)).toEqual(['offline'])
  })
})

describe('what is said before a broker is broken', () => {
  it('tells leaders, partitions that go offline and why, writes that fail, and the controller', () => {
    const partitions = [
      partitionOf({ topic: 'orders', partition: 0, replicas: [1, 2, 3] }),
      partitionOf({ topic: 'orders', partition: 1, replicas: [1, 3, 2], minInSyncReplicas: 3 }),
      partitionOf({ topic: 'audit', partition: 1, replicas: [1] }),
    ]
    const controller = { ...at(three, 1), isController: true }
    expect(textsOf('kill', controller, partitions, three)).toEqual([
      'Ends at once, writes nothing down and tells nobody.',
      'Leads 3 partitions: 2 are taken over 1 by broker 2, 1 by broker 3 once its session has expired; until then nobody leads them.',
      'audit-1 goes offline: its only replica is here.',
      'Writes with acks=all fail on orders-1: too few replicas stay in sync for min.insync.replicas.',
      'It is the controller: another broker takes that over.',
    ])
    expect(textsOf('stop', at(three, 1), partitions.slice(0, 1), three)[1]).toBe(
      'Leads 1 partition, all taken over by broker 2 before it goes.',
    )
  })
  it('says that nothing is left where it is the last one', () => {
    const brokers = brokersOf('running', 'killed')
    const lines = consequencesOf('freeze', at(brokers, 1), [partitionOf({ replicas: [1, 2], isr: [1] })], brokers)
    expect(lines.filter(({ gravity }) => gravity === 'error').map(({ text }) => text)).toEqual([
      'No other broker is up: nothing can be read or written any more.',
      'orders-0 goes offline: no other replica is in sync.',
    ])
  })
  it('tells what a start brings back, and what it does not', () => {
    const brokers = brokersOf('killed', 'running')
    const partitions = [
      partitionOf({ topic: 'audit', leader: null, replicas: [1], isr: [1] }),
      partitionOf({ topic: 'orders', leader: 2, replicas: [1, 2], isr: [2] }),
    ]
    expect(textsOf('start', at(brokers, 1), partitions, brokers)).toEqual([
      'Starts on the same port, with the data that it has.',
      'audit-0 is led again.',
      'Catches up on 1 partition, then joins its ISR again.',
      'Leads nothing by itself: it is the preferred leader of 1, an election brings it back.',
    ])
  })
})

it('names a few partitions and counts the rest', () => {
  const some = (count: number) => Array.from({ length: count }, (_, partition) => ({ topic: 't', partition }))
  expect(list(some(2))).toBe('t-0 and t-1')
  expect(list(some(4))).toBe('t-0, t-1, t-2 and t-3')
  expect(list(some(9))).toBe('t-0, t-1, t-2 and 6 more')
})
