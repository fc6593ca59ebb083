/** A record as a row of the window shows it: previews of its bytes, and of what they decode to where they carry a schema's mark. */
import type { DecodedRecord } from '../../engine/wire/records'
import { parsePath } from '../../shared/json-field'
import type { DecodedPreview, FieldCell, MessageRow } from '../../shared/model/messages'
import { previewPayload } from '../payloads'
import { fieldOf } from './record-filter'
import type { StoredRow } from './row-store'

/** What rows ask of the schemas: never more than a look at the first byte where a payload has no schema. */
export interface RowDecoder {
  /** Fetches what the records' schemas need, within a time; null where nothing is missing. */
  prepare(records: readonly DecodedRecord[]): Promise<void> | null
  preview(topic: string, part: 'key' | 'value', record: DecodedRecord): DecodedPreview | null
  /** The whole of it as JSON, once prepared; null: it has no schema, or cannot be decoded. */
  json(part: 'key' | 'value', record: DecodedRecord): string | null
}

export interface FieldPath {
  readonly part: 'key' | 'value'
  readonly path: string
}

/** A cell shows some hundred characters. */
const cellCharactersMax = 300
/** A field is not looked for in more: a page of rows is answered at once. */
const searchedBytesMax = 1024 * 1024

export function toMessageRow(
  { index, batch, record, failure }: StoredRow,
  decoder: RowDecoder,
  fields: readonly FieldPath[] = [],
): MessageRow {
  const { topic } = batch
  if (record === null) {
    const text = `This batch cannot be decoded: ${failure ?? 'it holds fewer records than it says'}`
    const none = previewPayload(null)
    return {
      index,
      topic,
      partition: batch.partition,
      offset: batch.header.baseOffset,
      timestamp: String(batch.header.maxTimestamp),
      key: none,
      value: { kind: 'undecodable', text, byteLength: batch.bytes.length, isCut: false },
      decodedKey: null,
      decodedValue: null,
      headerCount: 0,
      fields: fields.map(() => null),
    }
  }
  return {
    index,
    topic,
    partition: batch.partition,
    offset: record.offset,
    timestamp: String(record.timestamp),
    key: previewPayload(record.key),
    value: previewPayload(record.value),
    decodedKey: decoder.preview(topic, 'key', record),
    decodedValue: decoder.preview(topic, 'value', record),
    headerCount: record.headers.length,
    fields: fields.map(({ part, path }) => cellOf(batch.topic, batch.partition, record, decoder, part, path)),
  }
}

function cellOf(
  topic: string,
  partition: number,
  record: DecodedRecord,
  decoder: RowDecoder,
  part: 'key' | 'value',
  path: string,
): FieldCell | null {
  const steps = parsePath(path)
  if (steps === null || (record[part]?.length ?? 0) > searchedBytesMax) return null
  const found = fieldOf({ topic, partition, record, json: (of) => decoder.json(of, record) }, part, steps)
  return found === null ? null : { kind: found.kind, text: found.text.slice(0, cellCharactersMax) }
}
