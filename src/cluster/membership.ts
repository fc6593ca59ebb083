/**
 * Brokers that come to a workspace and leave it for good, one change at a time. Used by the host; what a broker is doing meanwhile is its
 * process's business.
 */
import { WorkbenchError } from '../shared/ipc/errors'
import type { PartitionView } from '../shared/model/cluster'
import type { BrokerProcess } from './broker-process'
import { defaultBrokerPort } from './options'
import type { PortAllocator } from './ports'
import type { Timeline } from './timeline'
import type { Workspace } from './workspace'

export interface MembershipHost {
  /** Those of the cluster; a removed one is taken out here. */
  readonly brokers: Map<number, BrokerProcess>
  readonly workspace: Workspace
  readonly ports: PortAllocator
  readonly timeline: Timeline
  /** Brokers take any free port, for this run only. */
  readonly isAnyPort: boolean
  readonly partitions: () => readonly PartitionView[]
  /** Throws CLUSTER_STATE where the cluster does not run. */
  readonly requireRunning: (action: string) => void
  readonly createBroker: (id: number, port: number) => Promise<BrokerProcess>
  readonly onDidRemove: (id: number) => void
}

export class Membership {
  private lastChange: Promise<void> = Promise.resolve()

  constructor(private readonly host: MembershipHost) {}

  /** Resolves when no change is under way. */
  whenSettled(): Promise<void> {
    return this.lastChange
  }

  add(): Promise<number> {
    return this.afterTheOthers(async () => {
      const { brokers, workspace, ports, timeline, isAnyPort, requireRunning } = this.host
      requireRunning('add a broker')
      const wanted = isAnyPort ? 0 : Math.max(defaultBrokerPort - 1, ...[...brokers.values()].map((broker) => broker.port)) + 1
      // Nobody was told of this port yet, so a taken one is no failure.
      const port = await ports.claim(wanted, 'a new broker', 'move', () => undefined)
      requireRunning('add a broker')
      const { brokers: known, nextBrokerId: id } = workspace.settings
      workspace.update({ brokers: [...known, { id, port: isAnyPort ? 0 : port }], nextBrokerId: id + 1 })
      const broker = await this.host.createBroker(id, port)
      requireRunning('add a broker')
      timeline.cause('broker-added', `Broker ${id} added`, { brokerId: id })
      await broker.start()
      return id
    })
  }

  remove(broker: BrokerProcess): Promise<void> {
    return this.afterTheOthers(async () => {
      const { brokers, workspace, ports, timeline, requireRunning } = this.host
      const { id } = broker
      requireRunning('remove a broker')
      // Asked for twice: the first has done it.
      if (brokers.get(id) !== broker)
        throw new WorkbenchError('expected', 'UNKNOWN_BROKER', `Broker ${id} has been removed already.`)
      if (brokers.size === 1)
        throw new WorkbenchError('expected', 'LAST_BROKER', `Broker ${id} is the last one: a cluster needs at least one.`)
      this.requireCopiesBeside(id)
      if (broker.state === 'frozen') broker.resume()
      if (broker.isEnding) await broker.whenDown()
      // Also where somebody started it again meanwhile.
      if (broker.isLive) await broker.stop()
      requireRunning('remove a broker')
      // While it stopped another one may have died.
      this.requireCopiesBeside(id)
      brokers.delete(id)
      ports.release(broker.port)
      workspace.update({ brokers: workspace.settings.brokers.filter((entry) => entry.id !== id) })
      workspace.removeBrokerDirectory(id)
      timeline.cause('broker-removed', `Broker ${id} removed`, { brokerId: id, severity: 'warn' })
      this.host.onDidRemove(id)
    })
  }

  /** Two at once could take the same id, or the last two brokers. */
  private afterTheOthers<T>(change: () => Promise<T>): Promise<T> {
    const result = this.lastChange.then(change)
    this.lastChange = result.then(
      () => undefined,
      () => undefined,
    )
    return result
  }

  /** Only what a running broker has in sync counts as a copy: the ISR names a killed one until its session is over. */
  private requireCopiesBeside(brokerId: number): void {
    const isSafe = (id: number) => id !== brokerId && this.host.brokers.get(id)?.state === 'running'
    const lost = this.host
      .partitions()
      .filter(
        ({ isr, replicas }) =>
          (isr.includes(brokerId) || replicas.every((replica) => replica.brokerId === brokerId)) && !isr.some(isSafe),
      )
    const first = lost[0]
    if (first === undefined) return
    throw new WorkbenchError(
      'expected',
      'WOULD_LOSE_DATA',
      `Broker ${brokerId} holds the only in-sync replica that is up of ${lost.length === 1 ? `${first.topic}-${first.partition}` : `${lost.length} partitions, ${first.topic}-${first.partition} among them`}. ` +
        'Start the brokers of the other replicas, or delete those topics, then remove it.',
    )
  }
}
