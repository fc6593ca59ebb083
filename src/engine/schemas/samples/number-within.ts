/** A number within the bounds of a JSON Schema, by bigint: bounds of 64 bits and multiples of 0.01 hold exactly. */
import { type Decimal, decimalText, parseDecimal } from '../serde/decimal-text'
import { JsonNumber } from '../serde/json-value'
import { isEpochName, numberByName } from './field-meaning'
import type { Flat } from './json-schema-flat'
import { SampleError } from './sample-limits'
import type { SampleRandom } from './sample-random'

export function numberOf(flat: Flat, isInteger: boolean, name: string, random: SampleRandom): JsonNumber {
  const bounds = ['minimum', 'exclusiveMinimum', 'maximum', 'exclusiveMaximum', 'multipleOf'].map((keyword) =>
    decimalBound(flat, keyword),
  )
  const [minimum, above, maximum, below, multiple] = bounds as [Decimal?, Decimal?, Decimal?, Decimal?, Decimal?]
  const meaning =
    isEpochName(name) && isInteger ? { min: 1_704_067_200_000, max: 1_767_225_599_000, digits: 0 } : numberByName(name)
  const wished = meaning ?? { min: 0, max: 1_000, digits: 2 }
  // All in units of so many digits behind the point, one more than the bounds have so that something lies between them.
  const scales = bounds.map((bound) => Math.max(bound?.scale ?? 0, 0))
  const isNarrow = !isInteger && multiple === undefined && (above !== undefined || below !== undefined)
  const scale = Math.max(isInteger || multiple !== undefined ? 0 : wished.digits, ...scales) + (isNarrow ? 1 : 0)
  const unit = 10n ** BigInt(scale)
  const units = ({ unscaled, scale: own }: Decimal): bigint => unscaled * 10n ** BigInt(scale - own)
  const step = stepOf(multiple === undefined ? null : units(multiple), isInteger ? unit : 1n)
  const lows = [...(minimum === undefined ? [] : [units(minimum)]), ...(above === undefined ? [] : [units(above) + 1n])]
  const highs = [...(maximum === undefined ? [] : [units(maximum)]), ...(below === undefined ? [] : [units(below) - 1n])]
  let low: bigint | null = null
  let high: bigint | null = null
  for (const bound of lows) if (low === null || bound > low) low = bound
  for (const bound of highs) if (high === null || bound < high) high = bound
  const [wishedLow, wishedHigh] = [BigInt(Math.ceil(wished.min)) * unit, BigInt(Math.floor(wished.max)) * unit]
  // What the name says holds as far as the bounds allow.
  if (low === null || (low < wishedLow && (high === null || wishedLow <= high)))
    low = high !== null && high < wishedLow ? high - 1_000n * unit : wishedLow
  if (high === null || (high > wishedHigh && wishedHigh >= low)) high = wishedHigh < low ? low + 1_000n * unit : wishedHigh
  let [first, last] = [divideUp(low, step), divideDown(high, step)]
  if (first > last && lows.length + highs.length < 2) [first, last] = lows.length > 0 ? [first, first + 10n] : [last - 10n, last]
  if (first > last) throw new SampleError(`no number lies within the bounds of '${name}'`)
  return new JsonNumber(trimmed(decimalText(random.bigBetween(first, last) * step, scale)))
}

function decimalBound(flat: Flat, keyword: string): Decimal | undefined {
  const bound = flat.bounds.get(keyword)
  return bound === undefined ? undefined : (parseDecimal(bound.text) ?? undefined)
}

/** Multiples of both. */
function stepOf(multiple: bigint | null, whole: bigint): bigint {
  if (multiple === null || multiple <= 0n) return whole
  let [a, b] = [multiple, whole]
  while (b > 0n) [a, b] = [b, a % b]
  return (multiple * whole) / a
}

const divideDown = (a: bigint, b: bigint): bigint => (a >= 0n ? a / b : -((-a + b - 1n) / b))
const divideUp = (a: bigint, b: bigint): bigint => -divideDown(-a, b)

/** 12.50 stays, 12.00 becomes 12 where it is to be whole: an integer is written without a point. */
const trimmed = (text: string): string => (/\.0+$/.test(text) ? text.slice(0, text.indexOf('.')) : text)
