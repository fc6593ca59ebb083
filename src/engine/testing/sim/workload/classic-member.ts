/**
 * A group member that speaks the classic protocol as consumers do: joins, takes what it is given, reads back how far the group has come, commits further; the
 * leader of a generation deals all partitions out in turn. Run by GroupMemberClient, one generation at a time. A cooperative one keeps what it has while it joins, and
 * joins again when it has given up what it was not given again.
 */
import { pause } from '../../../client/retry'
import { ErrorCode } from '../../../wire/errors'
import { JoinGroup } from '../../../wire/messages/11-join-group'
import { Heartbeat } from '../../../wire/messages/12-heartbeat'
import { LeaveGroup } from '../../../wire/messages/13-leave-group'
import { SyncGroup } from '../../../wire/messages/14-sync-group'
import type { ResponseOf } from '../../../wire/schema'
import { type ClassicWords, wordsOfConsumers, wordsOfTheirOwn } from './classic-words'
import type { MemberLink, Membership } from './member-link'

const rebalanceTimeoutMs = 2_500
/** A join waits for the others. */
const joinTimeoutMs = rebalanceTimeoutMs + 3_000

interface Generation extends Membership {
  readonly partitions: readonly number[]
  /** By which broker it was told. */
  readonly toldBy: number
}

export class ClassicMember {
  #memberId = ''
  /** The last generation that this member had, under the id that it has now. */
  #before: Membership | null = null
  readonly #words: ClassicWords
  readonly #isCooperative: boolean
  /** What a cooperative one has. */
  #owned: readonly number[] = []
  /** When that join was sent which may have begun the time for giving something up; null: nothing is to be given up. */
  #givesUpSinceMs: number | null = null

  constructor(
    private readonly link: MemberLink,
    private readonly isToLeave: () => boolean,
  ) {
    const { protocol, topic, isCooperative } = link.plan
    this.#isCooperative = protocol === 'mixed' && isCooperative
    this.#words = protocol === 'mixed' ? wordsOfConsumers(topic, isCooperative) : wordsOfTheirOwn
  }

  /** One generation, from joining to whatever ends it. */
  async live(): Promise<void> {
    const { link } = this
    const { plan, random, context } = link
    const generation = await this.#join()
    if (this.#isCooperative && this.#givesUp(generation)) {
      await pause(link.process.platform.clock, random.within(0, plan.commitEveryMs))
      this.#owned = generation.partitions
      return
    }
    const positions = await link.readBack(generation.partitions, null, (partition) => this.#isCurrent(generation, partition))
    for (;;) {
      await pause(link.process.platform.clock, random.within(0, 2 * plan.commitEveryMs))
      if (link.isClosed) return
      if (!context.isStopped && random.chance(plan.silenceChance)) {
        // Longer than its session, or nearly: the group goes on without it, and it comes back with what it thinks is its own.
        const silenceMs = plan.sessionTimeoutMs * random.within(0.7, 1.8)
        link.note(() => `is silent for ${Math.round(silenceMs)} ms`)
        await pause(link.process.platform.clock, silenceMs)
      }
      if (this.isToLeave()) {
        await this.#leave(generation)
        return
      }
      await this.#actAsZombie(generation, positions)
      await link.commit(generation, generation.partitions, positions, () => this.forget())
      await this.#heartbeat(generation)
    }
  }

  /** Its next generation is that of somebody new. */
  forget(): void {
    this.#memberId = ''
    this.lose()
  }

  /** It has lost what it had, and knows its name. */
  lose(): void {
    this.#owned = []
    this.#givesUpSinceMs = null
  }

  /** Whether it has something that it was not given again; else it has all that it was given from now on. */
  #givesUp({ partitions }: Generation): boolean {
    if (this.#owned.some((partition) => !partitions.includes(partition))) return true
    this.#owned = partitions
    this.#givesUpSinceMs = null
    return false
  }

  #isCurrent({ generationId, memberId }: Generation, partition: number): boolean {
    const { histories, plan } = this.link
    if (plan.protocol === 'mixed') {
      // Its generation says nothing of what members of the other protocol have been told.
      const coordinatorId = histories.coordinatorId(plan.name)
      return coordinatorId !== null && histories.claims.isSure(plan.name, memberId, partition, coordinatorId)
    }
    return generationId >= histories.history.newestGeneration(plan.name)
  }

