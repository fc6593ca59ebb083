/**
 * All replicas of one broker: takes the controller's word for who leads, appends and reads for the handlers, follows other leaders, and
 * keeps the high-watermark checkpoint. The broker's handlers are its only callers; it answers with codes of Kafka's and throws only where
 * an invariant is broken. It never writes a response and never parks a request: the broker does, and is told through the observer.
 *
 * Observer calls come synchronously, from inside of append, read and the rest: what they wake may call back at once.
 */
import type { Platform, Timer } from '../platform'
import { ErrorCode } from '../wire/errors'
import type { LeaderAndIsr } from '../wire/messages/04-leader-and-isr'
import type { StopReplica } from '../wire/messages/05-stop-replica'
import type { RequestOf, ResponseOf } from '../wire/schema'
import type { LeaderEnvironment } from './core/types'
import { type DeleteRecordsOutcome, deleteRecords, lowWatermark } from './delete-records'
import { Fetcher, type FetcherConfig } from './fetcher'
import { type AlterPartitionRequest, type AlterPartitionResponse, IsrProposals } from './isr-proposals'
import { type ControlHeader, LeadershipRequests } from './leadership-requests'
import { listOffset, noOffset } from './list-offset'
import {
  type AppendOptions,
  type AppendOutcome,
  type EpochEndAnswer,
  type LedPartition,
  type ListOffsetAnswer,
  type PartitionStatus,
  type ProducersAnswer,
  type ReadOptions,
  type ReadResult,
  readFailure,
} from './outcomes'
import { statusOf } from './partition-status'
import type { FetchConnection, LogSlice, ReplicaLogManager, VerificationGuard } from './ports'
import { Replica, type ReplicaHost } from './replica'

export interface ReplicationConfig extends FetcherConfig {
  /** A follower that was not caught up for longer leaves the ISR. */
  readonly replicaLagTimeMaxMs: number
  readonly highWatermarkCheckpointIntervalMs: number
}

/** Kafka's defaults, but for the lag time (30 s there) and the back-off (1 s): a person watches this cluster fail over. */
export const defaultReplicationConfig: ReplicationConfig = {
  replicaLagTimeMaxMs: 10_000,
  highWatermarkCheckpointIntervalMs: 5_000,
  fetchWaitMaxMs: 500,
  fetchMinBytes: 1,
  replicaFetchMaxBytes: 1024 * 1024,
  replicaFetchResponseMaxBytes: 10 * 1024 * 1024,
  fetchBackoffMs: 100,
  fetchRequestTimeoutMs: 30_000,
}

export type ReplicaRole = 'leader' | 'follower' | 'offline' | 'none'

export interface ReplicaObserver {
  /** Produces that wait for it, consumers and followers may go on. Also for a follower's own. */
  onDidAdvanceHighWatermark(topic: string, partition: number, highWatermark: number): void
  onDidAppend(topic: string, partition: number, logEndOffset: number): void
  /** Requests that wait at this partition have to look again. 'none': the replica is gone from this broker. */
  onDidChangeRole(topic: string, partition: number, role: ReplicaRole): void
  onDidChangeIsr(topic: string, partition: number, isr: readonly number[]): void
  /** Fetches that wait with the old epoch look again, also where the role is the same as before. */
  onDidChangeLeaderEpoch?(topic: string, partition: number): void
}

export interface ReplicaManagerOptions {
  readonly platform: Pick<Platform, 'clock' | 'logger'>
  readonly brokerId: number
  readonly logManager: ReplicaLogManager
  readonly config: ReplicationConfig
  minInSyncReplicas(topic: string): number
  /** A connection that the caller owns, closes and shares with nobody; null where the broker is not known. */
  connectTo(brokerId: number): FetchConnection | null
  alterPartition(request: AlterPartitionRequest): Promise<AlterPartitionResponse>
  brokerEpoch(): number
  isBrokerLive(brokerId: number): boolean
  /** Whether the partition exists somewhere, for the right error where this broker has no replica of it. */
  isPartitionKnown?(topic: string, partition: number): boolean
  /** For reading from a follower nearby (KIP-392); without it everybody reads from the leader. */
  rackOf?(brokerId: number): string | null
  readonly observer: ReplicaObserver
}

const FETCH_TICK_MS = 25

export class ReplicaManager {
  private readonly topics = new Map<string, Map<number, Replica>>()
  private readonly fetchers = new Map<number, Fetcher>()
  private readonly followed = new Map<Replica, Fetcher>()
  private readonly proposals: IsrProposals
  private readonly requests: LeadershipRequests
  private readonly tickers: Timer[] = []
  private isCheckpointDue = false
  private isClosed = false

