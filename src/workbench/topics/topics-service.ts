/** Topics as an administrator changes them: through the protocol, so it works against any cluster. Lives in the clients worker. */
import {
  Admin,
  alterTopicConfigs,
  ClientError,
  createPartitions,
  deleteRecords,
  type KafkaClient,
  latestOffset,
  listOffsets,
  type TopicMetadata,
} from '../../engine/client'
import { errorName } from '../../engine/wire/errors'
import type { CallArgument, CallResults } from '../../shared/ipc/contract'
import { WorkbenchError } from '../../shared/ipc/errors'
import type { ConfigEntryView } from '../../shared/model/topics'
import type { ClientHandlers } from '../rpc'
import type { Emit } from '../services'
import { TopicAnalysisRun } from './topic-analysis'

type TopicCallName = Extract<keyof ClientHandlers, `topics.${string}`>

export function createTopicsService(client: KafkaClient, emit: Emit, idBase: number): Pick<ClientHandlers, TopicCallName> {
  const admin = new Admin(client)
  const analyses = new Map<number, TopicAnalysisRun>()
  let nextAnalysisId = idBase + 1
  return {
    'topics.create': (spec) => admin.createTopic(spec).then(() => undefined),
    'topics.delete': ({ topic }) => admin.deleteTopic(topic).then(() => undefined),
    'topics.configs': async ({ topic }) => (await admin.describeTopicConfigs(topic)).map(toView),
    'topics.setConfigs': ({ topic, changes }) => alterTopicConfigs(client, topic, changes).then(() => undefined),
    'topics.addPartitions': ({ topic, total }) => createPartitions(client, topic, total).then(() => undefined),
    'topics.purge': ({ topic, before }) => purge(client, topic, before),
    'topics.clone': ({ topic, name }) => clone(client, admin, topic, name),
    'topics.analyse': (request) => {
      const run = new TopicAnalysisRun(nextAnalysisId++, client, request, (progress) => emit('topics.analysisProgress', progress))
      analyses.set(run.id, run)
      void run.run().finally(() => analyses.delete(run.id))
      return { analysisId: run.id }
    },
    'topics.stopAnalysis': ({ analysisId }) => {
      analyses.get(analysisId)?.stop()
      return undefined
    },
  }
}

async function partitionsOf(client: KafkaClient, topic: string): Promise<TopicMetadata> {
  const found = (await client.refresh()).topics.get(topic)
  if (found === undefined || found.partitions.length === 0)
    throw new WorkbenchError('protocol', 'UNKNOWN_TOPIC_OR_PARTITION', `There is no topic ${topic}. It may have been deleted.`)
  return found
}

async function purge(
  client: KafkaClient,
  topic: string,
  before: CallArgument<'topics.purge'>['before'],
): Promise<CallResults['topics.purge']> {
  const offsets = await purgeOffsets(client, topic, before)
  const done = await deleteRecords(client, topic, offsets)
  return {
    partitions: [...done]
      .map(([partition, offset]) => ({ partition, logStartOffset: Number(offset) }))
      .sort((a, b) => a.partition - b.partition),
  }
}

/**
 * Up to where each partition is emptied, never further than it went when this was asked. Where logs end is asked first: a record written after that is
 * kept, whether or not the time is asked of a leader that has it already.
 */
export async function purgeOffsets(
  client: KafkaClient,
  topic: string,
  before: CallArgument<'topics.purge'>['before'],
): Promise<ReadonlyMap<number, number>> {
  if (before.kind === 'offsets') return new Map(before.offsets.map(({ partition, offset }) => [partition, offset]))
  const partitions = (await partitionsOf(client, topic)).partitions.map(({ partition }) => partition)
  const ends = await listOffsets(client, topic, partitions, latestOffset)
  if (before.kind === 'end') return ends
  const found = await listOffsets(client, topic, partitions, before.timestampMs)
  // Less than 0: no record is as young as that, so all that were there go.
  const upTo = (first: number | undefined, end: number): number => (first === undefined || first < 0 ? end : Math.min(first, end))
  return new Map([...ends].map(([partition, end]) => [partition, upTo(found.get(partition), end)]))
}

async function clone(client: KafkaClient, admin: Admin, topic: string, name: string): Promise<undefined> {
  const source = await partitionsOf(client, topic)
  const configs = await admin.describeTopicConfigs(topic)
  const own = configs.filter(({ configSource, value }) => sources[configSource] === 'topic' && value !== null)
  await admin.createTopic({
    name,
    partitionCount: source.partitions.length,
    replicationFactor: Math.max(1, ...source.partitions.map(({ replicas }) => replicas.length)),
    configs: Object.fromEntries(own.map((entry) => [entry.name, entry.value ?? ''])),
  })
  return undefined
}

/** DescribeConfigs' ConfigSource and ConfigType by number (Kafka's ConfigEntry). */
const sources = [
  'unknown',
  'topic',
  'broker, dynamic',
  'cluster default, dynamic',
  'broker, static',
  'default',
  'broker logger, dynamic',
  'client metrics, dynamic',
  'group, dynamic',
]
const types = ['unknown', 'boolean', 'string', 'int', 'short', 'long', 'double', 'list', 'class', 'password']

function toView(entry: Awaited<ReturnType<Admin['describeTopicConfigs']>>[number]): ConfigEntryView {
  const source = sources[entry.configSource] ?? 'unknown'
  return {
    name: entry.name,
    value: entry.value,
    isDefault: source === 'default',
    isReadOnly: entry.readOnly,
    source,
    type: types[entry.configType] ?? 'unknown',
    documentation: entry.documentation ?? '',
  }
}

/** A client's failure as the window's: Kafka's name as the code, the broker's sentence as the message. */
export function asWorkbenchError(error: unknown): unknown {
  if (!(error instanceof ClientError)) return error
  if (error.code === null) return new WorkbenchError('expected', error.kind.toUpperCase(), `${error.message}.`)
  const name = errorName(error.code)
  const message = error.message.startsWith(`${name}: `) ? error.message.slice(name.length + 2) : error.message
  return new WorkbenchError('protocol', name, message)
}
