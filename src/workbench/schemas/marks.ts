/** What a record says of its schemas before anybody was asked: Confluent's prefix with an id, or the header with a GUID. Pure. */
import {
  type MessageIndexes,
  type RecordPart,
  readGuidHeader,
  readPrefix,
  readPrefixId,
  readProtobufPrefix,
  schemaIdHeaders,
  WireFormatError,
} from '../../engine/schemas/serde'

export interface PayloadRecord {
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly headers: readonly { readonly key: string; readonly value: Uint8Array | null }[]
}

/** What a payload says of its schema, before anybody was asked. */
export type Mark =
  | { readonly kind: 'id'; readonly key: string; readonly id: number }
  | { readonly kind: 'guid'; readonly key: string; readonly guid: string; readonly header: Uint8Array }
  | { readonly kind: 'broken'; readonly reason: string }

export type GoodMark = Exclude<Mark, { kind: 'broken' }>

/** Reads what stands before or beside a payload; null: no mark. The last header of the name counts, as in Kafka's lastHeader. */
export function markOf(part: RecordPart, record: PayloadRecord): Mark | null {
  const bytes = record[part]
  if (bytes === null) return null
  for (let at = record.headers.length - 1; at >= 0; at--) {
    const header = record.headers[at]
    if (header === undefined || header.key !== schemaIdHeaders[part] || header.value === null) continue
    try {
      const mark = readGuidHeader(header.value)
      if (mark?.kind === 'guid') return { kind: 'guid', key: `guid ${mark.guid}`, guid: mark.guid, header: header.value }
    } catch (error) {
      return { kind: 'broken', reason: `The header ${header.key} is broken: ${(error as Error).message}.` }
    }
    return { kind: 'broken', reason: `The header ${header.key} holds no schema GUID: byte 01 and 16 bytes.` }
  }
  const id = readPrefixId(bytes)
  return id === null ? null : { kind: 'id', key: `id ${id}`, id }
}

export function describeMark(mark: GoodMark): string {
  return mark.kind === 'id' ? `schema id ${mark.id}` : `schema GUID ${mark.guid}`
}

/**
 * What stands behind the mark; the message indexes of Protobuf stand with it. `hasMessage` is that of a Protobuf schema, null for the other types.
 * Throws WireFormatError where the indexes are broken.
 */
export function payloadOf(
  mark: GoodMark,
  bytes: Uint8Array,
  hasMessage: ((indexes: MessageIndexes) => boolean) | null,
): { readonly payload: Uint8Array; readonly messageIndexes: MessageIndexes | null } {
  if (mark.kind === 'guid') return { payload: bytes, messageIndexes: readGuidHeader(mark.header)?.messageIndexes ?? null }
  const marked = hasMessage === null ? readPrefix(bytes, false) : readProtobufPrefix(bytes, hasMessage)
  if (marked === null) throw new WireFormatError('there is no schema id', 0)
  return { payload: marked.payload, messageIndexes: marked.mark.messageIndexes }
}
