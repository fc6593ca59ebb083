/**
 * The fields of each Kafka API that a person looks for in a trace. An API without an entry is shown by compact-words.ts. Bodies come decoded; what is
 * said of them is text, so nothing of a frame outlives the call.
 */
import { ErrorCode, errorName } from '../../wire/errors'
import { Produce } from '../../wire/messages/00-produce'
import { Fetch } from '../../wire/messages/01-fetch'
import { ListOffsets } from '../../wire/messages/02-list-offsets'
import { Metadata } from '../../wire/messages/03-metadata'
import { LeaderAndIsr } from '../../wire/messages/04-leader-and-isr'
import { StopReplica } from '../../wire/messages/05-stop-replica'
import { UpdateMetadata } from '../../wire/messages/06-update-metadata'
import { ControlledShutdown } from '../../wire/messages/07-controlled-shutdown'
import { ApiVersions } from '../../wire/messages/18-api-versions'
import { CreateTopics } from '../../wire/messages/19-create-topics'
import { InitProducerId } from '../../wire/messages/22-init-producer-id'
import { OffsetForLeaderEpoch } from '../../wire/messages/23-offset-for-leader-epoch'
import { AlterPartition } from '../../wire/messages/56-alter-partition'
import { type BatchHeader, forEachBatch } from '../../wire/records'
import type { Api } from '../../wire/schema'
import { ZERO_UUID } from '../../wire/uuid'
import { compactWords, listed } from './compact-words'

export interface ApiWords {
  request(body: unknown, topicNames: Map<string, string>): string
  response(body: unknown, topicNames: Map<string, string>): string
}

export function apiWords(key: number): ApiWords | undefined {
  return table.get(key)
}

type Names = Map<string, string>

/** The types of an API's bodies, checked where its words are declared. */
function words<Req, Res>(
  api: Api<Req, Res>,
  request: (body: Req, names: Names) => string,
  response: (body: Res, names: Names) => string,
): [number, ApiWords] {
  return [
    api.key,
    {
      request: (body, names) => request(body as Req, names),
      response: (body, names) => response(body as Res, names),
    },
  ]
}

