/** What of the frame is open, how wide its panes are, and whether the window is narrow. Widths outlive the window; the rest does not. */
import { defineStore } from 'pinia'
import { computed, ref, watch } from 'vue'
import { narrowWidth } from './tabs-store'
import { onViewport } from './viewport'

const storageKey = 'broker-workbench.frame'

interface KeptWidths {
  list: number
  timeline: number
  detail: number
  schema: number
}

function readKept(): KeptWidths {
  const defaults: KeptWidths = { list: 200, timeline: 396, detail: 404, schema: 400 }
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(storageKey) ?? '{}')
    if (typeof kept !== 'object' || kept === null) return defaults
    const entries = Object.entries(kept).filter(
      (entry): entry is [string, number] => typeof entry[1] === 'number' && Number.isFinite(entry[1]),
    )
    return { ...defaults, ...Object.fromEntries(entries) }
  } catch {
    // Storage may be refused or hold what an older version wrote: widths are not worth a failure.
    return defaults
  }
}

export const useFrameStore = defineStore('frame', () => {
  const widths = ref(readKept())
  const isPaletteOpen = ref(false)
  const paletteQuery = ref('')
  const areKeysShown = ref(false)
  const isAddingBroker = ref(false)
  const windowWidth = ref(window.innerWidth)
  const windowHeight = ref(window.innerHeight)
  onViewport((width, height) => {
    windowWidth.value = width
    windowHeight.value = height
  })
  watch(
    widths,
    (kept) => {
      try {
        localStorage.setItem(storageKey, JSON.stringify(kept))
      } catch {
        // As above.
      }
    },
    { deep: true },
  )

  return {
    widths,
    isPaletteOpen,
    paletteQuery,
    areKeysShown,
    isAddingBroker,
    windowWidth,
    windowHeight,
    /** The list is a drawer and labels are cut. */
    isNarrow: computed(() => windowWidth.value < narrowWidth),
    isLow: computed(() => windowHeight.value < 760),
    showKeys(): void {
      areKeysShown.value = true
    },
    togglePalette(): void {
      paletteQuery.value = ''
      isPaletteOpen.value = !isPaletteOpen.value
    },
    openPalette(query = ''): void {
      paletteQuery.value = query
      isPaletteOpen.value = true
    },
  }
})
