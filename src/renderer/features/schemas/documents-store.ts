/**
 * The schemas that are open or have a draft, one a tab. A draft outlives its tab and the app. Each is analysed at pauses of typing; answers
 * about a text that has changed since are dropped. Registering, levels, modes and deletion go through here too, since they change what is shown.
 */
import { defineStore } from 'pinia'
import { computed, reactive, ref, watch } from 'vue'
import type {
  InferredSchema,
  SchemaLanguage,
  SchemaReferenceView,
  SchemaVersionView,
  SourceRangeView,
  SubjectView,
} from '../../../shared/model/schemas'
import { useHost } from '../../host/host'
import { useToasts } from '../../ui'
import { messageOf } from '../cluster/store'
import { useTabsStore } from '../frame/tabs-store'
import { blankDocument, draftOf, isDraft, languageOf, latestOf, readableText, type SchemaDocument, signatureOf } from './document'
import { type KeptDraft, readKeptDrafts, writeKeptDrafts } from './documents-keeping'
import { useSchemasStore } from './store'

/** A pause of typing. */
const pauseMs = 150
const keepDelayMs = 300

export interface NewContent {
  readonly language: SchemaLanguage
  readonly text: string
  readonly references?: readonly SchemaReferenceView[]
  readonly inference?: InferredSchema
}

type Ranges = readonly { readonly from: number; readonly to: number }[]

const overlaps = (left: Ranges, right: Ranges): boolean => left.some((a) => right.some((b) => a.from < b.to && b.from < a.to))

