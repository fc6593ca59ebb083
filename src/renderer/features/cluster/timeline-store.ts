/** What happened to the cluster, as main records it. Pausing stops the list, never the recording: what came since is counted. */
import { defineStore } from 'pinia'
import { computed, reactive, ref, shallowRef } from 'vue'
import type { TimelineEvent } from '../../../shared/model/cluster'
import { useHost } from '../../host/host'
import { messageOf } from './store'
import { isFiltering, keepGroups, matches, noFilter, type TimelineFilter } from './timeline-filter'
import { groupTimeline } from './timeline-groups'

/** As many as main keeps. */
const eventsMax = 10_000

export const useTimelineStore = defineStore('timeline', () => {
  const host = useHost()
  const events = shallowRef<readonly TimelineEvent[]>([])
  const pausedAtId = ref<number | null>(null)
  const loadError = ref<string | null>(null)
  const isLoaded = ref(false)
  let isSubscribed = false

  function accept(added: readonly TimelineEvent[]): void {
    if (added.length === 0) return
    const kept = [...events.value]
    for (const event of added) {
      // An event that is told again has grown: like effects are folded into one while they come. It is among the last.
      let at = kept.length - 1
      while (at >= 0 && (kept[at]?.id ?? 0) > event.id) at--
      if (kept[at]?.id === event.id) kept[at] = event
      else kept.splice(at + 1, 0, event)
    }
    events.value = kept.length > eventsMax ? kept.slice(-eventsMax) : kept
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

  const filter = reactive<{ -readonly [F in keyof TimelineFilter]: TimelineFilter[F] }>({ ...noFilter })
  const seen = computed(() => {
    const until = pausedAtId.value
    return until === null ? events.value : events.value.filter((event) => event.id <= until)
  })
  const groups = computed(() => groupTimeline(seen.value))
  const keptGroups = computed(() => keepGroups(groups.value, filter))
  /** What `[` and `]` go through: the events that are wanted, oldest first. */
  const shown = computed(() =>
    filter.scope === 'all' && !isFiltering(filter) ? seen.value : seen.value.filter((event) => matches(event, filter)),
  )
  const causes = computed(() => events.value.filter((event) => event.kind === 'cause'))
  const unseenCount = computed(() => events.value.length - seen.value.length)

  function togglePause(): void {
    pausedAtId.value = pausedAtId.value === null ? (events.value[events.value.length - 1]?.id ?? 0) : null
  }

  return {
    events,
    shown,
    causes,
    groups,
    keptGroups,
    filter,
    isFiltering: computed(() => isFiltering(filter)),
    clearFilter: (): void => void Object.assign(filter, { ...noFilter, scope: filter.scope }),
    unseenCount,
    isPaused: computed(() => pausedAtId.value !== null),
    isLoaded,
    loadError,
    load,
    togglePause,
  }
})
