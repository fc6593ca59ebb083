import { afterEach, describe, expect, it } from 'vitest'
import { WorkbenchError } from '../../../shared/ipc/errors'
import { type Bench, createBench, settle } from '../../testing/render'
import { useTabsStore } from '../frame/tabs-store'
import { useProduceStore } from '../produce/produce-store'
import { useDocumentsStore } from '../schemas/documents-store'
import { useSchemasStore } from '../schemas/store'
import MessagesView from './MessagesView.vue'

const find = <T extends HTMLElement = HTMLElement>(id: string) => document.querySelector<T>(`[data-testid="${id}"]`)
let mounted: ReturnType<Bench['render']> | null = null
afterEach(() => {
  mounted?.unmount()
  mounted = null
  localStorage.clear()
})

/** The topic whose records carry schema ids; some of them one that nobody knows. */
async function openCustomers(): Promise<Bench> {
  const bench = await createBench()
  await useSchemasStore().load()
  mounted = bench.render(MessagesView, { topic: 'customers', isActive: true })
  await settle()
  await bench.pass(250)
  await settle()
  return bench
}
/** Selects the first row whose schema reads so. */
async function select(words: string): Promise<void> {
  const badge = [...document.querySelectorAll<HTMLElement>('[data-testid^="message-schema-"]')].find(
    (each) => each.textContent === words,
  )
  badge?.click()
  await settle()
}

describe('a record that carries a schema id', () => {
  it('is shown as what it means, with version and id, and leads to that version', async () => {
    await openCustomers()
    await select('v1 · 12')
    expect(find('message-value-schema')?.dataset).toMatchObject({ kind: 'decoded', id: '12', version: '1' })
    expect(find('message-value-schema')?.textContent).toContain('latest')
    expect(find('message-tree')?.textContent).toContain('cus_')
    find('message-value-schema')?.querySelector('button')?.click()
    expect(useTabsStore().activeId).toBe('subject:customers-value')
    expect(useDocumentsStore().documents.get('subject:customers-value')?.shownVersion).toBe(1)
  })
  it('is edited as JSON of the version that wrote it', async () => {
    await openCustomers()
    await select('v1 · 12')
    find('message-edit')?.click()
    await settle()
    const tab = useTabsStore().active
    if (!tab) throw new Error('no tab')
    expect(useProduceStore().formOf(tab.id, null).form.value).toMatchObject({
      format: 'schema',
      subject: 'customers-value',
      version: 1,
    })
  })
  it('that nobody can read says what was tried and why it failed, in its row and beside it', async () => {
    await openCustomers()
    expect(document.querySelector('.row.bad')?.textContent).toContain('Schema id 99 is not registered')
    await select('id 99')
    expect(find('message-decode-failed')?.textContent).toContain('Tried Avro')
    expect(find('message-decode-failed')?.textContent).toContain('99 is not registered')
    expect(find('message-value-schema')?.dataset['kind']).toBe('failed')
  })
  it('is still shown with its bytes where the registry does not answer', async () => {
    const bench = await openCustomers()
    bench.host.failOn('schemas.decode', new WorkbenchError('expected', 'REGISTRY_DOWN', 'The registry is down.'))
    await select('v1 · 12')
    expect(find('message-detail')?.dataset['offset']).toMatch(/\d+/)
    expect(document.body.textContent).toContain('The registry is down.')
  })
})
