/**
 * What an administrator does to a topic that is there: more partitions, other configs, records deleted up to an offset. Each asks whoever decides it
 * and throws a ClientError with Kafka's code and the broker's own sentence. Sources: KIP-195, KIP-107, KIP-339.
 */
import { ErrorCode } from '../wire/errors'
import { DeleteRecords } from '../wire/messages/21-delete-records'
import { CreatePartitions } from '../wire/messages/37-create-partitions'
import { IncrementalAlterConfigs } from '../wire/messages/44-incremental-alter-configs'
import { ClientError, protocolError } from './errors'
import type { KafkaClient } from './kafka-client'
import { pause, retrying } from './retry'

/** A value of null takes the config back to its default. */
export interface ConfigChange {
  readonly name: string
  readonly value: string | null
}

const topicResource = 2
const setOperation = 0
const deleteOperation = 1
const retryTimeoutMs = 15_000
const requestTimeoutMs = 10_000
const visibleTimeoutMs = 5_000

/** Raises a topic's number of partitions to `count`; resolves when metadata names leaders for all. Keys go to other partitions from then on. */
export async function createPartitions(client: KafkaClient, topic: string, count: number): Promise<void> {
  let isDoubtful = false
  await retry(
    client,
    async () => {
      const controller = await client.controller()
      const response = await controller.request(
        CreatePartitions,
        { topics: [{ name: topic, count, assignments: null }], timeoutMs: requestTimeoutMs, validateOnly: false },
        { timeoutMs: requestTimeoutMs + 2_000 },
      )
      const result = response.results[0]
      // One that was not answered may have been carried out, and the topic has that many now.
      const has = (await client.refresh()).topics.get(topic)?.partitions.length
      if (isDoubtful && result?.errorCode === ErrorCode.INVALID_PARTITIONS && has === count) return
      throwOn(result)
    },
    (error) => {
      isDoubtful ||= error.kind === 'connection' || error.kind === 'timeout'
    },
  )
  const { clock } = client.platform
  const deadlineMs = clock.monotonicMs() + visibleTimeoutMs
  while (clock.monotonicMs() < deadlineMs) {
    const metadata = await client.refresh().catch(() => null)
    const partitions = metadata?.topics.get(topic)?.partitions ?? []
    if (partitions.length >= count && partitions.every((partition) => client.leaderOf(topic, partition.partition) !== null))
      return
    await pause(clock, 25)
  }
}

/** Sets configs of a topic, or takes them back to their defaults; all or none of them. */
export async function alterTopicConfigs(client: KafkaClient, topic: string, changes: readonly ConfigChange[]): Promise<void> {
  await retry(client, async () => {
    const controller = await client.controller()
    const response = await controller.request(IncrementalAlterConfigs, {
      resources: [
        {
          resourceType: topicResource,
          resourceName: topic,
          configs: changes.map(({ name, value }) => ({
            name,
            configOperation: value === null ? deleteOperation : setOperation,
            value,
          })),
        },
      ],
      validateOnly: false,
    })
    throwOn(response.responses[0])
  })
}

/**
 * Deletes the records below an offset, by partition. Answers the new first offset of each. Where a leader fails in between, what others deleted stays
 * deleted, and the error says of which partitions that is known. Offsets have to be those of records: Kafka's -1 (the high watermark when the leader acts)
 * would take what was written since, and more with each attempt whose answer was lost.
 */
export async function deleteRecords(
  client: KafkaClient,
  topic: string,
  offsets: ReadonlyMap<number, number>,
): Promise<ReadonlyMap<number, number>> {
  const wrong = [...offsets].find(([, offset]) => offset < 0)
  if (wrong !== undefined)
    throw new RangeError(`${topic}-${wrong[0]} has no offset ${wrong[1]} up to which records can be deleted`)
  const done = new Map<number, number>()
  await retry(client, async () => {
    const byBroker = new Map<number, [number, number][]>()
    for (const [partition, offset] of offsets) {
      if (done.has(partition)) continue
      const leader = client.leaderOf(topic, partition)
      if (leader === null) {
        await client.refresh()
        throw protocolError(ErrorCode.LEADER_NOT_AVAILABLE, `${topic}-${partition} has no leader now`)
      }
      const list = byBroker.get(leader.broker.id) ?? []
      byBroker.set(leader.broker.id, list)
      list.push([partition, offset])
    }
    // All of them are waited for: what one leader did is done, whatever happens to another's answer.
    const answers = await Promise.allSettled(
      [...byBroker].map(async ([, led]) => {
        const first = led[0]?.[0] ?? 0
        const leader = client.leaderOf(topic, first)
        if (leader === null) throw protocolError(ErrorCode.LEADER_NOT_AVAILABLE, `${topic}-${first} has no leader now`)
        return client.connectionTo(leader.broker).request(
          DeleteRecords,
          {
            topics: [{ name: topic, partitions: led.map(([partitionIndex, offset]) => ({ partitionIndex, offset })) }],
            timeoutMs: requestTimeoutMs,
          },
          { timeoutMs: requestTimeoutMs + 2_000 },
        )
      }),
    )
    let failure: unknown = null
    for (const answer of answers) {
      if (answer.status === 'rejected') {
        failure ??= answer.reason
        continue
      }
      for (const { partitionIndex, lowWatermark, errorCode } of answer.value.topics[0]?.partitions ?? []) {
        if (errorCode === ErrorCode.NONE) done.set(partitionIndex, lowWatermark)
        else failure ??= protocolError(errorCode, `${topic}-${partitionIndex} answered the deletion of records with an error`)
      }
    }
    if (failure === null) return
    if (failure instanceof ClientError && failure.retriable) await client.refresh().catch(() => undefined)
    throw failure
  }).catch((error: unknown) => {
    throw error instanceof ClientError ? withDone(error, done) : error
  })
  return done
}

/** What is deleted cannot be taken back, so that whoever is told of a failure has to be told that as well. */
function withDone(error: ClientError, done: ReadonlyMap<number, number>): ClientError {
  const starts = [...done].sort(([a], [b]) => a - b).map(([partition, start]) => `${partition} (now from ${start})`)
  const known = starts.length === 0 ? 'no partition is known to be done' : `done are the partitions ${starts.join(', ')}`
  return new ClientError(error.kind, `${error.message}; ${known}`, error.retriable, error.code, {
    cause: error,
    isUnknownOutcome: error.isUnknownOutcome,
  })
}

function retry<T>(client: KafkaClient, attempt: () => Promise<T>, onRetry?: (error: ClientError) => void): Promise<T> {
  const { clock } = client.platform
  return retrying({ clock, timeoutMs: retryTimeoutMs, ...(onRetry === undefined ? {} : { onRetry }) }, attempt)
}

function throwOn(result: { readonly errorCode: number; readonly errorMessage: string | null } | undefined): void {
  if (result === undefined) throw new ClientError('protocol', 'the broker answered without what was asked for', true)
  if (result.errorCode !== ErrorCode.NONE) throw protocolError(result.errorCode, result.errorMessage)
}
