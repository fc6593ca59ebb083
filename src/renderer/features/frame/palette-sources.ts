/** What the palette finds beyond what the window holds anyway: groups and saved messages, asked for when the palette opens. */
import { defineStore } from 'pinia'
import { shallowRef, watch } from 'vue'
import type { GroupSummary } from '../../../shared/model/groups'
import type { SavedMessage } from '../../../shared/model/producing'
import { useHost } from '../../host/host'
import { useFrameStore } from './frame-store'

export const usePaletteSources = defineStore('palette-sources', () => {
  const host = useHost()
  const frame = useFrameStore()
  const groups = shallowRef<readonly GroupSummary[]>([])
  const saved = shallowRef<readonly SavedMessage[]>([])

  watch(
    () => frame.isPaletteOpen,
    (isOpen) => {
      if (!isOpen) return
      // A source that does not answer is left out: the palette is no place to say why.
      host.call('groups.list').then((found) => {
        groups.value = found
      }, ignore)
      host.call('produce.saved').then((found) => {
        saved.value = found.messages
      }, ignore)
    },
    { immediate: true },
  )
  return { groups, saved }
})

const ignore = (): void => undefined
