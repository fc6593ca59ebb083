/** What stands in the bar over the messages, and the read that it asks for. Pure. */
import type { MessageFilter, ReadRequest } from '../../../shared/model/messages'
import { type FilterChip, filterOf } from './filter-form'
import { parseTime } from './timestamps'

export type StartKind = ReadRequest['start']['kind']

export interface ReadForm {
  start: StartKind
  offset: string
  time: string
  /** Empty: all. */
  partitions: number[]
  limit: number
  /** Read together with the topic. */
  alsoTopics: readonly string[]
  chips: readonly FilterChip[]
  /** null: none. */
  script: string | null
  isLatestPerKey: boolean
  /** From the histogram: read this stretch of time, whatever the start says. */
  range: { readonly fromMs: number; readonly toMs: number } | null
}

export const startKinds: readonly { readonly value: StartKind; readonly label: string }[] = [
  { value: 'live', label: 'Live' },
  { value: 'newest', label: 'Newest' },
  { value: 'oldest', label: 'Beginning' },
  { value: 'offset', label: 'Offset' },
  { value: 'time', label: 'Time' },
]

const limits = [100, 500, 1_000, 10_000, 100_000, 1_000_000]
/** A newest read must put what it found in order of time, so it has to hold it decoded. */
const newestMax = 100_000

export const limitsOf = (start: StartKind): readonly number[] =>
  limits.filter((limit) => start !== 'newest' || limit <= newestMax)

export const emptyForm = (time: string): ReadForm => ({
  start: 'newest',
  offset: '0',
  time,
  partitions: [],
  limit: 500,
  alsoTopics: [],
  chips: [],
  script: null,
  isLatestPerKey: false,
  range: null,
})

export type RequestOrProblem =
  | { readonly ok: true; readonly request: ReadRequest }
  | { readonly ok: false; readonly field: 'offset' | 'time' | 'filter'; readonly message: string }

export function requestOf(topic: string, form: ReadForm, nowMs: number): RequestOrProblem {
  const limit = Math.min(form.limit, form.start === 'newest' ? newestMax : 1_000_000)
  const filters: MessageFilter[] = []
  for (const chip of form.chips) {
    if (chip.isOff) continue
    const made = filterOf(chip, nowMs)
    if (!made.ok) return { ok: false, field: 'filter', message: made.message }
    filters.push(made.filter)
  }
  const common = {
    topic,
    partitions: form.partitions.length === 0 ? null : [...form.partitions].sort((a, b) => a - b),
    limit,
    ...(form.alsoTopics.length === 0 ? {} : { alsoTopics: [...form.alsoTopics] }),
    ...(filters.length === 0 ? {} : { filters }),
    ...(form.script === null ? {} : { script: form.script }),
    ...(form.isLatestPerKey && form.start !== 'live' && form.start !== 'newest' ? { isLatestPerKey: true } : {}),
  }
  if (form.range !== null)
    return { ok: true, request: { ...common, start: { kind: 'time', timestampMs: form.range.fromMs, untilMs: form.range.toMs } } }
  switch (form.start) {
    case 'live':
    case 'oldest':
      return { ok: true, request: { ...common, start: { kind: form.start } } }
    case 'newest':
      return { ok: true, request: { ...common, start: { kind: 'newest', count: limit } } }
    case 'offset': {
      const typed = form.offset.trim().replaceAll(',', '')
      if (!/^\d+$/.test(typed)) return { ok: false, field: 'offset', message: 'An offset is a whole number from 0.' }
      const offset = Number(typed)
      if (!Number.isSafeInteger(offset)) return { ok: false, field: 'offset', message: 'No log has an offset as high as this.' }
      return { ok: true, request: { ...common, start: { kind: 'offset', offset } } }
    }
    case 'time': {
      const time = parseTime(form.time, nowMs)
      if (!time.ok) return { ok: false, field: 'time', message: time.message }
      return { ok: true, request: { ...common, start: { kind: 'time', timestampMs: time.ms } } }
    }
  }
}
