/** Figures made ready to be drawn, found and copied. Pure. */
import { formatTimestamp } from '../format'
import type { ChartSeries } from './chart-model'

export type DrawnValues = (number | null)[]

const known = (value: number | undefined): value is number => value !== undefined && Number.isFinite(value)

/** A gap is null to the drawing. Stacked, each lies on those before it; where none is known there is a gap in all. */
export function toDrawn(count: number, series: readonly ChartSeries[], isStacked: boolean): DrawnValues[] {
  if (!isStacked)
    return series.map(({ values }) => Array.from({ length: count }, (_, at) => (known(values[at]) ? values[at]! : null)))
  const sums = new Float64Array(count)
  const isKnown = Array.from({ length: count }, (_, at) => series.some(({ values }) => known(values[at])))
  return series.map(({ values }) =>
    Array.from({ length: count }, (_, at) => {
      if (!isKnown[at]) return null
      if (known(values[at])) sums[at]! += values[at]!
      return sums[at]!
    }),
  )
}

/** Points that no line reaches, since there is a gap on both sides: drawn as dots. */
export function isolatedPoints(values: ArrayLike<number | null | undefined>): number[] {
  const found: number[] = []
  for (let at = 0; at < values.length; at++)
    if (values[at] != null && values[at - 1] == null && values[at + 1] == null) found.push(at)
  return found
}

/** The index of the time nearest to a moment, -1 where there is none. Times rise. */
export function nearestIndex(times: ArrayLike<number>, atMs: number): number {
  let low = 0
  let high = times.length - 1
  if (high < 0) return -1
  while (low < high) {
    const middle = (low + high) >> 1
    if (times[middle]! < atMs) low = middle + 1
    else high = middle
  }
  return low > 0 && atMs - times[low - 1]! <= times[low]! - atMs ? low - 1 : low
}

/** The newest value that is known, and null where none is. */
export function lastKnown(values: ArrayLike<number>): number | null {
  for (let at = values.length - 1; at >= 0; at--) if (known(values[at])) return values[at]!
  return null
}

/** The newest value; of the last few points, since the very last is often still to come. null where nothing is known any more. */
export function newestValue(values: ArrayLike<number>): number | null {
  for (let at = values.length - 1; at >= Math.max(0, values.length - 4); at--) if (known(values[at])) return values[at]!
  return null
}

const quoted = (text: string): string => (/[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)

/** A row for each time (with its zone, and in milliseconds), a column for each series; empty where nothing is known. */
export function chartCsv(times: ArrayLike<number>, series: readonly Pick<ChartSeries, 'label' | 'values'>[]): string {
  const lines = [['time', 'timestamp_ms', ...series.map(({ label }) => quoted(label))].join(',')]
  for (let at = 0; at < times.length; at++) {
    const values = series.map(({ values }) => (known(values[at]) ? String(values[at]) : ''))
    lines.push([formatTimestamp(times[at]!).replace('−', '-'), String(times[at]), ...values].join(','))
  }
  return `${lines.join('\n')}\n`
}