  async #join(): Promise<Generation> {
    const { link } = this
    const { history, claims } = link.histories
    const { name: groupId, topic, sessionTimeoutMs } = link.plan
    const owned = this.#owned
    claims.onGivesUpAllBut(groupId, this.#memberId, new Set(owned))
    if (owned.length > 0) this.#givesUpSinceMs ??= link.nowMs
    const era = history.era(groupId)
    const { protocolType, protocolName: name } = this.#words
    const protocols = [{ name, metadata: Buffer.from(this.#words.metadata(owned)) }]
    const request = { groupId, sessionTimeoutMs, rebalanceTimeoutMs, protocolType, protocols }
    let joined = await link.ask(JoinGroup, { ...request, memberId: this.#memberId }, joinTimeoutMs)
    if (joined.errorCode === ErrorCode.MEMBER_ID_REQUIRED) {
      this.#memberId = joined.memberId
      joined = await link.ask(JoinGroup, { ...request, memberId: this.#memberId }, joinTimeoutMs)
    }
    link.check(joined.errorCode)
    this.#memberId = joined.memberId
    const { memberId, generationId } = joined
    // Nobody leads where the coordinator deals: the group speaks the new protocol.
    const isLed = joined.leader !== ''
    if (!isLed) history.onConsumerTold(groupId, true)
    const assignments = joined.leader === memberId ? await this.#deal(topic, generationId, joined.members, era) : this.#pretend()
    const sync = { groupId, generationId, memberId, assignments }
    const sentMs = link.nowMs
    const synced = await link.ask(SyncGroup, sync, joinTimeoutMs)
    link.check(synced.errorCode)
    const partitions = this.#words.partitionsIn(synced.assignment)
    link.note(() => `is ${memberId} in generation ${generationId} with [${partitions}]`)
    if (isLed) history.onAssigned(groupId, generationId, memberId, partitions, era)
    else {
      link.context.world.count('assignments of classic members by the coordinator')
      claims.onMayHaveBegunAnew(groupId, memberId, new Set(partitions), link.coordinatorId)
    }
    const terms = link.terms(sentMs, this.#spanMs)
    const givesUpByMs =
      this.#givesUpSinceMs === null ? Number.POSITIVE_INFINITY : this.#givesUpSinceMs + link.certain(rebalanceTimeoutMs)
    claims.onTold(groupId, memberId, partitions, { ...terms, untilMs: Math.min(terms.untilMs, givesUpByMs) })
    return { memberId, generationId, partitions, toldBy: link.coordinatorId }
  }

  get #spanMs(): number {
    return Math.min(this.link.plan.sessionTimeoutMs, rebalanceTimeoutMs)
  }

  async #deal(topic: string, generationId: number, members: ResponseOf<typeof JoinGroup>['members'], era: number) {
    const { topics } = await this.link.client.refresh()
    const count = topics.get(topic)?.partitions.length ?? 0
    const partitions = Array.from({ length: count }, (_, index) => index)
    // What somebody says that it has nobody else is given before it has joined without it.
    const owners = new Map<number, string>()
    for (const { memberId, metadata } of members)
      for (const partition of this.#words.ownedIn(metadata)) if (!owners.has(partition)) owners.set(partition, memberId)
    const dealt = new Map(
      members.map(({ memberId }, index) => [
        memberId,
        partitions.filter(
          (partition) => partition % members.length === index && (owners.get(partition) ?? memberId) === memberId,
        ),
      ]),
    )
    this.link.histories.history.onDealt(this.link.plan.name, generationId, dealt, era)
    return Array.from(dealt, ([memberId, given]) => ({ memberId, assignment: Buffer.from(this.#words.assignment(given)) }))
  }

  /** It leads nobody, and says now and then who is to have what: that is to be passed over. */
  #pretend() {
    const { random, plan } = this.link
    return random.chance(plan.zombieChance)
      ? [{ memberId: this.#memberId, assignment: Buffer.from(this.#words.assignment([99])) }]
      : []
  }

  async #heartbeat({ memberId, generationId }: Generation): Promise<void> {
    const { link } = this
    const groupId = link.plan.name
    const sentMs = link.nowMs
    const { errorCode } = await link.ask(Heartbeat, { groupId, generationId, memberId })
    link.check(errorCode)
    link.histories.claims.onRenewed(groupId, memberId, link.terms(sentMs, this.#spanMs))
  }

  /** Says something in the generation before the last: that is refused, whatever it is. */
  async #actAsZombie(generation: Generation, positions: Map<number, number>): Promise<void> {
    const { link } = this
    const { memberId, generationId, partitions, toldBy } = generation
    const { name: groupId, zombieChance } = link.plan
    const zombie = this.#before
    if (zombie === null || zombie.memberId !== memberId || zombie.generationId >= generationId) {
      this.#before = { memberId, generationId }
      return
    }
    // Another coordinator may be one of before, that has not heard yet that it is none any more.
    if (!link.random.chance(zombieChance) || toldBy !== link.coordinatorId) return
    this.#before = { memberId, generationId }
    const [partition] = partitions
    if (partition !== undefined && link.random.chance(0.4)) {
      await link.commitAsZombie(zombie, partition, positions.get(partition) ?? -1)
      return
    }
    link.note(() => `asks as ${memberId} of generation ${zombie.generationId}, which is over`)
    const said = { groupId, memberId, generationId: zombie.generationId }
    const { errorCode } = link.random.chance(0.5)
      ? await link.ask(Heartbeat, said)
      : await link.ask(SyncGroup, { ...said, assignments: [] })
    link.histories.history.onZombieAnswered(groupId, zombie, errorCode === ErrorCode.NONE)
  }

  async #leave({ memberId }: Generation): Promise<void> {
    const { link } = this
    link.note(() => 'leaves')
    this.forget()
    link.histories.claims.onGivesUpAllBut(link.plan.name, memberId, new Set())
    const left = await link.ask(LeaveGroup, { groupId: link.plan.name, members: [{ memberId }] })
    link.check(left.errorCode)
  }
}
