/**
 * What a log knows of the producers that number their batches: enough to recognise a batch that was sent twice and one that is missing
 * (ProducerStateManager, ProducerAppendInfo and ProducerStateEntry in Kafka; KIP-98, KIP-360). In memory only: the files are
 * producer-state-manager.ts's business, and PartitionLog's appends are the only other caller.
 *
 * A producer numbers its records in each partition from 0; a batch carries the first number. After 2^31 - 1 comes 0. A leader asks `findDuplicate`
 * and `findError` before it writes and calls `update` after it: a write that fails leaves the state as it was. A follower only updates. Markers of
 * transactions are passed over: what they do comes with transactions, whose two fields are kept in entries and files as they are found.
 */
import { ErrorCode } from '../wire/errors'
import { type EndTxnMarker, readEndTxnMarker, sequenceAfter } from '../wire/records'
import {
  attributesAt,
  baseOffsetAt,
  baseSequenceAt,
  hasProducerIdAt,
  isControl,
  isTransactional,
  lastOffsetAt,
  lastOffsetDeltaAt,
  maxTimestampAt,
  producerEpochAt,
  producerIdAt,
} from './batch-fields'
import type { AppendError, AppendOrigin } from './batch-validation'
import { OpenTransactions } from './open-transactions'
import { TransactionVerifications, type VerificationGuard } from './transaction-verifications'

/** Batches that are recognised when they come again; a producer may have as many under way (ProducerStateEntry.NUM_BATCHES_TO_RETAIN). */
const batchesRetained = 5

const sequenceMax = 0x7fff_ffff
/** Of a producer that was never seen, and of a batch that is not numbered. */
const none = -1

export interface ProducerBatch {
  lastSequence: number
  lastOffset: number
  /** From the first offset to the last, and so from the first sequence to the last. */
  offsetDelta: number
  /** The batch's largest. */
  timestamp: number
}

export interface ProducerEntry {
  readonly producerId: number | bigint
  epoch: number
  /** All of `epoch`, the newest last, at most {@link batchesRetained}. */
  readonly batches: ProducerBatch[]
  lastTimestamp: number
  /** Of the coordinator that ended its last transaction; -1 without one. */
  coordinatorEpoch: number
  /** Of the transaction that is open; -1 without one. */
  currentTxnFirstOffset: number
  /** When it last wrote, by this broker's clock; for what was read from disk, by the batch's time. */
  lastSeenMs: number
}

/** A transaction that a marker has ended in this log. */
export interface EndedTransaction {
  readonly producerId: number | bigint
  readonly firstOffset: number
  /** Of the marker. */
  readonly lastOffset: number
  readonly isAborted: boolean
  /** Where the next open transaction begins, or what follows the marker: what a reader may get once the marker is committed. */
  readonly lastStableOffset: number
}

export class ProducerState {
  readonly #entries = new Map<number | bigint, ProducerEntry>()
  readonly #transactions = new OpenTransactions()
  readonly #verifications = new TransactionVerifications()
  /** A log that is cut at or below it loses a marker, and the state is to be read anew. */
  #lastMarkerOffset = none

  get size(): number {
    return this.#entries.size
  }

  get entries(): Iterable<ProducerEntry> {
    return this.#entries.values()
  }

  get(producerId: number | bigint): ProducerEntry | undefined {
    return this.#entries.get(producerId)
  }

  /** The batch at `bytes[at]` as it was appended before, if it is one of its producer's last five. */
  findDuplicate(bytes: Uint8Array, at: number): ProducerBatch | null {
    const entry = this.#entries.get(producerIdAt(bytes, at))
    if (entry === undefined || entry.epoch !== producerEpochAt(bytes, at)) return null
    const firstSequence = baseSequenceAt(bytes, at)
    const lastSequence = lastSequenceAt(bytes, at)
    for (const batch of entry.batches) {
      if (batch.lastSequence === lastSequence && firstSequenceOf(batch) === firstSequence) return batch
    }
    return null
  }

