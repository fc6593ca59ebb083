/**
 * The rules of interception of a whole cluster: which broker has which, and what they have struck. Kept here, so that they outlive a broker that dies: it has them
 * again from its first request on. Used by the host; tests, the command line and the window come through Cluster.
 */
import type { InterceptionRule, InterceptionView } from '../engine'
import type { BrokerProcess } from './broker-process'
import type { InterceptionCount } from './worker-protocol'

/** A rule and the broker that it is for; null: all there are and will be. `times` and `every` count at each broker for itself. */
export interface ClusterInterception extends InterceptionView {
  readonly brokerId: number | null
}

interface Entry {
  readonly id: number
  readonly brokerId: number | null
  readonly rule: InterceptionRule
}

interface Count {
  matchCount: number
  hitCount: number
}

/** A broker that stands still does not answer; what it said last counts then. */
const ANSWER_TIMEOUT_MS = 1_000

export class Interceptions {
  private entries: Entry[] = []
  private nextId = 1
  private nextAsk = 1
  /** By broker, then rule: of its present life, and of those before. */
  private readonly present = new Map<number, readonly InterceptionCount[]>()
  private readonly past = new Map<number, Map<number, Count>>()
  private readonly asked = new Map<string, () => void>()

  constructor(private readonly brokers: () => readonly BrokerProcess[]) {}

  /** In force with the next request of each running broker that it is for, and of the others when they start. */
  add(rule: InterceptionRule, brokerId: number | null): number {
    const entry = { id: this.nextId++, brokerId, rule }
    this.entries.push(entry)
    for (const broker of this.brokers()) {
      if (isFor(entry, broker.id)) broker.send({ type: 'add-interception', id: entry.id, rule })
    }
    return entry.id
  }

  /** False where there is no such rule. */
  remove(id: number): boolean {
    const before = this.entries.length
    this.entries = this.entries.filter((entry) => entry.id !== id)
    for (const broker of this.brokers()) broker.send({ type: 'remove-interception', id })
    return this.entries.length < before
  }

  clear(): void {
    for (const { id } of this.entries) this.remove(id)
  }

  /** What a broker that starts has from the beginning. Its counts begin anew. */
  forStartOf(brokerId: number): { readonly id: number; readonly rule: InterceptionRule }[] {
    const past = this.past.get(brokerId) ?? new Map<number, Count>()
    for (const { id, matchCount, hitCount } of this.present.get(brokerId) ?? []) {
      const sum = past.get(id) ?? { matchCount: 0, hitCount: 0 }
      past.set(id, { matchCount: sum.matchCount + matchCount, hitCount: sum.hitCount + hitCount })
    }
    this.past.set(brokerId, past)
    this.present.delete(brokerId)
    return this.entries.filter((entry) => isFor(entry, brokerId)).map(({ id, rule }) => ({ id, rule }))
  }

  /** With counts as they are now at the brokers that answer. */
  async list(): Promise<ClusterInterception[]> {
    await Promise.all(
      this.brokers()
        .filter((broker) => broker.state === 'running')
        .map((broker) => this.ask(broker)),
    )
    return this.entries.map((entry) => {
      const counts = this.brokers()
        .filter(({ id }) => isFor(entry, id))
        .map(({ id }) => this.countAt(id, entry.id))
      return {
        ...entry,
        matchCount: counts.reduce((sum, { matchCount }) => sum + matchCount, 0),
        hitCount: counts.reduce((sum, { hitCount }) => sum + hitCount, 0),
        // At a broker that was started again it strikes anew.
        isSpent:
          counts.length > 0 && counts.every(({ presentHits }) => presentHits >= (entry.rule.times ?? Number.POSITIVE_INFINITY)),
      }
    })
  }

  onCounts(brokerId: number, askId: number, counts: readonly InterceptionCount[]): void {
    this.present.set(brokerId, counts)
    this.asked.get(`${brokerId}/${askId}`)?.()
  }

  private ask(broker: BrokerProcess): Promise<void> {
    const askId = this.nextAsk++
    const key = `${broker.id}/${askId}`
    return new Promise((resolve) => {
      const conclude = () => {
        clearTimeout(timer)
        this.asked.delete(key)
        resolve()
      }
      const timer = setTimeout(conclude, ANSWER_TIMEOUT_MS)
      this.asked.set(key, conclude)
      broker.send({ type: 'count-interceptions', askId })
    })
  }

  private countAt(brokerId: number, ruleId: number) {
    const present = this.present.get(brokerId)?.find(({ id }) => id === ruleId)
    const past = this.past.get(brokerId)?.get(ruleId)
    return {
      matchCount: (present?.matchCount ?? 0) + (past?.matchCount ?? 0),
      hitCount: (present?.hitCount ?? 0) + (past?.hitCount ?? 0),
      presentHits: present?.hitCount ?? 0,
    }
  }
}

function isFor(entry: Entry, brokerId: number): boolean {
  return entry.brokerId === null || entry.brokerId === brokerId
}
