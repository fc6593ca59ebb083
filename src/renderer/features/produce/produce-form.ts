/** A message being written: its form, what is wrong in it and where, and what will be sent. Pure; what templates become is the worker's to say. */
import type { CallResults } from '../../../shared/ipc/contract'
import { encodeScalar } from '../../../shared/lang/scalars'
import { hasTemplate, parseTemplate, templateFunctions, withStandIns } from '../../../shared/lang/template'
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
  /** As typed; empty: now. All that is typed stays as it is typed. */
  timestamp: string
  acks: Acks
  isIdempotent: boolean
  compression: ProduceRequestInput['compression']
  /** Empty: the producer's own. */
  lingerMs: string
  batchBytes: string
  /** Empty: no transactions. */
  transactionalId: string
  transactionSize: string
  abortPercent: string
  count: string
  /** Until stopped, whatever the count says. */
  isEndless: boolean
  /** A second; empty: as fast as they are taken. */
  rate: string
  /** A time; empty: at once. */
  startAt: string
  /** Seconds from one round to the next; empty: one round. */
  repeatSeconds: string
  seed: string
  /** Empty: a key is made for each message. */
  keyCount: string
  keySkew: 'even' | 'zipf'
}

export const countMax = 1_000_000
type FormatOption<Format> = { readonly value: Format; readonly label: string }
/** Those in sight; the others stand in a menu beside. */
export const mainFormats: readonly FormatOption<PayloadFormat>[] = [
  { value: 'text', label: 'text' },
  { value: 'json', label: 'JSON' },
  { value: 'schema', label: 'Schema' },
  { value: 'null', label: 'null' },
]
export const otherFormats: readonly FormatOption<PlainPayloadFormat>[] = [
  { value: 'int32', label: 'int32' },
  { value: 'int64', label: 'int64' },
  { value: 'float', label: 'float' },
  { value: 'double', label: 'double' },
  { value: 'uuid', label: 'UUID' },
  { value: 'hex', label: 'hex' },
  { value: 'base64', label: 'base64' },
  { value: 'empty', label: 'empty' },
]
/** Of headers. */
export const formats: readonly FormatOption<PlainPayloadFormat>[] = [
  { value: 'text', label: 'text' },
  { value: 'json', label: 'JSON' },
  ...otherFormats,
  { value: 'null', label: 'null' },
]
export const compressions = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const
export const hasNoText = (format: PayloadFormat): boolean => format === 'null' || format === 'empty'

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
    ...usualDelivery,
  }
}

/** Of a form that says nothing else; what an older version kept has it filled in. */
export const usualDelivery = {
  isIdempotent: true,
  compression: 'none',
  lingerMs: '',
  batchBytes: '',
  transactionalId: '',
  transactionSize: '100',
  abortPercent: '0',
  count: '1',
  isEndless: false,
  rate: '',
  startAt: '',
  repeatSeconds: '',
  seed: '1',
  keyCount: '',
  keySkew: 'even',
} as const satisfies Partial<ProduceForm>

/**
 * A record to be changed and sent again. Its bytes come back exactly: what a field would change stands as hex, and braces that would be filled
 * in are said to be braces. `decoded`: what its schemas made of it; such a payload is edited as JSON and written with the same version again.
 */
export function fromRecord(record: MessageDetail, decoded: CallResults['schemas.decode'] | null = null): ProduceForm {
  return {
    ...blankForm(record.topic),
    partition: record.partition,
    key: withSchema(decoded?.key, (json) => json.replace(/\s*\n\s*/g, ' ')) ?? literal(toInput(record.keyBytes, 'line')),
    value: withSchema(decoded?.value, prettyJson) ?? literal(toInput(record.valueBytes, 'editor')),
    headers: record.headers.map((header, id) => ({ id, key: header.key, value: literal(toInput(header.value, 'line')) })),
  }
}

function literal(input: PayloadInput): PayloadInput {
  return { ...input, text: input.text.replaceAll('{{', '{{open}}') }
}

function withSchema(seen: DecodedPayload | undefined, write: (json: string) => string): PayloadInput | null {
  if (seen?.kind !== 'decoded' || seen.subject === null || seen.version === null) return null
  return { format: 'schema', text: write(seen.json).replaceAll('{{', '{{open}}'), subject: seen.subject, version: seen.version }
}