  /**
   * Why the batch at `bytes[at]`, no duplicate, cannot be what its producer has to write next (ProducerAppendInfo.checkProducerEpoch, checkSequence).
   * A producer that is not known may begin anywhere: its state may have expired, or gone with its records. A coordinator's batches are not numbered.
   */
  findError(bytes: Uint8Array, at: number, origin: AppendOrigin): AppendError | null {
    const producerId = producerIdAt(bytes, at)
    const attributes = attributesAt(bytes, at)
    const lowestVerified = isControl(attributes) || origin !== 'client' ? null : this.#verifications.lowestSequence(producerId)
    if (lowestVerified !== null && baseSequenceAt(bytes, at) > lowestVerified) {
      return outOfOrder(`${baseSequenceAt(bytes, at)} of producer ${producerId}, which has sent ${lowestVerified} before`)
    }
    const entry = this.#entries.get(producerId)
    if (entry === undefined || entry.epoch === none) return null
    const epochError = findEpochError(entry, producerEpochAt(bytes, at))
    if (isControl(attributes)) return epochError ?? findCoordinatorError(entry, readEndTxnMarker(bytes, at))
    return (
      epochError ??
      (origin === 'client' ? this.#findSequenceError(entry, bytes, at) : null) ??
      findMixtureError(entry, isTransactional(attributes))
    )
  }

  /**
   * Whether the transactional batch at `bytes[at]` would open a transaction that nobody has verified with the coordinator (KIP-890): a batch that was
   * late on its way would open one that no marker will ever end. `guard` is what {@link startVerification} gave, null for none.
   */
  isUnverified(bytes: Uint8Array, at: number, guard: VerificationGuard | null): boolean {
    const attributes = attributesAt(bytes, at)
    if (!isTransactional(attributes) || isControl(attributes)) return false
    const producerId = producerIdAt(bytes, at)
    return !this.hasOngoingTransaction(producerId, producerEpochAt(bytes, at)) && !this.#verifications.isHeld(producerId, guard)
  }

  hasOngoingTransaction(producerId: number | bigint, epoch: number): boolean {
    return this.#transactions.has(producerId) && this.#entries.get(producerId)?.epoch === epoch
  }

  /** Null: the producer's transaction is open here already, and needs no verification. */
  startVerification(producerId: number | bigint, epoch: number, sequence: number, nowMs: number): VerificationGuard | null {
    if (this.hasOngoingTransaction(producerId, epoch)) return null
    return this.#verifications.start(producerId, epoch, sequence, nowMs)
  }

  /** See OpenTransactions. Never below the log's start, whose move may have taken the beginning of an open transaction. */
  lastStableOffset(highWatermark: number, logStartOffset: number): number {
    const firstUnstable = this.#transactions.firstUnstableOffset(highWatermark)
    return firstUnstable === null ? highWatermark : Math.min(highWatermark, Math.max(firstUnstable, logStartOffset))
  }

  #findSequenceError(entry: ProducerEntry, bytes: Uint8Array, at: number): AppendError | null {
    const { producerId } = entry
    const epoch = producerEpochAt(bytes, at)
    const sequence = baseSequenceAt(bytes, at)
    if (epoch > entry.epoch) {
      if (sequence === 0) return null
      return outOfOrder(
        `producer ${producerId} begins epoch ${epoch} with sequence ${sequence}; its last epoch was ${entry.epoch}`,
      )
    }
    const last = entry.batches.at(-1)?.lastSequence ?? none
    if (sequence === sequenceAfter(last, 1)) return null
    return outOfOrder(`${sequence} of producer ${producerId}; its last one was ${last}`)
  }

  /** The batch at `bytes[at]` was appended, under the offsets that it carries. `seenMs`: when it was written. Of a control batch nothing is noted. */
  update(bytes: Uint8Array, at: number, seenMs: number): void {
    const attributes = attributesAt(bytes, at)
    if (!hasProducerIdAt(bytes, at) || isControl(attributes)) return
    const entry = this.#entryFor(producerIdAt(bytes, at))
    const { batches } = entry
    adoptEpoch(entry, producerEpochAt(bytes, at))
    // The one that falls out becomes the one that comes in.
    const batch =
      batches.length === batchesRetained ? batches.shift()! : { lastSequence: 0, lastOffset: 0, offsetDelta: 0, timestamp: 0 }
    batch.lastSequence = lastSequenceAt(bytes, at)
    batch.lastOffset = lastOffsetAt(bytes, at)
    batch.offsetDelta = lastOffsetDeltaAt(bytes, at)
    batch.timestamp = maxTimestampAt(bytes, at)
    batches.push(batch)
    entry.lastTimestamp = batch.timestamp
    entry.lastSeenMs = seenMs
    if (!isTransactional(attributes)) return
    this.#verifications.end(entry.producerId)
    if (entry.currentTxnFirstOffset >= 0) return
    entry.currentTxnFirstOffset = baseOffsetAt(bytes, at)
    this.#transactions.begin(entry.producerId, entry.currentTxnFirstOffset)
  }

  /** The control batch at `bytes[at]` was appended, and holds `marker`. Null where the producer had no transaction open here: nobody needs to know. */
  endTransaction(bytes: Uint8Array, at: number, marker: EndTxnMarker, seenMs: number): EndedTransaction | null {
    const producerId = producerIdAt(bytes, at)
    const lastOffset = lastOffsetAt(bytes, at)
    const entry = this.#entryFor(producerId)
    adoptEpoch(entry, producerEpochAt(bytes, at))
    entry.coordinatorEpoch = marker.coordinatorEpoch
    entry.currentTxnFirstOffset = none
    entry.lastTimestamp = maxTimestampAt(bytes, at)
    entry.lastSeenMs = seenMs
    this.#verifications.end(producerId)
    this.#lastMarkerOffset = lastOffset
    const firstOffset = this.#transactions.end(producerId, lastOffset)
    if (firstOffset === null) return null
    const lastStableOffset = this.#transactions.firstOngoingOffset() ?? lastOffset + 1
    return { producerId, firstOffset, lastOffset, isAborted: !marker.isCommit, lastStableOffset }
  }

