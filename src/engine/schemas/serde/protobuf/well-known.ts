/**
 * Google's well-known types, which have JSON forms of their own (Protobuf's "ProtoJSON" mapping): Timestamp, Duration, FieldMask, Struct, Value,
 * ListValue, the wrappers, and Any. Decoder and encoder treat them as plain messages and come here for the step between; what has no special form
 * (a timestamp beyond year 9999) is shown and taken as the plain message.
 */
import { parseTimestamp, timestampText } from '../avro/civil-time'
import { excerpt, isJsonArray, isJsonObject, JsonNumber, type JsonObject, type JsonValue } from '../json-value'
import { SerdeError } from '../serde-error'

const PREFIX = 'google.protobuf.'
const WRAPPERS = new Set([
  'DoubleValue',
  'FloatValue',
  'Int64Value',
  'UInt64Value',
  'Int32Value',
  'UInt32Value',
  'BoolValue',
  'StringValue',
  'BytesValue',
])
const SECOND = 1_000_000_000n
const FIRST_SECOND = -62_135_596_800n
const LAST_SECOND = 253_402_300_799n
const DURATION_MAX = 315_576_000_000n

/** Whether the JSON of a message is no object of its fields, so that within Any it stands under "value". */
export const hasOwnForm = (name: string): boolean =>
  name.startsWith(PREFIX) &&
  (WRAPPERS.has(name.slice(PREFIX.length)) || /\.(?:Timestamp|Duration|FieldMask|Struct|Value|ListValue|Any)$/.test(name))

/** The JSON text of a message from that of its fields. `decodeAny` decodes a message by its full name, null where that is not known. */
export function wellKnownText(name: string, plain: string, decodeAny: (name: string, bytes: Buffer) => string | null): string {
  if (!name.startsWith(PREFIX)) return plain
  const type = name.slice(PREFIX.length)
  if (WRAPPERS.has(type) || type === 'Struct' || type === 'ListValue') return plain.slice(plain.indexOf(':') + 1, -1)
  switch (type) {
    case 'Value':
      return plain === '{}' ? 'null' : plain.slice(plain.indexOf(':') + 1, -1)
    case 'Timestamp':
    case 'Duration': {
      const { seconds, nanos } = JSON.parse(plain) as { seconds: string; nanos: number }
      return (type === 'Timestamp' ? timestampJson(BigInt(seconds), nanos) : durationJson(BigInt(seconds), nanos)) ?? plain
    }
    case 'FieldMask': {
      const { paths } = JSON.parse(plain) as { paths: readonly string[] }
      return JSON.stringify(
        paths.map((path) => path.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())).join(','),
      )
    }
    case 'Any':
      return anyText(plain, decodeAny)
    default:
      return plain
  }
}