/** What was sent or saved once, to be changed and sent again. */
export function fromRequest(request: ProduceRequestInput): ProduceForm {
  const { transaction, keys, pace } = request
  const typed = (number: number | null | undefined): string => (number === null || number === undefined ? '' : String(number))
  return {
    topic: request.topic,
    partition: request.partition,
    key: { ...request.key },
    value: { ...request.value },
    headers: request.headers.map((header, id) => ({ id, key: header.key, value: { ...header.value } })),
    timestamp: request.timestamp ?? '',
    acks: request.acks,
    isIdempotent: request.isIdempotent ?? request.acks === -1,
    compression: request.compression,
    lingerMs: typed(request.lingerMs),
    batchBytes: typed(request.batchBytes),
    transactionalId: transaction?.transactionalId ?? '',
    transactionSize: typed(transaction?.recordsPerTransaction ?? 100),
    abortPercent: typed(transaction?.abortPercent ?? 0),
    count: typed(request.count ?? 1),
    isEndless: request.count === null,
    rate: typed(pace?.perSecond),
    startAt: pace?.startAtMs ? new Date(pace.startAtMs).toISOString() : '',
    repeatSeconds: pace?.repeatEveryMs ? String(pace.repeatEveryMs / 1_000) : '',
    seed: typed(request.seed ?? 1),
    keyCount: typed(keys?.count),
    keySkew: keys?.skew ?? 'even',
  }
}

/** Whether there is anything in it that would be missed. */
export const hasContent = (form: ProduceForm): boolean =>
  form.key.text !== '' || form.value.text !== '' || form.headers.length > 0

export const hasPlaceholder = (form: ProduceForm): boolean =>
  [form.key, form.value, ...form.headers.map((header) => header.value)].some((input) => hasTemplate(input.text))

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

const functionNames = new Set(templateFunctions.map(({ usage }) => usage.split(' ')[0]))

/** What the first message's payload would be refused for; null if nothing. What templates become is checked where they are filled in. */
export function payloadProblem({ format, text }: PayloadInput): PayloadProblem | null {
  if (hasNoText(format)) return null
  const { problem, expressions } = hasTemplate(text) ? parseTemplate(text) : { problem: null, expressions: [] }
  if (problem !== null) return problemAt(text, problem.from, problem.message, problem.to)
  const unknown = expressions.find(({ name }) => !functionNames.has(name) && !name.startsWith('faker.'))
  if (unknown !== undefined)
    return problemAt(
      text,
      unknown.from,
      `There is no function ${unknown.name}. Write {{open}} where braces themselves are meant.`,
      unknown.to,
    )
  // Digits as long as a template stand for it, so that positions stay those of the text.
  const typed = withStandIns(text)
  if (format === 'json' || format === 'schema') {
    const found = checkJson(typed)
    if (found === null) return null
    const [from, to] = [found.position, Math.min(found.end, found.position + 24)]
    return { ...found, message: `${found.message.replace(typed.slice(from, to), text.slice(from, to))}.` }
  }
  if (format === 'int32' || format === 'int64' || format === 'float' || format === 'double' || format === 'uuid') {
    if (expressions.length > 0) return null
    const encoded = encodeScalar(format, text)
    return encoded.ok ? null : problemAt(text, 0, `This ${encoded.problem}.`, text.length)
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
  readonly lingerMs: string | null
  readonly batchBytes: string | null
  readonly transaction: string | null
  readonly rate: string | null
  readonly startAt: string | null
  readonly repeatSeconds: string | null
  readonly seed: string | null
  readonly keyCount: string | null
}

export function checkForm(form: ProduceForm, partitionCount: number | null, nowMs: number): FormProblems {
  const time = form.timestamp.trim() === '' ? null : parseTimestamp(form.timestamp, nowMs)
  const start = form.startAt.trim() === '' ? null : parseTime(form.startAt.trim(), nowMs)
  const isTransactional = form.transactionalId.trim() !== ''
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
    count: form.isEndless || countOf(form) !== null ? null : `A whole number from 1 to 1,000,000.`,
    lingerMs: numberProblem(form.lingerMs, 0, 60_000, true),
    batchBytes: numberProblem(form.batchBytes, 1_024, 10_485_760, true),
    transaction: !isTransactional
      ? null
      : form.acks !== -1
        ? 'Transactions are written with acks all.'
        : (numberProblem(form.transactionSize || '-', 1, 10_000, true) ?? numberProblem(form.abortPercent || '-', 0, 100, false)),
    rate: numberProblem(form.rate, 0.001, 1_000_000, false),
    startAt: start === null || start.ok ? null : start.message,
    repeatSeconds:
      form.repeatSeconds.trim() !== '' && form.isEndless
        ? 'What goes on until it is stopped has no second round.'
        : numberProblem(form.repeatSeconds, 0.1, 604_800, false),
    seed: numberProblem(form.seed || '-', 0, Number.MAX_SAFE_INTEGER, true),
    keyCount: numberProblem(form.keyCount, 1, 1_000_000, true),
  }
}

