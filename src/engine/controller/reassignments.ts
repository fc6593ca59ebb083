/**
 * Reassignments at work (KIP-455): takes what is asked of AlterPartitionReassignments, moves partitions step by step, and goes on with what an earlier
 * controller has begun, for all that has to last stands in the topic's znode. Handlers of the event queue are its only callers; the rules are in reassignment.ts.
 *
 * Each step goes in this order: the partition's state without those who leave, so that nobody counts on them; the assignment in the topic's znode; LeaderAndIsr to
 * the replicas that there are now, and StopReplica to those that were. A controller that dies in between leaves a state that is right under the old assignment,
 * too. Kafka writes the assignment first, and a member of the ISR that is no replica stays in it if the controller dies then.
 */
import { ErrorCode, errorMessage } from '../wire/errors'
import type { StopReplica } from '../wire/messages/05-stop-replica'
import type { ResponseOf } from '../wire/schema'
import type { PartitionContext, TopicContext } from './controller-context'
import { failureName } from './coordination-port'
import {
  afterReassignment,
  canComplete,
  completed,
  isBeingReassigned,
  isSameAssignment,
  leavesNobodyInSync,
  originReplicas,
  reassignTo,
  targetReplicas,
  whyInvalid,
} from './reassignment'
import type { RequestBatch, StopReplicaBody } from './requests'
import type { ControllerScope, StateChange } from './scope'
import type { Topics } from './topics'
import type { PartitionId, ReplicaAssignment } from './types'
import { encodeTopic, topicPath } from './znodes'

export interface AskedReassignment extends PartitionId {
  /** Null: cancel the one that is in progress. */
  readonly replicas: readonly number[] | null
}

export interface ReassignmentResult extends PartitionId {
  readonly errorCode: ErrorCode
  readonly errorMessage: string | null
}

export interface OngoingReassignment
  extends PartitionId,
    Pick<ReplicaAssignment, 'replicas' | 'addingReplicas' | 'removingReplicas'> {}

interface Move {
  readonly partition: PartitionContext
  readonly next: ReplicaAssignment
}

export class Reassignments {
  /** The leader epoch of the last StopReplica to a stray replica, by `<partition key>@<broker>`: answers to earlier ones say nothing. */
  private readonly stopped = new Map<string, number>()

  constructor(
    private readonly scope: ControllerScope,
    private readonly topics: Topics,
  ) {}

  /** Decides on each by itself, begins what may begin, and answers once that is written. Of two for one partition the last one counts, as in Kafka. */
  async alter(
    asked: readonly AskedReassignment[],
    allowReplicationFactorChange: boolean,
  ): Promise<readonly ReassignmentResult[]> {
    const results: ReassignmentResult[] = []
    const moves = new Map<PartitionContext, Move & { readonly id: PartitionId }>()
    const distinct = new Map(asked.map((each) => [`${each.topic}/${each.partition}`, each]))
    for (const { replicas, ...id } of distinct.values()) {
      const verdict = this.judge(id, replicas, allowReplicationFactorChange)
      if ('errorCode' in verdict) results.push({ ...id, ...verdict })
      else moves.set(verdict.partition, { ...verdict, id })
    }
    const wanted = [...moves.values()].filter(({ partition, next }) => !isSameAssignment(partition.assignment, next))
    const tooLarge = topicsTooLarge(wanted)
    for (const { partition, id } of wanted) {
      if (!tooLarge.has(partition.topic)) continue
      moves.delete(partition)
      results.push({ ...id, ...TOO_LARGE })
    }
    const changing = wanted.filter(({ partition }) => moves.has(partition))
    const moved = await this.move(changing)
    for (const { partition, next, id } of moves.values()) {
      const isThere = moved.has(partition) || isSameAssignment(partition.assignment, next)
      results.push({ ...id, ...(isThere ? { errorCode: ErrorCode.NONE, errorMessage: null } : NOBODY_LEFT) })
    }
    await this.complete()
    return results
  }

  /** Of `asked`, or of all partitions, those in progress. */
  list(asked: readonly PartitionId[] | null): OngoingReassignment[] {
    const { context } = this.scope
    const partitions =
      asked === null
        ? [...context.livePartitions()]
        : asked.map(({ topic, partition }) => (context.deleting.has(topic) ? undefined : context.partition(topic, partition)))
    return partitions
      .filter((partition) => partition !== undefined && isBeingReassigned(partition.assignment))
      .map((found) => {
        const { topic, partition, assignment } = found as PartitionContext
        const { replicas, addingReplicas, removingReplicas } = assignment
        return { topic: topic.name, partition, replicas, addingReplicas, removingReplicas }
      })
  }

  /** As a term begins, when all brokers have been told everything: goes on where the controller before has stopped. */
  async resume(): Promise<void> {
    const batch = this.scope.newBatch()
    this.stopStrays(new Set(this.scope.context.brokerIds()), batch)
    void this.scope.dispatch(batch)
    await this.complete()
  }

