/**
 * One partition of an internal topic while this broker leads it in one epoch: its shard, how far it has been loaded, who waits for an answer.
 * Made and unmade by CoordinatorRuntime, which hands in what happens; a later epoch gets a new one.
 *
 * It loads the whole log, up to its end and in slices, and answers nobody before all of that is committed: what one coordinator has read no later one may
 * lack. After that each step is appended, replayed into the shard and answered in one go but for the wait for its commit.
 */
import { assert } from '../../shared/lang/assert'
import type { Clock, Logger } from '../platform'
import { ErrorCode } from '../wire/errors'
import { CommitQueue } from './commit-queue'
import { coordinatorError } from './coordinator-errors'
import type { CoordinatorLog, EndTransactionMarker } from './coordinator-log'
import { Deadlines } from './deadlines'
import { encodeMarker, encodeRecords, NO_PRODUCER, replayBatches } from './log-replay'
import { type OperationContext, type Shard, type ShardTimers, type Slot, Step, type TimedOperation } from './shard'

const LOAD_SLICE_MS = 25
const LOAD_READ_BYTES = 1024 * 1024
/** As Kafka's (CoordinatorRuntime.EventBasedCoordinatorTimer). */
const TIMER_RETRY_MS = 500

export interface LedShardOptions<S extends Shard> {
  readonly name: string
  readonly partition: number
  readonly leaderEpoch: number
  readonly clock: Clock
  readonly logger: Logger
  readonly log: CoordinatorLog
  readonly commitTimeoutMs: number
  createShard(timers: ShardTimers): S
  /** The shard is ready; nobody has been answered yet. */
  onDidLoad(shard: S): void
  /** The log is not this broker's any more, or cannot be used: the runtime looks again who leads. */
  onDidFail(errorCode: number): void
  /** Something waits for a commit until then. */
  onDeadline(atMs: number): void
}

interface ShardTimer {
  readonly key: string
  readonly operation: TimedOperation
}

/** Somebody who waits for one answer; see Slot. */
class OpenSlot<A> implements Slot<A> {
  declare readonly answerOf?: A

  constructor(
    readonly onAnswer: (answer: A) => void,
    readonly onError: (errorCode: number) => void,
  ) {}
}

export class LedShard<S extends Shard> {
  readonly shard: S
  private state: 'loading' | 'committing' | 'active' | 'closed' = 'loading'
  /** The end of the log as this coordinator has written and read it. */
  private position: number
  private readonly queue = new CommitQueue()
  private readonly slots = new Set<OpenSlot<unknown>>()
  private readonly deadlines: Deadlines<ShardTimer>

  constructor(
    private readonly options: LedShardOptions<S>,
    logStartOffset: number,
  ) {
    this.position = logStartOffset
    this.deadlines = new Deadlines(options.clock, (timer) => this.runTimed(timer))
    this.shard = options.createShard({
      set: (key, delayMs, operation) => {
        if (this.state !== 'closed') this.deadlines.set(key, delayMs, { key, operation })
      },
      cancel: (key) => this.deadlines.cancel(key),
    })
    options.clock.defer(() => this.load())
  }

  get leaderEpoch(): number {
    return this.options.leaderEpoch
  }

  get isActive(): boolean {
    return this.state === 'active'
  }

  /** Runs `operation` if the shard is loaded. It must answer its slot, now or in a later step. */
  execute<A>(
    operation: (shard: S, step: Step, slot: Slot<A>, context: OperationContext) => void,
    onAnswer: (answer: A) => void,
    onError: (errorCode: number) => void,
  ): void {
    if (this.state !== 'active') {
      onError(this.state === 'closed' ? ErrorCode.NOT_COORDINATOR : ErrorCode.COORDINATOR_LOAD_IN_PROGRESS)
      return
    }
    const slot = new OpenSlot(onAnswer, onError)
    // The answer's type is forgotten while it waits; the slot that comes back is the one that was given.
    this.slots.add(slot as unknown as OpenSlot<unknown>)
    const step = new Step()
    const context = this.context()
    operation(this.shard, step, slot, context)
    this.carryOut(step, context)
  }

