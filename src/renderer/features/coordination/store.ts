/**
 * The znodes that somebody has opened, kept as the service last answered them and read again when their watch fires; and the sessions, asked for
 * while they are looked at. Nothing is read before the first look.
 */
import { defineStore } from 'pinia'
import { computed, reactive, ref, shallowReactive, shallowRef } from 'vue'
import type { CoordinationOverview, ZnodeView } from '../../../shared/model/coordination'
import { useHost } from '../../host/host'
import { messageOf } from '../cluster/store'

export const useCoordinationStore = defineStore('coordination', () => {
  const host = useHost()
  /** By path; null: it was there and is gone, or never was. */
  const znodes = shallowReactive(new Map<string, ZnodeView | null>())
  const open = reactive(new Set<string>(['/']))
  const selected = ref('/')
  const section = ref<'znode' | 'sessions'>('znode')
  const selectedSession = ref<string | null>(null)
  const error = ref<string | null>(null)
  const overview = shallowRef<CoordinationOverview | null>(null)
  const overviewError = ref<string | null>(null)
  /** Grows when a znode on the screen changed by itself, with the paths: they are marked for a moment. */
  const changedAtMs = shallowReactive(new Map<string, number>())
  const reading = new Map<string, Promise<void>>()
  const stale = new Set<string>()
  let isSubscribed = false

  function subscribe(): void {
    if (isSubscribed) return
    isSubscribed = true
    // Its watches died with the worker: what is on the screen is read again, and watched again by that.
    host.on('app.clientsEnded', ({ isAgain }) => {
      for (const path of [...znodes.keys()]) {
        if (path !== selected.value && !open.has(path)) znodes.delete(path)
        else if (!isAgain) void read(path, true)
      }
    })
    host.on('coordination.changed', ({ paths }) => {
      const known = paths.length === 0 ? [...znodes.keys()] : paths.filter((path) => znodes.has(path))
      for (const path of known) {
        if (path !== selected.value && !open.has(path)) {
          // Nobody looks: it is read again when somebody does.
          znodes.delete(path)
          continue
        }
        changedAtMs.set(path, Date.now())
        void read(path, true)
      }
    })
  }

  async function read(path: string, again = false): Promise<void> {
    subscribe()
    if (!again && znodes.has(path)) return
    const underWay = reading.get(path)
    if (underWay) {
      // What is under way may have been answered before the change.
      if (again) stale.add(path)
      return underWay
    }
    const work = (async () => {
      do {
        stale.delete(path)
        try {
          znodes.set(path, await host.call('coordination.znode', { path }))
          error.value = null
        } catch (thrown) {
          error.value = messageOf(thrown)
        }
      } while (stale.has(path))
    })()
    reading.set(path, work)
    await work
    reading.delete(path)
  }

  async function readAll(): Promise<void> {
    await Promise.all([...new Set([...open, selected.value])].map((path) => read(path, true)))
  }

  async function readOverview(): Promise<void> {
    try {
      overview.value = await host.call('coordination.overview')
      overviewError.value = null
    } catch (thrown) {
      overviewError.value = messageOf(thrown)
    }
  }

  /** Shows a znode and opens those above it. */
  async function show(path: string): Promise<void> {
    section.value = 'znode'
    selected.value = path
    for (const ancestor of ancestorsOf(path)) {
      open.add(ancestor)
      void read(ancestor)
    }
    await read(path)
  }

  async function toggle(path: string): Promise<void> {
    if (open.delete(path)) return
    open.add(path)
    await read(path)
  }

  return {
    znodes,
    open,
    selected,
    section,
    selectedSession,
    error,
    overview,
    overviewError,
    changedAtMs,
    selectedZnode: computed(() => znodes.get(selected.value)),
    read,
    readAll,
    readOverview,
    show,
    showSession: (id: string): void => {
      section.value = 'sessions'
      selectedSession.value = id
    },
    toggle,
  }
})

export function ancestorsOf(path: string): readonly string[] {
  if (path === '/') return []
  const parts = path.split('/').slice(1, -1)
  return ['/', ...parts.map((_, index) => `/${parts.slice(0, index + 1).join('/')}`)]
}

export const childPath = (path: string, name: string): string => (path === '/' ? `/${name}` : `${path}/${name}`)
export const nameOf = (path: string): string => (path === '/' ? '/' : path.slice(path.lastIndexOf('/') + 1))