  /** Ends all reassignments whose target is in sync. To be called whenever an ISR has grown, or a broker has come. */
  async complete(): Promise<void> {
    const { context } = this.scope
    const ready = [...context.livePartitions()].filter((partition) => this.isReady(partition))
    await this.move(ready.map((partition) => ({ partition, next: completed(partition.assignment) })))
  }

  isReady(partition: PartitionContext): boolean {
    const { context } = this.scope
    if (context.deleting.has(partition.topic.name)) return false
    return canComplete(partition.assignment, partition.state, context.availabilityOf(partition).isOnline)
  }

  /** For brokers that have come: replicas of theirs that were given up while they were away. */
  stopStrays(brokerIds: ReadonlySet<number>, batch: RequestBatch): void {
    for (const partition of this.scope.context.livePartitions()) {
      const { strayReplicas } = partition.assignment
      if (strayReplicas.length > 0)
        this.stop(
          partition,
          strayReplicas.filter((id) => brokerIds.has(id)),
          batch,
        )
    }
  }

  /** Strays whose broker has deleted them are strays no more. Where it could not it is asked again when it comes back. */
  async onStopReplicaResponse(brokerId: number, asked: StopReplicaBody, response: ResponseOf<typeof StopReplica>): Promise<void> {
    if (response.errorCode !== ErrorCode.NONE) return
    const errors = new Map(response.partitionErrors.map((each) => [`${each.topicName}/${each.partitionIndex}`, each.errorCode]))
    const moves: Move[] = []
    for (const { topicName = '', partitionStates = [] } of asked.topicStates ?? []) {
      for (const { partitionIndex = -1, leaderEpoch = -1, deletePartition } of partitionStates) {
        const partition = this.scope.context.partition(topicName, partitionIndex)
        if (partition === undefined || deletePartition !== true || this.scope.context.deleting.has(topicName)) continue
        const { assignment } = partition
        const key = `${partition.key}@${brokerId}`
        if (!assignment.strayReplicas.includes(brokerId) || this.stopped.get(key) !== leaderEpoch) continue
        if (errors.get(partition.key) !== ErrorCode.NONE) continue
        this.stopped.delete(key)
        const strayReplicas = assignment.strayReplicas.filter((id) => id !== brokerId)
        moves.push({ partition, next: { ...assignment, strayReplicas } })
      }
    }
    await this.writeAssignments(moves)
  }

  private judge(
    { topic, partition: index }: PartitionId,
    replicas: readonly number[] | null,
    allowReplicationFactorChange: boolean,
  ): Move | Omit<ReassignmentResult, keyof PartitionId> {
    const { context } = this.scope
    const partition = context.deleting.has(topic) ? undefined : context.partition(topic, index)
    if (partition === undefined) return refuse(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, 'The partition does not exist.')
    const { assignment, state } = partition
    if (replicas === null && !isBeingReassigned(assignment))
      return refuse(ErrorCode.NO_REASSIGNMENT_IN_PROGRESS, errorMessage(ErrorCode.NO_REASSIGNMENT_IN_PROGRESS))
    const invalid = replicas === null ? null : whyInvalid(assignment, replicas, context.liveBrokerIds())
    if (invalid !== null) return refuse(ErrorCode.INVALID_REPLICA_ASSIGNMENT, invalid)
    const factor = targetReplicas(assignment).length
    if (replicas !== null && !allowReplicationFactorChange && replicas.length !== factor) {
      const message = `The replication factor is changed from ${factor} to ${replicas.length}`
      return refuse(ErrorCode.INVALID_REPLICATION_FACTOR, message)
    }
    const next = reassignTo(assignment, replicas ?? originReplicas(assignment))
    return leavesNobodyInSync(state, next) ? NOBODY_LEFT : { partition, next }
  }

  /** One step for each: see above. Answers those that have gone. */
  private async move(moves: readonly Move[]): Promise<ReadonlySet<PartitionContext>> {
    if (moves.length === 0) return new Set()
    const startedMs = this.scope.clock.monotonicMs()
    const { context } = this.scope
    const nexts = new Map(moves.map(({ partition, next }) => [partition, next]))
    const changes = await this.scope.changeStates(nexts.keys(), (partition, state) =>
      afterReassignment(state, nexts.get(partition)?.replicas ?? [], context.availabilityOf(partition).isOnline),
    )
    const changed = new Set(changes.map(({ partition }) => partition))
    const before = new Map(moves.map(({ partition }) => [partition, partition.assignment]))
    const written = await this.writeAssignments(
      moves.filter(({ partition }) => partition.state === null || changed.has(partition)),
    )
    const batch = this.scope.newBatch()
    for (const partition of written) this.announce(partition, before.get(partition)?.replicas ?? [], batch)
    await this.scope.initialisePartitions(written, batch)
    void this.scope.dispatch(batch)
    this.tell(written, changes, startedMs)
    return written
  }

  private announce(partition: PartitionContext, before: readonly number[], batch: RequestBatch): void {
    const { replicas, strayReplicas } = partition.assignment
    if (partition.state !== null) {
      batch.addLeaderAndIsr(replicas, partition)
      const added = replicas.filter((id) => !before.includes(id))
      batch.addLeaderAndIsr(added, partition, true)
    }
    this.stop(partition, strayReplicas, batch)
  }