/** Empty is well. */
function numberProblem(text: string, min: number, max: number, isWhole: boolean): string | null {
  const typed = text.replaceAll(',', '').trim()
  if (typed === '') return null
  const number = Number(typed)
  const isNumber = (isWhole ? /^\d{1,16}$/ : /^\d{1,16}(\.\d+)?$/).test(typed)
  const words = (each: number): string =>
    each > 9_999 && each < Number.MAX_SAFE_INTEGER ? each.toLocaleString('en') : String(each)
  return isNumber && number >= min && number <= max
    ? null
    : `A${isWhole ? ' whole' : ''} number from ${words(min)} to ${words(max)}.`
}

const numberOf = (text: string): number | null => {
  const typed = text.replaceAll(',', '').trim()
  return typed === '' ? null : Number(typed)
}

export const problemCount = (problems: FormProblems): number =>
  Object.values(problems)
    .flat()
    .filter((problem) => problem !== null).length

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
  const count = form.isEndless ? null : countOf(form)
  const time = form.timestamp.trim() === '' ? null : parseTimestamp(form.timestamp, nowMs)
  const start = form.startAt.trim() === '' ? null : parseTime(form.startAt.trim(), nowMs)
  const numbers = [form.rate, form.repeatSeconds, form.keyCount, form.lingerMs, form.batchBytes, form.seed].map(numberOf)
  if ((count === null && !form.isEndless) || (time !== null && !time.ok) || (start !== null && !start.ok)) return null
  if (numbers.some((number) => number !== null && !Number.isFinite(number))) return null
  const [perSecond, repeatSeconds, keyCount, lingerMs, batchBytes, seed] = numbers as (number | null)[]
  const isPaced = perSecond != null || start !== null || repeatSeconds != null
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
    isIdempotent: form.isIdempotent && form.acks === -1,
    seed: seed ?? 1,
    ...(lingerMs == null ? {} : { lingerMs }),
    ...(batchBytes == null ? {} : { batchBytes }),
    ...(form.transactionalId.trim() === ''
      ? {}
      : {
          transaction: {
            transactionalId: form.transactionalId.trim(),
            recordsPerTransaction: numberOf(form.transactionSize) ?? 100,
            abortPercent: numberOf(form.abortPercent) ?? 0,
          },
        }),
    ...(keyCount == null ? {} : { keys: { count: keyCount, skew: form.keySkew } }),
    ...(isPaced
      ? {
          pace: {
            perSecond: perSecond ?? null,
            startAtMs: start?.ms ?? null,
            repeatEveryMs: repeatSeconds == null ? null : Math.round(repeatSeconds * 1_000),
          },
        }
      : {}),
  }
}

// ---- what it will be

/** The bytes of a payload that has no problem and no templates; null for null, and for what a schema makes. */
export function bytesOf({ format, text }: PayloadInput): Uint8Array | null {
  switch (format) {
    case 'null':
    case 'schema':
      return null
    case 'empty':
      return new Uint8Array(0)
    case 'hex':
      return Uint8Array.from(text.match(/[0-9a-f]{2}/gi) ?? [], (pair) => Number.parseInt(pair, 16))
    case 'base64': {
      const compact = text.replace(/\s+/g, '').replaceAll('-', '+').replaceAll('_', '/')
      return Uint8Array.from(atob(compact), (character) => character.charCodeAt(0))
    }
    case 'text':
    case 'json':
      return new TextEncoder().encode(text)
    default: {
      const encoded = encodeScalar(format, text)
      return encoded.ok ? encoded.bytes : null
    }
  }
}

/** How many bytes it will be; null where templates or a schema decide, where it is null, or wrong. */
export const sizeOf = (input: PayloadInput): number | null =>
  hasTemplate(input.text) || payloadProblem(input) !== null ? null : (bytesOf(input)?.length ?? null)
