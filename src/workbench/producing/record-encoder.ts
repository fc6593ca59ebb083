/**
 * From what a person wrote to the records of a run: schemas and faker are fetched once, before anything is sent, and then every record is made
 * without waiting. Templates are filled in before encoding, so that they may stand where a schema wants a number.
 */
import type { ProducerRecord } from '../../engine/client'
import { WorkbenchError } from '../../shared/ipc/errors'
import type { PayloadInput, PlainPayloadInput, ProduceRequestInput } from '../../shared/model/producing'
import { encodePayload } from '../payloads'
import { loadFaker, noFaker } from './template/faker-source'
import { type FakerSource, TemplateError } from './template/functions'
import { keyDraw } from './template/key-draw'
import { expressionCounts, type FillAt, needsFaker, PreparedTemplate } from './template/message-template'

/** JSON to bytes in the registry's wire format. Throws an Error that names path and value. */
export type SchemaEncoder = (json: string) => Uint8Array

/** Fetches what is needed of a subject; null: its latest version. */
export type EncoderFor = (subject: string, version: number | null) => Promise<SchemaEncoder>

export type PayloadEncoder = (text: string) => Uint8Array | null

interface FilledPayload {
  /** null: the payload is null. */
  readonly text: string | null
  readonly bytes: Uint8Array | null
}

export interface FilledMessage {
  readonly record: ProducerRecord
  readonly key: string | null
  readonly value: string | null
  readonly headers: readonly { readonly key: string; readonly value: string | null }[]
}

/** What a request's records are made of; `at` and `record` throw INVALID_PAYLOAD with the part ('key', "header 'x'") and what is wrong in it. */
export interface MessageMaker {
  at(index: number, nowMs: number): FilledMessage
  record(index: number, nowMs: number): ProducerRecord
}

export async function prepareMessages(input: ProduceRequestInput, encoderFor: EncoderFor): Promise<MessageMaker> {
  const timestamp = input.timestamp === null ? null : parseTimestamp(input.timestamp)
  const { topic, partition, headers, keys = null, seed = 0 } = input
  const faker = needsFaker([input.key, input.value, ...headers.map(({ value }) => value)].map(({ text }) => text))
    ? await loadFaker()
    : noFaker
  const ofKey = expressionCounts(input.key.format === 'null' ? '' : input.key.text)
  const [key, value, ...headerValues] = await Promise.all([
    prepare(input.key, { what: 'key', seed, faker, keyCounts: null, encoderFor }),
    prepare(input.value, { what: 'value', seed, faker, keyCounts: ofKey, encoderFor }),
    ...headers.map((header) =>
      prepare(header.value, { what: `header '${header.key}'`, seed, faker, keyCounts: ofKey, encoderFor }),
    ),
  ])
  const draw = keyDraw(keys, seed)
  const at = (index: number, nowMs: number): FilledMessage => {
    const keyNumber = draw(index)
    const filledKey = key({ index, keyNumber, key: null, nowMs })
    const place = { index, keyNumber, key: filledKey.text, nowMs }
    const filledValue = value(place)
    const filledHeaders = headers.map((header, number) => ({ key: header.key, ...headerValues[number]!(place) }))
    return {
      record: {
        topic,
        partition,
        key: filledKey.bytes,
        value: filledValue.bytes,
        headers: filledHeaders.map((header) => ({ key: header.key, value: header.bytes })),
        timestamp,
      },
      key: filledKey.text,
      value: filledValue.text,
      headers: filledHeaders.map((header) => ({ key: header.key, value: header.text })),
    }
  }
  return { at, record: (index, nowMs) => at(index, nowMs).record }
}

/** A value as the first message has it, whatever it will be encoded to: somebody is still writing it. Throws INVALID_TEMPLATE. */
export async function fillText(text: string, seed: number, isJson: boolean, nowMs: number): Promise<string> {
  const faker = needsFaker([text]) ? await loadFaker() : noFaker
  return guarded('value', () =>
    new PreparedTemplate(text, isJson ? 'json' : 'plain', seed, faker, new Map()).fill({
      index: 0,
      keyNumber: 0,
      key: '',
      nowMs,
    }),
  )
}

interface Preparing {
  readonly what: string
  readonly seed: number
  readonly faker: FakerSource
  readonly keyCounts: ReadonlyMap<string, number> | null
  readonly encoderFor: EncoderFor
}

async function prepare(input: PayloadInput, preparing: Preparing): Promise<(at: FillAt) => FilledPayload> {
  const { what, seed, faker, keyCounts, encoderFor } = preparing
  const encode = await prepareEncoder(input, what, encoderFor)
  if (input.format === 'null' || input.format === 'empty') {
    const nothing = { text: input.format === 'null' ? null : '', bytes: encode('') }
    return () => nothing
  }
  const context = input.format === 'json' || input.format === 'schema' ? 'json' : 'plain'
  const template = guarded(what, () => new PreparedTemplate(input.text, context, seed, faker, keyCounts))
  if (template.isConstant) {
    // Most runs send one record, or many that are all the same: those are encoded once.
    const same = { text: input.text, bytes: encode(input.text) }
    return () => same
  }
  return (at) => {
    const text = guarded(what, () => template.fill(at))
    return { text, bytes: encode(text) }
  }
}

/** From text to bytes, `what` named in what it throws. */
export async function prepareEncoder(
  input:
    | { readonly format: PlainPayloadInput['format'] }
    | { readonly format: 'schema'; subject: string; version: number | null },
  what: string,
  encoderFor: EncoderFor,
): Promise<PayloadEncoder> {
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

function guarded<T>(what: string, fill: () => T): T {
  try {
    return fill()
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error
    throw new WorkbenchError('expected', 'INVALID_TEMPLATE', `In the ${what}: ${error.message}`)
  }
}

const int64Max = 2n ** 63n - 1n

/** Nineteen digits can say more than an int64 holds, and would come out as another time. */
export function parseTimestamp(text: string): bigint {
  const timestamp = BigInt(text)
  if (timestamp > int64Max || timestamp < -int64Max - 1n)
    throw new WorkbenchError('expected', 'INVALID_TIMESTAMP', `The timestamp ${text} does not fit into 64 bits.`)
  return timestamp
}
