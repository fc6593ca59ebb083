/**
 * ISO 8601 text of Avro's dates and times and back, exact to the last digit for every value of their types: `Date` knows neither microseconds
 * nor the years that 64 bits of milliseconds reach. Years beyond 0000–9999 are written as ISO's expanded form, a sign and six digits or
 * more. Pure; used by logical types and samples.
 */

const DAY_SECONDS = 86_400n

/** Proleptic Gregorian calendar; day 0 is 1970-01-01. Works on any safe integer. */
export function dateText(days: number): string {
  // Years of 400 have 146,097 days; from 0000-03-01 on, the leap day is the last of its year (Hinnant's days-from-civil).
  const shifted = days + 719_468
  const era = Math.floor(shifted / 146_097)
  const dayOfEra = shifted - era * 146_097
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153)
  const day = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  return `${yearText(year)}-${two(month)}-${two(day)}`
}

/** Days since 1970-01-01 of YYYY-MM-DD, or null where the text is no date of the calendar. */
export function parseDate(text: string): number | null {
  const match = /^([+-]\d{6,9}|\d{4})-(\d{2})-(\d{2})$/.exec(text)
  if (match === null) return null
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])]
  if (month < 1 || month > 12 || day < 1 || day > daysOfMonth(year, month)) return null
  const shiftedYear = month <= 2 ? year - 1 : year
  const era = Math.floor(shiftedYear / 400)
  const yearOfEra = shiftedYear - era * 400
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1
  return era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719_468
}

/** Time of day, HH:MM:SS.fff…; null where `units` is no time of a day. */
export function timeText(units: bigint, digits: 3 | 6 | 9): string | null {
  const perSecond = 10n ** BigInt(digits)
  if (units < 0n || units >= DAY_SECONDS * perSecond) return null
  const seconds = Number(units / perSecond)
  const fraction = (units % perSecond).toString().padStart(digits, '0')
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}.${fraction}`
}

/** Units since midnight, or null where it is no time or holds more digits than the type. */
export function parseTime(text: string, digits: 3 | 6 | 9): bigint | null {
  const match = /^(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d+))?)?$/.exec(text)
  if (match === null) return null
  const [hour, minute, second] = [Number(match[1]), Number(match[2]), Number(match[3] ?? '0')]
  const fraction = fractionUnits(match[4] ?? '', digits)
  if (hour > 23 || minute > 59 || second > 59 || fraction === null) return null
  return BigInt(hour * 3600 + minute * 60 + second) * 10n ** BigInt(digits) + fraction
}

/** A point in time, YYYY-MM-DDTHH:MM:SS.fff… with a Z behind it, or without for local ones. */
export function timestampText(units: bigint, digits: 3 | 6 | 9, isLocal: boolean): string {
  const perDay = DAY_SECONDS * 10n ** BigInt(digits)
  let days = units / perDay
  let rest = units % perDay
  if (rest < 0n) {
    rest += perDay
    days -= 1n
  }
  return `${dateText(Number(days))}T${timeText(rest, digits)}${isLocal ? '' : 'Z'}`
}

/**
 * Units since 1970 of an ISO timestamp. With an offset (Z, +02:00) unless local; a local one has none, an offset there or none here is null,
 * as is a fraction with more digits than the type holds. The result may be beyond 64 bits.
 */
export function parseTimestamp(text: string, digits: 3 | 6 | 9, isLocal: boolean): bigint | null {
  const match = /^([^T ]+)[T ]([\d:.]+)(Z|[+-]\d{2}:?\d{2})?$/i.exec(text)
  if (match === null || isLocal !== (match[3] === undefined)) return null
  const days = parseDate(match[1]!)
  const time = parseTime(match[2]!, digits)
  if (days === null || time === null) return null
  const perSecond = 10n ** BigInt(digits)
  return BigInt(days) * DAY_SECONDS * perSecond + time - BigInt(offsetSeconds(match[3] ?? 'Z')) * perSecond
}

function offsetSeconds(offset: string): number {
  if (offset === 'Z' || offset === 'z') return 0
  const digits = offset.slice(1).replace(':', '')
  return (offset[0] === '-' ? -1 : 1) * (Number(digits.slice(0, 2)) * 3600 + Number(digits.slice(2)) * 60)
}

/** Trailing zeros beyond the type's digits lose nothing and pass. */
function fractionUnits(fraction: string, digits: number): bigint | null {
  if (!/^0*$/.test(fraction.slice(digits))) return null
  return BigInt(fraction.slice(0, digits).padEnd(digits, '0') || '0')
}

function daysOfMonth(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}

const two = (value: number): string => (value < 10 ? `0${value}` : String(value))

function yearText(year: number): string {
  if (year >= 0 && year <= 9999) return String(year).padStart(4, '0')
  return `${year < 0 ? '-' : '+'}${String(Math.abs(year)).padStart(6, '0')}`
}
