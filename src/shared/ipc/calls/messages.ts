/** Calls and events about reading messages. */
import * as v from 'valibot'
import type { MessageDetail, MessageRow, ReadProgress } from '../../model/messages'
import { count, offset, partition, topicName } from './atoms'

export const messagesArguments = {
  'messages.open': v.strictObject({
    topic: topicName,
    partitions: v.nullable(v.array(partition)),
    start: v.variant('kind', [
      v.strictObject({ kind: v.literal('newest'), count: count(1_000_000) }),
      v.strictObject({ kind: v.literal('oldest') }),
      v.strictObject({ kind: v.literal('offset'), offset }),
      v.strictObject({ kind: v.literal('time'), timestampMs: v.pipe(v.number(), v.safeInteger()) }),
      v.strictObject({ kind: v.literal('live') }),
    ]),
    limit: count(1_000_000),
  }),
  'messages.rows': v.strictObject({ readId: v.number(), from: offset, count: count(1_000) }),
  'messages.detail': v.strictObject({ readId: v.number(), index: offset }),
  'messages.stop': v.strictObject({ readId: v.number() }),
  'messages.close': v.strictObject({ readId: v.number() }),
} as const

export interface MessagesResults {
  'messages.open': { readonly readId: number }
  'messages.rows': readonly MessageRow[]
  'messages.detail': MessageDetail
  'messages.stop': undefined
  'messages.close': undefined
}

export interface MessagesEvents {
  'messages.progress': ReadProgress
}

export const messagesEventNames = ['messages.progress'] as const satisfies readonly (keyof MessagesEvents)[]
