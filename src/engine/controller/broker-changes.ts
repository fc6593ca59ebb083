/**
 * Brokers that join, leave, restart, or are about to stop. The one path whose speed is felt: from the watch on /brokers/ids to the
 * requests in the queues there are one read of the broker znodes and one write of all changed partitions.
 */
import { ErrorCode } from '../wire/errors'
import type { PartitionContext } from './controller-context'
import { afterControlledShutdown } from './partition-changes'
import type { Reassignments } from './reassignments'
import type { RequestBatch } from './requests'
import { type Announcement, type ControllerScope, NOTHING_ANNOUNCED, type StateChange } from './scope'
import type { TopicDeletion } from './topic-deletion'
import type { LiveBroker, PartitionId } from './types'
import { BROKER_IDS, brokerPath, decodeBroker } from './znodes'

export interface ShutdownResult extends Announcement {
  readonly errorCode: ErrorCode
  /** What it leads still, because no other replica can. */
  readonly remaining: readonly PartitionId[]
}

export class BrokerChanges {
  constructor(
    private readonly scope: ControllerScope,
    private readonly deletion: TopicDeletion,
    private readonly reassignments: Reassignments,
  ) {}

  /** Who is registered now. Sets the watch for the next change first. */
  async readBrokers(): Promise<Map<number, LiveBroker>> {
    const { coordination } = this.scope.store
    const names = await coordination.getChildren(BROKER_IDS, () => this.watchFired())
    const brokers = await Promise.all(names.filter((name) => /^\d+$/.test(name)).map((name) => this.readBroker(Number(name))))
    return new Map(brokers.filter((broker) => broker !== null).map((broker) => [broker.id, broker]))
  }

  private watchFired(): void {
    this.scope.queue.post('brokers-changed', () => this.onBrokersChanged())
  }

  private async readBroker(id: number): Promise<LiveBroker | null> {
    const found = await this.scope.store.coordination.getData(brokerPath(id))
    const info = found === null ? null : decodeBroker(id, found.data)
    if (found === null || info === null) return null
    return { ...info, epoch: Number(found.stat.czxid) }
  }

  private async onBrokersChanged(): Promise<void> {
    const startedMs = this.scope.clock.monotonicMs()
    const { context } = this.scope
    const found = await this.readBrokers()
    const gone = [...context.brokers.values()].filter(({ id, epoch }) => found.get(id)?.epoch !== epoch)
    const fresh = [...found.values()].filter(({ id, epoch }) => context.brokers.get(id)?.epoch !== epoch)
    if (gone.length === 0 && fresh.length === 0) return
    const goneIds = new Set(gone.map(({ id }) => id))
    const shuttingDown = new Set(context.shuttingDown)
    const joined = fresh.filter(({ id }) => !goneIds.has(id))
    const restarted = fresh.filter(({ id }) => goneIds.has(id))

    for (const { id } of gone) this.remove(id)
    for (const broker of joined) this.add(broker)
    const batch = this.scope.newBatch()
    const joinedIds = new Set(joined.map(({ id }) => id))
    const changes = await this.adjust(new Set([...goneIds, ...joinedIds]), batch)
    // One that came back before it was missed has lost its leaderships and its place in the ISRs all the same: it is another process.
    for (const broker of restarted) this.add(broker)
    if (restarted.length > 0) changes.push(...(await this.adjust(new Set(restarted.map(({ id }) => id)), batch)))

    batch.addBrokers()
    // Also where neither leader nor ISR has changed: which replicas are offline has.
    for (const partition of context.partitionsOn(goneIds)) batch.addMetadata(partition)
    for (const broker of fresh) this.bringUpToDate(broker, batch)
    const freshIds = new Set(fresh.map(({ id }) => id))
    this.deletion.onBrokersChanged(goneIds, freshIds, batch)
    this.reassignments.stopStrays(freshIds, batch)
    void this.scope.dispatch(batch)

    for (const { id } of gone) {
      if (!restarted.some((broker) => broker.id === id)) {
        this.scope.emit({ type: 'broker-left', brokerId: id, wasShuttingDown: shuttingDown.has(id) })
      }
    }
    for (const { id, epoch } of fresh)
      this.scope.emit({ type: 'broker-joined', brokerId: id, brokerEpoch: epoch, isRestart: goneIds.has(id) })
    this.scope.emitChanges(changes, startedMs)
    await this.deletion.resume()
    await this.reassignments.complete()
  }

