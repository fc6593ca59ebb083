/** What a chart is made of. Plain data, made by features, drawn by UiChart; knows neither where figures come from nor how they are drawn. */

export type ChartUnit = 'per-second' | 'bytes-per-second' | 'bytes' | 'ms' | 'count'

export interface ChartSeries {
  /** Tells it from the others of its chart. */
  readonly key: string
  readonly label: string
  /** A colour token without its dashes: `c-1`, `b2`. See `seriesColor`. */
  readonly color: string
  /** A second series in a colour is told by its dashes, never by the colour alone. */
  readonly dash?: readonly number[] | undefined
  /** One for each of the chart's times; NaN where nothing is known, which is drawn as a gap. */
  readonly values: ArrayLike<number>
}

/** Something that happened, drawn as a line through every chart that shows its time. */
export interface ChartMark {
  readonly atMs: number
  readonly label: string
  /** `bad` took something down; all else is `plain`. */
  readonly tone: 'bad' | 'plain'
}

export interface ChartRange {
  readonly fromMs: number
  readonly toMs: number
}

const colorCount = 6
const dashes: readonly (readonly number[] | undefined)[] = [undefined, [6, 3], [2, 3], [8, 3, 2, 3]]

/** Colour and dashes of the nth series (from 0), in the order that the tokens give. */
export function seriesColor(index: number): { readonly color: string; readonly dash: readonly number[] | undefined } {
  return { color: `c-${(index % colorCount) + 1}`, dash: dashes[Math.floor(index / colorCount) % dashes.length] }
}

/** A broker's series has its own hue; seven and on reuse the hues and are told apart by their dashes. */
export function brokerColor(id: number): { readonly color: string; readonly dash: readonly number[] | undefined } {
  const index = Math.max(0, id - 1)
  return { color: `b${(index % colorCount) + 1}`, dash: dashes[Math.floor(index / colorCount) % dashes.length] }
}
