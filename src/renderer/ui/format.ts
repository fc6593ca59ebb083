/** How values are written everywhere (INTERFACE section 8): exact, unabridged, with units. Knows neither Kafka nor the page. */
import { zoned } from './time-zone'

const counts = new Intl.NumberFormat('en-US')

/** `12,480`; never `1.2k`. */
export const formatCount = (value: number): string => counts.format(value)

/** Sign always, U+2212 for minus: `+5`, `−2,303`. */
export const formatChange = (value: number): string => (value < 0 ? `−${counts.format(-value)}` : `+${counts.format(value)}`)

const binaryUnits = ['KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const

/** Exact under 1 KiB, else three significant digits in binary units. */
export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${Math.round(bytes)} B`
  let value = bytes / 1024
  let unit = 0
  while (value >= 999.5 && unit < binaryUnits.length - 1) {
    value /= 1024
    unit++
  }
  return `${threeSignificant(value)} ${binaryUnits[unit]}`
}

/** On the wire: decimal units a second, as network tools count. */
export function formatByteRate(bytesPerSecond: number): string {
  if (bytesPerSecond < 1000) return `${Math.round(bytesPerSecond)} B/s`
  if (bytesPerSecond < 999_500) return `${threeSignificant(bytesPerSecond / 1000)} kB/s`
  return `${threeSignificant(bytesPerSecond / 1e6)} MB/s`
}

export const formatRate = (perSecond: number): string =>
  perSecond > 0 && perSecond < 10 ? `${perSecond.toFixed(1)}/s` : `${counts.format(Math.round(perSecond))}/s`

function threeSignificant(value: number): string {
  if (value >= 99.95) return counts.format(Math.round(value))
  if (value >= 9.995) return value.toFixed(1)
  return value.toFixed(2)
}

/** Two units at most: `41 s`, `2 h 14 min`, `3 d 2 h`. */
export function formatAge(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return minutes < 10 && seconds % 60 > 0 ? `${minutes} min ${seconds % 60} s` : `${minutes} min`
  const hours = Math.floor(minutes / 60)
  if (hours < 24) return `${hours} h ${String(minutes % 60).padStart(2, '0')} min`
  return `${Math.floor(hours / 24)} d ${hours % 24} h`
}

/** Three significant below 1 s, milliseconds to three places above: `0.42 ms`, `61 ms`, `1.543 s`. */
export function formatDuration(ms: number): string {
  if (ms >= 1000) return `${(ms / 1000).toFixed(3)} s`
  if (ms >= 100 || Number.isInteger(ms)) return `${Math.round(ms)} ms`
  return `${Number(ms.toPrecision(3))} ms`
}

const two = (value: number): string => String(value).padStart(2, '0')

/** `14:32:07.418`, in the window's zone. */
export function formatTime(ms: number): string {
  const { clock } = zoned(ms)
  return `${two(clock.getUTCHours())}:${two(clock.getUTCMinutes())}:${two(clock.getUTCSeconds())}.${String(clock.getUTCMilliseconds()).padStart(3, '0')}`
}

/** `2026-11-23 14:32:07.418 +02:00`. A value outside of what dates can hold is returned as it is. */
export function formatTimestamp(ms: number): string {
  if (Number.isNaN(new Date(ms).getTime())) return String(ms)
  const { clock } = zoned(ms)
  return `${clock.getUTCFullYear()}-${two(clock.getUTCMonth() + 1)}-${two(clock.getUTCDate())} ${formatTime(ms)} ${formatZone(new Date(ms))}`
}

/** `+02:00`. */
export function formatZone(date: Date = new Date()): string {
  const { offsetMinutes: offset } = zoned(date.getTime())
  return `${offset < 0 ? '−' : '+'}${two(Math.floor(Math.abs(offset) / 60))}:${two(Math.abs(offset) % 60)}`
}

/** Cut in the middle, the first five and the last four characters at least: `cus_8hk2q…9f1d`. */
export function cutMiddle(text: string, length: number): string {
  if (text.length <= length) return text
  const tail = Math.max(4, Math.floor((length - 1) / 3))
  const head = Math.max(5, length - 1 - tail)
  return head + tail + 1 >= text.length ? text : `${text.slice(0, head)}…${text.slice(-tail)}`
}

/** `1 partition`, `3 partitions`. */
export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${formatCount(count)} ${count === 1 ? one : many}`
