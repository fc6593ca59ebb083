import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { alternateRacks, continueFrom, type PlacementBroker, placeReplicas } from './placement'

const withoutRacks = (count: number): PlacementBroker[] => Array.from({ length: count }, (_, id) => ({ id, rack: null }))

describe('placement without racks', () => {
  it("is Kafka's own example: ten partitions of three replicas on five brokers", () => {
    const placed = placeReplicas({
      brokers: withoutRacks(5),
      partitionCount: 10,
      replicationFactor: 3,
      start: { startIndex: 0, replicaShift: 0 },
    })
    expect(placed).toEqual([
      [0, 1, 2],
      [1, 2, 3],
      [2, 3, 4],
      [3, 4, 0],
      [4, 0, 1],
      [0, 2, 3],
      [1, 3, 4],
      [2, 4, 0],
      [3, 0, 1],
      [4, 1, 2],
    ])
  })

  it('puts the only replica of each partition round the brokers', () => {
    const placed = placeReplicas({
      brokers: withoutRacks(1),
      partitionCount: 2,
      replicationFactor: 1,
      start: { startIndex: 0, replicaShift: 0 },
    })
    expect(placed).toEqual([[0], [0]])
  })

  it('goes on behind the partitions that a topic has, from the broker that leads partition 0', () => {
    const brokers = withoutRacks(3)
    const start = continueFrom(brokers, 1)
    expect(start).toEqual({ startIndex: 1, replicaShift: 1 })
    const more = placeReplicas({ brokers, partitionCount: 2, replicationFactor: 1, start, firstPartition: 2 })
    expect(more).toEqual([[0], [1]])
  })

  it('goes on somewhere if the broker that leads partition 0 is gone for ever', () => {
    expect(continueFrom(withoutRacks(3), 9)).toEqual({ startIndex: 0, replicaShift: 0 })
  })
})

describe('placement with racks', () => {
  it('alternates the racks', () => {
    const racks = new Map([
      [0, 'rack1'],
      [1, 'rack3'],
      [2, 'rack3'],
      [3, 'rack2'],
      [4, 'rack2'],
      [5, 'rack1'],
    ] as const)
    expect(alternateRacks(racks)).toEqual([0, 3, 1, 5, 4, 2])
  })

  it("is Kafka's own example: seven partitions on six brokers in three racks", () => {
    const racks = ['rack1', 'rack3', 'rack3', 'rack2', 'rack2', 'rack1']
    const brokers = racks.map((rack, id) => ({ id, rack }))
    const placed = placeReplicas({ brokers, partitionCount: 7, replicationFactor: 3, start: { startIndex: 0, replicaShift: 0 } })
    expect(placed).toEqual([
      [0, 3, 1],
      [3, 1, 5],
      [1, 5, 4],
      [5, 4, 2],
      [4, 2, 0],
      [2, 0, 3],
      [0, 4, 2],
    ])
  })

  it('counts racks only where every broker has one', () => {
    const brokers = [
      { id: 0, rack: 'a' },
      { id: 1, rack: null },
    ]
    expect(
      placeReplicas({ brokers, partitionCount: 1, replicationFactor: 2, start: { startIndex: 1, replicaShift: 0 } }),
    ).toEqual([[1, 0]])
  })
})

/** Invariants: replicationFactor distinct brokers a partition; first replicas differ by at most one between brokers; with racks as many racks as can be. */
describe('any placement', () => {
  const requests = fc
    .record({
      brokerCount: fc.integer({ min: 1, max: 9 }),
      rackCount: fc.integer({ min: 0, max: 4 }),
      partitionCount: fc.integer({ min: 1, max: 60 }),
      replicas: fc.nat(8),
      startIndex: fc.nat(100),
      replicaShift: fc.nat(100),
    })
    .map(({ brokerCount, rackCount, replicas, startIndex, replicaShift, partitionCount }) => ({
      brokers: withoutRacks(brokerCount).map(({ id }) => ({
        id: id * 3 + 1,
        rack: rackCount === 0 ? null : `rack${id % rackCount}`,
      })),
      partitionCount,
      replicationFactor: (replicas % brokerCount) + 1,
      start: { startIndex: startIndex % brokerCount, replicaShift: replicaShift % brokerCount },
    }))

  it('never puts two replicas of a partition on one broker, and none on a broker that is not there', () => {
    fc.assert(
      fc.property(requests, (request) => {
        const ids = new Set(request.brokers.map(({ id }) => id))
        for (const replicas of placeReplicas(request)) {
          expect(new Set(replicas).size).toBe(request.replicationFactor)
          expect(replicas.every((id) => ids.has(id))).toBe(true)
        }
      }),
    )
  })

  it('gives every broker as many first replicas as every other, or one more', () => {
    fc.assert(
      fc.property(requests, (request) => {
        const led = new Map(request.brokers.map(({ id }) => [id, 0]))
        for (const [first] of placeReplicas(request)) led.set(first!, led.get(first!)! + 1)
        expect(Math.max(...led.values()) - Math.min(...led.values())).toBeLessThanOrEqual(1)
      }),
    )
  })

  it('spreads a partition over as many racks as there are, or as it has replicas', () => {
    fc.assert(
      fc.property(requests, (request) => {
        const rackOf = new Map(request.brokers.map(({ id, rack }) => [id, rack]))
        const rackCount = new Set(rackOf.values()).size
        for (const replicas of placeReplicas(request)) {
          const racks = new Set(replicas.map((id) => rackOf.get(id)))
          expect(racks.size).toBe(Math.min(rackCount, request.replicationFactor))
        }
      }),
    )
  })
})
