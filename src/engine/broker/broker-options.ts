/** What a broker is started with, and what it says about itself while it runs. */
import type { Platform } from '../platform'
import type { PartitionStatus } from '../replication/outcomes'
import { brokerConfigTable } from './broker-configs'
import type { BrokerListenerFunction } from './broker-events'
import type { BrokerSecurity } from './broker-security'
import { whyInvalid } from './config-definition'
import type { ConnectionView } from './connection'
import type { InterceptionRule } from './interception/rule'
import type { ApiMetrics } from './request-metrics'
import type { TopicTraffic } from './traffic'

export interface BrokerOptions {
  readonly platform: Platform
  readonly brokerId: number
  readonly host: string
  /** 0: any free port. */
  readonly port: number
  readonly dataDirectory: string
  readonly coordination: { readonly host: string; readonly port: number }
  /** Of a cluster that is being made; an existing one keeps its own. */
  readonly clusterId?: string
  readonly sessionTimeoutMs?: number
  readonly rack?: string | null
  /** Rules about what clients send, in force from the first request on. More can be added to Broker.interceptor. */
  readonly interceptions?: readonly { readonly id: number; readonly rule: InterceptionRule }[]
  /** TLS, SASL, ACLs; without it everybody may everything, over plain connections. */
  readonly security?: BrokerSecurity
  /** Broker configs under Kafka's names. One that there is not, or a value out of its range, fails the start. */
  readonly configs?: Readonly<Record<string, string>>
  /** How long to look for the coordination service before the start fails. */
  readonly coordinationTimeoutMs?: number
  readonly onEvent?: BrokerListenerFunction
}

export const DEFAULT_SESSION_TIMEOUT_MS = 1500
export const DEFAULT_COORDINATION_TIMEOUT_MS = 15_000

/** A setting that cannot be. The message is for a person. */
export class BrokerConfigError extends Error {
  override readonly name = 'BrokerConfigError'
}

/** The static configs of a broker: what it was given, and what follows from the rest of its options. */
export function staticConfigsOf(options: BrokerOptions, port: number): Record<string, string> {
  const { brokerId, host, dataDirectory, coordination, rack, configs = {} } = options
  for (const [name, value] of Object.entries(configs)) {
    const definition = brokerConfigTable.get(name)
    if (definition === undefined) throw new BrokerConfigError(`Unknown broker config name: ${name}`)
    const problem = whyInvalid(definition, value)
    if (problem !== null) throw new BrokerConfigError(problem)
  }
  checkSecurity(options.security, configs)
  const listener = `PLAINTEXT://${host}:${port}`
  return {
    ...configs,
    'broker.id': String(brokerId),
    listeners: listener,
    'advertised.listeners': listener,
    'log.dir': dataDirectory,
    'log.dirs': dataDirectory,
    'zookeeper.connect': `${coordination.host}:${coordination.port}`,
    'zookeeper.session.timeout.ms': String(options.sessionTimeoutMs ?? DEFAULT_SESSION_TIMEOUT_MS),
    ...(rack === undefined || rack === null ? {} : { 'broker.rack': rack }),
  }
}

function checkSecurity(security: BrokerSecurity | undefined, configs: Readonly<Record<string, string>>): void {
  // Where everybody is ANONYMOUS, whoever may replicate may everything.
  if (security === undefined && (configs['authorizer.class.name'] ?? '') !== '')
    throw new BrokerConfigError('ACLs need brokers that can be told from clients: authorizer.class.name is set, and no security.')
  if (security?.protocol.endsWith('SSL') === true && security.tls === undefined)
    throw new BrokerConfigError(`A listener with ${security.protocol} needs a certificate.`)
}

/** Totals count from the broker's start. */
export interface BrokerStatistics {
  readonly brokerId: number
  readonly host: string
  readonly port: number
  readonly clusterId: string
  /** -1 while it is not registered. */
  readonly brokerEpoch: number
  readonly isController: boolean
  /** As this broker knows it. */
  readonly controllerId: number | null
  readonly controllerEpoch: number
  readonly connectionCount: number
  /** Records and bytes of record batches from producers. */
  readonly messagesIn: number
  readonly bytesIn: number
  /** To consumers, and to followers. */
  readonly bytesOut: number
  readonly replicationBytesOut: number
  readonly failedProduceCount: number
  readonly failedFetchCount: number
  /** Requests that wait in purgatory. */
  readonly waitingProduceCount: number
  readonly waitingFetchCount: number
}

/** Running totals, for whoever draws them over time; arrays and maps in it are the live ones. */
export interface BrokerMeasurements {
  readonly batchesIn: number
  /** `recentLatencyMsMax`: since they were asked for last. */
  readonly apis: readonly (ApiMetrics & { readonly recentLatencyMsMax: number })[]
  readonly topics: ReadonlyMap<string, Readonly<TopicTraffic>>
}

export interface BrokerDetails extends BrokerStatistics {
  readonly connections: readonly ConnectionView[]
  readonly apis: readonly ApiMetrics[]
  readonly partitions: readonly PartitionStatus[]
}
