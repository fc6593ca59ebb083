import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { PartitionView } from '../../../shared/model/cluster'
import { type Plan, planDrain, planSpread } from './replica-plan'
import { partitionOf } from './testing/views'

const topic = (count: number, replicas: (partition: number) => readonly number[]): PartitionView[] =>
  Array.from({ length: count }, (_, partition) => partitionOf({ partition, replicas: replicas(partition) }))

function loadAfter(partitions: readonly PartitionView[], { moves }: Plan): Map<number, number> {
  const load = new Map<number, number>()
  for (const partition of partitions) {
    const move = moves.find((each) => each.topic === partition.topic && each.partition === partition.partition)
    for (const id of move?.replicas ?? partition.replicas.map((replica) => replica.brokerId))
      load.set(id, (load.get(id) ?? 0) + 1)
  }
  return load
}

describe('emptying a broker', () => {
  it('puts another in its place, in the same place, spread over those with the fewest', () => {
    const partitions = topic(4, () => [4, 1])
    const plan = planDrain(4, partitions, [1, 2, 3, 4])
    expect(plan.moves.map(({ replicas }) => replicas)).toEqual([
      [2, 1],
      [3, 1],
      [2, 1],
      [3, 1],
    ])
    expect([...plan.arriving]).toEqual([
      [2, 2],
      [3, 2],
    ])
    expect(plan.bytes).toBe(4_000)
  })
  it('goes with one replica less where no broker is free, and says of which', () => {
    const plan = planDrain(
      3,
      topic(1, () => [1, 2, 3]),
      [1, 2, 3],
    )
    expect(plan.moves.map(({ replicas }) => replicas)).toEqual([[1, 2]])
    expect(plan.shrunk).toHaveLength(1)
  })
  it('leaves what nobody that is up has in sync', () => {
    const lost = partitionOf({ replicas: [3], isr: [3], leader: null })
    expect(planDrain(3, [lost], [1, 2])).toMatchObject({ moves: [], stuck: [{ topic: 'orders' }] })
  })
})

describe('filling a new broker', () => {
  it('gives it its share of replicas and of leaders', () => {
    const partitions = topic(12, (partition) => [(partition % 3) + 1, ((partition + 1) % 3) + 1])
    const plan = planSpread(4, partitions, [1, 2, 3])
    expect(plan.arriving.get(4)).toBe(6)
    expect(plan.moves.filter(({ replicas }) => replicas[0] === 4)).toHaveLength(3)
  })
  it('moves nothing onto a broker that has its share', () => {
    expect(
      planSpread(
        2,
        topic(6, (partition) => [(partition % 3) + 1]),
        [1, 2, 3],
      ).moves,
    ).toEqual([])
  })
})

describe('every plan', () => {
  // No replica twice in a partition, drained brokers hold nothing, the replication factor stays or the move says that it shrinks, nobody who gave falls below the share.
  it('is one that Kafka takes', () => {
    const cluster = fc.record({
      brokers: fc.integer({ min: 2, max: 6 }),
      partitions: fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 4 })), { minLength: 1, maxLength: 40 }),
    })
    fc.assert(
      fc.property(cluster, ({ brokers, partitions: drawn }) => {
        const ids = Array.from({ length: brokers }, (_, index) => index + 1)
        const partitions = drawn.map(([first, factor], partition) =>
          partitionOf({
            partition,
            replicas: Array.from({ length: Math.min(factor, brokers) }, (_, copy) => ((first + copy) % brokers) + 1),
          }),
        )
        const drain = planDrain(1, partitions, ids)
        expect(drain.stuck.length).toBe(partitions.filter(({ replicas }) => brokers === 1 && replicas.length === 1).length)
        for (const { from, replicas } of drain.moves) {
          expect(new Set(replicas).size).toBe(replicas.length)
          expect(replicas).not.toContain(1)
          expect(replicas.length).toBeGreaterThanOrEqual(from.length - 1)
        }
        expect(loadAfter(partitions, drain).get(1) ?? 0).toBe(0)
        const spread = planSpread(brokers + 1, partitions, ids)
        const load = loadAfter(partitions, spread)
        const total = [...load.values()].reduce((sum, count) => sum + count, 0)
        expect(load.get(brokers + 1) ?? 0).toBeLessThanOrEqual(Math.floor(total / (brokers + 1)))
        for (const { from, replicas } of spread.moves) {
          expect(new Set(replicas).size).toBe(from.length)
          expect(replicas.length).toBe(from.length)
        }
      }),
      { numRuns: 200 },
    )
  })
})