  private stop(partition: PartitionContext, brokerIds: readonly number[], batch: RequestBatch): void {
    const running = brokerIds.filter((id) => this.scope.context.brokers.has(id))
    for (const id of running) this.stopped.set(`${partition.key}@${id}`, partition.state?.leaderEpoch ?? -1)
    batch.addStopReplica(running, partition, true)
  }

  /** The znodes of the topics, each with all that changes in it at once. Answers the partitions that have their new assignment. */
  private async writeAssignments(moves: readonly Move[]): Promise<ReadonlySet<PartitionContext>> {
    const written = new Set<PartitionContext>()
    for (const [topic, ofTopic] of byTopic(moves)) {
      if (!(await this.writeTopic(topic, nextsOf(ofTopic)))) continue
      for (const { partition, next } of ofTopic) {
        partition.assignment = next
        written.add(partition)
      }
    }
    return written
  }

  /** False where the topic is gone. */
  private async writeTopic(topic: TopicContext, nexts: ReadonlyMap<number, ReplicaAssignment>): Promise<boolean> {
    for (;;) {
      const data = encodeTopic(topic.topicId, assignmentsWith(topic, nexts))
      try {
        await this.scope.store.multi([{ type: 'setData', path: topicPath(topic.name), data, version: topic.znodeVersion }])
        topic.znodeVersion++
        return true
      } catch (error) {
        const name = failureName(error)
        if (name !== 'BADVERSION' && name !== 'NONODE') throw error
        if (name === 'NONODE') return false
        // An outside writer, or our own write whose answer was lost. The partitions that it has added are taken over; what it says of others is not.
        const found = await this.topics.read(topic.name)
        if (found === null) return false
        await this.topics.onTopicModified(topic.name)
        if ([...nexts].every(([id, next]) => isAssigned(found.assignments.get(id), next))) return true
      }
    }
  }

  private tell(written: ReadonlySet<PartitionContext>, changes: readonly StateChange[], startedMs: number): void {
    const stepOf = ({ topic, partition, assignment }: PartitionContext) => ({
      ...{ topic: topic.name, partition },
      replicas: targetReplicas(assignment),
    })
    const [begun, ended] = [true, false].map((isBegun) =>
      [...written].filter(({ assignment }) => isBeingReassigned(assignment) === isBegun).map(stepOf),
    )
    if (begun !== undefined && begun.length > 0) this.scope.emit({ type: 'reassignment-begun', partitions: begun })
    this.scope.emitChanges(changes, startedMs)
    if (ended !== undefined && ended.length > 0) this.scope.emit({ type: 'reassignment-ended', partitions: ended })
  }
}

/** Those whose znode could not be written with these moves. */
function topicsTooLarge(moves: readonly Move[]): ReadonlySet<TopicContext> {
  const tooLarge = new Set<TopicContext>()
  for (const [topic, ofTopic] of byTopic(moves)) {
    const data = encodeTopic(topic.topicId, assignmentsWith(topic, nextsOf(ofTopic)))
    if (data.length > TOPIC_ZNODE_BYTES_MAX) tooLarge.add(topic)
  }
  return tooLarge
}

function byTopic(moves: readonly Move[]): ReadonlyMap<TopicContext, readonly Move[]> {
  const topics = new Map<TopicContext, Move[]>()
  for (const move of moves) {
    const ofTopic = topics.get(move.partition.topic)
    if (ofTopic === undefined) topics.set(move.partition.topic, [move])
    else ofTopic.push(move)
  }
  return topics
}

function nextsOf(moves: readonly Move[]): ReadonlyMap<number, ReplicaAssignment> {
  return new Map(moves.map(({ partition, next }) => [partition.partition, next]))
}

function assignmentsWith({ partitions }: TopicContext, nexts: ReadonlyMap<number, ReplicaAssignment>) {
  return new Map([...partitions.values()].map(({ partition, assignment }) => [partition, nexts.get(partition) ?? assignment]))
}

function isAssigned(found: ReplicaAssignment | undefined, wanted: ReplicaAssignment): boolean {
  return found !== undefined && isSameAssignment(found, wanted)
}

function refuse(errorCode: ErrorCode, message: string): Omit<ReassignmentResult, keyof PartitionId> {
  return { errorCode, errorMessage: message }
}

const NOBODY_LEFT = refuse(
  ErrorCode.INVALID_REPLICA_ASSIGNMENT,
  'The partition cannot be assigned so because none of these replicas is in sync: it would require an unclean leader election.',
)

/** Of a server's largest packet (jute.maxbuffer, 1 MB), less what is around it: one that is larger is not refused but ends the connection, each time it is tried. */
const TOPIC_ZNODE_BYTES_MAX = 1_000_000

const TOO_LARGE = refuse(
  ErrorCode.POLICY_VIOLATION,
  'The partitions of this topic cannot be moved all at once: what there is to note of them would not fit into one znode. Move fewer at a time.',
)
