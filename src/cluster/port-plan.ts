/**
 * Which ports a start of the cluster takes: what it was asked for, else what the workspace had the last time, else the usual ones. Also says
 * what of that the workspace remembers. Called by the host once a start; claims, but keeps nothing itself.
 */
import { type ClusterOptions, defaultBrokerCount, defaultBrokerPort, defaultCoordinationPort } from './options'
import type { PortAllocator } from './ports'
import type { WorkspaceSettings } from './workspace'

export interface PortPlan {
  readonly coordinationPort: number
  readonly brokers: readonly { readonly id: number; readonly port: number }[]
  /** To be remembered. Free ports are of this run only: a later one with fixed ports goes back to the usual ones. */
  readonly settings: Pick<WorkspaceSettings, 'brokers' | 'nextBrokerId' | 'coordinationPort'>
}

export async function planPorts(
  settings: WorkspaceSettings,
  options: Pick<ClusterOptions, 'brokerCount' | 'brokerPorts' | 'coordinationPort'>,
  allocator: PortAllocator,
): Promise<PortPlan> {
  const wishedPorts = options.brokerPorts
  const coordinationPort = await allocator.claim(
    options.coordinationPort ?? settings.coordinationPort ?? defaultCoordinationPort,
    'the coordination service',
  )
  const entries = [...settings.brokers]
  // A list of ports says how many brokers are meant; one port alone is where they begin.
  const usualCount = wishedPorts !== undefined && wishedPorts.length > 1 ? wishedPorts.length : defaultBrokerCount
  const wantedCount = Math.max(
    entries.length,
    options.brokerCount ?? (entries.length === 0 ? usualCount : 0),
    wishedPorts?.length ?? 0,
  )
  let nextBrokerId = settings.nextBrokerId
  while (entries.length < wantedCount) entries.push({ id: nextBrokerId++, port: 0 })
  const brokers: { id: number; port: number }[] = []
  for (const [index, entry] of entries.entries()) {
    const wanted =
      wishedPorts === undefined && entry.port !== 0 ? entry.port : wishedPort(wishedPorts ?? [defaultBrokerPort], index)
    brokers.push({ id: entry.id, port: await allocator.claim(wanted, `broker ${entry.id}`) })
  }
  const isFixed = !(wishedPorts?.includes(0) ?? false)
  return {
    coordinationPort,
    brokers,
    settings: {
      brokers: isFixed
        ? brokers
        : brokers.map(({ id }) => ({ id, port: settings.brokers.find((known) => known.id === id)?.port ?? 0 })),
      nextBrokerId,
      coordinationPort: options.coordinationPort === 0 ? settings.coordinationPort : coordinationPort,
    },
  }
}

/** The list's last one is followed by its successors. */
function wishedPort(ports: readonly number[], index: number): number {
  const given = ports[index]
  if (given !== undefined) return given
  const last = ports[ports.length - 1] ?? defaultBrokerPort
  return last === 0 ? 0 : last + (index - ports.length + 1)
}
