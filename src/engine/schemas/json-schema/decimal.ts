/** Numbers of JSON compared as they are written: exactly, at any size. Bounds of schemas are 64-bit integers and long decimals often enough. */

export interface Decimal {
  /** The value is digits × 10^exponent; digits carry the sign and do not end in zero unless they are zero. */
  readonly digits: bigint
  readonly exponent: number
}

/** Beyond this the digits are not written out; magnitudes are still compared. */
const exponentMax = 20_000

/** Reads a number as JSON writes it. */
export function decimalOf(text: string): Decimal {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text)
  if (match === null) return { digits: 0n, exponent: 0 }
  const [, sign, whole = '0', fraction = '', power = '0'] = match
  const written = (whole + fraction).replace(/^0+/, '')
  const kept = written.replace(/0+$/, '')
  if (kept === '') return { digits: 0n, exponent: 0 }
  const exponent = Math.max(-1e9, Math.min(1e9, Number(power))) - fraction.length + (written.length - kept.length)
  return { digits: BigInt(sign + kept), exponent }
}

/** Negative, 0 or positive, as a stands to b. */
export function compareDecimals(a: Decimal, b: Decimal): number {
  const signA = a.digits < 0n ? -1 : a.digits > 0n ? 1 : 0
  const signB = b.digits < 0n ? -1 : b.digits > 0n ? 1 : 0
  if (signA !== signB) return signA - signB
  if (signA === 0) return 0
  const magnitude = magnitudeOf(a) - magnitudeOf(b)
  if (magnitude !== 0) return magnitude > 0 ? signA : -signA
  // The same magnitude: exponents differ by no more than the digits do.
  const low = Math.min(a.exponent, b.exponent)
  const scaledA = a.digits * 10n ** BigInt(a.exponent - low)
  const scaledB = b.digits * 10n ** BigInt(b.exponent - low)
  return scaledA < scaledB ? -1 : scaledA > scaledB ? 1 : 0
}

const magnitudeOf = (value: Decimal): number => {
  const text = value.digits.toString()
  return (value.digits < 0n ? text.length - 1 : text.length) + value.exponent
}

/** Whether a is a whole multiple of b; false for b = 0 and where the two lie absurdly far apart. */
export function isMultipleOf(a: Decimal, b: Decimal): boolean {
  if (b.digits === 0n || Math.abs(a.exponent - b.exponent) > exponentMax) return false
  const low = Math.min(a.exponent, b.exponent)
  return (a.digits * 10n ** BigInt(a.exponent - low)) % (b.digits * 10n ** BigInt(b.exponent - low)) === 0n
}

export const isIntegral = (value: Decimal): boolean => value.exponent >= 0

/** One text for equal values: 1.0, 1 and 10e-1 are all '1e0'. */
export const decimalKey = (value: Decimal): string => `${value.digits}e${value.exponent}`
