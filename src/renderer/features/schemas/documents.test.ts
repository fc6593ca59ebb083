import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { nextTick } from 'vue'
import type { DraftAnalysis } from '../../../shared/model/schemas'
import { createBench, settle } from '../../testing/render'
import { useTabsStore } from '../frame/tabs-store'
import { isDraft } from './document'
import { readKeptDrafts, writeKeptDrafts } from './documents-keeping'
import { useDocumentsStore } from './documents-store'
import { useSchemasStore } from './store'

beforeEach(() => localStorage.clear())
afterEach(() => vi.restoreAllMocks())

async function openOrders() {
  const bench = await createBench()
  await useSchemasStore().load()
  const documents = useDocumentsStore()
  useTabsStore().openSubject('orders-value', { keep: true })
  const document = documents.documentOf('subject:orders-value', 'orders-value')
  await documents.refresh(document)
  await vi.waitFor(() => expect(document.analysis).not.toBeNull())
  return { bench, documents, document }
}

describe('a subject that is opened', () => {
  it('shows its latest version, indented, and is no draft', async () => {
    const { document } = await openOrders()
    expect(document.baseVersion).toBe(7)
    expect(document.text).toContain('\n  "name": "Order"')
    expect(isDraft(document)).toBe(false)
    expect(document.analysis?.verdict?.unchangedVersion).toBe(7)
  })
  it('follows a version that somebody else registers, unless it is a draft', async () => {
    const { bench, documents, document } = await openOrders()
    const draft = documents.copyOf(document)
    const [text, other] = ['a', 'b'].map((name) => draft.text.replace('"fields": [', `"doc": "${name}", "fields": [`)) as [
      string,
      string,
    ]
    bench.host.schemas.need('orders-value').level = 'NONE'
    await bench.host.call('schemas.register', { draft: { ...draft, text }, normalize: false })
    await vi.waitFor(() => expect(document.baseVersion).toBe(8))
    expect(JSON.parse(document.text)).toEqual(JSON.parse(text))
    documents.edit(document, { text: `${text} ` })
    await bench.host.call('schemas.register', { draft: { ...draft, text: other }, normalize: false })
    await vi.waitFor(() => expect(document.view?.versions).toHaveLength(9))
    expect(document.text).toBe(`${text} `)
    expect(document.baseVersion).toBe(8)
  })
})

describe('typing', () => {
  it('drops the answer to an older text', async () => {
    const { bench, documents, document } = await openOrders()
    const answers: ((analysis: DraftAnalysis) => void)[] = []
    const real = bench.host.call.bind(bench.host)
    vi.spyOn(bench.host, 'call').mockImplementation(((name: never, ...rest: never[]) =>
      name === 'schemas.analyse'
        ? new Promise((resolve) => answers.push(resolve as never))
        : real(name, ...(rest as []))) as never)
    const answer = (elapsedMs: number): DraftAnalysis => ({ problems: [], outline: [], sample: `${elapsedMs}`, verdict: null })
    documents.edit(document, { text: '"int"' })
    await vi.waitFor(() => expect(answers).toHaveLength(1))
    documents.edit(document, { text: '"long"' })
    await vi.waitFor(() => expect(answers).toHaveLength(2))
    answers[1]?.(answer(2))
    await settle()
    answers[0]?.(answer(1))
    await settle()
    expect(document.analysis?.sample).toBe('2')
    expect(document.isAnalysing).toBe(false)
  })
  it('marks the tab and the subject as a draft, and taking it back ends that', async () => {
    const { documents, document } = await openOrders()
    const { text } = document
    documents.edit(document, { text: '"string"' })
    await nextTick()
    expect(useTabsStore().active?.hasDraft).toBe(true)
    expect(documents.draftSubjects.has('orders-value')).toBe(true)
    documents.edit(document, { text })
    await nextTick()
    expect(useTabsStore().active?.hasDraft).toBe(false)
  })
})

