/**
 * The forms that are being written, one a produce tab, and what is sent. Forms outlive their tab and the app: a closed one with something in it
 * waits in the list, and open ones come back with the window. Runs belong to the process that sends: they go on when their tab is closed, and
 * the workspace keeps the last of them.
 */
import { defineStore } from 'pinia'
import { computed, reactive, ref, shallowRef, watch } from 'vue'
import type { ProduceProgress, ProduceRequestInput, ProduceRunView } from '../../../shared/model/producing'
import { useHost } from '../../host/host'
import { messageOf } from '../cluster/store'
import { useTabsStore } from '../frame/tabs-store'
import { blankForm, fromRequest, hasContent, type ProduceForm, requestOf } from './produce-form'
import { type KeptForm, readKept, writeKept } from './produce-keeping'

export interface ProduceRun {
  readonly topic: string
  readonly acks: ProduceRequestInput['acks']
  /** null: until stopped. */
  count: number | null
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
  /** As it was when opened, saved or last sent: what differs is a draft. */
  cleanText: string
  run: ProduceRun | null
  /** The saved message that it is, where it is one. */
  savedId: string | null
}

const closedMax = 20
const keepDelayMs = 300

export const isOver = (progress: ProduceProgress | null): boolean =>
  progress !== null && !['waiting', 'running', 'paused'].includes(progress.state)

