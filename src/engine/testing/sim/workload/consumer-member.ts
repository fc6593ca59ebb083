/**
 * A group member that speaks the new consumer protocol (KIP-848), as consumers do: says in its heartbeats what it owns, gives up what it is told to before it says
 * so, takes what is new, reads back how far the group has come there, commits further in the epoch that it was told. Run by GroupMemberClient.
 */
import { pause } from '../../../client/retry'
import { ErrorCode } from '../../../wire/errors'
import { ConsumerGroupHeartbeat } from '../../../wire/messages/68-consumer-group-heartbeat'
import { isOutcomeUnknown, type MemberLink } from './member-link'

const JOIN_EPOCH = 0
const LEAVE_EPOCH = -1

/** A membership, from its first heartbeat to whatever ends it; a coordinator that does not answer does not. */
interface Life {
  memberEpoch: number
  /** Epochs that it was told, the last one not among them. */
  readonly epochsBefore: number[]
  /** By which broker it was told the last one. */
  toldBy: number
  readonly owned: Set<number>
  /** Of those that have been read back. */
  readonly positions: Map<number, number>
  topicId: string
  /** Whether the coordinator is to hear what is owned. */
  hasNews: boolean
  /** What it was last told to own, and when it will have given up what it is to. */
  told: ReadonlySet<number>
  hasGivenUpAtMs: number | null
  /** When that heartbeat was sent which may have begun the time for giving something up; null: nothing is to be given up. */
  givesUpSinceMs: number | null
}

export class ConsumerMember {
  #memberId = ''
  /** The id under which it last asked to be taken in, whatever came of that. */
  #askedAs = ''
  #life: Life | null = null
  readonly #sessionTimeoutMs: number

  constructor(
    private readonly link: MemberLink,
    private readonly isToLeave: () => boolean,
  ) {
    this.#sessionTimeoutMs = Number(link.context.world.config.brokerConfigs['group.consumer.session.timeout.ms'] ?? 45_000)
  }

