/**
 * The workbench that runs now, which may be replaced by another: security is what brokers are started with, so switching it stops the cluster and
 * starts it again on the same folder. Calls wait while that goes on. One switch at a time.
 */

import { WorkbenchError } from '../shared/ipc/errors'
import type { Workbench } from '../workbench'
import type { Services } from './ipc/dispatch'

export interface Ports {
  readonly brokerPorts: readonly number[]
  readonly coordinationPort: number
  readonly registryPort?: number
}

export class RunningWorkbench {
  private current: Promise<Workbench>
  private isSwitching = false

  constructor(
    /** null: where it usually listens; at a restart, where it did. */
    private readonly start: (ports: Ports | null) => Promise<Workbench>,
    private readonly onDidFail: (error: unknown) => void,
  ) {
    this.current = this.launch(null)
  }

  /** Rejects where it could not be started, with the reason. */
  get services(): Promise<Partial<Services>> {
    return this.current.then((workbench) => workbench.services)
  }

  /** null where it could not be started. */
  whenStarted(): Promise<Workbench | null> {
    return this.current.catch(() => null)
  }

  /** Stops it, lets `change` write down what is different, and starts it again; a change that cannot be written starts it as it was, and is thrown. */
  async restart(change: () => void): Promise<void> {
    if (this.isSwitching) {
      throw new WorkbenchError('expected', 'BEING_RESTARTED', 'The cluster is being restarted already. Wait until it is up.')
    }
    this.isSwitching = true
    let problem: unknown = null
    const before = this.current
    this.current = (async () => {
      const running = await before.catch(() => null)
      const ports = running && (await portsOf(running))
      await running?.stop()
      try {
        change()
      } catch (error) {
        problem = error
      }
      return this.launch(ports)
    })()
    try {
      await this.current
    } finally {
      this.isSwitching = false
    }
    if (problem !== null) throw problem
  }

  async stop(): Promise<void> {
    await (await this.whenStarted())?.stop()
  }

  private launch(ports: Ports | null): Promise<Workbench> {
    const started = this.start(ports)
    started.catch(this.onDidFail)
    return started
  }
}

/** Clients that know an address must find the cluster there again, free ports of this run included. */
async function portsOf({ services }: Workbench): Promise<Ports> {
  const { brokers, coordination, registry } = await services['cluster.view'](undefined)
  return {
    brokerPorts: brokers.map(({ port }) => port),
    coordinationPort: coordination.port,
    ...(registry ? { registryPort: registry.port } : {}),
  }
}
