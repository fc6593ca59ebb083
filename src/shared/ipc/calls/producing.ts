/** Calls and events about producing messages. */
import * as v from 'valibot'
import type { ProduceProgress } from '../../model/producing'
import { count, partition, payload, topicName } from './atoms'

export const produceArguments = {
  'produce.start': v.strictObject({
    topic: topicName,
    partition: v.nullable(partition),
    key: payload,
    value: payload,
    headers: v.array(v.strictObject({ key: v.string(), value: payload })),
    acks: v.picklist([0, 1, -1]),
    timestamp: v.nullable(v.pipe(v.string(), v.regex(/^-?\d{1,19}$/))),
    compression: v.picklist(['none', 'gzip', 'snappy', 'lz4', 'zstd']),
    count: count(1_000_000),
  }),
  'produce.cancel': v.strictObject({ runId: v.number() }),
} as const

export interface ProduceResults {
  'produce.start': { readonly runId: number }
  'produce.cancel': undefined
}

export interface ProduceEvents {
  'produce.progress': ProduceProgress
}

export const produceEventNames = ['produce.progress'] as const satisfies readonly (keyof ProduceEvents)[]