describe('a draft', () => {
  it('outlives the closing of its tab and of the window', async () => {
    const { documents, document } = await openOrders()
    documents.edit(document, { text: '"string"' })
    await nextTick()
    useTabsStore().close('subject:orders-value')
    await nextTick()
    expect(documents.documents.get('subject:orders-value')?.text).toBe('"string"')
    window.dispatchEvent(new Event('pagehide'))
    await createBench()
    const again = useDocumentsStore().documents.get('subject:orders-value')
    expect(again?.text).toBe('"string"')
    expect(again && isDraft(again)).toBe(true)
  })
  it('comes back in its tab where that was open, also before it has a subject', async () => {
    await createBench()
    useDocumentsStore().create('', { language: 'protobuf', text: 'syntax = "proto3";' })
    await nextTick()
    window.dispatchEvent(new Event('pagehide'))
    await createBench()
    useDocumentsStore()
    expect(useTabsStore().tabs.find((tab) => tab.kind === 'subject')).toMatchObject({ subject: '', hasDraft: true })
  })
  it('is the subject again when it is discarded', async () => {
    const { documents, document } = await openOrders()
    const { text } = document
    documents.edit(document, { text: '"string"' })
    documents.discard(document)
    expect(document.text).toBe(text)
    expect(isDraft(document)).toBe(false)
  })
  it('that cannot be kept is named, and the one written last is kept', () => {
    const draft = { isNew: false, language: 'avro' as const, references: [], baseVersion: 1, isOpen: true }
    const lost = writeKeptDrafts([
      { ...draft, subject: 'old', text: 'x'.repeat(1_000_000), editedAtMs: 1 },
      { ...draft, subject: 'new', text: 'x'.repeat(1_000_000), editedAtMs: 2 },
    ])
    expect(lost).toEqual(['old'])
    expect(readKeptDrafts().map((each) => each.subject)).toEqual(['new'])
  })
})

describe('registering', () => {
  it('turns a new schema into its subject, with its tab', async () => {
    await createBench()
    await useSchemasStore().load()
    const documents = useDocumentsStore()
    const written = '{ "type": "record", "name": "Click",\n"fields": [] }'
    documents.create('clicks-value', { language: 'avro', text: written })
    await nextTick()
    const draft = documents.newDrafts[0]
    if (!draft) throw new Error('no draft')
    await documents.register(draft)
    expect(useTabsStore().activeId).toBe('subject:clicks-value')
    const document = documents.documents.get('subject:clicks-value')
    expect(document?.registration).toMatchObject({ kind: 'registered', version: 1 })
    // However the registry writes it: it is this text that was registered.
    expect(document?.text).toBe(written)
    expect(document && isDraft(document)).toBe(false)
    expect(documents.newDrafts).toEqual([])
    expect(useSchemasStore().bySubject.get('clicks-value')?.latestVersion).toBe(1)
  })
  it('is news no longer than the version is there', async () => {
    const { bench, documents, document } = await openOrders()
    bench.host.schemas.need('orders-value').level = 'NONE'
    documents.edit(document, { text: '"string"' })
    await documents.register(document)
    expect(document.registration).toMatchObject({ kind: 'registered', version: 8 })
    await bench.host.call('schemas.deleteVersion', { subject: 'orders-value', version: 8, permanent: false })
    await documents.refresh(document)
    expect(document.registration).toBeNull()
  })
  it('keeps as a draft what was typed while it was on its way', async () => {
    const { bench, documents, document } = await openOrders()
    bench.host.schemas.need('orders-value').level = 'NONE'
    documents.edit(document, { text: '"string"' })
    const going = documents.register(document)
    documents.edit(document, { text: '"bytes"' })
    await going
    expect(document.text).toBe('"bytes"')
    expect(isDraft(document)).toBe(true)
    expect(document.baseVersion).toBe(8)
  })
  it('says why it was refused and keeps the draft', async () => {
    const { bench, documents, document } = await openOrders()
    bench.host.schemas.need('orders-value').mode = 'READONLY'
    documents.edit(document, { text: '"string"' })
    await documents.register(document)
    expect(document.registration).toMatchObject({ kind: 'failed', message: expect.stringContaining('read-only') })
    expect(isDraft(document)).toBe(true)
  })
})

describe('suggestions of an inference', () => {
  it('are taken one after the other, each at its place in the text of then', async () => {
    await createBench()
    const documents = useDocumentsStore()
    const at = (from: number, insert: string) => ({ label: insert, edits: [{ from, to: from + 1, insert }] })
    const note = { path: '', decision: '', sampleCount: 1, ofCount: 1 }
    documents.create('', {
      language: 'avro',
      text: 'a b c',
      inference: {
        language: 'avro',
        text: 'a b c',
        sampleCount: 1,
        skipped: [],
        notes: [
          { ...note, suggestion: at(0, 'AAA') },
          { ...note, suggestion: at(4, 'CCC') },
        ],
      },
    })
    await nextTick()
    const document = documents.newDrafts[0]
    if (!document) throw new Error('no draft')
    documents.applySuggestion(document, 0)
    documents.applySuggestion(document, 1)
    expect(document.text).toBe('AAA b CCC')
    documents.edit(document, { text: 'other' })
    documents.applySuggestion(document, 0)
    expect(document.text).toBe('other')
  })
})
