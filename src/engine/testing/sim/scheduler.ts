/**
 * Simulated time: a queue of events, handled one at a time, each with all promises that it settles, before time moves to the next. What
 * happens belongs to a process; a dead one's events are dropped, a frozen or busy one's wait. Owned by World; nothing else moves time.
 *
 * Microtasks are drained between events by the very function with which Node drains them between its timers, so a whole run is one
 * synchronous loop. That works only from outside a microtask: see `run`.
 */
import type { SimProcess } from './process'

export interface SimEvent {
  readonly atMs: number
  /** null: the world itself, such as a fault. */
  readonly process: SimProcess | null
  readonly what: string
}

/** What stands for an event that may still be called off. */
export interface Scheduled {
  cancel(): void
}

/** Its own handle: there are tens of thousands a run. */
class QueuedEvent implements SimEvent, Scheduled {
  isCancelled = false

  constructor(
    public atMs: number,
    public process: SimProcess | null,
    public what: string,
    readonly sequence: number,
    readonly run: () => void,
  ) {}

  cancel(): void {
    this.isCancelled = true
  }
}

const drainMicrotasks = (process as unknown as { _tickCallback?: () => void })._tickCallback

export class Scheduler {
  /** Called after each event and everything it settled. A throw ends the run. */
  afterEvent: (event: SimEvent) => void = () => undefined
  /** An exception out of an event's callback. */
  onError: (error: unknown, event: SimEvent) => void = (error) => {
    throw error
  }
  eventCount = 0
  /** True while the callback of an event, or what it settled, runs. */
  get current(): SimEvent | null {
    return this.#current
  }
  #current: QueuedEvent | null = null
  #nowMs = 0
  #sequence = 0
  readonly #heap: QueuedEvent[] = []

  /** Milliseconds since the start of the world, with fractions. */
  get nowMs(): number {
    return this.#nowMs
  }

  at(atMs: number, process: SimProcess | null, what: string, run: () => void): Scheduled {
    const event = new QueuedEvent(Math.max(atMs, this.#nowMs), process, what, this.#sequence++, run)
    this.#push(event)
    return event
  }

  after(delayMs: number, process: SimProcess | null, what: string, run: () => void): Scheduled {
    return this.at(this.#nowMs + delayMs, process, what, run)
  }

  /**
   * The present event, one of the world so far, goes on as one of `process`, as if it had been its next: the end of a wire hands over to who reads it. False where
   * `process` is not to be reached now; the event stays what it was.
   */
  handOver(process: SimProcess, what: string): boolean {
    const event = this.#current
    if (event === null || event.process !== null || !process.isAlive || process.freeAtMs > this.#nowMs) return false
    event.process = process
    event.what = what
    return true
  }

  /**
   * Handles events until `isDone`, asked after each, or until the queue is empty or time would pass `untilMs`. Answers whether it is done.
   * Begins from a turn of its own, since microtasks cannot be drained from within one.
   */
  run(isDone: () => boolean, untilMs: number): Promise<boolean> {
    return new Promise((resolve, reject) => {
      setImmediate(() => {
        try {
          resolve(this.#loop(isDone, untilMs))
        } catch (error) {
          reject(error)
        }
      })
    })
  }

  #loop(isDone: () => boolean, untilMs: number): boolean {
    if (drainMicrotasks === undefined)
      throw new Error('this runtime cannot drain microtasks on demand: run the simulator on Node')
    for (;;) {
      if (isDone()) return true
      const event = this.#heap[0]
      if (event === undefined || event.atMs > untilMs) {
        this.#nowMs = Math.max(this.#nowMs, Math.min(untilMs, Number.MAX_SAFE_INTEGER))
        return false
      }
      this.#pop()
      if (event.isCancelled || event.process?.isAlive === false) continue
      const freeAtMs = event.process?.freeAtMs ?? 0
      if (freeAtMs > event.atMs) {
        if (freeAtMs === Number.POSITIVE_INFINITY) event.process?.hold(event)
        else {
          event.atMs = freeAtMs
          this.#push(event)
        }
        continue
      }
      this.#nowMs = event.atMs
      this.eventCount++
      this.#current = event
      try {
        event.run()
      } catch (error) {
        this.onError(error, event)
      }
      drainMicrotasks()
      this.afterEvent(event)
      this.#current = null
    }
  }

  /** Puts back what a frozen process was to be told, in its order. */
  release(held: readonly SimEvent[]): void {
    for (const event of held as readonly QueuedEvent[]) {
      event.atMs = this.#nowMs
      this.#push(event)
    }
  }

  #push(event: QueuedEvent): void {
    const heap = this.#heap
    let index = heap.length
    heap.push(event)
    while (index > 0) {
      const parent = (index - 1) >> 1
      const other = heap[parent] as QueuedEvent
      if (!isBefore(event, other)) break
      heap[index] = other
      index = parent
    }
    heap[index] = event
  }

  #pop(): void {
    const heap = this.#heap
    const last = heap.pop() as QueuedEvent
    if (heap.length === 0) return
    let index = 0
    for (;;) {
      let child = 2 * index + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && isBefore(heap[child + 1] as QueuedEvent, heap[child] as QueuedEvent)) child++
      const other = heap[child] as QueuedEvent
      if (!isBefore(other, last)) break
      heap[index] = other
      index = child
    }
    heap[index] = last
  }
}

function isBefore(a: QueuedEvent, b: QueuedEvent): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.sequence < b.sequence)
}
