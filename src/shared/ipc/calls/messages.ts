/** Calls and events about reading messages, and about what is done with those that were read. */
import * as v from 'valibot'
import {
  filterOperators,
  type MessageDetail,
  type MessageHistogram,
  type MessageRow,
  type MessageTask,
  type ReadProgress,
  type ScriptTrial,
} from '../../model/messages'
import { count, offset, partition, topicName } from './atoms'

const timeMs = v.pipe(v.number(), v.safeInteger())
const path = v.pipe(v.string(), v.maxLength(1_000))
const script = v.pipe(v.string(), v.maxLength(100_000))
const filter = v.strictObject({
  field: v.variant('kind', [
    v.strictObject({ kind: v.picklist(['key', 'value', 'partition', 'offset', 'timestamp', 'size']) }),
    v.strictObject({ kind: v.literal('header'), name: v.pipe(v.string(), v.maxLength(1_000)) }),
    v.strictObject({ kind: v.literal('field'), part: v.picklist(['key', 'value']), path }),
  ]),
  operator: v.picklist(filterOperators),
  operand: v.pipe(v.string(), v.maxLength(10_000)),
  isCaseSensitive: v.boolean(),
})
const fieldPath = v.strictObject({ part: v.picklist(['key', 'value']), path })
/** Row indexes; null: all that the read has. */
const chosenRows = v.nullable(v.pipe(v.array(offset), v.maxLength(1_000_000), v.readonly()))

export const messagesArguments = {
  'messages.open': v.strictObject({
    topic: topicName,
    alsoTopics: v.optional(v.pipe(v.array(topicName), v.maxLength(50), v.readonly())),
    partitions: v.nullable(v.pipe(v.array(partition), v.readonly())),
    start: v.variant('kind', [
      v.strictObject({ kind: v.literal('newest'), count: count(1_000_000) }),
      v.strictObject({ kind: v.literal('oldest') }),
      v.strictObject({ kind: v.literal('offset'), offset }),
      v.strictObject({ kind: v.literal('time'), timestampMs: timeMs, untilMs: v.optional(timeMs) }),
      v.strictObject({ kind: v.literal('live') }),
    ]),
    limit: count(1_000_000),
    filters: v.optional(v.pipe(v.array(v.pipe(filter, v.readonly())), v.maxLength(50), v.readonly())),
    script: v.optional(v.nullable(script)),
    isLatestPerKey: v.optional(v.boolean()),
  }),
  /** Goes on where the read ended or was stopped, for so many records more. */
  'messages.continue': v.strictObject({ readId: v.number(), count: count(1_000_000) }),
  'messages.rows': v.strictObject({
    readId: v.number(),
    from: offset,
    count: count(1_000),
    /** What the columns of fields show. */
    fields: v.optional(v.pipe(v.array(fieldPath), v.maxLength(50), v.readonly())),
  }),
  'messages.detail': v.strictObject({ readId: v.number(), index: offset }),
  'messages.stop': v.strictObject({ readId: v.number() }),
  'messages.close': v.strictObject({ readId: v.number() }),
  'messages.tryScript': v.strictObject({ readId: v.number(), index: offset, script }),
  'messages.histogram': v.strictObject({
    topics: v.pipe(v.array(topicName), v.minLength(1), v.maxLength(51), v.readonly()),
    bucketCount: count(400),
    /** null: from the first record to the last. */
    range: v.nullable(v.strictObject({ fromMs: timeMs, toMs: timeMs })),
  }),
  'messages.export': v.strictObject({
    readId: v.number(),
    rows: chosenRows,
    format: v.picklist(['jsonl', 'csv', 'raw']),
    /** From the system's dialog: the main process refuses every other. */
    path: v.pipe(v.string(), v.minLength(1), v.maxLength(4_096)),
  }),
  /** Keys, values and headers byte for byte as they were. */
  'messages.resend': v.strictObject({
    readId: v.number(),
    rows: chosenRows,
    topic: topicName,
    /** 'same': the number that each record had; 'key': by its key. */
    partition: v.union([v.picklist(['same', 'key']), partition]),
    keepsTimestamps: v.boolean(),
  }),
  'messages.cancelTask': v.strictObject({ taskId: v.number() }),
} as const

export interface MessagesResults {
  'messages.open': { readonly readId: number }
  'messages.continue': undefined
  'messages.rows': readonly MessageRow[]
  'messages.detail': MessageDetail
  'messages.stop': undefined
  'messages.close': undefined
  'messages.tryScript': ScriptTrial
  'messages.histogram': MessageHistogram | null
  'messages.export': { readonly taskId: number }
  'messages.resend': { readonly taskId: number }
  'messages.cancelTask': undefined
}

export interface MessagesEvents {
  'messages.progress': ReadProgress
  'messages.task': MessageTask
}

export const messagesEventNames = ['messages.progress', 'messages.task'] as const satisfies readonly (keyof MessagesEvents)[]
