/**
 * ElectLeaders, AlterPartitionReassignments and ListPartitionReassignments as a client: asks the controller, and looks for the new one where it has
 * moved. Kafka answers each partition for itself; what was refused is a value, with Kafka's code and the broker's sentence.
 */
import { ClientError, type KafkaClient, pause, protocolError, retrying } from '../../engine/client'
import { ErrorCode, errorMessage, errorName } from '../../engine/wire/errors'
import { ElectLeaders } from '../../engine/wire/messages/43-elect-leaders'
import { AlterPartitionReassignments } from '../../engine/wire/messages/45-alter-partition-reassignments'
import { ListPartitionReassignments } from '../../engine/wire/messages/46-list-partition-reassignments'
import type { PartitionsOutcome, ReassignmentView } from '../../shared/model/cluster'

const retryTimeoutMs = 15_000
const requestTimeoutMs = 10_000
const orderVisibleTimeoutMs = 5_000
const preferred = 0

export interface PartitionName {
  readonly topic: string
  readonly partition: number
}

export interface Move extends PartitionName {
  readonly replicas: readonly number[]
}

interface Answer extends PartitionName {
  readonly errorCode: number
  readonly errorMessage: string | null
}

export class ReplicaAdmin {
  constructor(private readonly client: KafkaClient) {}

  /** null: of all partitions. A partition whose preferred leader leads already counts as done. */
  async electPreferred(partitions: readonly PartitionName[] | null): Promise<PartitionsOutcome> {
    const response = await this.ask(async () => {
      const controller = await this.client.controller()
      const answer = await controller.request(
        ElectLeaders,
        {
          electionType: preferred,
          topicPartitions:
            partitions === null
              ? null
              : byTopic(partitions).map(([topic, list]) => ({ topic, partitions: list.map(({ partition }) => partition) })),
          timeoutMs: requestTimeoutMs,
        },
        { timeoutMs: requestTimeoutMs + 2_000 },
      )
      throwOn(answer.errorCode, null)
      return answer
    })
    return outcomeOf(
      response.replicaElectionResults.flatMap(({ topic, partitionResult }) =>
        partitionResult.map(({ partitionId, errorCode, errorMessage: message }) => ({
          topic,
          partition: partitionId,
          errorCode: errorCode === ErrorCode.ELECTION_NOT_NEEDED ? ErrorCode.NONE : errorCode,
          errorMessage: message,
        })),
      ),
    )
  }

  reassign(moves: readonly Move[]): Promise<PartitionsOutcome> {
    return this.alter(moves)
  }

  /** Each goes back to the replicas that it had before. */
  cancel(partitions: readonly PartitionName[]): Promise<PartitionsOutcome> {
    return this.alter(partitions.map(({ topic, partition }) => ({ topic, partition, replicas: null })))
  }

  async reassignments(): Promise<ReassignmentView[]> {
    const { topics } = await this.ask(async () => {
      const controller = await this.client.controller()
      const answer = await controller.request(ListPartitionReassignments, { timeoutMs: requestTimeoutMs, topics: null })
      throwOn(answer.errorCode, answer.errorMessage)
      return answer
    })
    return topics.flatMap(({ name, partitions }) =>
      partitions.map(({ partitionIndex, replicas, addingReplicas, removingReplicas }) => ({
        topic: name,
        partition: partitionIndex,
        replicas: [...replicas],
        adding: [...addingReplicas],
        removing: [...removingReplicas],
      })),
    )
  }

  async describe(
    topic: string,
    partition: number,
  ): Promise<{ leader: number; replicas: readonly number[]; isr: readonly number[] }> {
    const metadata = await this.client.refresh()
    const found = metadata.topics.get(topic)?.partitions.find((each) => each.partition === partition)
    if (found === undefined)
      throw protocolError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, `There is no partition ${topic}-${partition}.`)
    return found
  }

  /** Resolves when metadata names it the first replica; elections before would put the old one there. Throws a ClientError after some seconds. */
  async untilPreferred(topic: string, partition: number, brokerId: number): Promise<void> {
    const { clock } = this.client.platform
    const deadlineMs = clock.monotonicMs() + orderVisibleTimeoutMs
    while (clock.monotonicMs() < deadlineMs) {
      const { replicas } = await this.describe(topic, partition)
      if (replicas[0] === brokerId) return
      await pause(clock, 25)
    }
    throw new ClientError('timeout', `${topic}-${partition} did not take the new order of its replicas in time`, true)
  }

  private async alter(
    changes: readonly (PartitionName & { readonly replicas: readonly number[] | null })[],
  ): Promise<PartitionsOutcome> {
    const response = await this.ask(async () => {
      const controller = await this.client.controller()
      const answer = await controller.request(
        AlterPartitionReassignments,
        {
          timeoutMs: requestTimeoutMs,
          allowReplicationFactorChange: true,
          topics: byTopic(changes).map(([name, list]) => ({
            name,
            partitions: list.map(({ partition, replicas }) => ({
              partitionIndex: partition,
              replicas: replicas === null ? null : [...replicas],
            })),
          })),
        },
        { timeoutMs: requestTimeoutMs + 2_000 },
      )
      throwOn(answer.errorCode, answer.errorMessage)
      return answer
    })
    return outcomeOf(
      response.responses.flatMap(({ name, partitions }) =>
        partitions.map(({ partitionIndex, errorCode, errorMessage: message }) => ({
          topic: name,
          partition: partitionIndex,
          errorCode,
          errorMessage: message,
        })),
      ),
    )
  }

  private ask<T>(attempt: () => Promise<T>): Promise<T> {
    return retrying({ clock: this.client.platform.clock, timeoutMs: retryTimeoutMs }, attempt)
  }
}

function outcomeOf(answers: readonly Answer[]): PartitionsOutcome {
  const refused = answers.filter(({ errorCode }) => errorCode !== ErrorCode.NONE)
  return {
    doneCount: answers.length - refused.length,
    failures: refused.map(({ topic, partition, errorCode, errorMessage: message }) => ({
      topic,
      partition,
      code: errorName(errorCode),
      message: message ?? errorMessage(errorCode),
    })),
  }
}

function throwOn(errorCode: number, message: string | null): void {
  if (errorCode !== ErrorCode.NONE) throw protocolError(errorCode, message)
}

function byTopic<T extends PartitionName>(partitions: readonly T[]): [string, T[]][] {
  const topics = new Map<string, T[]>()
  for (const each of partitions) {
    const list = topics.get(each.topic)
    if (list === undefined) topics.set(each.topic, [each])
    else list.push(each)
  }
  return [...topics]
}
