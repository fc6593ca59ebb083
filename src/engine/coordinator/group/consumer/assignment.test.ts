import { expect, it } from 'vitest'
import { assignmentOf, isSame, isSubset, overlaps } from './assignment'

const COUNT = 100_000
const from = (start: number) => Array.from({ length: COUNT }, (_, index) => start + index)

it('is made of topics that are named many times, each partition once and in order', () => {
  const topics = ['b', 'a', 'b', 'c'].map((topicId, index) => ({ topicId, partitions: topicId === 'c' ? [] : [3 - index, 5] }))
  expect([...assignmentOf(topics)]).toEqual([
    ['b', [1, 3, 5]],
    ['a', [2, 5]],
  ])
})

it('is made and compared in time, however many partitions a member claims', () => {
  const low = assignmentOf(from(0).map((partition) => ({ topicId: 'a', partitions: [partition] })))
  const high = assignmentOf([{ topicId: 'a', partitions: from(COUNT) }])
  const same = assignmentOf([{ topicId: 'a', partitions: from(0).reverse() }])
  expect(overlaps(low, high)).toBe(false)
  expect(isSame(low, same)).toBe(true)
  expect(isSubset(high, low)).toBe(false)
  expect(isSame(low, high)).toBe(false)
})
