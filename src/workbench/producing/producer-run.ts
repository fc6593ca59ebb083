/**
 * One run: one message or many, at a rate or as fast as they are taken, once or on a schedule, in transactions or not. It drives an outlet, keeps
 * the tally, and tells of its progress four times a second; it can be paused, and cancelled, which waits for what is under way.
 */
import { ClientError, type KafkaClient, type ProducerRecord, protocolError, retrying } from '../../engine/client'
import { ErrorCode } from '../../engine/wire/errors'
import type { ProduceProgress, ProduceRequestInput, ProduceState } from '../../shared/model/producing'
import { failureOf } from './failures'
import { type Outlet, type OutletEvents, ProducerOutlet } from './outlet'
import { Pacer } from './pacer'
import { RunTally } from './run-tally'
import { TransactionOutlet } from './transaction-outlet'

const progressIntervalMs = 200
const startTimeoutMs = 10_000
const unknownTopicMs = 1_000
/** What is under way when a run is cancelled is acknowledged within this time, or given up. */
const cancelGraceMs = 2_000
/** So many are made before others get their turn: filling in and encoding takes time of this thread. */
const recordsPerTurn = 500
/** A longer wait is cut into these, so that a pause or the end is noticed. */
const napMs = 100
const idleAfterMs = 50

export interface RunSource {
  /** Throws where a payload with its templates filled in cannot be encoded. */
  record(index: number, nowMs: number): ProducerRecord
}

export class ProducerRun {
  readonly startedAtMs: number
  endedAtMs: number | null = null
  private state: ProduceState = 'running'
  private readonly tally = new RunTally()
  private readonly outlet: Outlet
  private readonly transactions: TransactionOutlet | null
  private readonly pacer: Pacer
  private readonly beganMs: number
  private nextAtMs: number | null = null
  private lastProgressAtMs = 0
  private cancelTimer: { cancel(): void } | null = null
  private ticking: { cancel(): void } | null = null
  private wake: (() => void) | null = null

  constructor(
    readonly id: number,
    private readonly client: KafkaClient,
    readonly input: ProduceRequestInput,
    private readonly source: RunSource,
    private readonly onProgress: (progress: ProduceProgress) => void,
  ) {
    const { clock } = client.platform
    this.startedAtMs = clock.nowMs()
    this.beganMs = clock.monotonicMs()
    this.pacer = new Pacer(input.pace?.perSecond ?? null, this.beganMs)
    const events: OutletEvents = {
      onDelivered: (delivery, latencyMs) => {
        this.tally.onDelivered(delivery, latencyMs)
        this.maybeProgress()
      },
      onFailed: (error) => {
        this.tally.onFailed(failureOf(error, null))
        this.maybeProgress()
      },
      onRetry: (error) => {
        this.tally.onRetry(failureOf(error, 'Trying again.'))
        this.maybeProgress()
      },
    }
    this.transactions = input.transaction == null ? null : new TransactionOutlet(client, input, input.transaction, events)
    this.outlet = this.transactions ?? new ProducerOutlet(client, input, events)
    // What is wrong with the payloads is said before anything is sent: of many, the first and the last stand for what an index may do.
    source.record(0, this.startedAtMs)
    if (input.count !== null) source.record(input.count - 1, this.startedAtMs)
  }

  /** Runs until everything is acknowledged, has failed, or was cancelled; never rejects. */
  async run(): Promise<void> {
    this.tick()
    try {
      await this.untilTime(this.input.pace?.startAtMs ?? null)
      if (this.isGoingOn) {
        await this.findTopic()
        await this.outlet.open()
        await this.sendRounds()
        await this.outlet.finish()
      }
      if (this.isGoingOn) this.state = this.tally.failedCount > 0 ? 'failed' : 'finished'
    } catch (error) {
      // A cancelled one whose producer was closed meanwhile has not failed.
      if (this.isGoingOn) this.state = 'failed'
      this.tally.onStopped(failureOf(error as Error, null))
    }
    this.endedAtMs = this.client.platform.clock.nowMs()
    this.nextAtMs = null
    this.cancelTimer?.cancel()
    this.ticking?.cancel()
    this.outlet.close()
    this.onProgress(this.progress())
  }

  /** Nothing new is sent. What was handed over is still acknowledged if a leader answers; if none does, nobody waits for it. */
  cancel(): void {
    if (!this.isGoingOn) return
    this.state = 'cancelled'
    this.wake?.()
    this.cancelTimer = this.client.platform.clock.setTimer(cancelGraceMs, () => this.outlet.close())
  }

  pause(isPaused: boolean): void {
    if (!this.isGoingOn || (this.state === 'paused') === isPaused) return
    const nowMs = this.client.platform.clock.monotonicMs()
    if (isPaused) this.pacer.pause(nowMs)
    else this.pacer.resume(nowMs)
    this.state = isPaused ? 'paused' : this.nextAtMs === null ? 'running' : 'waiting'
    this.wake?.()
    this.onProgress(this.progress())
  }