  constructor(private readonly options: ReplicaManagerOptions) {
    const { clock, logger } = options.platform
    this.proposals = new IsrProposals({
      brokerId: options.brokerId,
      brokerEpoch: () => options.brokerEpoch(),
      alterPartition: (request) => options.alterPartition(request),
      logger,
      nowMs: () => clock.monotonicMs(),
      defer: (callback) => clock.defer(callback),
    })
    this.requests = new LeadershipRequests({
      brokerId: options.brokerId,
      brokerEpoch: () => options.brokerEpoch(),
      logger,
      logManager: options.logManager,
      find: (topic, partition) => this.find(topic, partition),
      host: (log) => this.host(log),
      drop: (replica) => this.drop(replica),
    })
  }

  becomeLeaderOrFollower(request: RequestOf<typeof LeaderAndIsr>): ResponseOf<typeof LeaderAndIsr> {
    return this.requests.becomeLeaderOrFollower(request)
  }

  stopReplicas(request: RequestOf<typeof StopReplica>): ResponseOf<typeof StopReplica> {
    return this.requests.stopReplicas(request)
  }

  /** Whether an UpdateMetadata may be obeyed: the code of its refusal, or NONE. */
  admitController(request: ControlHeader): number {
    return this.requests.refusalOf(request)
  }

  /** Appends for a producer or a coordinator, at once. `records` is patched in place and may be reused after the call. */
  append(topic: string, partition: number, records: Uint8Array, acks: number, options?: AppendOptions): AppendOutcome {
    const replica = this.find(topic, partition)
    if (!replica) return { errorCode: this.missing(topic, partition), logStartOffset: -1, leaderEpoch: -1 }
    return replica.append(records, acks, options)
  }

  /** For a coordinator: what it has to know of a partition that holds its state. Null where this broker does not lead it. */
  led(topic: string, partition: number): LedPartition | null {
    const replica = this.find(topic, partition)
    const state = replica?.leaderState
    if (!replica || !state) return null
    const { logStartOffset, logEndOffset } = replica.log
    return { leaderEpoch: state.leaderEpoch, logStartOffset, logEndOffset, highWatermark: state.highWatermark }
  }

  /** For a coordinator: whole batches from the one that holds `offset`, committed or not. Null where they cannot be read, or not here. */
  readLed(topic: string, partition: number, offset: number, maxBytes: number): LogSlice | null {
    const replica = this.find(topic, partition)
    return replica?.leaderState ? replica.readToEnd(offset, maxBytes) : null
  }

  /** Before a producer's transactional append; see PartitionLog. Null also where the append will be refused whatever is held. */
  startVerification(
    topic: string,
    partition: number,
    producerId: number | bigint,
    epoch: number,
    sequence: number,
  ): VerificationGuard | null {
    const replica = this.find(topic, partition)
    return replica?.leaderState ? replica.log.startVerification(producerId, epoch, sequence) : null
  }

  /** Whether the producer has a transaction open in a partition that this broker leads, begun in that epoch. */
  hasOngoingTransaction(topic: string, partition: number, producerId: number | bigint, epoch: number): boolean {
    const replica = this.find(topic, partition)
    return replica?.leaderState ? replica.log.hasOngoingTransaction(producerId, epoch) : false
  }

  /** What this replica knows of those who have written there; a follower tells, too, by whose log a transaction that hangs is looked for (KIP-664). */
  producers(topic: string, partition: number): ProducersAnswer {
    const replica = this.find(topic, partition)
    if (!replica) return { errorCode: this.missing(topic, partition), producers: [] }
    return replica.isOffline
      ? { errorCode: ErrorCode.KAFKA_STORAGE_ERROR, producers: [] }
      : { errorCode: ErrorCode.NONE, producers: replica.log.producers }
  }

  checkProduce(topic: string, partition: number, requiredOffset: number, leaderEpochAtAppend: number): 'pending' | number {
    const replica = this.find(topic, partition)
    return replica ? replica.checkProduce(requiredOffset, leaderEpochAtAppend) : this.missing(topic, partition)
  }

  read(topic: string, partition: number, options: ReadOptions): ReadResult {
    const replica = this.find(topic, partition)
    return replica ? replica.read(options) : readFailure(this.missing(topic, partition), -1)
  }