/** The fields of a message from its JSON. `encodeAny` encodes a message by full name. Throws SerdeError. */
export function wellKnownFields(name: string, json: JsonValue, encodeAny: (name: string, json: JsonValue) => Buffer): JsonValue {
  if (!name.startsWith(PREFIX)) return json
  const type = name.slice(PREFIX.length)
  if (WRAPPERS.has(type)) return new Map([['value', json]])
  switch (type) {
    case 'Struct':
      return isJsonObject(json) ? new Map([['fields', json]]) : refuse(json, 'is no object')
    case 'ListValue':
      return isJsonArray(json) ? new Map([['values', json]]) : refuse(json, 'is no list')
    case 'Value':
      return new Map([[valueField(json), json]])
    case 'Timestamp':
      return typeof json === 'string' ? timestampFields(json) : json
    case 'Duration':
      return typeof json === 'string' ? durationFields(json) : json
    case 'FieldMask': {
      if (typeof json !== 'string') return json
      const paths =
        json === '' ? [] : json.split(',').map((path) => path.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`))
      return new Map([['paths', paths]])
    }
    case 'Any':
      return isJsonObject(json) ? anyFields(json, encodeAny) : refuse(json, 'is no object')
    default:
      return json
  }
}

function valueField(json: JsonValue): string {
  if (json === null) return 'nullValue'
  if (typeof json === 'boolean') return 'boolValue'
  if (typeof json === 'string') return 'stringValue'
  if (json instanceof JsonNumber) return 'numberValue'
  return isJsonArray(json) ? 'listValue' : 'structValue'
}

/** With as few groups of three digits as hold it; null outside of years 1 to 9999. */
function timestampJson(seconds: bigint, nanos: number): string | null {
  if (seconds < FIRST_SECOND || seconds > LAST_SECOND || nanos < 0 || nanos > 999_999_999) return null
  const text = timestampText(seconds * SECOND + BigInt(nanos), 9, true)
  return `"${text.slice(0, 19)}${fraction(nanos)}Z"`
}

function timestampFields(text: string): JsonObject {
  const units = parseTimestamp(text, 9, false)
  if (units === null) return refuse(text, 'is no timestamp such as 2024-01-31T12:34:56.789Z')
  const nanos = ((units % SECOND) + SECOND) % SECOND
  const seconds = (units - nanos) / SECOND
  if (seconds < FIRST_SECOND || seconds > LAST_SECOND) return refuse(text, 'is outside of the years 1 to 9999')
  return new Map([
    ['seconds', new JsonNumber(String(seconds))],
    ['nanos', new JsonNumber(String(nanos))],
  ])
}

function durationJson(seconds: bigint, nanos: number): string | null {
  const isMixed = (seconds > 0n && nanos < 0) || (seconds < 0n && nanos > 0)
  if (isMixed || seconds > DURATION_MAX || seconds < -DURATION_MAX || Math.abs(nanos) > 999_999_999) return null
  const sign = seconds < 0n || nanos < 0 ? '-' : ''
  return `"${sign}${seconds < 0n ? -seconds : seconds}${fraction(Math.abs(nanos))}s"`
}

function durationFields(text: string): JsonObject {
  const match = /^(-?)(\d{1,12})(?:\.(\d{1,9}))?s$/.exec(text)
  if (match === null || BigInt(match[2]!) > DURATION_MAX) return refuse(text, 'is no duration such as 1.5s')
  const sign = match[1]!
  const nanos = Number((match[3] ?? '').padEnd(9, '0'))
  return new Map([
    ['seconds', new JsonNumber(sign + match[2]!.replace(/^0+(?=\d)/, ''))],
    ['nanos', new JsonNumber(nanos === 0 ? '0' : sign + nanos)],
  ])
}

function fraction(nanos: number): string {
  if (nanos === 0) return ''
  const digits = String(nanos).padStart(9, '0')
  return `.${digits.replace(/(?:000){1,2}$/, '')}`
}

/** A type that the schema does not know is shown as the message that Any is, with its bytes. */
function anyText(plain: string, decodeAny: (name: string, bytes: Buffer) => string | null): string {
  const { typeUrl, value } = JSON.parse(plain) as { typeUrl: string; value: string }
  const name = typeUrl.slice(typeUrl.lastIndexOf('/') + 1)
  const json = name === '' ? null : decodeAny(name, Buffer.from(value, 'base64'))
  if (json === null) return plain
  const type = `{"@type":${JSON.stringify(typeUrl)}`
  if (hasOwnForm(name)) return `${type},"value":${json}}`
  return json === '{}' ? `${type}}` : `${type},${json.slice(1)}`
}

function anyFields(json: JsonObject, encodeAny: (name: string, json: JsonValue) => Buffer): JsonValue {
  const typeUrl = json.get('@type')
  if (typeof typeUrl !== 'string') return json.has('typeUrl') || json.size === 0 ? json : refuse(json, "has no '@type'")
  const name = typeUrl.slice(typeUrl.lastIndexOf('/') + 1)
  const inner = hasOwnForm(name) ? (json.get('value') ?? null) : new Map([...json].filter(([key]) => key !== '@type'))
  return new Map([
    ['typeUrl', typeUrl],
    ['value', encodeAny(name, inner).toString('base64')],
  ])
}

function refuse(json: JsonValue, why: string): never {
  throw new SerdeError(`${excerpt(json)} ${why}`, excerpt(json))
}

/** For types whose JSON may be null although they are there. */
export const takesNull = (name: string): boolean => name === `${PREFIX}Value`
