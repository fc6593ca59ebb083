/**
 * How long things took, counted into cells eight to each doubling: a percentile read from it is at most 9 % too large. One
 * array for its whole life, nothing allocated when something is counted. Made by RequestMetrics; the host adds up what several have counted.
 */

/** Cells a doubling of the time has. */
const CELLS_PER_OCTAVE = 8
/** The upper bound of the first cell, ms: nothing here is known more exactly. */
const FIRST_MS = 0.01
/** Its last cell takes all that is longer than 87 minutes. */
export const LATENCY_CELL_COUNT = 30 * CELLS_PER_OCTAVE

export class LatencyHistogram {
  readonly counts = new Float64Array(LATENCY_CELL_COUNT)
  maxMs = 0
  private recentMaxMs = 0

  add(latencyMs: number): void {
    this.counts[latencyCellOf(latencyMs)]!++
    if (latencyMs > this.maxMs) this.maxMs = latencyMs
    if (latencyMs > this.recentMaxMs) this.recentMaxMs = latencyMs
  }

  /** The longest since this was asked last. */
  takeRecentMax(): number {
    const { recentMaxMs } = this
    this.recentMaxMs = 0
    return recentMaxMs
  }
}

export function latencyCellOf(latencyMs: number): number {
  if (!(latencyMs > FIRST_MS)) return 0
  return Math.min(LATENCY_CELL_COUNT - 1, Math.ceil(Math.log2(latencyMs / FIRST_MS) * CELLS_PER_OCTAVE))
}

/** The upper bound of what is counted in a cell, ms. */
export function latencyOfCell(cell: number): number {
  return FIRST_MS * 2 ** (cell / CELLS_PER_OCTAVE)
}

/** The time that `share` (0 to 1) of what was counted did not exceed, ms; null where nothing was. */
export function percentileOf(counts: ArrayLike<number>, share: number): number | null {
  let total = 0
  for (let cell = 0; cell < counts.length; cell++) total += counts[cell]!
  if (total === 0) return null
  let left = Math.max(1, Math.ceil(total * share))
  for (let cell = 0; cell < counts.length; cell++) {
    left -= counts[cell]!
    if (left <= 0) return latencyOfCell(cell)
  }
  return latencyOfCell(counts.length - 1)
}
