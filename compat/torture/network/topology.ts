/** All ways of the cluster: clients to each broker, each broker to each other one, and each broker to the coordination service. */
import type { Random } from '../random'
import { Link } from './link'
import { findPorts } from './ports'

export class Topology {
  readonly clients = new Map<number, Link>()
  /** By 'from-to'. */
  private readonly peers = new Map<string, Link>()
  readonly coordination = new Map<number, Link>()

  private constructor(
    readonly brokerIds: readonly number[],
    readonly frontPorts: readonly number[],
    readonly hiddenPorts: readonly number[],
    readonly coordinationPort: number,
    /** By worker: wanted port to proxy's port. */
    readonly routes: Readonly<Record<string, Readonly<Record<string, number>>>>,
  ) {}

  static async open(brokerCount: number, random: Random): Promise<Topology> {
    const brokerIds = Array.from({ length: brokerCount }, (_, index) => index + 1)
    const ports = await findPorts(random, brokerCount * (brokerCount + 2) + 1)
    const take = (): number => ports.pop() as number
    const coordinationPort = take()
    const frontPorts = brokerIds.map(take)
    const hiddenPorts = brokerIds.map(take)
    const routes: Record<string, Record<string, number>> = {}
    const front = (id: number): number => frontPorts[id - 1] as number
    const hidden = (id: number): number => hiddenPorts[id - 1] as number
    const topology = new Topology(brokerIds, frontPorts, hiddenPorts, coordinationPort, routes)
    for (const id of brokerIds) {
      topology.clients.set(id, await Link.open(`clients → ${id}`, front(id), hidden(id)))
      const own: Record<string, number> = { [front(id)]: hidden(id) }
      for (const other of brokerIds) {
        if (other === id) continue
        own[front(other)] = take()
        topology.peers.set(`${id}-${other}`, await Link.open(`${id} → ${other}`, own[front(other)] as number, hidden(other)))
      }
      own[coordinationPort] = take()
      topology.coordination.set(id, await Link.open(`${id} → coordination`, own[coordinationPort] as number, coordinationPort))
      routes[`broker-${id}`] = own
    }
    return topology
  }

  get bootstrap(): string {
    return this.frontPorts.map((port) => `127.0.0.1:${port}`).join(',')
  }

  peer(from: number, to: number): Link {
    const link = this.peers.get(`${from}-${to}`)
    if (link === undefined) throw new Error(`there is no way from ${from} to ${to}`)
    return link
  }

  /** Nothing that `from` sends reaches `to`, whoever opened the connection. */
  blockOneWay(from: number, to: number, isBlocked: boolean): void {
    this.peer(from, to).set({ blocksForward: isBlocked })
    this.peer(to, from).set({ blocksBackward: isBlocked })
  }

  get all(): readonly Link[] {
    return [...this.clients.values(), ...this.peers.values(), ...this.coordination.values()]
  }

  heal(): void {
    for (const link of this.all) link.heal()
  }

  close(): void {
    for (const link of this.all) link.close()
  }
}
