/**
 * Which moment the replica map shows: now, or one of this session's past. Main keeps the past; here is one question at a time, the newest wins, so
 * that a key held down never piles questions up.
 */
import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import type { ClusterMoment, TimelineEvent } from '../../../shared/model/cluster'
import { useHost } from '../../host/host'
import { messageOf } from './store'
import { useTimelineStore } from './timeline-store'

/** Brokers are told of an election within this time: the moment after an event shows what it led to. */
export const afterEventMs = 100

export const useMomentStore = defineStore('moment', () => {
  const host = useHost()
  const timeline = useTimelineStore()
  /** Where the map is to stand; null: live. */
  const atMs = ref<number | null>(null)
  const moment = shallowRef<ClusterMoment | null>(null)
  const selectedId = ref<number | null>(null)
  const error = ref<string | null>(null)
  let isAsking = false

  async function ask(): Promise<void> {
    if (isAsking) return
    isAsking = true
    try {
      while (atMs.value !== null && moment.value?.atMs !== atMs.value) {
        const wanted = atMs.value
        const answer = await host.call('cluster.moment', { atMs: wanted })
        if (atMs.value === null) break
        error.value = answer === null ? 'Nothing is known of the past yet.' : null
        if (answer === null) break
        moment.value = answer
        // Before the session, the first known moment is shown, and the time says so.
        if (atMs.value === wanted) atMs.value = answer.atMs
      }
    } catch (thrown) {
      error.value = messageOf(thrown)
    } finally {
      isAsking = false
    }
  }

  function goTo(ms: number): void {
    const now = Date.now()
    if (ms >= now) {
      goLive()
      return
    }
    atMs.value = Math.round(ms)
    void ask()
  }

  function goLive(): void {
    atMs.value = null
    moment.value = null
    selectedId.value = null
    error.value = null
  }

  function select(event: TimelineEvent): void {
    selectedId.value = event.id
    goTo(event.atMs + afterEventMs)
  }

  /** The next (1) or previous (-1) event that the timeline shows; after the newest comes now. */
  function step(by: 1 | -1): void {
    const events = timeline.shown
    const at = selectedId.value === null ? null : events.findIndex((event) => event.id === selectedId.value)
    if (at !== null && at >= 0) {
      const next = events[at + by]
      if (next) select(next)
      else if (by === 1) goLive()
      return
    }
    const now = atMs.value
    if (now === null && by === 1) return
    const found =
      by === -1
        ? [...events].reverse().find((event) => event.atMs + afterEventMs < (now ?? Number.POSITIVE_INFINITY))
        : events.find((event) => event.atMs + afterEventMs > (now ?? 0))
    if (found) select(found)
    else if (by === 1) goLive()
  }

  return {
    atMs,
    moment,
    selectedId,
    error,
    isPast: computed(() => atMs.value !== null),
    goTo,
    goLive,
    select,
    step,
    scrubBy: (ms: number): void => {
      selectedId.value = null
      goTo((atMs.value ?? Date.now()) + ms)
    },
  }
})
