/**
 * The life of one uPlot within a component: made when its element has a size, made anew when its series change in kind, fed when only its
 * figures do, recoloured with the theme, and gone with the component. Called by UiChart only.
 */
import uPlot from 'uplot'
import { onBeforeUnmount, onMounted, type Ref, shallowRef, watch } from 'vue'
import { toDrawn } from './chart-data'
import type { ChartMark, ChartSeries, ChartUnit } from './chart-model'
import { createPlot } from './chart-plot'

export interface PlotInput {
  readonly unit: ChartUnit
  readonly isStacked: boolean
  readonly times: ArrayLike<number>
  readonly series: readonly ChartSeries[]
  readonly marks: readonly ChartMark[]
  readonly range: { readonly fromMs: number; readonly toMs: number }
  readonly syncKey: string | undefined
}

export interface PlotEvents {
  /** The cursor of this chart or of one that shares it; null: it left. */
  cursor(index: number | null, left: number): void
  brush(fromMs: number, toMs: number): void
  reset(): void
}

/** Without a canvas to draw on (some remote desktops, tests) a chart is its table. */
export const canDraw = (): boolean => document.createElement('canvas').getContext('2d') !== null

export function usePlot(element: Ref<HTMLElement | undefined>, input: () => PlotInput, events: PlotEvents) {
  const plot = shallowRef<uPlot | null>(null)
  /** Whether the button is down on the plot: a brush is made of pixels, which must go on meaning the same times. */
  let isBrushing = false
  let isStale = false
  let kind = ''
  const colors = new Map<string, string>()

  const color = (token: string): string => {
    let value = colors.get(token)
    if (value === undefined) {
      value = getComputedStyle(document.documentElement).getPropertyValue(`--${token}`).trim() || 'gray'
      colors.set(token, value)
    }
    return value
  }

  const data = (): uPlot.AlignedData => {
    const { times, series, isStacked } = input()
    return [Array.from(times), ...toDrawn(times.length, series, isStacked)]
  }

  /** What a plot is made for: anything else it is only fed. */
  const kindOf = ({ unit, isStacked, series, syncKey }: PlotInput): string =>
    JSON.stringify([unit, isStacked, syncKey, series.map(({ key, color, dash }) => [key, color, dash])])

  function make(): void {
    const target = element.value
    if (!target || target.clientWidth < 40 || target.clientHeight < 40) return
    plot.value?.destroy()
    const now = input()
    kind = kindOf(now)
    isStale = false
    plot.value = createPlot(
      {
        unit: now.unit,
        isStacked: now.isStacked,
        series: now.series,
        syncKey: now.syncKey,
        get marks() {
          return input().marks
        },
        range: () => input().range,
        color,
        font: `${420} ${10}px ${getComputedStyle(document.documentElement).getPropertyValue('--font-ui') || 'sans-serif'}`,
        onCursor: ({ cursor }) =>
          events.cursor(cursor.left === undefined || cursor.left < 0 ? null : (cursor.idx ?? null), cursor.left ?? -1),
        onBrush: events.brush,
        onReset: events.reset,
      },
      target.clientWidth,
      target.clientHeight,
      data(),
      target,
    )
    plot.value.over.addEventListener('mousedown', onDown)
  }

  function onDown(): void {
    isBrushing = true
    window.addEventListener(
      'mouseup',
      () => {
        isBrushing = false
        if (isStale) feed()
      },
      { once: true },
    )
  }

  function feed(): void {
    const { value } = plot
    if (isBrushing) {
      isStale = true
      return
    }
    if (!value || kindOf(input()) !== kind) return make()
    isStale = false
    value.setData(data(), true)
  }

  function resize(): void {
    const target = element.value
    if (!target) return
    // Hidden behind another tab it has no size; it keeps what it drew.
    if (target.clientWidth < 40 || target.clientHeight < 40) return
    if (!plot.value) return make()
    plot.value.setSize({ width: target.clientWidth, height: target.clientHeight })
  }

  const sizes = new ResizeObserver(resize)
  const themes = new MutationObserver(() => {
    colors.clear()
    plot.value?.redraw(false)
  })
  onMounted(() => {
    themes.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] })
    // The axes are measured in the window's own font: drawn before it is there, they would stay in another.
    void document.fonts?.ready.then(() => plot.value?.redraw(false, true))
  })
  watch(element, (now, before) => {
    if (before) sizes.unobserve(before)
    plot.value?.destroy()
    plot.value = null
    if (now) sizes.observe(now)
  })
  watch(input, feed, { flush: 'post' })
  onBeforeUnmount(() => {
    sizes.disconnect()
    themes.disconnect()
    plot.value?.destroy()
  })

  return {
    plot,
    /** Puts the cursor on a point, here and in all charts that share it; null takes it away. */
    pointAt(index: number | null): void {
      const { value } = plot
      if (!value) return
      const at = index === null ? undefined : input().times[index]
      // Its types leave out the last argument: whether those that share the cursor are told.
      const setCursor: (to: { left: number; top: number }, fires: boolean, shares: boolean) => void = value.setCursor
      setCursor(at === undefined ? { left: -10, top: -10 } : { left: value.valToPos(at, 'x'), top: 0 }, true, true)
    },
    /** The plot's left edge within the element, in pixels. */
    plotLeft: (): number => (plot.value ? plot.value.bbox.left / uPlot.pxRatio : 0),
    plotWidth: (): number => (plot.value ? plot.value.bbox.width / uPlot.pxRatio : 0),
    posOf: (atMs: number): number => plot.value?.valToPos(atMs, 'x') ?? 0,
  }
}
