/**
 * The controller's requests, LeaderAndIsr and StopReplica: checks who sends them and when, and has each replica obey. UpdateMetadata is the metadata cache's,
 * but who sends it is checked here, too: often it is the first that a broker hears of a new controller (as in Kafka's ReplicaManager).
 *
 * Owned by the ReplicaManager. A request of a controller that has been succeeded is refused whole (STALE_CONTROLLER_EPOCH), one meant for
 * an earlier registration of this broker too (STALE_BROKER_EPOCH, KIP-380); everything else is decided a partition at a time.
 */
import { assert } from '../../shared/lang/assert'
import { DiskError, type Logger } from '../platform'
import { ErrorCode } from '../wire/errors'
import type { LeaderAndIsr } from '../wire/messages/04-leader-and-isr'
import type { StopReplica } from '../wire/messages/05-stop-replica'
import type { RequestOf, ResponseOf } from '../wire/schema'
import { ZERO_UUID } from '../wire/uuid'
import { type PartitionCommand, UNKNOWN_BROKER_EPOCH } from './core/types'
import type { ReplicaLog, ReplicaLogManager } from './ports'
import type { Replica } from './replica'

type LeaderAndIsrRequest = RequestOf<typeof LeaderAndIsr>
type PartitionState = LeaderAndIsrRequest['topicStates'][number]['partitionStates'][number]
type StopReplicaRequest = RequestOf<typeof StopReplica>

/** What each request of a controller begins with. */
export interface ControlHeader {
  readonly controllerId: number
  readonly controllerEpoch: number
  readonly brokerEpoch: number
}

export interface LeadershipOptions {
  readonly brokerId: number
  brokerEpoch(): number
  readonly logger: Logger
  readonly logManager: ReplicaLogManager
  find(topic: string, partition: number): Replica | undefined
  host(log: ReplicaLog): Replica
  drop(replica: Replica): void
}

/** The topic is being deleted: whatever the replica's epoch is, it goes (KIP-570). */
const EPOCH_DURING_DELETE = -2
const NO_EPOCH = -1

export class LeadershipRequests {
  /** Of the last controller that was obeyed. */
  private controllerEpoch = 0

  constructor(private readonly options: LeadershipOptions) {}

  becomeLeaderOrFollower(request: LeaderAndIsrRequest): ResponseOf<typeof LeaderAndIsr> {
    const refusal = this.refusalOf(request)
    if (refusal !== ErrorCode.NONE) return { errorCode: refusal, topics: [] }
    return {
      errorCode: ErrorCode.NONE,
      topics: request.topicStates.map((topic) => ({
        topicId: topic.topicId,
        partitionErrors: topic.partitionStates.map((state) => ({
          partitionIndex: state.partitionIndex,
          errorCode: this.obey(topic.topicName, topic.topicId === ZERO_UUID ? null : topic.topicId, state),
        })),
      })),
    }
  }

  stopReplicas(request: StopReplicaRequest): ResponseOf<typeof StopReplica> {
    const refusal = this.refusalOf(request)
    if (refusal !== ErrorCode.NONE) return { errorCode: refusal, partitionErrors: [] }
    return {
      errorCode: ErrorCode.NONE,
      partitionErrors: request.topicStates.flatMap(({ topicName, partitionStates }) =>
        partitionStates.map(({ partitionIndex, leaderEpoch, deletePartition }) => ({
          topicName,
          partitionIndex,
          errorCode: this.stop(topicName, partitionIndex, leaderEpoch, deletePartition),
        })),
      ),
    }
  }

