/** Percentiles of up to a million durations from a bounded sample: every n-th is kept, n doubling as the sample fills. */
const sampleMax = 8_192

export class LatencySample {
  private kept: number[] = []
  private stride = 1
  private seen = 0
  private max = 0

  add(durationMs: number): void {
    this.max = Math.max(this.max, durationMs)
    if (this.seen++ % this.stride !== 0) return
    this.kept.push(durationMs)
    if (this.kept.length < sampleMax) return
    this.kept = this.kept.filter((_, index) => index % 2 === 0)
    this.stride *= 2
  }

  /** null where nothing was measured. */
  percentiles(): { p50: number; p95: number; p99: number; max: number } | null {
    if (this.kept.length === 0) return null
    const sorted = [...this.kept].sort((a, b) => a - b)
    const at = (fraction: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * fraction))] ?? 0
    return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: this.max }
  }
}