const table: ReadonlyMap<number, ApiWords> = new Map([
  words(
    Produce,
    ({ acks, topicData }) =>
      `acks=${acks === -1 ? 'all' : acks}: ${listed(topicData.flatMap(({ name, partitionData }) => partitionData.map(({ index, records }) => `${name}-${index} ${producedWords(records)}`)))}`,
    ({ responses }) =>
      listed(
        responses.flatMap(({ name, partitionResponses }) =>
          partitionResponses.map(({ index, errorCode, baseOffset }) =>
            errorCode === ErrorCode.NONE
              ? `${name}-${index} ok at offset ${baseOffset}`
              : `${name}-${index} ${errorName(errorCode)}${baseOffset >= 0 ? ` at offset ${baseOffset}` : ''}`,
          ),
        ),
      ),
  ),
  words(
    Fetch,
    ({ replicaId, replicaState, topics, maxWaitMs }, names) => {
      const replica = replicaState.replicaId >= 0 ? replicaState.replicaId : replicaId
      const asked = topics.flatMap((topic) =>
        topic.partitions.map(
          ({ partition, fetchOffset, currentLeaderEpoch, lastFetchedEpoch, logStartOffset }) =>
            `${topicOf(topic, names)}-${partition} @${fetchOffset}${epoch(currentLeaderEpoch)}` +
            (replica >= 0 ? `${lastFetchedEpoch >= 0 ? ` last ${lastFetchedEpoch}` : ''} start ${logStartOffset}` : ''),
        ),
      )
      return `${replica >= 0 ? `replica ${replica}` : 'consumer'}, ${maxWaitMs} ms: ${listed(asked)}`
    },
    ({ errorCode, responses }, names) => {
      if (errorCode !== ErrorCode.NONE) return errorName(errorCode)
      const partitions = responses.flatMap((topic) =>
        topic.partitions.map((partition) => `${topicOf(topic, names)}-${partition.partitionIndex} ${fetchedWords(partition)}`),
      )
      return partitions.length === 0 ? 'nothing' : listed(partitions, 8, '; ')
    },
  ),
  words(
    ListOffsets,
    ({ replicaId, topics }) =>
      `${replicaId >= 0 ? `replica ${replicaId}: ` : ''}${listed(topics.flatMap(({ name, partitions }) => partitions.map(({ partitionIndex, timestamp }) => `${name}-${partitionIndex} ${timestampWords(timestamp)}`)))}`,
    ({ topics }) =>
      listed(
        topics.flatMap(({ name, partitions }) =>
          partitions.map(
            ({ partitionIndex, errorCode, offset, leaderEpoch }) =>
              `${name}-${partitionIndex} ${errorCode === ErrorCode.NONE ? `offset ${offset}${epoch(leaderEpoch)}` : errorName(errorCode)}`,
          ),
        ),
      ),
  ),
  words(
    Metadata,
    ({ topics }, names) =>
      topics === null
        ? 'all topics'
        : topics.length === 0
          ? 'brokers only'
          : listed(topics.map((topic) => topic.name ?? nameOf(topic.topicId, names))),
    ({ brokers, controllerId, topics }, names) => {
      for (const { name, topicId } of topics) learn(names, topicId, name)
      const partitions = topics.flatMap(({ name, errorCode, partitions: all }) =>
        errorCode !== ErrorCode.NONE
          ? [`${name ?? '?'} ${errorName(errorCode)}`]
          : all.map(
              ({ partitionIndex, leaderId, leaderEpoch, isrNodes }) =>
                `${name ?? '?'}-${partitionIndex} leader ${leaderId}${epoch(leaderEpoch)} ISR ${set(isrNodes)}`,
            ),
      )
      return `brokers ${set(brokers.map(({ nodeId }) => nodeId))}, controller ${controllerId}${partitions.length === 0 ? '' : `: ${listed(partitions, 6, '; ')}`}`
    },
  ),
  words(
    LeaderAndIsr,
    ({ controllerId, controllerEpoch, topicStates }, names) => {
      const partitions = topicStates.flatMap(({ topicName, topicId, partitionStates }) => {
        learn(names, topicId, topicName)
        return partitionStates.map(
          ({ partitionIndex, leader, leaderEpoch, partitionEpoch, isr, replicas, isNew }) =>
            `${topicName}-${partitionIndex} leader ${leader}${epoch(leaderEpoch)} partition epoch ${partitionEpoch} ISR ${set(isr)} of ${set(replicas)}${isNew ? ' new' : ''}`,
        )
      })
      return `controller ${controllerId} epoch ${controllerEpoch}: ${listed(partitions, 6, '; ')}`
    },
    ({ errorCode, topics }, names) => {
      const failed = topics.flatMap(({ topicId, partitionErrors }) =>
        partitionErrors
          .filter((each) => each.errorCode !== ErrorCode.NONE)
          .map((each) => `${nameOf(topicId, names)}-${each.partitionIndex} ${errorName(each.errorCode)}`),
      )
      return outcome(errorCode, failed)
    },
  ),
  words(
    StopReplica,
    ({ controllerId, controllerEpoch, topicStates }) =>
      `controller ${controllerId} epoch ${controllerEpoch}: ${listed(
        topicStates.flatMap(({ topicName, partitionStates }) =>
          partitionStates.map(
            ({ partitionIndex, leaderEpoch, deletePartition }) =>
              `${topicName}-${partitionIndex}${epoch(leaderEpoch)}${deletePartition ? ' and delete it' : ''}`,
          ),
        ),
      )}`,
    ({ errorCode, partitionErrors }) =>
      outcome(
        errorCode,
        partitionErrors
          .filter((each) => each.errorCode !== ErrorCode.NONE)
          .map((each) => `${each.topicName}-${each.partitionIndex} ${errorName(each.errorCode)}`),
      ),
  ),
  words(
    UpdateMetadata,
    ({ controllerId, controllerEpoch, liveBrokers, topicStates }, names) => {
      const partitions = topicStates.flatMap(({ topicName, topicId, partitionStates }) => {
        learn(names, topicId, topicName)
        return partitionStates.map(
          ({ partitionIndex, leader, leaderEpoch, isr }) =>
            `${topicName}-${partitionIndex} leader ${leader}${epoch(leaderEpoch)} ISR ${set(isr)}`,
        )
      })
      const live = `live brokers ${set(liveBrokers.map(({ id }) => id))}`
      return `controller ${controllerId} epoch ${controllerEpoch}: ${listed([live, ...partitions], 6, '; ')}`
    },
    ({ errorCode }) => outcome(errorCode, []),
  ),
  words(
    ControlledShutdown,
    ({ brokerId, brokerEpoch }) => `broker ${brokerId}, broker epoch ${brokerEpoch}`,
    ({ errorCode, remainingPartitions }) =>
      outcome(
        errorCode,
        remainingPartitions.map(({ topicName, partitionIndex }) => `still leads ${topicName}-${partitionIndex}`),
      ),
  ),
  words(
    AlterPartition,
    ({ brokerId, topics }, names) =>
      `broker ${brokerId}: ${listed(
        topics.flatMap((topic) =>
          topic.partitions.map(
            ({ partitionIndex, leaderEpoch, partitionEpoch, newIsr, newIsrWithEpochs }) =>
              `${topicOf({ topic: topic.topicName, topicId: topic.topicId }, names)}-${partitionIndex}${epoch(leaderEpoch)} partition epoch ${partitionEpoch} ISR ${set(newIsrWithEpochs.length > 0 ? newIsrWithEpochs.map((member) => member.brokerId) : newIsr)}`,
          ),
        ),
        6,
        '; ',
      )}`,
    ({ errorCode, topics }, names) => {
      if (errorCode !== ErrorCode.NONE) return errorName(errorCode)
      return listed(
        topics.flatMap((topic) =>
          topic.partitions.map((each) => {
            const name = `${topicOf({ topic: topic.topicName, topicId: topic.topicId }, names)}-${each.partitionIndex}`
            if (each.errorCode !== ErrorCode.NONE) return `${name} ${errorName(each.errorCode)}`
            return `${name} leader ${each.leaderId}${epoch(each.leaderEpoch)} partition epoch ${each.partitionEpoch} ISR ${set(each.isr)}`
          }),
        ),
        6,
        '; ',
      )
    },
  ),
  words(
    OffsetForLeaderEpoch,
    ({ replicaId, topics }) =>
      `${replicaId >= 0 ? `replica ${replicaId}: ` : ''}${listed(
        topics.flatMap(({ topic, partitions }) =>
          partitions.map(
            ({ partition, currentLeaderEpoch, leaderEpoch }) =>
              `${topic}-${partition} end of epoch ${leaderEpoch} (now ${currentLeaderEpoch})`,
          ),
        ),
      )}`,
    ({ topics }) =>
      listed(
        topics.flatMap(({ topic, partitions }) =>
          partitions.map(
            ({ partition, errorCode, leaderEpoch, endOffset }) =>
              `${topic}-${partition} ${errorCode === ErrorCode.NONE ? `epoch ${leaderEpoch} ends at ${endOffset}` : errorName(errorCode)}`,
          ),
        ),
      ),
  ),
  words(
    InitProducerId,
    ({ producerId, producerEpoch }) => (producerId >= 0n ? `producer ${producerId} epoch ${producerEpoch}` : 'a new one'),
    ({ errorCode, producerId, producerEpoch }) =>
      errorCode === ErrorCode.NONE ? `producer ${producerId} epoch ${producerEpoch}` : errorName(errorCode),
  ),
  words(
    CreateTopics,
    ({ topics }) =>
      listed(
        topics.map(
          ({ name, numPartitions, replicationFactor, configs }) =>
            `${name}, ${numPartitions} partitions × ${replicationFactor}${configs.length === 0 ? '' : ` with ${listed(configs.map((config) => `${config.name}=${config.value}`))}`}`,
        ),
        6,
        '; ',
      ),
    ({ topics }, names) =>
      listed(
        topics.map(({ name, topicId, errorCode }) => {
          learn(names, topicId, name)
          return `${name} ${errorCode === ErrorCode.NONE ? 'ok' : errorName(errorCode)}`
        }),
      ),
  ),
  words(
    ApiVersions,
    ({ clientSoftwareName }) => clientSoftwareName,
    ({ errorCode, apiKeys }) => (errorCode === ErrorCode.NONE ? `${apiKeys.length} APIs` : errorName(errorCode)),
  ),
])

