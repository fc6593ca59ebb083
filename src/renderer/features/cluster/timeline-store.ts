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
  let unsubscribe: (() => void) | null = null

  function accept(added: readonly TimelineEvent[]): void {
    const known = new Set(events.value.slice(-500).map((event) => event.id))
    const fresh = added.filter((event) => !known.has(event.id))
    if (fresh.length > 0) events.value = [...events.value, ...fresh].slice(-eventsMax)
  }

  async function load(): Promise<void> {
    unsubscribe ??= host.on('timeline.appended', accept)
    try {
      const all = await host.call('cluster.timeline')
      const later = events.value
      events.value = [...all].slice(-eventsMax)
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

  return { events, groups, unseenCount, isPaused: computed(() => pausedAtId.value !== null), isLoaded, loadError, load, togglePause }
})
