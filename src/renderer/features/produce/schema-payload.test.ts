import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Bench, createBench, settle } from '../../testing/render'
import { type Tab, useTabsStore } from '../frame/tabs-store'
import { useSchemasStore } from '../schemas/store'
import ProduceView from './ProduceView.vue'
import { useProduceStore } from './produce-store'
import { pathSegments, placeOf } from './schema-payload'

/** A machine that is busy with something else must not fail a test. */
vi.setConfig({ testTimeout: 60_000 })
const eventually = <T>(look: () => T | Promise<T>): Promise<T> => vi.waitFor(look, { timeout: 20_000 })

const find = <T extends HTMLElement = HTMLElement>(id: string) => document.querySelector<T>(`[data-testid="${id}"]`)
let mounted: ReturnType<Bench['render']> | null = null
beforeEach(() => localStorage.clear())
afterEach(() => {
  mounted?.unmount()
  mounted = null
})

async function openForm(): Promise<{ bench: Bench; tab: Tab }> {
  const bench = await createBench()
  await useSchemasStore().load()
  await settle()
  useTabsStore().openProduce('orders')
  const tab = useTabsStore().active as Tab
  mounted = bench.render(ProduceView, { tab, isActive: true })
  await settle()
  return { bench, tab }
}

describe('a value written with a schema', () => {
  it("takes the topic's own subject and begins with a sample of it", async () => {
    const { tab } = await openForm()
    find('produce-value-format-schema')?.click()
    await eventually(() => expect(find<HTMLTextAreaElement>('produce-value')?.value).toContain('"orderId"'))
    expect(useProduceStore().formOf(tab.id, null).form.value).toMatchObject({
      format: 'schema',
      subject: 'orders-value',
      version: null,
    })
    expect(find('produce-value-version')?.textContent).toContain('latest, v7')
  })
  it('keeps JSON that was written already', async () => {
    await openForm()
    find('produce-value-format-json')?.click()
    await settle()
    const area = find<HTMLTextAreaElement>('produce-value')
    if (!area) throw new Error('no editor')
    area.value = '{ "mine": 1 }'
    area.dispatchEvent(new Event('input', { bubbles: true }))
    await settle()
    find('produce-value-format-schema')?.click()
    await settle()
    expect(find<HTMLTextAreaElement>('produce-value')?.value).toBe('{ "mine": 1 }')
  })
  it('is not sent while the schema refuses it, and says where', async () => {
    const { bench } = await openForm()
    const real = bench.host.call.bind(bench.host)
    vi.spyOn(bench.host, 'call').mockImplementation((async (name: never, ...rest: never[]) =>
      name === 'schemas.validate'
        ? { problem: { path: '/status', message: 'BOGUS is no symbol of Status.' } }
        : real(name, ...(rest as []))) as never)
    find('produce-value-format-schema')?.click()
    await eventually(() => expect(find('produce-value-error')?.textContent).toContain('BOGUS is no symbol'))
    expect(find('produce-value-error')?.textContent).toContain('Line 4')
    find('produce-submit')?.click()
    await settle()
    expect(find('produce-result')).toBeNull()
  })
})

describe('a value written with a Protobuf file of several messages', () => {
  const text = 'syntax = "proto3";\nmessage Payment {\n  string id = 1;\n}\nmessage Refund {\n  string id = 1;\n}\n'

  it('is of the one that is chosen, which then stands in the text', async () => {
    const { bench } = await openForm()
    const draft = { subject: 'payments-key', language: 'protobuf' as const, text, references: [] }
    const { version } = await bench.host.call('schemas.register', { draft, normalize: false })
    await settle()
    find('produce-key-format-schema')?.click()
    const store = useProduceStore()
    const { form } = store.formOf((useTabsStore().active as Tab).id, null)
    form.key = { format: 'schema', subject: 'payments-key', version, text: '{}' }
    await eventually(() => expect(find('produce-key-message')?.textContent).toContain('Payment'))
    form.key = { format: 'schema', subject: 'payments-key', version, text: '{ "@type": "Refund" }' }
    await eventually(() => expect(find('produce-key-message')?.textContent).toContain('Refund'))
    find('produce-key-sample')?.click()
    await eventually(() => expect(form.key.text).toContain('"@type": "shop.Refund"'))
  })
})

describe('the place of what is wrong', () => {
  const text = '{\n  "items": [{ "sku": 1 }, { "sku": 2 }]\n}'
  it('is found by a JSON pointer and by a dotted path', () => {
    expect(pathSegments('/items/1/sku')).toEqual(['items', 1, 'sku'])
    expect(pathSegments('$.items[1].sku')).toEqual(['items', 1, 'sku'])
    const { from, to } = placeOf(text, '/items/1/sku')
    expect(text.slice(from, to)).toBe('2')
  })
  it('is the nearest thing around it where the path is not there', () => {
    const { from, to } = placeOf(text, '/items/1/price')
    expect(text.slice(from, to)).toBe('{ "sku": 2 }')
    expect(placeOf('', '/a')).toEqual({ from: 0, to: 1 })
  })
})
