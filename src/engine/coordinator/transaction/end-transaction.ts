/**
 * How a transaction ends (TransactionCoordinator.endTransaction, TransactionMetadata.prepareAbortOrCommit and prepareComplete). Pure.
 *
 * Version 1: the producer's epoch stays as it is, and whoever ends what has just ended the same way is told that it is well. Version 2 (KIP-890): the
 * epoch grows with the end of each transaction, so that a repeated request can be told from the next one, and nothing late can slip into the next.
 */
import { ErrorCode } from '../../wire/errors'
import { isEpochExhausted, isNextProducer, NO_PARTITIONS, NO_PRODUCER_ID, type TransactionMetadata } from './transaction-metadata'

export interface EndTransactionRequest {
  readonly producerId: bigint
  readonly producerEpoch: number
  readonly isCommit: boolean
  /** 2: the client's epoch grows with its transactions. */
  readonly clientVersion: number
  /** See InitProducerIdRequest. */
  readonly freshProducerId: bigint | null
}

export type EndDecision =
  | { readonly kind: 'refuse'; readonly errorCode: number }
  | { readonly kind: 'needs-producer-id' }
  /** It has ended already, so. */
  | { readonly kind: 'done'; readonly metadata: TransactionMetadata }
  | { readonly kind: 'prepare'; readonly next: TransactionMetadata }

const refuse = (errorCode: number): EndDecision => ({ kind: 'refuse', errorCode })

export function decideEnd(current: TransactionMetadata | undefined, request: EndTransactionRequest, nowMs: number): EndDecision {
  if (current === undefined) return refuse(ErrorCode.INVALID_PRODUCER_ID_MAPPING)
  return request.clientVersion >= 2 ? decideEndOfVersion2(current, request, nowMs) : decideEndOfVersion1(current, request, nowMs)
}

function decideEndOfVersion1(current: TransactionMetadata, request: EndTransactionRequest, nowMs: number): EndDecision {
  const { producerId, producerEpoch, isCommit, clientVersion } = request
  if (current.producerId !== producerId) return refuse(ErrorCode.INVALID_PRODUCER_ID_MAPPING)
  if (current.producerEpoch !== producerEpoch) return refuse(ErrorCode.PRODUCER_FENCED)
  switch (current.state) {
    case 'Ongoing':
      // The end says in which version it is, not how partitions were added: markers of version 2 in an epoch that has not grown are refused as stale.
      return { kind: 'prepare', next: { ...prepare(current, isCommit, nowMs), clientVersion } }
    case 'CompleteCommit':
      return isCommit ? { kind: 'done', metadata: current } : refuse(ErrorCode.INVALID_TXN_STATE)
    case 'CompleteAbort':
      return isCommit ? refuse(ErrorCode.INVALID_TXN_STATE) : { kind: 'done', metadata: current }
    case 'PrepareCommit':
      return refuse(isCommit ? ErrorCode.CONCURRENT_TRANSACTIONS : ErrorCode.INVALID_TXN_STATE)
    case 'PrepareAbort':
      return refuse(isCommit ? ErrorCode.INVALID_TXN_STATE : ErrorCode.CONCURRENT_TRANSACTIONS)
    default:
      return refuse(ErrorCode.INVALID_TXN_STATE)
  }
}

function decideEndOfVersion2(current: TransactionMetadata, request: EndTransactionRequest, nowMs: number): EndDecision {
  const { producerId, producerEpoch, isCommit, freshProducerId } = request
  // The epochs had run out with this very request before, and its answer was lost.
  const isOverflowRetry =
    current.previousProducerId === producerId && isEpochExhausted(producerEpoch) && current.producerEpoch === 0
  if (isNextProducer(current, producerId)) return refuse(ErrorCode.CONCURRENT_TRANSACTIONS)
  if (current.producerId !== producerId && !isOverflowRetry) return refuse(ErrorCode.INVALID_PRODUCER_ID_MAPPING)
  const isRetry = isOverflowRetry || current.producerEpoch === producerEpoch + 1
  const isPresent = current.producerId === producerId && current.producerEpoch === producerEpoch
  const prepared = (): EndDecision => {
    const isExhausted = isEpochExhausted(current.producerEpoch)
    if (isExhausted && freshProducerId === null) return { kind: 'needs-producer-id' }
    const nextProducerId = isExhausted && freshProducerId !== null ? freshProducerId : NO_PRODUCER_ID
    const ended = prepare(current, isCommit, nowMs)
    return { kind: 'prepare', next: { ...ended, nextProducerId, producerEpoch: producerEpoch + 1, clientVersion: 2 } }
  }
  switch (current.state) {
    case 'Ongoing':
      return isPresent ? prepared() : refuse(ErrorCode.PRODUCER_FENCED)
    case 'Empty':
      if (!isPresent) return refuse(ErrorCode.PRODUCER_FENCED)
      // A client that does not announce its partitions may have sent something that never came: an abort makes sure that it never counts.
      return isCommit ? refuse(ErrorCode.INVALID_TXN_STATE) : prepared()
    case 'CompleteCommit':
    case 'CompleteAbort': {
      const wasCommit = current.state === 'CompleteCommit'
      if (isRetry) return wasCommit === isCommit ? { kind: 'done', metadata: current } : refuse(ErrorCode.INVALID_TXN_STATE)
      if (!isPresent) return refuse(ErrorCode.PRODUCER_FENCED)
      return isCommit ? refuse(ErrorCode.INVALID_TXN_STATE) : prepared()
    }
    // Before any word about epochs: whoever ends the next transaction at once, with nothing in it, has the epoch of these already (KAFKA-18464).
    case 'PrepareCommit':
    case 'PrepareAbort':
      return refuse(ErrorCode.CONCURRENT_TRANSACTIONS)
    default:
      return refuse(ErrorCode.INVALID_TXN_STATE)
  }
}

function prepare(current: TransactionMetadata, isCommit: boolean, nowMs: number): TransactionMetadata {
  const state = isCommit ? 'PrepareCommit' : 'PrepareAbort'
  return { ...current, state, startMs: current.startMs < 0 ? nowMs : current.startMs, lastUpdateMs: nowMs }
}

/** All markers of a prepared transaction are written. */
export function complete(current: TransactionMetadata, nowMs: number): TransactionMetadata {
  const { nextProducerId, producerId } = current
  const ended: TransactionMetadata = {
    ...current,
    state: current.state === 'PrepareCommit' ? 'CompleteCommit' : 'CompleteAbort',
    partitions: NO_PARTITIONS,
    nextProducerId: NO_PRODUCER_ID,
    lastUpdateMs: nowMs,
  }
  return nextProducerId < 0n ? ended : { ...ended, producerId: nextProducerId, previousProducerId: producerId, producerEpoch: 0 }
}

/** With which id and epoch the producer goes on after the transaction. */
export function producerAfter({ producerId, producerEpoch, nextProducerId }: TransactionMetadata): {
  readonly producerId: bigint
  readonly producerEpoch: number
} {
  return nextProducerId < 0n ? { producerId, producerEpoch } : { producerId: nextProducerId, producerEpoch: 0 }
}
