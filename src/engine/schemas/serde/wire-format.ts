/**
 * How a record says which schema wrote it: Confluent's prefix (a zero byte and the id), or the GUID in a record header, with the message
 * indexes of Protobuf behind either. Called by the codecs' users with raw record parts; knows no registry and decodes no payload. Bytes that
 * carry no mark are told apart from bytes with a broken one: the first are simply no schema's.
 */

/** Which message of a Protobuf file: the index at each nesting level; [0] is the first message of the file. */
export type MessageIndexes = readonly number[]

/** What a payload was written with. */
export type SchemaMark =
  | { readonly kind: 'id'; readonly id: number; readonly messageIndexes: MessageIndexes | null }
  | { readonly kind: 'guid'; readonly guid: string; readonly messageIndexes: MessageIndexes | null }

export interface MarkedPayload {
  readonly mark: SchemaMark
  /** A view of what follows the mark; the whole value where the mark stands in a header. */
  readonly payload: Uint8Array
}

export interface HeaderView {
  readonly key: string
  readonly value: Uint8Array | null
}

export type RecordPart = 'key' | 'value'

/** Which headers carry the GUID (Confluent 8). */
export const schemaIdHeaders = { key: '__key_schema_id', value: '__value_schema_id' } as const

const PREFIX_MAGIC = 0
const GUID_MAGIC = 1
const GUID_BYTES = 16
/** Field 1 as a varint: no message of Protobuf begins with less. */
const firstFieldTag = 0x08
/** Kafka's Java client has no limit; no schema nests anywhere near this deep, and a broken payload must not make us read a million. */
const indexDepthMax = 100

/** A mark that begins as one and cannot be read to its end. `offset` counts from the start of the part that held it. */
export class WireFormatError extends Error {
  override readonly name = 'WireFormatError'
  constructor(
    message: string,
    readonly offset: number,
  ) {
    super(message)
  }
}

/**
 * Reads the prefix of a key or value. null: the first byte is no zero or fewer than five bytes are there, so it carries no prefix.
 * `isProtobuf` says whether message indexes follow the id; ask the registry for the id first with `readPrefixId`.
 */
export function readPrefix(bytes: Uint8Array, isProtobuf: boolean): MarkedPayload | null {
  const id = readPrefixId(bytes)
  if (id === null) return null
  if (!isProtobuf) return { mark: { kind: 'id', id, messageIndexes: null }, payload: bytes.subarray(5) }
  const { indexes, end } = readMessageIndexes(bytes, 5)
  return { mark: { kind: 'id', id, messageIndexes: indexes }, payload: bytes.subarray(end) }
}

/**
 * `readPrefix` of what is Protobuf. `@kafkajs/confluent-schema-registry` writes no message indexes at all, and its users read their topics with it:
 * indexes that lead to no message (`hasMessage` knows the schema) are taken for the payload's own first bytes where these can begin a message. They
 * can not where indexes of up to three levels stand: their first byte would be the tag of a field 0. Throws {@link WireFormatError}.
 */
export function readProtobufPrefix(bytes: Uint8Array, hasMessage: (indexes: MessageIndexes) => boolean): MarkedPayload | null {
  const id = readPrefixId(bytes)
  if (id === null) return null
  const bare: MarkedPayload = { mark: { kind: 'id', id, messageIndexes: null }, payload: bytes.subarray(5) }
  const first = bytes[5]
  if (first === undefined) return bare
  const canBeginMessage = first >= firstFieldTag
  try {
    const marked = readPrefix(bytes, true)!
    return canBeginMessage && !hasMessage(marked.mark.messageIndexes!) ? bare : marked
  } catch (error) {
    if (canBeginMessage && error instanceof WireFormatError) return bare
    throw error
  }
}

/** The id in the prefix, or null where there is none. Ids are int32, and a negative one is no id. */
export function readPrefixId(bytes: Uint8Array): number | null {
  if (bytes.length < 5 || bytes[0] !== PREFIX_MAGIC) return null
  const id = (bytes[1]! << 24) | (bytes[2]! << 16) | (bytes[3]! << 8) | bytes[4]!
  return id < 0 ? null : id
}

