/**
 * One partition on a few brokers, in memory and without time of its own: real replicas (replica.ts and the pure core), model logs, a model
 * controller, and a network whose messages are delivered, lost and overtaken as a script or a random run says.
 *
 * Messages between the same two keep their order, as on a TCP connection; a crash or a lost connection takes all of them. After every
 * event the checkers run. Used by the golden traces and the random interleavings.
 */
import type { Clock, Logger, Timer } from '../../platform'
import type { AlterPartitionOutcome } from '../../replication/core/isr'
import type { IsrProposal, PartitionCommand } from '../../replication/core/types'
import type { ReadResult } from '../../replication/outcomes'
import { Replica } from '../../replication/replica'
import { errorName } from '../../wire/errors'
import { Checkers } from './checkers'
import { ModelController } from './model-controller'
import { ModelLog, recordsOf } from './model-log'

export const CONTROLLER = 0

type Position = NonNullable<ReturnType<Replica['fetchPosition']>>

export type Message = { readonly from: number; readonly to: number } & (
  | { readonly kind: 'command'; readonly command: PartitionCommand }
  | { readonly kind: 'fetch'; readonly position: Position; readonly brokerEpoch: number }
  | { readonly kind: 'answer'; readonly position: Position; readonly result: ReadResult; readonly records: Uint8Array }
  | { readonly kind: 'ask-offsets'; readonly position: Position }
  | { readonly kind: 'offsets'; readonly position: Position; readonly startOffset: number; readonly endOffset: number }
  | { readonly kind: 'alter-partition'; readonly proposal: IsrProposal }
  | { readonly kind: 'altered'; readonly proposal: IsrProposal; readonly outcome: AlterPartitionOutcome }
)

export interface ModelBroker {
  readonly id: number
  readonly log: ModelLog
  /** Null while it is down. */
  replica: Replica | null
  brokerEpoch: number
  highWatermarkCheckpoint: number
  /** What it proposes until the controller answers. */
  proposal: IsrProposal | null
  isFetching: boolean
}

/** An append with acks=all: acknowledged once checkProduce says so, and then never lost. */
export interface PendingProduce {
  readonly brokerId: number
  readonly requiredOffset: number
  readonly leaderEpoch: number
  readonly values: readonly number[]
}

export interface ModelOptions {
  readonly replicas: readonly number[]
  readonly minInSyncReplicas: number
  readonly replicaLagTimeMaxMs: number
  /** Records an answer carries at most. */
  readonly fetchRecordsMax: number
}

const SILENT: Logger = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }
const RECORD_BYTES = 32

export class ModelCluster {
  readonly brokers = new Map<number, ModelBroker>()
  readonly controller: ModelController
  readonly messages: Message[] = []
  /** What happened since it was last taken, in words. */
  readonly events: string[] = []
  readonly acked = new Map<number, number>()
  nowMs = 0
  private readonly pending: PendingProduce[] = []
  private readonly checkers: Checkers
  private nextValue = 1
  private nextBrokerEpoch = 1

  constructor(readonly options: ModelOptions) {
    this.controller = new ModelController(options.replicas)
    for (const id of options.replicas) {
      const log = new ModelLog()
      const broker: ModelBroker = {
        id,
        log,
        replica: null,
        brokerEpoch: 0,
        highWatermarkCheckpoint: 0,
        proposal: null,
        isFetching: false,
      }
      this.brokers.set(id, broker)
      this.boot(broker)
    }
    this.checkers = new Checkers(this)
  }

  broker(id: number): ModelBroker {
    const broker = this.brokers.get(id)
    if (!broker) throw new Error(`there is no broker ${id}`)
    return broker
  }

  /** Sends what the controller has decided to some brokers, all live ones by default. */
  announce(to: readonly number[] = [...this.controller.live.keys()]): void {
    for (const id of to) this.send({ kind: 'command', from: CONTROLLER, to: id, command: this.controller.command() })
  }

  append(id: number, count: number, acks: number): void {
    const { replica } = this.broker(id)
    if (!replica) return this.say(`${id} is down`)
    const values = Array.from({ length: count }, () => this.nextValue++)
    const outcome = replica.append(recordsOf(values), acks)
    if (outcome.errorCode !== 0) return this.say(`${id} refuses: ${errorName(outcome.errorCode)}`)
    const { leaderEpoch, appendInfo, requiredOffset = 0 } = outcome
    this.say(`${id} appends ${rangeOf(appendInfo?.firstOffset ?? -1, appendInfo?.lastOffset ?? -1)} in epoch ${leaderEpoch}`)
    if (acks === -1) this.pending.push({ brokerId: id, requiredOffset, leaderEpoch, values })
    this.afterEvent()
  }

