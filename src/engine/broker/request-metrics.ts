/**
 * Counts requests by API: how many, how long from receipt to response, how many bytes. Plain additions on the hot path; whoever wants rates
 * takes two readings. Owned by the listener, read by Broker.statistics.
 */
export interface ApiMetrics {
  readonly apiKey: number
  readonly name: string
  readonly requestCount: number
  /** From the last byte of the request to the response being handed to the socket; waiting in purgatory counts. */
  readonly totalLatencyMs: number
  readonly latencyMsMax: number
  readonly requestBytes: number
  readonly responseBytes: number
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

export class RequestMetrics {
  private readonly byKey = new Map<number, Mutable<ApiMetrics>>()
  totalRequestBytes = 0
  totalResponseBytes = 0

  onRequest(apiKey: number, name: string, bytes: number): void {
    const entry = this.entryOf(apiKey, name)
    entry.requestCount++
    entry.requestBytes += bytes
    this.totalRequestBytes += bytes
  }

  onResponse(apiKey: number, name: string, bytes: number, latencyMs: number): void {
    const entry = this.entryOf(apiKey, name)
    entry.responseBytes += bytes
    entry.totalLatencyMs += latencyMs
    if (latencyMs > entry.latencyMsMax) entry.latencyMsMax = latencyMs
    this.totalResponseBytes += bytes
  }

  snapshot(): ApiMetrics[] {
    return [...this.byKey.values()].map((entry) => ({ ...entry }))
  }

  private entryOf(apiKey: number, name: string): Mutable<ApiMetrics> {
    let entry = this.byKey.get(apiKey)
    if (entry === undefined) {
      entry = { apiKey, name, requestCount: 0, totalLatencyMs: 0, latencyMsMax: 0, requestBytes: 0, responseBytes: 0 }
      this.byKey.set(apiKey, entry)
    }
    return entry
  }
}
