/**
 * In which zone times are written. A Date whose local fields are those of the chosen zone is what the formatters read; reading it inside a
 * component follows a change of the zone.
 */
import { ref } from 'vue'

/** An IANA name; null: the system's. */
const zone = ref<string | null>(null)
let formatter: Intl.DateTimeFormat | null = null
/** Minutes east of UTC, by the quarter of an hour: no zone changes within one. */
let offsets = new Map<number, number>()
const quarterMs = 900_000
const offsetsMax = 5_000

/** A name that the page does not know counts as the system's. */
export function setTimeZone(name: string | null): void {
  formatter = null
  offsets = new Map()
  try {
    if (name !== null)
      formatter = new Intl.DateTimeFormat('en-US', {
        timeZone: name,
        hourCycle: 'h23',
        year: 'numeric',
        month: '2-digit',
        day: '2-digit',
        hour: '2-digit',
        minute: '2-digit',
        second: '2-digit',
        era: 'short',
      })
    zone.value = name
  } catch {
    zone.value = null
  }
}

/** Minutes east of UTC at that moment, in the chosen zone. */
export function zoneOffset(ms: number): number {
  if (zone.value === null || !formatter) return -new Date(ms).getTimezoneOffset()
  const quarter = Math.floor(ms / quarterMs)
  const known = offsets.get(quarter)
  if (known !== undefined) return known
  const parts = new Map(formatter.formatToParts(ms).map(({ type, value }) => [type, value]))
  const part = (type: Intl.DateTimeFormatPartTypes): number => Number(parts.get(type))
  const year = parts.get('era') === 'BC' ? 1 - part('year') : part('year')
  const asUtc = new Date(0)
  asUtc.setUTCFullYear(year, part('month') - 1, part('day'))
  asUtc.setUTCHours(part('hour'), part('minute'), part('second'))
  const offset = Math.round((asUtc.getTime() - Math.floor(ms / 1000) * 1000) / 60_000)
  if (offsets.size > offsetsMax) offsets = new Map()
  offsets.set(quarter, offset)
  return offset
}

/**
 * The moment at which the clock in the chosen zone shows what the UTC fields of `clockMs` say. Of an hour that a change of summer time skips, the one
 * after it; of one that it repeats, the system's zone gives the first and others the second.
 */
export function momentOfClock(clockMs: number): number {
  const clock = new Date(clockMs)
  if (zone.value === null)
    return new Date(
      clock.getUTCFullYear(),
      clock.getUTCMonth(),
      clock.getUTCDate(),
      clock.getUTCHours(),
      clock.getUTCMinutes(),
      clock.getUTCSeconds(),
      clock.getUTCMilliseconds(),
    ).getTime()
  const near = clockMs - zoneOffset(clockMs) * 60_000
  return clockMs - zoneOffset(near) * 60_000
}

/** The moment as a Date whose UTC fields are those of the clock in the chosen zone, and how far that zone is from UTC, in minutes. */
export function zoned(ms: number): { readonly clock: Date; readonly offsetMinutes: number } {
  const offsetMinutes = zoneOffset(ms)
  return { clock: new Date(ms + offsetMinutes * 60_000), offsetMinutes }
}
