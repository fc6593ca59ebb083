/** AlterPartition: leaders ask for new ISRs, the controller judges (alter-partition.ts), writes, answers, and tells everybody's metadata. */
import { ErrorCode } from '../wire/errors'
import type { AlterPartition } from '../wire/messages/56-alter-partition'
import type { Encodable, RequestOf, ResponseOf } from '../wire/schema'
import { judgeIsrProposal } from './alter-partition'
import type { PartitionContext } from './controller-context'
import type { StateWrite } from './fenced-store'
import type { Reassignments } from './reassignments'
import { type ControllerScope, isrChanges, type StateChange } from './scope'
import type { PartitionState } from './types'

export type AlterPartitionRequest = RequestOf<typeof AlterPartition>
export type AlterPartitionResponse = ResponseOf<typeof AlterPartition>

type PartitionProposal = AlterPartitionRequest['topics'][number]['partitions'][number]
type PartitionAnswer = AlterPartitionResponse['topics'][number]['partitions'][number]

interface PendingWrite extends StateWrite {
  readonly context: PartitionContext
  readonly previous: PartitionState
}

export function refuseAlterPartition(errorCode: ErrorCode): AlterPartitionResponse {
  return { throttleTimeMs: 0, errorCode, topics: [] }
}

export class IsrChanges {
  constructor(
    private readonly scope: ControllerScope,
    private readonly reassignments: Reassignments,
  ) {}

  async alterPartition(request: AlterPartitionRequest): Promise<AlterPartitionResponse> {
    const { context } = this.scope
    if (context.brokers.get(request.brokerId)?.epoch !== request.brokerEpoch)
      return refuseAlterPartition(ErrorCode.STALE_BROKER_EPOCH)
    const writes: PendingWrite[] = []
    const refused = new Map<PartitionProposal, ErrorCode>()
    for (const topic of request.topics) {
      const name = nameOf(topic, context.topicNameById)
      for (const proposal of topic.partitions) {
        const verdict = this.judge(request.brokerId, name, proposal)
        if (typeof verdict === 'number') refused.set(proposal, verdict)
        else if (verdict !== null) writes.push(verdict)
      }
    }
    const changes = await this.write(writes)
    const written = new Set(changes.map(({ partition }) => partition))
    const topics = request.topics.map((topic) => {
      const name = nameOf(topic, context.topicNameById)
      const partitions = topic.partitions.map((proposal): PartitionAnswer => {
        const partition = name === null ? undefined : context.partition(name, proposal.partitionIndex)
        const hasLost = partition !== undefined && writes.some((write) => write.context === partition) && !written.has(partition)
        const errorCode = hasLost ? ErrorCode.INVALID_UPDATE_VERSION : (refused.get(proposal) ?? ErrorCode.NONE)
        return answerOf(proposal.partitionIndex, errorCode, partition?.state ?? null)
      })
      return { topicName: name ?? topic.topicName, topicId: topic.topicId, partitions }
    })
    return { throttleTimeMs: 0, errorCode: ErrorCode.NONE, topics }
  }

  /** What to write, an error code, or null where all is as proposed already. */
  private judge(brokerId: number, topic: string | null, proposal: PartitionProposal): PendingWrite | ErrorCode | null {
    const { context } = this.scope
    if (topic === null) return ErrorCode.UNKNOWN_TOPIC_ID
    const partition = context.deleting.has(topic) ? undefined : context.partition(topic, proposal.partitionIndex)
    const isr =
      proposal.newIsrWithEpochs.length > 0
        ? proposal.newIsrWithEpochs
        : proposal.newIsr.map((id) => ({ brokerId: id, brokerEpoch: -1 }))
    const { leaderEpoch, partitionEpoch, leaderRecoveryState } = proposal
    const verdict = judgeIsrProposal(
      { brokerId, leaderEpoch, partitionEpoch, isr, leaderRecoveryState },
      partition?.state ?? null,
      partition?.assignment.replicas ?? [],
      (id) => context.eligibleBrokerEpoch(id),
    )
    if (verdict.kind === 'refuse') {
      this.scope.logger.info('An ISR proposed by a leader was refused', {
        brokerId,
        topic,
        partition: proposal.partitionIndex,
        isr: isr.map((member) => member.brokerId),
        reason: verdict.reason,
      })
      return verdict.errorCode
    }
    if (verdict.kind === 'unchanged' || !partition?.state) return null
    return { topic, partition: partition.partition, state: verdict.state, context: partition, previous: partition.state }
  }

  private async write(writes: readonly PendingWrite[]): Promise<StateChange[]> {
    if (writes.length === 0) return []
    const { written, conflicts } = await this.scope.store.updateStates(writes)
    const batch = this.scope.newBatch()
    const changes: StateChange[] = []
    for (const { context, previous, state } of written) {
      this.scope.takeOver(context, state, this.scope.context.epoch)
      batch.addMetadata(context)
      changes.push({ partition: context, previous, next: state })
    }
    for (const { write, actual } of conflicts) {
      this.scope.takeOver(write.context, actual?.state ?? null, actual?.controllerEpoch ?? 0)
      // INVALID_UPDATE_VERSION makes the leader wait for this: it keeps its change pending, and proposes no other, until it hears what holds.
      if (actual !== null) batch.addLeaderAndIsr(write.context.assignment.replicas, write.context)
    }
    void this.scope.dispatch(batch)
    const isrs = isrChanges(changes)
    if (isrs.length > 0) this.scope.emit({ type: 'isr-changed', changes: isrs })
    // An event of its own: the leader's answer does not wait for it.
    if (changes.some(({ partition }) => this.reassignments.isReady(partition)))
      this.scope.queue.post('reassignments-ready', () => this.reassignments.complete())
    return changes
  }
}

/** Versions before 2 name the topic, later ones its id. */
function nameOf(topic: AlterPartitionRequest['topics'][number], nameById: ReadonlyMap<string, string>): string | null {
  return topic.topicName === '' ? (nameById.get(topic.topicId) ?? null) : topic.topicName
}

function answerOf(partitionIndex: number, errorCode: ErrorCode, state: PartitionState | null): PartitionAnswer {
  if (errorCode !== ErrorCode.NONE || state === null) {
    return { partitionIndex, errorCode, leaderId: -1, leaderEpoch: -1, isr: [], leaderRecoveryState: 0, partitionEpoch: -1 }
  }
  const { leader, leaderEpoch, isr, leaderRecoveryState, partitionEpoch } = state
  return { partitionIndex, errorCode, leaderId: leader, leaderEpoch, isr: [...isr], leaderRecoveryState, partitionEpoch }
}

export type AlterPartitionBody = Encodable<AlterPartitionRequest>
