import { describe, expect, it } from 'vitest'
import { type AssignableMember, type Assignment, type AssignorName, assign } from './assignors'
import { decodeAssignment, decodeSubscription, encodeAssignment, encodeSubscription } from './consumer-protocol'
import { flatten, keyOf } from './topic-partitions'

const member = (memberId: string, topics: string[], fields: Partial<AssignableMember> = {}): AssignableMember => ({
  memberId,
  groupInstanceId: null,
  topics,
  owned: [],
  generationId: -1,
  ...fields,
})
const shown = (assignment: Assignment) =>
  Object.fromEntries([...assignment].map(([id, list]) => [id, flatten(list).map(keyOf).join(' ')]))
const given = (name: AssignorName, members: AssignableMember[], counts: Record<string, number>) =>
  shown(assign(name, members, new Map(Object.entries(counts))))

describe('range', () => {
  it('gives neighbours of each topic, the first members one more, static members before others', () => {
    expect(given('range', [member('b', ['t']), member('a', ['t']), member('c', ['t'])], { t: 7 })).toEqual({
      a: 't/0 t/1 t/2',
      b: 't/3 t/4',
      c: 't/5 t/6',
    })
    const members = [member('a', ['t']), member('z', ['t'], { groupInstanceId: 'first' })]
    expect(given('range', members, { t: 2 })).toEqual({ z: 't/0', a: 't/1' })
  })
  it('gives a topic to those that read it only, and nothing of one that is not there', () => {
    expect(given('range', [member('a', ['t', 'gone']), member('b', ['t', 'u'])], { t: 2, u: 2 })).toEqual({
      a: 't/0',
      b: 't/1 u/0 u/1',
    })
  })
})

describe('round robin', () => {
  it('deals all partitions in turn, passing over those that do not read a topic', () => {
    expect(given('roundrobin', [member('a', ['t', 'u']), member('b', ['t'])], { t: 3, u: 2 })).toEqual({
      a: 't/0 t/2 u/0 u/1',
      b: 't/1',
    })
  })
})

describe('cooperative-sticky', () => {
  const own = (memberId: string, partitions: number[], generationId = 1) =>
    member(memberId, ['t'], { owned: partitions.map((partition) => ({ topic: 't', partition })), generationId })
  it('takes what moves away first, and gives it in the next generation', () => {
    const first = given('cooperative-sticky', [own('a', [0, 1, 2, 3]), member('b', ['t'])], { t: 4 })
    expect(first).toEqual({ a: 't/2 t/3', b: '' })
    expect(given('cooperative-sticky', [own('a', [2, 3], 2), member('b', ['t'], { generationId: 2 })], { t: 4 })).toEqual({
      a: 't/2 t/3',
      b: 't/0 t/1',
    })
  })
  it('moves nothing where it is balanced, and gives what somebody left to those that have least', () => {
    expect(given('cooperative-sticky', [own('a', [0, 3]), own('b', [1])], { t: 5 })).toEqual({ a: 't/0 t/3 t/4', b: 't/1 t/2' })
  })
  it('believes the newer generation of two that claim a partition, and nobody where they are the same', () => {
    expect(given('cooperative-sticky', [own('a', [0, 1], 3), own('b', [0, 1], 5)], { t: 2 })).toEqual({ a: '', b: 't/1' })
    const disputed = given('cooperative-sticky', [own('a', [0], 3), own('b', [0], 3)], { t: 1 })
    expect(Object.values(disputed).filter((each) => each === 't/0')).toHaveLength(1)
  })
  it('is balanced over any number of members, with each partition at one at most', () => {
    for (let size = 1; size <= 9; size++) {
      let members = Array.from({ length: size }, (_, index) => member(`m${index}`, ['t', 'u']))
      for (let generation = 1; generation <= 3; generation++) {
        const result = assign(
          'cooperative-sticky',
          members,
          new Map([
            ['t', 7],
            ['u', 5],
          ]),
        )
        members = members.map((each) => ({ ...each, owned: flatten(result.get(each.memberId) ?? []), generationId: generation }))
      }
      const keys = members.flatMap(({ owned }) => owned.map(keyOf))
      expect(new Set(keys).size).toBe(12)
      expect(keys).toHaveLength(12)
      const loads = members.map(({ owned }) => owned.length)
      expect(Math.max(...loads) - Math.min(...loads)).toBeLessThanOrEqual(1)
      // One more comes: as few move as balance allows.
      const grown = [...members, member('new', ['t', 'u'])]
      const next = assign(
        'cooperative-sticky',
        grown,
        new Map([
          ['t', 7],
          ['u', 5],
        ]),
      )
      const kept = members.reduce((sum, each) => sum + flatten(next.get(each.memberId) ?? []).length, 0)
      expect(12 - kept).toBe(Math.floor(12 / (size + 1)))
    }
  })
})

describe('what members write for each other', () => {
  it('is read as it was written', () => {
    const subscription = { topics: ['t', 'u'], owned: [{ topic: 't', partitions: [0, 2] }], generationId: 7 }
    expect(decodeSubscription(encodeSubscription(subscription))).toEqual(subscription)
    const assignment = [{ topic: 't', partitions: [1, 3] }]
    expect(decodeAssignment(encodeAssignment(assignment))).toEqual(assignment)
    expect(decodeAssignment(new Uint8Array())).toEqual([])
  })
  it('is read of the oldest layout too, and of another one not at all', () => {
    const old = Buffer.from([0, 0, 0, 0, 0, 1, 0, 1, 0x74, 0xff, 0xff, 0xff, 0xff])
    expect(decodeSubscription(old)).toEqual({ topics: ['t'], owned: [], generationId: -1 })
    expect(decodeSubscription(Buffer.from([0, 1, 0x7f]))).toBeNull()
    expect(decodeAssignment(Buffer.from([0, 0, 0x7f, 0, 0, 0]))).toBeNull()
  })
})
