/**
 * Everything that the workload did and was told: what was sent, acknowledged, refused or left open, and what was read where. Producers and consumers
 * of the workload write it, and each call checks what can be checked at that moment; {@link PartitionHistory} holds the rules. Pure: it knows no
 * cluster, only answers. A record's name ({@link RecordId}) is its place in it.
 */
import type { ProducerRecord } from '../../../client'
import type { ClientError } from '../../../client/errors'
import type { DecodedRecord } from '../../../wire/records'
import { type BrokenRule, PartitionHistory } from './partition-history'
import { parseRecordId, type RecordId } from './record-content'
import { rules } from './rules'
import { describeRecord, type SentRecord } from './sent-record'

export interface HistoryOptions {
  readonly nowMs: () => number
  readonly count: (name: string, by?: number) => void
  /** What in Kafka's rules allows it, or null: then it is a bug. */
  readonly excuse: (broken: BrokenRule) => string | null
  /** Throws. */
  readonly violate: (broken: BrokenRule) => never
  readonly onDidExcuse?: (broken: BrokenRule, excuse: string) => void
}

export class History {
  readonly #partitions = new Map<string, PartitionHistory>()
  readonly #byName = new Map<string, SentRecord>()
  readonly #pending = new Map<string, Set<SentRecord>>()
  /** Records of topics that were deleted when they were settled. */
  readonly #deleted = new Set<SentRecord>()
  readonly #appendTimeTopics = new Set<string>()
  readonly #retentionTopics = new Set<string>()

  constructor(private readonly options: HistoryOptions) {}

  /** Before anything is sent to it: which configs change what can be said of its records. */
  onTopic(topic: string, configs: Readonly<Record<string, string>>): void {
    if (configs['message.timestamp.type'] === 'LogAppendTime') this.#appendTimeTopics.add(topic)
    if ('retention.bytes' in configs || 'retention.ms' in configs) this.#retentionTopics.add(topic)
  }

  partition(topic: string, partition: number): PartitionHistory {
    const name = `${topic}-${partition}`
    let history = this.#partitions.get(name)
    if (history === undefined) {
      const { nowMs, count } = this.options
      const held = { nowMs, count, report: (broken: BrokenRule) => this.#report(broken), fail: this.options.violate }
      history = new PartitionHistory(topic, partition, held, !this.#appendTimeTopics.has(topic))
      if (this.#retentionTopics.has(topic)) history.logStartBound = Number.POSITIVE_INFINITY
      this.#partitions.set(name, history)
    }
    return history
  }

  get partitions(): readonly PartitionHistory[] {
    return [...this.#partitions.values()]
  }

  onSent(id: RecordId, record: ProducerRecord, acks: 0 | 1 | -1, isIdempotent: boolean): SentRecord {
    const sent: SentRecord = { id, record, acks, isIdempotent, outcome: 'pending', offset: -1, isDoubtful: false, decidedAtMs: 0 }
    this.#byName.set(nameOf(id), sent)
    this.partition(id.topic, id.partition).onSent(sent)
    this.#pendingOf(id.producer).add(sent)
    this.options.count('records sent')
    return sent
  }

  /** `offset` -1: the answer did not say. With acks=0 nobody has said anything: it is open for ever. */
  onDelivered(sent: SentRecord, offset: number): void {
    this.#pendingOf(sent.id.producer).delete(sent)
    if (sent.acks === 0) {
      sent.outcome = 'unknown'
      this.options.count('records sent without acknowledgement')
      return
    }
    this.options.count(sent.acks === -1 ? 'records acknowledged by all' : 'records acknowledged by the leader alone')
    if (!this.#deleted.has(sent)) this.partition(sent.id.topic, sent.id.partition).onAcknowledged(sent, offset)
  }

  /** The producer itself says whether the record may be in the log (ClientError.isUnknownOutcome), and is taken at its word. */
  onFailed(sent: SentRecord, error: ClientError): void {
    this.#pendingOf(sent.id.producer).delete(sent)
    const isRefused = !error.isUnknownOutcome
    sent.outcome = isRefused ? 'refused' : 'unknown'
    sent.decidedAtMs = this.options.nowMs()
    this.options.count(isRefused ? 'records refused' : 'records with an unknown outcome')
  }

  /** A request of `producer` is sent again: which records were in it the producer does not say, so all that are pending may be meant. */
  onRetry(producer: string, error: ClientError): void {
    this.options.count('retries')
    if (!error.isUnknownOutcome) return
    for (const sent of this.#pendingOf(producer)) sent.isDoubtful = true
  }

  /** A whole record, of a batch that `reader` has read. */
  onRead(reader: string, topic: string, partition: number, record: DecodedRecord): void {
    const id = parseRecordId(record.value)
    const history = this.partition(topic, partition)
    const sent = id === null ? null : (this.#byName.get(nameOf(id)) ?? null)
    if (sent !== null && this.#deleted.has(sent) && sent.outcome !== 'unknown') {
      const message = `${reader} read at offset ${record.offset} ${describeRecord(sent)}, of a topic deleted since`
      this.options.violate({ rule: rules.deletedStaysDeleted, topic, partition, offset: record.offset, promisedAtMs: 0, message })
    }
    history.onRead(reader, record, id, (wanted) => this.#byName.get(nameOf(wanted)) ?? null)
    this.options.count('records read')
  }

  /** DeleteRecords was asked for up to `offset`, whether or not it is ever answered. */
  onDeleteRecords(topic: string, partition: number, offset: number): void {
    const history = this.partition(topic, partition)
    history.logStartBound = Math.max(history.logStartBound, offset)
  }

  /** From here on it may be gone, and one of its name may come. All that was sent to it should be settled. */
  onTopicDeleted(topic: string): void {
    for (const [name, history] of [...this.#partitions]) {
      if (history.topic !== topic) continue
      for (const sent of history.sentRecords) this.#deleted.add(sent)
      this.#partitions.delete(name)
    }
  }

  #pendingOf(producer: string): Set<SentRecord> {
    let pending = this.#pending.get(producer)
    if (pending === undefined) {
      pending = new Set()
      this.#pending.set(producer, pending)
    }
    return pending
  }

  #report(broken: BrokenRule): void {
    const excuse = this.options.excuse(broken)
    if (excuse === null) this.options.violate(broken)
    this.options.onDidExcuse?.(broken, excuse)
  }
}

function nameOf(id: RecordId): string {
  return `${id.producer}|${id.topic}|${id.partition}|${id.counter}`
}
