/**
 * The one contract between the window and the main process: every call with the schema of its argument, every event with its type.
 * Main validates each argument against the schema here before any service sees it; nothing else crosses.
 */
import * as v from 'valibot'
import type { ClusterView, PartitionView, TimelineEvent } from '../model/cluster'
import type { MessageDetail, MessageRow, ProduceProgress, ReadProgress } from '../model/messages'
import type {
  DecodedPayload,
  DraftAnalysis,
  EvolutionCheck,
  InferredSchema,
  ReferenceEdge,
  RegistryView,
  SchemaChangeView,
  SchemaVersionView,
  SubjectSummary,
  SubjectView,
} from '../model/schemas'
import { compatibilityLevels, registryModes } from '../model/schemas'
import type { ConfigDefinitionView, ConfigEntryView, TopicView } from '../model/topics'
import type { WireError } from './errors'

const brokerId = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0x7fffffff))
const count = (max: number) => v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(max))
const offset = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const topicName = v.pipe(v.string(), v.minLength(1), v.maxLength(249))
const partition = v.pipe(v.number(), v.integer(), v.minValue(0))
const payload = v.variant('format', [
  v.strictObject({ format: v.picklist(['text', 'json', 'hex', 'base64', 'null']), text: v.string() }),
  /** JSON written with a schema of the registry; null: its latest version. */
  v.strictObject({
    format: v.literal('schema'),
    text: v.string(),
    subject: v.pipe(v.string(), v.minLength(1)),
    version: v.nullable(v.pipe(v.number(), v.integer(), v.minValue(1))),
  }),
])
const nothing = v.optional(v.undefined())
const subject = v.pipe(v.string(), v.minLength(1), v.maxLength(10_000))
const version = v.pipe(v.number(), v.integer(), v.minValue(1))
const schemaText = v.pipe(v.string(), v.maxLength(5_000_000))
const schemaLanguage = v.picklist(['avro', 'avro-idl', 'json-schema', 'protobuf'])
const draft = v.strictObject({
  subject: v.string(),
  language: schemaLanguage,
  text: schemaText,
  references: v.array(v.strictObject({ name: v.string(), subject: v.string(), version: v.number() })),
})
const versionOf = v.strictObject({ subject, version })

