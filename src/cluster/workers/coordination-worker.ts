/** The coordination service on a thread of its own. Entry of a worker; supervised by CoordinationProcess. */
import { workerData } from 'node:worker_threads'
import { CoordinationServer } from '../../engine'
import { createNodePlatform } from '../../engine/platform/node'
import type { CoordinationWorkerData } from '../worker-protocol'
import { brokerOfSession } from './broker-of-session'
import { WorkerPort } from './worker-port'

const data = workerData as CoordinationWorkerData
const port = new WorkerPort('coordination')
const platform = createNodePlatform({ logger: port.logger() })

/** How often the window's figures are brought up to date. */
const reportIntervalMs = 500

async function run(): Promise<void> {
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
  port.onMessage((message) => {
    if (message.type === 'stop') {
      server.stop().then(
        () => port.finish(),
        (error: unknown) => port.fail(error),
      )
    }
  })
}

run().catch((error: unknown) => port.fail(error))
