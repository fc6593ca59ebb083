/** Where the time axis is cut, and what stands there: on whole seconds, minutes, hours and days of the window's zone. Pure. */
import { formatTime, formatTimestamp, formatZone } from '../format'

const second = 1000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour
const steps = [
  100,
  200,
  500,
  second,
  2 * second,
  5 * second,
  10 * second,
  15 * second,
  30 * second,
  minute,
  2 * minute,
  5 * minute,
  10 * minute,
  15 * minute,
  30 * minute,
  hour,
  2 * hour,
  3 * hour,
  6 * hour,
  12 * hour,
  day,
  2 * day,
  7 * day,
]

/** What the window's zone is ahead of UTC at a moment: format.ts decides which zone that is. */
export function zoneOffsetMs(atMs: number): number {
  const found = /([+−-])(\d{2}):(\d{2})/.exec(formatZone(new Date(atMs)))
  if (!found) return 0
  const minutes = Number(found[2]) * 60 + Number(found[3])
  return (found[1] === '+' ? minutes : -minutes) * minute
}

export interface TimeTicks {
  readonly atMs: readonly number[]
  readonly labels: readonly string[]
}

/** At most `countMax` cuts between two moments. The day stands at its first cut only; there is one always, at whole days. */
export function timeTicks(fromMs: number, toMs: number, countMax: number): TimeTicks {
  const span = Math.max(1, toMs - fromMs)
  const step = steps.find((each) => span / each <= Math.max(1, countMax)) ?? Math.ceil(span / Math.max(1, countMax) / day) * day
  const atMs: number[] = []
  const labels: string[] = []
  // Aligned to the zone's own midnight. A change of the offset within the window moves the cuts by whole hours, which stays on whole steps.
  const offset = zoneOffsetMs(fromMs)
  for (let at = Math.ceil((fromMs + offset) / step) * step - offset; at <= toMs; at += step) {
    atMs.push(at)
    labels.push(label(at, step))
  }
  return { atMs, labels }
}

function label(atMs: number, step: number): string {
  const time = formatTime(atMs)
  if (step >= day || time === '00:00:00.000') return formatTimestamp(atMs).slice(5, 10)
  if (step < second) return time.slice(3, 10)
  return time.slice(0, step < minute ? 8 : 5)
}
