/**
 * Consumer groups as main last told of them, the ones that are open in full, and the workbench's own consumers. Nothing is asked for while no view of groups is
 * in front: `useGroupWatch` keeps main looking. Changes throw: the form that asked shows the failure beside its cause.
 */
import { defineStore } from 'pinia'
import { computed, onScopeDispose, type Ref, ref, shallowReactive, shallowRef, watch } from 'vue'
import type { CallArgument } from '../../../shared/ipc/contract'
import type { GroupSummary, GroupView, OwnConsumer } from '../../../shared/model/groups'
import { useHost } from '../../host/host'
import { messageOf } from '../cluster/store'

/** Main looks every second while it is asked at least every four. */
const askEveryMs = 2_000

export const useGroupsStore = defineStore('groups', () => {
  const host = useHost()
  const groups = shallowRef<readonly GroupSummary[]>([])
  const consumers = shallowRef<readonly OwnConsumer[]>([])
  /** By group id; null: there is no such group. */
  const views = shallowReactive(new Map<string, GroupView | null>())
  const viewErrors = shallowReactive(new Map<string, string>())
  const isLoaded = ref(false)
  const loadError = ref<string | null>(null)
  /** Grows with each look that main told of. */
  const looks = ref(0)
  /** The form for new consumers; with a group, or for a new one. */
  const starting = ref<{ readonly groupId: string | null } | null>(null)
  let isSubscribed = false

  function accept(told: readonly GroupSummary[]): void {
    groups.value = told
    isLoaded.value = true
    loadError.value = null
    looks.value++
  }

  async function load(): Promise<void> {
    if (!isSubscribed) {
      host.on('groups.changed', accept)
      let isTold = false
      host.on('groups.consumersChanged', (told) => {
        consumers.value = told
        isTold = true
      })
      host.on('app.clientsEnded', ({ isAgain }) => {
        // They lived in that worker. Their groups see them go when their sessions end.
        consumers.value = []
        if (!isAgain) void load()
      })
      isSubscribed = true
      host.call('groups.consumers').then(
        (told) => {
          // What was told since the question is newer than its answer.
          if (!isTold) consumers.value = told
        },
        // The next change tells them.
        () => undefined,
      )
    }
    try {
      accept(await host.call('groups.list'))
    } catch (error) {
      loadError.value = messageOf(error)
    }
  }

  async function loadView(groupId: string): Promise<void> {
    try {
      views.set(groupId, await host.call('groups.view', { groupId }))
      viewErrors.delete(groupId)
    } catch (error) {
      viewErrors.set(groupId, messageOf(error))
    }
  }

  return {
    groups,
    consumers,
    views,
    viewErrors,
    isLoaded,
    loadError,
    looks,
    starting,
    byId: computed(() => new Map(groups.value.map((group) => [group.groupId, group]))),
    consumersOf: (groupId: string): readonly OwnConsumer[] => consumers.value.filter(({ spec }) => spec.groupId === groupId),
    load,
    loadView,
    lag: (groupId: string, sinceMs: number) => host.call('groups.lag', { groupId, sinceMs }),
    plan: (request: CallArgument<'groups.planReset'>) => host.call('groups.planReset', request),
    reset: (request: CallArgument<'groups.reset'>) => host.call('groups.reset', request),
    deleteOffsets: (request: CallArgument<'groups.deleteOffsets'>) => host.call('groups.deleteOffsets', request),
    remove: async (groupId: string): Promise<void> => {
      await host.call('groups.delete', { groupId })
      views.delete(groupId)
    },
    start: (request: CallArgument<'groups.startConsumers'>) => host.call('groups.startConsumers', request),
    stop: (consumerId: number, how: 'leave' | 'kill') => host.call('groups.stopConsumer', { consumerId, how }),
    stopAll: (groupId: string) => host.call('groups.stopConsumers', { groupId }),
    pause: (consumerId: number, isPaused: boolean) => host.call('groups.pauseConsumer', { consumerId, isPaused }),
    restart: (consumerId: number) => host.call('groups.restartConsumer', { consumerId }),
    forget: (consumerId: number) => host.call('groups.forgetConsumer', { consumerId }),
    setProcessing: (consumerId: number, processingMs: number) => host.call('groups.setProcessing', { consumerId, processingMs }),
  }
})

/** Keeps groups fresh while `isActive`, and not a moment longer. */
export function useGroupWatch(isActive: Readonly<Ref<boolean>>): void {
  const store = useGroupsStore()
  let timer: ReturnType<typeof setInterval> | undefined
  watch(
    isActive,
    (active) => {
      clearInterval(timer)
      if (!active) return
      void store.load()
      timer = setInterval(() => void store.load(), askEveryMs)
    },
    { immediate: true },
  )
  onScopeDispose(() => clearInterval(timer))
}
