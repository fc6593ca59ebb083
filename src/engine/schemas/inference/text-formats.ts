/** What a text may be beside text: told by its whole form, never by its field's name. Used to suggest, not to decide. */

import { parseDate, parseTime, parseTimestamp } from '../serde/avro/civil-time'
import { parseDecimal } from '../serde/decimal-text'

export type TextFormat =
  | 'uuid'
  | 'date'
  | 'time-millis'
  | 'time-micros'
  | 'timestamp-millis'
  | 'timestamp-micros'
  | 'timestamp-nanos'
  | 'local-timestamp-millis'
  | 'local-timestamp-micros'
  | 'decimal'
  | 'email'
  | 'uri'
  | 'ipv4'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const EMAIL = /^[a-z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+$/i
const URI = /^[a-z][a-z0-9+.-]*:\/\/[^\s"<>\\^`{|}]+$/i
const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/

/** Every format that the text is of; a timestamp of milliseconds is one of micros and nanos as well, and fits both. */
export function textFormatsOf(text: string): readonly TextFormat[] {
  if (text.length < 1 || text.length > 400) return []
  const formats: TextFormat[] = []
  if (UUID.test(text)) formats.push('uuid')
  if (EMAIL.test(text)) formats.push('email')
  if (URI.test(text)) formats.push('uri')
  if (IPV4.test(text)) formats.push('ipv4')
  if (/^-?\d+\.\d+$/.test(text) && parseDecimal(text) !== null) formats.push('decimal')
  if (!/^[+-]?\d/.test(text)) return formats
  if (parseDate(text) !== null) formats.push('date')
  for (const [name, digits] of [
    ['millis', 3],
    ['micros', 6],
    ['nanos', 9],
  ] as const) {
    if (name !== 'nanos' && /^\d{2}:\d{2}:\d{2}/.test(text) && parseTime(text, digits) !== null) formats.push(`time-${name}`)
    if (fitsInLong(parseTimestamp(text, digits, false))) formats.push(`timestamp-${name}`)
    if (name !== 'nanos' && fitsInLong(parseTimestamp(text, digits, true))) formats.push(`local-timestamp-${name}`)
  }
  return formats
}

const fitsInLong = (units: bigint | null): boolean => units !== null && BigInt.asIntN(64, units) === units
