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

export class Admin {
  constructor(private readonly client: KafkaClient) {}

  /** Resolves when every partition has a leader that metadata names. */
  async createTopic(topic: NewTopic): Promise<void> {
    let attempts = 0
    await this.retry(async () => {
      attempts++
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
      // Our first request may have succeeded without an answer: the controller died after it wrote.
      if (attempts > 1 && result?.errorCode === ErrorCode.TOPIC_ALREADY_EXISTS) return
      throwOn(result)
    })
    await this.waitUntil((metadata) => hasAllLeaders(metadata.topics.get(topic.name)))
  }

  /** Resolves when no broker names it any more, or after some seconds: a dead broker's files go when it is back. */
  async deleteTopic(name: string): Promise<void> {
    let attempts = 0
    await this.retry(async () => {
      attempts++
      const controller = await this.client.controller()
      const response = await controller.request(
        DeleteTopics,
        { topics: [{ name, topicId: undefined }], topicNames: [name], timeoutMs: createTimeoutMs },
        { timeoutMs: createTimeoutMs + 2_000 },
      )
      const result = response.responses[0]
      if (attempts > 1 && result?.errorCode === ErrorCode.UNKNOWN_TOPIC_OR_PARTITION) return
      throwOn(result)
    })
    await this.waitUntil((metadata) => !metadata.topics.has(name))
  }

  describeTopicConfigs(name: string): Promise<readonly DescribedConfig[]> {
    return this.retry(async () => {
      const metadata = await this.client.refresh()
      const broker = metadata.brokers.values().next().value
      if (broker === undefined) throw new ClientError('connection', 'no broker is up', true)
      const response = await this.client.connectionTo(broker).request(DescribeConfigs, {
        resources: [{ resourceType: topicResource, resourceName: name, configurationKeys: null }],
        includeSynonyms: false,
        includeDocumentation: true,
      })
      const result = response.results[0]
      throwOn(result)
      return result?.configs ?? []
    })
  }

  private retry<T>(attempt: () => Promise<T>): Promise<T> {
    return retrying({ clock: this.client.platform.clock, timeoutMs: retryTimeoutMs }, attempt)
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

function throwOn(result: { readonly errorCode: number; readonly errorMessage?: string | null } | undefined): void {
  if (result === undefined) throw new ClientError('protocol', 'the broker answered without what was asked for', true)
  if (result.errorCode !== ErrorCode.NONE) throw protocolError(result.errorCode, result.errorMessage ?? null)
}
