/**
 * What passes between the host and its workers. This is supervision only: start, stop, freeze, statistics, log lines and events for the
 * timeline. Topics, messages and metadata go over TCP, as everybody's do.
 */

import type { BrokerSecurity, ConnectionView, InterceptionRule, RegistryStatus, SaslCredentials } from '../engine'
import type { WireError } from '../shared/ipc/errors'
import type { NamedPartition } from '../shared/model/cluster'
import type { BrokerMetricsReport, ServiceMetricsReport } from './metrics-protocol'
import type { LogEntry } from './options'

export interface BrokerWorkerData {
  readonly brokerId: number
  readonly host: string
  readonly port: number
  readonly dataDirectory: string
  readonly coordination: { readonly host: string; readonly port: number }
  readonly sessionTimeoutMs: number
  readonly configs: Readonly<Record<string, string>>
  readonly rack: string | null
  readonly security: BrokerSecurity | null
  /** In force from the first request on. */
  readonly interceptions: readonly { readonly id: number; readonly rule: InterceptionRule }[]
  /** One int32: 1 while the worker is to stand still. */
  readonly freezeFlag: SharedArrayBuffer
}

export interface CoordinationWorkerData {
  readonly host: string
  readonly port: number
  readonly dataDirectory: string
}

export interface RegistryBroker {
  readonly id: number
  readonly host: string
  readonly port: number
}

export interface RegistryWorkerData {
  readonly host: string
  readonly port: number
  /** Where it reaches the brokers: their own listener where clients have to say who they are. */
  readonly brokers: readonly RegistryBroker[]
  /** Of the brokers' own user, for that listener. */
  readonly credentials: SaslCredentials | null
}

export type ToWorker =
  /** Ends the worker cleanly. `isControlled`: a broker first hands its leaderships over. */
  | { readonly type: 'stop'; readonly isControlled: boolean }
  /** Blocks the worker's thread until the freeze flag falls. */
  | { readonly type: 'freeze' }
  /** Whether this broker is the one that reports the cluster's metadata. */
  | { readonly type: 'report-metadata'; readonly isReporter: boolean }
  /** To the registry: where the brokers are from now on. */
  | { readonly type: 'registry-brokers'; readonly brokers: readonly RegistryBroker[] }

  /** Rules about what clients send, numbered by the host. */
  | { readonly type: 'add-interception'; readonly id: number; readonly rule: InterceptionRule }
  | { readonly type: 'remove-interception'; readonly id: number }
  | { readonly type: 'count-interceptions'; readonly askId: number }
  /** To a broker: who is connected to it? */
  | { readonly type: 'ask-connections'; readonly askId: number }

export type FromWorker =
  | { readonly type: 'started'; readonly port: number; readonly notices: readonly string[] }
  | { readonly type: 'failed'; readonly error: WireError }
  | { readonly type: 'stopped' }
  | { readonly type: 'log'; readonly entry: LogEntry }
  | { readonly type: 'event'; readonly event: EngineEvent }
  | { readonly type: 'broker-report'; readonly report: BrokerReport }
  | { readonly type: 'broker-metrics'; readonly report: BrokerMetricsReport }
  | { readonly type: 'service-metrics'; readonly report: ServiceMetricsReport }
  | { readonly type: 'connections'; readonly askId: number; readonly connections: readonly ConnectionView[] }
  | { readonly type: 'metadata'; readonly metadata: MetadataReport }
  | { readonly type: 'coordination-report'; readonly report: CoordinationReport }
  | { readonly type: 'registry-report'; readonly report: RegistryReport }
  | { readonly type: 'interception-counts'; readonly askId: number; readonly counts: readonly InterceptionCount[] }

/** Since the worker's start. */
export interface InterceptionCount {
  readonly id: number
  readonly matchCount: number
  readonly hitCount: number
}

/** Something a timeline tells of. `type` and what else is filled is up to the part of the engine that saw it. */
export interface EngineEvent {
  readonly atMs: number
  readonly type: string
  readonly brokerId: number | null
  /** The broker whose coming or going led to this, where one did. */
  readonly causeBrokerId: number | null
  readonly topic: string | null
  readonly partition: number | null
  readonly count: number | null
  readonly detail: string | null
  /** The consumer group it is about. */
  readonly group?: string
  /** Those that `count` counts, where they are named. */
  readonly partitions?: readonly NamedPartition[]
}

/** Totals since the worker's start, so that a lost report costs nothing. */
export interface BrokerReport {
  readonly atMs: number
  readonly bytesIn: number
  readonly bytesOut: number
  readonly messagesIn: number
  readonly connectionCount: number
  readonly isController: boolean
  readonly controllerEpoch: number
  /** Those that changed since the last report; the first holds all. */
  readonly replicas: readonly ReplicaReport[]
  readonly removed: readonly { readonly topic: string; readonly partition: number }[]
}

export interface ReplicaReport {
  readonly topic: string
  readonly partition: number
  readonly role: 'leader' | 'follower' | 'offline'
  readonly leaderEpoch: number
  readonly logStartOffset: number
  readonly highWatermark: number
  readonly logEndOffset: number
  readonly logBytes: number
  readonly minInSyncReplicas: number
}

/** The metadata cache of the reporting broker, whole: it changes seldom. */
export interface MetadataReport {
  /** When the cache last changed, by the broker's clock; absent: now. */
  readonly changedAtMs?: number
  readonly clusterId: string | null
  readonly controllerId: number | null
  readonly liveBrokers: readonly number[]
  readonly topics: readonly MetadataTopic[]
}

export interface MetadataTopic {
  readonly name: string
  readonly topicId: string
  readonly isInternal: boolean
  readonly cleanupPolicy: string
  readonly retentionMs: string
  readonly partitions: readonly {
    readonly partition: number
    readonly leader: number
    readonly leaderEpoch: number
    readonly partitionEpoch: number
    readonly replicas: readonly number[]
    readonly isr: readonly number[]
  }[]
}

export type RegistryReport = RegistryStatus

export interface CoordinationReport {
  readonly sessionCount: number
  readonly znodeCount: number
}