export const useDocumentsStore = defineStore('schema-documents', () => {
  const host = useHost()
  const tabs = useTabsStore()
  const schemas = useSchemasStore()
  const toasts = useToasts()
  const documents = reactive(new Map<string, SchemaDocument>())
  /** How the dialog for a new schema is to begin; null while it is closed. */
  const asked = ref<{
    readonly from: 'blank' | 'topic' | 'json'
    readonly topic: string | null
    readonly subject: string
  } | null>(null)
  const timers = new Map<string, ReturnType<typeof setTimeout>>()
  let draftCount = 0
  let wasToldOfLoss = false

  for (const kept of readKeptDrafts()) revive(kept)

  function revive(kept: KeptDraft): void {
    const id = kept.isNew ? `schema-draft:${++draftCount}` : `subject:${kept.subject}`
    const document = blankDocument(id, kept.isNew, kept.subject)
    documents.set(id, {
      ...document,
      language: kept.language,
      text: kept.text,
      references: kept.references,
      baseVersion: kept.baseVersion,
      editedAtMs: kept.editedAtMs,
      // Whatever it was before, it is a draft now; the subject's view says from what.
      clean: '',
    })
    if (!kept.isOpen) return
    tabs.openSubject(kept.isNew ? '' : kept.subject, { id, isShown: false })
    tabs.setDraft(id, true)
  }

  /** The document of a tab. A subject's is read from the registry the first time. */
  function documentOf(id: string, subject: string): SchemaDocument {
    const known = documents.get(id)
    if (known) return known
    documents.set(id, blankDocument(id, subject === '', subject))
    return documents.get(id)!
  }

  /** Reads the subject anew. What is not a draft follows its latest version. */
  async function refresh(document: SchemaDocument): Promise<void> {
    const subject = document.subject.trim()
    if (subject === '' || (document.isNew && !schemas.bySubject.has(subject))) {
      document.view = null
      analyseSoon(document, 0)
      return
    }
    document.isLoading = true
    try {
      const view = await host.call('schemas.subject', { subject })
      if (document.subject.trim() !== subject) return
      document.view = view
      document.viewError = null
      forgetIfGone(document, view)
      const latest = latestOf(view) ?? view.versions.at(-1) ?? null
      if (latest && !document.isNew) adopt(document, latest, await read(latest))
      if (document.shownVersion !== null && !view.versions.some((version) => version.version === document.shownVersion))
        document.shownVersion = null
      analyseSoon(document, 0)
    } catch (error) {
      document.viewError = messageOf(error)
    } finally {
      document.isLoading = false
    }
  }

  /** That a version was registered is no news any more once it is deleted. */
  function forgetIfGone(document: SchemaDocument, view: SubjectView): void {
    const { registration } = document
    if (registration === null || registration.kind === 'failed') return
    const { version } = registration
    if (!view.versions.some((each) => each.version === version && !each.isDeleted)) document.registration = null
  }

  /** What is no draft follows the latest version. What was just registered is that version already, however it was written. */
  function adopt(document: SchemaDocument, latest: SchemaVersionView, text: string): void {
    const content = { language: languageOf(latest.type), text, references: latest.references }
    const isFollowing = !isDraft(document) && document.baseVersion !== latest.version
    if (isFollowing) Object.assign(document, content)
    if (isFollowing || document.clean === '' || document.baseVersion === null) document.clean = signatureOf(content)
    if (signatureOf(document) === document.clean || document.baseVersion === null) document.baseVersion = latest.version
  }

  const readings = reactive(new Map<number, string>())
  /** A version's text as the language's own formatter writes it: registered texts often stand on one line. The same for ever, so asked for once. */
  async function read(version: SchemaVersionView): Promise<string> {
    const known = readings.get(version.id)
    if (known !== undefined) return known
    let text = readableText(version)
    if (!version.text.includes('\n')) {
      try {
        text = (await host.call('schemas.format', { language: languageOf(version.type), text: version.text })).text
      } catch {
        // A text that was registered long ago may be one that the formatter does not take: indented it can be read as well.
      }
    }
    readings.set(version.id, text)
    return text
  }

  // ---- analysis

  function analyseSoon(document: SchemaDocument, delayMs = pauseMs): void {
    clearTimeout(timers.get(document.id))
    if (document.text.trim() === '') {
      document.analysis = null
      document.analysed = ''
      document.isAnalysing = false
      return
    }
    document.isAnalysing = true
    timers.set(
      document.id,
      setTimeout(() => void analyse(document), delayMs),
    )
  }

  /** What an answer must still be about to be shown. */
  const questionOf = (document: SchemaDocument): string => `${document.subject.trim()} ${document.seed} ${signatureOf(document)}`

  async function analyse(document: SchemaDocument): Promise<void> {
    const question = questionOf(document)
    const signature = signatureOf(document)
    try {
      const analysis = await host.call('schemas.analyse', { draft: copyOf(document), sampleSeed: document.seed })
      if (question !== questionOf(document)) return
      document.analysis = analysis
      document.analysed = signature
      document.analysisError = null
    } catch (error) {
      if (question !== questionOf(document)) return
      document.analysisError = messageOf(error)
    }
    document.isAnalysing = false
  }

  /** As the bridge takes it: plain and mutable. */
  function copyOf(document: SchemaDocument) {
    const draft = draftOf(document)
    return { ...draft, references: [...draft.references] }
  }

  // ---- editing

  function edit(document: SchemaDocument, change: Partial<Pick<SchemaDocument, 'text' | 'language' | 'references'>>): void {
    if (change.text === document.text && change.language === undefined && change.references === undefined) return
    Object.assign(document, change)
    document.editedAtMs = Date.now()
    document.registration = null
    analyseSoon(document)
  }

  function discard(document: SchemaDocument): void {
    const latest = latestOf(document.view) ?? document.view?.versions.at(-1)
    if (document.isNew || !latest) {
      drop(document.id)
      return
    }
    Object.assign(document, {
      language: languageOf(latest.type),
      text: readings.get(latest.id) ?? readableText(latest),
      references: latest.references,
      baseVersion: latest.version,
      editedAtMs: null,
      registration: null,
      inference: null,
    })
    document.clean = signatureOf(document)
    analyseSoon(document, 0)
  }

  function drop(id: string): void {
    clearTimeout(timers.get(id))
    documents.delete(id)
    tabs.close(id)
  }

  /** A tab of its own with this in it; into the subject's own tab where the subject exists. */
  function create(subject: string, content: NewContent): void {
    const exists = subject !== '' && schemas.bySubject.has(subject)
    const id = exists ? `subject:${subject}` : `schema-draft:${++draftCount}`
    const document = documentOf(id, exists ? subject : '')
    document.subject = subject
    tabs.openSubject(exists ? subject : '', { id, keep: true })
    if (exists && document.view === null) void refresh(document)
    edit(document, { language: content.language, text: content.text, references: content.references ?? [] })
    document.inference = content.inference ?? null
  }

  /** Takes one suggestion of the inference; the places of the others move with the text. */
  function applySuggestion(document: SchemaDocument, index: number): void {
    const { inference } = document
    const chosen = inference?.notes[index]?.suggestion
    if (!inference || !chosen || inference.text !== document.text) return
    let text = inference.text
    for (const edit of [...chosen.edits].sort((left, right) => right.from - left.from))
      text = text.slice(0, edit.from) + edit.insert + text.slice(edit.to)
    const move = (offset: number): number =>
      chosen.edits.reduce(
        (moved, edit) => (edit.to <= offset ? moved + edit.insert.length - (edit.to - edit.from) : moved),
        offset,
      )
    const notes = inference.notes.map((note, at) => ({
      ...note,
      suggestion:
        at === index || !note.suggestion || overlaps(note.suggestion.edits, chosen.edits)
          ? null
          : {
              ...note.suggestion,
              edits: note.suggestion.edits.map(({ from, to, insert }) => ({ from: move(from), to: move(to), insert })),
            },
    }))
    edit(document, { text })
    document.inference = { ...inference, text, notes }
  }

  async function register(document: SchemaDocument, normalize = false): Promise<void> {
    const subject = document.subject.trim()
    if (document.isRegistering || subject === '') return
    document.isRegistering = true
    const signature = signatureOf(document)
    try {
      const { id, version, wasRegistered } = await host.call('schemas.register', { draft: copyOf(document), normalize })
      const registration = { kind: wasRegistered ? ('registered' as const) : ('unchanged' as const), id, version }
      let target = document
      if (document.isNew) {
        target = documentOf(`subject:${subject}`, subject)
        Object.assign(target, { language: document.language, text: document.text, references: document.references })
        drop(document.id)
        tabs.openSubject(subject, { keep: true })
      }
      // What was typed while it was on its way stays a draft.
      target.clean = signature
      target.baseVersion = version
      target.registration = registration
      if (signatureOf(target) === signature) target.editedAtMs = null
      await Promise.all([refresh(target), schemas.list()])
    } catch (error) {
      document.registration = { kind: 'failed', message: messageOf(error) }
    } finally {
      document.isRegistering = false
    }
  }

  // ---- what happens around them

  watch(
    () => schemas.registry?.revision,
    () => {
      for (const tab of tabs.tabs) {
        const document = documents.get(tab.id)
        if (document && (document.view !== null || document.viewError !== null)) void refresh(document)
      }
    },
  )
  watch(
    () => [...documents.values()].map((document) => [document.id, isDraft(document), document.subject.trim()] as const),
    (drafts) => {
      for (const [id, draft, subject] of drafts) {
        tabs.setDraft(id, draft)
        // A new schema's tab is called what its author calls it.
        const tab = tabs.tabs.find((each) => each.id === id)
        if (tab) tab.subject = subject
      }
    },
  )
  // A tab that goes leaves its draft; what is none is forgotten.
  watch(
    () => tabs.tabs.map((tab) => tab.id),
    (ids) => {
      for (const [id, document] of documents) if (!ids.includes(id) && !isDraft(document)) documents.delete(id)
    },
  )

  const drafts = computed(() => [...documents.values()].filter(isDraft))
  const toKeep = computed(() =>
    drafts.value.map(
      ({ id, subject, isNew, language, text, references, baseVersion, editedAtMs }): KeptDraft => ({
        subject,
        isNew,
        language,
        text,
        references: references.map((reference) => ({ ...reference })),
        baseVersion,
        editedAtMs,
        isOpen: tabs.tabs.some((tab) => tab.id === id),
      }),
    ),
  )
  function keep(): void {
    const lost = writeKeptDrafts(toKeep.value)
    if (lost.length === 0 || wasToldOfLoss) return
    wasToldOfLoss = true
    toasts.show({
      severity: 'warn',
      title: 'A draft is too large to be kept',
      detail: `${lost.join(', ')} will be gone when the window closes. Register it, or copy it elsewhere.`,
    })
  }
  let timer: ReturnType<typeof setTimeout> | undefined
  watch(toKeep, () => {
    clearTimeout(timer)
    timer = setTimeout(keep, keepDelayMs)
  })
  // What was typed in the last moment is kept too.
  window.addEventListener('pagehide', keep)

  return {
    documents,
    drafts,
    draftSubjects: computed(() => new Set(drafts.value.filter((each) => !each.isNew).map((each) => each.subject))),
    newDrafts: computed(() => drafts.value.filter((each) => each.isNew)),
    asked,
    isAskingNew: computed(() => asked.value !== null),
    askNew(from: 'blank' | 'topic' | 'json' = 'blank', topic: string | null = null, subject = ''): void {
      asked.value = { from, topic, subject }
    },
    closeNew(): void {
      asked.value = null
    },
    documentOf,
    refresh,
    read,
    /** What `read` gave, or what can be shown at once. */
    readingOf: (version: SchemaVersionView): string => readings.get(version.id) ?? readableText(version),
    analyseSoon,
    edit,
    discard,
    create,
    register,
    applySuggestion,
    copyOf,
    setSubject(document: SchemaDocument, subject: string): void {
      document.subject = subject
      void refresh(document)
    },
    reseed(document: SchemaDocument, seed: number): void {
      document.seed = seed
      analyseSoon(document, 0)
    },
    openVersion(subject: string, version: number | null, keep = true): void {
      tabs.openSubject(subject, { keep })
      documentOf(`subject:${subject}`, subject).shownVersion = version
    },
    /** The editor shows this place as soon as it can. */
    goTo(document: SchemaDocument, { from, to }: SourceRangeView): void {
      document.wantedRange = { from, to }
    },
    openDraft(document: SchemaDocument): void {
      tabs.openSubject(document.isNew ? '' : document.subject, { id: document.id, keep: true })
    },
  }
})
