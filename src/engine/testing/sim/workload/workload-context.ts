/**
 * What the clients of the workload share: the history that they write, and the few things of the world that they may touch. Beyond a process of
 * its own (clock, network) a client of the simulator is a client like any other. Made by startWorkload, and with fakes by tests.
 */
import { KafkaClient } from '../../../client'
import type { Clock } from '../../../platform'
import type { SimProcess } from '../process'
import type { SeededRandom } from '../seeded-random'
import type { World } from '../world'
import type { History } from './history'

export type WorkloadWorld = Pick<
  World,
  'config' | 'nowMs' | 'random' | 'count' | 'trace' | 'clientProcess' | 'bootstrap' | 'brokers' | 'startBroker' | 'shutdownBroker'
>

export class WorkloadContext {
  isStopped = false

  constructor(
    readonly world: WorkloadWorld,
    readonly history: History,
    /** Names under which a topic is deleted and created again. */
    readonly reusedTopics: Set<string>,
    /** Ends the run: something went wrong that no rule of Kafka's and no client error explains. */
    readonly onBug: (error: unknown) => void,
  ) {}

  random(name: string): SeededRandom {
    return this.world.random(`workload/${name}`)
  }

  /** A further client in the same process: the one before it may have died of its errors. */
  newClient(process: SimProcess): KafkaClient {
    const { bootstrap } = this.world
    return new KafkaClient({
      platform: process.platform,
      bootstrap,
      clientId: process.name,
      connectTimeoutMs: 1_000,
      requestTimeoutMs: 5_000,
    })
  }

  note(who: string, text: () => string): void {
    if (this.world.trace.isOn) this.world.trace.line(who, text())
  }
}

/** Runs `step` for ever, `pauseMs` apart, until it answers false. What it throws is told; it goes on. */
export function every(
  clock: Clock,
  pauseMs: () => number,
  step: () => boolean | Promise<boolean>,
  onError: (error: unknown) => void,
): void {
  const again = (): void => {
    clock.setTimer(pauseMs(), () => {
      const run = async (): Promise<void> => {
        const goesOn = await step()
        if (goesOn) again()
      }
      run().catch((error: unknown) => {
        onError(error)
        again()
      })
    })
  }
  again()
}