interface NamedTopic {
  readonly topic: string
  readonly topicId: string
}

function topicOf({ topic, topicId }: NamedTopic, names: Names): string {
  return topic === '' ? nameOf(topicId, names) : topic
}

function nameOf(topicId: string, names: Names): string {
  return names.get(topicId) ?? topicId
}

function learn(names: Names, topicId: string, name: string | null): void {
  if (name !== null && topicId !== ZERO_UUID) names.set(topicId, name)
}

function epoch(leaderEpoch: number): string {
  return leaderEpoch < 0 ? '' : ` epoch ${leaderEpoch}`
}

function set(ids: readonly number[]): string {
  return `{${ids.join(' ')}}`
}

function outcome(errorCode: number, failed: readonly string[]): string {
  if (errorCode !== ErrorCode.NONE) return errorName(errorCode)
  return failed.length === 0 ? 'ok' : listed(failed)
}

function timestampWords(timestamp: number): string {
  if (timestamp === -1) return 'latest'
  if (timestamp === -2) return 'earliest'
  return `at ${timestamp}`
}

function batchesOf(records: Uint8Array): BatchHeader[] {
  const batches: BatchHeader[] = []
  forEachBatch(records, (batch) => {
    batches.push({ ...batch })
  })
  return batches
}

function producedWords(records: Uint8Array | null): string {
  if (records === null || records.length === 0) return 'nothing'
  const batches = batchesOf(records)
  const count = batches.reduce((sum, { recordCount }) => sum + recordCount, 0)
  const first = batches[0]
  const sequences =
    first === undefined || first.producerId < 0n
      ? ''
      : `, producer ${first.producerId} epoch ${first.producerEpoch} sequences ${first.baseSequence}–${first.lastSequence}`
  return `${count} ${count === 1 ? 'record' : 'records'}, ${records.length} bytes${sequences}`
}