  /** Writes the end of a producer's transaction and lets the shard know. `onDone` is given NONE once it is committed. */
  endTransaction(marker: EndTransactionMarker, onDone: (errorCode: number) => void): void {
    if (this.state !== 'active') {
      onDone(this.state === 'closed' ? ErrorCode.NOT_COORDINATOR : ErrorCode.COORDINATOR_LOAD_IN_PROGRESS)
      return
    }
    const { log, partition } = this.options
    if (!this.catchUp()) {
      onDone(ErrorCode.NOT_COORDINATOR)
      return
    }
    const appended = log.append(partition, encodeMarker(marker, this.context().nowMs))
    if (appended.errorCode !== ErrorCode.NONE) {
      this.lookAtFailure(appended.errorCode)
      onDone(coordinatorError(appended.errorCode))
      return
    }
    this.position = appended.requiredOffset
    this.shard.replayEndTransaction(marker.producerId, marker.producerEpoch, marker.result)
    this.whenCommitted(() => onDone(ErrorCode.NONE), onDone)
  }

  /** More of the log may be committed. */
  lookAtHighWatermark(): void {
    const led = this.led()
    if (led === null) return
    if (this.state === 'committing' && led.highWatermark >= this.position) this.activate()
    else if (this.state === 'active') this.queue.onHighWatermark(led.highWatermark)
  }

  /** Tells those who have waited for a commit for too long, and says until when the next one waits. */
  expire(nowMs: number): void {
    this.queue.expire(nowMs, coordinatorError(ErrorCode.REQUEST_TIMED_OUT))
    const { firstDeadlineMs } = this.queue
    if (firstDeadlineMs !== null) this.options.onDeadline(firstDeadlineMs)
  }

  /** Whoever waits is told that the coordinator is elsewhere. */
  close(): void {
    if (this.state === 'closed') return
    this.abandon()
    this.queue.failAll(ErrorCode.NOT_COORDINATOR)
    const slots = [...this.slots]
    this.slots.clear()
    for (const slot of slots) slot.onError(ErrorCode.NOT_COORDINATOR)
  }

  /** As close, but nobody is told anything: the broker is no more. */
  abandon(): void {
    this.state = 'closed'
    this.deadlines.clear()
  }

  private load(): void {
    if (this.state !== 'loading') return
    const { clock } = this.options
    const endMs = clock.monotonicMs() + LOAD_SLICE_MS
    for (;;) {
      const read = this.replayMore()
      if (read === 'lost') return
      if (read === 'end') break
      if (clock.monotonicMs() >= endMs) {
        clock.defer(() => this.load())
        return
      }
    }
    this.state = 'committing'
    this.lookAtHighWatermark()
  }

  /** For a log that others write to as well: a tool that has produced to the internal topic. */
  private catchUp(): boolean {
    for (;;) {
      const read = this.replayMore()
      if (read !== 'more') return read === 'end'
    }
  }

  private replayMore(): 'more' | 'end' | 'lost' {
    const { log, partition, name, logger } = this.options
    const led = this.led()
    if (led === null) return 'lost'
    if (this.position >= led.logEndOffset) return 'end'
    // Records below were given up while this read them.
    this.position = Math.max(this.position, led.logStartOffset)
    const bytes = log.read(partition, this.position, LOAD_READ_BYTES)
    const reached =
      bytes === null
        ? this.position
        : replayBatches(this.shard, bytes, this.position, (offset, reason) =>
            logger.warn('A record of a coordinator could not be read and is passed over', { partition: name, offset, reason }),
          )
    if (reached === this.position) {
      logger.error('The log of a coordinator could not be read', { partition: name, offset: this.position })
      this.options.onDidFail(ErrorCode.KAFKA_STORAGE_ERROR)
      return 'lost'
    }
    this.position = reached
    return 'more'
  }

  private activate(): void {
    this.state = 'active'
    const step = new Step()
    const context = this.context()
    this.shard.onDidLoad(step, context)
    this.carryOut(step, context)
    this.options.onDidLoad(this.shard)
  }

