/**
 * Administration as a client: asks the controller, looks for the new one when it has moved, and waits until what it asked for is visible.
 * A refusal is thrown as a ClientError with Kafka's code and the broker's own sentence.
 */
import { ErrorCode } from '../wire/errors'
import { CreateTopics } from '../wire/messages/19-create-topics'
import { DeleteTopics } from '../wire/messages/20-delete-topics'
import { DescribeConfigs } from '../wire/messages/32-describe-configs'
import type { ResponseOf } from '../wire/schema'
import { ClientError, protocolError } from './errors'
import type { KafkaClient } from './kafka-client'
import { hasAllLeaders, type MetadataSnapshot } from './metadata'
import { pause, retrying } from './retry'

export interface NewTopic {
  readonly name: string
  readonly partitionCount: number
  readonly replicationFactor: number
  readonly configs: Readonly<Record<string, string>>
}

export type DescribedConfig = ResponseOf<typeof DescribeConfigs>['results'][number]['configs'][number]

/** DescribeConfigs' resource types. */
const topicResource = 2

const retryTimeoutMs = 15_000
const createTimeoutMs = 10_000
const visibleTimeoutMs = 5_000
const unknownTopicAttemptsMax = 4

export class Admin {
  constructor(private readonly client: KafkaClient) {}

  /** Resolves when every partition has a leader that metadata names. */
  async createTopic(topic: NewTopic): Promise<void> {
    let isDoubtful = false
    const onRetry = (error: ClientError) => {
      isDoubtful ||= isUnanswered(error)
    }
    await this.retry(onRetry, async () => {
      const controller = await this.client.controller()
      const response = await controller.request(
        CreateTopics,
        {
          topics: [
            {
              name: topic.name,
              numPartitions: topic.partitionCount,
              replicationFactor: topic.replicationFactor,
              assignments: [],
              configs: Object.entries(topic.configs).map(([name, value]) => ({ name, value })),
            },
          ],
          timeoutMs: createTimeoutMs,
          validateOnly: false,
        },
        { timeoutMs: createTimeoutMs + 2_000 },
      )
      const result = response.topics[0]
      // An earlier request may have succeeded without an answer: the controller died after it wrote.
      if (isDoubtful && result?.errorCode === ErrorCode.TOPIC_ALREADY_EXISTS) return
      throwOn(result)
    })
    await this.waitUntil((metadata) => hasAllLeaders(metadata.topics.get(topic.name)))
  }

  /** Resolves when no broker names it any more, or after some seconds: a dead broker's files go when it is back. */
  async deleteTopic(name: string): Promise<void> {
    let isDoubtful = false
    const onRetry = (error: ClientError) => {
      isDoubtful ||= isUnanswered(error)
    }
    await this.retry(onRetry, async () => {
      const controller = await this.client.controller()
      const response = await controller.request(
        DeleteTopics,
        { topics: [{ name, topicId: undefined }], topicNames: [name], timeoutMs: createTimeoutMs },
        { timeoutMs: createTimeoutMs + 2_000 },
      )
      const result = response.responses[0]
      if (isDoubtful && result?.errorCode === ErrorCode.UNKNOWN_TOPIC_OR_PARTITION) return
      // Retriable for whoever produces or fetches; the controller knows for certain.
      throwOn(result, (code) => code !== ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
    })
    await this.waitUntil((metadata) => !metadata.topics.has(name))
  }

  describeTopicConfigs(name: string): Promise<readonly DescribedConfig[]> {
    let attempts = 0
    return this.retry(undefined, async () => {
      attempts++
      const metadata = await this.client.refresh()
      const broker = metadata.brokers.values().next().value
      if (broker === undefined) throw new ClientError('connection', 'no broker is up', true)
      const response = await this.client.connectionTo(broker).request(DescribeConfigs, {
        resources: [{ resourceType: topicResource, resourceName: name, configurationKeys: null }],
        includeSynonyms: false,
        includeDocumentation: true,
      })
      const result = response.results[0]
      // A broker may hear of a new topic a moment after another one.
      throwOn(result, (code) => code !== ErrorCode.UNKNOWN_TOPIC_OR_PARTITION || attempts < unknownTopicAttemptsMax)
      return result?.configs ?? []
    })
  }

  private retry<T>(onRetry: ((error: ClientError) => void) | undefined, attempt: () => Promise<T>): Promise<T> {
    const { clock } = this.client.platform
    return retrying({ clock, timeoutMs: retryTimeoutMs, ...(onRetry === undefined ? {} : { onRetry }) }, attempt)
  }

  private async waitUntil(isVisible: (metadata: MetadataSnapshot) => boolean): Promise<void> {
    const { clock } = this.client.platform
    const deadlineMs = clock.monotonicMs() + visibleTimeoutMs
    while (clock.monotonicMs() < deadlineMs) {
      const metadata = await this.client.refresh().catch(() => null)
      if (metadata !== null && isVisible(metadata)) return
      await pause(clock, 25)
    }
  }
}

/** Whether it was carried out is unknown. */
function isUnanswered(error: ClientError): boolean {
  return error.kind === 'connection' || error.kind === 'timeout'
}

/** `isWorthRetrying` takes errors that Kafka calls retriable out of those. */
function throwOn(
  result: { readonly errorCode: number; readonly errorMessage?: string | null } | undefined,
  isWorthRetrying: (code: number) => boolean = () => true,
): void {
  if (result === undefined) throw new ClientError('protocol', 'the broker answered without what was asked for', true)
  const { errorCode, errorMessage } = result
  if (errorCode === ErrorCode.NONE) return
  const error = protocolError(errorCode, errorMessage ?? null)
  throw error.retriable && !isWorthRetrying(errorCode) ? new ClientError('protocol', error.message, false, errorCode) : error
}
