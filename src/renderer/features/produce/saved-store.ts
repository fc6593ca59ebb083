/** Saved messages and their folders, as the workspace keeps them. Every change is answered with the whole, so that nothing here goes stale. */
import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import type { ProduceRequestInput, SavedMessage, SavedMessages } from '../../../shared/model/producing'
import { useHost } from '../../host/host'
import { useToasts } from '../../ui'
import { messageOf } from '../cluster/store'
import { fromRequest } from './produce-form'
import { useProduceStore } from './produce-store'

export const useSavedStore = defineStore('saved-messages', () => {
  const host = useHost()
  const produce = useProduceStore()
  const toasts = useToasts()
  const saved = shallowRef<SavedMessages>({ folders: [], messages: [], problem: null })
  const error = ref<string | null>(null)
  const isLoaded = ref(false)
  let count = 0

  async function ask(work: () => Promise<SavedMessages>): Promise<boolean> {
    try {
      saved.value = await work()
      error.value = null
      isLoaded.value = true
      return true
    } catch (thrown) {
      error.value = messageOf(thrown)
      return false
    }
  }

  const plain = (message: SavedMessage) => ({
    ...message,
    request: { ...message.request, headers: [...message.request.headers] },
  })
  const put = (messages: readonly SavedMessage[], folders: readonly string[] = []): Promise<boolean> =>
    ask(() => host.call('produce.save', { messages: messages.map(plain), folders: [...folders] }))
  const newId = (): string => `${Date.now().toString(36)}-${(count++).toString(36)}-${Math.random().toString(36).slice(2, 8)}`

  async function save(message: {
    readonly id: string | null
    readonly name: string
    readonly folder: string
    readonly request: ProduceRequestInput
  }): Promise<string | null> {
    const id = message.id ?? newId()
    return (await put([{ ...message, id, savedAtMs: Date.now() }])) ? id : null
  }

  /** With a toast that takes it back. */
  async function remove(messages: readonly SavedMessage[], folders: readonly string[] = []): Promise<void> {
    const gone = [
      ...messages,
      ...saved.value.messages.filter((message) => folders.includes(message.folder) && !messages.includes(message)),
    ]
    if (!(await ask(() => host.call('produce.removeSaved', { ids: messages.map(({ id }) => id), folders: [...folders] })))) return
    const what = folders.length > 0 ? `Folder ${folders.join(', ')}` : (messages[0]?.name ?? 'Nothing')
    toasts.show({
      severity: 'info',
      title: `${what} deleted`,
      detail:
        folders.length > 0 && gone.length > 0 ? `With ${gone.length} saved ${gone.length === 1 ? 'message' : 'messages'}.` : null,
      action: { label: 'Undo', run: () => void put(gone, folders) },
    })
  }

  // The palette finds them before their list was ever shown.
  void ask(() => host.call('produce.saved'))

  return {
    saved,
    error,
    isLoaded,
    byFolder: computed(() => {
      const folders = new Map<string, SavedMessage[]>([...saved.value.folders].map((folder) => [folder, []]))
      folders.set('', [])
      for (const message of [...saved.value.messages].sort((a, b) => a.name.localeCompare(b.name)))
        (folders.get(message.folder) ?? folders.get(''))?.push(message)
      return folders
    }),
    load: (): Promise<boolean> => ask(() => host.call('produce.saved')),
    save,
    remove,
    rename: (message: SavedMessage, name: string, folder: string): Promise<boolean> => put([{ ...message, name, folder }]),
    move: (message: SavedMessage, folder: string): Promise<boolean> => put([{ ...message, folder }]),
    duplicate: (message: SavedMessage): Promise<boolean> =>
      put([{ ...message, id: newId(), name: `${message.name}, copy`, savedAtMs: Date.now() }]),
    addFolder: (folder: string): Promise<boolean> => put([], [folder]),
    renameFolder: (from: string, to: string): Promise<boolean> => ask(() => host.call('produce.renameFolder', { from, to })),
    open: (message: SavedMessage): void => {
      const shown = [...produce.open].find(([, entry]) => entry.savedId === message.id)?.[0]
      if (shown === undefined) produce.openForm(fromRequest(message.request), { savedId: message.id })
      else produce.show(shown)
    },
  }
})
