/**
 * One incarnation of a broker, a coordination server or a client: the ports it was given, and whether they still work. A process that dies is told
 * nothing: none of its timers, connections and syncs ever answers again, and a port that it calls throws {@link ProcessDied}, which only code of the
 * dead can see. Made by World; the scheduler asks it when it can be reached.
 */
import type { Platform } from '../../platform'
import type { Scheduler, SimEvent } from './scheduler'

/** Thrown into a process that dies in the middle of an event, or calls a port after its death. */
export class ProcessDied extends Error {
  override readonly name = 'ProcessDied'
}

export class SimProcess {
  /** Set by World once, before the process does anything. */
  platform!: Platform
  isAlive = true
  /** When it can handle its next event; infinite while it is frozen. */
  freeAtMs = 0
  /** Milliseconds that it has worked in the present event: its own clock shows them, the others' do not. */
  busyMs = 0
  #held: SimEvent[] = []
  readonly #deathListeners: (() => void)[] = []

  constructor(
    readonly name: string,
    readonly host: string,
    readonly incarnation: number,
    private readonly scheduler: Scheduler,
  ) {}

  get isFrozen(): boolean {
    return this.freeAtMs === Number.POSITIVE_INFINITY
  }

  /** Takes time of the present event, as slow work does. */
  spend(ms: number): void {
    this.busyMs += ms
  }

  /** After an event: what it worked keeps it from the next one. */
  endEvent(): void {
    if (this.busyMs === 0) return
    if (!this.isFrozen) this.freeAtMs = this.scheduler.nowMs + this.busyMs
    this.busyMs = 0
  }

  freeze(): void {
    this.freeAtMs = Number.POSITIVE_INFINITY
  }

  thaw(): void {
    if (!this.isFrozen) return
    this.freeAtMs = 0
    this.scheduler.release(this.#held.splice(0))
  }

  hold(event: SimEvent): void {
    this.#held.push(event)
  }

  onDeath(listener: () => void): void {
    this.#deathListeners.push(listener)
  }

  die(): void {
    if (!this.isAlive) return
    this.isAlive = false
    this.#held = []
    for (const listener of this.#deathListeners.splice(0)) listener()
  }

  requireAlive(): void {
    if (!this.isAlive) throw new ProcessDied(`${this.name} is dead`)
  }
}
