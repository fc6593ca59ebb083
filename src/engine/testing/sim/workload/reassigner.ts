/**
 * Moves partitions about while the run lasts: at every step it asks the controller to put one on other brokers, to put one that is on its way somewhere else, or to
 * cancel. Internal topics move as well. Keeps for each partition where it may end, and says at the end where one did not. That nothing is lost on the way
 * is for the rules of everybody else to find.
 */
import { ClientError, type KafkaClient, protocolError } from '../../../client'
import { ErrorCode } from '../../../wire/errors'
import { AlterPartitionReassignments } from '../../../wire/messages/45-alter-partition-reassignments'
import { ListPartitionReassignments } from '../../../wire/messages/46-list-partition-reassignments'
import type { SimProcess } from '../process'
import type { SeededRandom } from '../seeded-random'
import { every, type WorkloadContext } from './workload-context'

interface Chosen {
  readonly topic: string
  readonly topicId: string
  readonly partition: number
  readonly replicas: readonly number[]
}

/** Where a partition may end. */
interface Ends {
  readonly name: string
  /** The one that was taken last; null where the last answer does not say, or was a cancellation's. */
  accepted: readonly number[] | null
  /** All that it may have had, and may go back to: the first ones, and those that were asked for. */
  readonly possible: (readonly number[])[]
}

/** Refused before anything was written. */
const refusals: ReadonlySet<number> = new Set([
  ErrorCode.INVALID_REPLICA_ASSIGNMENT,
  ErrorCode.NO_REASSIGNMENT_IN_PROGRESS,
  ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
])
/** So long an answer may be late, and what it answers be done after what was asked later over another connection. */
const lateMs = 30_000

export class Reassigner {
  readonly #process: SimProcess
  readonly #random: SeededRandom
  readonly #client: KafkaClient
  readonly #ends = new Map<string, Ends>()
  /** When something was last asked for of which no answer says whether it was taken, by partition. */
  readonly #doubtfulAtMs = new Map<string, number>()
  readonly #away = new Set<number>()
  #isBusy = false

  constructor(private readonly context: WorkloadContext) {
    this.#process = context.world.clientProcess('reassigner')
    this.#random = context.random('reassigner')
    this.#client = context.newClient(this.#process)
  }

  get isIdle(): boolean {
    return !this.#isBusy
  }

