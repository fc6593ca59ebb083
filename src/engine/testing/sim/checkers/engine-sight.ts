/**
 * What checkers may see of a living broker: its replicas, its logs and its term as controller, as the engine holds them, without a copy. The one place
 * where the checkers reach behind the broker's public face; they read, and change nothing. Test worlds hand in sights of their own.
 */
import type { Broker } from '../../../broker/broker'
import type { ReplicaState } from '../../../replication/core/types'
import type { EpochEntry } from '../../../storage/leader-epochs'

export interface LogSight {
  readonly topic: string
  readonly partition: number
  readonly topicId: string | null
  readonly logStartOffset: number
  readonly logEndOffset: number
  readonly recoveryPoint: number
  readonly epochEntries: readonly EpochEntry[]
}

export interface ReplicaSight {
  readonly topic: string
  readonly partition: number
  readonly topicId: string | null
  readonly state: ReplicaState
  readonly log: LogSight
}

export interface EngineSight {
  readonly logs: Iterable<LogSight>
  /** By topic and partition; null while the broker has not come that far. */
  readonly replicas: ReadonlyMap<string, ReadonlyMap<number, ReplicaSight>> | null
  /** The epoch of its term, where it is the controller. */
  readonly controllerEpoch: number | null
}

/** A class and no literal: each literal with getters is a shape of its own, and what looks at a broker after each event would be compiled anew for each of them. */
class BrokerSight implements EngineSight {
  constructor(private readonly broker: Broker) {}

  get logs(): Iterable<LogSight> {
    return this.broker['logManager'].logs
  }

  get replicas(): EngineSight['replicas'] {
    // The replicas' logs are PartitionLogs, of which replication itself needs to see less.
    const replicas = this.broker['parts']?.replicas['topics'] as unknown
    return (replicas as EngineSight['replicas'] | undefined) ?? null
  }

  get controllerEpoch(): number | null {
    const controller = this.broker['parts']?.controller
    return controller?.isActive ? controller.controllerEpoch : null
  }
}

export function sightOf(broker: Broker): EngineSight {
  return new BrokerSight(broker)
}
