/**
 * What is known of one partition: what each producer sent to it and was told, what consumers have read where, and the rules that tie the two
 * together ({@link rules}). Called by History with every answer and every record read, so that a broken rule shows at once. Pure: it decides,
 * and hands what is broken to `report`, which may excuse it.
 *
 * An excuse (an unclean election, a loss of power without flush.messages) may have changed everything from some offset on, and the readers cannot
 * tell from where; so what was known of the offsets above is forgotten, and readers begin anew. Contents are never excused.
 */
import type { DecodedRecord } from '../../../wire/records'
import { ReadingOrder } from './reading-order'
import { differenceOf, type RecordId } from './record-content'
import { type Rule, rules } from './rules'
import { describeRecord, type SentRecord } from './sent-record'

export interface BrokenRule {
  readonly rule: Rule
  readonly topic: string
  readonly partition: number
  /** The place whose promise is broken: what may excuse it has happened there. */
  readonly offset: number
  /** True simulated time since which the broken promise was given; what may excuse it has happened since. */
  readonly promisedAtMs: number
  readonly message: string
}

export interface PartitionRules {
  /** Throws, unless Kafka's own rules allow it. */
  readonly report: (broken: BrokenRule) => void
  /** Throws: nothing excuses it. */
  readonly fail: (broken: BrokenRule) => never
  readonly nowMs: () => number
  readonly count: (name: string, by?: number) => void
}

interface ReadRecord {
  readonly sent: SentRecord
  readonly timestamp: bigint
  readonly reader: string
  readonly atMs: number
}

interface LatestOffset {
  readonly offset: number
  readonly leaderEpoch: number
  readonly atMs: number
}

/** Somebody who reads the partition upwards. */
class Reader {
  order = new ReadingOrder()
  nextOffset: number | null = null
}

export class PartitionHistory {
  /** Offsets below it may be gone; infinite where retention decides. */
  logStartBound = 0
  readonly #byProducer = new Map<string, SentRecord[]>()
  /** By offset, with acks=all. */
  readonly #acknowledged = new Map<number, SentRecord>()
  readonly #read = new Map<number, ReadRecord>()
  readonly #readers = new Map<string, Reader>()
  readonly #highestAcknowledged = new Map<string, SentRecord>()
  /** By reader: what the last answer to ListOffsets was. */
  readonly #latest = new Map<string, LatestOffset>()

  constructor(
    readonly topic: string,
    readonly partition: number,
    private readonly held: PartitionRules,
    /** False where the topic stores the time of the append. */
    private readonly keepsTimestamps: boolean,
  ) {}

