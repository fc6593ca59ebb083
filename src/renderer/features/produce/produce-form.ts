/** A message being written: its form, what is wrong in it and where, what will be sent, and what the first messages will be. Pure. */
import type { CallResults } from '../../../shared/ipc/contract'
import { partitionForKey } from '../../../shared/lang/murmur2'
import type { MessageDetail } from '../../../shared/model/messages'
import type { Acks, PayloadFormat, PayloadInput, PlainPayloadFormat, ProduceRequestInput } from '../../../shared/model/producing'
import type { DecodedPayload } from '../../../shared/model/schemas'
import { checkJson } from '../messages/json/json-check'
import { prettyJson } from '../messages/json/json-colors'
import { toInput } from '../messages/payload-text'
import { parseTime } from '../messages/timestamps'

export interface HeaderForm {
  /** Stable while rows come and go. */
  readonly id: number
  key: string
  value: PayloadInput
}

export interface ProduceForm {
  topic: string
  /** null: by key, or spread. */
  partition: number | null
  key: PayloadInput
  value: PayloadInput
  headers: HeaderForm[]
  /** As typed; empty: now. */
  timestamp: string
  acks: Acks
  compression: ProduceRequestInput['compression']
  /** As typed. */
  count: string
}

export const countMax = 1_000_000
export const formats: readonly { readonly value: PlainPayloadFormat; readonly label: string }[] = [
  { value: 'text', label: 'text' },
  { value: 'json', label: 'JSON' },
  { value: 'hex', label: 'hex' },
  { value: 'base64', label: 'base64' },
  { value: 'null', label: 'null' },
]
/** Of key and value, which may be written with a schema. */
export const payloadFormats: readonly { readonly value: PayloadFormat; readonly label: string }[] = [
  ...formats,
  { value: 'schema', label: 'Schema' },
]
export const compressions = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const

/** What each answer of a broker promises, in a sentence. */
export const acksSentences: Readonly<Record<Acks, string>> = {
  0: 'Sent and forgotten: no offset comes back, and a lost record is not noticed.',
  1: 'The leader has it. It is lost if that broker dies before a follower has it too.',
  [-1]: 'Every replica in sync has it: it survives the death of the leader.',
}

export function blankForm(topic: string): ProduceForm {
  return {
    topic,
    partition: null,
    key: { format: 'null', text: '' },
    value: { format: 'text', text: '' },
    headers: [],
    timestamp: '',
    acks: -1,
    compression: 'none',
    count: '1',
  }
}

/** A record to be changed and sent again. Its bytes come back exactly: what a field would change stands as hex. */
/** `decoded`: what its schemas made of it; such a payload is edited as JSON and written with the same version again. */
export function fromRecord(record: MessageDetail, decoded: CallResults['schemas.decode'] | null = null): ProduceForm {
  return {
    ...blankForm(record.topic),
    partition: record.partition,
    key: withSchema(decoded?.key, (json) => json.replace(/\s*\n\s*/g, ' ')) ?? toInput(record.keyBytes, 'line'),
    value: withSchema(decoded?.value, prettyJson) ?? toInput(record.valueBytes, 'editor'),
    headers: record.headers.map((header, id) => ({ id, key: header.key, value: toInput(header.value, 'line') })),
  }
}

function withSchema(seen: DecodedPayload | undefined, write: (json: string) => string): PayloadInput | null {
  if (seen?.kind !== 'decoded' || seen.subject === null || seen.version === null) return null
  // What would be filled in must go as bytes.
  if (seen.json.includes('{{index}}')) return null
  return { format: 'schema', text: write(seen.json), subject: seen.subject, version: seen.version }
}

/** What was sent once, to be changed and sent again. */
export function fromRequest(request: ProduceRequestInput): ProduceForm {
  return {
    ...request,
    key: { ...request.key },
    value: { ...request.value },
    headers: request.headers.map((header, id) => ({ id, key: header.key, value: { ...header.value } })),
    timestamp: request.timestamp ?? '',
    count: String(request.count),
  }
}

/** Whether there is anything in it that would be missed. */
export const hasContent = (form: ProduceForm): boolean =>
  form.key.text !== '' || form.value.text !== '' || form.headers.length > 0

// ---- placeholders

export const fill = (text: string, index: number): string => text.replaceAll('{{index}}', String(index))
export const hasPlaceholder = (form: ProduceForm): boolean =>
  [form.key, form.value, ...form.headers.map((header) => header.value)].some((input) => input.text.includes('{{index}}'))

// ---- what is wrong

export interface PayloadProblem {
  readonly message: string
  /** In the text, where it can be named. */
  readonly position: number | null
  readonly end: number
  /** From 1. */
  readonly line: number
  readonly column: number
}

const standIn = '928374651'

