/** Decimal numbers of any length compared as they are written: through a double, two 64-bit ids that differ in the last digit are one. */

const pattern = /^\s*([+-]?)(\d+)(?:\.(\d*))?(?:[eE]([+-]?\d{1,9}))?\s*$/

interface Decimal {
  readonly isNegative: boolean
  /** Without zeros at either end; '' is zero. */
  readonly digits: string
  /** The value is 0.digits times ten to this power. */
  readonly exponent: number
}

function parseDecimal(text: string): Decimal | null {
  const found = pattern.exec(text)
  if (found === null) return null
  const [, sign, whole = '', fraction = '', power] = found
  const all = whole + fraction
  const leading = all.length - all.replace(/^0+/, '').length
  const digits = all.slice(leading).replace(/0+$/, '')
  return { isNegative: sign === '-' && digits !== '', digits, exponent: whole.length - leading + Number(power ?? 0) }
}

export const isDecimal = (text: string): boolean => pattern.test(text)

/** Below, at or above zero as `left` is less than, equal to or greater than `right`; null where one is no number. */
export function compareDecimal(left: string, right: string): number | null {
  const a = parseDecimal(left)
  const b = parseDecimal(right)
  if (a === null || b === null) return null
  if (a.isNegative !== b.isNegative) return a.isNegative ? -1 : 1
  return a.isNegative ? -compareMagnitude(a, b) : compareMagnitude(a, b)
}

function compareMagnitude(a: Decimal, b: Decimal): number {
  if (a.digits === '' || b.digits === '') return (a.digits === '' ? 0 : 1) - (b.digits === '' ? 0 : 1)
  if (a.exponent !== b.exponent) return a.exponent < b.exponent ? -1 : 1
  // Digits after the point of 0.digits compare as texts do.
  return a.digits === b.digits ? 0 : a.digits < b.digits ? -1 : 1
}
