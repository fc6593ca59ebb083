export * from './clock'
export * from './disk'
export * from './logger'
export * from './network'
export * from './random'

import type { Clock } from './clock'
import type { Disk } from './disk'
import type { Logger } from './logger'
import type { Network } from './network'
import type { Random } from './random'

/** Everything that a part of the engine may use of the outside world. */
export interface Platform {
  readonly clock: Clock
  readonly random: Random
  readonly disk: Disk
  readonly network: Network
  readonly logger: Logger
}