  /** Until it leaves, or something goes wrong. */
  async live(): Promise<void> {
    const { link } = this
    const { plan, random, context } = link
    const { clock } = link.process.platform
    if (this.#memberId === '') this.#memberId = random.bytes(8).toString('hex')
    this.#life ??= newLife()
    const life = this.#life
    if (life.memberEpoch === JOIN_EPOCH) link.histories.claims.onGivesUpAllBut(plan.name, this.#memberId, life.owned)
    await this.#heartbeat(life)
    for (;;) {
      await pause(clock, random.within(0, 2 * plan.commitEveryMs))
      if (link.isClosed) return
      if (!context.isStopped && random.chance(plan.silenceChance)) {
        const silenceMs = this.#sessionTimeoutMs * random.within(0.7, 1.8)
        link.note(() => `is silent for ${Math.round(silenceMs)} ms`)
        await pause(clock, silenceMs)
      }
      if (this.isToLeave()) {
        await this.#leave()
        return
      }
      await this.#actAsZombie(life)
      await this.#commit(life)
      await this.#reconcile(life)
      await this.#heartbeat(life)
    }
  }

  /** It has lost what it had, and comes again under its id. */
  beginAnew(): void {
    this.#life = null
  }

  /** It comes again as somebody new. */
  forget(): void {
    this.#life = null
    this.#memberId = ''
  }

  async #heartbeat(life: Life): Promise<void> {
    const { link } = this
    const { claims, history } = link.histories
    const { name: groupId, rebalanceTimeoutMs } = link.plan
    const memberId = this.#memberId
    const { memberEpoch } = life
    const isJoining = memberEpoch === JOIN_EPOCH
    // Its coordinator may know it from before, tell it to give up what it had then, and count the time for that, though it has nothing.
    const mayOwe = isJoining && this.#askedAs === memberId
    if (isJoining) this.#askedAs = memberId
    const isFull = isJoining || life.hasNews || link.random.chance(0.1)
    const sentMs = link.nowMs
    // It says what it has: what is not among that is anybody's from now on.
    if (isFull) claims.onGivesUpAllBut(groupId, memberId, life.owned)
    const wasClean = life.givesUpSinceMs === null
    life.givesUpSinceMs ??= sentMs
    claims.limit(groupId, memberId, life.givesUpSinceMs + link.certain(rebalanceTimeoutMs))
    // Until it is answered nothing that it has said is known to have been heard. Some clients say it again only where they have been slow.
    life.hasNews = life.hasNews || link.random.chance(0.5)
    const owned = [...life.owned].sort((a, b) => a - b)
    await link.findCoordinator()
    const onJoinKnown = isJoining ? history.onConsumerJoins(groupId) : null
    const answer = await link.ask(ConsumerGroupHeartbeat, {
      groupId,
      memberId,
      memberEpoch,
      ...(isJoining ? { rebalanceTimeoutMs, ...this.#subscription() } : {}),
      topicPartitions: isFull ? (owned.length === 0 ? [] : [{ topicId: life.topicId, partitions: owned }]) : null,
    })
    if (!isOutcomeUnknown(answer.errorCode)) onJoinKnown?.()
    link.check(answer.errorCode)
    life.hasNews = false
    const told = answer.assignment === null ? null : this.#toldIn(answer.assignment.topicPartitions, life)
    const isToGiveUp = told !== null && owned.some((partition) => !told.has(partition))
    // One that has not said what it owns may have been told before what to give up.
    if (!isToGiveUp && !mayOwe && (isFull || wasClean)) life.givesUpSinceMs = null
    const isNewEpoch = answer.memberEpoch !== memberEpoch
    if (isNewEpoch) {
      life.epochsBefore.push(memberEpoch)
      life.memberEpoch = answer.memberEpoch
    }
    life.toldBy = link.coordinatorId
    history.onConsumerTold(groupId, isNewEpoch)
    const sessionMs = this.#sessionTimeoutMs
    const graceMs =
      life.givesUpSinceMs === null ? Number.POSITIVE_INFINITY : life.givesUpSinceMs + link.certain(rebalanceTimeoutMs)
    const { coordinatorId, spanMs } = link.terms(sentMs, Math.min(sessionMs, rebalanceTimeoutMs))
    const terms = { coordinatorId, spanMs, untilMs: Math.min(sentMs + link.certain(sessionMs), graceMs) }
    if (told === null) {
      claims.onRenewed(groupId, memberId, terms)
      return
    }
    link.note(() => `is ${memberId} in epoch ${life.memberEpoch} with [${[...told]}]`)
    claims.onTold(groupId, memberId, [...told], terms)
    life.told = told
    await this.#reconcile(life)
  }

  /** Goes from what it owns to what it was told. Somebody who is slow sends heartbeats meanwhile that do not say what it owns, as consumers do. */
  async #reconcile(life: Life): Promise<void> {
    const { link } = this
    const { told } = life
    for (const partition of told) {
      if (life.owned.has(partition)) continue
      life.owned.add(partition)
      life.hasNews = true
    }
    const given = [...life.owned].filter((partition) => !told.has(partition))
    if (given.length === 0) {
      life.hasGivenUpAtMs = null
      return
    }
    const graceMs = link.random.chance(0.3) ? link.random.within(0, link.plan.rebalanceTimeoutMs) : 0
    life.hasGivenUpAtMs ??= link.nowMs + graceMs
    if (link.nowMs < life.hasGivenUpAtMs) return
    // How far it has come is committed before it is given up, mostly.
    if (link.random.chance(0.7)) await this.#commit(life)
    for (const partition of given) {
      life.owned.delete(partition)
      life.positions.delete(partition)
    }
    life.hasGivenUpAtMs = null
    life.hasNews = true
  }

  async #commit(life: Life): Promise<void> {
    const { link } = this
    const who = { memberId: this.#memberId, generationId: life.memberEpoch }
    const unread = [...life.owned].filter((partition) => !life.positions.has(partition))
    if (unread.length > 0) {
      const positions = await link.readBack(unread, who, (partition) => this.#isSure(partition))
      for (const [partition, position] of positions) life.positions.set(partition, position)
    }
    // What it does not know any more whether it has it, or has been read by somebody else meanwhile, its epoch speaks for.
    await link.commit(who, [...life.owned], life.positions, () => this.forget())
  }

  #isSure(partition: number): boolean {
    const { histories, plan } = this.link
    const coordinatorId = histories.coordinatorId(plan.name)
    return coordinatorId !== null && histories.claims.isSure(plan.name, this.#memberId, partition, coordinatorId)
  }

  /** By name, or by an expression that matches one topic only. */
  #subscription() {
    const { topic, isByRegex } = this.link.plan
    return isByRegex
      ? { subscribedTopicNames: [], subscribedTopicRegex: `${topic}|${topic}-no` }
      : { subscribedTopicNames: [topic] }
  }

  /** Says something in an epoch that is over: it has been told of two later ones, so that not even a lost answer excuses it. */
  async #actAsZombie(life: Life): Promise<void> {
    const { link } = this
    const { name: groupId, zombieChance } = link.plan
    const [partition] = life.owned
    const epoch = life.epochsBefore.filter((before) => before !== JOIN_EPOCH).at(-2)
    if (epoch === undefined || partition === undefined || !link.random.chance(zombieChance)) return
    // Another coordinator may be one of before, that has not heard yet that it is none any more.
    if (life.toldBy !== link.coordinatorId) return
    const zombie = { memberId: this.#memberId, generationId: epoch }
    if (link.random.chance(0.5)) {
      await link.commitAsZombie(zombie, partition, life.positions.get(partition) ?? -1)
      return
    }
    link.note(() => `sends a heartbeat of epoch ${epoch}, which is over`)
    const heartbeat = { groupId, memberId: zombie.memberId, memberEpoch: epoch, topicPartitions: [] }
    const { errorCode } = await link.ask(ConsumerGroupHeartbeat, heartbeat)
    link.histories.history.onZombieAnswered(groupId, zombie, errorCode === ErrorCode.NONE)
  }

  async #leave(): Promise<void> {
    const { link } = this
    const groupId = link.plan.name
    const memberId = this.#memberId
    link.note(() => 'leaves')
    this.forget()
    link.histories.claims.onGivesUpAllBut(groupId, memberId, new Set())
    const { errorCode } = await link.ask(ConsumerGroupHeartbeat, { groupId, memberId, memberEpoch: LEAVE_EPOCH })
    link.check(errorCode)
  }

  #toldIn(
    topics: readonly { readonly topicId: string; readonly partitions: readonly number[] }[],
    life: Life,
  ): ReadonlySet<number> {
    const told = new Set<number>()
    for (const { topicId, partitions } of topics) {
      life.topicId = topicId
      for (const partition of partitions) told.add(partition)
    }
    return told
  }
}

function newLife(): Life {
  return {
    memberEpoch: JOIN_EPOCH,
    epochsBefore: [],
    toldBy: -1,
    owned: new Set(),
    positions: new Map(),
    topicId: '',
    hasNews: true,
    told: new Set(),
    hasGivenUpAtMs: null,
    givesUpSinceMs: null,
  }
}
