/** How many records there are of each time, as the view shows them: counted when it first shows and when it is read anew, unless it is hidden. */
import { ref, shallowRef } from 'vue'
import type { MessageHistogram } from '../../../shared/model/messages'
import type { Host } from '../../host/host'
import { messageOf } from '../cluster/store'

const storageKey = 'messages.histogram'
const bucketCount = 80

export interface TimeRange {
  readonly fromMs: number
  readonly toMs: number
}

export function useTimeCounts(host: Host, topics: () => readonly string[]) {
  const isShown = ref(localStorage.getItem(storageKey) !== 'off')
  const histogram = shallowRef<MessageHistogram | null>(null)
  const problem = ref<string | null>(null)
  let asked = 0

  async function count(range: TimeRange | null = null): Promise<void> {
    const mine = ++asked
    if (!isShown.value) return
    try {
      const found = await host.call('messages.histogram', { topics: topics(), bucketCount, range })
      if (mine !== asked) return
      histogram.value = found
      problem.value = null
    } catch (error) {
      if (mine === asked) problem.value = messageOf(error)
    }
  }
  function toggle(): void {
    isShown.value = !isShown.value
    localStorage.setItem(storageKey, isShown.value ? 'on' : 'off')
    if (isShown.value) void count()
  }
  return { isShown, histogram, problem, count, toggle }
}
