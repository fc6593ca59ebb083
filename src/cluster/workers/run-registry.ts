/** The schema registry on a thread of its own, with its HTTP server. Supervised by RegistryProcess; a client of the brokers like any other. */
import { workerData } from 'node:worker_threads'
import { handleRegistryRequest, initCompression, NetworkError, type RegistryEvent, SchemaRegistry } from '../../engine'
import type { Logger, Platform } from '../../engine/platform'
import { WorkbenchError } from '../../shared/ipc/errors'
import type { RegistryWorkerData } from '../worker-protocol'
import { forwardRequest } from './registry-forward'
import { RegistryHttpServer } from './registry-http'
import { RequestMeter } from './request-meter'
import { WorkerPort } from './worker-port'

const reportIntervalMs = 250

export function runRegistry(createPlatform: (logger: Logger) => Platform): void {
  const port = new WorkerPort('registry')
  run(workerData as RegistryWorkerData, port, createPlatform(port.logger())).catch((error: unknown) =>
    port.fail(asExpected(error)),
  )
}

async function run(data: RegistryWorkerData, port: WorkerPort, platform: Platform): Promise<void> {
  // A batch that somebody else wrote may be compressed with it.
  await initCompression().catch((error: unknown) => platform.logger.warn('zstd cannot be loaded', { error: String(error) }))
  let brokers = data.brokers
  const registry = new SchemaRegistry({
    platform,
    kafka: {
      bootstrap: brokers,
      ...(data.credentials === null ? {} : { security: { sasl: data.credentials } }),
      // The brokers' own listener, of which metadata says nothing, is known to the host.
      ...(data.credentials === null
        ? {}
        : { addressOf: (brokerId: number) => brokers.find(({ id }) => id === brokerId) ?? null }),
    },
    onEvent: (event) => tell(event, port),
    forward: forwardRequest,
  })
  const meter = new RequestMeter(platform.clock, (message) => port.post(message))
  const server = await RegistryHttpServer.listen(data.host, data.port, (request) =>
    meter.measure(() => handleRegistryRequest(registry, request)),
  )
  port.post({ type: 'started', port: server.port, notices: [] })
  let told = ''
  const report = (): void => {
    const status = registry.status()
    const text = JSON.stringify(status)
    if (text === told) return
    told = text
    port.post({ type: 'registry-report', report: status })
  }
  platform.clock.setTicker(reportIntervalMs, report)
  port.onMessage((message) => {
    if (message.type === 'registry-brokers') {
      brokers = message.brokers
      registry.setBootstrap(brokers)
    }
    if (message.type !== 'stop') return
    server
      .close()
      .then(() => registry.close())
      .then(
        () => port.finish(),
        (error: unknown) => port.fail(error),
      )
  })
}

/** Registries of several clusters may start at the same moment: the host then takes another port. */
function asExpected(error: unknown): unknown {
  if (!(error instanceof NetworkError)) return error
  const code = error.kind === 'address-in-use' ? 'PORT_TAKEN' : 'REGISTRY_START_FAILED'
  return new WorkbenchError('expected', code, `The schema registry ${error.message}`)
}

function tell(event: RegistryEvent, port: WorkerPort): void {
  switch (event.type) {
    case 'schema-registered':
      port.event({ type: event.type, count: 1, detail: `${event.subject} v${event.version}, id ${event.id}` })
      return
    case 'schemas-deleted': {
      const versions = event.versions.map((version) => `v${version}`).join(', ')
      port.event({
        type: event.type,
        count: event.versions.length,
        detail: `${event.subject} ${versions}${event.permanent ? ' for good' : ''}`,
      })
      return
    }
  }
}
