import { appendFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { TimelineEvent } from '../shared/model/cluster'
import { Timeline } from './timeline'
import { TimelineFile } from './timeline-file'
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

  it('says that you did what the window asked for, and that a client did it otherwise', () => {
    const timeline = new Timeline(() => undefined)
    timeline.expectByYou(['topic-created'], 'mine')
    timeline.engineEvent(engineEvent({ type: 'topic-created', topic: 'theirs' }))
    timeline.engineEvent(engineEvent({ type: 'topic-created', topic: 'mine' }))
    expect(timeline.all().map(({ actor }) => actor)).toEqual(['client', 'you'])
  })

  it('knows since when a controller is, and after what', () => {
    const timeline = new Timeline(() => undefined)
    timeline.engineEvent(engineEvent({ type: 'controller-elected', brokerId: 1, atMs: 5 }))
    expect(timeline.controller).toMatchObject({ brokerId: 1, sinceMs: 5, after: null })
    timeline.cause('broker-killed', 'Broker 1 killed', { brokerId: 1 })
    timeline.engineEvent(engineEvent({ type: 'controller-elected', brokerId: 3 }))
    expect(timeline.controller).toMatchObject({ brokerId: 3, after: 'Broker 1 killed' })
  })

  it('ties the end of a reassignment to its beginning', () => {
    const timeline = new Timeline(() => undefined)
    timeline.engineEvent(engineEvent({ type: 'reassignment-begun', count: 2 }))
    timeline.engineEvent(engineEvent({ type: 'isr-expanded', causeBrokerId: 4, count: 2 }))
    timeline.engineEvent(engineEvent({ type: 'reassignment-ended', count: 2 }))
    const [begun, , ended] = timeline.all()
    expect(begun?.kind).toBe('cause')
    expect(ended).toMatchObject({ kind: 'effect', causeId: begun?.id })
  })
})

describe('TimelineFile', () => {
  let directory = ''
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'timeline-'))
  })
  afterEach(() => rmSync(directory, { recursive: true, force: true }))
  const open = (eventsMax = 100) => new TimelineFile(join(directory, 'timeline.jsonl'), eventsMax)

  it('has what was told before, folded as it was, and goes on with the next id', () => {
    const first = new Timeline(() => undefined, open())
    first.cause('broker-killed', 'Broker 2 killed', { brokerId: 2 })
    first.engineEvent(engineEvent({ type: 'isr-shrunk', causeBrokerId: 2, count: 1 }))
    first.engineEvent(engineEvent({ type: 'isr-shrunk', causeBrokerId: 2, count: 4 }))
    first.close()
    const second = new Timeline(() => undefined, open())
    expect(second.all()).toEqual(first.all())
    second.cause('broker-started', 'Broker 2 started', { brokerId: 2 })
    expect(second.all().map(({ id }) => id)).toEqual([1, 2, 3])
  })

  it('drops a line that a crash cut short, and what it could not write after it is not lost with it', () => {
    const first = new Timeline(() => undefined, open())
    first.cause('broker-killed', 'Broker 2 killed', { brokerId: 2 })
    first.close()
    appendFileSync(join(directory, 'timeline.jsonl'), '{"id":2,"atMs":17')
    const second = new Timeline(() => undefined, open())
    expect(second.all()).toHaveLength(1)
    second.cause('broker-started', 'Broker 2 started', { brokerId: 2 })
    second.close()
    expect(open().kept.map(({ type }) => type)).toEqual(['broker-killed', 'broker-started'])
  })

  it('keeps the newest only', () => {
    const timeline = new Timeline(() => undefined, open())
    for (let number = 0; number < 6; number++) timeline.cause('broker-started', `Broker ${number} started`, { brokerId: number })
    timeline.close()
    expect(open(4).kept.map(({ id }) => id)).toEqual([3, 4, 5, 6])
  })

  it('goes on without a disk that refuses, and says so once', () => {
    const failures: Error[] = []
    const file = new TimelineFile(directory, 100, (error) => failures.push(error))
    const timeline = new Timeline(() => undefined, file)
    timeline.cause('broker-killed', 'Broker 2 killed', { brokerId: 2 })
    timeline.close()
    expect(timeline.all()).toHaveLength(1)
    expect(failures).toHaveLength(1)
  })
})