/** The prefix and the payload as one value. */
export function writePrefix(id: number, messageIndexes: MessageIndexes | null, payload: Uint8Array): Buffer {
  if (!Number.isInteger(id) || id < 0 || id > 0x7fffffff) throw new WireFormatError(`${id} is no schema id: ids are int32`, 1)
  const head = Buffer.alloc(5)
  head.writeInt32BE(id, 1)
  return Buffer.concat([head, messageIndexes === null ? Buffer.alloc(0) : writeMessageIndexes(messageIndexes), payload])
}

/** The value of a GUID header, or null where it holds something else. Trailing bytes are message indexes, there for Protobuf only. */
export function readGuidHeader(value: Uint8Array): SchemaMark | null {
  if (value.length < 1 + GUID_BYTES || value[0] !== GUID_MAGIC) return null
  const hex = Buffer.from(value.buffer, value.byteOffset + 1, GUID_BYTES).toString('hex')
  const guid = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
  if (value.length === 1 + GUID_BYTES) return { kind: 'guid', guid, messageIndexes: null }
  const { indexes, end } = readMessageIndexes(value, 1 + GUID_BYTES)
  if (end !== value.length)
    throw new WireFormatError(`${value.length - end} bytes behind the message indexes of a schema id header`, end)
  return { kind: 'guid', guid, messageIndexes: indexes }
}

/** The value of a header that names the schema by GUID. */
export function writeGuidHeader(guid: string, messageIndexes: MessageIndexes | null): Buffer {
  const hex = guid.replaceAll('-', '')
  if (!/^[0-9a-f]{32}$/i.test(hex)) throw new WireFormatError(`'${guid}' is no GUID`, 1)
  const indexes = messageIndexes === null ? Buffer.alloc(0) : writeMessageIndexes(messageIndexes)
  return Buffer.concat([Buffer.from([GUID_MAGIC]), Buffer.from(hex, 'hex'), indexes])
}

/**
 * What a deserializer of Confluent's does by default ("dual"): the header first, then the prefix. The last header of the name counts, as in
 * Kafka's `lastHeader`. null: neither is there.
 * `isProtobuf` is asked with the id only where the prefix decides, because only the registry knows.
 */
export function readMark(
  part: RecordPart,
  bytes: Uint8Array,
  headers: readonly HeaderView[],
  isProtobuf: (id: number) => boolean,
): MarkedPayload | null {
  for (let i = headers.length - 1; i >= 0; i--) {
    const header = headers[i]!
    if (header.key !== schemaIdHeaders[part] || header.value === null) continue
    const mark = readGuidHeader(header.value)
    if (mark === null) throw new WireFormatError(`header ${header.key} holds no schema GUID (byte 01 and 16 bytes)`, 0)
    return { mark, payload: bytes }
  }
  const id = readPrefixId(bytes)
  return id === null ? null : readPrefix(bytes, isProtobuf(id))
}

/** Zigzag varints: how many, then each. The usual [0] is the single byte 00. */
export function writeMessageIndexes(indexes: MessageIndexes): Buffer {
  if (indexes.length === 1 && indexes[0] === 0) return Buffer.from([0])
  const bytes: number[] = []
  for (const number of [indexes.length, ...indexes]) {
    let rest = ((number << 1) ^ (number >> 31)) >>> 0
    while (rest > 0x7f) {
      bytes.push((rest & 0x7f) | 0x80)
      rest >>>= 7
    }
    bytes.push(rest)
  }
  return Buffer.from(bytes)
}

/** The indexes that stand at `start`, and where they end. */
export function readMessageIndexes(bytes: Uint8Array, start: number): { readonly indexes: MessageIndexes; readonly end: number } {
  let offset = start
  const next = (): number => {
    let value = 0
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = bytes[offset]
      if (byte === undefined) throw new WireFormatError('the message indexes are cut short', offset)
      offset++
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) return (value >>> 1) ^ -(value & 1)
    }
    throw new WireFormatError('a message index is longer than five bytes', offset)
  }
  const count = next()
  if (count === 0) return { indexes: [0], end: offset }
  if (count < 0 || count > indexDepthMax)
    throw new WireFormatError(`${count} message indexes: at most ${indexDepthMax} levels are read`, start)
  const indexes = Array.from({ length: count }, next)
  const negative = indexes.find((index) => index < 0)
  if (negative !== undefined) throw new WireFormatError(`message index ${negative} is negative`, start)
  return { indexes, end: offset }
}
