import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { nextTick } from 'vue'
import { type Bench, createBench, settle } from '../../testing/render'
import { useFrameStore } from '../frame/frame-store'
import { type Tab, useTabsStore } from '../frame/tabs-store'
import DeleteSchemaDialog from './DeleteSchemaDialog.vue'
import { useDocumentsStore } from './documents-store'
import NewSchemaDialog from './NewSchemaDialog.vue'
import SchemaList from './SchemaList.vue'
import SchemasView from './SchemasView.vue'
import SubjectView from './SubjectView.vue'
import { topicOfSubject, useSchemasStore } from './store'
import TransferDialog from './TransferDialog.vue'

/** A machine that is busy with something else must not fail a test. */
vi.setConfig({ testTimeout: 60_000 })
const eventually = <T>(look: () => T | Promise<T>): Promise<T> => vi.waitFor(look, { timeout: 20_000 })

const find = <T extends HTMLElement = HTMLElement>(id: string) => document.querySelector<T>(`[data-testid="${id}"]`)
async function fill(id: string, value: string): Promise<void> {
  const input = find<HTMLInputElement>(id)
  if (!input) throw new Error(`no ${id}`)
  input.value = value
  input.dispatchEvent(new Event('input', { bubbles: true }))
  await nextTick()
}
let mounted: ReturnType<Bench['render']> | null = null
beforeEach(() => localStorage.clear())
afterEach(() => {
  mounted?.unmount()
  mounted = null
})

async function openSubject(subject = 'orders-value') {
  const bench = await createBench()
  await useSchemasStore().load()
  await settle()
  useTabsStore().openSubject(subject, { keep: true })
  const tab = useTabsStore().active as Tab
  mounted = bench.render(SubjectView, { tab, isActive: true })
  const documents = useDocumentsStore()
  const opened = documents.documentOf(tab.id, subject)
  await eventually(() => expect(opened.analysis).not.toBeNull())
  await settle()
  return { bench, documents, opened }
}

describe('the subjects', () => {
  it('are listed with their versions, and one pressed opens', async () => {
    const bench = await createBench()
    await useSchemasStore().load()
    await settle()
    mounted = bench.render(SchemasView)
    await nextTick()
    expect(find('schemas-facts')?.textContent).toBe('7 subjects')
    expect(find('subject-row-orders-value')?.textContent).toContain('v7')
    find('subject-link-orders-value')?.click()
    expect(useTabsStore().activeId).toBe('subject:orders-value')
  })
  it('are found by name and id at once and by their text after a pause', async () => {
    const bench = await createBench()
    await useSchemasStore().load()
    await settle()
    mounted = bench.render(SchemaList)
    await fill('subject-filter', 'customers')
    expect(find('subject-tree-subject:customers-value')).not.toBeNull()
    expect(find('subject-tree-subject:orders-value')).toBeNull()
    await fill('subject-filter', 'placedAt')
    await eventually(() => expect(find('subject-tree-subject:orders-value')).not.toBeNull())
    expect(document.body.textContent).toContain('Found in the text')
    await fill('subject-filter', 'nowhere at all')
    await eventually(() => expect(document.body.textContent).toContain('No subject has'))
  })
  it('say that the registry is down, and come back with it', async () => {
    const bench = await createBench()
    bench.host.schemas.problem = 'Its port is taken.'
    await useSchemasStore().load()
    mounted = bench.render(SchemasView)
    await settle()
    expect(find('registry-down')?.textContent).toContain('Its port is taken.')
    bench.host.schemas.problem = null
    bench.host.emit('schemas.changed', bench.host.schemas.registry())
    await settle()
    expect(find('registry-down')).toBeNull()
    expect(find('schemas-facts')?.textContent).toBe('7 subjects')
  })
  it('by the thousand draw only those in sight', async () => {
    const bench = await createBench({ scenario: 'many' })
    await useSchemasStore().load()
    await settle()
    mounted = bench.render(SchemasView)
    await nextTick()
    expect(find('schemas-facts')?.textContent).toBe('5,000 subjects')
    expect(document.querySelectorAll('[data-testid^="subject-row-"]').length).toBeLessThan(80)
  })
})

