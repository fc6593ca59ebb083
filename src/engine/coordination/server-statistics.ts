/** What a server counts for its four-letter words: packets and latencies. One for the server, one a connection. Pure. */
export class PacketStatistics {
  receivedCount = 0
  sentCount = 0
  minLatencyMs = 0
  maxLatencyMs = 0
  private latencySumMs = 0
  private latencyCount = 0
  /** Since the start, whatever a reset does, and exact: for whoever draws them over time. */
  answerCount = 0
  answerMs = 0
  private recentMaxMs = 0

  get averageLatencyMs(): number {
    return this.latencyCount === 0 ? 0 : this.latencySumMs / this.latencyCount
  }

  onDidAnswer(latencyMs: number): void {
    const whole = Math.max(0, Math.floor(latencyMs))
    this.minLatencyMs = this.latencyCount === 0 ? whole : Math.min(this.minLatencyMs, whole)
    this.maxLatencyMs = Math.max(this.maxLatencyMs, whole)
    this.latencySumMs += whole
    this.latencyCount++
    this.answerCount++
    this.answerMs += latencyMs
    if (latencyMs > this.recentMaxMs) this.recentMaxMs = latencyMs
  }

  /** The longest since this was asked last. */
  takeRecentMax(): number {
    const { recentMaxMs } = this
    this.recentMaxMs = 0
    return recentMaxMs
  }

  reset(): void {
    this.receivedCount = 0
    this.sentCount = 0
    this.minLatencyMs = 0
    this.maxLatencyMs = 0
    this.latencySumMs = 0
    this.latencyCount = 0
  }
}