export const useProduceStore = defineStore('produce', () => {
  const host = useHost()
  const tabs = useTabsStore()
  const open = reactive(new Map<string, OpenForm>())
  const kept = readKept()
  const closed = ref<KeptForm[]>(kept.closed)
  /** Newest first, those under way and the last that have ended. */
  const runs = shallowRef<readonly ProduceRunView[]>([])
  /** Why the list is not there. */
  const runsProblem = ref<string | null>(null)
  const early = new Map<number, ProduceProgress>()

  for (const { form, isDraft } of kept.open) {
    const id = tabs.addProduce(form.topic === '' ? null : form.topic, false)
    open.set(id, { form, cleanText: isDraft ? '' : JSON.stringify(form), run: null, savedId: null })
    tabs.setDraft(id, isDraft)
  }

  /** The form of a tab; a new tab gets a blank one. */
  function formOf(tabId: string, topic: string | null): OpenForm {
    const known = open.get(tabId)
    if (known) return known
    const form = blankForm(topic ?? '')
    open.set(tabId, { form, cleanText: JSON.stringify(form), run: null, savedId: null })
    return open.get(tabId)!
  }

  function isDraft(entry: OpenForm): boolean {
    return hasContent(entry.form) && JSON.stringify(entry.form) !== entry.cleanText
  }

  /** A tab of its own with this in it. */
  function openForm(form: ProduceForm, of: { readonly savedId?: string; readonly run?: ProduceRun } = {}): void {
    const id = tabs.addProduce(form.topic === '' ? null : form.topic, true)
    open.set(id, { form, cleanText: JSON.stringify(form), run: of.run ?? null, savedId: of.savedId ?? null })
  }

  function reopen(index: number): void {
    const [form] = closed.value.splice(index, 1)
    if (!form) return
    const id = tabs.addProduce(form.form.topic === '' ? null : form.form.topic, true)
    open.set(id, { form: form.form, cleanText: '', run: null, savedId: null })
  }

  const isRunning = (run: ProduceRun | null): boolean => run !== null && run.refusal === null && !isOver(run.progress)

  /** Of a form; or, with `lines`, of lines that were checked, delivered as the form says. */
  async function submit(
    tabId: string,
    lines: { readonly linesId: number; readonly name: string; readonly count: number } | null = null,
  ): Promise<void> {
    const entry = open.get(tabId)
    const asked = entry ? requestOf(entry.form, Date.now()) : null
    if (!entry || !asked || isRunning(entry.run)) return
    const request: ProduceRequestInput =
      lines === null ? asked : { ...asked, count: lines.count, lines: { linesId: lines.linesId, name: lines.name } }
    entry.run = {
      topic: request.topic,
      acks: request.acks,
      count: request.count,
      startedAtMs: Date.now(),
      progress: null,
      runId: null,
      refusal: null,
      isCancelling: false,
    }
    const { run } = entry
    try {
      const { runId } = await host.call('produce.start', { ...request, headers: [...request.headers] })
      run.runId = runId
      run.progress = early.get(runId) ?? run.progress
      early.clear()
      if (lines === null) entry.cleanText = JSON.stringify(entry.form)
    } catch (error) {
      run.refusal = messageOf(error)
    }
  }

  async function onRun(tabId: string, ask: (run: ProduceRun, runId: number) => Promise<unknown>): Promise<void> {
    const run = open.get(tabId)?.run
    if (!run || run.runId === null) return
    try {
      await ask(run, run.runId)
    } catch (error) {
      run.isCancelling = false
      run.refusal = messageOf(error)
    }
  }

  /** Of a run of the list, with its message, to look at and to send again changed. */
  async function openRun(view: ProduceRunView): Promise<void> {
    const run: ProduceRun = {
      topic: view.topic,
      acks: -1,
      count: view.count,
      startedAtMs: view.startedAtMs,
      progress: view.progress,
      runId: view.runId,
      refusal: null,
      isCancelling: false,
    }
    const shown = [...open].find(([, entry]) => entry.run?.runId === view.runId)?.[0]
    if (shown !== undefined) return tabs.activate(shown)
    try {
      const request = await host.call('produce.request', { runId: view.runId })
      openForm(fromRequest(request), { run: { ...run, acks: request.acks } })
    } catch {
      // Its message was too large to be kept: what it did is still told.
      openForm(blankForm(view.topic), { run })
    }
  }

  host.on('produce.progress', (progress) => {
    const at = runs.value.findIndex((run) => run.runId === progress.runId)
    if (at >= 0) runs.value = runs.value.map((run, index) => (index === at ? { ...run, progress } : run))
    let isShown = false
    for (const { run } of open.values()) {
      if (run?.runId !== progress.runId) continue
      run.progress = progress
      isShown = true
    }
    if (isShown) return
    // A short run is over before the answer that names it.
    early.set(progress.runId, progress)
    if (early.size > 8) early.delete(early.keys().next().value!)
  })
  host.on('produce.runsChanged', (views) => {
    runs.value = views
  })

  // The list keeps how far each run is known to have come; one that it has not is gone.
  host.on('app.clientsEnded', async ({ reason, isAgain }) => {
    early.clear()
    const lost = [...open.values()].flatMap(({ run }) => (run && run.runId !== null && isRunning(run) ? [run] : []))
    if (!isAgain && (lost.length > 0 || runs.value.length > 0)) await loadRuns()
    for (const run of lost) {
      const kept = runs.value.find(({ runId }) => runId === run.runId)
      run.isCancelling = false
      if (kept && kept.progress.state !== 'running') run.progress = kept.progress
      else
        run.refusal = `It ended because the clients worker died (${reason}). What was acknowledged before stays in ${run.topic}.`
    }
  })

  async function loadRuns(): Promise<void> {
    try {
      runs.value = await host.call('produce.runs')
      runsProblem.value = null
    } catch (error) {
      runsProblem.value = messageOf(error)
    }
  }

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
    runs,
    runsProblem,
    closed,
    formOf,
    isDraft,
    openForm,
    reopen,
    openRun,
    loadRuns,
    show: (tabId: string): void => tabs.activate(tabId),
    discard: (index: number): void => void closed.value.splice(index, 1),
    submit,
    cancel: (tabId: string): Promise<void> =>
      onRun(tabId, (run, runId) => {
        run.isCancelling = true
        return host.call('produce.cancel', { runId })
      }),
    pause: (tabId: string, isPaused: boolean): Promise<void> =>
      onRun(tabId, (_, runId) => host.call('produce.pause', { runId, isPaused })),
    cancelRun: (runId: number): Promise<undefined> => host.call('produce.cancel', { runId }),
    pauseRun: (runId: number, isPaused: boolean): Promise<undefined> => host.call('produce.pause', { runId, isPaused }),
    again: (runId: number): Promise<{ readonly runId: number }> => host.call('produce.again', { runId }),
    /** null: all that have ended. */
    forget: (runId: number | null): Promise<undefined> => host.call('produce.forget', { runId }),
    isRunning,
  }
})
