import { afterEach, describe, expect, it } from 'vitest'
import { nextTick } from 'vue'
import { WorkbenchError } from '../../../shared/ipc/errors'
import { type Bench, createBench, settle } from '../../testing/render'
import { useTabsStore } from '../frame/tabs-store'
import { useProduceStore } from '../produce/produce-store'
import { useJumpStore } from './jump-store'
import MessagesView from './MessagesView.vue'

const find = <T extends HTMLElement = HTMLElement>(id: string) => document.querySelector<T>(`[data-testid="${id}"]`)
const text = (id: string): string => find(id)?.textContent?.trim() ?? ''
const encode = (written: string): Uint8Array => new TextEncoder().encode(written)
let mounted: ReturnType<Bench['render']> | null = null
afterEach(() => {
  mounted?.unmount()
  mounted = null
  localStorage.clear()
})

async function open(bench: Bench, topic: string): Promise<void> {
  mounted = bench.render(MessagesView, { topic, isActive: true })
  await settle()
  await bench.pass(250)
  await settle()
}
async function press(key: string, change: KeyboardEventInit = {}): Promise<void> {
  window.dispatchEvent(new KeyboardEvent('keydown', { key, cancelable: true, ...change }))
  await settle()
}

describe('messages of a topic', () => {
  it('reads the newest by itself and draws them', async () => {
    const bench = await createBench()
    await open(bench, 'orders')
    expect(find('messages-status')?.dataset).toMatchObject({ state: 'finished', rowCount: '500' })
    expect(text('message-row-0')).toContain('orderId')
  })

  it('says so where there is nothing, and leads to producing', async () => {
    const bench = await createBench()
    await open(bench, 'carts.abandoned')
    expect(text('messages-empty')).toContain('carts.abandoned has no records.')
    find('messages-empty-produce')?.click()
    expect(useTabsStore().active).toMatchObject({ kind: 'produce', topic: 'carts.abandoned' })
  })

  it('says why it could not read, and reads when asked again', async () => {
    const bench = await createBench()
    bench.host.failOn('messages.open', new WorkbenchError('expected', 'NO_BROKER', 'No broker answers. Start one.'))
    await open(bench, 'orders')
    expect(document.body.textContent).toContain('No broker answers. Start one.')
    expect(find('messages-status')?.dataset['state']).toBe('failed')
    bench.host.failOn('messages.open', null)
    await press('F5')
    await bench.pass(250)
    expect(find('messages-status')?.dataset['state']).toBe('finished')
  })

  it('opens a record exactly as it was sent, and copies it exactly', async () => {
    const bench = await createBench()
    const end = bench.host.cluster.partitionViews('shipments')[1]?.highWatermark ?? 0
    bench.host.messages.remember('shipments', 1, end - 1, {
      key: encode('k'),
      value: encode('{"id":7205759403792793601,"note":""}'),
      headers: [
        { key: 'retry', value: encode('1') },
        { key: 'retry', value: null },
      ],
      timestampMs: Date.now(),
    })
    mounted = bench.render(MessagesView, { topic: 'shipments', isActive: false })
    useJumpStore().openRecord('shipments', 1, end - 1)
    mounted.unmount()
    await open(bench, 'shipments')
    await settle()
    expect(find('message-detail')?.dataset).toMatchObject({ partition: '1', offset: String(end - 1) })
    expect(text('message-tree')).toContain('7205759403792793601')
    expect(text('message-header-1')).toContain('repeated')
    expect(text('message-header-1')).toContain('null')
    await press('c', { ctrlKey: true })
    await press('C', { ctrlKey: true, shiftKey: true })
    expect(bench.host.copied[0]).toBe('{"id":7205759403792793601,"note":""}')
    expect(bench.host.copied[1]).toContain('"value": {"id":7205759403792793601,"note":""}')
    await press('Escape')
    expect(find('message-detail')).toBeNull()
  })

  it('sends a record again and says where it landed', async () => {
    const bench = await createBench()
    await open(bench, 'shipments')
    find('message-row-3')?.click()
    await settle()
    const partition = Number(find('message-detail')?.dataset['partition'])
    await press('r')
    await bench.pass(250)
    expect(find('message-resend-result')?.dataset['state']).toBe('sent')
    expect(text('message-resend-result')).toContain(`shipments-${partition} @`)
  })

  it('opens a record in a form of its own for editing', async () => {
    const bench = await createBench()
    await open(bench, 'shipments')
    find('message-row-3')?.click()
    await settle()
    await press('e')
    const tab = useTabsStore().active
    expect(tab).toMatchObject({ kind: 'produce', topic: 'shipments', hasDraft: false })
    expect(useProduceStore().formOf(tab?.id ?? '', null).form.topic).toBe('shipments')
  })

  it('appends live and tells of a leader that is gone while it goes on', async () => {
    const bench = await createBench()
    await open(bench, 'audit.events.v2')
    find('messages-start-live')?.click()
    await settle()
    expect(find('messages-status')?.dataset['state']).toBe('live')
    await bench.pass(2_000)
    const before = Number(find('messages-status')?.dataset['rowCount'])
    expect(before).toBeGreaterThan(0)
    bench.host.cluster.kill(bench.host.cluster.partition('audit.events.v2', 0)?.leader ?? 0)
    await bench.pass(2_000)
    await bench.pass(2_000)
    expect(text('messages-note')).toContain('The read goes on')
    expect(find('messages-status')?.dataset['state']).toBe('live')
    find('messages-stop')?.click()
    await settle()
    await nextTick()
    expect(find('messages-status')?.dataset['state']).toBe('stopped')
  })
})
