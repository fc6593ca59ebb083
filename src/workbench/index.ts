/**
 * The workbench's services as one object: supervision goes to the cluster host, everything else to the clients worker over the protocol.
 * Knows no Electron, so it runs in tests as it runs behind the window.
 */
import { Cluster, type LogEntry, topicConfigDefinitions } from '../cluster'
import type { ClusterView } from '../shared/model/cluster'
import { ClientsProcess } from './clients-process'
import type { RegistryAddress } from './rpc'
import type { Emit, Logger, WorkbenchServices } from './services'

export type { Emit, Logger, WorkbenchServices } from './services'

export interface WorkbenchOptions {
  readonly dataDirectory: string
  /** Where the bundled worker entries stand. */
  readonly workerDirectory: string
  readonly brokerPorts?: readonly number[]
  readonly coordinationPort?: number
  /** Absent: the registry's usual one, or the next that is free. */
  readonly registryPort?: number
  readonly brokerCount?: number
  readonly emit: Emit
  readonly log: Logger
}

export interface Workbench {
  readonly services: WorkbenchServices
  /** Ends the cluster cleanly and gives its data directory free. */
  stop(): Promise<void>
}

/** Starts the workspace's cluster without waiting for it. Rejects where the data directory is in use or unreadable. */
export async function startWorkbench(options: WorkbenchOptions): Promise<Workbench> {
  const { emit, log, registryPort, ...clusterOptions } = options
  // Each worker's messages go to a file of its own; only what somebody should know of comes here as well.
  const onLog = (entry: LogEntry): void => {
    if (entry.level === 'warn' || entry.level === 'error') {
      log[entry.level](`[${entry.source}] ${entry.message}`, entry.fields ?? undefined)
    }
  }
  const registry = registryPort === undefined ? {} : { port: registryPort }
  const cluster = Cluster.open({ ...clusterOptions, registry, onTakenPort: 'move', onLog })
  const clients = new ClientsProcess({
    workerDirectory: options.workerDirectory,
    dataDirectory: options.dataDirectory,
    emit,
    onCrash: (reason) => log.error('The clients worker died', { reason }),
  })
  // Told in the cluster's view; nothing here waits for it.
  cluster.whenServing().catch(() => undefined)
  let lastBootstrap = ''
  const followBootstrap = (): void => {
    const addresses = cluster.bootstrapServers
    if (addresses === lastBootstrap || addresses === '') return
    lastBootstrap = addresses
    clients.setBootstrap(
      addresses.split(',').map((address) => ({
        host: address.slice(0, address.lastIndexOf(':')),
        port: Number(address.slice(address.lastIndexOf(':') + 1)),
      })),
    )
  }
  let lastRegistry = ''
  const followRegistry = ({ registry: view }: ClusterView): void => {
    const address: RegistryAddress = {
      url: view?.url ?? null,
      problem: view?.problem ?? (view?.url == null ? 'The schema registry is not up yet.' : null),
      revision: view?.revision ?? 0,
    }
    const key = JSON.stringify(address)
    if (key === lastRegistry) return
    lastRegistry = key
    clients.setRegistry(address)
  }
  cluster.on('change', () => {
    const view = cluster.view()
    followBootstrap()
    followRegistry(view)
    emit('cluster.changed', view)
    emit('topics.changed', { topics: cluster.topics(), partitions: cluster.partitions() })
  })
  cluster.on('timeline', (events) => emit('timeline.appended', events))
  return {
    services: createServices(cluster, clients, followBootstrap),
    stop: async () => {
      await Promise.all([clients.stop(), cluster.stop()])
    },
  }
}

function createServices(cluster: Cluster, clients: ClientsProcess, followBootstrap: () => void): WorkbenchServices {
  const viaClients = <N extends Parameters<ClientsProcess['call']>[0]>(name: N) => {
    return (argument: Parameters<WorkbenchServices[N]>[0]) => {
      followBootstrap()
      return clients.call(name, argument as never) as ReturnType<WorkbenchServices[N]>
    }
  }
  return {
    'cluster.view': async () => cluster.view(),
    'cluster.startBroker': async ({ brokerId }) => void (await cluster.startBroker(brokerId)),
    'cluster.stopBroker': async ({ brokerId }) => void (await cluster.stopBroker(brokerId)),
    'cluster.killBroker': async ({ brokerId }) => void (await cluster.killBroker(brokerId)),
    'cluster.freezeBroker': async ({ brokerId }) => void cluster.freezeBroker(brokerId),
    'cluster.resumeBroker': async ({ brokerId }) => void cluster.resumeBroker(brokerId),
    'cluster.addBroker': async () => ({ brokerId: await cluster.addBroker() }),
    'cluster.removeBroker': async ({ brokerId }) => void (await cluster.removeBroker(brokerId)),
    'cluster.timeline': async () => cluster.timeline(),
    'topics.list': async () => cluster.topics(),
    'topics.partitions': async ({ topic }) => cluster.partitions(topic),
    'topics.configDefinitions': async () => topicConfigDefinitions,
    'topics.configs': viaClients('topics.configs'),
    'topics.create': viaClients('topics.create'),
    'topics.delete': viaClients('topics.delete'),
    'messages.open': viaClients('messages.open'),
    'messages.rows': viaClients('messages.rows'),
    'messages.detail': viaClients('messages.detail'),
    'messages.stop': viaClients('messages.stop'),
    'messages.close': viaClients('messages.close'),
    'produce.start': viaClients('produce.start'),
    'produce.cancel': viaClients('produce.cancel'),
    'schemas.registry': viaClients('schemas.registry'),
    'schemas.subjects': viaClients('schemas.subjects'),
    'schemas.searchTexts': viaClients('schemas.searchTexts'),
    'schemas.subject': viaClients('schemas.subject'),
    'schemas.references': viaClients('schemas.references'),
    'schemas.byId': viaClients('schemas.byId'),
    'schemas.analyse': viaClients('schemas.analyse'),
    'schemas.changes': viaClients('schemas.changes'),
    'schemas.format': viaClients('schemas.format'),
    'schemas.convert': viaClients('schemas.convert'),
    'schemas.register': viaClients('schemas.register'),
    'schemas.evolution': viaClients('schemas.evolution'),
    'schemas.sample': viaClients('schemas.sample'),
    'schemas.inferFromTopic': viaClients('schemas.inferFromTopic'),
    'schemas.inferFromJson': viaClients('schemas.inferFromJson'),
    'schemas.code': viaClients('schemas.code'),
    'schemas.setLevel': viaClients('schemas.setLevel'),
    'schemas.setMode': viaClients('schemas.setMode'),
    'schemas.deleteVersion': viaClients('schemas.deleteVersion'),
    'schemas.deleteSubject': viaClients('schemas.deleteSubject'),
    'schemas.restoreVersion': viaClients('schemas.restoreVersion'),
    'schemas.exportSubjects': viaClients('schemas.exportSubjects'),
    'schemas.importSubjects': viaClients('schemas.importSubjects'),
    'schemas.validate': viaClients('schemas.validate'),
    'schemas.decode': viaClients('schemas.decode'),
  }
}
