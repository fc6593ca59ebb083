/**
 * The workbench's services as one object: supervision goes to the cluster host, everything else to the clients worker over the protocol.
 * Knows no Electron, so it runs in tests as it runs behind the window.
 */
import { Cluster, type ClusterSecurity, type LogEntry, type SecurityFiles, topicConfigDefinitions } from '../cluster'
import { argumentSchemas, type CallName, type EventPayloads } from '../shared/ipc/contract'
import type { ClusterView } from '../shared/model/cluster'
import { ClientsProcess } from './clients-process'
import { askOf } from './cluster/asked-by-you'
import type { ClientCallName, HostCallName, RegistryAddress } from './rpc'
import type { Emit, Logger, WorkbenchServices } from './services'

export type { Emit, Logger, WorkbenchServices } from './services'

type HostServices = Pick<WorkbenchServices, HostCallName>
type ClientServices = Pick<WorkbenchServices, ClientCallName>

export interface WorkbenchOptions {
  readonly dataDirectory: string
  /** Where the bundled worker entries stand. */
  readonly workerDirectory: string
  readonly brokerPorts?: readonly number[]
  readonly coordinationPort?: number
  /** Absent: the registry's usual one, or the next that is free. */
  readonly registryPort?: number
  readonly brokerCount?: number
  /** What clients have to prove; the workbench's own come in as the brokers do. */
  readonly security?: ClusterSecurity
  readonly emit: Emit
  readonly log: Logger
}

export interface Workbench {
  readonly services: WorkbenchServices
  /** What clients have to be given to trust the brokers; null without TLS. */
  readonly securityFiles: SecurityFiles | null
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
    emit: (name, payload) => {
      if (name === 'groups.changed') keepLags(cluster, payload as EventPayloads['groups.changed'])
      emit(name, payload)
    },
    onCrash: (reason, isAgain) => {
      log.error('The clients worker died', { reason })
      emit('app.clientsEnded', { reason, isAgain })
    },
    credentials: cluster.ownAccess?.credentials ?? null,
  })
  // Told in the cluster's view; nothing here waits for it.
  cluster.whenServing().catch(() => undefined)
  let lastBootstrap = ''
  const followBootstrap = (): void => {
    const addresses = cluster.bootstrapServers
    if (addresses === lastBootstrap || addresses === '') return
    lastBootstrap = addresses
    const own = cluster.ownAccess
    if (own !== null) return clients.setBootstrap(own.addresses)
    clients.setBootstrap(
      addresses.split(',').map((address) => ({
        host: address.slice(0, address.lastIndexOf(':')),
        port: Number(address.slice(address.lastIndexOf(':') + 1)),
      })),
    )
  }
  let lastCoordination = ''
  const followCoordination = ({ coordination }: ClusterView): void => {
    const address = coordination.state === 'running' ? { host: coordination.host, port: coordination.port } : null
    const key = JSON.stringify(address)
    if (key === lastCoordination) return
    lastCoordination = key
    clients.setCoordination(address)
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
    followCoordination(view)
    followRegistry(view)
    emit('cluster.changed', view)
  })
  cluster.on('topics', (delta) => emit('topics.changed', delta))
  cluster.on('timeline', (events) => emit('timeline.appended', events))
  return {
    services: createServices(cluster, clients, followBootstrap),
    securityFiles: cluster.securityFiles,
    stop: async () => {
      await Promise.all([clients.stop(), cluster.stop()])
    },
  }
}

/** Lag is known to the clients worker only, which asks over the protocol; it is kept with the other figures. */
function keepLags(cluster: Cluster, groups: EventPayloads['groups.changed']): void {
  const known = groups.flatMap(({ groupId, totalLag, problem }) =>
    totalLag === null || problem !== null ? [] : [{ group: groupId, lag: totalLag }],
  )
  cluster.metrics.onLags(known)
}

function createServices(cluster: Cluster, clients: ClientsProcess, followBootstrap: () => void): WorkbenchServices {
  const host: HostServices = {
    'cluster.view': async () => cluster.view(),
    'cluster.startBroker': async ({ brokerId }) => void (await cluster.startBroker(brokerId)),
    'cluster.stopBroker': async ({ brokerId }) => void (await cluster.stopBroker(brokerId)),
    'cluster.killBroker': async ({ brokerId }) => void (await cluster.killBroker(brokerId)),
    'cluster.freezeBroker': async ({ brokerId }) => void cluster.freezeBroker(brokerId),
    'cluster.resumeBroker': async ({ brokerId }) => void cluster.resumeBroker(brokerId),
    'cluster.addBroker': async () => ({ brokerId: await cluster.addBroker() }),
    'cluster.removeBroker': async ({ brokerId }) => void (await cluster.removeBroker(brokerId)),
    'cluster.timeline': async () => cluster.timeline(),
    'cluster.topics': async () => cluster.topicsSnapshot(),
    'cluster.moment': async ({ atMs }) => cluster.moment(atMs),
    'topics.list': async () => cluster.topics(),
    'topics.partitions': async ({ topic }) => cluster.partitions(topic),
    'topics.configDefinitions': async () => topicConfigDefinitions,
    'metrics.query': async (question) => cluster.metrics.query(question),
    'metrics.catalog': async () => cluster.metrics.catalog(),
    'clients.list': () => cluster.clients.list(),
    'clients.access': async () => cluster.clientAccess(),
  }
  const others = (Object.keys(argumentSchemas) as CallName[]).filter((name) => !name.startsWith('app.') && !(name in host))
  const viaClients = others.map((name) => [
    name,
    (argument: never) => {
      followBootstrap()
      const ask = askOf(name, argument)
      if (ask !== null) cluster.expectByYou(ask.types, ask.topic)
      return clients.call(name as ClientCallName, argument)
    },
  ])
  return { ...host, ...(Object.fromEntries(viaClients) as ClientServices) }
}
