/** What a text may be beside text: told by its whole form, never by its field's name. Used to suggest, not to decide. */

import { parseDate, parseTime, parseTimestamp } from '../serde/avro/civil-time'
import { fractionDigits } from '../serde/avro/logical-type'
import { parseDecimal } from '../serde/decimal-text'

/** The most telling first: a timestamp of milliseconds is one of micros and nanos as well, and fits all three. */
export const allTextFormats = [
  'uuid',
  'date',
  'time-millis',
  'time-micros',
  'timestamp-millis',
  'timestamp-micros',
  'timestamp-nanos',
  'local-timestamp-millis',
  'local-timestamp-micros',
  'ipv4',
  'email',
  'uri',
  'decimal',
] as const
export type TextFormat = (typeof allTextFormats)[number]

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const EMAIL = /^[a-z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+$/i
const URI = /^[a-z][a-z0-9+.-]*:\/\/[^\s"<>\\^`{|}]+$/i
const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/

/** Whether the whole text is of the format. */
export function isOfFormat(text: string, format: TextFormat): boolean {
  if (text.length < 1 || text.length > 400) return false
  switch (format) {
    case 'uuid':
      return UUID.test(text)
    case 'email':
      return EMAIL.test(text)
    case 'uri':
      return URI.test(text)
    case 'ipv4':
      return IPV4.test(text)
    case 'decimal':
      return /^-?\d+\.\d+$/.test(text) && parseDecimal(text) !== null
    case 'date':
      return parseDate(text) !== null
    case 'time-millis':
    case 'time-micros':
      return /^\d{2}:\d{2}:\d{2}/.test(text) && parseTime(text, fractionDigits(format)) !== null
    default:
      // Cheap to tell from all other text, and reading one is not.
      return /^[+-]?\d{4,}-/.test(text) && fitsInLong(parseTimestamp(text, fractionDigits(format), format.startsWith('local-')))
  }
}

const fitsInLong = (units: bigint | null): boolean => units !== null && BigInt.asIntN(64, units) === units