describe('a subject', () => {
  it('shows the verdict of each version while its draft changes, and mends itself by a fix', async () => {
    const { documents, opened } = await openSubject()
    expect(find('schema-version-7')?.dataset['state']).toBe('same')
    const broken = opened.text
      .replace(/,\s*"REFUNDED"/, '')
      .replace('"items": "com.acme.Line"\n      }', '"items": "com.acme.Line"\n      },\n      "default": []')
    documents.edit(opened, { text: broken })
    await eventually(() => expect(find('schema-compatibility')?.dataset['verdict']).toBe('incompatible'))
    await nextTick()
    expect(find('schema-version-6')?.dataset['state']).toBe('breaks')
    expect(find('schema-version-5')?.dataset['state']).toBe('agrees')
    expect(document.body.textContent).toContain('REFUNDED')
    expect(find('schema-register')?.getAttribute('aria-disabled')).toBe('true')
    await eventually(() => expect(find('schema-editor')?.dataset['ready']).toBe('true'))
    find('schema-fix-0-0')?.click()
    await eventually(() => expect(find('schema-compatibility')?.dataset['verdict']).toBe('compatible'))
    expect(opened.text).toContain('REFUNDED')
    expect(find('schema-register')?.textContent).toContain('Register v8')
  })
  it('shows errors of the text and gives no verdict then', async () => {
    const { documents, opened } = await openSubject()
    documents.edit(opened, { text: '{ "type": ' })
    await eventually(() => expect(find('schema-compatibility')?.dataset['verdict']).toBe('invalid'))
    await nextTick()
    expect(find('schema-entry-0')?.dataset['severity']).toBe('error')
    expect(find('schema-register')?.title).toContain('errors')
  })
  it('shows a version read only, and begins a draft from it', async () => {
    const { opened } = await openSubject()
    find('schema-version-2')?.click()
    await settle()
    expect(document.querySelector('[data-testid="schema-editor"][data-read-only="true"]')).not.toBeNull()
    find('schema-begin-from')?.click()
    await nextTick()
    expect(opened.text).not.toContain('REFUNDED')
    expect(find('subject-view')?.dataset['draft']).toBe('true')
    expect(find('schema-begin-from')).toBeNull()
  })
  it('registers with Ctrl Enter and says which version it became', async () => {
    const { documents, opened } = await openSubject('customers-value')
    documents.edit(opened, {
      text: opened.text.replace('"fields": [', '"fields": [ { "name": "age", "type": "int", "default": 0 },'),
    })
    await eventually(() => expect(find('schema-compatibility')?.dataset['verdict']).toBe('compatible'))
    await nextTick()
    expect(find('schema-register')?.textContent).toContain('Register v2')
    window.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', ctrlKey: true }))
    await eventually(() => expect(find('schema-register-result')?.dataset['state']).toBe('registered'))
    expect(find('schema-register-result')?.textContent).toContain('customers-value v2')
  })
  it('decodes the last messages of its topic with the draft, and opens the first that fails', async () => {
    const { documents, opened } = await openSubject()
    documents.edit(opened, { text: opened.text.replace(/,\s*"REFUNDED"/, '') })
    await eventually(() => expect(find('schema-compatibility')?.dataset['stale']).toBe('false'))
    await nextTick()
    find('evolution-run')?.click()
    await eventually(() => expect(find('evolution')?.dataset['failed']).toBe('2'))
    await nextTick()
    find('evolution-failure-0')?.click()
    expect(useTabsStore().activeId).toBe('topic:orders')
  })
  it('keeps the check to its bar in a low window, with how it ended, until it is opened', async () => {
    const { bench } = await openSubject()
    const frame = useFrameStore()
    frame.windowHeight = 700
    await nextTick()
    find('evolution-run')?.click()
    await eventually(() => expect(find('evolution')?.dataset['checked']).not.toBe(''))
    await bench.pass(0)
    expect(find('evolution-sum')?.textContent).toContain('ok')
    expect(document.querySelector('.evolution .body')).toBeNull()
    document.querySelector<HTMLElement>('[aria-label="Open the result"]')?.click()
    await nextTick()
    expect(document.querySelector('.evolution .body')).not.toBeNull()
    expect(find('evolution-sum')).toBeNull()
  })
  it('follows references to the version that they name', async () => {
    await openSubject()
    find('subject-section-references')?.click()
    await eventually(() => expect(find('reference-node-com.acme.Money-2')).not.toBeNull())
    find('reference-node-com.acme.Money-2')?.click()
    expect(useTabsStore().activeId).toBe('subject:com.acme.Money')
    expect(useDocumentsStore().documents.get('subject:com.acme.Money')?.shownVersion).toBe(2)
  })
  it('that is gone says so', async () => {
    const bench = await createBench()
    await useSchemasStore().load()
    useTabsStore().openSubject('nothing-value', { keep: true })
    mounted = bench.render(SubjectView, { tab: useTabsStore().active as Tab, isActive: true })
    await settle()
    expect(find('subject-error')?.textContent).toContain('not found')
  })
})

