import { afterEach, describe, expect, it } from 'vitest'
import { WorkbenchError } from '../../../shared/ipc/errors'
import { type Bench, createBench, settle } from '../../testing/render'
import { useTabsStore } from '../frame/tabs-store'
import ProduceView from './ProduceView.vue'
import { blankForm } from './produce-form'
import { useProduceStore } from './produce-store'

const find = <T extends HTMLElement = HTMLElement>(id: string) => document.querySelector<T>(`[data-testid="${id}"]`)
const text = (id: string): string => find(id)?.textContent?.trim() ?? ''
let mounted: ReturnType<Bench['render']> | null = null
afterEach(() => {
  mounted?.unmount()
  mounted = null
  localStorage.clear()
})

async function fill(id: string, value: string): Promise<void> {
  const input = find<HTMLInputElement>(id)
  if (!input) throw new Error(`no ${id}`)
  input.value = value
  input.dispatchEvent(new Event('input', { bubbles: true }))
  await settle()
}
async function open(bench: Bench, topic = 'orders'): Promise<string> {
  const tabs = useTabsStore()
  useProduceStore()
  tabs.openProduce(topic)
  const tab = tabs.active
  if (!tab) throw new Error('no tab')
  mounted = bench.render(ProduceView, { tab, isActive: true })
  await settle()
  return tab.id
}

describe('producing', () => {
  it('sends what was written and says where it stands', async () => {
    const bench = await createBench()
    await open(bench)
    await fill('produce-key', 'k{{index}}')
    await fill('produce-value', 'v{{index}}')
    await fill('produce-count', '30')
    find('produce-submit')?.click()
    await bench.pass(250)
    expect(find('produce-result')?.dataset).toMatchObject({ state: 'finished', acknowledged: '30', failed: '0' })
    find('produce-open-0')?.click()
    expect(useTabsStore().active).toMatchObject({ kind: 'topic', topic: 'orders', section: 'messages' })
  })

  it('says what is wrong where it is, and sends nothing', async () => {
    const bench = await createBench()
    const id = await open(bench)
    find('produce-value-format-json')?.click()
    await fill('produce-value', '{"a" 1}')
    expect(text('produce-value-error')).toContain('Line 1, column 6')
    find('produce-submit')?.click()
    await settle()
    expect(useProduceStore().open.get(id)?.run).toBeNull()
  })

  it('shows a retry as such, and the error by its name', async () => {
    const bench = await createBench()
    await open(bench, 'audit.events.v2')
    bench.host.cluster.kill(bench.host.cluster.partition('audit.events.v2', 0)?.leader ?? 0)
    await bench.pass(2_000)
    await bench.pass(2_000)
    await fill('produce-value', 'x')
    await fill('produce-count', '50')
    find('produce-submit')?.click()
    await settle()
    await bench.pass(250)
    expect(find('produce-error')?.dataset['error']).toBe('LEADER_NOT_AVAILABLE')
    expect(text('produce-error')).toContain('Retrying')
    find('produce-cancel')?.click()
    await settle()
    expect(find('produce-result')?.dataset['state']).toBe('cancelled')
  })

  it('says why nothing could be sent', async () => {
    const bench = await createBench()
    await open(bench)
    bench.host.failOn('produce.start', new WorkbenchError('expected', 'INVALID_PAYLOAD', 'The key is not hex.'))
    await fill('produce-value', 'x')
    find('produce-submit')?.click()
    await settle()
    expect(find('produce-result')?.dataset['state']).toBe('failed')
    expect(text('produce-error')).toContain('The key is not hex.')
  })
})

describe('drafts', () => {
  it('mark their tab until they are sent', async () => {
    const bench = await createBench()
    const id = await open(bench)
    const tab = () => useTabsStore().tabs.find((each) => each.id === id)
    expect(tab()?.hasDraft).toBe(false)
    await fill('produce-value', 'x')
    expect(tab()?.hasDraft).toBe(true)
    find('produce-submit')?.click()
    await bench.pass(250)
    expect(tab()?.hasDraft).toBe(false)
    expect(useProduceStore().sent[0]?.request.topic).toBe('orders')
  })

  it('wait in the list when their tab is closed', async () => {
    const bench = await createBench()
    const id = await open(bench)
    await fill('produce-value', 'not sent yet')
    useTabsStore().close(id)
    await settle()
    const produce = useProduceStore()
    expect(produce.closed[0]?.form.value.text).toBe('not sent yet')
    produce.reopen(0)
    const again = useTabsStore().active?.id ?? ''
    expect(produce.formOf(again, null).form.value.text).toBe('not sent yet')
  })

  it('come back after a restart', async () => {
    await createBench()
    useProduceStore().openForm({ ...blankForm('payments'), value: { format: 'json', text: '{"id":7205759403792793601}' } })
    await settle()
    window.dispatchEvent(new Event('pagehide'))
    await createBench()
    const tabs = useTabsStore()
    const produce = useProduceStore()
    const tab = tabs.tabs.find((each) => each.kind === 'produce')
    expect(tab?.topic).toBe('payments')
    expect(tabs.activeId).toBe('cluster')
    expect(produce.formOf(tab?.id ?? '', null).form.value.text).toBe('{"id":7205759403792793601}')
  })

  it('are forgotten where another version wrote them', async () => {
    localStorage.setItem('broker-workbench.produce', '{"open":[{"form":{"topic":1}}]}')
    await createBench()
    expect(useProduceStore().open.size).toBe(0)
  })
})
