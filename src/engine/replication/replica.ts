/**
 * One replica of one partition on this broker: the pure core's state, the log it is about, and the effects carried out on both.
 *
 * Made and called by the ReplicaManager (for clients and the controller) and by the fetcher (for the leader's answers). It never talks to
 * the network: proposals to the controller and fetching are handed to its host. A log that fails takes this replica offline with Kafka's
 * KAFKA_STORAGE_ERROR; a broken invariant is thrown on, and ends the broker.
 */
import { AssertionError, assert } from '../../shared/lang/assert'
import { type Clock, DiskError, type Logger } from '../platform'
import { ErrorCode } from '../wire/errors'
import { decideAnswer, type FetchAnswer, type FetchPosition, onFetched, onTruncated } from './core/follower'
import { initialHighWatermark } from './core/high-watermark'
import { type AlterPartitionOutcome, maybeShrinkIsr, onAlterPartitionOutcome } from './core/isr'
import { advance, checkAppend, checkLeaderEpoch, checkProduce, decideFetch, onAppended, onFollowerFetch } from './core/leader'
import { becomeFollower, becomeLeader, checkCommand, checkLeaderInvariants, goOffline, newReplica } from './core/transitions'
import { remedyOutOfRange } from './core/truncation'
import type {
  Effect,
  FollowerState,
  IsrProposal,
  LeaderEnvironment,
  LeaderState,
  PartitionCommand,
  ReplicaState,
  ReplicationError,
} from './core/types'
import { type AppendOptions, type AppendOutcome, type ReadOptions, type ReadResult, readFailure } from './outcomes'
import type { AbortedTransaction, LogSlice, ReplicaLog, TimestampedOffset } from './ports'
import { preferredReadReplica } from './read-replica'

/** What a replica asks of its broker. */
export interface ReplicaHost {
  readonly clock: Clock
  readonly logger: Logger
  readonly env: LeaderEnvironment
  proposeIsr(replica: Replica, proposal: IsrProposal): void
  startFetching(replica: Replica, leaderId: number): void
  stopFetching(replica: Replica): void
  onDidAppend(replica: Replica): void
  onDidAdvanceHighWatermark(replica: Replica, highWatermark: number): void
  onDidChangeRole(replica: Replica): void
  onDidChangeIsr(replica: Replica, isr: readonly number[]): void
  /** Also where the role stays the same: who waits with the old epoch is to be told. */
  onDidChangeLeaderEpoch(replica: Replica): void
  /** Null where the broker is not known to be alive, or says nothing. */
  rackOf(brokerId: number): string | null
}

/** What the fetcher has to know of a handled answer. */
export type AnswerOutcome = 'data' | 'no-data' | 'fetch-again' | 'ask-offsets' | 'await-command' | 'back-off' | 'offline'

export class Replica {
  readonly topic: string
  readonly partition: number
  private current: ReplicaState

  constructor(
    private readonly host: ReplicaHost,
    readonly log: ReplicaLog,
    localBrokerId: number,
    highWatermarkCheckpoint: number,
  ) {
    this.topic = log.topic
    this.partition = log.partition
    this.current = newReplica(localBrokerId, initialHighWatermark(highWatermarkCheckpoint, log.logStartOffset, log.logEndOffset))
  }

  /** To be read, not changed, by others. */
  get state(): ReplicaState {
    return this.current
  }

  get topicId(): string | null {
    return this.log.topicId
  }

  /** -1 while offline: what is committed can no longer be told. */
  get highWatermark(): number {
    return this.current.role === 'offline' ? -1 : this.current.highWatermark
  }

  /** Does what the controller says, unless it is out of date. */
  obey(command: PartitionCommand): ReplicationError | null {
    const refusal = checkCommand(this.current, command, this.log)
    if (refusal !== null || this.current.role === 'offline') return refusal
    const { leaderEpoch } = this.current
    const step =
      command.leaderId === this.current.localBrokerId
        ? becomeLeader(this.current, command, this.log, this.host.clock.monotonicMs(), this.host.env)
        : becomeFollower(this.current, command)
    this.current = step.state
    this.guarded(() => this.carryOut(step.effects))
    if (this.current.leaderEpoch !== leaderEpoch) this.host.onDidChangeLeaderEpoch(this)
    return this.state.role === 'offline' ? 'KAFKA_STORAGE_ERROR' : null
  }

