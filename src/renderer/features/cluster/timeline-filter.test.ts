import { describe, expect, it } from 'vitest'
import type { TimelineEvent } from '../../../shared/model/cluster'
import { isFiltering, keepGroups, matches, noFilter } from './timeline-filter'
import { groupTimeline } from './timeline-groups'

const event = (id: number, fields: Partial<TimelineEvent>): TimelineEvent => ({
  id,
  atMs: id,
  kind: 'cause',
  causeId: null,
  severity: 'info',
  type: 'broker-started',
  actor: 'you',
  title: 'Broker 2 started',
  detail: null,
  brokerId: null,
  topic: null,
  partition: null,
  ...fields,
})

describe('filtering the timeline', () => {
  it('finds an event by broker in its words, and broker 1 is not broker 12', () => {
    const elected = event(1, { type: 'leaders-elected', title: '5 partitions elected new leaders', detail: '5 to broker 12' })
    expect(matches(elected, { ...noFilter, brokerId: 12 })).toBe(true)
    expect(matches(elected, { ...noFilter, brokerId: 1 })).toBe(false)
  })
  it('finds a partition among many that one event is about', () => {
    const elected = event(1, { type: 'leaders-elected', partitions: [{ topic: 'orders', partition: 3, note: '2 → 1' }] })
    expect(matches(elected, { ...noFilter, text: 'orders-3' })).toBe(true)
    expect(matches(elected, { ...noFilter, topic: 'orders', category: 'leaders' })).toBe(true)
    expect(matches(elected, { ...noFilter, topic: 'payments' })).toBe(false)
  })
  it('takes a severity as the least', () => {
    const severities = (['info', 'ok', 'warn', 'error'] as const).filter((severity) =>
      matches(event(1, { severity }), { ...noFilter, severity: 'warn' }),
    )
    expect(severities).toEqual(['warn', 'error'])
  })
  it('keeps a group whole where one of its effects is wanted', () => {
    const groups = groupTimeline([
      event(1, { type: 'broker-killed' }),
      event(2, { kind: 'effect', causeId: 1, type: 'isr-shrunk', actor: 'auto' }),
      event(3, { type: 'topic-created', actor: 'client' }),
    ])
    expect(keepGroups(groups, { ...noFilter, category: 'isr' }).map(({ id, effects }) => [id, effects.length])).toEqual([[1, 1]])
    expect(keepGroups(groups, { ...noFilter, scope: 'clients' }).map(({ id }) => id)).toEqual([3])
    expect(isFiltering({ ...noFilter, scope: 'mine' })).toBe(false)
  })
})
