/**
 * The nouns of the controller: what is known of brokers, topics and partitions, as plain immutable data. Shared by the pure rules and the
 * driver; has no behaviour beyond keys and the sentinels of Kafka's LeaderAndIsr.
 */

/** The partition has no leader: it is offline. */
export const NO_LEADER = -1
/** UpdateMetadata's leader of a partition whose topic is being deleted: brokers drop it from their metadata. */
export const LEADER_DURING_DELETE = -2
/** StopReplica's leader epoch for a topic that is being deleted: it overrides whatever epoch the broker knows. */
export const EPOCH_DURING_DELETE = -2
export const INITIAL_LEADER_EPOCH = 0
/** The version of a partition state znode that was just created. */
export const INITIAL_PARTITION_EPOCH = 0

/** Whether the leader was elected from outside the ISR and has not yet said that it has recovered (KIP-704). */
export const LeaderRecoveryState = { RECOVERED: 0, RECOVERING: 1 } as const
export type LeaderRecoveryState = (typeof LeaderRecoveryState)[keyof typeof LeaderRecoveryState]

/** Who leads a partition and who is in sync: the contents of its state znode, and the znode's version. */
export interface PartitionState {
  /** A broker's id, or {@link NO_LEADER}. */
  readonly leader: number
  /** Raised by every change of the leader, also to none. Never goes back. */
  readonly leaderEpoch: number
  /** Never empty: the last member is kept when it goes offline, for only it is known to have everything that was acknowledged. */
  readonly isr: readonly number[]
  readonly leaderRecoveryState: LeaderRecoveryState
  /** The state znode's version: raised by every change. What a writer expects the znode to have (compare and set). */
  readonly partitionEpoch: number
}

/** The replicas of a partition, in order of preference: the first is the preferred leader. The lists of a reassignment under way are parts of `replicas`. */
export interface ReplicaAssignment {
  readonly replicas: readonly number[]
  readonly addingReplicas: readonly number[]
  readonly removingReplicas: readonly number[]
  /**
   * Brokers that have had a replica, are in none of the other lists any more, and have not said yet that they have deleted it. Kafka forgets them: one
   * that is down, or whose controller is replaced at that moment, keeps the replica for good.
   */
  readonly strayReplicas: readonly number[]
}

export function assignmentOf(replicas: readonly number[]): ReplicaAssignment {
  return { replicas, addingReplicas: [], removingReplicas: [], strayReplicas: [] }
}

/** With Kafka's numbers (SecurityProtocol.id). */
export const SecurityProtocol = { PLAINTEXT: 0, SSL: 1, SASL_PLAINTEXT: 2, SASL_SSL: 3 } as const
export type SecurityProtocol = keyof typeof SecurityProtocol

/** One way into a broker. */
export interface BrokerAddress {
  readonly listener: string
  readonly protocol: SecurityProtocol
  readonly host: string
  readonly port: number
}

/** The listener that brokers have for each other, where clients have to say who they are (`inter.broker.listener.name`). */
export const INTER_BROKER_LISTENER = 'REPLICATION'

/** `host` and `port` are where clients go. */
export interface BrokerInfo {
  readonly id: number
  readonly host: string
  readonly port: number
  readonly rack: string | null
  /** Absent: one listener, PLAINTEXT, for everybody. Otherwise that of clients first. */
  readonly addresses?: readonly BrokerAddress[]
}

export function addressesOf({
  host,
  port,
  addresses,
}: Pick<BrokerInfo, 'host' | 'port' | 'addresses'>): readonly BrokerAddress[] {
  return addresses ?? [{ listener: 'PLAINTEXT', protocol: 'PLAINTEXT', host, port }]
}

/** Where other brokers go. */
export function interBrokerAddressOf(broker: BrokerInfo): { readonly host: string; readonly port: number } {
  return broker.addresses?.find(({ listener }) => listener === INTER_BROKER_LISTENER) ?? broker
}

/** A broker that is registered, with the creation zxid of its znode as epoch: a restart gives another. */
export interface LiveBroker extends BrokerInfo {
  readonly epoch: number
}

export interface PartitionId {
  readonly topic: string
  readonly partition: number
}

/** A map key for a partition. Topic names hold no '/', so it is unique. */
export function partitionKey(topic: string, partition: number): string {
  return `${topic}/${partition}`
}
