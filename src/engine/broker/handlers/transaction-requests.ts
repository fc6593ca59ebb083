/** What the handlers of transactions share: how errors are told to clients that do not know them, and partitions as the coordinator takes them. */
import type { TransactionPartitions } from '../../coordinator/transaction/transaction-metadata'
import { ErrorCode } from '../../wire/errors'

/** Versions before `firstVersion` know only the error that producers get from partitions. */
export function fencedBefore(firstVersion: number, version: number, errorCode: number): number {
  return version < firstVersion && errorCode === ErrorCode.PRODUCER_FENCED ? ErrorCode.INVALID_PRODUCER_EPOCH : errorCode
}

/** KIP-890: an error after which a producer aborts and goes on. Versions before are told that the transaction is in no state for it. */
export function abortableBefore(firstVersion: number, version: number, errorCode: number): number {
  return version < firstVersion && errorCode === ErrorCode.TRANSACTION_ABORTABLE ? ErrorCode.INVALID_TXN_STATE : errorCode
}

/** A producer id as logs know it. */
export function producerKey(producerId: bigint): number | bigint {
  return producerId >= 0n && producerId <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(producerId) : producerId
}

export function toPartitions(
  topics: readonly { readonly name: string; readonly partitions: readonly number[] }[],
): TransactionPartitions {
  const partitions = new Map<string, Set<number>>()
  for (const { name, partitions: indexes } of topics) partitions.set(name, new Set([...(partitions.get(name) ?? []), ...indexes]))
  return partitions
}
