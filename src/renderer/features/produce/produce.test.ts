import { afterEach, describe, expect, it } from 'vitest'
import { WorkbenchError } from '../../../shared/ipc/errors'
import { type Bench, createBench, settle } from '../../testing/render'
import { useToasts } from '../../ui'
import { useTabsStore } from '../frame/tabs-store'
import ProduceList from './ProduceList.vue'
import ProduceView from './ProduceView.vue'
import { blankForm } from './produce-form'
import { useProduceStore } from './produce-store'
import { useSavedStore } from './saved-store'

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

  it('says that a run ended with the clients worker', async () => {
    const bench = await createBench()
    const id = await open(bench)
    await fill('produce-value', 'v')
    find('produce-endless')?.click()
    find('produce-submit')?.click()
    await bench.pass(250)
    const run = useProduceStore().open.get(id)?.run
    expect(run?.progress?.state ?? 'running').toBe('running')
    bench.host.emit('app.clientsEnded', { reason: 'out of memory', isAgain: true })
    await settle()
    expect(run?.refusal).toContain('the clients worker died (out of memory)')
    expect(find('produce-result')?.dataset['state']).not.toBe('running')
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

describe('runs', () => {
  it('go on when their tab is closed, can be paused and run again, and are told in the list', async () => {
    const bench = await createBench()
    const id = await open(bench)
    await fill('produce-value', 'v{{index}}')
    await fill('produce-rate', '10')
    find('produce-endless')?.click()
    await settle()
    find('produce-submit')?.click()
    await bench.pass(1_000)
    useTabsStore().close(id)
    mounted?.unmount()
    mounted = bench.render(ProduceList)
    await settle()
    await bench.pass(1_000)
    const produce = useProduceStore()
    const runId = produce.runs[0]?.runId ?? 0
    expect(produce.runs[0]?.progress.acknowledgedCount).toBeGreaterThan(20)
    find(`produce-run-pause-${runId}`)?.click()
    await settle()
    const pausedAt = produce.runs[0]?.progress.acknowledgedCount
    await bench.pass(5_000)
    expect(find(`produce-run-${runId}`)?.dataset['state']).toBe('paused')
    expect(produce.runs[0]?.progress.acknowledgedCount).toBe(pausedAt)
    find(`produce-run-cancel-${runId}`)?.click()
    await settle()
    find(`produce-run-again-${runId}`)?.click()
    await bench.pass(250)
    expect(produce.runs[0]).toMatchObject({ topic: 'orders', count: null, progress: { state: 'running' } })
    find(`produce-run-${runId}`)?.querySelector<HTMLElement>('.words')?.click()
    await settle()
    expect(produce.formOf(useTabsStore().activeId, null).form).toMatchObject({ rate: '10', isEndless: true })
  })

  it('say what lines are wrong, where, and send none of them', async () => {
    const bench = await createBench()
    await open(bench)
    find('produce-mode-lines')?.click()
    await settle()
    const check = async (lines: string) => {
      await fill('lines-text', lines)
      await new Promise((resolve) => setTimeout(resolve, 300))
      await settle()
    }
    await check('{"value":1}\n{"value" 2}')
    expect(text('lines-problem-0')).toContain('2:')
    expect(find('produce-submit')?.getAttribute('aria-disabled')).toBe('true')
    await check('{"value":1}\n{"value":2}')
    expect(text('produce-submit')).toContain('2 messages')
    find('produce-submit')?.click()
    await bench.pass(250)
    expect(find('produce-result')?.dataset).toMatchObject({ state: 'finished', acknowledged: '2' })
  })
})

describe('saved messages', () => {
  it('are kept with a name and a folder, opened, and taken back when deleted', async () => {
    const bench = await createBench({ scenario: 'empty' })
    const store = useSavedStore()
    await open(bench, '')
    await fill('produce-value', 'hello')
    find('produce-save')?.click()
    await settle()
    await fill('save-message-name', 'Greeting')
    await fill('save-message-folder', 'Words')
    find('save-message-submit')?.click()
    await settle()
    expect(store.saved.messages).toMatchObject([{ name: 'Greeting', folder: 'Words', request: { value: { text: 'hello' } } }])
    await store.remove([], ['Words'])
    expect(store.saved.messages).toEqual([])
    useToasts().standing[useToasts().standing.length - 1]?.action?.run()
    await settle()
    expect(store.saved).toMatchObject({ folders: ['Words'], messages: [{ name: 'Greeting' }] })
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
    expect(useProduceStore().runs[0]?.topic).toBe('orders')
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