  append(records: Uint8Array, acks: number, { origin, guard }: AppendOptions = {}): AppendOutcome {
    const state = this.current
    if (state.role !== 'leader')
      return this.refuseAppend(state.role === 'offline' ? 'KAFKA_STORAGE_ERROR' : 'NOT_LEADER_OR_FOLLOWER')
    const refusal = checkAppend(state, acks, this.host.env)
    if (refusal) return this.refuseAppend(refusal)
    const appended = this.guarded(() => this.log.appendAsLeader(records, state.leaderEpoch, origin, guard))
    if (appended === null) return this.refuseAppend('KAFKA_STORAGE_ERROR')
    const outcome = { logStartOffset: this.log.logStartOffset, leaderEpoch: state.leaderEpoch }
    if (!appended.ok) {
      const { code: errorCode, message: errorMessage, recordErrors } = appended.error
      return { ...outcome, errorCode, errorMessage, ...(recordErrors === undefined ? {} : { recordErrors }) }
    }
    if (!appended.value.isDuplicate) {
      const effects = onAppended(state, this.log, this.host.clock.monotonicMs(), this.host.env)
      this.host.onDidAppend(this)
      this.carryOut(effects)
    }
    // Also of a duplicate: that it is in the log does not say that it is committed.
    return { ...outcome, errorCode: ErrorCode.NONE, appendInfo: appended.value, requiredOffset: appended.value.lastOffset + 1 }
  }

  /** 'pending', or the code of the answer to a producer that waits for all in-sync replicas. */
  checkProduce(requiredOffset: number, leaderEpochAtAppend: number): 'pending' | number {
    const verdict = checkProduce(this.current, requiredOffset, leaderEpochAtAppend, this.host.env)
    return verdict === 'pending' ? verdict : ErrorCode[verdict]
  }

  read(options: ReadOptions): ReadResult {
    const state = this.current
    const { log } = this
    const logEndOffset = log.logEndOffset
    const decision = decideFetch(
      state,
      {
        replicaId: options.replicaId,
        brokerEpoch: options.brokerEpoch ?? -1,
        fetchOffset: options.fetchOffset,
        currentLeaderEpoch: options.currentLeaderEpoch,
        lastFetchedEpoch: options.lastFetchedEpoch,
        allowFollower: options.allowFollower ?? false,
      },
      log,
    )
    if (decision.kind === 'error') return readFailure(ErrorCode[decision.error], log.logStartOffset)
    if (state.role === 'offline') return readFailure(ErrorCode.KAFKA_STORAGE_ERROR, log.logStartOffset)
    const { currentLeaderEpoch } = options
    assert(currentLeaderEpoch === -1 || currentLeaderEpoch === state.leaderEpoch, 'a fetch in another leader epoch is refused')
    if (decision.kind === 'diverging') {
      return {
        ...readFailure(ErrorCode.NONE, log.logStartOffset),
        highWatermark: state.highWatermark,
        lastStableOffset: log.lastStableOffset(state.highWatermark),
        divergingEpoch: { epoch: decision.divergingEpoch.leaderEpoch, endOffset: decision.divergingEpoch.endOffset },
      }
    }
    const { follower } = decision
    const isCommittedOnly = options.replicaId < 0 && options.isolation === 'read_committed'
    // lastStableOffset <= highWatermark
    const maxOffset = isCommittedOnly ? log.lastStableOffset(state.highWatermark) : decision.maxOffset
    const preferred = this.replicaFor(options)
    if (preferred !== null) {
      // Nothing is read: the consumer goes there.
      const { highWatermark } = state
      const nothing = readFailure(ErrorCode.NONE, log.logStartOffset)
      const lastStableOffset = log.lastStableOffset(highWatermark)
      return { ...nothing, highWatermark, lastStableOffset, preferredReadReplica: preferred }
    }
    // Above the high watermark, and not above the log end: an empty answer, and the consumer waits.
    const isReadable = options.fetchOffset < maxOffset
    const sliced = isReadable
      ? this.guarded(() =>
          log.read(options.fetchOffset, { maxBytes: options.maxBytes, maxOffset, minOneMessage: options.minOneMessage }),
        )
      : undefined
    if (sliced === null) return readFailure(ErrorCode.KAFKA_STORAGE_ERROR, log.logStartOffset)
    if (sliced && !sliced.ok) return readFailure(ErrorCode.OFFSET_OUT_OF_RANGE, log.logStartOffset)
    const aborted = isCommittedOnly ? this.abortedIn(options.fetchOffset, sliced?.value ?? null) : null
    if (aborted === 'failed') return readFailure(ErrorCode.KAFKA_STORAGE_ERROR, log.logStartOffset)
    if (follower && state.role === 'leader' && !options.isReread) {
      const effects = onFollowerFetch(
        state,
        follower,
        options.fetchOffset,
        options.followerLogStartOffset ?? -1,
        options.brokerEpoch ?? -1,
        logEndOffset,
        options.nowMs,
        this.host.env,
      )
      this.carryOut(effects)
    }
    // Taken after the fetch was recorded: one that completes a commit learns of it at once.
    const { highWatermark } = state
    const followerNeedsHighWatermark = follower !== null && follower.lastSentHighWatermark < highWatermark
    if (follower) follower.lastSentHighWatermark = highWatermark
    const slice = sliced ? sliced.value : null
    return {
      errorCode: ErrorCode.NONE,
      highWatermark,
      lastStableOffset: log.lastStableOffset(highWatermark),
      abortedTransactions: aborted,
      logStartOffset: log.logStartOffset,
      divergingEpoch: null,
      slice,
      preferredReadReplica: -1,
      availableBytes: slice ? slice.sizeInBytes : 0,
      followerNeedsHighWatermark,
    }
  }

