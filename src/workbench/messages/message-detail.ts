/** One record whole, for the window: its bytes, headers, and what its batch says of itself. */
import type { MessageDetail } from '../../shared/model/messages'
import { type RowDecoder, toMessageRow } from './message-row'
import type { StoredRow } from './row-store'

export function toMessageDetail(row: StoredRow, decoder: RowDecoder): MessageDetail {
  const { header } = row.batch
  return {
    ...toMessageRow(row, decoder),
    timestampType: header.timestampType,
    keyBytes: copyOf(row.record?.key ?? null),
    valueBytes: copyOf(row.record?.value ?? null),
    headers: (row.record?.headers ?? []).map(({ key, value }) => ({ key, value: copyOf(value) })),
    batch: {
      baseOffset: header.baseOffset,
      recordCount: header.recordCount,
      byteLength: header.sizeInBytes,
      compression: header.compression ?? 'unknown',
      leaderEpoch: header.partitionLeaderEpoch,
      producerId: String(header.producerId),
      producerEpoch: header.producerEpoch,
      baseSequence: header.baseSequence,
      isTransactional: header.isTransactional,
    },
  }
}

/** A view on a batch would take the whole batch along when it crosses to another thread. */
function copyOf(bytes: Uint8Array | null): Uint8Array | null {
  return bytes === null ? null : Uint8Array.from(bytes)
}