  /** The code of the refusal, or NONE: then no older controller is obeyed any more, whichever of its requests comes. */
  refusalOf(request: ControlHeader): number {
    const { controllerId, controllerEpoch, brokerEpoch } = request
    if (brokerEpoch !== UNKNOWN_BROKER_EPOCH && brokerEpoch < this.options.brokerEpoch()) return ErrorCode.STALE_BROKER_EPOCH
    if (controllerEpoch < this.controllerEpoch) {
      this.options.logger.warn('A controller that was succeeded is not obeyed', {
        controllerId,
        controllerEpoch,
        latestControllerEpoch: this.controllerEpoch,
      })
      return ErrorCode.STALE_CONTROLLER_EPOCH
    }
    assert(controllerEpoch >= this.controllerEpoch, 'controller epochs only grow')
    this.controllerEpoch = controllerEpoch
    return ErrorCode.NONE
  }

  private obey(topic: string, topicId: string | null, state: PartitionState): number {
    const hosted = this.options.find(topic, state.partitionIndex)
    if (!hosted && !state.replicas.includes(this.options.brokerId)) return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    if (hosted && topicId !== null && hosted.topicId !== null && hosted.topicId !== topicId)
      return ErrorCode.INCONSISTENT_TOPIC_ID
    try {
      const replica = hosted ?? this.options.host(this.openLog(topic, state, topicId))
      const error = replica.obey(commandOf(state))
      if (error === null) return ErrorCode.NONE
      this.options.logger.info('A partition of a LeaderAndIsr was not obeyed', {
        partition: replica.name,
        error,
        leaderEpoch: state.leaderEpoch,
        knownLeaderEpoch: replica.state.leaderEpoch,
      })
      return ErrorCode[error]
    } catch (error) {
      if (!(error instanceof DiskError)) throw error
      this.options.logger.error(`The log of ${topic}-${state.partitionIndex} cannot be opened`, { reason: error.message })
      return ErrorCode.KAFKA_STORAGE_ERROR
    }
  }

  private openLog(topic: string, { partitionIndex: partition, isNew }: PartitionState, topicId: string | null): ReplicaLog {
    const { logManager, logger } = this.options
    const onDisk = logManager.get(topic, partition)
    if (onDisk && topicId !== null && onDisk.topicId !== null && onDisk.topicId !== topicId) {
      // The topic was deleted while this broker was away, and another of its name was made: none of these records are its.
      logger.warn('Removing the log of an earlier topic of the same name', { topic, partition, topicId: onDisk.topicId })
      logManager.delete(topic, partition)
    } else if (isNew && topicId !== null && onDisk?.topicId === null) {
      logger.warn('Removing a log that has lost the id of its topic: the partition is a new one', { topic, partition })
      logManager.delete(topic, partition)
    }
    return logManager.getOrCreate(topic, partition, topicId)
  }

  private stop(topic: string, partition: number, leaderEpoch: number, isDelete: boolean): number {
    const { find, drop, logManager, logger } = this.options
    const replica = find(topic, partition)
    if (replica?.state.role === 'offline' && !isDelete) return ErrorCode.KAFKA_STORAGE_ERROR
    if (replica && leaderEpoch !== NO_EPOCH && leaderEpoch !== EPOCH_DURING_DELETE && leaderEpoch < replica.state.leaderEpoch) {
      return ErrorCode.FENCED_LEADER_EPOCH
    }
    if (replica) drop(replica)
    if (!isDelete || !logManager.get(topic, partition)) return ErrorCode.NONE
    try {
      logManager.delete(topic, partition)
      return ErrorCode.NONE
    } catch (error) {
      if (!(error instanceof DiskError)) throw error
      logger.error(`The log of ${topic}-${partition} cannot be deleted`, { reason: error.message })
      return ErrorCode.KAFKA_STORAGE_ERROR
    }
  }
}

function commandOf(state: PartitionState): PartitionCommand {
  return {
    controllerEpoch: state.controllerEpoch,
    leaderId: state.leader,
    leaderEpoch: state.leaderEpoch,
    partitionEpoch: state.partitionEpoch,
    isr: state.isr,
    replicas: state.replicas,
    addingReplicas: state.addingReplicas,
    removingReplicas: state.removingReplicas,
  }
}
