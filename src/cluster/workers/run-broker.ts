/**
 * One broker on a thread of its own, on the platform that its entry hands in: the shipped entry takes the real adapters as they are, the torture
 * test (compat/torture) wraps them. Supervised by BrokerProcess, killed with worker.terminate().
 */
import { workerData } from 'node:worker_threads'
import {
  Broker,
  BrokerConfigError,
  type BrokerEvent,
  BrokerIdTakenError,
  CoordinationUnreachableError,
  DataDirectoryError,
  initCompression,
  NetworkError,
} from '../../engine'
import type { Logger, Platform } from '../../engine/platform'
import { WorkbenchError } from '../../shared/ipc/errors'
import type { BrokerWorkerData } from '../worker-protocol'
import { BrokerReporter } from './broker-reporter'
import { timelineEventsOf } from './controller-events'
import { MetricsReporter } from './metrics-reporter'
import { freezeUntilResumed, WorkerPort } from './worker-port'

export function runBroker(createPlatform: (logger: Logger) => Platform): void {
  const data = workerData as BrokerWorkerData
  const port = new WorkerPort(`broker-${data.brokerId}`)
  const platform = createPlatform(port.logger())
  run(data, port, platform).catch((error: unknown) => port.fail(asExpected(error, data.brokerId)))
}

async function run(data: BrokerWorkerData, port: WorkerPort, platform: Platform): Promise<void> {
  let reporter: BrokerReporter | null = null
  let isReporter = false
  let stopping = false
  // Without it, no batch of zstd could be looked into: not for keys, nor for times. A broker that cannot load it serves all else.
  const starting = initCompression()
    .catch((error: unknown) => platform.logger.warn('zstd cannot be loaded', { error: String(error) }))
    .then(() =>
      Broker.start({
        platform,
        brokerId: data.brokerId,
        host: data.host,
        port: data.port,
        dataDirectory: data.dataDirectory,
        coordination: data.coordination,
        sessionTimeoutMs: data.sessionTimeoutMs,
        configs: data.configs,
        rack: data.rack,
        ...(data.security === null ? {} : { security: data.security }),
        interceptions: data.interceptions,
        onEvent: (event) => tell(event, port, data.brokerId),
      }),
    )
  port.onMessage((message) => {
    switch (message.type) {
      case 'freeze':
        freezeUntilResumed(data.freezeFlag)
        return
      case 'report-metadata':
        isReporter = message.isReporter
        reporter?.setMetadataReporter(isReporter)
        return
      // Before it serves there is nothing to count, and what is added or removed is so in order.
      case 'add-interception':
        void starting.then(({ interceptor }) => interceptor.add(message.rule, message.id), ignore)
        return
      case 'remove-interception':
        void starting.then(({ interceptor }) => interceptor.remove(message.id), ignore)
        return
      case 'count-interceptions':
        void starting.then(({ interceptor }) => {
          const counts = interceptor.list().map(({ id, matchCount, hitCount }) => ({ id, matchCount, hitCount }))
          port.post({ type: 'interception-counts', askId: message.askId, counts })
        }, ignore)
        return
      case 'ask-connections':
        void starting.then((broker) => {
          port.post({ type: 'connections', askId: message.askId, connections: broker.connections() })
        }, ignore)
        return
      case 'stop':
        if (stopping) return
        stopping = true
        starting
          .then((broker) => broker.shutdown({ isControlled: message.isControlled }))
          .then(
            () => port.finish(),
            (error: unknown) => port.fail(error),
          )
    }
  })
  const broker = await starting
  const notices = broker.recoveryReports.map(
    ({ topic, partition, truncatedBytes }) =>
      `Broker ${data.brokerId} cut ${truncatedBytes} damaged bytes from the end of ${topic}-${partition}; it reads them again from the leader.`,
  )
  port.post({ type: 'started', port: broker.port, notices })
  reporter = new BrokerReporter(broker, platform.clock, (message) => port.post(message))
  reporter.setMetadataReporter(isReporter)
  new MetricsReporter(broker, platform.clock, (message) => port.post(message))
}

/** Why a start failed is told by who awaits it. */
const ignore = (): void => undefined

function tell(event: BrokerEvent, port: WorkerPort, brokerId: number): void {
  switch (event.type) {
    case 'log-recovered':
      port.event({
        type: event.type,
        brokerId,
        topic: event.topic,
        partition: event.partition,
        count: 1,
        detail: `${event.truncatedBytes} bytes: ${event.message}`,
      })
      return
    case 'broker-failed':
      port.fail(new Error(event.reason))
      return
    case 'segment-rolled':
      port.event({
        type: event.type,
        brokerId,
        topic: event.topic,
        partition: event.partition,
        count: 1,
        detail: `${event.topic}-${event.partition} from offset ${event.baseOffset}`,
      })
      return
    case 'segments-deleted':
      port.event({
        type: event.type,
        brokerId,
        topic: event.topic,
        partition: event.partition,
        count: event.segmentCount,
        detail: `${event.topic}-${event.partition}`,
      })
      return
    case 'group-rebalanced':
      port.event({
        type: event.type,
        group: event.groupId,
        count: event.memberCount,
        detail: `${event.protocol === 'classic' ? 'generation' : 'epoch'} ${event.generation}, coordinator broker ${brokerId}`,
      })
      return
    case 'broker-registered':
    case 'session-expired':
    case 'role-changed':
    case 'isr-changed-here':
    case 'shutdown-begun':
    case 'shutdown-incomplete':
      // The controller and the coordination service tell of these for the whole cluster.
      return
    default:
      for (const draft of timelineEventsOf(event)) port.event(draft)
  }
}

/** What a user can mend is said as it is; everything else is a fault of ours and comes with its stack. */
function asExpected(error: unknown, brokerId: number): unknown {
  const isExpected = [BrokerConfigError, BrokerIdTakenError, CoordinationUnreachableError, DataDirectoryError, NetworkError].some(
    (kind) => error instanceof kind,
  )
  return isExpected
    ? new WorkbenchError('expected', 'BROKER_START_FAILED', `Broker ${brokerId} cannot start: ${(error as Error).message}`)
    : error
}
