/**
 * What all handlers of one term of office share: the context, the fenced store, the sender, and the one way to change partition states:
 * compute, write with the old version as condition, take over what was written, and compute again where somebody else was faster.
 */
import type { Clock, Logger, Random } from '../platform'
import type { ControllerConfig, TopicConfigRules } from './config'
import type { ControllerContext, PartitionContext } from './controller-context'
import type { EventQueue } from './event-queue'
import type { ControllerEvent, IsrChange, LeaderChange } from './events'
import type { FencedStore, StateWrite } from './fenced-store'
import { afterAvailabilityChange, afterUnseenRestarts, initialState } from './partition-changes'
import type { RequestSender } from './request-sender'
import { RequestBatch } from './requests'
import { LeaderRecoveryState, NO_LEADER, type PartitionState } from './types'
import type { TopicConfigs } from './znodes'

export interface ScopeParts {
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly config: ControllerConfig
  readonly topicConfigRules: TopicConfigRules
  readonly context: ControllerContext
  readonly store: FencedStore
  readonly sender: RequestSender
  readonly queue: EventQueue
  /** A topic's own configuration, as last read. */
  readonly configsOf: (topic: string) => TopicConfigs
  readonly emit: (event: ControllerEvent) => void
}

/** Resolves when all brokers know. In an object, for an async function that returned it bare would wait for it, and the event queue with it. */
export interface Announcement {
  readonly announced: Promise<void>
}

export const NOTHING_ANNOUNCED: Announcement = { announced: Promise.resolve() }

export interface StateChange {
  readonly partition: PartitionContext
  readonly previous: PartitionState
  readonly next: PartitionState
}

interface ContextWrite extends StateWrite {
  readonly context: PartitionContext
}

export class ControllerScope {
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly config: ControllerConfig
  readonly topicConfigRules: TopicConfigRules
  readonly context: ControllerContext
  readonly store: FencedStore
  readonly sender: RequestSender
  readonly queue: EventQueue
  readonly configsOf: (topic: string) => TopicConfigs
  readonly emit: (event: ControllerEvent) => void

  constructor(parts: ScopeParts) {
    this.clock = parts.clock
    this.random = parts.random
    this.logger = parts.logger
    this.config = parts.config
    this.topicConfigRules = parts.topicConfigRules
    this.context = parts.context
    this.store = parts.store
    this.sender = parts.sender
    this.queue = parts.queue
    this.configsOf = parts.configsOf
    this.emit = parts.emit
  }

  newBatch(): RequestBatch {
    return new RequestBatch(this.context)
  }

  /** Queues the batch for the brokers at once; resolves when all of them have answered or are gone. Handlers do not wait for it. */
  dispatch(batch: RequestBatch): Promise<void> {
    return this.sender.send(batch.build())
  }

  /** Writes what `compute` says of each of `partitions`. A state that somebody else has changed is taken over, and computed anew. */
  async changeStates(
    partitions: Iterable<PartitionContext>,
    compute: (partition: PartitionContext, state: PartitionState) => PartitionState | null,
  ): Promise<StateChange[]> {
    const changes: StateChange[] = []
    for (let pending = [...partitions]; pending.length > 0; ) {
      const writes: ContextWrite[] = []
      for (const context of pending) {
        const state = context.state === null ? null : compute(context, context.state)
        if (state !== null) writes.push({ topic: context.topic.name, partition: context.partition, state, context })
      }
      if (writes.length === 0) break
      const { written, conflicts } = await this.store.updateStates(writes)
      for (const { context, state } of written) {
        if (context.state !== null) changes.push({ partition: context, previous: context.state, next: state })
        this.takeOver(context, state, this.context.epoch)
      }
      for (const { write, actual } of conflicts) {
        this.logger.info('A partition state was changed by somebody else and is taken over', { partition: write.context.key })
        this.takeOver(write.context, actual?.state ?? null, actual?.controllerEpoch ?? 0)
      }
      pending = conflicts.filter(({ actual }) => actual !== null).map(({ write }) => write.context)
    }
    return changes
  }

