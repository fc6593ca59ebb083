/**
 * Drives the shards of one kind of coordinator: one for each partition of an internal topic that this broker leads (Kafka's CoordinatorRuntime).
 * It loads a shard when leadership comes and gives it up when leadership goes, each load in the epoch it was begun in; it appends what operations
 * decide, and answers when it is committed. The broker tells it of leaderships and high watermarks; handlers bring operations.
 *
 * It decides nothing about groups or transactions. All failures come out as error codes that every client of a coordinator knows: NOT_COORDINATOR,
 * COORDINATOR_LOAD_IN_PROGRESS, COORDINATOR_NOT_AVAILABLE.
 */
import type { Clock, Logger, Timer } from '../platform'
import { ErrorCode } from '../wire/errors'
import type { CoordinatorLog, EndTransactionMarker } from './coordinator-log'
import { LedShard } from './led-shard'
import { partitionFor } from './partition-for'
import type { OperationContext, Shard, ShardTimers, Slot, Step } from './shard'

export interface CoordinatorRuntimeOptions<S extends Shard> {
  readonly topic: string
  readonly clock: Clock
  readonly logger: Logger
  readonly log: CoordinatorLog
  /** How long an answer waits for its records to be committed. */
  readonly commitTimeoutMs: number
  /** Of the topic as it is, or as it will be when it is made. */
  partitionCount(): number
  createShard(partition: number, timers: ShardTimers): S
  onDidLoad?(partition: number, shard: S, leaderEpoch: number): void
  onDidUnload?(partition: number): void
}

export type Outcome<A> = { readonly errorCode: 0; readonly answer: A } | { readonly errorCode: number; readonly answer: null }

const LOAD_RETRY_MS = 1000

export class CoordinatorRuntime<S extends Shard> {
  private readonly shards = new Map<number, LedShard<S>>()
  private readonly committed = new Set<number>()
  private timer: Timer | null = null
  private timerAtMs = Number.POSITIVE_INFINITY
  private isClosed = false

  constructor(private readonly options: CoordinatorRuntimeOptions<S>) {}

  get topic(): string {
    return this.options.topic
  }

  partitionFor(key: string): number {
    return partitionFor(key, this.options.partitionCount())
  }

  /** This broker has come to lead the partition, or does not any more. Called from inside of replication: what follows is put off, but for the end. */
  onDidChangeRole(partition: number): void {
    if (this.isClosed) return
    const { log } = this.options
    const led = log.led(partition)
    const present = this.shards.get(partition)
    if (led !== null && present?.leaderEpoch === led.leaderEpoch) return
    if (present !== undefined) this.unload(partition, present)
    if (led !== null) this.load(partition, led.leaderEpoch, led.logStartOffset)
  }

  /** Called from inside of replication: who waited is answered once the present event has been handled. */
  onDidAdvanceHighWatermark(partition: number): void {
    if (!this.shards.has(partition)) return
    if (this.committed.size === 0) this.options.clock.defer(() => this.lookAtCommitted())
    this.committed.add(partition)
  }

  /**
   * Runs `operation` on the shard of the partition. It must answer `slot`, in its own step or a later one; `onAnswer` is called once that answer rests on
   * committed records only, `onError` instead where this broker is not, not yet or no longer the coordinator, or the records could not be written.
   */
  execute<A>(
    partition: number,
    operation: (shard: S, step: Step, slot: Slot<A>, context: OperationContext) => void,
    onAnswer: (answer: A) => void,
    onError: (errorCode: number) => void,
  ): void {
    const led = this.find(partition)
    if (led === null) onError(ErrorCode.NOT_COORDINATOR)
    else led.execute(operation, onAnswer, onError)
  }

  /** As execute, for operations whose answer is known in their own step. */
  write<A>(partition: number, operation: (shard: S, step: Step, context: OperationContext) => A): Promise<Outcome<A>> {
    return new Promise((resolve) => {
      this.execute<A>(
        partition,
        (shard, step, slot, context) => step.answer(slot, operation(shard, step, context)),
        (answer) => resolve({ errorCode: 0, answer }),
        (errorCode) => resolve({ errorCode, answer: null }),
      )
    })
  }

