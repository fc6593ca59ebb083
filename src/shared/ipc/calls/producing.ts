/** Calls and events about producing messages: single ones, runs, lines of a file, and what is saved. */
import * as v from 'valibot'
import type {
  LinesCheck,
  ProducePreview,
  ProduceProgress,
  ProduceRequestInput,
  ProduceRunView,
  SavedMessages,
} from '../../model/producing'
import { count, nothing, partition, payload, subject, topicName, version } from './atoms'

const milliseconds = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(8_640_000_000_000_000))
const whole = (min: number, max: number) => v.pipe(v.number(), v.integer(), v.minValue(min), v.maxValue(max))
const runId = v.pipe(v.number(), v.safeInteger())

const requestFields = {
  partition: v.nullable(partition),
  key: payload,
  value: payload,
  headers: v.array(v.strictObject({ key: v.string(), value: payload })),
  acks: v.picklist([0, 1, -1]),
  timestamp: v.nullable(v.pipe(v.string(), v.regex(/^-?\d{1,19}$/))),
  compression: v.picklist(['none', 'gzip', 'snappy', 'lz4', 'zstd']),
  count: v.nullable(count(1_000_000)),
  isIdempotent: v.optional(v.boolean()),
  lingerMs: v.optional(whole(0, 60_000)),
  batchBytes: v.optional(whole(1_024, 10_485_760)),
  transaction: v.optional(
    v.nullable(
      v.strictObject({
        transactionalId: v.pipe(v.string(), v.minLength(1), v.maxLength(1_000)),
        recordsPerTransaction: whole(1, 10_000),
        abortPercent: v.pipe(v.number(), v.minValue(0), v.maxValue(100)),
      }),
    ),
  ),
  seed: v.optional(v.pipe(v.number(), v.safeInteger())),
  keys: v.optional(v.nullable(v.strictObject({ count: count(1_000_000), skew: v.picklist(['even', 'zipf']) }))),
  pace: v.optional(
    v.nullable(
      v.strictObject({
        perSecond: v.nullable(v.pipe(v.number(), v.minValue(0.001), v.maxValue(1_000_000))),
        startAtMs: v.nullable(milliseconds),
        repeatEveryMs: v.nullable(whole(100, 7 * 24 * 3_600_000)),
      }),
    ),
  ),
  lines: v.optional(v.nullable(v.strictObject({ linesId: runId, name: v.string() }))),
}

export const produceRequest = v.strictObject({ topic: topicName, ...requestFields })
/** Without a topic yet, as a draft may be. */
export const savedMessage = v.strictObject({
  id: v.pipe(v.string(), v.minLength(1), v.maxLength(100)),
  name: v.pipe(v.string(), v.minLength(1), v.maxLength(200)),
  folder: v.pipe(v.string(), v.maxLength(200)),
  request: v.strictObject({ topic: v.pipe(v.string(), v.maxLength(249)), ...requestFields }),
  savedAtMs: milliseconds,
})

const folderName = v.pipe(v.string(), v.minLength(1), v.maxLength(200))
const lineEncoding = v.variant('format', [
  v.strictObject({ format: v.picklist(['text', 'json', 'int32', 'int64', 'float', 'double', 'uuid', 'hex', 'base64']) }),
  v.strictObject({ format: v.literal('schema'), subject, version: v.nullable(version) }),
])
const columnName = v.nullable(v.string())

/** What a page may hand over at once; a larger file is told to be split. */
export const linesCharactersMax = 64_000_000

export const produceArguments = {
  'produce.start': produceRequest,
  'produce.cancel': v.strictObject({ runId }),
  'produce.pause': v.strictObject({ runId, isPaused: v.boolean() }),
  /** Those under way and the last that have ended, newest first. */
  'produce.runs': nothing,
  /** What was asked for, to be changed and sent again. */
  'produce.request': v.strictObject({ runId }),
  'produce.again': v.strictObject({ runId }),
  /** null: all that have ended. */
  'produce.forget': v.strictObject({ runId: v.nullable(runId) }),
  /** The first messages as they will be sent, with what is wrong in them. */
  'produce.preview': v.strictObject({ request: v.strictObject({ topic: v.string(), ...requestFields }), count: count(20) }),
  /** The text of a template as the first message will have it. */
  'produce.fillIn': v.strictObject({ text: v.string(), seed: v.number(), isJson: v.boolean() }),
  'produce.checkLines': v.strictObject({
    topic: v.string(),
    name: v.pipe(v.string(), v.maxLength(1_000)),
    kind: v.picklist(['records', 'json', 'text', 'csv']),
    text: v.pipe(v.string(), v.maxLength(linesCharactersMax)),
    key: lineEncoding,
    value: lineEncoding,
    mapping: v.nullable(
      v.strictObject({
        key: columnName,
        value: columnName,
        timestamp: columnName,
        partition: columnName,
        headers: v.array(v.string()),
      }),
    ),
  }),
  'produce.saved': nothing,
  /** New ones, and those known by their id in place of what they were; folders that are not there yet are made. */
  'produce.save': v.strictObject({ messages: v.array(savedMessage), folders: v.array(folderName) }),
  'produce.removeSaved': v.strictObject({ ids: v.array(v.string()), folders: v.array(folderName) }),
  /** Its messages go with it. */
  'produce.renameFolder': v.strictObject({ from: folderName, to: folderName }),
} as const

export interface ProduceResults {
  'produce.start': { readonly runId: number }
  'produce.cancel': undefined
  'produce.pause': undefined
  'produce.runs': readonly ProduceRunView[]
  'produce.request': ProduceRequestInput
  'produce.again': { readonly runId: number }
  'produce.forget': undefined
  'produce.preview': readonly ProducePreview[]
  'produce.fillIn': { readonly text: string }
  'produce.checkLines': LinesCheck
  'produce.saved': SavedMessages
  'produce.save': SavedMessages
  'produce.removeSaved': SavedMessages
  'produce.renameFolder': SavedMessages
}

export interface ProduceEvents {
  'produce.progress': ProduceProgress
  /** When one was begun, has ended or was forgotten; how one goes is told by its progress. */
  'produce.runsChanged': readonly ProduceRunView[]
}

export const produceEventNames = ['produce.progress', 'produce.runsChanged'] as const satisfies readonly (keyof ProduceEvents)[]
