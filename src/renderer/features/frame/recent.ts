/** Which commands were used last, for the palette's order. Kept with the window's state. */
import { ref } from 'vue'

const used = ref<string[]>([])
const usedMax = 30

export function noteUse(id: string): void {
  used.value = [...used.value.filter((each) => each !== id), id].slice(-usedMax)
}

/** Higher for later; 0 for what was not used. */
export const usedRank = (id: string): number => used.value.indexOf(id) + 1

export const usedCommands = (): readonly string[] => used.value

export function restoreUsed(ids: readonly string[]): void {
  used.value = ids.slice(-usedMax)
}
