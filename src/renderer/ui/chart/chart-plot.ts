/**
 * What uPlot is told: axes, series, cursor and marks of one chart. Made once for a set of series; data, window, colours and marks are read from
 * `source` each time it draws. Called by UiChart only.
 */
import uPlot from 'uplot'
import { isolatedPoints } from './chart-data'
import type { ChartMark, ChartSeries, ChartUnit } from './chart-model'
import { timeTicks } from './chart-time'
import { emptyTop, tickValue, valueSteps } from './chart-units'

export interface PlotSource {
  readonly unit: ChartUnit
  readonly isStacked: boolean
  readonly series: readonly ChartSeries[]
  readonly marks: readonly ChartMark[]
  /** The window, in ms. */
  range(): { readonly fromMs: number; readonly toMs: number }
  /** What a token stands for in the theme that is on. */
  color(token: string): string
  readonly font: string
  readonly syncKey: string | undefined
  onCursor(plot: uPlot): void
  onBrush(fromMs: number, toMs: number): void
  onReset(): void
}

/** As wide in every chart, so that times lie under each other. */
export const valueAxisWidth = 62
const timeAxisHeight = 20
/** Pixels that a brush has to cross: less is a click. */
const brushMin = 5

export function createPlot(
  source: PlotSource,
  width: number,
  height: number,
  data: uPlot.AlignedData,
  target: HTMLElement,
): uPlot {
  const grid = { stroke: () => source.color('c-grid'), width: 1 }
  const axisColor = (): string => source.color('t-3')
  return new uPlot(
    {
      width,
      height,
      ms: 1,
      padding: [8, 12, 0, 0],
      legend: { show: false },
      scales: {
        x: {
          time: false,
          range: () => {
            const { fromMs, toMs } = source.range()
            return [fromMs, toMs]
          },
        },
        y: { range: (_plot, _min, max) => [0, max === null || !(max > 0) ? emptyTop[source.unit] : max * 1.06] },
      },
      axes: [
        {
          size: timeAxisHeight,
          gap: 4,
          font: source.font,
          stroke: axisColor,
          grid,
          ticks: { show: false },
          splits: (plot, _axis, min, max) => [...timeTicks(min, max, plot.width / 84).atMs],
          values: (plot, splits) => {
            const { atMs, labels } = timeTicks(plot.scales['x']!.min!, plot.scales['x']!.max!, plot.width / 84)
            return splits.map((split) => labels[atMs.indexOf(split)] ?? '')
          },
        },
        {
          size: valueAxisWidth,
          gap: 6,
          space: 26,
          font: source.font,
          stroke: axisColor,
          grid,
          ticks: { show: false },
          incrs: valueSteps(source.unit),
          values: (_plot, splits) => splits.map((split) => tickValue(source.unit, split)),
        },
      ],
      series: [{}, ...source.series.map((each) => drawnSeries(source, each))],
      ...(source.isStacked
        ? { bands: source.series.slice(1).map((_, index) => ({ series: [index + 2, index + 1] as [number, number] })) }
        : {}),
      cursor: {
        y: false,
        points: { size: 6, width: 0, fill: (_plot, index) => source.color(source.series[index - 1]?.color ?? 't-3') },
        drag: { x: true, y: false, setScale: false, dist: brushMin },
        bind: {
          dblclick: () => () => {
            source.onReset()
            return null
          },
        },
        ...(source.syncKey === undefined
          ? {}
          : {
              sync: {
                key: source.syncKey,
                setSeries: false,
                scales: ['x', null] as [string, null],
                // A brush is one chart's own: what it chooses, the window of all follows by the feature.
                filters: { pub: (type: string) => type === 'mousemove' || type === 'mouseleave' },
              },
            }),
      },
      hooks: {
        draw: [(plot) => drawMarks(plot, source)],
        setCursor: [(plot) => source.onCursor(plot)],
        setSelect: [
          (plot) => {
            const { left, width: selected } = plot.select
            if (selected < brushMin) return
            const fromMs = Math.round(plot.posToVal(left, 'x'))
            const toMs = Math.round(plot.posToVal(left + selected, 'x'))
            plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
            source.onBrush(fromMs, toMs)
          },
        ],
      },
    },
    data,
    target,
  )
}

function drawnSeries(source: PlotSource, { color, dash }: ChartSeries): uPlot.Series {
  return {
    width: 1.25,
    stroke: () => source.color(color),
    ...(dash === undefined ? {} : { dash: [...dash] }),
    // Lines over each other stay readable unfilled; a single one, and layers of a stack, are areas.
    ...(source.isStacked || source.series.length === 1
      ? { fill: () => translucent(source.color(color), source.isStacked ? 0.3 : 0.12) }
      : {}),
    points: {
      show: true,
      size: 4,
      width: 0,
      fill: () => source.color(color),
      filter: (plot, index) => isolatedPoints(plot.data[index] as ArrayLike<number | null>),
    },
  }
}

/** Tokens are written `#rrggbb`; a canvas knows no color-mix. */
function translucent(color: string, share: number): string {
  return /^#[0-9a-f]{6}$/i.test(color)
    ? `${color}${Math.round(share * 255)
        .toString(16)
        .padStart(2, '0')}`
    : color
}

/** A line from top to bottom with a square on it, as causes have in the timeline; filled red if something went down. */
function drawMarks(plot: uPlot, { marks, color, range }: PlotSource): void {
  const { fromMs, toMs } = range()
  const { ctx, bbox } = plot
  const ratio = uPlot.pxRatio
  ctx.save()
  for (const { atMs, tone } of marks) {
    if (atMs < fromMs || atMs > toMs) continue
    const x = Math.round(plot.valToPos(atMs, 'x', true))
    ctx.strokeStyle = ctx.fillStyle = color(tone === 'bad' ? 'error' : 't-3')
    ctx.lineWidth = ratio
    ctx.setLineDash(tone === 'bad' ? [] : [3 * ratio, 3 * ratio])
    ctx.beginPath()
    ctx.moveTo(x + 0.5, bbox.top)
    ctx.lineTo(x + 0.5, bbox.top + bbox.height)
    ctx.stroke()
    ctx.setLineDash([])
    const side = 6 * ratio
    const square = [Math.round(x - side / 2), bbox.top - side / 2, side, side] as const
    if (tone === 'bad') ctx.fillRect(...square)
    else {
      ctx.fillStyle = color('s-1')
      ctx.fillRect(...square)
      ctx.strokeRect(...square)
    }
  }
  ctx.restore()
}