/** What each call takes. */
export const argumentSchemas = {
  'app.info': nothing,
  'app.copyText': v.strictObject({ text: v.pipe(v.string(), v.maxLength(50_000_000)) }),
  'app.setTheme': v.strictObject({ theme: v.picklist(['system', 'light', 'dark']) }),
  'app.openDataDirectory': nothing,
  'cluster.view': nothing,
  'cluster.startBroker': v.strictObject({ brokerId }),
  'cluster.stopBroker': v.strictObject({ brokerId }),
  'cluster.killBroker': v.strictObject({ brokerId }),
  'cluster.freezeBroker': v.strictObject({ brokerId }),
  'cluster.resumeBroker': v.strictObject({ brokerId }),
  'cluster.addBroker': nothing,
  'cluster.removeBroker': v.strictObject({ brokerId }),
  'cluster.timeline': nothing,
  'topics.list': nothing,
  'topics.partitions': v.strictObject({ topic: v.nullable(topicName) }),
  'topics.configs': v.strictObject({ topic: topicName }),
  'topics.configDefinitions': nothing,
  'topics.create': v.strictObject({
    name: v.string(),
    partitionCount: count(10_000),
    replicationFactor: count(64),
    configs: v.record(v.string(), v.string()),
  }),
  'topics.delete': v.strictObject({ topic: topicName }),
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
  'schemas.registry': nothing,
  'schemas.subjects': v.strictObject({ deleted: v.boolean() }),
  /** Subjects whose latest text holds this; names are searched in the window. */
  'schemas.searchTexts': v.strictObject({ text: v.pipe(v.string(), v.minLength(1), v.maxLength(1_000)) }),
  'schemas.subject': v.strictObject({ subject }),
  'schemas.references': nothing,
  'schemas.byId': v.strictObject({ id: v.pipe(v.number(), v.integer(), v.minValue(0)) }),
  'schemas.analyse': v.strictObject({ draft, sampleSeed: v.number() }),
  'schemas.changes': v.strictObject({
    older: v.variant('kind', [
      v.strictObject({ kind: v.literal('version'), version: versionOf }),
      v.strictObject({ kind: v.literal('draft'), draft }),
    ]),
    newer: v.variant('kind', [
      v.strictObject({ kind: v.literal('version'), version: versionOf }),
      v.strictObject({ kind: v.literal('draft'), draft }),
    ]),
  }),
  'schemas.format': v.strictObject({ language: schemaLanguage, text: schemaText }),
  /** From one language to another: Avro to IDL and back. */
  'schemas.convert': v.strictObject({ draft, to: schemaLanguage }),
  'schemas.register': v.strictObject({ draft, normalize: v.boolean() }),
  'schemas.evolution': v.strictObject({ draft, topic: topicName, count: count(100_000) }),
  /** `message`: which one of a Protobuf file; the first one where it is not said. */
  'schemas.sample': v.strictObject({ draft, seed: v.number(), count: count(1_000), message: v.optional(v.string()) }),
  'schemas.inferFromTopic': v.strictObject({
    topic: topicName,
    part: v.picklist(['key', 'value']),
    count: count(100_000),
    language: v.picklist(['avro', 'json-schema']),
  }),
  'schemas.inferFromJson': v.strictObject({
    text: v.pipe(v.string(), v.maxLength(50_000_000)),
    name: v.string(),
    language: v.picklist(['avro', 'json-schema']),
  }),
  /** TypeScript types. */
  'schemas.code': v.strictObject({ draft }),
  'schemas.setLevel': v.strictObject({ subject: v.nullable(subject), level: v.nullable(v.picklist(compatibilityLevels)) }),
  'schemas.setMode': v.strictObject({ subject: v.nullable(subject), mode: v.nullable(v.picklist(registryModes)) }),
  'schemas.deleteVersion': v.strictObject({ subject, version, permanent: v.boolean() }),
  'schemas.deleteSubject': v.strictObject({ subject, permanent: v.boolean() }),
  /** A softly deleted version, back under its number and id. */
  'schemas.restoreVersion': v.strictObject({ subject, version }),
  /** One JSON text with subjects, versions, ids, levels and modes; null: all subjects. */
  'schemas.exportSubjects': v.strictObject({ subjects: v.nullable(v.array(subject)) }),
  'schemas.importSubjects': v.strictObject({ text: v.pipe(v.string(), v.maxLength(200_000_000)) }),
  /** Whether this JSON can be written with the schema; answers null or what is wrong where. */
  'schemas.validate': v.strictObject({
    subject,
    version: v.nullable(version),
    json: v.pipe(v.string(), v.maxLength(50_000_000)),
  }),
  /** Key and value of a record of an open read, seen through their schemas. */
  'schemas.decode': v.strictObject({ readId: v.number(), index: offset }),
} as const

export type CallName = keyof typeof argumentSchemas
export type CallArgument<N extends CallName> = v.InferOutput<(typeof argumentSchemas)[N]>

export interface AppInfo {
  readonly name: string
  readonly version: string
  readonly electron: string
  readonly platform: string
  readonly theme: 'system' | 'light' | 'dark'
}