  offsetForLeaderEpoch(topic: string, partition: number, currentLeaderEpoch: number, leaderEpoch: number): EpochEndAnswer {
    const replica = this.find(topic, partition)
    if (!replica) return { errorCode: this.missing(topic, partition), leaderEpoch: -1, endOffset: -1 }
    const error = replica.checkLeader(currentLeaderEpoch)
    if (error) return { errorCode: ErrorCode[error], leaderEpoch: -1, endOffset: -1 }
    return { errorCode: ErrorCode.NONE, ...replica.log.endOffsetForEpoch(leaderEpoch) }
  }

  /** `isolation` null: a follower asks, and the newest offset is the log end. */
  listOffset(
    topic: string,
    partition: number,
    timestamp: number,
    isolation: 'read_uncommitted' | 'read_committed' | null,
    currentLeaderEpoch: number,
  ): ListOffsetAnswer {
    const replica = this.find(topic, partition)
    if (!replica) return noOffset(this.missing(topic, partition))
    return listOffset(replica, timestamp, isolation, currentLeaderEpoch)
  }

  /** Who leads, as the controller told this replica: it hears of it before the metadata does. Null where there is no replica here, or no leader. */
  knownLeader(topic: string, partition: number): { readonly leaderId: number; readonly leaderEpoch: number } | null {
    const state = this.find(topic, partition)?.state
    if (state === undefined || state.role === 'offline') return null
    const { leaderEpoch } = state
    const leaderId = state.role === 'leader' ? state.localBrokerId : state.leaderId
    return leaderId < 0 ? null : { leaderId, leaderEpoch }
  }

  /** Gives up the records below `offset`, -1 for all committed ones. Done when lowWatermark has reached requiredOffset. */
  deleteRecords(topic: string, partition: number, offset: number): DeleteRecordsOutcome {
    const replica = this.find(topic, partition)
    return replica ? deleteRecords(replica, offset) : { errorCode: this.missing(topic, partition), requiredOffset: -1 }
  }

  /** The lowest log start of the leader and its live followers; null where this broker does not lead the partition. */
  lowWatermark(topic: string, partition: number): number | null {
    const replica = this.find(topic, partition)
    return replica ? lowWatermark(replica, (id) => this.options.isBrokerLive(id)) : null
  }

  /** For whoever reads or writes a log outside of this class, while a response is written for instance: the replica goes offline. */
  onLogFailure(topic: string, partition: number, error: Error): void {
    this.find(topic, partition)?.onLogFailure(error)
  }

  /** Snapshots, made as they are asked for. */
  *partitionStates(): IterableIterator<PartitionStatus> {
    const nowMs = this.options.platform.clock.monotonicMs()
    for (const replicas of this.topics.values()) {
      for (const replica of replicas.values()) yield statusOf(replica, this.environmentOf(replica.topic), nowMs)
    }
  }

  startTickers(): void {
    const { clock } = this.options.platform
    const { config } = this.options
    this.tickers.push(
      clock.setTicker(FETCH_TICK_MS, () => this.tick()),
      clock.setTicker(Math.max(1, Math.floor(config.replicaLagTimeMaxMs / 2)), () => this.shrinkIsrs()),
      clock.setTicker(config.highWatermarkCheckpointIntervalMs, () => this.checkpointHighWatermarks()),
    )
  }

  /** Starts again what failed or waits: fetching, and proposals to the controller. The tickers call it; so do tests. */
  tick(): void {
    for (const fetcher of this.fetchers.values()) fetcher.tick()
    this.proposals.retry()
  }

  shrinkIsrs(): void {
    for (const replicas of this.topics.values()) {
      for (const replica of replicas.values()) replica.shrinkIsr()
    }
  }

  /**
   * The live brokers are others than before. LeaderAndIsr takes a dead broker out of an ISR before UpdateMetadata says that it is dead; until then the
   * high watermark waits for it as for any replica that is caught up, and nothing else would look again while producers wait.
   */
  onBrokersChanged(): void {
    for (const replicas of this.topics.values()) {
      for (const replica of replicas.values()) replica.lookAtHighWatermark()
    }
  }

  /** Writes what a replica starts with after the next start of this broker, where anything has changed. */
  checkpointHighWatermarks(): void {
    if (!this.isCheckpointDue) return
    this.isCheckpointDue = false
    try {
      this.options.logManager.writeHighWatermarks(this.highWatermarks())
    } catch (error) {
      this.isCheckpointDue = true
      this.options.platform.logger.error('The high watermarks could not be written', { error: String(error) })
    }
  }

  /** Clean: stops following and writes the checkpoint. The logs are the LogManager's to close. */
  close(): void {
    if (this.isClosed) return
    this.abandon()
    this.checkpointHighWatermarks()
  }