type FetchedPartition = ReturnType<typeof Fetch.response.decode>['responses'][number]['partitions'][number]

function fetchedWords({ errorCode, records, highWatermark, logStartOffset, divergingEpoch }: FetchedPartition): string {
  if (errorCode !== ErrorCode.NONE) return errorName(errorCode)
  const marks = `high watermark ${highWatermark}, start ${logStartOffset}`
  if (divergingEpoch.epoch >= 0) return `diverges: epoch ${divergingEpoch.epoch} ends at ${divergingEpoch.endOffset}, ${marks}`
  if (records === null || records.length === 0) return `nothing, ${marks}`
  return `${recordsWords(records)}, ${marks}`
}

function recordsWords(records: Uint8Array): string {
  try {
    const batches = batchesOf(records)
    const first = batches[0]
    const last = batches.at(-1)
    if (first === undefined || last === undefined) return `${records.length} bytes of a batch`
    const epochs = [...new Set(batches.map(({ partitionLeaderEpoch }) => partitionLeaderEpoch))]
    return `${first.baseOffset}–${last.lastOffset} in ${batches.length} ${batches.length === 1 ? 'batch' : 'batches'} of epoch ${epochs.join(', ')}`
  } catch {
    // The last batch may be cut off where the answer was full.
    return compactWords(records)
  }
}
