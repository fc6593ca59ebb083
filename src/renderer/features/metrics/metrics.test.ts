import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { WorkbenchError } from '../../../shared/ipc/errors'
import { parseSeries } from '../../../shared/model/metric-table'
import type { MetricsCatalog } from '../../../shared/model/metrics'
import { type Bench, createBench, settle } from '../../testing/render'
import MetricsList from './MetricsList.vue'
import MetricsView from './MetricsView.vue'
import { useMetricsStore } from './metrics-store'
import { panesOf, type Subject } from './panes'

const find = (id: string) => document.querySelector<HTMLElement>(`[data-testid="${id}"]`)
let mounted: ReturnType<Bench['render']>[] = []
// Something to draw on, in a page that has no sizes: charts stay charts, and nothing is drawn.
beforeEach(() => {
  vi.spyOn(HTMLCanvasElement.prototype, 'getContext').mockReturnValue({} as never)
})
afterEach(() => {
  for (const each of mounted) each.unmount()
  mounted = []
  vi.restoreAllMocks()
})

const catalog = (brokerCount: number): MetricsCatalog => ({
  brokers: Array.from({ length: brokerCount }, (_, index) => index + 1),
  topics: ['orders'],
  apis: ['Fetch', 'Produce'],
  errors: ['NOT_LEADER_OR_FOLLOWER'],
  groups: ['billing'],
  resolutions: [],
  notices: [],
})
const subjects: readonly Subject[] = [
  { kind: 'cluster' },
  { kind: 'services' },
  { kind: 'broker', id: 2 },
  { kind: 'topic', topic: 'orders' },
  { kind: 'api', api: 'Produce' },
  { kind: 'group', group: 'billing/eu' },
]

describe('panes', () => {
  it('ask for figures that exist, each pane under an id of its own', () => {
    for (const subject of subjects) {
      const panes = panesOf(subject, catalog(3))
      expect(new Set(panes.map(({ id }) => id)).size).toBe(panes.length)
      for (const { series, unit, title } of panes) {
        expect(series.length, title).toBeGreaterThan(0)
        for (const { name } of series) expect(parseSeries(name)?.definition.unit, name).toBe(unit)
      }
    }
  })

  it('never ask for more than is answered', () => {
    const asked = panesOf({ kind: 'cluster' }, catalog(60)).flatMap(({ series }) => series)
    expect(asked.length).toBeLessThanOrEqual(200)
  })
})

describe('the view', { timeout: 30_000 }, () => {
  it('shows the figures of the one who is chosen, and copies them', async () => {
    const bench = await createBench()
    mounted = [bench.render(MetricsView, { isActive: true }), bench.render(MetricsList)]
    await settle()
    expect(find('metrics-title')?.textContent).toBe('Cluster')
    expect(find('metrics-pane-broker-bytes-in')?.textContent).toContain('broker 1')
    find('metrics-subject-topic:orders')?.click()
    await settle()
    expect(find('metrics-title')?.textContent).toBe('orders')
    expect(find('metrics-pane-topic-messages-in')?.textContent).toMatch(/\d\/s/)
    find('metrics-copy')?.click()
    await settle()
    const [head, row] = (bench.host.copied.at(-1) ?? '').split('\n')
    expect(head).toContain('Messages in (per-second)')
    expect(row?.split(',').length).toBe(head?.split(',').length)
  })

  it('draws what was done to the cluster into the table too', async () => {
    const bench = await createBench()
    bench.host.cluster.kill(2)
    await bench.pass(2_000)
    mounted = [bench.render(MetricsView, { isActive: true })]
    await settle()
    find('metrics-pane-broker-bytes-in-view')?.click()
    await settle()
    expect(find('metrics-pane-broker-bytes-in')?.textContent).toContain('Events')
    expect(find('metrics-pane-broker-bytes-in')?.textContent).toContain('Broker 2 killed')
  })

  it('zooms, and comes back by Escape', async () => {
    const bench = await createBench()
    mounted = [bench.render(MetricsView, { isActive: true })]
    await settle()
    const metrics = useMetricsStore()
    const toMs = Date.now() - 60_000
    metrics.zoomTo({ fromMs: toMs - 30_000, toMs })
    await settle()
    expect(metrics.range).toEqual({ fromMs: toMs - 30_000, toMs })
    expect(find('metrics-zoom')).not.toBeNull()
    find('metrics-view')?.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }))
    await settle()
    expect(metrics.zoom).toBeNull()
    expect(metrics.range.toMs).toBeGreaterThan(toMs)
  })

  it('says why nothing can be read, and asks nothing while another tab is in front', async () => {
    const bench = await createBench()
    bench.host.failOn('metrics.query', new WorkbenchError('bug', 'INTERNAL', 'The figures are away.'))
    mounted = [bench.render(MetricsView, { isActive: true })]
    await settle()
    expect(find('metrics-view')?.textContent).toContain('The figures are away.')
    mounted[0]?.unmount()
    const behind = await createBench()
    let asked = 0
    const call = behind.host.call.bind(behind.host)
    behind.host.call = ((name: never, argument: never) => {
      if (String(name).startsWith('metrics.')) asked++
      return call(name, argument)
    }) as typeof behind.host.call
    mounted = [behind.render(MetricsView, { isActive: false })]
    await settle()
    expect(asked).toBe(0)
  })
})
