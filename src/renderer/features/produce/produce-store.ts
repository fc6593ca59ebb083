/**
 * The forms that are being written, one a produce tab, what was sent, and how it went. Forms outlive their tab and the app: a closed one with
 * something in it waits in the list, and open ones come back with the window. Runs do not; they belong to the process that sends.
 */
import { defineStore } from 'pinia'
import { computed, reactive, ref, watch } from 'vue'
import type { ProduceProgress, ProduceRequestInput } from '../../../shared/model/producing'
import { useHost } from '../../host/host'
import { messageOf } from '../cluster/store'
import { useTabsStore } from '../frame/tabs-store'
import { blankForm, fromRequest, hasContent, type ProduceForm, requestOf } from './produce-form'
import { type KeptForm, readKept, type SentMessage, writeKept } from './produce-keeping'

export interface ProduceRun {
  readonly request: ProduceRequestInput
  readonly startedAtMs: number
  /** null until the first word of it. */
  progress: ProduceProgress | null
  runId: number | null
  /** Why it could not be started. */
  refusal: string | null
  isCancelling: boolean
}

interface OpenForm {
  form: ProduceForm
  /** As it was when opened or last sent: what differs is a draft. */
  cleanText: string
  run: ProduceRun | null
}

const sentMax = 30
const closedMax = 20
const keepDelayMs = 300

export const useProduceStore = defineStore('produce', () => {
  const host = useHost()
  const tabs = useTabsStore()
  const open = reactive(new Map<string, OpenForm>())
  const kept = readKept()
  /** Newest first. */
  const sent = ref<SentMessage[]>(kept.sent)
  const closed = ref<KeptForm[]>(kept.closed)
  const early = new Map<number, ProduceProgress>()

  for (const { form, isDraft } of kept.open) {
    const id = tabs.addProduce(form.topic === '' ? null : form.topic, false)
    open.set(id, { form, cleanText: isDraft ? '' : JSON.stringify(form), run: null })
    tabs.setDraft(id, isDraft)
  }

  /** The form of a tab; a new tab gets a blank one. */
  function formOf(tabId: string, topic: string | null): OpenForm {
    const known = open.get(tabId)
    if (known) return known
    const form = blankForm(topic ?? '')
    open.set(tabId, { form, cleanText: JSON.stringify(form), run: null })
    return open.get(tabId)!
  }

  function isDraft(entry: OpenForm): boolean {
    return hasContent(entry.form) && JSON.stringify(entry.form) !== entry.cleanText
  }

  /** A tab of its own with this in it. */
  function openForm(form: ProduceForm): void {
    const id = tabs.addProduce(form.topic === '' ? null : form.topic, true)
    open.set(id, { form, cleanText: JSON.stringify(form), run: null })
  }

  function reopen(index: number): void {
    const [form] = closed.value.splice(index, 1)
    if (!form) return
    const id = tabs.addProduce(form.form.topic === '' ? null : form.form.topic, true)
    open.set(id, { form: form.form, cleanText: '', run: null })
  }

  const isRunning = (run: ProduceRun | null): boolean =>
    run !== null && run.refusal === null && (run.progress === null || run.progress.state === 'running')

  async function submit(tabId: string): Promise<void> {
    const entry = open.get(tabId)
    const request = entry ? requestOf(entry.form, Date.now()) : null
    if (!entry || !request || isRunning(entry.run)) return
    entry.run = { request, startedAtMs: Date.now(), progress: null, runId: null, refusal: null, isCancelling: false }
    const { run } = entry
    try {
      const { runId } = await host.call('produce.start', { ...request, headers: [...request.headers] })
      run.runId = runId
      const told = early.get(runId)
      early.clear()
      if (told) run.progress = told
      entry.cleanText = JSON.stringify(entry.form)
      sent.value = [{ request, atMs: run.startedAtMs }, ...sent.value].slice(0, sentMax)
    } catch (error) {
      run.refusal = messageOf(error)
    }
  }

  async function cancel(tabId: string): Promise<void> {
    const run = open.get(tabId)?.run
    if (!run || run.runId === null) return
    run.isCancelling = true
    try {
      await host.call('produce.cancel', { runId: run.runId })
    } catch (error) {
      run.isCancelling = false
      run.refusal = messageOf(error)
    }
  }

  host.on('produce.progress', (progress) => {
    for (const { run } of open.values()) {
      if (run?.runId !== progress.runId) continue
      run.progress = progress
      return
    }
    // A short run is over before the answer that names it.
    early.set(progress.runId, progress)
    if (early.size > 8) early.delete(early.keys().next().value!)
  })

  // A tab that goes leaves what was written in the list.
  watch(
    () => tabs.tabs.map((tab) => tab.id),
    (ids) => {
      for (const [id, entry] of open) {
        if (ids.includes(id)) continue
        open.delete(id)
        if (isDraft(entry))
          closed.value = [{ form: entry.form, isDraft: true, atMs: Date.now() }, ...closed.value].slice(0, closedMax)
      }
    },
  )
  watch(
    () => [...open].map(([id, entry]) => [id, isDraft(entry), entry.form.topic] as const),
    (drafts) => {
      for (const [id, draft, topic] of drafts) {
        tabs.setDraft(id, draft)
        const tab = tabs.tabs.find((each) => each.id === id)
        if (tab) tab.topic = topic === '' ? null : topic
      }
    },
  )

  const toKeep = computed(() => ({
    open: [...open.values()]
      .filter((entry) => hasContent(entry.form))
      .map((entry) => ({ form: entry.form, isDraft: isDraft(entry), atMs: 0 })),
    closed: closed.value,
    sent: sent.value,
  }))
  let timer: ReturnType<typeof setTimeout> | undefined
  watch(
    toKeep,
    () => {
      clearTimeout(timer)
      timer = setTimeout(() => writeKept(toKeep.value), keepDelayMs)
    },
    { deep: true },
  )
  // What was typed in the last moment is kept too.
  window.addEventListener('pagehide', () => writeKept(toKeep.value))

  return {
    open,
    sent,
    closed,
    formOf,
    isDraft,
    openForm,
    reopen,
    openSent: (index: number): void => {
      const message = sent.value[index]
      if (message) openForm(fromRequest(message.request))
    },
    discard: (index: number): void => void closed.value.splice(index, 1),
    clearSent: (): void => {
      sent.value = []
    },
    submit,
    cancel,
    isRunning,
  }
})
