/**
 * InitProducerId of a transactional id (TransactionCoordinator.handleInitProducerId): the rule by which a producer gets its id and epoch, and by which
 * every earlier producer of the same transactional id is fenced. Pure.
 */
import { ErrorCode } from '../../wire/errors'
import {
  isEpochExhausted,
  isNextProducer,
  NO_PARTITIONS,
  NO_PRODUCER_EPOCH,
  NO_PRODUCER_ID,
  NO_TIME,
  PRODUCER_EPOCH_MAX,
  type TransactionMetadata,
} from './transaction-metadata'

export interface InitProducerIdRequest {
  readonly transactionalId: string
  readonly timeoutMs: number
  /** What a producer has that recovers from an error, and wants to keep being (KIP-360); null for one that begins. */
  readonly expected: { readonly producerId: bigint; readonly producerEpoch: number } | null
  /** One that was never given out, for where a new one is needed; null: none was asked for yet. */
  readonly freshProducerId: bigint | null
}

export type InitDecision =
  | { readonly kind: 'refuse'; readonly errorCode: number }
  /** Ask again with a fresh one. */
  | { readonly kind: 'needs-producer-id' }
  /** Nothing changes: it is asked a second time. */
  | { readonly kind: 'keep'; readonly metadata: TransactionMetadata }
  /** The producer is `next`; `lastEpoch` is the epoch that it had, by which a repeated request is known. */
  | { readonly kind: 'become'; readonly next: TransactionMetadata; readonly lastEpoch: number }
  /** A transaction is open: `next` aborts it in a new epoch that nobody gets, and the producer is to ask again. */
  | { readonly kind: 'fence'; readonly next: TransactionMetadata }

/** `lastEpoch`: of the bump before, where this coordinator has made it; see InitDecision. */
export function decideInit(
  current: TransactionMetadata | undefined,
  lastEpoch: number,
  request: InitProducerIdRequest,
  nowMs: number,
): InitDecision {
  const { transactionalId, timeoutMs, expected, freshProducerId } = request
  if (current === undefined) {
    if (freshProducerId === null) return { kind: 'needs-producer-id' }
    const next: TransactionMetadata = {
      transactionalId,
      producerId: freshProducerId,
      previousProducerId: NO_PRODUCER_ID,
      nextProducerId: NO_PRODUCER_ID,
      producerEpoch: 0,
      timeoutMs,
      state: 'Empty',
      partitions: NO_PARTITIONS,
      startMs: NO_TIME,
      lastUpdateMs: nowMs,
      clientVersion: 0,
    }
    return { kind: 'become', next, lastEpoch: NO_PRODUCER_EPOCH }
  }
  if (expected !== null && isNextProducer(current, expected.producerId)) {
    return { kind: 'refuse', errorCode: ErrorCode.CONCURRENT_TRANSACTIONS }
  }
  if (expected !== null && !isKnownProducer(current, expected)) return { kind: 'refuse', errorCode: ErrorCode.PRODUCER_FENCED }
  switch (current.state) {
    case 'PrepareCommit':
    case 'PrepareAbort':
      return { kind: 'refuse', errorCode: ErrorCode.CONCURRENT_TRANSACTIONS }
    case 'Ongoing':
      return { kind: 'fence', next: fence(current, nowMs) }
    default:
      return bump(current, lastEpoch, request, nowMs)
  }
}

/**
 * A transaction that its producer may not end any more: its abort is decided, in an epoch above the producer's (prepareFenceProducerEpoch). In version 2 two
 * above: one above is what a producer is told that has ended its transaction itself, and asks a second time.
 */
export function fence(current: TransactionMetadata, nowMs: number): TransactionMetadata {
  const producerEpoch = Math.min(current.producerEpoch + (current.clientVersion >= 2 ? 2 : 1), PRODUCER_EPOCH_MAX)
  return { ...current, producerEpoch, state: 'PrepareAbort', lastUpdateMs: nowMs }
}

/** By its present id, or by the one before whose epochs ran out: the answer that told of the new one may have been lost. */
function isKnownProducer(
  { producerId, previousProducerId }: TransactionMetadata,
  expected: { readonly producerId: bigint; readonly producerEpoch: number },
): boolean {
  if (expected.producerId === producerId) return true
  return expected.producerId === previousProducerId && isEpochExhausted(expected.producerEpoch)
}

function bump(
  current: TransactionMetadata,
  lastEpoch: number,
  { expected, timeoutMs, freshProducerId }: InitProducerIdRequest,
  nowMs: number,
): InitDecision {
  const { producerId, producerEpoch } = current
  const atRest = {
    ...current,
    timeoutMs,
    state: 'Empty' as const,
    partitions: NO_PARTITIONS,
    startMs: NO_TIME,
    lastUpdateMs: nowMs,
  }
  const isExpected = expected === null || expected.producerEpoch === producerEpoch
  if (isEpochExhausted(producerEpoch) && isExpected) {
    if (freshProducerId === null) return { kind: 'needs-producer-id' }
    const next = { ...atRest, producerId: freshProducerId, previousProducerId: producerId, producerEpoch: 0 }
    return { kind: 'become', next, lastEpoch: expected === null ? NO_PRODUCER_EPOCH : producerEpoch }
  }
  if (isExpected) {
    const next = { ...atRest, producerEpoch: producerEpoch + 1 }
    return { kind: 'become', next, lastEpoch: expected === null ? NO_PRODUCER_EPOCH : producerEpoch }
  }
  // A producer that begins sets the last epoch to none, so nobody is told the epoch of another here.
  if (expected.producerEpoch === lastEpoch) return { kind: 'keep', metadata: current }
  return { kind: 'refuse', errorCode: ErrorCode.PRODUCER_FENCED }
}
