import { describe, expect, it } from 'vitest'
import type { TimelineEvent } from '../../../shared/model/cluster'
import { groupTimeline } from './timeline-groups'

function event(id: number, over: Partial<TimelineEvent> = {}): TimelineEvent {
  return {
    id,
    atMs: id * 1000,
    kind: 'effect',
    causeId: null,
    severity: 'info',
    type: 'x',
    actor: 'auto',
    title: `event ${id}`,
    detail: null,
    brokerId: null,
    topic: null,
    partition: null,
    ...over,
  }
}

describe('timeline groups', () => {
  it('puts effects under their cause, newest group first, effects in order', () => {
    const groups = groupTimeline([
      event(1, { kind: 'cause', type: 'broker-killed' }),
      event(2, { kind: 'cause' }),
      event(3, { causeId: 1 }),
      event(4, { causeId: 1 }),
    ])
    expect(groups.map((group) => [group.id, group.effects.map((effect) => effect.id)])).toEqual([
      [2, []],
      [1, [3, 4]],
    ])
  })
  it('follows an effect of an effect to the first cause', () => {
    const [group] = groupTimeline([event(1, { kind: 'cause' }), event(2, { causeId: 1 }), event(3, { causeId: 2 })])
    expect(group?.effects.map((effect) => effect.id)).toEqual([2, 3])
  })
  it('measures from a kill to the last election that it led to', () => {
    const [group] = groupTimeline([
      event(1, { kind: 'cause', type: 'broker-killed', atMs: 10_000 }),
      event(2, { causeId: 1, type: 'leaders-elected', atMs: 11_543 }),
    ])
    expect(group?.leaderlessMs).toBe(1543)
  })
  it('says nothing of time without leader where nothing was taken down', () => {
    const [group] = groupTimeline([
      event(1, { kind: 'cause', type: 'broker-started' }),
      event(2, { causeId: 1, type: 'leaders-elected' }),
    ])
    expect(group?.leaderlessMs).toBeNull()
  })
  it('leaves an effect whose cause is unknown alone, however close in time', () => {
    const groups = groupTimeline([event(1, { kind: 'cause', atMs: 1000 }), event(2, { atMs: 1001, causeId: 99 })])
    expect(groups.map((group) => group.cause?.id ?? null)).toEqual([null, 1])
    expect(groups[0]?.effects.map((effect) => effect.id)).toEqual([2])
  })
})
