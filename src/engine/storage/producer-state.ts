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
import { sequenceAfter } from '../wire/records'
import {
  attributesAt,
  baseSequenceAt,
  hasProducerIdAt,
  isControl,
  lastOffsetAt,
  lastOffsetDeltaAt,
  maxTimestampAt,
  producerEpochAt,
  producerIdAt,
} from './batch-fields'
import type { AppendError, AppendOrigin } from './batch-validation'

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
  /** For transactions: -1 without one. */
  coordinatorEpoch: number
  currentTxnFirstOffset: number
  /** When it last wrote, by this broker's clock; for what was read from disk, by the batch's time. */
  lastSeenMs: number
}

export class ProducerState {
  readonly #entries = new Map<number | bigint, ProducerEntry>()

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
    if (isControl(attributesAt(bytes, at))) return null
    const producerId = producerIdAt(bytes, at)
    const entry = this.#entries.get(producerId)
    if (entry === undefined || entry.epoch === none) return null
    const epoch = producerEpochAt(bytes, at)
    if (epoch < entry.epoch) {
      const message = `Epoch of producer ${producerId} is ${epoch}, which is smaller than the last seen epoch ${entry.epoch}`
      return { code: ErrorCode.INVALID_PRODUCER_EPOCH, message }
    }
    if (origin !== 'client') return null
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

  /** The batch at `bytes[at]` was appended, under the offsets that it carries. `seenMs`: when it was written. */
  update(bytes: Uint8Array, at: number, seenMs: number): void {
    if (!hasProducerIdAt(bytes, at) || isControl(attributesAt(bytes, at))) return
    const entry = this.#entryFor(producerIdAt(bytes, at))
    const { batches } = entry
    const epoch = producerEpochAt(bytes, at)
    if (epoch !== entry.epoch) {
      batches.length = 0
      entry.epoch = epoch
    }
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
  }

  put(entry: ProducerEntry): void {
    this.#entries.set(entry.producerId, entry)
  }

  clear(): void {
    this.#entries.clear()
  }

  /**
   * The log ends at `endOffset` now. False where some producer has no batch left that is remembered: then all must be read anew, for what it wrote
   * before is not known here.
   */
  truncateTo(endOffset: number): boolean {
    for (const entry of this.#entries.values()) {
      const { batches } = entry
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