  get isGoingOn(): boolean {
    return this.state === 'running' || this.state === 'waiting' || this.state === 'paused'
  }

  progress(): ProduceProgress {
    const nowMs = this.client.platform.clock.monotonicMs()
    return {
      runId: this.id,
      state: this.state,
      ...this.tally.progress(nowMs, this.beganMs, this.endedAtMs !== null),
      transactions:
        this.transactions === null
          ? null
          : { committed: this.transactions.committedCount, aborted: this.transactions.abortedCount },
      nextAtMs: this.nextAtMs,
    }
  }

  private async sendRounds(): Promise<void> {
    const everyMs = this.input.pace?.repeatEveryMs ?? null
    const { clock } = this.client.platform
    const firstAtMs = clock.nowMs()
    for (let round = 0; this.isGoingOn; round++) {
      this.pacer.beginRound(clock.monotonicMs())
      await this.sendRound(round)
      if (everyMs === null || this.input.count === null) return
      // A round that took longer than that is followed by the next one that is still to come.
      const passed = Math.floor((clock.nowMs() - firstAtMs) / everyMs)
      await this.untilTime(firstAtMs + (passed + 1) * everyMs)
    }
  }

  private async sendRound(round: number): Promise<void> {
    const { clock } = this.client.platform
    const { count } = this.input
    const firstIndex = count === null ? 0 : round * count
    let sent = 0
    while (this.isGoingOn && (count === null || sent < count)) {
      if (this.state === 'paused') {
        await this.outlet.idle()
        await this.nap(napMs)
        continue
      }
      const nowMs = clock.monotonicMs()
      const due = Math.min(this.pacer.dueCount(nowMs), count ?? Number.POSITIVE_INFINITY, sent + recordsPerTurn)
      while (sent < due && this.isGoingOn) {
        // Of lines there are as many as their count; each round sends them again.
        const index = this.input.lines == null ? firstIndex + sent : sent
        const record = this.source.record(index, clock.nowMs())
        sent++
        this.tally.sentCount++
        const room = this.outlet.add(record)
        if (room !== null) await room
      }
      if (count !== null && sent >= count) return
      const waitMs = this.pacer.waitMs(sent, clock.monotonicMs())
      if (waitMs >= idleAfterMs) await this.outlet.idle()
      await this.nap(Math.min(waitMs, napMs))
    }
  }

  /** A cluster that has just started may not name every topic yet; retrying waits for it. */
  private findTopic(): Promise<void> {
    const { topic } = this.input
    const { clock } = this.client.platform
    const onRetry = (error: ClientError) => this.tally.onRetry(failureOf(error, 'Trying again.'))
    let unknownSince: number | null = null
    return retrying({ clock, timeoutMs: startTimeoutMs, onRetry }, async () => {
      if (!this.isGoingOn) return
      const errorCode = (await this.client.metadata([topic])).topics.get(topic)?.errorCode ?? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
      if (errorCode === ErrorCode.NONE) return
      const nowMs = clock.monotonicMs()
      unknownSince ??= nowMs
      const isForGood = nowMs - unknownSince > unknownTopicMs
      throw isForGood
        ? new ClientError('protocol', `There is no topic ${topic}. It may have been deleted.`, false, errorCode)
        : protocolError(errorCode)
    })
  }

  private async untilTime(atMs: number | null): Promise<void> {
    const { clock } = this.client.platform
    if (atMs === null || atMs <= clock.nowMs()) return
    this.nextAtMs = atMs
    if (this.state === 'running') this.state = 'waiting'
    this.onProgress(this.progress())
    await this.outlet.idle()
    while (this.isGoingOn && (this.state === 'paused' || clock.nowMs() < atMs))
      await this.nap(Math.max(1, Math.min(napMs, atMs - clock.nowMs())))
    this.nextAtMs = null
    if (this.state === 'waiting') this.state = 'running'
  }

  /** Until the time is over, or it is woken. */
  private nap(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.client.platform.clock.setTimer(delayMs, resolve)
      this.wake = () => {
        timer.cancel()
        resolve()
      }
    })
  }

  /** Progress also while nothing is answered, as when a leader is away. */
  private tick(): void {
    this.ticking = this.client.platform.clock.setTimer(progressIntervalMs, () => {
      this.maybeProgress()
      this.tick()
    })
  }

  private maybeProgress(): void {
    const nowMs = this.client.platform.clock.monotonicMs()
    if (nowMs - this.lastProgressAtMs < progressIntervalMs || this.endedAtMs !== null) return
    this.lastProgressAtMs = nowMs
    this.onProgress(this.progress())
  }
}