/** What each call answers. A failure is thrown as a WorkbenchError. */
export interface CallResults {
  'app.info': AppInfo
  'app.copyText': undefined
  'app.setTheme': undefined
  'app.openDataDirectory': undefined
  'cluster.view': ClusterView
  'cluster.startBroker': undefined
  'cluster.stopBroker': undefined
  'cluster.killBroker': undefined
  'cluster.freezeBroker': undefined
  'cluster.resumeBroker': undefined
  'cluster.addBroker': { readonly brokerId: number }
  'cluster.removeBroker': undefined
  'cluster.timeline': readonly TimelineEvent[]
  'topics.list': readonly TopicView[]
  'topics.partitions': readonly PartitionView[]
  'topics.configs': readonly ConfigEntryView[]
  'topics.configDefinitions': readonly ConfigDefinitionView[]
  'topics.create': undefined
  'topics.delete': undefined
  'messages.open': { readonly readId: number }
  'messages.rows': readonly MessageRow[]
  'messages.detail': MessageDetail
  'messages.stop': undefined
  'messages.close': undefined
  'produce.start': { readonly runId: number }
  'produce.cancel': undefined
  'schemas.registry': RegistryView
  'schemas.subjects': readonly SubjectSummary[]
  'schemas.searchTexts': readonly string[]
  'schemas.subject': SubjectView
  'schemas.references': readonly ReferenceEdge[]
  'schemas.byId': readonly SchemaVersionView[]
  'schemas.analyse': DraftAnalysis
  'schemas.changes': readonly SchemaChangeView[]
  'schemas.format': { readonly text: string }
  'schemas.convert': { readonly text: string }
  'schemas.register': { readonly id: number; readonly version: number; readonly wasRegistered: boolean }
  'schemas.evolution': EvolutionCheck
  /** `messages`: all of a Protobuf file by their names, the first one first; of other types none. */
  'schemas.sample': { readonly samples: readonly string[]; readonly messages: readonly string[] }
  'schemas.inferFromTopic': InferredSchema
  'schemas.inferFromJson': InferredSchema
  'schemas.code': { readonly text: string }
  'schemas.setLevel': undefined
  'schemas.setMode': undefined
  'schemas.deleteVersion': undefined
  'schemas.deleteSubject': undefined
  'schemas.restoreVersion': undefined
  'schemas.exportSubjects': { readonly text: string }
  'schemas.importSubjects': {
    readonly imported: number
    readonly unchanged: number
    readonly refused: readonly { readonly what: string; readonly reason: string }[]
  }
  'schemas.validate': { readonly problem: { readonly path: string; readonly message: string } | null }
  'schemas.decode': { readonly key: DecodedPayload; readonly value: DecodedPayload }
}

/** What main tells the window unasked. Views are whole, not deltas, and sent at most four times a second. */
export interface EventPayloads {
  'cluster.changed': ClusterView
  /** Topics and partitions whenever one of them changed; the window keeps the newest. */
  'topics.changed': { readonly topics: readonly TopicView[]; readonly partitions: readonly PartitionView[] }
  'timeline.appended': readonly TimelineEvent[]
  'messages.progress': ReadProgress
  'produce.progress': ProduceProgress
  /** The registry came, went, or was written to. */
  'schemas.changed': RegistryView
  /** From a native menu. */
  'app.command': { readonly command: string }
  /** A fault of ours in the main process that no call stands for, once for each message; the log has the rest. */
  'app.problem': { readonly message: string }
}

export type EventName = keyof EventPayloads

/** How an answer crosses: Electron loses the fields of thrown errors, so failures travel as values. */
export type CallReply<N extends CallName> =
  | { readonly ok: true; readonly value: CallResults[N] }
  | { readonly ok: false; readonly error: WireError }

export const eventNames = [
  'cluster.changed',
  'topics.changed',
  'timeline.appended',
  'messages.progress',
  'produce.progress',
  'schemas.changed',
  'app.command',
  'app.problem',
] as const satisfies readonly EventName[]

/** The two channels of the bridge. */
export const callChannel = 'workbench:call'
export const eventChannel = 'workbench:event'

/** What the preload exposes as `window.workbench`, and nothing more. */
export interface Bridge {
  call<N extends CallName>(name: N, argument: CallArgument<N>): Promise<CallReply<N>>
  /** Answers a function that stops the subscription. */
  on<N extends EventName>(name: N, listener: (payload: EventPayloads[N]) => void): () => void
}
