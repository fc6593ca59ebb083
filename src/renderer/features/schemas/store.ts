/**
 * The registry as main last described it: where it is, its global level and mode, and all subjects in one list. The list is read anew
 * whenever the registry was written to. Knows no drafts (documents-store.ts does).
 */
import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import type { ReferenceEdge, RegistryView, SubjectSummary } from '../../../shared/model/schemas'
import { useHost } from '../../host/host'
import { messageOf } from '../cluster/store'

export const useSchemasStore = defineStore('schemas', () => {
  const host = useHost()
  const registry = shallowRef<RegistryView | null>(null)
  const subjects = shallowRef<readonly SubjectSummary[]>([])
  const isLoaded = ref(false)
  const loadError = ref<string | null>(null)
  /** Whether subjects are listed of which every version is softly deleted. */
  const areDeletedShown = ref(false)
  let isSubscribed = false
  let listed = 0

  function accept(view: RegistryView): void {
    const before = registry.value
    registry.value = view
    if (view.url !== null && (before?.revision !== view.revision || before.url === null || !isLoaded.value)) void list()
  }

  async function list(): Promise<void> {
    const turn = ++listed
    try {
      const found = await host.call('schemas.subjects', { deleted: areDeletedShown.value })
      if (turn !== listed) return
      subjects.value = [...found].sort((left, right) => (left.subject < right.subject ? -1 : 1))
      isLoaded.value = true
      loadError.value = null
    } catch (error) {
      if (turn === listed) loadError.value = messageOf(error)
    }
  }

  async function load(): Promise<void> {
    if (!isSubscribed) {
      host.on('schemas.changed', accept)
      // The worker's next life counts its changes anew, and tells of them once it was asked.
      host.on('app.clientsEnded', ({ isAgain }) => {
        if (!isAgain) void host.call('schemas.registry').then(accept, () => undefined)
      })
    }
    isSubscribed = true
    try {
      const view = await host.call('schemas.registry')
      // What came as an event meanwhile is newer.
      if (registry.value === null || registry.value.revision <= view.revision) accept(view)
    } catch (error) {
      loadError.value = messageOf(error)
    }
  }

  const bySubject = computed(() => new Map(subjects.value.map((subject) => [subject.subject, subject])))

  return {
    registry,
    subjects,
    bySubject,
    isLoaded,
    loadError,
    areDeletedShown,
    isDown: computed(() => registry.value !== null && registry.value.url === null),
    /** Of its address; '' while it is down. */
    port: computed(() => (registry.value?.url ? new URL(registry.value.url).port : '')),
    load,
    list,
    showDeleted(shown: boolean): Promise<void> {
      areDeletedShown.value = shown
      return list()
    },
    /** Subjects whose latest text holds this. */
    searchTexts: (text: string): Promise<readonly string[]> => host.call('schemas.searchTexts', { text }),
    references: (): Promise<readonly ReferenceEdge[]> => host.call('schemas.references'),
  }
})

/** The topic that a subject is named after, and which part of its records; null where the name says neither. */
export function topicOfSubject(subject: string): { readonly topic: string; readonly part: 'key' | 'value' } | null {
  const match = /^(?::\.[^:]*:)?(.+)-(key|value)$/.exec(subject)
  return match?.[1] && match[2] ? { topic: match[1], part: match[2] as 'key' | 'value' } : null
}
