/** What workers report of themselves once a second for the figures over time: what was counted since the report before. Plain data. */

export interface BrokerMetricsReport {
  /** Since the report before, or the start. */
  readonly elapsedMs: number
  readonly messagesIn: number
  readonly bytesIn: number
  readonly batchesIn: number
  readonly bytesOut: number
  readonly replicationBytesOut: number
  readonly failedProduceCount: number
  readonly failedFetchCount: number
  readonly isrShrinkCount: number
  readonly isrExpandCount: number
  /** As they are now. */
  readonly waitingProduceCount: number
  readonly waitingFetchCount: number
  readonly connectionCount: number
  readonly heapBytes: number
  /** The latest that the thread came to its work. */
  readonly loopDelayMsMax: number
  /** Only those that had requests. */
  readonly apis: readonly ApiMetricsReport[]
  readonly errors: readonly { readonly error: string; readonly count: number }[]
  /** Only those with traffic. */
  readonly topics: readonly TopicMetricsReport[]
}

export interface ApiMetricsReport {
  readonly api: string
  readonly responseCount: number
  readonly queueMs: number
  readonly localMs: number
  readonly remoteMs: number
  readonly sendMs: number
  readonly latencyMsMax: number
  /** Cell, count, cell, count, … of the latency histogram. */
  readonly latencyCells: Float64Array
}

export interface TopicMetricsReport {
  readonly topic: string
  readonly messagesIn: number
  readonly bytesIn: number
  readonly batchesIn: number
  readonly bytesOut: number
  readonly failedProduceCount: number
}

/** Of the coordination service, or of the registry. */
export interface ServiceMetricsReport {
  readonly service: 'coordination' | 'registry'
  readonly elapsedMs: number
  readonly requestCount: number
  readonly errorCount: number
  readonly latencyMs: number
  readonly latencyMsMax: number
}
