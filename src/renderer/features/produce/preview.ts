/** The first messages as the worker will make them, asked for at pauses of typing; answers about an older form are dropped. */
import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue'
import type { ProducePreview, ProduceRequestInput } from '../../../shared/model/producing'
import { useHost } from '../../host/host'
import { messageOf } from '../cluster/store'

const pauseMs = 200
const previewCount = 5

/** `request`: null while something is wrong in the form, or nobody looks. */
export function usePreview(request: () => ProduceRequestInput | null) {
  const host = useHost()
  const found = shallowRef<{ readonly question: string; readonly messages: readonly ProducePreview[] } | null>(null)
  const isAsking = ref(false)
  let turn = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  onScopeDispose(() => clearTimeout(timer))
  const question = computed(() => {
    const asked = request()
    return asked === null ? null : JSON.stringify(asked)
  })

  async function ask(asked: ProduceRequestInput, text: string): Promise<void> {
    const mine = ++turn
    let messages: readonly ProducePreview[]
    try {
      messages = await host.call('produce.preview', { request: { ...asked, headers: [...asked.headers] }, count: previewCount })
    } catch (error) {
      messages = [{ index: 0, key: null, value: null, headers: [], partition: null, problem: messageOf(error) }]
    }
    if (mine !== turn) return
    found.value = { question: text, messages }
    isAsking.value = false
  }

  watch(
    question,
    (text) => {
      clearTimeout(timer)
      turn++
      const asked = request()
      isAsking.value = text !== null && asked !== null
      if (text === null || asked === null) found.value = null
      else timer = setTimeout(() => void ask(asked, text), pauseMs)
    },
    { immediate: true },
  )

  return {
    /** The last that are known, perhaps of a moment ago. */
    messages: computed(() => found.value?.messages ?? []),
    isAsking,
    /** Of the form as it is now; null: none that is known. */
    problem: computed(() =>
      found.value?.question === question.value
        ? (found.value?.messages.find((message) => message.problem !== null)?.problem ?? null)
        : null,
    ),
  }
}
