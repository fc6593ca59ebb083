/**
 * Elections that no failure calls for: preferred leaders taken back, on request or by themselves, and unclean elections on request (ElectLeaders),
 * by configuration, or by the znode that Kafka's old tools write.
 */
import { ErrorCode } from '../wire/errors'
import type { PartitionContext } from './controller-context'
import { failureName } from './coordination-port'
import { electPreferred } from './elections'
import { afterPreferredElection, afterUncleanElection } from './partition-changes'
import { type Announcement, type ControllerScope, leaderChanges, NOTHING_ANNOUNCED, type StateChange } from './scope'
import { NO_LEADER, type PartitionId, type PartitionState } from './types'
import { decodePreferredElection, PREFERRED_ELECTION } from './znodes'

export type ElectionType = 'preferred' | 'unclean'

export interface ElectionResult extends PartitionId {
  readonly errorCode: ErrorCode
  readonly errorMessage: string | null
}

export interface ElectionOutcome extends Announcement {
  readonly results: readonly ElectionResult[]
}

export class LeaderElections {
  constructor(private readonly scope: ControllerScope) {}

  /** Of `asked`, or of all partitions that there are; of these those that need none are left out of the answer, as in Kafka. */
  async electLeaders(type: ElectionType, asked: readonly PartitionId[] | null): Promise<ElectionOutcome> {
    const { context } = this.scope
    const results: ElectionResult[] = []
    const electable: PartitionContext[] = []
    const answer = ({ topic, partition }: PartitionId, errorCode: ErrorCode, errorMessage: string | null = null) =>
      results.push({ topic, partition, errorCode, errorMessage })
    const partitions = asked ?? [...context.livePartitions()].map(({ topic, partition }) => ({ topic: topic.name, partition }))
    for (const id of partitions) {
      const partition = context.partition(id.topic, id.partition)
      if (partition === undefined) answer(id, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, 'The partition does not exist.')
      else if (context.deleting.has(id.topic)) answer(id, ErrorCode.INVALID_TOPIC_EXCEPTION, 'The topic is being deleted')
      else if (this.needsElection(type, partition)) electable.push(partition)
      else if (asked !== null) answer(id, ErrorCode.ELECTION_NOT_NEEDED)
    }
    const { changes, announced } = await this.elect(type, electable, 'request')
    const elected = new Set(changes.map(({ partition }) => partition))
    for (const partition of electable) {
      const id = { topic: partition.topic.name, partition: partition.partition }
      if (elected.has(partition)) answer(id, ErrorCode.NONE)
      else answer(id, ...impossibility(type, partition))
    }
    return { results, announced }
  }

  /** Gives leaderships back to brokers that lead less of what they should than the configured share. */
  async rebalance(): Promise<void> {
    const byPreferred = new Map<number, PartitionContext[]>()
    for (const partition of this.scope.context.livePartitions()) {
      const preferred = partition.assignment.replicas[0]
      if (preferred === undefined || partition.state === null) continue
      const list = byPreferred.get(preferred)
      if (list === undefined) byPreferred.set(preferred, [partition])
      else list.push(partition)
    }
    const candidates: PartitionContext[] = []
    for (const [brokerId, partitions] of byPreferred) {
      const ledByOthers = partitions.filter(({ state }) => state?.leader !== brokerId)
      const imbalancePercentage = (ledByOthers.length / partitions.length) * 100
      if (imbalancePercentage <= this.scope.config.leaderImbalancePerBrokerPercentage) continue
      candidates.push(...ledByOthers.filter((partition) => this.canPreferredLead(partition)))
    }
    if (candidates.length > 0) await this.elect('preferred', candidates, 'automatic')
  }

  /** Unclean election has been allowed for a topic: what has no leader may get one now. */
  async onUncleanAllowed(topic: string): Promise<void> {
    const startedMs = this.scope.clock.monotonicMs()
    const batch = this.scope.newBatch()
    const offline = this.scope.context.partitionsWithoutLeader().filter((partition) => partition.topic.name === topic)
    const changes = await this.scope.adjustToAvailability(offline, batch)
    if (changes.length === 0) return
    void this.scope.dispatch(batch)
    this.scope.emitChanges(changes, startedMs)
  }

  /** /admin/preferred_replica_election: the partitions that it names, and then it is removed. Sets the watch for the next one. */
  async watchRequests(): Promise<void> {
    const { store, queue } = this.scope
    const watcher = () => queue.post('preferred-election-requested', () => this.watchRequests())
    if ((await store.coordination.exists(PREFERRED_ELECTION, watcher)) === null) return
    const found = await store.coordination.getData(PREFERRED_ELECTION)
    if (found === null) return
    await this.electLeaders('preferred', decodePreferredElection(found.data))
    try {
      await store.multi([{ type: 'delete', path: PREFERRED_ELECTION, version: -1 }])
    } catch (error) {
      if (failureName(error) !== 'NONODE') throw error
    }
  }

  private needsElection(type: ElectionType, { state, assignment }: PartitionContext): boolean {
    if (state === null) return false
    if (type === 'preferred') return state.leader !== assignment.replicas[0]
    return state.leader === NO_LEADER || !this.scope.context.brokers.has(state.leader)
  }

  private canPreferredLead(partition: PartitionContext): boolean {
    const { isOnline } = this.scope.context.availabilityOf(partition)
    return electPreferred(partition.assignment.replicas, partition.state?.isr ?? [], isOnline) !== null
  }

  private async elect(
    type: ElectionType,
    partitions: readonly PartitionContext[],
    trigger: 'automatic' | 'request',
  ): Promise<Announcement & { readonly changes: readonly StateChange[] }> {
    const startedMs = this.scope.clock.monotonicMs()
    const rule = type === 'preferred' ? afterPreferredElection : afterUncleanElection
    const changes = await this.scope.changeStates(partitions, (partition: PartitionContext, state: PartitionState) =>
      rule(state, partition.assignment.replicas, this.scope.context.availabilityOf(partition).isOnline),
    )
    if (changes.length === 0) return { changes, ...NOTHING_ANNOUNCED }
    const batch = this.scope.newBatch()
    for (const { partition } of changes) batch.addLeaderAndIsr(partition.assignment.replicas, partition)
    const announced = this.scope.dispatch(batch)
    if (type === 'preferred') this.scope.emit({ type: 'preferred-election', trigger, changes: leaderChanges(changes) })
    else this.scope.emitChanges(changes, startedMs)
    return { changes, announced }
  }
}

function impossibility(type: ElectionType, { key }: PartitionContext): [ErrorCode, string] {
  return type === 'preferred'
    ? [ErrorCode.PREFERRED_LEADER_NOT_AVAILABLE, `The preferred leader of ${key} is not online and in sync.`]
    : [ErrorCode.ELIGIBLE_LEADERS_NOT_AVAILABLE, `No replica of ${key} is online.`]
}
