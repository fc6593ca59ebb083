/**
 * Counts requests by API: how many, their bytes, how long they took and where, and which errors they were answered with. Plain additions on the
 * hot path, nothing allocated a request; whoever wants rates takes two readings. Owned by the listener, read by Broker.details.
 *
 * The time of a request, as Kafka's own metrics divide it: queue (received, not yet begun), local (the broker's thread works on it), remote (it waits
 * in purgatory for other brokers, for records or for a quota), send (the answer is made, and the system has not taken it yet).
 */
import { LatencyHistogram } from './latency-histogram'

export interface ApiMetrics {
  readonly apiKey: number
  readonly name: string
  readonly requestCount: number
  /** Of those answered; from the last byte of the request to the response being handed to the socket; waiting in purgatory counts. */
  readonly responseCount: number
  readonly totalLatencyMs: number
  readonly latencyMsMax: number
  /** Sums, of those answered. `totalLatencyMs` is that of the first three. */
  readonly queueMs: number
  readonly localMs: number
  readonly remoteMs: number
  readonly sendMs: number
  readonly requestBytes: number
  readonly responseBytes: number
  /** How many took how long, by cell (latency-histogram.ts); the live array, to be copied by whoever keeps it. */
  readonly latencyCounts: Float64Array
  /** By protocol error code, however deep in a response it stood. Live too. */
  readonly errors: ReadonlyMap<number, number>
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }
type Entry = Mutable<Omit<ApiMetrics, 'latencyMsMax' | 'latencyCounts' | 'errors'>> & {
  readonly latency: LatencyHistogram
  readonly errors: Map<number, number>
}

/** When what happened to a request, monotonic ms. */
export interface RequestTimes {
  readonly receivedAtMs: number
  /** -1: it was answered without its handler having been asked. */
  readonly begunAtMs: number
  /** When its handler had returned; -1: it answered before. */
  readonly handledAtMs: number
  readonly completedAtMs: number
}

export class RequestMetrics {
  /** By API key. */
  private readonly entries: (Entry | undefined)[] = []
  totalRequestBytes = 0
  totalResponseBytes = 0

  onRequest(apiKey: number, name: string, bytes: number): void {
    const entry = this.entryOf(apiKey, name)
    entry.requestCount++
    entry.requestBytes += bytes
    this.totalRequestBytes += bytes
  }

  onResponse(apiKey: number, name: string, bytes: number, times: RequestTimes): void {
    const entry = this.entryOf(apiKey, name)
    const { receivedAtMs, begunAtMs, handledAtMs, completedAtMs } = times
    const latencyMs = completedAtMs - receivedAtMs
    entry.responseCount++
    entry.responseBytes += bytes
    entry.totalLatencyMs += latencyMs
    entry.latency.add(latencyMs)
    if (begunAtMs >= 0) {
      entry.queueMs += begunAtMs - receivedAtMs
      const localEndMs = handledAtMs >= 0 ? handledAtMs : completedAtMs
      entry.localMs += localEndMs - begunAtMs
      entry.remoteMs += completedAtMs - localEndMs
    } else entry.queueMs += latencyMs
    this.totalResponseBytes += bytes
  }

  /** The system has taken the response, so long after it was made. */
  onSent(apiKey: number, name: string, sendMs: number): void {
    this.entryOf(apiKey, name).sendMs += sendMs
  }

  onError(apiKey: number, name: string, errorCode: number): void {
    const { errors } = this.entryOf(apiKey, name)
    errors.set(errorCode, (errors.get(errorCode) ?? 0) + 1)
  }

  /** As `snapshot`, with the longest since this was asked last: for the one who draws them over time. */
  measure(): (ApiMetrics & { readonly recentLatencyMsMax: number })[] {
    return this.snapshot().map((api) => ({ ...api, recentLatencyMsMax: this.entries[api.apiKey]?.latency.takeRecentMax() ?? 0 }))
  }

  snapshot(): ApiMetrics[] {
    const found: ApiMetrics[] = []
    for (const entry of this.entries) {
      if (entry === undefined) continue
      const { latency, ...counts } = entry
      found.push({ ...counts, latencyMsMax: latency.maxMs, latencyCounts: latency.counts })
    }
    return found
  }

  private entryOf(apiKey: number, name: string): Entry {
    const known = this.entries[apiKey]
    if (known !== undefined) return known
    const entry: Entry = {
      apiKey,
      name,
      requestCount: 0,
      responseCount: 0,
      totalLatencyMs: 0,
      queueMs: 0,
      localMs: 0,
      remoteMs: 0,
      sendMs: 0,
      requestBytes: 0,
      responseBytes: 0,
      latency: new LatencyHistogram(),
      errors: new Map(),
    }
    this.entries[apiKey] = entry
    return entry
  }
}
