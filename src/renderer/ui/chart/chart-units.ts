/** How a chart writes its values, and where its value axis may be cut: by the unit. Pure. */
import { formatByteRate, formatBytes, formatCount, formatDuration, formatRate } from '../format'
import type { ChartUnit } from './chart-model'

/** Beside a series' name, short: `1.42 GiB`, `388/s`. `–` where nothing is known. */
export function shortValue(unit: ChartUnit, value: number | null | undefined): string {
  if (value === null || value === undefined || Number.isNaN(value)) return '–'
  switch (unit) {
    case 'per-second':
      return formatRate(value)
    case 'bytes-per-second':
      return formatByteRate(value)
    case 'bytes':
      return formatBytes(value)
    case 'ms':
      return formatDuration(value)
    case 'count':
      return Number.isInteger(value) ? formatCount(value) : value.toFixed(1)
  }
}

const exact = new Intl.NumberFormat('en-US', { maximumFractionDigits: 3 })
const suffixes: Record<ChartUnit, string> = {
  'per-second': '/s',
  'bytes-per-second': ' B/s',
  bytes: ' B',
  ms: ' ms',
  count: '',
}

/** Whole, as the tooltip and the table have it: `1,524,713,390 B`, `387.52/s`. */
export function exactValue(unit: ChartUnit, value: number | null | undefined): string {
  if (value === null || value === undefined || Number.isNaN(value)) return '–'
  return `${exact.format(unit === 'bytes' ? Math.round(value) : value)}${suffixes[unit]}`
}

/** At a line of the grid, where `1.00 GiB` says no more than `1 GiB`. */
export function tickValue(unit: ChartUnit, value: number): string {
  if (value === 0) return '0'
  // A line of the grid may lie at 0.25/s, which a rate in words would round.
  if (unit === 'per-second') return `${exact.format(value)}/s`
  if (unit === 'ms' && value >= 1000) return `${exact.format(value / 1000)} s`
  return shortValue(unit, value).replace(/\.(\d*?)0+(?= |$)/, (_, digits: string) => (digits === '' ? '' : `.${digits}`))
}

const decimal = [1, 2, 2.5, 5]
const decimalSteps = (from: number, to: number): number[] => {
  const steps: number[] = []
  for (let exponent = from; exponent <= to; exponent++) {
    for (const digit of decimal) {
      const step = exponent < 0 ? digit / 10 ** -exponent : digit * 10 ** exponent
      // Nothing is between 2 and 3 messages.
      if (from < 0 || Number.isInteger(step)) steps.push(step)
    }
  }
  return steps
}
const binarySteps = Array.from({ length: 51 }, (_, exponent) => 2 ** exponent)

/** What two lines of the grid may lie apart. */
export function valueSteps(unit: ChartUnit): number[] {
  if (unit === 'bytes') return binarySteps
  return unit === 'per-second' || unit === 'ms' ? decimalSteps(-3, 15) : decimalSteps(0, 15)
}

/** The top of an axis that nothing or only zeros are drawn on. */
export const emptyTop: Record<ChartUnit, number> = { 'per-second': 1, 'bytes-per-second': 1000, bytes: 1024, ms: 1, count: 1 }