  /** A follower's next fetch, if it follows anybody and has none under way. */
  fetch(id: number): void {
    const broker = this.broker(id)
    const state = broker.replica?.state
    const position = broker.replica?.fetchPosition()
    if (!position || state?.role !== 'follower' || state.leaderId < 1 || broker.isFetching) return
    broker.isFetching = true
    this.send({ kind: 'fetch', from: id, to: state.leaderId, position, brokerEpoch: broker.brokerEpoch })
  }

  shrink(id: number): void {
    this.broker(id).replica?.shrinkIsr()
    this.afterEvent()
  }

  crash(id: number): void {
    const broker = this.broker(id)
    broker.replica = null
    broker.proposal = null
    broker.isFetching = false
    this.loseLinks((message) => message.from === id || message.to === id)
    for (let index = this.pending.length - 1; index >= 0; index--) {
      if (this.pending[index]?.brokerId === id) this.pending.splice(index, 1)
    }
    this.afterEvent()
  }

  /** It registers anew, so the controller learns of the crash at the latest now. `lostRecords` never reached its disk. */
  restart(id: number, lostRecords = 0): void {
    const broker = this.broker(id)
    if (broker.replica) return
    if (lostRecords > 0) broker.log.truncateTo(Math.max(0, broker.log.logEndOffset - lostRecords))
    this.expire(id)
    this.boot(broker)
    this.announce()
    this.afterEvent()
  }

  /** A broker whose session ended while it ran opens another one. */
  registerAnew(id: number): void {
    const broker = this.broker(id)
    if (!broker.replica || this.controller.live.has(id)) return
    broker.brokerEpoch = this.nextBrokerEpoch++
    this.controller.register(id, broker.brokerEpoch)
    this.announce()
    this.afterEvent()
  }

  expire(id: number): void {
    const before = this.controller.partitionEpoch
    this.controller.expire(id)
    if (this.controller.partitionEpoch !== before) this.announce()
  }

  checkpoint(id: number): void {
    const broker = this.broker(id)
    if (broker.replica) broker.highWatermarkCheckpoint = broker.replica.highWatermark
  }

  /** All messages from one to another are lost, with their connection. A fetcher fetches again, a proposal is sent again. */
  disconnect(from: number, to: number): void {
    this.loseLinks((message) => (message.from === from && message.to === to) || (message.from === to && message.to === from))
  }

  /** Sends again what the controller has not answered. */
  repeatProposal(id: number): void {
    const { proposal } = this.broker(id)
    const isUnderWay = this.messages.some(
      (message) =>
        (message.kind === 'alter-partition' || message.kind === 'altered') && (message.from === id || message.to === id),
    )
    if (proposal && !isUnderWay) this.send({ kind: 'alter-partition', from: id, to: CONTROLLER, proposal })
  }

  /** Delivers the oldest message of the `index`-th link that has any. Answers it, or null where there is none. */
  deliverNext(index = 0): Message | null {
    const links: Message[] = []
    for (const message of this.messages) {
      if (!links.some((other) => other.from === message.from && other.to === message.to)) links.push(message)
    }
    const message = links[index % Math.max(1, links.length)]
    if (!message) return null
    this.messages.splice(this.messages.indexOf(message), 1)
    this.receive(message)
    this.afterEvent()
    return message
  }

  advance(ms: number): void {
    this.nowMs += ms
  }

  private boot(broker: ModelBroker): void {
    broker.brokerEpoch = this.nextBrokerEpoch++
    broker.replica = new Replica(
      {
        clock: this.clock(),
        logger: SILENT,
        env: {
          replicaLagTimeMaxMs: this.options.replicaLagTimeMaxMs,
          minInSyncReplicas: () => this.options.minInSyncReplicas,
          isEligible: (id) => this.controller.live.has(id),
        },
        proposeIsr: (_replica, proposal) => {
          broker.proposal = proposal
          this.repeatProposal(broker.id)
        },
        startFetching: () => {
          // A new epoch starts the fetcher anew; what is under way for the old one finds nobody.
          broker.isFetching = false
        },
        stopFetching: () => {
          broker.isFetching = false
        },
        onDidAppend: () => undefined,
        onDidAdvanceHighWatermark: (_replica, highWatermark) => this.say(`${broker.id} high watermark ${highWatermark}`),
        onDidChangeRole: (replica) => this.say(`${broker.id} is ${replica.state.role}`),
        onDidChangeIsr: (_replica, isr) => this.say(`${broker.id} isr ${isr.join(',')}`),
        onDidChangeLeaderEpoch: () => undefined,
        rackOf: () => null,
      },
      broker.log,
      broker.id,
      broker.highWatermarkCheckpoint,
    )
    this.controller.register(broker.id, broker.brokerEpoch)
  }

