/**
 * The controller's events, handled one after the other, each to its end before the next begins, so that no handler ever sees a
 * half-made change of another. A handler may await; it must not wait for another event, which would never come.
 */
import type { Clock } from '../platform'
import { ControllerMovedError } from './errors'

interface QueuedEvent {
  readonly name: string
  handle(): Promise<void>
  /** It will not be handled. */
  drop(error: ControllerMovedError): void
}

export interface EventQueueOptions {
  readonly clock: Clock
  /** A posted handler failed. Of asked ones the asker hears. */
  readonly onFailure: (name: string, error: unknown) => void
}

export class EventQueue {
  private readonly events: QueuedEvent[] = []
  private readonly asked = new Set<(error: ControllerMovedError) => void>()
  private readonly coalesced = new Set<string>()
  private isRunning = false
  private isClosed = false

  constructor(private readonly options: EventQueueOptions) {}

  /** For what nobody waits for: a watch that fired, a tick. One of a name that waits in the queue already stands for both. */
  post(name: string, handler: () => Promise<void>): void {
    if (this.isClosed || this.coalesced.has(name)) return
    this.coalesced.add(name)
    this.push({
      name,
      handle: () => {
        this.coalesced.delete(name)
        return handler()
      },
      drop: () => undefined,
    })
  }

  /** For what somebody waits for. Rejects with {@link ControllerMovedError} as soon as the queue is closed, even while the handler runs. */
  ask<T>(name: string, handler: () => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.isClosed) return reject(new ControllerMovedError())
      this.asked.add(reject)
      const conclude = (settle: () => void) => {
        this.asked.delete(reject)
        settle()
      }
      this.push({
        name,
        handle: async () => {
          try {
            const value = await handler()
            conclude(() => resolve(value))
          } catch (error) {
            conclude(() => reject(error))
            throw error
          }
        },
        drop: (error) => conclude(() => reject(error)),
      })
    })
  }

  /** Handles nothing more. What runs is not stopped by this: its next step fails by itself. */
  close(): void {
    if (this.isClosed) return
    this.isClosed = true
    const error = new ControllerMovedError()
    for (const event of this.events.splice(0)) event.drop(error)
    for (const reject of [...this.asked]) reject(error)
    this.asked.clear()
  }

  private push(event: QueuedEvent): void {
    this.events.push(event)
    if (this.isRunning) return
    this.isRunning = true
    this.options.clock.defer(() => {
      void this.run()
    })
  }

  private async run(): Promise<void> {
    for (let event = this.events.shift(); event !== undefined; event = this.events.shift()) {
      try {
        await event.handle()
      } catch (error) {
        if (!this.isClosed) this.options.onFailure(event.name, error)
      }
    }
    this.isRunning = false
  }
}