  start(): void {
    const meanPauseMs = 60_000 / this.context.world.config.reassignmentsPerMinute
    every(
      this.#process.platform.clock,
      () => this.#random.within(0, 2 * meanPauseMs),
      async () => {
        if (this.context.isStopped) return false
        this.#isBusy = true
        await this.#act().finally(() => {
          this.#isBusy = false
        })
        return true
      },
      this.context.onBug,
    )
  }

  /** Brokers that it has sent away come back. */
  restore(): void {
    for (const id of this.#away) this.#bringBack(id)
  }

  close(): void {
    this.#client.close()
  }

  /** Why a partition, as it is when all is healed, is not where it was asked to be; null where it is. */
  whatIsWrong(topicId: string, partition: number, replicas: readonly number[]): string | null {
    const ends = this.#ends.get(`${topicId}/${partition}`)
    if (ends === undefined) return null
    const { name, accepted, possible } = ends
    if (accepted !== null)
      return replicas.join() === accepted.join() ? null : `${name} is on brokers [${replicas}], and was put on [${accepted}]`
    const isPossible = possible.some((each) => isSameSet(each, replicas))
    return isPossible ? null : `${name} is on brokers [${replicas}], where nobody wanted it to be`
  }

  async #act(): Promise<void> {
    const { world } = this.context
    try {
      const metadata = await this.#client.refresh()
      const moving = await this.#list()
      const partitions = [...metadata.topics.values()]
        .sort((a, b) => (a.name < b.name ? -1 : 1))
        .flatMap(({ name, topicId, partitions: all }) =>
          all.map(({ partition, replicas }) => ({ topic: name, topicId, partition, replicas })),
        )
      const onItsWay = partitions.filter(({ topic, partition }) => moving.has(`${topic}/${partition}`))
      const isForOneOnItsWay = onItsWay.length > 0 && this.#random.chance(0.4)
      if (partitions.length === 0) return
      const chosen = this.#random.pick(isForOneOnItsWay ? onItsWay : partitions)
      const target = isForOneOnItsWay && this.#random.chance(0.5) ? null : this.#drawTarget(chosen)
      await this.#reassign(chosen, target)
      if (target !== null && this.#random.chance(0.25)) this.#sendAway(target)
      // At once something else for the same one: most are complete before the next step.
      if (target !== null && this.#random.chance(0.3))
        await this.#reassign(chosen, this.#random.chance(0.5) ? null : this.#drawTarget(chosen))
    } catch (error) {
      if (!(error instanceof ClientError)) throw error
      this.context.note('reassigner', () => `fails: ${error.message}`)
      world.count('reassignments/failed')
    }
  }

  /** Any of the brokers that should run, whether they do or not; mostly as many as there are replicas. */
  #drawTarget({ replicas }: Chosen): number[] {
    const brokers = [...this.context.world.brokers.values()].filter(({ isWanted }) => isWanted).map(({ id }) => id)
    const wanted = this.#random.chance(0.7) ? Math.min(3, replicas.length) : this.#random.between(1, 3)
    const target: number[] = []
    while (target.length < wanted && brokers.length > 0) target.push(...brokers.splice(this.#random.below(brokers.length), 1))
    return target
  }

  /** A broker goes down for maintenance just then: the controller, or one that is to get the replica. */
  #sendAway(target: readonly number[]): void {
    const { world, isStopped } = this.context
    const running = [...world.brokers.values()].filter(({ state, isWanted }) => state === 'running' && isWanted)
    const controller = running.find(({ broker }) => broker?.statistics().isController)?.id
    const id = this.#random.chance(0.5) ? controller : this.#random.pick(target)
    if (isStopped || running.length < 2 || id === undefined || !running.some((broker) => broker.id === id)) return
    world.count('reassignments/broker sent away')
    world.shutdownBroker(id)
    this.#away.add(id)
    this.#process.platform.clock.setTimer(this.#random.within(300, 4_000), () => this.#bringBack(id))
  }

  #bringBack(id: number): void {
    if (this.#away.delete(id)) this.context.world.startBroker(id)
  }

  async #list(): Promise<ReadonlySet<string>> {
    const controller = await this.#client.controller()
    const { errorCode, topics } = await controller.request(ListPartitionReassignments, { timeoutMs: 3_000, topics: null })
    if (errorCode !== ErrorCode.NONE) throw protocolError(errorCode)
    return new Set(topics.flatMap(({ name, partitions }) => partitions.map(({ partitionIndex }) => `${name}/${partitionIndex}`)))
  }

  async #reassign(chosen: Chosen, target: number[] | null): Promise<void> {
    const { world } = this.context
    const { topic, partition } = chosen
    const key = `${chosen.topicId}/${partition}`
    const ends = this.#endsOf(key, chosen)
    const askedAtMs = world.nowMs
    let errorCode: number | undefined
    if (target !== null) ends.possible.push(target)
    const before = ends.accepted
    ends.accepted = null
    try {
      const controller = await this.#client.controller()
      const response = await controller.request(AlterPartitionReassignments, {
        timeoutMs: 3_000,
        topics: [{ name: topic, partitions: [{ partitionIndex: partition, replicas: target }] }],
      })
      errorCode = response.responses[0]?.partitions[0]?.errorCode ?? response.errorCode
    } catch (error) {
      if (error instanceof ClientError) this.#doubtfulAtMs.set(key, askedAtMs)
      throw error
    }
    const isDoubted = askedAtMs < (this.#doubtfulAtMs.get(key) ?? -lateMs) + lateMs
    if (errorCode === ErrorCode.NONE) {
      world.count(target === null ? 'reassignments/cancelled' : 'reassignments/begun')
      if (!isDoubted) ends.accepted = target
      return
    }
    world.count('reassignments/refused')
    if (!refusals.has(errorCode)) this.#doubtfulAtMs.set(key, askedAtMs)
    else if (!isDoubted) ends.accepted = before
    throw protocolError(errorCode)
  }

  #endsOf(key: string, { topic, partition, replicas }: Chosen): Ends {
    const known = this.#ends.get(key)
    if (known !== undefined) return known
    const ends: Ends = { name: `${topic}-${partition}`, accepted: null, possible: [replicas] }
    this.#ends.set(key, ends)
    return ends
  }
}

function isSameSet(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((id) => b.includes(id))
}
