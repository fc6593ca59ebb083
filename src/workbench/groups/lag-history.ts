/** Lag of one topic in one group over the last hour, in memory: two rings of numbers. The figures kept on disk are the metrics' own. Pure. */

/** An hour at one a second and a half; slower samples reach further back and are cut by age. */
const pointsMax = 2_400
const ageMaxMs = 3_600_000

export class LagHistory {
  private times = new Float64Array(64)
  private values = new Float64Array(64)
  private start = 0
  private length = 0

  /** `lag` NaN: not known then. Times ascend. */
  add(atMs: number, lag: number): void {
    if (this.length === this.times.length && this.length < pointsMax) this.grow()
    if (this.length === this.times.length) this.drop()
    const at = (this.start + this.length) % this.times.length
    this.times[at] = atMs
    this.values[at] = lag
    this.length++
    while (this.length > 0 && (this.times[this.start] ?? 0) < atMs - ageMaxMs) this.drop()
  }

  /** Copies, oldest first. */
  since(sinceMs: number): { readonly times: Float64Array; readonly values: Float64Array } {
    let skipped = 0
    while (skipped < this.length && this.at(this.times, skipped) < sinceMs) skipped++
    const size = this.length - skipped
    const times = new Float64Array(size)
    const values = new Float64Array(size)
    for (let index = 0; index < size; index++) {
      times[index] = this.at(this.times, skipped + index)
      values[index] = this.at(this.values, skipped + index)
    }
    return { times, values }
  }

  private at(ring: Float64Array, index: number): number {
    return ring[(this.start + index) % ring.length] ?? Number.NaN
  }

  private drop(): void {
    this.start = (this.start + 1) % this.times.length
    this.length--
  }

  private grow(): void {
    const size = Math.min(pointsMax, this.times.length * 2)
    const { times, values } = this.since(Number.NEGATIVE_INFINITY)
    this.times = new Float64Array(size)
    this.values = new Float64Array(size)
    this.times.set(times)
    this.values.set(values)
    this.start = 0
  }
}
