/** Decimal numbers as text and as digits with a scale, by BigInt. Used wherever a number must not pass through a double. */

/** `unscaled` · 10^-`scale`; scale may be negative for texts such as 1e5. */
export interface Decimal {
  readonly unscaled: bigint
  readonly scale: number
}

/** Exponents beyond this are refused, so that 1e999999999 does not become a gigabyte of zeros. */
const exponentMax = 10_000

/** Reads a JSON number's text, also with a leading plus. null: it is none, or its exponent is beyond 10,000. */
export function parseDecimal(text: string): Decimal | null {
  const match = /^([+-]?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text)
  if (match === null) return null
  const fraction = match[3] ?? ''
  const exponent = Number(match[4] ?? '0')
  if (Math.abs(exponent) > exponentMax || match[2]!.length + fraction.length > exponentMax) return null
  const digits = BigInt(match[2]! + fraction)
  return { unscaled: match[1] === '-' ? -digits : digits, scale: fraction.length - exponent }
}

/** With exactly `scale` digits behind the point. */
export function decimalText(unscaled: bigint, scale: number): string {
  const sign = unscaled < 0n ? '-' : ''
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(scale + 1, '0')
  return scale === 0 ? sign + digits : `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
}

/** The same number with another scale, or null where digits would be lost. */
export function rescale({ unscaled, scale }: Decimal, to: number): bigint | null {
  if (to >= scale) return unscaled * 10n ** BigInt(to - scale)
  const divisor = 10n ** BigInt(scale - to)
  return unscaled % divisor === 0n ? unscaled / divisor : null
}

/** A whole number's value, however it is written ("12", "1.0", "1e3"); null where it is not whole. */
export function parseInteger(text: string): bigint | null {
  if (/^-?\d{1,40}$/.test(text)) return BigInt(text)
  const decimal = parseDecimal(text)
  return decimal === null ? null : rescale(decimal, 0)
}

/** Digits without the sign; 0 has one. */
export const digitCount = (value: bigint): number => (value < 0n ? -value : value).toString().length

/** Big-endian two's complement in as few bytes as hold it. */
export function twosComplement(value: bigint): Buffer {
  const magnitude = value < 0n ? -value - 1n : value
  const size = Math.floor(magnitude.toString(2).length / 8) + 1
  const hex = BigInt.asUintN(size * 8, value)
    .toString(16)
    .padStart(size * 2, '0')
  return Buffer.from(hex, 'hex')
}

export function fromTwosComplement(bytes: Uint8Array): bigint {
  if (bytes.length === 0) return 0n
  const hex = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')
  return BigInt.asIntN(bytes.length * 8, BigInt(`0x${hex}`))
}
