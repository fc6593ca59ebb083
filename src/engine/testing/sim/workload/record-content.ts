/**
 * What a record of the workload says of itself: its value opens with who sent it, where to, and as the how manieth, so that any reader can look it
 * up in the history; key, headers and filler are there to be compared, byte by byte. Pure.
 */
import type { ProducerRecord } from '../../../client'
import type { DecodedRecord } from '../../../wire/records'

/** Names one record of the run: `counter` counts from 0 for each producer and partition. */
export interface RecordId {
  readonly producer: string
  readonly topic: string
  readonly partition: number
  readonly counter: number
}

const FILLER = 'abcdefghijklmnopqrstuvwxyz0123456789 the quick brown fox jumps over the lazy dog. '

/** `valueBytes` is a wish: the value is never shorter than its own head. */
export function recordFor(id: RecordId, key: string | null, valueBytes: number, timestamp: bigint): ProducerRecord {
  const head = `${id.producer}|${id.topic}|${id.partition}|${id.counter}|`
  const fillerBytes = Math.max(0, valueBytes - head.length)
  const turn = id.counter % FILLER.length
  const pattern = FILLER.slice(turn) + FILLER.slice(0, turn)
  const filler = pattern.repeat(Math.ceil(fillerBytes / FILLER.length)).slice(0, fillerBytes)
  return {
    topic: id.topic,
    partition: id.partition,
    key: key === null ? null : Buffer.from(key),
    value: Buffer.from(head + filler, 'latin1'),
    headers: headersFor(id.counter),
    timestamp,
  }
}

/** None for most; a null value and a repeated key for some, since both are easily lost. */
function headersFor(counter: number): ProducerRecord['headers'] {
  if (counter % 4 !== 0) return []
  const number = { key: 'counter', value: Buffer.from(String(counter)) }
  return counter % 8 === 0 ? [number, { key: 'nothing', value: null }, number] : [number]
}

/** Null: no record of the workload says this. */
export function parseRecordId(value: Uint8Array | null): RecordId | null {
  if (value === null) return null
  const head = Buffer.from(value.buffer, value.byteOffset, Math.min(value.length, 160)).toString('latin1')
  const match = /^([^|]+)\|([^|]+)\|(\d+)\|(\d+)\|/.exec(head)
  if (match === null) return null
  return { producer: match[1]!, topic: match[2]!, partition: Number(match[3]), counter: Number(match[4]) }
}

/** What of `read` is not as it was `sent`, or null. Timestamps only where the producer's own is kept. */
export function differenceOf(sent: ProducerRecord, read: DecodedRecord, keepsTimestamp: boolean): string | null {
  if (!isSame(sent.key, read.key)) return 'another key'
  if (!isSame(sent.value, read.value)) return 'another value'
  if (sent.headers.length !== read.headers.length) return `${read.headers.length} headers for ${sent.headers.length}`
  for (const [index, header] of sent.headers.entries()) {
    const other = read.headers[index]
    if (other === undefined || other.key !== header.key || !isSame(header.value, other.value)) return `another header ${index}`
  }
  if (keepsTimestamp && sent.timestamp !== read.timestamp) return `timestamp ${read.timestamp} for ${sent.timestamp}`
  return null
}

function isSame(a: Uint8Array | null, b: Uint8Array | null): boolean {
  if (a === null || b === null) return a === b
  return a.length === b.length && Buffer.compare(a, b) === 0
}