  /** Takes over what a snapshot at `offset` says. */
  restore(entries: Iterable<ProducerEntry>, offset: number): void {
    for (const entry of entries) {
      this.#entries.set(entry.producerId, entry)
      if (entry.currentTxnFirstOffset >= 0) this.#transactions.begin(entry.producerId, entry.currentTxnFirstOffset)
      // Where below the snapshot the marker stands is not known.
      if (entry.coordinatorEpoch >= 0) this.#lastMarkerOffset = offset - 1
    }
    this.#transactions.sort()
  }

  clear(): void {
    this.#entries.clear()
    this.#transactions.clear()
    this.#verifications.clear()
    this.#lastMarkerOffset = none
  }

  /**
   * The log ends at `endOffset` now. False where some producer has no batch left that is remembered: then all must be read anew, for what it wrote
   * before is not known here. False too where a marker was cut off: its transaction is open again.
   */
  truncateTo(endOffset: number): boolean {
    if (this.#lastMarkerOffset >= endOffset) return false
    for (const entry of this.#entries.values()) {
      const { batches } = entry
      if (entry.currentTxnFirstOffset >= endOffset) {
        entry.currentTxnFirstOffset = none
        this.#transactions.drop(entry.producerId)
      }
      // It has written nothing since a marker of a new epoch, and that one stands.
      if (batches.length === 0) continue
      while (batches.length > 0 && batches.at(-1)!.lastOffset >= endOffset) batches.pop()
      const last = batches.at(-1)
      if (last === undefined) return false
      entry.lastTimestamp = last.timestamp
    }
    return true
  }

  /** Forgets producers that were idle for `expirationMs`, but none with a transaction open. */
  removeExpired(nowMs: number, expirationMs: number): void {
    for (const entry of this.#entries.values()) {
      // A time in the future, a client's or one from before the clock was set back, counts from now on.
      entry.lastSeenMs = Math.min(entry.lastSeenMs, nowMs)
      if (entry.currentTxnFirstOffset < 0 && nowMs - entry.lastSeenMs >= expirationMs) this.#entries.delete(entry.producerId)
    }
    this.#verifications.removeExpired(nowMs, expirationMs)
  }

  #entryFor(producerId: number | bigint): ProducerEntry {
    let entry = this.#entries.get(producerId)
    if (entry === undefined) {
      entry = {
        producerId,
        epoch: none,
        batches: [],
        lastTimestamp: none,
        coordinatorEpoch: none,
        currentTxnFirstOffset: none,
        lastSeenMs: 0,
      }
      this.#entries.set(producerId, entry)
    }
    return entry
  }
}

/** A producer's batches are recognised within one epoch only. */
function adoptEpoch(entry: ProducerEntry, epoch: number): void {
  if (epoch === entry.epoch) return
  entry.batches.length = 0
  entry.epoch = epoch
}

function findEpochError({ producerId, epoch: lastEpoch }: ProducerEntry, epoch: number): AppendError | null {
  if (epoch >= lastEpoch) return null
  const message = `Epoch of producer ${producerId} is ${epoch}, which is smaller than the last seen epoch ${lastEpoch}`
  return { code: ErrorCode.INVALID_PRODUCER_EPOCH, message }
}

/** A coordinator that was deposed must not end a transaction that its successor has not (checkCoordinatorEpoch). */
function findCoordinatorError({ producerId, coordinatorEpoch }: ProducerEntry, marker: EndTxnMarker | null): AppendError | null {
  if (marker === null || marker.coordinatorEpoch >= coordinatorEpoch) return null
  const message = `Coordinator epoch of producer ${producerId} is ${marker.coordinatorEpoch}, the last seen one is ${coordinatorEpoch}`
  return { code: ErrorCode.TRANSACTION_COORDINATOR_FENCED, message }
}

function findMixtureError({ producerId, currentTxnFirstOffset }: ProducerEntry, isInTransaction: boolean): AppendError | null {
  if (currentTxnFirstOffset < 0 || isInTransaction) return null
  const message = `Expected transactional write from producer ${producerId}, whose transaction is open`
  return { code: ErrorCode.INVALID_TXN_STATE, message }
}

function firstSequenceOf({ lastSequence, offsetDelta }: ProducerBatch): number {
  return lastSequence >= offsetDelta ? lastSequence - offsetDelta : sequenceMax - (offsetDelta - lastSequence) + 1
}

function lastSequenceAt(bytes: Uint8Array, at: number): number {
  const first = baseSequenceAt(bytes, at)
  return first === none ? none : sequenceAfter(first, lastOffsetDeltaAt(bytes, at))
}

function outOfOrder(what: string): AppendError {
  return { code: ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER, message: `Out of order sequence number: ${what}` }
}