  /** For operations that write nothing. The answer is given once everything that it can rest on is committed. */
  read<A>(partition: number, operation: (shard: S, context: OperationContext) => A): Promise<Outcome<A>> {
    return this.write(partition, (shard, _step, context) => operation(shard, context))
  }

  /** Reads all shards that are here. `isLoading`: some could not be read, or not yet, and others could. */
  async readAll<A>(
    operation: (shard: S, context: OperationContext) => readonly A[],
  ): Promise<{ answers: A[]; isLoading: boolean }> {
    const outcomes = await Promise.all(this.partitions.map((partition) => this.read(partition, operation)))
    return {
      answers: outcomes.flatMap(({ answer }) => answer ?? []),
      isLoading: outcomes.some(({ errorCode }) => errorCode === ErrorCode.COORDINATOR_LOAD_IN_PROGRESS),
    }
  }

  /** Writes a transaction's marker into the partition. Resolves with NONE once it is committed, else with a coordinator's error code. */
  endTransaction(partition: number, marker: EndTransactionMarker): Promise<number> {
    return new Promise((resolve) => {
      const led = this.find(partition)
      if (led === null) resolve(ErrorCode.NOT_COORDINATOR)
      else led.endTransaction(marker, resolve)
    })
  }

  /** Those whose shard is here, loaded or not. */
  get partitions(): number[] {
    return [...this.shards.keys()]
  }

  /** Under which this broker serves the partition now; null where it does not, or not yet. */
  activeEpoch(partition: number): number | null {
    const led = this.find(partition)
    return led?.isActive ? led.leaderEpoch : null
  }

  /** Answers whoever waits with NOT_COORDINATOR. */
  close(): void {
    this.end((led) => led.close())
  }

  /** As a killed process leaves it: answers nobody. */
  abandon(): void {
    this.end((led) => led.abandon())
  }

  /** Null also where replication knows of another epoch than the shard: the next one is loaded then. */
  private find(partition: number): LedShard<S> | null {
    const led = this.shards.get(partition)
    if (led === undefined || this.options.log.led(partition)?.leaderEpoch === led.leaderEpoch) return led ?? null
    this.onDidChangeRole(partition)
    return this.shards.get(partition) ?? null
  }

  private load(partition: number, leaderEpoch: number, logStartOffset: number): void {
    const { topic, clock, logger, log, commitTimeoutMs } = this.options
    const led: LedShard<S> = new LedShard(
      {
        name: `${topic}-${partition}`,
        partition,
        leaderEpoch,
        clock,
        logger,
        log,
        commitTimeoutMs,
        createShard: (timers) => this.options.createShard(partition, timers),
        onDidLoad: (shard) => this.options.onDidLoad?.(partition, shard, leaderEpoch),
        onDidFail: (errorCode) => {
          const again = () => this.giveUp(partition, led)
          // A log that is led and cannot be read is not read again and again without a pause.
          if (errorCode === ErrorCode.NOT_COORDINATOR) clock.defer(again)
          else clock.setTimer(LOAD_RETRY_MS, again)
        },
        onDeadline: (atMs) => this.wakeAt(atMs),
      },
      logStartOffset,
    )
    this.shards.set(partition, led)
  }

  private giveUp(partition: number, led: LedShard<S>): void {
    if (this.shards.get(partition) !== led) return
    this.unload(partition, led)
    this.onDidChangeRole(partition)
  }

  private unload(partition: number, led: LedShard<S>): void {
    this.shards.delete(partition)
    led.close()
    this.options.onDidUnload?.(partition)
  }

  private lookAtCommitted(): void {
    const partitions = [...this.committed]
    this.committed.clear()
    for (const partition of partitions) this.shards.get(partition)?.lookAtHighWatermark()
  }

  private wakeAt(atMs: number): void {
    if (this.isClosed || atMs >= this.timerAtMs) return
    const { clock } = this.options
    this.timer?.cancel()
    this.timerAtMs = atMs
    this.timer = clock.setTimer(Math.max(0, atMs - clock.monotonicMs()), () => {
      this.timer = null
      this.timerAtMs = Number.POSITIVE_INFINITY
      for (const led of [...this.shards.values()]) led.expire(clock.monotonicMs())
    })
  }

  private end(how: (led: LedShard<S>) => void): void {
    this.isClosed = true
    this.timer?.cancel()
    for (const led of this.shards.values()) how(led)
    this.shards.clear()
  }
}