  /** Elects where the leader is gone and takes from the ISR who is offline, and adds to the batch who must hear of it. */
  async adjustToAvailability(partitions: Iterable<PartitionContext>, batch: RequestBatch): Promise<StateChange[]> {
    const changes = await this.changeStates(partitions, (partition, state) =>
      afterAvailabilityChange(
        state,
        partition.assignment.replicas,
        this.context.availabilityOf(partition),
        this.isUncleanAllowed(partition.topic.name),
      ),
    )
    for (const { partition } of changes) batch.addLeaderAndIsr(partition.assignment.replicas, partition)
    return changes
  }

  /** As a term begins: brokers that came back as other processes while no controller looked. Everybody is told everything then anyway. */
  adjustToUnseenRestarts(partitions: Iterable<PartitionContext>): Promise<StateChange[]> {
    return this.changeStates(partitions, (partition, state) =>
      afterUnseenRestarts(
        state,
        partition.assignment.replicas,
        this.context.availabilityOf(partition),
        (id) => (this.context.brokers.get(id)?.epoch ?? 0) > partition.loadedZxid,
      ),
    )
  }

  /** The first state of partitions that have none, as far as a replica is online. Answers those that have one now. */
  async initialisePartitions(partitions: Iterable<PartitionContext>, batch: RequestBatch): Promise<PartitionContext[]> {
    const writes: ContextWrite[] = []
    for (const context of partitions) {
      const state =
        context.state === null ? initialState(context.assignment.replicas, this.context.availabilityOf(context).isOnline) : null
      if (state !== null) writes.push({ topic: context.topic.name, partition: context.partition, state, context })
    }
    if (writes.length === 0) return []
    const { written, conflicts } = await this.store.createStates(writes)
    for (const { context, state } of written) {
      this.takeOver(context, state, this.context.epoch)
      batch.addLeaderAndIsr(context.assignment.replicas, context, true)
    }
    const adopted: PartitionContext[] = []
    for (const { write, actual } of conflicts) {
      if (actual === null) continue
      this.takeOver(write.context, actual.state, actual.controllerEpoch)
      batch.addLeaderAndIsr(write.context.assignment.replicas, write.context)
      adopted.push(write.context)
    }
    if (adopted.length > 0) await this.adjustToAvailability(adopted, batch)
    return [...written.map(({ context }) => context), ...adopted]
  }

  takeOver(partition: PartitionContext, state: PartitionState | null, controllerEpoch: number): void {
    partition.state = state
    partition.controllerEpoch = controllerEpoch
  }

  isUncleanAllowed(topic: string): boolean {
    const own = this.configsOf(topic)['unclean.leader.election.enable']
    return own === undefined ? this.config.uncleanLeaderElectionEnable : /^\s*true\s*$/i.test(own)
  }

  /** Tells the timeline of changes that brokers coming and going have brought. */
  emitChanges(changes: readonly StateChange[], startedMs: number): void {
    const leaders = leaderChanges(changes)
    const elected = leaders.filter(({ leader }) => leader !== NO_LEADER)
    const offline = leaders.filter(({ leader }) => leader === NO_LEADER)
    const tookMs = this.clock.monotonicMs() - startedMs
    if (elected.length > 0) this.emit({ type: 'leaders-elected', changes: elected, tookMs })
    if (offline.length > 0) this.emit({ type: 'partition-offline', partitions: offline })
    const isrs = isrChanges(changes)
    if (isrs.length > 0) this.emit({ type: 'isr-changed', changes: isrs })
  }
}

export function leaderChanges(changes: readonly StateChange[]): LeaderChange[] {
  return changes
    .filter(({ previous, next }) => previous.leader !== next.leader)
    .map(({ partition, previous, next }) => ({
      topic: partition.topic.name,
      partition: partition.partition,
      previousLeader: previous.leader,
      leader: next.leader,
      leaderEpoch: next.leaderEpoch,
      isr: next.isr,
      isUnclean: next.leaderRecoveryState === LeaderRecoveryState.RECOVERING && !previous.isr.includes(next.leader),
    }))
}

export function isrChanges(changes: readonly StateChange[]): IsrChange[] {
  return changes
    .filter(({ previous, next }) => previous.isr.length !== next.isr.length || !previous.isr.every((id) => next.isr.includes(id)))
    .map(({ partition, previous, next }) => ({
      topic: partition.topic.name,
      partition: partition.partition,
      leader: next.leader,
      previousIsr: previous.isr,
      isr: next.isr,
    }))
}
