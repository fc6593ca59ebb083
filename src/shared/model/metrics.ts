/** Figures over time, kept on disk for the last hours. */

export interface MetricSeries {
  /** `broker/1/bytes-in`, `topic/orders/messages-in`, `broker/2/request/Produce/p99`, `group/billing/lag`. */
  readonly name: string
  readonly unit: 'per-second' | 'bytes-per-second' | 'bytes' | 'ms' | 'count'
  /** Milliseconds since the epoch, rising. */
  readonly atMs: Float64Array
  /** NaN where nothing was known. */
  readonly values: Float64Array
}
