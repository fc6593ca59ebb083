/** The real adapters of the platform ports, one set a thread. The only folder of the engine that touches Node's timers, sockets and files. */
import type { Platform } from '../index'
import type { Logger } from '../logger'
import { NodeClock } from './node-clock'
import { NodeDisk } from './node-disk'
import { NodeNetwork } from './node-network'
import { NodeRandom } from './node-random'

export { NodeClock, NodeDisk, NodeNetwork, NodeRandom }

export function createNodePlatform({ logger }: { logger: Logger }): Platform {
  return { clock: new NodeClock(), random: new NodeRandom(), disk: new NodeDisk(), network: new NodeNetwork({ logger }), logger }
}
