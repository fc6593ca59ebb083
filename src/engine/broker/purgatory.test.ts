import { beforeEach, describe, expect, it } from 'vitest'
import { StillClock } from '../testing/storage-kit'
import { type DelayedOperation, Purgatory, partitionKey } from './purgatory'

class Probe implements DelayedOperation {
  tried = 0
  completed = 0
  expired = 0
  canComplete = false
  tryComplete(): boolean {
    this.tried++
    if (this.canComplete) this.completed++
    return this.canComplete
  }
  onExpire(): void {
    this.expired++
  }
}

const A = partitionKey('orders', 0)
const B = partitionKey('orders', 1)
/** The clock of these tests defers to a microtask. */
const afterTheEvent = () => Promise.resolve()

let clock: StillClock
let purgatory: Purgatory
let probe: Probe
beforeEach(() => {
  clock = new StillClock()
  purgatory = new Purgatory(clock)
  probe = new Probe()
})

describe('Purgatory', () => {
  it('completes at once what can be, and keeps nothing of it', () => {
    probe.canComplete = true
    purgatory.tryCompleteElseWatch(probe, [A], 100)
    expect([probe.completed, purgatory.size, clock.timerCount]).toEqual([1, 0, 0])
  })

  it('looks again after a change of one of the keys, once for all changes of an event', async () => {
    purgatory.tryCompleteElseWatch(probe, [A, B], 100)
    purgatory.onDidChange(A)
    expect(probe.tried).toBe(1)
    purgatory.onDidChange(A)
    purgatory.onDidChange('other/0')
    await afterTheEvent()
    expect(probe.tried).toBe(2)
    probe.canComplete = true
    purgatory.onDidChange(A)
    purgatory.onDidChange(B)
    await afterTheEvent()
    expect([probe.completed, probe.tried, purgatory.size]).toEqual([1, 3, 0])
  })

  it('completes what has expired exactly once, with one timer for all', async () => {
    const other = new Probe()
    purgatory.tryCompleteElseWatch(probe, [A], 100)
    purgatory.tryCompleteElseWatch(other, [A], 1000)
    expect(clock.timerCount).toBe(1)
    clock.advance(99)
    expect(probe.expired).toBe(0)
    clock.advance(20)
    expect([probe.expired, other.expired]).toEqual([1, 0])
    probe.canComplete = true
    purgatory.onDidChange(A)
    await afterTheEvent()
    clock.advance(500)
    expect([probe.expired, probe.completed]).toEqual([1, 0])
  })

  it('lets its timer go when nothing waits', async () => {
    purgatory.tryCompleteElseWatch(probe, [A], 100)
    probe.canComplete = true
    purgatory.onDidChange(A)
    await afterTheEvent()
    clock.advance(100)
    expect(clock.timerCount).toBe(0)
  })

  it('wakes for who comes later and expires sooner, and once for those that expire together', () => {
    const soon = new Probe()
    const sooner = new Probe()
    purgatory.tryCompleteElseWatch(probe, [A], 1000)
    clock.advance(50)
    purgatory.tryCompleteElseWatch(soon, [B], 102)
    purgatory.tryCompleteElseWatch(sooner, [B], 0)
    expect(clock.timerCount).toBe(1)
    clock.advance(10)
    expect([sooner.expired, soon.expired, probe.expired]).toEqual([1, 0, 0])
    clock.advance(92)
    expect([soon.expired, probe.expired, clock.timerCount]).toEqual([1, 0, 1])
    clock.advance(848)
    expect([probe.expired, clock.timerCount]).toEqual([1, 0])
  })

  it('wakes for what an expired operation has led to', () => {
    const next = new Probe()
    purgatory.tryCompleteElseWatch(probe, [A], 100)
    probe.onExpire = () => purgatory.tryCompleteElseWatch(next, [A], 200)
    clock.advance(100)
    clock.advance(200)
    expect([next.expired, clock.timerCount]).toEqual([1, 0])
  })

  it('forgets what waits when it is closed, and keeps nothing new', () => {
    purgatory.tryCompleteElseWatch(probe, [A], 100)
    purgatory.close()
    purgatory.tryCompleteElseWatch(probe, [A], 100)
    clock.advance(1000)
    expect([probe.expired, purgatory.size, clock.timerCount]).toEqual([0, 0, 0])
  })
})