  get sentRecords(): readonly SentRecord[] {
    return [...this.#byProducer.values()].flat()
  }

  /** The end of what is known to be there: one past the highest offset acknowledged or read. */
  get knownEnd(): number {
    let end = 0
    for (const offset of this.#acknowledged.keys()) end = Math.max(end, offset + 1)
    for (const offset of this.#read.keys()) end = Math.max(end, offset + 1)
    return end
  }

  nextCounter(producer: string): number {
    return this.#byProducer.get(producer)?.length ?? 0
  }

  onSent(sent: SentRecord): void {
    const list = this.#byProducer.get(sent.id.producer)
    if (list === undefined) this.#byProducer.set(sent.id.producer, [sent])
    else list.push(sent)
  }

  onAcknowledged(sent: SentRecord, offset: number): void {
    sent.outcome = 'acknowledged'
    sent.offset = offset
    sent.decidedAtMs = this.held.nowMs()
    if (sent.acks !== -1 || offset < 0) return
    const other = this.#acknowledged.get(offset)
    if (other !== undefined && other !== sent)
      this.#report(rules.acknowledgedOnce, offset, other.decidedAtMs, `${describeRecord(sent)}: so is ${describeRecord(other)}`)
    const read = this.#read.get(offset)
    if (read !== undefined && read.sent !== sent) {
      const message = `${describeRecord(sent)}: ${read.reader} has read there ${describeRecord(read.sent)}`
      this.#report(rules.acknowledgedStays, offset, read.atMs, message)
    }
    const previous = this.#highestAcknowledged.get(sent.id.producer)
    if (previous !== undefined && previous.id.counter < sent.id.counter && previous.offset >= offset)
      this.#report(
        rules.acknowledgedInOrder,
        offset,
        previous.decidedAtMs,
        `${describeRecord(sent)} after ${describeRecord(previous)}`,
      )
    if (previous === undefined || previous.id.counter < sent.id.counter) this.#highestAcknowledged.set(sent.id.producer, sent)
    this.#acknowledged.set(offset, sent)
  }

  /** `reader` begins (again) at whatever offset it reads next. */
  onReaderBegins(reader: string): void {
    this.#readers.set(reader, new Reader())
  }

  /** The next record that `reader` has read. `find` knows what was ever sent to anybody. */
  onRead(reader: string, record: DecodedRecord, id: RecordId | null, find: (id: RecordId) => SentRecord | null): void {
    const { offset } = record
    const sent = this.#requireSent(reader, record, id, find)
    const state = this.#readers.get(reader) ?? new Reader()
    this.#readers.set(reader, state)
    this.#checkOffset(reader, state.nextOffset, offset)
    this.#checkPlace(reader, record, sent)
    state.nextOffset = offset + 1
    const fault = state.order.onRead(sent, offset, this.logStartBound > 0)
    // The first copy may have been deleted, and with it what the broker knew of it.
    const isBehindLogStart = this.logStartBound > 0 && sent.offset < this.logStartBound
    if (fault !== null && !isBehindLogStart)
      this.#report(fault.rule, fault.earlierOffset, 0, `${reader} read ${describeRecord(sent)}: ${fault.detail}`)
    this.#read.set(offset, { sent, timestamp: record.timestamp, reader, atMs: this.held.nowMs() })
  }

  onLatestOffset(reader: string, leaderEpoch: number, offset: number): void {
    const before = this.#latest.get(reader)
    if (before !== undefined && leaderEpoch < before.leaderEpoch) return
    if (before !== undefined && offset < before.offset) {
      const message = `${reader} was told ${offset} in leader epoch ${leaderEpoch}, after ${before.offset} in epoch ${before.leaderEpoch}`
      this.#report(rules.latestNeverGoesBack, before.offset - 1, before.atMs, message)
    }
    this.#latest.set(reader, { offset, leaderEpoch, atMs: this.held.nowMs() })
  }

  /** After `reader` has read everything from `logStart` to `end`: what should have been there and was not. */
  onReadToEnd(reader: string, logStart: number, end: number): void {
    if (logStart > this.logStartBound)
      this.#report(rules.noGap, logStart - 1, 0, `the log begins at ${logStart}, and nobody deleted beyond ${this.logStartBound}`)
    for (const [offset, sent] of [...this.#acknowledged]) {
      if (offset < end || !this.#acknowledged.has(offset)) continue
      this.#report(rules.acknowledgedStays, offset, sent.decidedAtMs, `${describeRecord(sent)}: the log ends at ${end}`)
    }
    for (const [offset, read] of [...this.#read]) {
      if (offset < end || !this.#read.has(offset)) continue
      this.#report(
        rules.readStaysRead,
        offset,
        read.atMs,
        `${read.reader} read ${describeRecord(read.sent)} at ${offset}: the log ends at ${end}`,
      )
    }
    this.#checkUnplaced(reader)
    this.#countLost(reader)
  }

  /** Kafka's rules have let go of what was promised here: whoever looks next begins with nothing. */
  #forget(): void {
    this.#acknowledged.clear()
    this.#read.clear()
    this.#highestAcknowledged.clear()
    this.#latest.clear()
    for (const state of this.#readers.values()) {
      state.order = new ReadingOrder()
      state.nextOffset = null
    }
  }

  #requireSent(
    reader: string,
    record: DecodedRecord,
    id: RecordId | null,
    find: (id: RecordId) => SentRecord | null,
  ): SentRecord {
    const sent = id === null ? null : find(id)
    const at = `${reader} read at offset ${record.offset} of ${this.topic}-${this.partition}`
    if (sent === null) {
      const what = id === null ? 'a value that nobody sent' : `record ${id.counter} of ${id.producer}, which it never sent`
      return this.#fail(rules.nothingInvented, record.offset, `${at} ${what}`)
    }
    if (sent.id.topic !== this.topic || sent.id.partition !== this.partition)
      return this.#fail(rules.nothingInvented, record.offset, `${at} ${describeRecord(sent)}`)
    const difference = differenceOf(sent.record, record, this.keepsTimestamps)
    if (difference !== null) this.#fail(rules.nothingInvented, record.offset, `${at} ${describeRecord(sent)} with ${difference}`)
    if (sent.outcome === 'refused') this.#fail(rules.refusedIsNotWritten, record.offset, `${at} ${describeRecord(sent)}`)
    return sent
  }

  #checkOffset(reader: string, expected: number | null, offset: number): void {
    if (expected !== null && offset !== expected && offset > this.logStartBound)
      this.#report(
        rules.noGap,
        expected,
        0,
        `${reader} read offset ${offset} where ${expected} should be, and nobody deleted beyond ${this.logStartBound}`,
      )
  }

  #checkPlace(reader: string, record: DecodedRecord, sent: SentRecord): void {
    const { offset } = record
    const before = this.#read.get(offset)
    if (before !== undefined && (before.sent !== sent || before.timestamp !== record.timestamp)) {
      const message = `${reader} read ${describeRecord(sent)} with timestamp ${record.timestamp} at ${offset}, where ${before.reader} had read ${describeRecord(before.sent)} with ${before.timestamp}`
      this.#report(rules.readStaysRead, offset, before.atMs, message)
    }
    const acknowledged = this.#acknowledged.get(offset)
    if (acknowledged !== undefined && acknowledged !== sent)
      this.#report(
        rules.acknowledgedStays,
        offset,
        acknowledged.decidedAtMs,
        `${describeRecord(acknowledged)}: ${reader} read there ${describeRecord(sent)}`,
      )
  }

  /** A duplicate of so long ago that the broker had forgotten its offset is acknowledged without one: it must be somewhere. */
  #checkUnplaced(reader: string): void {
    const order = this.#readers.get(reader)?.order
    if (this.logStartBound > 0 || order === undefined) return
    for (const sent of this.sentRecords) {
      if (sent.acks !== -1 || sent.outcome !== 'acknowledged' || sent.offset >= 0 || order.has(sent)) continue
      this.#report(rules.acknowledgedStays, -1, sent.decidedAtMs, `${describeRecord(sent)}: it is nowhere`)
    }
  }

  #countLost(reader: string): void {
    const order = this.#readers.get(reader)?.order
    if (order === undefined) return
    for (const sent of this.sentRecords)
      if (sent.outcome === 'acknowledged' && sent.offset >= this.logStartBound && !order.has(sent))
        this.held.count(
          sent.acks === -1
            ? 'records acknowledged by all and lost, as the rules allow'
            : 'records acknowledged by the leader alone and lost',
        )
  }

  #report(rule: Rule, offset: number, promisedAtMs: number, message: string): void {
    const { topic, partition } = this
    this.held.report({ rule, topic, partition, offset, promisedAtMs, message })
    this.held.count('broken promises that the rules excuse')
    this.#forget()
  }

  #fail(rule: Rule, offset: number, message: string): never {
    const { topic, partition } = this
    return this.held.fail({ rule, topic, partition, offset, promisedAtMs: 0, message })
  }
}
