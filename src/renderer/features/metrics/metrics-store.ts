/**
 * What of the kept figures is looked at: of whom, over which time, and what the host answered. Asks once a second while the view is in front and live,
 * less often where the window is long; never twice at once.
 */
import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import type { MetricSeries, MetricsCatalog } from '../../../shared/model/metrics'
import { useHost } from '../../host/host'
import type { ChartRange } from '../../ui'
import { messageOf } from '../cluster/store'
import { type Pane, panesOf, type Subject, subjectKey } from './panes'

export type WindowName = '5m' | '15m' | '1h' | '6h' | '24h'

const minuteMs = 60_000
export const windowMs: Readonly<Record<WindowName, number>> = {
  '5m': 5 * minuteMs,
  '15m': 15 * minuteMs,
  '1h': 60 * minuteMs,
  '6h': 360 * minuteMs,
  '24h': 1440 * minuteMs,
}
const pointCount = 600
const catalogIntervalMs = 10_000
const noCatalog: MetricsCatalog = { brokers: [], topics: [], apis: [], errors: [], groups: [], resolutions: [], notices: [] }

export const useMetricsStore = defineStore('metrics', () => {
  const host = useHost()
  const subject = shallowRef<Subject>({ kind: 'cluster' })
  const window = ref<WindowName>('5m')
  const isLive = ref(true)
  /** A part of the time that was chosen in a chart; null: the window up to now. */
  const zoom = shallowRef<ChartRange | null>(null)
  const catalog = shallowRef<MetricsCatalog>(noCatalog)
  const answers = shallowRef<ReadonlyMap<string, MetricSeries>>(new Map())
  /** What was asked that is drawn now. */
  const range = shallowRef<ChartRange>({ fromMs: Date.now() - windowMs['5m'], toMs: Date.now() })
  const sampleMs = ref(1000)
  const isLoading = ref(false)
  const problem = ref<string | null>(null)
  let catalogAtMs = 0
  let drawnKey = ''
  let asking: Promise<void> | null = null
  let isStale = false

  const panes = computed<readonly Pane[]>(() => panesOf(subject.value, catalog.value))
  const key = computed(() => `${subjectKey(subject.value)} ${window.value} ${zoom.value?.fromMs} ${zoom.value?.toMs}`)

  async function readCatalog(nowMs: number): Promise<void> {
    catalog.value = await host.call('metrics.catalog')
    catalogAtMs = nowMs
  }

  async function read(): Promise<void> {
    const nowMs = Date.now()
    const mine = key.value
    isLoading.value = mine !== drawnKey
    try {
      if (nowMs - catalogAtMs >= catalogIntervalMs) await readCatalog(nowMs)
      const asked = zoom.value ?? { fromMs: nowMs - windowMs[window.value], toMs: nowMs }
      const names = [...new Set(panes.value.flatMap(({ series }) => series.map(({ name }) => name)))]
      const answer = await host.call('metrics.query', {
        series: names,
        fromMs: Math.floor(asked.fromMs),
        toMs: Math.ceil(asked.toMs),
        pointCount,
      })
      // Something else was chosen meanwhile: its own answer comes.
      if (mine !== key.value) return
      answers.value = new Map(answer.series.map((each) => [each.name, each]))
      range.value = asked
      sampleMs.value = answer.sampleMs
      problem.value = null
      drawnKey = mine
    } catch (error) {
      problem.value = messageOf(error)
    } finally {
      isLoading.value = false
    }
  }

  /** Reads now; what is asked while that is under way is asked once more after it. */
  function refresh(): Promise<void> {
    if (asking !== null) {
      isStale = true
      return asking
    }
    asking = (async () => {
      do {
        isStale = false
        await read()
      } while (isStale)
    })().finally(() => {
      asking = null
    })
    return asking
  }

  function choose(next: Subject): void {
    subject.value = next
    void refresh()
  }

  return {
    subject,
    window,
    isLive,
    zoom,
    catalog,
    answers,
    range,
    sampleMs,
    isLoading,
    problem,
    panes,
    refresh,
    choose,
    /** How often what is drawn is out of date. */
    intervalMs: computed(() =>
      window.value === '5m' || window.value === '15m' ? 1_000 : window.value === '1h' ? 5_000 : 15_000,
    ),
    setWindow: (next: WindowName): void => {
      window.value = next
      zoom.value = null
      void refresh()
    },
    zoomTo: (next: ChartRange | null): void => {
      zoom.value = next
      void refresh()
    },
    setLive: (next: boolean): void => {
      isLive.value = next
      if (!next) return
      zoom.value = null
      void refresh()
    },
  }
})
