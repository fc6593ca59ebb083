/**
 * Faults that wait for their moment. Drawn by the clock alone, the second of two blows hardly ever falls within the few milliseconds in which the first one has
 * left a broker half done; an ambush lies in wait for a moment (somebody begins to lead, cuts its log, proposes an ISR) and strikes then. What a
 * blow is, is said in faults.ts; here is what is waited for.
 */
import { LeaderAndIsr } from '../../wire/messages/04-leader-and-isr'
import { UpdateMetadata } from '../../wire/messages/06-update-metadata'
import { AlterPartition } from '../../wire/messages/56-alter-partition'
import type { FaultKind, PlannedFault } from './plan'
import { SimBroker, type World } from './world'

export const ambushMoments = [
  'leads',
  'follows',
  'truncates',
  'proposes',
  'registers',
  'takes-office',
  'commands',
  'drops-a-log',
  'coordination-writes',
] as const
export type AmbushMoment = (typeof ambushMoments)[number]

/** A fault that hits the broker whose moment it is, or another one. */
export interface Blow {
  readonly kind: Exclude<FaultKind, 'ambush'>
  readonly isOnAnother: boolean
  /** After the moment. */
  readonly afterMs: number
  readonly durationMs: number
}

export interface AmbushPlan {
  readonly moment: AmbushMoment
  readonly blows: readonly Blow[]
  /** How often it strikes: two leaders in a row, for instance. */
  readonly strikes: number
}

const momentWords: Readonly<Record<AmbushMoment, string>> = {
  leads: 'begins to lead',
  follows: 'begins to follow',
  truncates: 'truncates a log',
  proposes: 'proposes an ISR',
  registers: 'has registered',
  'takes-office': 'has become the controller',
  commands: 'sends the request of a controller',
  'drops-a-log': 'deletes a log',
  'coordination-writes': 'has its change written by coordination',
}

/** For a person. */
export function describeAmbush({ moment, strikes, blows }: AmbushPlan): string {
  const times = strikes === 1 ? 'next' : `the next ${strikes} times`
  const words = blows.map(
    ({ kind, isOnAnother, afterMs, durationMs }) =>
      `after ${afterMs} ms ${kind}${isOnAnother ? ' of another one' : ''} for ${durationMs} ms`,
  )
  return `where a broker ${times} ${momentWords[moment]}: ${words.join(', ')}`
}

const COMMANDS: ReadonlySet<number> = new Set([LeaderAndIsr.key, UpdateMetadata.key])
const LOG_OF_COORDINATION = /\/log\.[0-9a-f]+$/
const API_KEY_AT = 4
const FIRST_BROKER_PORT = 9000

/** Of a request as it is written to a broker, its frame's size before it; -1 where it is none. */
export function apiKeyOf(bytes: Uint8Array): number {
  return bytes.byteLength < API_KEY_AT + 2 ? -1 : (bytes[API_KEY_AT]! << 8) | bytes[API_KEY_AT + 1]!
}

/** Lies in wait on behalf of faults.ts. */
export class Ambushes {
  #waiting: { readonly fault: PlannedFault; readonly plan: AmbushPlan; strikesLeft: number }[] = []

  constructor(
    private readonly world: World,
    /** Called at an event of nobody's, with the broker that a blow is to hit. */
    private readonly strike: (victim: SimBroker, blow: Blow, fault: PlannedFault) => void,
  ) {
    world.onDidBrokerEvent((brokerId, event) => {
      if (event.type === 'role-changed' && event.role === 'leader') this.#at('leads', brokerId)
      else if (event.type === 'role-changed' && event.role === 'follower') this.#at('follows', brokerId)
      else if (event.type === 'broker-registered') this.#at('registers', brokerId)
      else if (event.type === 'controller-elected') this.#at('takes-office', brokerId)
    })
    world.onDidChangeDisk((machine, operation, path) => {
      // Who asked for it does not matter: the blow hits coordination, between its write and its sync.
      if (machine === world.coordination && operation === 'write' && LOG_OF_COORDINATION.test(path))
        this.#at('coordination-writes', 1)
      if (!(machine instanceof SimBroker)) return
      if (operation === 'truncate' && path.endsWith('.log')) this.#at('truncates', machine.id)
      else if (operation === 'rename' && path.endsWith('-delete')) this.#at('drops-a-log', machine.id)
    })
    world.onDidSend(({ from, isFromOpener, serverPort, bytes }) => {
      if (this.#waiting.length === 0 || !isFromOpener || serverPort < FIRST_BROKER_PORT) return
      const apiKey = apiKeyOf(bytes)
      const moment = apiKey === AlterPartition.key ? 'proposes' : COMMANDS.has(apiKey) ? 'commands' : null
      if (moment === null) return
      for (const broker of world.brokers.values()) if (broker.process === from) this.#at(moment, broker.id)
    })
  }

  lay(fault: PlannedFault, plan: AmbushPlan): void {
    this.#waiting.push({ fault, plan, strikesLeft: plan.strikes })
  }

  liftAll(): void {
    this.#waiting = []
  }

  /** One at a time: of several that wait for the same, the one that was laid first. */
  #at(moment: AmbushMoment, brokerId: number): void {
    const ambush = this.#waiting.find(({ plan }) => plan.moment === moment)
    if (ambush === undefined) return
    if (--ambush.strikesLeft === 0) this.#waiting = this.#waiting.filter((other) => other !== ambush)
    const { fault, plan } = ambush
    for (const blow of plan.blows) {
      const victim = blow.isOnAnother ? this.#another(brokerId, fault) : this.world.broker(brokerId)
      // Not now: this may be the middle of a call of the broker, which cannot die there.
      this.world.scheduler.after(blow.afterMs, null, 'ambush', () => this.strike(victim, blow, fault))
    }
  }

  #another(brokerId: number, { otherId }: PlannedFault): SimBroker {
    const others = [...this.world.brokers.values()].filter(({ id }) => id !== brokerId)
    return others[otherId % Math.max(1, others.length)] ?? this.world.broker(brokerId)
  }
}
