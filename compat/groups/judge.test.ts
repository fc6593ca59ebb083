import { beforeEach, describe, expect, it } from 'vitest'
import { GroupJudge } from './judge'

let judge: GroupJudge
beforeEach(() => {
  judge = new GroupJudge(2)
})

const assigned = (atMs: number, ...partitions: number[]) => ({ atMs, event: 'assigned', partitions }) as const
const revoked = (atMs: number, ...partitions: number[]) => ({ atMs, event: 'revoked', partitions }) as const
const sight = (atMs: number, isStable: boolean, ...members: string[]) =>
  judge.onSight({ atMs, protocol: 'classic', isStable, members: new Set(members), lateMs: 3 })

describe('the judge of a group', () => {
  it('finds two owners at once, and none where one came after the other', () => {
    judge.onLine('a', assigned(10, 0, 1))
    judge.onLine('a', revoked(20, 1))
    judge.onLine('b', assigned(20, 1))
    expect(judge.overlaps()).toEqual({ found: [], excused: 0 })
    judge.onLine('c', assigned(25, 0))
    expect(judge.overlaps().found).toEqual([{ partition: 0, atMs: 25, owner: 'a', other: 'c' }])
  })

  it('does not take the dead for owners, nor whom the cluster had put out', () => {
    judge.onLine('a', assigned(10, 0))
    judge.onKilled('a', 15)
    judge.onLine('b', assigned(20, 0))
    sight(30, true, 'b')
    sight(40, true, 'c')
    judge.onLine('c', assigned(45, 0))
    expect(judge.overlaps()).toEqual({ found: [], excused: 1 })
  })

  it('finds what nobody has processed', () => {
    judge.onLine('a', { atMs: 1, event: 'processed', partitions: [0], offsets: [[0, 4]] })
    judge.onLine('b', { atMs: 2, event: 'processed', partitions: [0], offsets: [[4, 5]] })
    expect(judge.missing(new Map([[0, 6]]))).toBe(0)
    expect(
      judge.missing(
        new Map([
          [0, 8],
          [1, 1],
        ]),
      ),
    ).toBe(3)
    expect(judge.processedTwice).toBe(1)
  })

  it('measures a rebalance from its cause to when all is owned again', () => {
    sight(0, true, 'a')
    sight(100, false, 'a', 'b')
    judge.onLine('a', assigned(150, 0))
    judge.onLine('b', assigned(250, 1))
    sight(200, true, 'a', 'b')
    sight(300, true, 'a', 'b')
    sight(400, false, 'a')
    sight(500, false, 'a', 'c')
    const [first, second, third] = judge.rebalances()
    expect(first).toEqual({ what: 'b came', atMs: 0, tookMs: 300, stalledMs: 9, isInterrupted: false })
    expect(second).toMatchObject({ what: 'b went', atMs: 300, tookMs: null, isInterrupted: true })
    expect(third).toMatchObject({ what: 'c came', tookMs: null, isInterrupted: false })
  })
})