describe('deleting', () => {
  it('says what is kept when it is soft, and restores under the same number', async () => {
    const { bench } = await openSubject('com.acme.Money')
    find('subject-section-settings')?.click()
    await nextTick()
    find('delete-version-1')?.click()
    await nextTick()
    expect(find('delete-schema-dialog')?.textContent).toContain('Messages written with it can still be read')
    find('delete-schema-submit')?.click()
    await eventually(() => expect(find('settings-version-1')?.dataset['deleted']).toBe('true'))
    find('restore-version-1')?.click()
    await eventually(() => expect(find('settings-version-1')?.dataset['deleted']).toBe('false'))
    expect(bench.host.schemas.view('com.acme.Money').versions.map((each) => each.version)).toEqual([1, 2])
  })
  it('for ever wants the subject typed', async () => {
    const bench = await createBench()
    bench.host.schemas.deleteVersion('customers-value', 1, false)
    mounted = bench.render(DeleteSchemaDialog, {
      view: bench.host.schemas.view('customers-value'),
      version: null,
      permanent: true,
    })
    await settle()
    find('delete-schema-submit')?.click()
    await settle()
    expect(bench.host.schemas.subjects.has('customers-value')).toBe(true)
    await fill('delete-schema-name', 'customers-value')
    find('delete-schema-submit')?.click()
    await settle()
    expect(bench.host.schemas.subjects.has('customers-value')).toBe(false)
  })
})

describe('a new schema', () => {
  async function openDialog(from: 'blank' | 'topic' | 'json', topic: string | null = null) {
    const bench = await createBench()
    await useSchemasStore().load()
    useDocumentsStore().askNew(from, topic)
    mounted = bench.render(NewSchemaDialog)
    await settle()
    return bench
  }
  it('is named after its topic and says from how many messages it was inferred', async () => {
    await openDialog('topic', 'payments')
    expect(find<HTMLInputElement>('new-schema-subject')?.value).toBe('payments-value')
    find('new-schema-submit')?.click()
    await settle()
    const draft = useDocumentsStore().newDrafts[0]
    expect(draft?.subject).toBe('payments-value')
    expect(draft?.inference?.sampleCount).toBe(1000)
  })
  it('begins blank in the language chosen, valid as it stands', async () => {
    const bench = await openDialog('blank')
    find('new-schema-language-json-schema')?.click()
    await fill('new-schema-subject', 'web.clicks-value')
    find('new-schema-submit')?.click()
    await settle()
    const draft = useDocumentsStore().newDrafts[0]
    expect(JSON.parse(draft?.text ?? '')).toMatchObject({ title: 'Clicks' })
    expect(
      (await bench.host.call('schemas.analyse', { draft: useDocumentsStore().copyOf(draft!), sampleSeed: 1 })).verdict,
    ).not.toBeNull()
  })
  it('says why JSON that was pasted is none, and keeps it', async () => {
    await openDialog('json')
    await fill('new-schema-json', '{ "a": }')
    find('new-schema-submit')?.click()
    await settle()
    expect(find('new-schema-error')?.textContent).toContain('Line 1')
    expect(find<HTMLTextAreaElement>('new-schema-json')?.value).toBe('{ "a": }')
  })
})

it('export gives all subjects and import says what came of it', async () => {
  const bench = await createBench()
  mounted = bench.render(TransferDialog, { kind: 'export', subjects: ['orders-key'] })
  await settle()
  expect(find('export-text')?.textContent).toContain('orders-key')
  mounted.unmount()
  mounted = bench.render(TransferDialog, { kind: 'import', subjects: null })
  await settle()
  await fill('import-text', 'nonsense')
  find('import-submit')?.click()
  await settle()
  expect(find('transfer-error')?.textContent).toContain('not JSON')
  await fill('import-text', '{}')
  find('import-submit')?.click()
  await settle()
  expect(find('import-result')?.dataset['imported']).toBe('1')
})

it('takes the topic out of a subject name, also in a context', () => {
  expect(topicOfSubject('orders-value')).toEqual({ topic: 'orders', part: 'value' })
  expect(topicOfSubject(':.staging:orders-key')).toEqual({ topic: 'orders', part: 'key' })
  expect(topicOfSubject('com.acme.Money')).toBeNull()
})
