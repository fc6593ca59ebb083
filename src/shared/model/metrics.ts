/** Figures over time, kept on disk for the last hours. */

export type MetricUnit = 'per-second' | 'bytes-per-second' | 'bytes' | 'ms' | 'count'

export interface MetricSeries {
  /** `broker/1/bytes-in`, `topic/orders/messages-in`, `broker/2/request/Produce/p99`, `group/billing/lag`. */
  readonly name: string
  readonly unit: MetricUnit
  /** Milliseconds since the epoch, rising; the same for all series of one answer. */
  readonly atMs: Float64Array
  /** NaN where nothing was known. */
  readonly values: Float64Array
}

/** What was kept between two moments. Where there were more samples than points, a point has the smallest and the one after it the largest of its time. */
export interface MetricAnswer {
  readonly series: readonly MetricSeries[]
  /** How far the samples lay apart that these points were made of, and how far the points do, ms. */
  readonly sampleMs: number
  readonly stepMs: number
}

export interface MetricResolution {
  readonly sampleMs: number
  /** For how long samples of this distance are kept, ms. */
  readonly spanMs: number
  /** The oldest that there is; null: none yet. */
  readonly oldestMs: number | null
}

/** What there is to be asked for. */
export interface MetricsCatalog {
  readonly brokers: readonly number[]
  readonly topics: readonly string[]
  /** By name, as Kafka calls them: `Produce`. */
  readonly apis: readonly string[]
  /** Protocol errors that were answered. */
  readonly errors: readonly string[]
  readonly groups: readonly string[]
  readonly resolutions: readonly MetricResolution[]
  /** What is not as it should be: samples that were lost, topics that were too many. */
  readonly notices: readonly string[]
}
