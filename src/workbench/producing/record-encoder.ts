/**
 * From what a person wrote to the records of a run: schemas are fetched once, before anything is sent, and then every record is made without
 * waiting. `{{index}}` is filled in before encoding, so that it may stand where a schema wants a number.
 */
import type { ProducerRecord } from '../../engine/client'
import { WorkbenchError } from '../../shared/ipc/errors'
import type { PayloadInput, ProduceRequestInput } from '../../shared/model/producing'
import { encodePayload } from '../payloads'

/** JSON to bytes in the registry's wire format. Throws an Error that names path and value. */
export type SchemaEncoder = (json: string) => Uint8Array

/** Fetches what is needed of a subject; null: its latest version. */
export type EncoderFor = (subject: string, version: number | null) => Promise<SchemaEncoder>

type Encode = (index: number) => Uint8Array | null

/** Answers the records by index. It throws INVALID_PAYLOAD with the part ('key', "header 'x'") and what is wrong in it. */
export async function prepareRecords(
  input: ProduceRequestInput,
  encoderFor: EncoderFor,
): Promise<(index: number) => ProducerRecord> {
  const timestamp = input.timestamp === null ? null : parseTimestamp(input.timestamp)
  const [key, value, ...headerValues] = await Promise.all([
    prepare(input.key, 'key', encoderFor),
    prepare(input.value, 'value', encoderFor),
    ...input.headers.map((header) => prepare(header.value, `header '${header.key}'`, encoderFor)),
  ])
  const { topic, partition, headers } = input
  return (index) => ({
    topic,
    partition,
    key: key(index),
    value: value(index),
    headers: headers.map((header, at) => ({ key: header.key, value: headerValues[at]?.(index) ?? null })),
    timestamp,
  })
}

async function prepare(input: PayloadInput, what: string, encoderFor: EncoderFor): Promise<Encode> {
  // Most runs send one record, or many that are all the same: those are encoded once.
  const isSame = !input.text.includes('{{index}}')
  const encode = await encodeText(input, what, encoderFor)
  if (isSame) {
    const bytes = encode(input.text)
    return () => bytes
  }
  return (index) => encode(input.text.replaceAll('{{index}}', String(index)))
}

async function encodeText(
  input: PayloadInput,
  what: string,
  encoderFor: EncoderFor,
): Promise<(text: string) => Uint8Array | null> {
  if (input.format !== 'schema') {
    const { format } = input
    return (text) => encodePayload({ format, text }, what)
  }
  const { subject, version } = input
  const encode = await encoderFor(subject, version)
  return (text) => {
    try {
      return encode(text)
    } catch (error) {
      const name = version === null ? `the latest version of ${subject}` : `version ${version} of ${subject}`
      throw new WorkbenchError(
        'expected',
        'INVALID_PAYLOAD',
        `The ${what} cannot be written with ${name}: ${(error as Error).message}`,
      )
    }
  }
}

const int64Max = 2n ** 63n - 1n

/** Nineteen digits can say more than an int64 holds, and would come out as another time. */
function parseTimestamp(text: string): bigint {
  const timestamp = BigInt(text)
  if (timestamp > int64Max || timestamp < -int64Max - 1n)
    throw new WorkbenchError('expected', 'INVALID_TIMESTAMP', `The timestamp ${text} does not fit into 64 bits.`)
  return timestamp
}
