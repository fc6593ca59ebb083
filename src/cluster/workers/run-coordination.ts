/** The coordination service on a thread of its own, on the platform that its entry hands in (see run-broker.ts). Supervised by CoordinationProcess. */
import { workerData } from 'node:worker_threads'
import { CoordinationServer } from '../../engine'
import type { Logger, Platform } from '../../engine/platform'
import type { CoordinationWorkerData } from '../worker-protocol'
import { brokerOfSession } from './broker-of-session'
import { WorkerPort } from './worker-port'

/** How often the window's figures are brought up to date. */
const reportIntervalMs = 500
const metricsIntervalMs = 1_000

export function runCoordination(createPlatform: (logger: Logger) => Platform): void {
  const port = new WorkerPort('coordination')
  run(workerData as CoordinationWorkerData, port, createPlatform(port.logger())).catch((error: unknown) => port.fail(error))
}

async function run(data: CoordinationWorkerData, port: WorkerPort, platform: Platform): Promise<void> {
  const server = await CoordinationServer.start({
    platform,
    host: data.host,
    port: data.port,
    dataDirectory: data.dataDirectory,
    onDidExpireSession: ({ sessionId, timeoutMs, ephemerals }) => {
      const brokerId = brokerOfSession(ephemerals)
      // Sessions of other people's clients end all the time; the timeline is about brokers.
      if (brokerId === null) return
      port.event({
        type: 'session-expired',
        brokerId,
        causeBrokerId: brokerId,
        detail: `0x${sessionId.toString(16)}, time-out ${timeoutMs} ms`,
      })
    },
    onFailure: (error) => port.fail(error),
  })
  port.post({ type: 'started', port: server.port, notices: [] })
  platform.clock.setTicker(reportIntervalMs, () => {
    const { sessionCount, znodeCount } = server.statistics()
    port.post({ type: 'coordination-report', report: { sessionCount, znodeCount } })
  })
  let before = server.measurements()
  let beforeMs = platform.clock.monotonicMs()
  platform.clock.setTicker(metricsIntervalMs, () => {
    const now = server.measurements()
    const nowMs = platform.clock.monotonicMs()
    port.post({
      type: 'service-metrics',
      report: {
        service: 'coordination',
        elapsedMs: Math.max(1, nowMs - beforeMs),
        requestCount: now.answerCount - before.answerCount,
        errorCount: 0,
        latencyMs: now.answerMs - before.answerMs,
        latencyMsMax: now.recentLatencyMsMax,
      },
    })
    before = now
    beforeMs = nowMs
  })
  port.onMessage((message) => {
    if (message.type === 'stop') {
      server.stop().then(
        () => port.finish(),
        (error: unknown) => port.fail(error),
      )
    }
  })
}
