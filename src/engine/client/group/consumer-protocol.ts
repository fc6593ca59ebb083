/**
 * What members of protocol type "consumer" tell each other in the bytes of JoinGroup and SyncGroup (Kafka: ConsumerProtocolSubscription and
 * ConsumerProtocolAssignment, versions 0–3), as a client writes and reads it. Whatever a foreign member wrote there is read as far as it is understood:
 * later versions append. The coordinator has a reader of its own, which a client may not import. Pure.
 */
import { Reader } from '../../wire/reader'
import { DecodeError } from '../../wire/wire-error'
import { Writer } from '../../wire/writer'
import type { TopicPartitions } from './topic-partitions'

export interface Subscription {
  readonly topics: readonly string[]
  /** From version 1 on. Who writes version 0 has given up everything before it joins. */
  readonly owned: readonly TopicPartitions[]
  /** In which generation `owned` was given, from version 2 on; -1: not said. */
  readonly generationId: number
}

const WRITTEN_VERSION = 3

/** In version 3, which every client since Kafka 3.5 writes; older ones read what they know of it. */
export function encodeSubscription({ topics, owned, generationId }: Subscription): Uint8Array {
  const writer = new Writer(256)
  writer.int16(WRITTEN_VERSION)
  writer.int32(topics.length)
  for (const topic of topics) writer.string(topic, false)
  writer.data(null, false)
  putTopicPartitions(writer, owned)
  writer.int32(generationId)
  writer.string(null, false)
  return Uint8Array.from(writer.bytes())
}

/** Null where it is of some other layout: a member of another kind. */
export function decodeSubscription(metadata: Uint8Array): Subscription | null {
  return orNull(() => {
    const reader = new Reader(metadata)
    const version = reader.int16()
    const topics = Array.from({ length: Math.max(0, reader.arrayLength(false, 2)) }, () => reader.string(false) ?? '')
    reader.data(false)
    const owned = version >= 1 ? takeTopicPartitions(reader) : []
    const generationId = version >= 2 ? reader.int32() : -1
    return { topics, owned, generationId }
  })
}

/** In version 0, which says all that there is to say and is understood by everybody. */
export function encodeAssignment(assigned: readonly TopicPartitions[]): Uint8Array {
  const writer = new Writer(256)
  writer.int16(0)
  putTopicPartitions(writer, assigned)
  writer.data(null, false)
  return Uint8Array.from(writer.bytes())
}

/** No bytes at all are what a member has that was given nothing; null where the layout is another. */
export function decodeAssignment(assignment: Uint8Array): readonly TopicPartitions[] | null {
  if (assignment.length === 0) return []
  return orNull(() => {
    const reader = new Reader(assignment)
    reader.int16()
    return takeTopicPartitions(reader)
  })
}

function putTopicPartitions(writer: Writer, list: readonly TopicPartitions[]): void {
  writer.int32(list.length)
  for (const { topic, partitions } of list) {
    writer.string(topic, false)
    writer.int32(partitions.length)
    for (const partition of partitions) writer.int32(partition)
  }
}

function takeTopicPartitions(reader: Reader): TopicPartitions[] {
  return Array.from({ length: Math.max(0, reader.arrayLength(false, 6)) }, () => {
    const topic = reader.string(false) ?? ''
    return { topic, partitions: Array.from({ length: Math.max(0, reader.arrayLength(false, 4)) }, () => reader.int32()) }
  })
}

function orNull<T>(read: () => T): T | null {
  try {
    return read()
  } catch (error) {
    if (error instanceof DecodeError) return null
    throw error
  }
}
