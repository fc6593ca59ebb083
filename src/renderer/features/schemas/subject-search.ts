/** Finding subjects: by name and id at once in the window, by what stands in their texts after a pause, in the registry. */
import { computed, onScopeDispose, type Ref, ref, watch } from 'vue'
import type { SubjectSummary } from '../../../shared/model/schemas'
import { useSchemasStore } from './store'

const pauseMs = 200

export interface FoundSubject {
  readonly subject: SubjectSummary
  /** Found by its text, not by its name. */
  readonly isByText: boolean
}

export function useSubjectSearch(query: Ref<string>) {
  const schemas = useSchemasStore()
  const inTexts = ref<ReadonlySet<string>>(new Set())
  const isSearching = ref(false)
  let turn = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  const wanted = computed(() => query.value.trim().toLowerCase())

  async function searchTexts(text: string): Promise<void> {
    const mine = ++turn
    isSearching.value = true
    try {
      const found = await schemas.searchTexts(text)
      if (mine === turn) inTexts.value = new Set(found)
    } catch {
      // Names are still searched; why the registry does not answer is said where its state is.
      if (mine === turn) inTexts.value = new Set()
    }
    if (mine === turn) isSearching.value = false
  }
  watch([wanted, () => schemas.registry?.revision], ([text]) => {
    clearTimeout(timer)
    turn++
    inTexts.value = new Set()
    isSearching.value = false
    if (text !== '') timer = setTimeout(() => void searchTexts(text), pauseMs)
  })
  onScopeDispose(() => clearTimeout(timer))

  const found = computed<readonly FoundSubject[]>(() => {
    const text = wanted.value
    if (text === '') return schemas.subjects.map((subject) => ({ subject, isByText: false }))
    const id = /^(?:id\s*)?(\d+)$/.exec(text)?.[1]
    const byName: FoundSubject[] = []
    const byText: FoundSubject[] = []
    for (const subject of schemas.subjects) {
      if (subject.subject.toLowerCase().includes(text) || String(subject.latestId) === id)
        byName.push({ subject, isByText: false })
      else if (inTexts.value.has(subject.subject)) byText.push({ subject, isByText: true })
    }
    return [...byName, ...byText]
  })
  return { found, isSearching }
}
