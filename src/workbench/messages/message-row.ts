/** A record as a row of the window shows it: previews of its bytes, and of what they decode to where they carry a schema's mark. */
import type { DecodedRecord } from '../../engine/wire/records'
import type { DecodedPreview, MessageRow } from '../../shared/model/messages'
import { previewPayload } from '../payloads'
import type { StoredRow } from './row-store'

/** What rows ask of the schemas: never more than a look at the first byte where a payload has no schema. */
export interface RowDecoder {
  /** Fetches what the records' schemas need, within a time; null where nothing is missing. */
  prepare(records: readonly DecodedRecord[]): Promise<void> | null
  preview(topic: string, part: 'key' | 'value', record: DecodedRecord): DecodedPreview | null
}

export function toMessageRow({ index, batch, record, failure }: StoredRow, topic: string, decoder: RowDecoder): MessageRow {
  if (record === null) {
    const text = `This batch cannot be decoded: ${failure ?? 'it holds fewer records than it says'}`
    const none = previewPayload(null)
    return {
      index,
      partition: batch.partition,
      offset: batch.header.baseOffset,
      timestamp: String(batch.header.maxTimestamp),
      key: none,
      value: { kind: 'undecodable', text, byteLength: batch.bytes.length, isCut: false },
      decodedKey: null,
      decodedValue: null,
      headerCount: 0,
    }
  }
  return {
    index,
    partition: batch.partition,
    offset: record.offset,
    timestamp: String(record.timestamp),
    key: previewPayload(record.key),
    value: previewPayload(record.value),
    decodedKey: decoder.preview(topic, 'key', record),
    decodedValue: decoder.preview(topic, 'value', record),
    headerCount: record.headers.length,
  }
}
