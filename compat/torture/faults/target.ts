/** What faults act on, and the rules between them: one trouble at a time for a broker's life, and nobody else moves while a process or a power supply dies. */
import type { ClusterProcess } from '../cluster/cluster-process'
import type { Topology } from '../network/topology'
import type { Random } from '../random'
import type { RunTimeline } from '../timeline'

export class Target {
  /** Brokers whose life a fault has in its hands. */
  readonly busy = new Set<number>()
  /** When the coordination service was last made to die: it comes back by itself three times a minute. */
  readonly coordinationDeaths: number[] = []
  private lock: Promise<void> = Promise.resolve()

  constructor(
    readonly cluster: ClusterProcess,
    readonly topology: Topology,
    readonly timeline: RunTimeline,
    readonly random: Random,
    readonly directories: { readonly data: string; readonly journals: string },
  ) {}

  brokerDirectory(id: number): string {
    return `${this.directories.data}/brokers/broker-${id}`
  }

  get coordinationDirectory(): string {
    return `${this.directories.data}/coordination`
  }

  journal(worker: string): string {
    return `${this.directories.journals}/${worker}.journal`
  }

  get idleBrokers(): readonly number[] {
    return this.topology.brokerIds.filter((id) => !this.busy.has(id))
  }

  async exclusively(action: () => Promise<void>): Promise<void> {
    const before = this.lock
    let release = (): void => undefined
    this.lock = new Promise((resolve) => {
      release = resolve
    })
    await before
    try {
      await action()
    } finally {
      release()
    }
  }

  async whileBusy(brokerId: number, action: () => Promise<void>): Promise<void> {
    this.busy.add(brokerId)
    try {
      await action()
    } finally {
      this.busy.delete(brokerId)
    }
  }

  /** A command that may be refused, since other faults move at the same time: the whole process may be dead by now. Answers whether it was done. */
  async tell(line: string): Promise<boolean> {
    try {
      const answer = await this.cluster.command(line)
      if (!answer.ok) this.timeline.note(`refused: ${line}: ${String(answer['error'])}`)
      return answer.ok
    } catch (error) {
      this.timeline.note(`failed: ${line}: ${(error as Error).message}`)
      return false
    }
  }

  /** Its thread may still be ending, or its session still be there. */
  async startBroker(id: number): Promise<void> {
    for (let attempt = 1; attempt <= 3; attempt++) if (await this.tell(`start ${id}`)) return
  }
}
