import { describe, expect, it } from 'vitest'
import type { BrokerView, PartitionView } from '../../../shared/model/cluster'
import { ribbonPieces } from '../cluster/ribbon'
import { LeadershipHistory } from './leadership-history'

const broker = (id: number, state: BrokerView['state'], stateSinceMs: number) =>
  [id, { id, state, stateSinceMs }] as unknown as [number, BrokerView]
const partition = (over: Partial<PartitionView>) =>
  ({ topic: 't', partition: 0, leader: 1, leaderChangedAtMs: null, previousLeader: null, ...over }) as PartitionView

describe('who led when', () => {
  it('begins with the broker’s own start when the window opens on a running cluster', () => {
    const history = new LeadershipHistory()
    history.observe([partition({})], new Map([broker(1, 'running', 500)]), 9000)
    expect(history.of('t', 0)).toEqual([{ fromMs: 500, leader: 1 }])
  })
  it('shows a gap from the death of the leader to the election of the next', () => {
    const history = new LeadershipHistory()
    const up = new Map([broker(1, 'running', 0), broker(2, 'running', 0)])
    const dead = new Map([broker(1, 'killed', 10_000), broker(2, 'running', 0)])
    expect(history.observe([partition({})], up, 1000)).toBe(true)
    expect(history.observe([partition({})], up, 2000)).toBe(false)
    history.observe([partition({})], dead, 10_200)
    history.observe([partition({ leader: 2, previousLeader: 1, leaderChangedAtMs: 11_543 })], dead, 11_700)
    expect(history.of('t', 0)).toEqual([
      { fromMs: 0, leader: 1 },
      { fromMs: 10_000, leader: null },
      { fromMs: 11_543, leader: 2 },
    ])
  })
  it('takes the last change from the cluster when it was not seen', () => {
    const history = new LeadershipHistory()
    history.observe(
      [partition({ leader: 2, previousLeader: 1, leaderChangedAtMs: 4000 })],
      new Map([broker(2, 'running', 0)]),
      9000,
    )
    expect(history.of('t', 0)).toEqual([
      { fromMs: 0, leader: 1 },
      { fromMs: 4000, leader: 2 },
    ])
  })
  it('forgets the partitions of a topic that is gone, and no others', () => {
    const history = new LeadershipHistory()
    const up = new Map([broker(1, 'running', 0)])
    history.observe([partition({}), partition({ partition: 1 }), partition({ topic: 'u' })], up, 1000)
    history.forget(['t'])
    expect([history.of('t', 0), history.of('t', 1)]).toEqual([[], []])
    expect(history.of('u', 0)).toHaveLength(1)
  })
})

describe('the ribbon', () => {
  it('cuts stretches to its span and puts them on one axis', () => {
    const pieces = ribbonPieces(
      [
        { fromMs: 0, leader: 1 },
        { fromMs: 50, leader: null },
        { fromMs: 75, leader: 2 },
      ],
      100,
      80,
    )
    expect(pieces.map((piece) => [piece.leader, piece.leftPercent, piece.widthPercent])).toEqual([
      [1, 0, 37.5],
      [null, 37.5, 31.25],
      [2, 68.75, 31.25],
    ])
  })
  it('leaves out what ended before it begins', () => {
    expect(
      ribbonPieces(
        [
          { fromMs: 0, leader: 1 },
          { fromMs: 10, leader: 2 },
        ],
        100,
        50,
      ).map((piece) => piece.leader),
    ).toEqual([2])
  })
})