  /** Also what is not committed. Null where the log has no such offset, or failed. */
  readToEnd(offset: number, maxBytes: number): LogSlice | null {
    const { log } = this
    const sliced = this.guarded(() => log.read(offset, { maxBytes, maxOffset: log.logEndOffset, minOneMessage: true }))
    return sliced?.ok ? sliced.value : null
  }

  /** Something that no request tells has changed, the live brokers or the time: the high watermark may wait for nobody any more. */
  lookAtHighWatermark(): void {
    if (this.current.role !== 'leader' || this.current.highWatermark === this.log.logEndOffset) return
    this.carryOut(advance(this.current, this.log.logEndOffset, this.host.clock.monotonicMs(), this.host.env))
  }

  /** Called every half of the lag time. */
  shrinkIsr(): void {
    if (this.current.role !== 'leader') return
    this.carryOut(maybeShrinkIsr(this.current, this.log.logEndOffset, this.host.clock.monotonicMs(), this.host.env))
    // A replica outside the ISR that was caught up when it went silent is waited for until its lag time is over, and then nobody may come
    // who would look: a producer with one request under way appends nothing before this one is answered.
    this.lookAtHighWatermark()
  }

  /** Answers whether to propose the same again. */
  onAlterPartitionOutcome(proposal: IsrProposal, outcome: AlterPartitionOutcome): boolean {
    if (this.current.role !== 'leader') return false
    const now = this.host.clock.monotonicMs()
    const step = onAlterPartitionOutcome(this.current, proposal, outcome, this.log.logEndOffset, now, this.host.env)
    this.carryOut(step.effects)
    return step.shouldRetry
  }

  /** Where a follower's next fetch begins; null where it does not follow anybody. */
  fetchPosition(): (FetchPosition & { readonly lastFetchedEpoch: number; readonly logStartOffset: number }) | null {
    if (this.current.role !== 'follower') return null
    const { logEndOffset, latestEpoch, logStartOffset } = this.log
    return { leaderEpoch: this.current.leaderEpoch, fetchOffset: logEndOffset, lastFetchedEpoch: latestEpoch, logStartOffset }
  }

  /** The leader's answer to a fetch from `position`. `records` is valid during the call only. */
  onFetchAnswer(position: FetchPosition, answer: FetchAnswer, records: Uint8Array | null): AnswerOutcome {
    const state = this.current
    if (state.role !== 'follower') return state.role === 'offline' ? 'offline' : 'await-command'
    const decision = decideAnswer(state, position, answer, this.log)
    switch (decision.kind) {
      case 'append':
        return this.guarded(() => this.appendFetched(state, answer, records)) ?? 'offline'
      case 'truncate':
        return this.guarded(() => this.truncate(state, { kind: 'truncate', offset: decision.offset })) ?? 'offline'
      case 'ask-offsets':
      case 'await-command':
      case 'back-off':
        return decision.kind
      case 'ignore':
        return 'fetch-again'
    }
  }

  /** The leader's offsets, asked for after OFFSET_OUT_OF_RANGE at `position`. */
  onLeaderOffsets(position: FetchPosition, leaderStartOffset: number, leaderEndOffset: number): AnswerOutcome {
    const state = this.current
    if (state.role !== 'follower' || state.leaderEpoch !== position.leaderEpoch) return 'fetch-again'
    const remedy = remedyOutOfRange(this.log, leaderStartOffset, leaderEndOffset)
    if (remedy.kind === 'fetch-again') return 'fetch-again'
    return this.guarded(() => this.truncate(state, remedy)) ?? 'offline'
  }

  /** Records below are given up, by a client or by retention; never above the high watermark. Answers false where the log failed. */
  moveLogStart(offset: number): boolean {
    assert(offset <= this.highWatermark, 'logStartOffset <= highWatermark <= logEndOffset')
    const moved = this.guarded(() => {
      this.log.setLogStartOffset(offset)
      return true
    })
    return moved !== null
  }

  /** The first record of `timestampMs` or later, or 'latest': the one with the largest timestamp. 'failed' where the log cannot be read. */
  findTimestamp(timestampMs: number | 'latest'): TimestampedOffset | null | 'failed' {
    const found = this.guarded(() => ({
      place: timestampMs === 'latest' ? this.log.maxTimestamp() : this.log.offsetForTimestamp(timestampMs),
    }))
    return found === null ? 'failed' : found.place
  }

