/** The rows marked for what is done to many, beside the one selected: Shift marks from the last one on, Ctrl one more. Marks go when the selection leaves them. */
import { computed, type Ref, ref, watch } from 'vue'

export function useMarks(selected: Ref<string | number | null>, firstIndex: () => number) {
  const marked = ref<ReadonlySet<string | number>>(new Set())
  let from = 0

  function mark(place: number, how: 'range' | 'toggle'): void {
    const index = place + firstIndex()
    const at = typeof selected.value === 'number' ? selected.value : index
    if (how === 'toggle') {
      const next = new Set(marked.value.size === 0 && selected.value !== null ? [at] : marked.value)
      if (!next.delete(index)) next.add(index)
      marked.value = next
      from = index
    } else {
      if (marked.value.size === 0) from = at
      const [low, high] = from < index ? [from, index] : [index, from]
      marked.value = new Set(Array.from({ length: high - low + 1 }, (_, step) => low + step))
    }
    if (selected.value !== null) selected.value = index
  }
  function clear(): void {
    marked.value = new Set()
  }
  watch(selected, (now) => {
    if (marked.value.size > 0 && (now === null || !marked.value.has(now))) clear()
  })

  return {
    marked,
    mark,
    clear,
    /** Ascending; null where fewer than two are marked, and what is done is for one record or for all. */
    chosen: computed(() => (marked.value.size > 1 ? [...marked.value].map(Number).sort((a, b) => a - b) : null)),
  }
}
