/** Record timestamps, which may be any int64 and so travel as decimal text: written as time, and read from what a person types. */
import { formatTime, formatTimestamp, momentOfClock, zoned } from '../../ui'

/** What a Date can hold, ms. */
const dateMax = 8_640_000_000_000_000

/** null where no date stands for it: -1 (none given) and whatever is beyond dates. */
function toDateMs(timestamp: string): number | null {
  if (timestamp === '-1' || timestamp.length > 17) return null
  const ms = Number(timestamp)
  return Number.isSafeInteger(ms) && Math.abs(ms) <= dateMax ? ms : null
}

const two = (value: number): string => String(value).padStart(2, '0')

/** `2026-11-23` in the window's zone; null where there is no date. */
export function dayOf(timestamp: string): string | null {
  const ms = toDateMs(timestamp)
  if (ms === null) return null
  const { clock } = zoned(ms)
  return `${clock.getUTCFullYear()}-${two(clock.getUTCMonth() + 1)}-${two(clock.getUTCDate())}`
}

/** `14:32:07.418`, with its date in front where the rows are not of one day. What is no date is shown as the number it is. */
export function rowTimestamp(timestamp: string, withDate: boolean): string {
  const ms = toDateMs(timestamp)
  if (ms === null) return timestamp === '-1' ? '–' : timestamp
  return withDate ? `${dayOf(timestamp)} ${formatTime(ms)}` : formatTime(ms)
}

/** `2026-11-23 14:32:07.418 +02:00`. */
export function wholeTimestamp(timestamp: string): string {
  const ms = toDateMs(timestamp)
  if (ms === null) return timestamp === '-1' ? 'none (-1)' : `${timestamp} ms, beyond what a date can be`
  return formatTimestamp(ms)
}

/** `2026-11-23 14:32:07.418`, as the field for a time has it. */
export const timeInput = (ms: number): string => `${dayOf(String(ms))} ${formatTime(ms)}`

export type ParsedTime = { readonly ok: true; readonly ms: number } | { readonly ok: false; readonly message: string }

const pattern = /^(?:(\d{4})-(\d{2})-(\d{2})[ T])?(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,3}))?)?\s*(Z|[+\-−]\d{2}:?\d{2})?$/

/** A date and time (today where only a time is given, the window's zone where none is), or milliseconds since the epoch. */
export function parseTime(text: string, nowMs: number): ParsedTime {
  const typed = text.trim()
  if (/^-?\d{5,16}$/.test(typed)) return { ok: true, ms: Number(typed) }
  const found = pattern.exec(typed)
  if (!found) return { ok: false, message: 'Write a time as 2026-11-23 14:32:07.418, as 14:32, or in ms since 1970.' }
  const [, year, month, day, hour, minute, second, fraction, zone] = found
  const today = zoned(nowMs).clock
  const parts = [
    year === undefined ? today.getUTCFullYear() : Number(year),
    month === undefined ? today.getUTCMonth() : Number(month) - 1,
    day === undefined ? today.getUTCDate() : Number(day),
    Number(hour),
    Number(minute),
    Number(second ?? 0),
    Number((fraction ?? '').padEnd(3, '0')),
  ] as const
  const utc = Date.UTC(...parts)
  const back = new Date(utc)
  const isReal =
    back.getUTCMonth() === parts[1] &&
    back.getUTCDate() === parts[2] &&
    back.getUTCHours() === parts[3] &&
    back.getUTCMinutes() === parts[4] &&
    parts[5] < 60
  if (!isReal) return { ok: false, message: `There is no ${typed}.` }
  if (zone === undefined) return { ok: true, ms: momentOfClock(utc) }
  if (zone === 'Z') return { ok: true, ms: utc }
  const digits = zone.replace(/[^\d]/g, '')
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2))
  return { ok: true, ms: utc - (zone.startsWith('+') ? 1 : -1) * minutes * 60_000 }
}