  /** As a killed process leaves it: stops following, writes nothing. */
  abandon(): void {
    this.isClosed = true
    for (const ticker of this.tickers) ticker.cancel()
    for (const fetcher of this.fetchers.values()) fetcher.close()
    this.fetchers.clear()
    this.proposals.close()
  }

  private find(topic: string, partition: number): Replica | undefined {
    return this.topics.get(topic)?.get(partition)
  }

  private missing(topic: string, partition: number): number {
    return this.options.isPartitionKnown?.(topic, partition)
      ? ErrorCode.NOT_LEADER_OR_FOLLOWER
      : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
  }

  private host(log: Replica['log']): Replica {
    const { logManager, brokerId } = this.options
    const replica = new Replica(
      this.hostOf(log.topic),
      log,
      brokerId,
      logManager.highWatermarkCheckpoint(log.topic, log.partition),
    )
    let replicas = this.topics.get(log.topic)
    if (!replicas) {
      replicas = new Map()
      this.topics.set(log.topic, replicas)
    }
    replicas.set(log.partition, replica)
    return replica
  }

  private drop(replica: Replica): void {
    replica.retire()
    this.proposals.withdraw(replica)
    const replicas = this.topics.get(replica.topic)
    replicas?.delete(replica.partition)
    if (replicas?.size === 0) this.topics.delete(replica.topic)
    this.isCheckpointDue = true
    this.options.observer.onDidChangeRole(replica.topic, replica.partition, 'none')
  }

  private environmentOf(topic: string): LeaderEnvironment {
    return {
      replicaLagTimeMaxMs: this.options.config.replicaLagTimeMaxMs,
      minInSyncReplicas: () => this.options.minInSyncReplicas(topic),
      isEligible: (replicaId) => this.options.isBrokerLive(replicaId),
    }
  }

  private hostOf(topic: string): ReplicaHost {
    const { observer, platform } = this.options
    return {
      clock: platform.clock,
      logger: platform.logger,
      env: this.environmentOf(topic),
      proposeIsr: (replica, proposal) => this.proposals.submit(replica, proposal),
      startFetching: (replica, leaderId) => this.startFetching(replica, leaderId),
      stopFetching: (replica) => this.stopFetching(replica),
      onDidAppend: (replica) => observer.onDidAppend(replica.topic, replica.partition, replica.log.logEndOffset),
      onDidAdvanceHighWatermark: (replica, highWatermark) => {
        this.isCheckpointDue = true
        observer.onDidAdvanceHighWatermark(replica.topic, replica.partition, highWatermark)
      },
      onDidChangeRole: (replica) => observer.onDidChangeRole(replica.topic, replica.partition, replica.state.role),
      onDidChangeIsr: (replica, isr) => observer.onDidChangeIsr(replica.topic, replica.partition, isr),
      onDidChangeLeaderEpoch: (replica) => observer.onDidChangeLeaderEpoch?.(replica.topic, replica.partition),
      rackOf: (id) => this.options.rackOf?.(id) ?? null,
    }
  }

  private startFetching(replica: Replica, leaderId: number): void {
    this.stopFetching(replica)
    if (this.isClosed) return
    let fetcher = this.fetchers.get(leaderId)
    if (!fetcher) {
      const { brokerId, config, platform } = this.options
      fetcher = new Fetcher({
        localBrokerId: brokerId,
        leaderId,
        config,
        clock: platform.clock,
        logger: platform.logger,
        brokerEpoch: () => this.options.brokerEpoch(),
        connect: () => this.options.connectTo(leaderId),
      })
      this.fetchers.set(leaderId, fetcher)
    }
    this.followed.set(replica, fetcher)
    fetcher.add(replica)
  }

  private stopFetching(replica: Replica): void {
    const fetcher = this.followed.get(replica)
    if (!fetcher) return
    this.followed.delete(replica)
    fetcher.remove(replica)
    if (!fetcher.isEmpty) return
    // Nothing left to follow there, for now: a dead leader is not tried for ever.
    fetcher.close()
    for (const [leaderId, other] of this.fetchers) {
      if (other === fetcher) this.fetchers.delete(leaderId)
    }
  }

  private *highWatermarks(): IterableIterator<{ topic: string; partition: number; offset: number }> {
    const { logManager } = this.options
    for (const { topic, partition } of logManager.logs) {
      // A log that the controller has not spoken of since the start keeps what was written last.
      const offset = this.find(topic, partition)?.highWatermark ?? -1
      yield { topic, partition, offset: offset >= 0 ? offset : logManager.highWatermarkCheckpoint(topic, partition) }
    }
  }
}
