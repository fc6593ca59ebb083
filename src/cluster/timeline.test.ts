import { describe, expect, it } from 'vitest'
import type { TimelineEvent } from '../shared/model/cluster'
import { Timeline } from './timeline'
import type { EngineEvent } from './worker-protocol'

function engineEvent(fields: Partial<EngineEvent> & { type: string }): EngineEvent {
  return {
    atMs: Date.now(),
    brokerId: null,
    causeBrokerId: null,
    topic: null,
    partition: null,
    count: null,
    detail: null,
    ...fields,
  }
}

describe('Timeline', () => {
  it('ties what follows from a kill to the kill', () => {
    const timeline = new Timeline(() => undefined)
    timeline.cause('broker-killed', 'Broker 2 killed', { brokerId: 2 })
    timeline.engineEvent(engineEvent({ type: 'session-expired', brokerId: 2 }))
    timeline.engineEvent(engineEvent({ type: 'leaders-elected', causeBrokerId: 2, count: 8 }))
    const [kill, session, elected] = timeline.all()
    expect(session).toMatchObject({ kind: 'effect', causeId: kill?.id, title: 'Session of broker 2 expired' })
    expect(elected).toMatchObject({ kind: 'effect', causeId: kill?.id, title: '8 partitions elected new leaders' })
  })

  it('ties a new controller to the end of the one before', () => {
    const timeline = new Timeline(() => undefined)
    timeline.cause('cluster-started', 'Cluster started', { brokerIds: [1, 2] })
    timeline.engineEvent(engineEvent({ type: 'controller-elected', brokerId: 1 }))
    timeline.cause('broker-killed', 'Broker 1 killed', { brokerId: 1 })
    timeline.engineEvent(engineEvent({ type: 'controller-elected', brokerId: 2 }))
    const [start, first, kill, second] = timeline.all()
    expect(first?.causeId).toBe(start?.id)
    expect(second?.causeId).toBe(kill?.id)
  })

  it('ties nothing to a cause that it does not know', () => {
    const timeline = new Timeline(() => undefined)
    timeline.cause('broker-killed', 'Broker 2 killed', { brokerId: 2 })
    timeline.engineEvent(engineEvent({ type: 'isr-shrunk', causeBrokerId: 3, count: 1 }))
    expect(timeline.all()[1]).toMatchObject({ causeId: null })
  })

  it('tells like effects of one moment as one, under one id', () => {
    const told: TimelineEvent[] = []
    const timeline = new Timeline((events) => told.push(...events))
    timeline.engineEvent(engineEvent({ type: 'isr-expanded', causeBrokerId: 1, count: 1, topic: 'a', partition: 0 }))
    timeline.engineEvent(engineEvent({ type: 'isr-expanded', causeBrokerId: 1, count: 2 }))
    expect(timeline.all()).toHaveLength(1)
    expect(timeline.all()[0]).toMatchObject({ title: '3 partitions took a replica back into the ISR', topic: null })
    expect(new Set(told.map((event) => event.id)).size).toBe(1)
  })
})
