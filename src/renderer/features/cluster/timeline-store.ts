/** What happened to the cluster, as main records it. Pausing stops the list, never the recording: what came since is counted. */
import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import type { TimelineEvent } from '../../../shared/model/cluster'
import { useHost } from '../../host/host'
import { messageOf } from './store'
import { groupTimeline } from './timeline-groups'

const eventsMax = 5_000

export const useTimelineStore = defineStore('timeline', () => {
  const host = useHost()
  const events = shallowRef<readonly TimelineEvent[]>([])
  const pausedAtId = ref<number | null>(null)
  const loadError = ref<string | null>(null)
  const isLoaded = ref(false)
  let isSubscribed = false

  function accept(added: readonly TimelineEvent[]): void {
    if (added.length === 0) return
    // An event that is told again has grown: like effects are folded into one while they come.
    const again = new Map(added.map((event) => [event.id, event]))
    const kept = events.value.map((event) => {
      const newer = again.get(event.id)
      again.delete(event.id)
      return newer ?? event
    })
    events.value = [...kept, ...again.values()].slice(-eventsMax)
  }

  async function load(): Promise<void> {
    if (!isSubscribed) host.on('timeline.appended', accept)
    isSubscribed = true
    try {
      const all = await host.call('cluster.timeline')
      const later = events.value
      events.value = all.slice(-eventsMax)
      // What was appended while the question was under way is newer than its answer.
      accept(later)
      isLoaded.value = true
      loadError.value = null
    } catch (error) {
      loadError.value = messageOf(error)
    }
  }

  const shown = computed(() => {
    const until = pausedAtId.value
    return until === null ? events.value : events.value.filter((event) => event.id <= until)
  })
  const groups = computed(() => groupTimeline(shown.value))
  const unseenCount = computed(() => events.value.length - shown.value.length)

  function togglePause(): void {
    pausedAtId.value = pausedAtId.value === null ? (events.value[events.value.length - 1]?.id ?? 0) : null
  }

  return {
    events,
    groups,
    unseenCount,
    isPaused: computed(() => pausedAtId.value !== null),
    isLoaded,
    loadError,
    load,
    togglePause,
  }
})
