/** Which commands were used last in this window, for the palette's order. */
const used: string[] = []
const usedMax = 12

export function noteUse(id: string): void {
  const at = used.indexOf(id)
  if (at >= 0) used.splice(at, 1)
  used.push(id)
  if (used.length > usedMax) used.shift()
}

/** Higher for later; 0 for what was not used. */
export const usedRank = (id: string): number => used.indexOf(id) + 1
