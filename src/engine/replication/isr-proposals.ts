/**
 * Carries the leaders' proposals to the controller: Kafka's AlterPartitionManager. All proposals that wait go into one AlterPartition
 * request, one request is in flight at a time, and what the controller did not answer is asked again by the manager's tick.
 *
 * Owned by the ReplicaManager. It decides nothing about ISRs: each answer goes back to its replica.
 */
import type { Logger } from '../platform'
import { ErrorCode, errorName } from '../wire/errors'
import type { AlterPartition } from '../wire/messages/56-alter-partition'
import type { Encodable, RequestOf, ResponseOf } from '../wire/schema'
import { ZERO_UUID } from '../wire/uuid'
import type { AlterPartitionOutcome } from './core/isr'
import { type IsrProposal, UNKNOWN_BROKER_EPOCH } from './core/types'
import type { Replica } from './replica'

export type AlterPartitionRequest = Encodable<RequestOf<typeof AlterPartition>>
export type AlterPartitionResponse = ResponseOf<typeof AlterPartition>

export interface IsrProposalsOptions {
  readonly brokerId: number
  brokerEpoch(): number
  /** Sends to whichever broker is the controller now; rejects where that cannot be. */
  alterPartition(request: AlterPartitionRequest): Promise<AlterPartitionResponse>
  readonly logger: Logger
  /** Monotonic. */
  nowMs(): number
  /** Runs `callback` once the current event is handled. */
  defer(callback: () => void): void
}

/** Between two attempts, while there is no controller for instance; Kafka's AlterPartitionManager waits as long. */
const RETRY_AFTER_MS = 50

type Answers = ReadonlyMap<string, AlterPartitionOutcome>

export class IsrProposals {
  private readonly waiting = new Map<Replica, IsrProposal>()
  private isInFlight = false
  private isSendScheduled = false
  private nextAttemptMs = 0
  private isClosed = false

  constructor(private readonly options: IsrProposalsOptions) {}

  /** A later proposal of the same replica takes the place of an earlier one. */
  submit(replica: Replica, proposal: IsrProposal): void {
    this.waiting.set(replica, proposal)
    this.scheduleSend()
  }

  /** The replica is gone: its proposal is nobody's. */
  withdraw(replica: Replica): void {
    this.waiting.delete(replica)
  }

  /** Asks again for what failed. */
  retry(): void {
    if (this.waiting.size > 0 && this.options.nowMs() >= this.nextAttemptMs) this.scheduleSend()
  }

  close(): void {
    this.isClosed = true
    this.waiting.clear()
  }

  private scheduleSend(): void {
    if (this.isSendScheduled || this.isInFlight || this.isClosed) return
    this.isSendScheduled = true
    // Proposals come in bursts, one follower's fetch after a restart proposes for hundreds of partitions: they go together.
    this.options.defer(() => {
      this.isSendScheduled = false
      if (!this.isInFlight && !this.isClosed && this.waiting.size > 0) this.send()
    })
  }

  private send(): void {
    const sent = new Map(this.waiting)
    this.isInFlight = true
    this.nextAttemptMs = this.options.nowMs() + RETRY_AFTER_MS
    this.options
      .alterPartition(this.requestFor(sent))
      .then(
        (response) => this.onResponse(sent, response),
        (error: unknown) => {
          this.isInFlight = false
          this.options.logger.debug('The controller could not be asked to change an ISR; asking again', { error: String(error) })
        },
      )
      .catch((bug: unknown) => {
        // A broken invariant must end the broker, not a promise.
        this.options.defer(() => {
          throw bug
        })
      })
  }

  private onResponse(sent: ReadonlyMap<Replica, IsrProposal>, response: AlterPartitionResponse): void {
    this.isInFlight = false
    if (this.isClosed) return
    // NOT_CONTROLLER, STALE_BROKER_EPOCH, …: nothing was looked at.
    if (response.errorCode !== ErrorCode.NONE) return
    const answers = answersOf(response)
    for (const [replica, proposal] of sent) {
      if (this.waiting.get(replica) !== proposal) continue
      const answer = answers.get(keyOf(replica.topicId ?? ZERO_UUID, replica.partition))
      if (!answer) continue
      this.waiting.delete(replica)
      if (replica.onAlterPartitionOutcome(proposal, answer)) this.waiting.set(replica, proposal)
      if (!answer.ok) {
        this.options.logger.info('The controller refused a change of an ISR', { partition: replica.name, error: answer.error })
      }
    }
    // Those submitted meanwhile go at once; what has to be repeated waits for the tick.
    for (const [replica, proposal] of this.waiting) {
      if (sent.get(replica) !== proposal) return this.scheduleSend()
    }
  }

  private requestFor(proposals: ReadonlyMap<Replica, IsrProposal>): AlterPartitionRequest {
    const topics = new Map<
      string,
      { topicId: string; partitions: AlterPartitionRequest['topics'][number]['partitions'][number][] }
    >()
    const brokerEpoch = this.options.brokerEpoch()
    for (const [replica, proposal] of proposals) {
      let topic = topics.get(replica.topic)
      if (!topic) {
        topic = { topicId: replica.topicId ?? ZERO_UUID, partitions: [] }
        topics.set(replica.topic, topic)
      }
      topic.partitions.push({
        partitionIndex: replica.partition,
        leaderEpoch: proposal.leaderEpoch,
        partitionEpoch: proposal.partitionEpoch,
        newIsrWithEpochs: proposal.newIsr.map((member) =>
          member.brokerId === this.options.brokerId && member.brokerEpoch === UNKNOWN_BROKER_EPOCH
            ? { brokerId: member.brokerId, brokerEpoch }
            : member,
        ),
      })
    }
    return {
      brokerId: this.options.brokerId,
      brokerEpoch,
      topics: Array.from(topics, ([topicName, topic]) => ({ topicName, ...topic })),
    }
  }
}

function answersOf(response: AlterPartitionResponse): Answers {
  const answers = new Map<string, AlterPartitionOutcome>()
  for (const topic of response.topics) {
    for (const partition of topic.partitions) {
      const { errorCode, leaderId, leaderEpoch, partitionEpoch, isr } = partition
      answers.set(
        keyOf(topic.topicId, partition.partitionIndex),
        errorCode === ErrorCode.NONE
          ? { ok: true, leaderId, leaderEpoch, partitionEpoch, isr }
          : { ok: false, error: errorName(errorCode) },
      )
    }
  }
  return answers
}

const keyOf = (topicId: string, partition: number) => `${topicId}:${partition}`
