import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { assignmentOf, each, has, isSame, NO_PARTITIONS, sizeOf } from './assignment'
import { type AssignableMember, assignors, assignRanges, assignUniformly } from './assignors'

const member = (memberId: string, topicIds: readonly string[], assignment = NO_PARTITIONS): AssignableMember => ({
  memberId,
  instanceId: null,
  topicIds: new Set(topicIds),
  assignment,
})

const world = fc.record({
  topics: fc
    .uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1 })
    .chain((ids) =>
      fc.tuple(
        ...ids.map((topicId) => fc.record({ topicId: fc.constant(topicId), partitionCount: fc.integer({ min: 0, max: 12 }) })),
      ),
    ),
  members: fc.uniqueArray(
    fc.record({
      memberId: fc.constantFrom('m1', 'm2', 'm3', 'm4', 'm5'),
      topicIds: fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd')),
      owned: fc.array(
        fc.record({ topicId: fc.constantFrom('a', 'b', 'z'), partitions: fc.array(fc.nat(14), { maxLength: 6 }) }),
        { maxLength: 3 },
      ),
    }),
    { selector: ({ memberId }) => memberId, maxLength: 5 },
  ),
})

describe.each([...assignors])('the assignor %s', (_name, assign) => {
  it('gives each partition that somebody subscribes to away, once, and only to a subscriber', () => {
    fc.assert(
      fc.property(world, ({ topics, members }) => {
        const all = members.map(({ memberId, topicIds, owned }) => member(memberId, topicIds, assignmentOf(owned)))
        const given = assign(all, topics)
        expect([...given.keys()].sort()).toEqual(all.map(({ memberId }) => memberId).sort())
        for (const { topicId, partitionCount } of topics) {
          const isWanted = all.some(({ topicIds }) => topicIds.has(topicId))
          for (let partition = 0; partition < partitionCount; partition++) {
            const owners = all.filter(({ memberId }) => has(given.get(memberId)!, topicId, partition))
            expect(owners.length).toBe(isWanted ? 1 : 0)
            for (const { topicIds } of owners) expect(topicIds.has(topicId)).toBe(true)
          }
        }
        for (const assignment of given.values()) {
          for (const [topicId, partition] of each(assignment)) {
            expect(partition).toBeLessThan(topics.find((topic) => topic.topicId === topicId)?.partitionCount ?? 0)
          }
        }
      }),
    )
  })

  it('gives the same again, in whatever order members come', () => {
    fc.assert(
      fc.property(world, ({ topics, members }) => {
        const all = members.map(({ memberId, topicIds }) => member(memberId, topicIds))
        const first = assign(all, topics)
        const again = assign(
          [...all].reverse().map((each) => ({ ...each, assignment: first.get(each.memberId)! })),
          topics,
        )
        for (const [memberId, assignment] of first) expect(isSame(assignment, again.get(memberId)!)).toBe(true)
      }),
    )
  })
})

describe('the uniform assignor', () => {
  it('gives nobody two more than another where all read the same', () => {
    fc.assert(
      fc.property(world, ({ topics, members }) => {
        const ids = topics.map(({ topicId }) => topicId)
        const all = members.map(({ memberId, owned }) => member(memberId, ids, assignmentOf(owned)))
        const sizes = [...assignUniformly(all, topics).values()].map(sizeOf)
        if (sizes.length > 0) expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThan(2)
      }),
    )
  })

  it('moves no more than it must', () => {
    const topics = [{ topicId: 'a', partitionCount: 9 }]
    const before = assignUniformly([member('m1', ['a']), member('m2', ['a'])], topics)
    const after = assignUniformly(
      [member('m1', ['a'], before.get('m1')), member('m2', ['a'], before.get('m2')), member('m3', ['a'])],
      topics,
    )
    const kept = ['m1', 'm2'].map(
      (id) => [...each(after.get(id)!)].filter(([topicId, partition]) => has(before.get(id)!, topicId, partition)).length,
    )
    expect(kept).toEqual([3, 3])
    expect(sizeOf(after.get('m3')!)).toBe(3)
  })
})

it('the range assignor gives neighbours, the same of each topic', () => {
  const topics = ['a', 'b'].map((topicId) => ({ topicId, partitionCount: 5 }))
  const given = assignRanges([member('m2', ['a', 'b']), member('m1', ['a', 'b'])], topics)
  expect(Object.fromEntries(given.get('m1')!)).toEqual({ a: [0, 1, 2], b: [0, 1, 2] })
  expect(Object.fromEntries(given.get('m2')!)).toEqual({ a: [3, 4], b: [3, 4] })
})