/** What the first message's payload would be refused for; null if nothing. */
export function payloadProblem({ format, text }: PayloadInput): PayloadProblem | null {
  // Digits as long as the placeholder stand for it, so that positions stay those of the text.
  const typed = text.replaceAll('{{index}}', standIn)
  if (format === 'json' || format === 'schema') {
    const found = checkJson(typed)
    return (
      found && {
        message: `${found.message.replaceAll(standIn, '{{index}}')}.`,
        position: found.position,
        end: found.end,
        line: found.line,
        column: found.column,
      }
    )
  }
  if (format === 'hex') {
    const bad = /[^0-9a-fA-F\s]/.exec(typed)
    if (bad) return problemAt(text, bad.index, `${bad[0]} is no hex digit.`)
    if (typed.replace(/\s+/g, '').length % 2 === 1)
      return problemAt(text, text.length, 'A digit is missing: bytes are pairs of hex digits.')
  }
  if (format === 'base64') {
    const bad = /[^A-Za-z0-9+/_\-=\s]/.exec(typed) ?? /=(?=[^=\s])/.exec(typed)
    if (bad) return problemAt(text, bad.index, `${bad[0]} cannot stand here in base64.`)
    const compact = typed.replace(/\s+/g, '')
    if (/={3,}$/.test(compact) || compact.replace(/=+$/, '').length % 4 === 1)
      return problemAt(text, text.length, 'The base64 ends too early.')
  }
  return null
}

export function problemAt(text: string, position: number, message: string, end = position + 1): PayloadProblem {
  const before = text.slice(0, position)
  const lineStart = before.lastIndexOf('\n') + 1
  return { message, position, end, line: before.split('\n').length, column: position - lineStart + 1 }
}

export interface FormProblems {
  readonly topic: string | null
  readonly partition: string | null
  readonly key: PayloadProblem | null
  readonly value: PayloadProblem | null
  readonly headers: readonly (string | null)[]
  readonly timestamp: string | null
  readonly count: string | null
}

export function checkForm(form: ProduceForm, partitionCount: number | null, nowMs: number): FormProblems {
  const time = form.timestamp.trim() === '' ? null : parseTimestamp(form.timestamp, nowMs)
  return {
    topic: form.topic === '' ? 'Choose a topic.' : partitionCount === null ? `${form.topic} is not on this cluster.` : null,
    partition:
      form.partition !== null && partitionCount !== null && form.partition >= partitionCount
        ? `${form.topic} has no partition ${form.partition}.`
        : null,
    key: payloadProblem(form.key),
    value: payloadProblem(form.value),
    headers: form.headers.map(({ value }) => payloadProblem(value)?.message ?? null),
    timestamp: time === null || time.ok ? null : time.message,
    count: countOf(form) === null ? `A whole number from 1 to 1,000,000.` : null,
  }
}

export const problemCount = (problems: FormProblems): number =>
  [
    problems.topic,
    problems.partition,
    problems.key,
    problems.value,
    problems.timestamp,
    problems.count,
    ...problems.headers,
  ].filter((problem) => problem !== null).length

export function countOf(form: ProduceForm): number | null {
  const typed = form.count.replaceAll(',', '').trim()
  if (!/^\d{1,7}$/.test(typed)) return null
  const count = Number(typed)
  return count >= 1 && count <= countMax ? count : null
}

function parseTimestamp(text: string, nowMs: number): { ok: true; decimal: string } | { ok: false; message: string } {
  const typed = text.trim()
  if (/^-?\d{1,19}$/.test(typed)) return { ok: true, decimal: typed }
  const time = parseTime(typed, nowMs)
  return time.ok ? { ok: true, decimal: String(time.ms) } : time
}

/** null while something is wrong. */
export function requestOf(form: ProduceForm, nowMs: number): ProduceRequestInput | null {
  const count = countOf(form)
  const time = form.timestamp.trim() === '' ? null : parseTimestamp(form.timestamp, nowMs)
  if (count === null || (time !== null && !time.ok)) return null
  return {
    topic: form.topic,
    partition: form.partition,
    key: { ...form.key },
    value: { ...form.value },
    headers: form.headers.map(({ key, value }) => ({ key, value: { ...value } })),
    acks: form.acks,
    timestamp: time?.decimal ?? null,
    compression: form.compression,
    count,
  }
}

// ---- what it will be

/** The bytes of a payload that has no problem; null for null. What a schema makes of its text is known when it is sent. */
export function bytesOf({ format, text }: PayloadInput, index: number): Uint8Array | null {
  const filled = fill(text, index)
  if (format === 'null') return null
  if (format === 'hex') return Uint8Array.from(filled.match(/[0-9a-f]{2}/gi) ?? [], (pair) => Number.parseInt(pair, 16))
  if (format === 'base64') {
    const compact = filled.replace(/\s+/g, '').replaceAll('-', '+').replaceAll('_', '/')
    return Uint8Array.from(atob(compact), (character) => character.charCodeAt(0))
  }
  return new TextEncoder().encode(filled)
}

export interface MessagePreview {
  readonly index: number
  /** null: the key is null. */
  readonly key: string | null
  readonly value: string | null
  /** null: spread over the partitions, which the producer decides. */
  readonly partition: number | null
}

/** The first messages as they will be sent; empty while a payload is wrong. */
export function previewOf(form: ProduceForm, partitionCount: number | null, max = 3): MessagePreview[] {
  if (payloadProblem(form.key) || payloadProblem(form.value)) return []
  const count = Math.min(max, countOf(form) ?? 0)
  return Array.from({ length: count }, (_, index) => {
    const key = form.key.format === 'schema' ? null : bytesOf(form.key, index)
    const byKey = key === null || partitionCount === null || partitionCount === 0 ? null : partitionForKey(key, partitionCount)
    return {
      index,
      key: form.key.format === 'null' ? null : fill(form.key.text, index),
      value: form.value.format === 'null' ? null : fill(form.value.text.slice(0, 400), index),
      partition: form.partition ?? byKey,
    }
  })
}
