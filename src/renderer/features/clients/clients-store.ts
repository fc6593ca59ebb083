/**
 * Who is connected, as brokers last said, and what a client has to be told to connect. Asked every two seconds while the view is in front; nothing
 * is kept of clients that have gone.
 */
import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import type { ClientAccess, ClientKind, ConnectedClient } from '../../../shared/model/clients'
import { useHost } from '../../host/host'
import { messageOf } from '../cluster/store'

export type Shown = 'all' | ClientKind

const order: Readonly<Record<ClientKind, number>> = { foreign: 0, workbench: 1, registry: 2, broker: 3 }

export const useClientsStore = defineStore('clients', () => {
  const host = useHost()
  const all = shallowRef<readonly ConnectedClient[]>([])
  const silentBrokers = shallowRef<readonly number[]>([])
  const isLoaded = ref(false)
  const problem = ref<string | null>(null)
  const shown = ref<Shown>('all')
  const selectedId = ref<string | null>(null)
  /** Whether the snippets are shown in place of who is connected. */
  const isConnecting = ref(false)
  const language = ref('java')
  const topic = ref('')
  const group = ref('my-group')
  const access = shallowRef<ClientAccess | null>(null)
  const accessProblem = ref<string | null>(null)
  let isAsking = false

  async function refresh(): Promise<void> {
    if (isAsking) return
    isAsking = true
    try {
      const answer = await host.call('clients.list')
      // Nothing moves under the pointer: by kind and name, and those of a name by their age.
      all.value = [...answer.clients].sort(
        (a, b) =>
          order[a.kind] - order[b.kind] || (a.clientId < b.clientId ? -1 : a.clientId > b.clientId ? 1 : a.sinceMs - b.sinceMs),
      )
      silentBrokers.value = answer.silentBrokers
      isLoaded.value = true
      problem.value = null
    } catch (error) {
      problem.value = messageOf(error)
    } finally {
      isAsking = false
    }
  }

  async function readAccess(): Promise<void> {
    try {
      access.value = await host.call('clients.access')
      accessProblem.value = null
    } catch (error) {
      accessProblem.value = messageOf(error)
    }
  }

  const countOf = (kind: Shown): number =>
    kind === 'all' ? all.value.length : all.value.filter((client) => client.kind === kind).length

  return {
    all,
    silentBrokers,
    isLoaded,
    problem,
    shown,
    selectedId,
    isConnecting,
    language,
    topic,
    group,
    access,
    accessProblem,
    refresh,
    readAccess,
    countOf,
    clients: computed(() => (shown.value === 'all' ? all.value : all.value.filter(({ kind }) => kind === shown.value))),
    selected: computed(() => all.value.find(({ id }) => id === selectedId.value) ?? null),
    show: (kind: Shown): void => {
      shown.value = kind
      isConnecting.value = false
    },
    connect: (id?: string): void => {
      if (id !== undefined) language.value = id
      isConnecting.value = true
    },
  }
})
