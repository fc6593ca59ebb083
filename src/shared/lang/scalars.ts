/**
 * Numbers and UUIDs as Kafka's own serializers write them (org.apache.kafka.common.serialization): big-endian integers and IEEE 754, a UUID
 * as its text. Used where messages are sent and where the window says beforehand what is wrong. Pure; no 64-bit value passes through a double.
 */

export type ScalarFormat = 'int32' | 'int64' | 'float' | 'double' | 'uuid'

export type ScalarResult = { readonly ok: true; readonly bytes: Uint8Array } | { readonly ok: false; readonly problem: string }

const ranges = {
  int32: { bits: 32, words: '-2147483648 to 2147483647' },
  int64: { bits: 64, words: '-9223372036854775808 to 9223372036854775807' },
} as const

/** The problem is the end of a sentence: 'is not an int32: …'. */
export function encodeScalar(format: ScalarFormat, text: string): ScalarResult {
  const typed = text.trim()
  if (format === 'uuid') {
    const isUuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(typed)
    if (!isUuid) return wrong('is not a UUID: 32 hex digits as 8-4-4-4-12 are wanted')
    return { ok: true, bytes: new TextEncoder().encode(typed.toLowerCase()) }
  }
  if (format === 'int32' || format === 'int64') {
    const { bits, words } = ranges[format]
    if (!/^[+-]?\d+$/.test(typed)) return wrong(`is not an ${format}: a whole number from ${words} is wanted`)
    const number = BigInt(typed.replace(/^\+/, ''))
    if (BigInt.asIntN(bits, number) !== number) return wrong(`does not fit into an ${format}: ${words}`)
    const view = new DataView(new ArrayBuffer(bits / 8))
    if (format === 'int32') view.setInt32(0, Number(number))
    else view.setBigInt64(0, number)
    return { ok: true, bytes: new Uint8Array(view.buffer) }
  }
  const number = numberOf(typed)
  if (number === null) return wrong(`is not a ${format}: a number such as 12.5, 1e-3, NaN or Infinity is wanted`)
  const view = new DataView(new ArrayBuffer(format === 'float' ? 4 : 8))
  if (format === 'float') view.setFloat32(0, number)
  else view.setFloat64(0, number)
  return { ok: true, bytes: new Uint8Array(view.buffer) }
}

function numberOf(typed: string): number | null {
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(typed)) return Number(typed)
  const named = /^([+-]?)(NaN|Infinity)$/.exec(typed)
  return named === null ? null : named[2] === 'NaN' ? Number.NaN : named[1] === '-' ? -Infinity : Infinity
}

const wrong = (problem: string): ScalarResult => ({ ok: false, problem })