  private runTimed(timer: ShardTimer): void {
    if (this.state !== 'active') return
    const step = new Step()
    const context = this.context()
    timer.operation(step, context)
    const isDone = this.carryOut(step, context)
    // Nobody asks a second time for what time has decided: a member whose session is over would own its partitions for ever.
    if (!isDone && this.isActive && !this.deadlines.has(timer.key)) this.deadlines.set(timer.key, TIMER_RETRY_MS, timer)
  }

  /** Answers whether it is in the log. */
  private carryOut(step: Step, context: OperationContext): boolean {
    if (step.records.length > 0) {
      const appended = this.append(step, context)
      if (appended !== ErrorCode.NONE) {
        this.refuse(step, appended, context)
        return false
      }
    }
    if (step.answers.length > 0) {
      const { answers } = step
      this.whenCommitted(
        () => {
          for (const { slot, answer } of answers) this.take(slot)?.onAnswer(answer)
        },
        (errorCode) => this.failSlots(step, errorCode),
      )
    }
    this.follow(step.onAppended, context)
    return true
  }

  /** Answers the error of the log, NONE where the records are in it and in the shard. */
  private append(step: Step, context: OperationContext): number {
    const { log, partition } = this.options
    const { records, producer } = step
    if (!this.catchUp()) return ErrorCode.NOT_LEADER_OR_FOLLOWER
    const { errorCode, requiredOffset } = log.append(partition, encodeRecords(records, producer, context.nowMs), producer?.guard)
    if (errorCode !== ErrorCode.NONE) {
      this.lookAtFailure(errorCode)
      return errorCode
    }
    const baseOffset = requiredOffset - records.length
    assert(baseOffset === this.position, 'a shard has replayed its whole log when it appends')
    this.position = requiredOffset
    const by = producer ?? NO_PRODUCER
    for (const [index, { key, value }] of records.entries()) {
      this.shard.replay({ key, value, offset: baseOffset + index, timestampMs: context.nowMs, ...by }, 'write')
    }
    return ErrorCode.NONE
  }

  private refuse(step: Step, errorCode: number, context: OperationContext): void {
    this.failSlots(step, coordinatorError(errorCode))
    const { onRefused } = step
    if (onRefused !== null) this.follow((next) => onRefused(coordinatorError(errorCode), next), context)
  }

  private follow(operation: ((step: Step) => void) | null, context: OperationContext): void {
    if (operation === null || this.state === 'closed') return
    const step = new Step()
    operation(step)
    this.carryOut(step, context)
  }

  private failSlots(step: Step, errorCode: number): void {
    for (const { slot } of step.answers) this.take(slot)?.onError(errorCode)
  }

  private take(slot: Slot<unknown>): OpenSlot<unknown> | null {
    const open = slot as OpenSlot<unknown>
    return this.slots.delete(open) ? open : null
  }

  private whenCommitted(deliver: () => void, fail: (errorCode: number) => void): void {
    const led = this.led()
    if (led === null) {
      fail(ErrorCode.NOT_COORDINATOR)
      return
    }
    if (this.queue.isEmpty && led.highWatermark >= this.position) {
      deliver()
      return
    }
    const deadlineMs = this.options.clock.monotonicMs() + this.options.commitTimeoutMs
    this.queue.add({ requiredOffset: this.position, deadlineMs, deliver, fail })
    this.options.onDeadline(deadlineMs)
  }

  /** Null, and the shard is given up, where this broker does not lead in the epoch of this shard any more. */
  private led() {
    const led = this.options.log.led(this.options.partition)
    if (led !== null && led.leaderEpoch === this.options.leaderEpoch) return led
    this.options.onDidFail(ErrorCode.NOT_COORDINATOR)
    return null
  }

  private lookAtFailure(errorCode: number): void {
    if (coordinatorError(errorCode) === ErrorCode.NOT_COORDINATOR) this.options.onDidFail(errorCode)
  }

  private context(): OperationContext {
    return { nowMs: Math.floor(this.options.clock.nowMs()), leaderEpoch: this.options.leaderEpoch }
  }
}