  /** Before `brokerId` stops: others take its leaderships, and it leaves the ISRs, so that nobody waits for it when it is gone. */
  async controlledShutdown(brokerId: number, brokerEpoch: number): Promise<ShutdownResult> {
    const { context } = this.scope
    const refused = (errorCode: ErrorCode): ShutdownResult => ({ errorCode, remaining: [], ...NOTHING_ANNOUNCED })
    const broker = context.brokers.get(brokerId)
    if (broker === undefined) return refused(ErrorCode.BROKER_NOT_AVAILABLE)
    if (brokerEpoch !== -1 && brokerEpoch < broker.epoch) return refused(ErrorCode.STALE_BROKER_EPOCH)
    context.shuttingDown.add(brokerId)
    const partitions = context.partitionsOn(new Set([brokerId])).filter(({ assignment }) => assignment.replicas.length > 1)
    const changes = await this.scope.changeStates(partitions, (partition, state) =>
      afterControlledShutdown(state, partition.assignment.replicas, brokerId, context.availabilityOf(partition).isOnline),
    )
    const batch = this.scope.newBatch()
    for (const { partition, previous } of changes) {
      // Where it led it becomes a follower; where it followed it stops to, and only the others need the new ISR.
      const recipients = previous.leader === brokerId ? partition.assignment.replicas : without(partition, brokerId)
      batch.addLeaderAndIsr(recipients, partition)
    }
    const movedFrom = new Set(changes.filter(({ previous }) => previous.leader === brokerId).map(({ partition }) => partition))
    for (const partition of partitions) {
      if (partition.state !== null && partition.state.leader !== brokerId && !movedFrom.has(partition)) {
        batch.addStopReplica([brokerId], partition, false)
      }
    }
    const announced = this.scope.dispatch(batch)
    const remaining = context.partitionsLedBy(brokerId).map(({ topic, partition }) => ({ topic: topic.name, partition }))
    this.scope.emit({
      type: 'broker-shutting-down',
      brokerId,
      movedLeaderCount: movedFrom.size,
      remainingLeaderCount: remaining.length,
    })
    this.scope.emitChanges(changes, this.scope.clock.monotonicMs())
    return { errorCode: ErrorCode.NONE, remaining, announced }
  }

  /** A broker says that it cannot read the logs of `failed`, or that it can again read those of `recovered`. */
  async onReplicaHealth(
    brokerId: number,
    failed: readonly PartitionContext[],
    recovered: readonly PartitionContext[],
  ): Promise<void> {
    const { context } = this.scope
    for (const partition of recovered) context.setReplicaFailed(brokerId, partition, false)
    const affected = failed.filter((partition) => context.setReplicaFailed(brokerId, partition, true))
    if (affected.length === 0) return this.reassignments.complete()
    this.scope.logger.warn('Replicas cannot be read by their broker and count as offline', {
      brokerId,
      replicas: affected.map(({ key }) => key),
    })
    const startedMs = this.scope.clock.monotonicMs()
    const batch = this.scope.newBatch()
    const changes = await this.scope.adjustToAvailability(affected, batch)
    for (const partition of affected) batch.addMetadata(partition)
    void this.scope.dispatch(batch)
    this.scope.emitChanges(changes, startedMs)
    await this.reassignments.complete()
  }

  add(broker: LiveBroker): void {
    this.scope.context.addBroker(broker)
    this.scope.sender.addBroker(broker)
  }

  private remove(id: number): void {
    this.scope.context.removeBroker(id)
    this.scope.sender.removeBroker(id)
  }

  /** Partitions on `brokerIds`, whose availability has changed: the first state for those that had none, elections for the others. */
  private async adjust(brokerIds: ReadonlySet<number>, batch: RequestBatch): Promise<StateChange[]> {
    const partitions = this.scope.context.partitionsOn(brokerIds)
    const changes = await this.scope.adjustToAvailability(partitions, batch)
    await this.scope.initialisePartitions(partitions, batch)
    return changes
  }

  /** Everything for a broker that knows nothing: the others, its replicas, the metadata. */
  private bringUpToDate(broker: LiveBroker, batch: RequestBatch): void {
    batch.addIntroduction(broker.id)
    for (const partition of this.scope.context.partitionsOn(new Set([broker.id]))) {
      if (partition.state !== null) batch.addLeaderAndIsr([broker.id], partition)
    }
  }
}

function without({ assignment }: PartitionContext, brokerId: number): number[] {
  return assignment.replicas.filter((id) => id !== brokerId)
}
