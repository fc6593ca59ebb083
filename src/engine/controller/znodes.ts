/**
 * Paths and contents of the znodes that ZooKeeper-mode Kafka keeps (ZkData.scala), so that its tools and eyes find what they know. Pure:
 * encoders and decoders only. Decoders answer null for contents that make no sense, which an outside writer may well have put there.
 */
import {
  addressesOf,
  type BrokerAddress,
  type BrokerInfo,
  LeaderRecoveryState,
  NO_LEADER,
  type PartitionState,
  type ReplicaAssignment,
  SecurityProtocol,
} from './types'

export const CONTROLLER = '/controller'
export const CONTROLLER_EPOCH = '/controller_epoch'
export const BROKER_IDS = '/brokers/ids'
export const BROKER_SEQUENCE_ID = '/brokers/seqid'
export const TOPICS = '/brokers/topics'
export const TOPIC_CONFIGS = '/config/topics'
export const CONFIG_CHANGES = '/config/changes'
export const CONFIG_CHANGE_PREFIX = 'config_change_'
export const DELETE_TOPICS = '/admin/delete_topics'
export const PREFERRED_ELECTION = '/admin/preferred_replica_election'
export const LOG_DIR_EVENTS = '/log_dir_event_notification'
export const LOG_DIR_EVENT_PREFIX = 'log_dir_event_'
export const PRODUCER_ID_BLOCK = '/latest_producer_id_block'
export const CLUSTER_ID = '/cluster/id'

/** What Kafka makes at start, parents included. */
export const PERSISTENT_PATHS: readonly string[] = [
  '/consumers',
  BROKER_IDS,
  TOPICS,
  CONFIG_CHANGES,
  DELETE_TOPICS,
  BROKER_SEQUENCE_ID,
  '/isr_change_notification',
  PRODUCER_ID_BLOCK,
  LOG_DIR_EVENTS,
  TOPIC_CONFIGS,
  '/config/clients',
  '/config/users',
  '/config/brokers',
  '/config/groups',
  '/config/ips',
]

export const brokerPath = (id: number): string => `${BROKER_IDS}/${id}`
export const topicPath = (topic: string): string => `${TOPICS}/${topic}`
export const partitionsPath = (topic: string): string => `${TOPICS}/${topic}/partitions`
export const partitionPath = (topic: string, partition: number): string => `${TOPICS}/${topic}/partitions/${partition}`
export const statePath = (topic: string, partition: number): string => `${TOPICS}/${topic}/partitions/${partition}/state`
export const topicConfigPath = (topic: string): string => `${TOPIC_CONFIGS}/${topic}`
export const deleteTopicPath = (topic: string): string => `${DELETE_TOPICS}/${topic}`

/** As in Kafka `host` and `port` are those of a plain listener, for readers of long ago; null and -1 where there is none. */
export function encodeBroker(broker: BrokerInfo, timestampMs: number): string {
  const addresses = addressesOf(broker)
  const plain = addresses.find(({ protocol }) => protocol === 'PLAINTEXT')
  return JSON.stringify({
    version: 5,
    host: plain?.host ?? null,
    port: plain?.port ?? -1,
    jmx_port: -1,
    timestamp: String(timestampMs),
    endpoints: addresses.map(({ listener, host, port }) => `${listener}://${host.includes(':') ? `[${host}]` : host}:${port}`),
    listener_security_protocol_map: Object.fromEntries(addresses.map(({ listener, protocol }) => [listener, protocol])),
    ...(broker.rack === null ? {} : { rack: broker.rack }),
    features: {},
  })
}

export function decodeBroker(id: number, data: Uint8Array): BrokerInfo | null {
  const json = parseObject(data)
  if (json === null) return null
  const { host, port } = json
  const rack = typeof json['rack'] === 'string' ? json['rack'] : null
  const addresses = decodeAddresses(json)
  const [first] = addresses
  const isPlainOnly = addresses.length <= 1 && (first === undefined || first.listener === 'PLAINTEXT')
  if (isPlainOnly && typeof host === 'string' && isPort(port)) return { id, host, port, rack }
  if (first === undefined) return null
  return { id, host: first.host, port: first.port, rack, ...(isPlainOnly ? {} : { addresses }) }
}