  private receive(message: Message): void {
    if (message.kind === 'alter-partition') {
      const outcome = this.controller.alterPartition(message.proposal)
      return this.send({ kind: 'altered', from: CONTROLLER, to: message.from, proposal: message.proposal, outcome })
    }
    const broker = this.broker(message.to)
    const { replica } = broker
    if (!replica) return
    switch (message.kind) {
      case 'command': {
        const refusal = replica.obey(message.command)
        if (refusal) this.say(`${message.to} does not obey: ${refusal}`)
        return
      }
      case 'fetch':
        return this.answerFetch(replica, message.from, message.position, message.brokerEpoch)
      case 'answer': {
        broker.isFetching = false
        const { result, position, records } = message
        const diverging = result.divergingEpoch
        const outcome = replica.onFetchAnswer(
          position,
          {
            error: errorName(result.errorCode),
            highWatermark: result.highWatermark,
            logStartOffset: result.logStartOffset,
            divergingEpoch: diverging && { leaderEpoch: diverging.epoch, endOffset: diverging.endOffset },
          },
          records,
        )
        if (diverging) this.say(`${broker.id} truncates to ${broker.log.logEndOffset}`)
        if (outcome === 'ask-offsets') this.send({ kind: 'ask-offsets', from: broker.id, to: message.from, position })
        return
      }
      case 'ask-offsets': {
        if (replica.checkLeader(message.position.leaderEpoch)) return
        const { logStartOffset, logEndOffset } = broker.log
        return this.send({
          kind: 'offsets',
          from: message.to,
          to: message.from,
          position: message.position,
          startOffset: logStartOffset,
          endOffset: logEndOffset,
        })
      }
      case 'offsets':
        replica.onLeaderOffsets(message.position, message.startOffset, message.endOffset)
        return this.say(`${broker.id} log is now ${broker.log.describe()}`)
      case 'altered': {
        const shouldRetry = replica.onAlterPartitionOutcome(message.proposal, message.outcome)
        if (!message.outcome.ok) this.say(`${broker.id} isr change refused: ${message.outcome.error}`)
        if (!shouldRetry && broker.proposal === message.proposal) broker.proposal = null
      }
    }
  }

  private answerFetch(replica: Replica, follower: number, position: Position, brokerEpoch: number): void {
    const result = replica.read({
      replicaId: follower,
      brokerEpoch,
      fetchOffset: position.fetchOffset,
      currentLeaderEpoch: position.leaderEpoch,
      lastFetchedEpoch: position.lastFetchedEpoch,
      followerLogStartOffset: position.logStartOffset,
      maxBytes: this.options.fetchRecordsMax * RECORD_BYTES,
      minOneMessage: true,
      isolation: 'read_uncommitted',
      nowMs: this.nowMs,
    })
    const records = new Uint8Array(result.slice?.sizeInBytes ?? 0)
    result.slice?.readInto(records)
    this.send({ kind: 'answer', from: replica.state.localBrokerId, to: follower, position, result, records })
  }

  private afterEvent(): void {
    for (let index = this.pending.length - 1; index >= 0; index--) {
      const produce = this.pending[index]
      if (!produce) continue
      const verdict = this.broker(produce.brokerId).replica?.checkProduce(produce.requiredOffset, produce.leaderEpoch)
      if (verdict === undefined || verdict === 'pending') continue
      this.pending.splice(index, 1)
      const first = produce.requiredOffset - produce.values.length
      const range = rangeOf(first, produce.requiredOffset - 1)
      this.say(`${produce.brokerId} ${verdict === 0 ? `acknowledges ${range}` : `fails ${range}: ${errorName(verdict)}`}`)
      if (verdict === 0) for (const [at, value] of produce.values.entries()) this.acked.set(first + at, value)
    }
    this.checkers?.run()
  }

  private send(message: Message): void {
    this.messages.push(message)
  }

  private loseLinks(isLost: (message: Message) => boolean): void {
    for (let index = this.messages.length - 1; index >= 0; index--) {
      const message = this.messages[index]
      if (!message || !isLost(message)) continue
      this.messages.splice(index, 1)
      // The follower's fetcher notices, and fetches again.
      if (message.kind === 'fetch') this.broker(message.from).isFetching = false
      if (message.kind === 'answer') this.broker(message.to).isFetching = false
    }
  }

  private say(event: string): void {
    this.events.push(event)
  }

  private clock(): Clock {
    const noTimer: Timer = { cancel: () => undefined }
    return {
      nowMs: () => this.nowMs,
      monotonicMs: () => this.nowMs,
      setTimer: () => noTimer,
      setTicker: () => noTimer,
      defer: (callback) => callback(),
    }
  }
}

const rangeOf = (first: number, last: number) => (first === last ? `${first}` : `${first}..${last}`)
