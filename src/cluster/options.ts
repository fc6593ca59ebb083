/** What a cluster is started with, and the defaults fit for a sandbox on a developer's machine. */

export interface ClusterOptions {
  /** The workspace folder: settings, every broker's data, coordination. Made if it is not there. */
  readonly dataDirectory: string
  /** Where the bundled worker entries stand (broker-worker.js, coordination-worker.js, registry-worker.js). */
  readonly workerDirectory: string
  /** How many brokers a new workspace gets; one that has brokers keeps its own unless this says more. */
  readonly brokerCount?: number
  /** One port a broker; the last one's successors follow where the list is shorter. 0 means any free port. */
  readonly brokerPorts?: readonly number[]
  /** 0 means any free port. */
  readonly coordinationPort?: number
  /** Whether there is a schema registry, and where; absent: there is none. */
  readonly registry?: RegistryOptions
  /** What to do where a wished port is taken: fail with a sentence, or take the next free one and note it. */
  readonly onTakenPort?: 'fail' | 'move'
  /** The coordination session of each broker: how long a silent death goes unnoticed. */
  readonly sessionTimeoutMs?: number
  /** Broker configs by Kafka's names, for every broker. */
  readonly brokerConfigs?: Readonly<Record<string, string>>
  /** In which rack each broker says to stand; the list begins again where it is shorter. Without it nobody has one. */
  readonly brokerRacks?: readonly string[]
  /** What clients have to prove, and what they may; without it everybody may everything, over plain connections. */
  readonly security?: ClusterSecurity
  /** Messages of the workers; to a file beside the data they go in any case. */
  readonly onLog?: (entry: LogEntry) => void
}

export interface RegistryOptions {
  /** Absent: the one of the last time, else 8081, or the next one that is free. 0 means any free port. */
  readonly port?: number
}

export interface ClusterSecurity {
  readonly protocol: 'PLAINTEXT' | 'SSL' | 'SASL_PLAINTEXT' | 'SASL_SSL'
  /** Of PLAIN, SCRAM-SHA-256 and SCRAM-SHA-512; all of them if absent. */
  readonly saslMechanisms?: readonly string[]
  readonly users?: readonly { readonly name: string; readonly password: string }[]
  /** Whether clients may, or must, show a certificate of the workspace's authority. Never if absent. */
  readonly clientCertificates?: 'none' | 'requested' | 'required'
  /** Whether ACLs count. */
  readonly usesAcls?: boolean
  /** Names of users, or principals, that ACLs do not bind. */
  readonly superUsers?: readonly string[]
}

export interface LogEntry {
  readonly atMs: number
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  /** 'broker-1', 'coordination', 'registry', 'cluster'. */
  readonly source: string
  readonly message: string
  readonly fields: Readonly<Record<string, unknown>> | null
}

export const defaultHost = '127.0.0.1'
export const defaultBrokerCount = 3
export const defaultBrokerPort = 9092
export const defaultCoordinationPort = 2181
export const defaultRegistryPort = 8081
export const defaultSessionTimeoutMs = 1500
/** Topics that clients ask for come into being, with the number of partitions on which test suites of clients count. */
export const autoCreatingConfigs: Readonly<Record<string, string>> = {
  'auto.create.topics.enable': 'true',
  'num.partitions': '4',
}
/** Kafka makes 50 partitions of each, times three replicas: three hundred open logs are dear in a sandbox, and groups here are few. */
export const defaultBrokerConfigs: Readonly<Record<string, string>> = {
  'offsets.topic.num.partitions': '10',
  'transaction.state.log.num.partitions': '10',
}

const internalTopicReplicas = 3

/**
 * The topics of groups and transactions are made when a client first asks for them, and keep the replicas that they are made with. Counted are the brokers that
 * the workspace has, not those that live at that moment: a client that comes while two of three are down waits for them, as in Kafka, and one that comes to a
 * cluster of one does not wait for others that never come.
 */
export function internalTopicConfigs(brokerCount: number): Readonly<Record<string, string>> {
  const replicas = String(Math.min(internalTopicReplicas, brokerCount))
  return { 'offsets.topic.replication.factor': replicas, 'transaction.state.log.replication.factor': replicas }
}
