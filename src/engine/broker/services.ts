/**
 * What the handlers may use of their broker, and nothing more: each takes from this what it needs, so that a test can give it a few lines
 * instead. Put together by Broker; the real ReplicaManager and Controller fit these shapes as they are.
 */
import type { Controller } from '../controller/controller'
import type { Clock, Logger } from '../platform'
import type { DeleteRecordsOutcome } from '../replication/delete-records'
import type {
  AppendOptions,
  AppendOutcome,
  EpochEndAnswer,
  ListOffsetAnswer,
  PartitionStatus,
  ProducersAnswer,
  ReadOptions,
  ReadResult,
} from '../replication/outcomes'
import type { VerificationGuard } from '../replication/ports'
import type { LeaderAndIsr, StopReplica, UpdateMetadata } from '../wire/messages'
import type { RequestOf, ResponseOf } from '../wire/schema'
import type { SecurityState } from './broker-security'
import type { ConfigStore } from './config-store'
import type { ControlQueue } from './control-queue'
import type { Coordinators } from './coordinators'
import type { FetchSessionCache } from './fetch-sessions/fetch-session-cache'
import type { MetadataCache } from './metadata-cache'
import type { ProducerIds } from './producer-ids'
import type { Purgatory } from './purgatory'
import type { ClientQuotas } from './quotas/client-quotas'
import type { QuotaStore } from './quotas/quota-store'
import type { HandlerRegistry } from './registry'
import type { Traffic } from './traffic'
import type { Transactions } from './transactions'

export interface BrokerServices {
  readonly brokerId: number
  readonly clusterId: string
  readonly clock: Clock
  readonly logger: Logger
  readonly registry: HandlerRegistry
  readonly metadata: MetadataCache
  readonly replicas: Replicas
  readonly controller: ControllerApi
  readonly configs: ConfigStore
  readonly producerIds: ProducerIds
  /** Who is known, and who may what. */
  readonly security: Pick<SecurityState, 'acls' | 'authorizer' | 'scram'>
  /** The order of the controller's requests. */
  readonly controlQueue: ControlQueue
  /** Produces that wait for replicas. */
  readonly produces: Purgatory
  /** Fetches that wait for records. */
  readonly fetches: Purgatory
  /** Deletions of records that wait for followers. */
  readonly deletions: Purgatory
  readonly fetchSessions: FetchSessionCache
  readonly quotas: ClientQuotas
  readonly quotaStore: QuotaStore
  /** Of the volume on which the data folder lies; null where the system does not say. */
  volumeSpace(): { readonly totalBytes: number; readonly usableBytes: number } | null
  readonly traffic: Traffic
  /** Of this broker's present registration; -1 while it has none. */
  brokerEpoch(): number
  readonly coordinators: Coordinators
  readonly transactions: Transactions
  /** Asks the controller for a topic that somebody wants to use; returns at once. */
  autoCreateTopic(name: string): void
}

/** The part of ReplicaManager that handlers call. */
export interface Replicas {
  becomeLeaderOrFollower(request: RequestOf<typeof LeaderAndIsr>): ResponseOf<typeof LeaderAndIsr>
  stopReplicas(request: RequestOf<typeof StopReplica>): ResponseOf<typeof StopReplica>
  admitController(request: Pick<RequestOf<typeof UpdateMetadata>, 'controllerId' | 'controllerEpoch' | 'brokerEpoch'>): number
  append(topic: string, partition: number, records: Uint8Array, acks: number, options?: AppendOptions): AppendOutcome
  startVerification(
    topic: string,
    partition: number,
    producerId: number | bigint,
    epoch: number,
    sequence: number,
  ): VerificationGuard | null
  hasOngoingTransaction(topic: string, partition: number, producerId: number | bigint, epoch: number): boolean
  producers(topic: string, partition: number): ProducersAnswer
  checkProduce(topic: string, partition: number, requiredOffset: number, leaderEpochAtAppend: number): 'pending' | number
  read(topic: string, partition: number, options: ReadOptions): ReadResult
  offsetForLeaderEpoch(topic: string, partition: number, currentLeaderEpoch: number, leaderEpoch: number): EpochEndAnswer
  listOffset(
    topic: string,
    partition: number,
    timestamp: number,
    isolation: 'read_uncommitted' | 'read_committed' | null,
    currentLeaderEpoch: number,
  ): ListOffsetAnswer
  deleteRecords(topic: string, partition: number, offset: number): DeleteRecordsOutcome
  lowWatermark(topic: string, partition: number): number | null
  knownLeader(topic: string, partition: number): { readonly leaderId: number; readonly leaderEpoch: number } | null
  onLogFailure(topic: string, partition: number, error: Error): void
  partitionStates(): Iterable<PartitionStatus>
}

/** The part of Controller that handlers call. All of it is for the active controller only; on another broker the handlers answer NOT_CONTROLLER. */
export type ControllerApi = Pick<
  Controller,
  | 'isActive'
  | 'createTopics'
  | 'deleteTopics'
  | 'createPartitions'
  | 'electLeaders'
  | 'alterPartition'
  | 'alterPartitionReassignments'
  | 'listPartitionReassignments'
  | 'controlledShutdown'
>
