/**
 * Records as lines of a file, exactly: 64-bit numbers keep their digits, JSON stands in JSON as it was sent, and bytes that are no text are base64
 * and marked as such. Pure; used by exports.
 */
import type { DecodedRecord } from '../../engine/wire/records'

export interface ExportedRecord {
  readonly topic: string
  readonly partition: number
  readonly record: DecodedRecord
  readonly timestampType: string
  /** What a schema makes of them; null: none. */
  readonly keyJson: string | null
  readonly valueJson: string | null
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** null where these bytes are no UTF-8. */
function textOf(bytes: Uint8Array): string | null {
  try {
    return utf8.decode(bytes)
  } catch {
    return null
  }
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64')

/** One object a line. A value that is JSON of an object or list stands as such; `{"base64": …}` are bytes. */
export function jsonLine({ topic, partition, record, timestampType, keyJson, valueJson }: ExportedRecord): string {
  const headers = record.headers.map(({ key, value }) => `{"key":${JSON.stringify(key)},"value":${jsonPayload(value, null)}}`)
  return `{"topic":${JSON.stringify(topic)},"partition":${partition},"offset":${record.offset},"timestamp":${record.timestamp},"timestampType":${JSON.stringify(timestampType)},"key":${jsonPayload(record.key, keyJson)},"value":${jsonPayload(record.value, valueJson)},"headers":[${headers.join(',')}]}\n`
}

function jsonPayload(bytes: Uint8Array | null, decoded: string | null): string {
  if (bytes === null) return 'null'
  if (decoded !== null) return oneLine(decoded)
  const text = textOf(bytes)
  if (text === null) return `{"base64":"${base64(bytes)}"}`
  if (/^\s*[{[]/.test(text)) {
    try {
      // Only to know whether it is JSON: what is written are the bytes that were sent.
      const value: unknown = JSON.parse(text)
      // As it is it would be read back as the bytes that it tells of, not as itself.
      if (looksLikeBytes(value)) return `{"base64":"${base64(bytes)}"}`
      return oneLine(text.trim())
    } catch {
      // Text that only begins like JSON.
    }
  }
  return JSON.stringify(text)
}

function looksLikeBytes(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const names = Object.keys(value)
  return names.length === 1 && names[0] === 'base64'
}

/** Line breaks in JSON can only stand between its tokens. */
const oneLine = (json: string): string => json.replace(/[\r\n]+\s*/g, ' ')

export const csvHead = 'topic,partition,offset,timestamp,timestamp_type,key,key_encoding,value,value_encoding,headers\r\n'

/** RFC 4180. The encoding of a null is `null`, so that it is not taken for an empty text. */
export function csvLine(exported: ExportedRecord): string {
  const { topic, partition, record, timestampType, keyJson, valueJson } = exported
  const headers = record.headers.map(({ key, value }) => `{"key":${JSON.stringify(key)},"value":${jsonPayload(value, null)}}`)
  const cells = [
    topic,
    String(partition),
    String(record.offset),
    String(record.timestamp),
    timestampType,
    ...csvPayload(record.key, keyJson),
    ...csvPayload(record.value, valueJson),
    `[${headers.join(',')}]`,
  ]
  return `${cells.map(csvCell).join(',')}\r\n`
}

function csvPayload(bytes: Uint8Array | null, decoded: string | null): [text: string, encoding: string] {
  if (bytes === null) return ['', 'null']
  if (decoded !== null) return [decoded, 'decoded']
  const text = textOf(bytes)
  return text === null ? [base64(bytes), 'base64'] : [text, 'text']
}

const csvCell = (cell: string): string => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)

/** The value's bytes and a line feed; a null value is nothing. */
export function rawLine({ record }: ExportedRecord): Uint8Array {
  return record.value === null ? new Uint8Array() : Buffer.concat([record.value, Buffer.from('\n')])
}