  /** For whoever finds that the log cannot be read or written: a response that is being written, for instance. */
  onLogFailure(error: Error): void {
    if (this.current.role === 'offline') return
    this.host.logger.error(`${this.name} is offline: its log failed`, { reason: error.message })
    const step = goOffline(this.current, error.message)
    this.current = step.state
    this.carryOut(step.effects)
  }

  /** Stops whatever this replica does, before it is removed. */
  retire(): void {
    this.host.stopFetching(this)
  }

  /** The error for a request that names `currentLeaderEpoch` and needs the leader. */
  checkLeader(currentLeaderEpoch: number): ReplicationError | null {
    if (this.current.role === 'offline') return 'KAFKA_STORAGE_ERROR'
    return (
      checkLeaderEpoch(this.current, currentLeaderEpoch) ?? (this.current.role === 'leader' ? null : 'NOT_LEADER_OR_FOLLOWER')
    )
  }

  get leaderState(): LeaderState | null {
    return this.current.role === 'leader' ? this.current : null
  }

  get isOffline(): boolean {
    return this.current.role === 'offline'
  }

  get name(): string {
    return `${this.topic}-${this.partition}`
  }

  /** The follower that should serve this consumer; null where it is to be served here. */
  private replicaFor({ replicaId, clientRack = '', fetchOffset, nowMs }: ReadOptions): number | null {
    if (clientRack === '' || replicaId >= 0 || this.current.role !== 'leader') return null
    return preferredReadReplica(this.current, { rackId: clientRack, fetchOffset, nowMs }, (id) => this.host.rackOf(id))
  }

  private appendFetched(state: FollowerState, answer: FetchAnswer, records: Uint8Array | null): AnswerOutcome {
    let appended = false
    if (records !== null && records.length > 0) {
      appended = this.log.appendAsFollower(records, answer.logStartOffset) !== null
      if (appended) this.host.onDidAppend(this)
    }
    this.carryOut(onFetched(state, answer, this.log))
    return appended ? 'data' : 'no-data'
  }

  private truncate(
    state: FollowerState,
    cut: { readonly kind: 'truncate' | 'restart-log'; readonly offset: number },
  ): AnswerOutcome {
    const { logEndOffset } = this.log
    const fields = { partition: this.name, offset: cut.offset, logEndOffset, highWatermark: state.highWatermark }
    if (cut.offset < state.highWatermark) this.host.logger.warn('Truncating below the high watermark', fields)
    else if (cut.offset < logEndOffset) this.host.logger.info('Truncating to the leader’s history', fields)
    this.carryOut([cut])
    onTruncated(state, this.log)
    return 'fetch-again'
  }

  private abortedIn(fetchOffset: number, slice: LogSlice | null): readonly AbortedTransaction[] | 'failed' {
    if (slice === null || slice.nextOffset <= fetchOffset) return []
    return this.guarded(() => this.log.abortedTransactions(fetchOffset, slice.nextOffset)) ?? 'failed'
  }

  private refuseAppend(error: ReplicationError): AppendOutcome {
    return { errorCode: ErrorCode[error], logStartOffset: this.log.logStartOffset, leaderEpoch: this.current.leaderEpoch }
  }

  /** Runs what touches the log. Null: the log failed, and this replica is offline now. */
  private guarded<T>(action: () => T): T | null {
    try {
      return action()
    } catch (error) {
      if (!(error instanceof DiskError)) throw error
      this.onLogFailure(error)
      return null
    }
  }

  private carryOut(effects: readonly Effect[]): void {
    for (const effect of effects) {
      switch (effect.kind) {
        case 'assign-epoch-start':
          this.log.assignEpochStart(effect.epoch, effect.startOffset)
          break
        case 'truncate':
          this.log.truncateTo(effect.offset)
          break
        case 'restart-log':
          this.log.truncateFullyAndStartAt(effect.offset)
          break
        case 'increment-log-start':
          this.log.setLogStartOffset(effect.offset)
          break
        case 'propose-isr':
          this.host.proposeIsr(this, effect.proposal)
          break
        case 'start-fetching':
          this.host.startFetching(this, effect.leaderId)
          break
        case 'stop-fetching':
          this.host.stopFetching(this)
          break
        case 'role-changed':
          this.host.onDidChangeRole(this)
          break
        case 'isr-changed':
          this.host.onDidChangeIsr(this, effect.isr)
          break
        case 'high-watermark-advanced':
          if (this.current.role === 'leader') checkLeaderInvariants(this.current, this.log)
          this.host.onDidAdvanceHighWatermark(this, effect.highWatermark)
          break
      }
    }
  }
}

/** Errors that end the broker, rather than one partition's round. */
export function isFatal(error: unknown): boolean {
  return error instanceof AssertionError
}