/** Those that make sense: anybody may write there. */
function decodeAddresses(json: Record<string, unknown>): BrokerAddress[] {
  const endpoints = Array.isArray(json['endpoints']) ? (json['endpoints'] as unknown[]) : []
  const protocols = asObject(json['listener_security_protocol_map']) ?? {}
  return endpoints.flatMap((endpoint) => {
    const match = typeof endpoint === 'string' ? /^([^:/]+):\/\/(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(endpoint) : null
    const [, listener = '', bracketed, name] = match ?? []
    const port = Number(match?.[4])
    const protocol = protocols[listener] ?? listener
    if (match === null || !isPort(port) || !isSecurityProtocol(protocol)) return []
    return [{ listener, protocol, host: bracketed ?? name ?? '', port }]
  })
}

function isPort(value: unknown): value is number {
  return isInt32(value) && value >= 0 && value <= 65_535
}

function isSecurityProtocol(value: unknown): value is SecurityProtocol {
  return typeof value === 'string' && Object.hasOwn(SecurityProtocol, value)
}

export function encodeController(brokerId: number, timestampMs: number): string {
  return JSON.stringify({ version: 2, brokerid: brokerId, timestamp: String(timestampMs), kraftControllerEpoch: -1 })
}

export function decodeController(data: Uint8Array): number | null {
  const id = parseObject(data)?.['brokerid']
  return isInt32(id) ? id : null
}

export function decodeControllerEpoch(data: Uint8Array): number {
  const epoch = Number(text(data))
  return isInt32(epoch) && epoch >= 0 ? epoch : 0
}

export interface TopicZnode {
  /** Null where a tool older than topic ids wrote it. */
  readonly topicId: string | null
  readonly assignments: ReadonlyMap<number, ReplicaAssignment>
}

export function encodeTopic(topicId: string, assignments: ReadonlyMap<number, ReplicaAssignment>): string {
  const lists = (list: (assignment: ReplicaAssignment) => readonly number[]) =>
    Object.fromEntries([...assignments].filter(([, a]) => list(a).length > 0).map(([partition, a]) => [partition, list(a)]))
  const strays = [...assignments.values()].flatMap(({ strayReplicas }) => strayReplicas)
  return JSON.stringify({
    version: 3,
    topic_id: topicId,
    partitions: lists((assignment) => assignment.replicas),
    adding_replicas: lists((assignment) => assignment.addingReplicas),
    removing_replicas: lists((assignment) => assignment.removingReplicas),
    // Our own, and rarely there. Kafka passes over what it does not know.
    ...(strays.length > 0 ? { stray_replicas: lists((assignment) => assignment.strayReplicas) } : {}),
  })
}

/** Anything else could not go into a request; without an id the controller gives the topic one. */
const TOPIC_ID = /^[A-Za-z0-9_-]{22}$/

export function decodeTopic(data: Uint8Array): TopicZnode | null {
  const json = parseObject(data)
  const partitions = asObject(json?.['partitions'])
  if (json === null || partitions === null) return null
  const adding = asObject(json['adding_replicas']) ?? {}
  const removing = asObject(json['removing_replicas']) ?? {}
  const stray = asObject(json['stray_replicas']) ?? {}
  const assignments = new Map<number, ReplicaAssignment>()
  for (const [key, value] of Object.entries(partitions)) {
    const partition = Number(key)
    const replicas = asIds(value)
    if (!isInt32(partition) || partition < 0 || replicas === null || replicas.length === 0) return null
    assignments.set(partition, {
      replicas,
      addingReplicas: asIds(adding[key]) ?? [],
      removingReplicas: asIds(removing[key]) ?? [],
      strayReplicas: (asIds(stray[key]) ?? []).filter((id) => !replicas.includes(id)),
    })
  }
  const topicId = json['topic_id']
  return { topicId: typeof topicId === 'string' && TOPIC_ID.test(topicId) ? topicId : null, assignments }
}

export function encodeState(state: PartitionState, controllerEpoch: number): string {
  const { leader, leaderEpoch, isr, leaderRecoveryState } = state
  return JSON.stringify({
    controller_epoch: controllerEpoch,
    leader,
    version: 1,
    leader_epoch: leaderEpoch,
    isr,
    // As in Kafka, only where it says something.
    ...(leaderRecoveryState === LeaderRecoveryState.RECOVERED ? {} : { leader_recovery_state: leaderRecoveryState }),
  })
}

export interface StateZnode {
  readonly state: PartitionState
  /** Of the controller that wrote it. */
  readonly controllerEpoch: number
}

/** A leader that its ISR leaves out is put in: somebody has written the state by hand, and the controller's rules hold for states with a leader in its ISR. */
export function decodeState(data: Uint8Array, version: number): StateZnode | null {
  const json = parseObject(data)
  const isr = asIds(json?.['isr'])
  const { leader, leader_epoch: leaderEpoch, controller_epoch: controllerEpoch, leader_recovery_state: recovery } = json ?? {}
  if (!isInt32(leader) || !isInt32(leaderEpoch) || isr === null) return null
  return {
    state: {
      leader: Math.max(leader, NO_LEADER),
      leaderEpoch,
      isr: leader < 0 || isr.includes(leader) ? isr : [leader, ...isr],
      leaderRecoveryState:
        recovery === LeaderRecoveryState.RECOVERING ? LeaderRecoveryState.RECOVERING : LeaderRecoveryState.RECOVERED,
      partitionEpoch: version,
    },
    controllerEpoch: isInt32(controllerEpoch) ? controllerEpoch : 0,
  }
}

export type TopicConfigs = Readonly<Record<string, string>>

export function encodeConfigs(configs: TopicConfigs): string {
  return JSON.stringify({ version: 1, config: configs })
}

export function decodeConfigs(data: Uint8Array): TopicConfigs {
  const config = asObject(parseObject(data)?.['config']) ?? {}
  return Object.fromEntries(Object.entries(config).filter((entry): entry is [string, string] => typeof entry[1] === 'string'))
}

export function encodeConfigChange(entityPath: string): string {
  return JSON.stringify({ version: 2, entity_path: entityPath })
}

/** The topic whose configuration a notification says has changed; null where it is about something else. */
export function decodeTopicConfigChange(data: Uint8Array): string | null {
  const json = parseObject(data)
  const path = json?.['entity_path']
  if (typeof path === 'string') return path.startsWith('topics/') ? path.slice('topics/'.length) : null
  // Version 1, as older tools write it.
  return json?.['entity_type'] === 'topics' && typeof json['entity_name'] === 'string' ? json['entity_name'] : null
}

/** Kafka's only kind of event there. */
const LOG_DIR_FAILURE = 1

export function encodeLogDirEvent(brokerId: number): string {
  return JSON.stringify({ version: 1, broker: brokerId, event: LOG_DIR_FAILURE })
}

/** The broker that has a log which failed; null where the znode says something else. */
export function decodeLogDirEvent(data: Uint8Array): number | null {
  const { broker, event } = parseObject(data) ?? {}
  return isInt32(broker) && event === LOG_DIR_FAILURE ? broker : null
}

export function encodeProducerIdBlock(brokerId: number, first: bigint, last: bigint): string {
  return JSON.stringify({ version: 1, broker: brokerId, block_start: String(first), block_end: String(last) })
}

/** The last producer id given out, -1 where none was. */
export function decodeProducerIdBlockEnd(data: Uint8Array): bigint {
  const end = parseObject(data)?.['block_end']
  return typeof end === 'string' && /^\d{1,19}$/.test(end) && BigInt(end) < 2n ** 63n ? BigInt(end) : -1n
}

export function decodePreferredElection(data: Uint8Array): { topic: string; partition: number }[] {
  const partitions = parseObject(data)?.['partitions']
  if (!Array.isArray(partitions)) return []
  const asked: { topic: string; partition: number }[] = []
  for (const item of partitions) {
    const { topic, partition } = asObject(item) ?? {}
    if (typeof topic === 'string' && isInt32(partition)) asked.push({ topic, partition })
  }
  return asked
}

export function encodeClusterId(id: string): string {
  return JSON.stringify({ version: '1', id })
}

export function decodeClusterId(data: Uint8Array): string | null {
  const id = parseObject(data)?.['id']
  return typeof id === 'string' && id !== '' ? id : null
}

function text(data: Uint8Array): string {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('utf8')
}

function parseObject(data: Uint8Array): Record<string, unknown> | null {
  try {
    return asObject(JSON.parse(text(data)))
  } catch {
    return null
  }
}

function asObject(value: unknown): Record<string, unknown> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null
}

/** All numbers of Kafka's znodes go into int32 fields of requests: one that does not fit would come out as another. */
function isInt32(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= -0x80000000 && value <= 0x7fffffff
}

function asIds(value: unknown): number[] | null {
  return Array.isArray(value) && value.every((id) => isInt32(id) && id >= 0) ? (value as number[]) : null
}
