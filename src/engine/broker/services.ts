/**
 * What the handlers may use of their broker, and nothing more: each takes from this what it needs, so that a test can give it a few lines
 * instead. Put together by Broker; the real ReplicaManager and Controller fit these shapes as they are.
 */
import type { Controller } from '../controller/controller'
import type { Clock, Logger } from '../platform'
import type { DeleteRecordsOutcome } from '../replication/delete-records'
import type {
  AppendOutcome,
  EpochEndAnswer,
  ListOffsetAnswer,
  PartitionStatus,
  ReadOptions,
  ReadResult,
} from '../replication/outcomes'
import type { LeaderAndIsr, StopReplica, UpdateMetadata } from '../wire/messages'
import type { RequestOf, ResponseOf } from '../wire/schema'
import type { ConfigStore } from './config-store'
import type { ControlQueue } from './control-queue'
import type { MetadataCache } from './metadata-cache'
import type { ProducerIds } from './producer-ids'
import type { Purgatory } from './purgatory'
import type { HandlerRegistry } from './registry'
import type { Traffic } from './traffic'

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
  /** The order of the controller's requests. */
  readonly controlQueue: ControlQueue
  /** Produces that wait for replicas. */
  readonly produces: Purgatory
  /** Fetches that wait for records. */
  readonly fetches: Purgatory
  /** Deletions of records that wait for followers. */
  readonly deletions: Purgatory
  readonly traffic: Traffic
  /** Of this broker's present registration; -1 while it has none. */
  brokerEpoch(): number
  /** Asks the controller for a topic that somebody wants to use; returns at once. */
  autoCreateTopic(name: string): void
}

/** The part of ReplicaManager that handlers call. */
export interface Replicas {
  becomeLeaderOrFollower(request: RequestOf<typeof LeaderAndIsr>): ResponseOf<typeof LeaderAndIsr>
  stopReplicas(request: RequestOf<typeof StopReplica>): ResponseOf<typeof StopReplica>
  admitController(request: Pick<RequestOf<typeof UpdateMetadata>, 'controllerId' | 'controllerEpoch' | 'brokerEpoch'>): number
  append(topic: string, partition: number, records: Uint8Array, acks: number): AppendOutcome
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
  onLogFailure(topic: string, partition: number, error: Error): void
  partitionStates(): Iterable<PartitionStatus>
}

/** The part of Controller that handlers call. All of it is for the active controller only; on another broker the handlers answer NOT_CONTROLLER. */
export type ControllerApi = Pick<
  Controller,
  'isActive' | 'createTopics' | 'deleteTopics' | 'createPartitions' | 'electLeaders' | 'alterPartition' | 'controlledShutdown'
>
