/**
 * The records of `__transaction_state`, in Kafka's format (TransactionLogKey.json, TransactionLogValue.json): a transactional id, and what is known of it.
 * Values are written in version 0, as by Kafka 3.9, or in version 1 where transactions of version 2 are on: it has room for what they need.
 */

import { array, int8, int16, int32, int64, int64n, string } from '../../wire/schema'
import { DecodeError } from '../../wire/wire-error'
import { defineRecord } from '../record-codec'
import type { CoordinatorRecord } from '../shard'
import { NO_PARTITIONS, NO_PRODUCER_ID, TRANSACTION_STATES, type TransactionMetadata } from './transaction-metadata'

const TransactionLogKey = defineRecord({
  name: 'TransactionLogKey',
  versions: [0, 0],
  flexibleFrom: Number.POSITIVE_INFINITY,
  fields: { transactionalId: string('0+') },
})

const TransactionLogValue = defineRecord({
  name: 'TransactionLogValue',
  versions: [0, 1],
  flexibleFrom: 1,
  fields: {
    producerId: int64('0+'),
    previousProducerId: int64('1+', { default: -1n, ignorable: true, tag: 0, tagged: '1+' }),
    nextProducerId: int64('1+', { default: -1n, ignorable: true, tag: 1, tagged: '1+' }),
    producerEpoch: int16('0+'),
    transactionTimeoutMs: int32('0+'),
    transactionStatus: int8('0+'),
    transactionPartitions: array('0+', { topic: string('0+'), partitionIds: array('0+', 'int32') }, { nullable: '0+' }),
    transactionLastUpdateTimestampMs: int64n('0+'),
    transactionStartTimestampMs: int64n('0+'),
    clientTransactionVersion: int16('1+', { default: 0, ignorable: true, tag: 2, tagged: '1+' }),
  },
})

export type TransactionLogVersion = 0 | 1

export function transactionRecord(metadata: TransactionMetadata, version: TransactionLogVersion): CoordinatorRecord {
  const { partitions } = metadata
  const value = TransactionLogValue.encode(
    {
      producerId: metadata.producerId,
      previousProducerId: metadata.previousProducerId,
      nextProducerId: metadata.nextProducerId,
      producerEpoch: metadata.producerEpoch,
      transactionTimeoutMs: metadata.timeoutMs,
      transactionStatus: TRANSACTION_STATES.indexOf(metadata.state),
      // Null is Kafka's word for an Empty one, which has had no transaction yet.
      transactionPartitions:
        metadata.state === 'Empty' ? null : [...partitions].map(([topic, indexes]) => ({ topic, partitionIds: [...indexes] })),
      transactionLastUpdateTimestampMs: metadata.lastUpdateMs,
      transactionStartTimestampMs: metadata.startMs,
      clientTransactionVersion: metadata.clientVersion,
    },
    version,
  )
  return { key: transactionKey(metadata.transactionalId), value }
}

export function transactionTombstone(transactionalId: string): CoordinatorRecord {
  return { key: transactionKey(transactionalId), value: null }
}

function transactionKey(transactionalId: string): Uint8Array {
  return TransactionLogKey.encode({ transactionalId }, 0)
}

/** Throws DecodeError. */
export function decodeTransactionalId(key: Uint8Array): string {
  return TransactionLogKey.decode(key).transactionalId
}

/** Throws DecodeError. */
export function decodeTransaction(transactionalId: string, value: Uint8Array): TransactionMetadata {
  const decoded = TransactionLogValue.decode(value)
  const state = TRANSACTION_STATES[decoded.transactionStatus]
  if (state === undefined) throw new DecodeError(`a transaction has the state ${decoded.transactionStatus}`, 0)
  const partitions = decoded.transactionPartitions
  return {
    transactionalId,
    producerId: decoded.producerId,
    previousProducerId: decoded.previousProducerId ?? NO_PRODUCER_ID,
    nextProducerId: decoded.nextProducerId ?? NO_PRODUCER_ID,
    producerEpoch: decoded.producerEpoch,
    timeoutMs: decoded.transactionTimeoutMs,
    state,
    partitions:
      partitions === null || partitions.length === 0
        ? NO_PARTITIONS
        : new Map(partitions.map(({ topic, partitionIds }) => [topic, new Set(partitionIds)])),
    startMs: decoded.transactionStartTimestampMs,
    lastUpdateMs: decoded.transactionLastUpdateTimestampMs,
    clientVersion: decoded.clientTransactionVersion,
  }
}
