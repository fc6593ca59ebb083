/** What a person writes to be sent, and how its sending goes. 64-bit values that a client can choose cross as decimal text. */

export type PlainPayloadFormat = 'text' | 'json' | 'hex' | 'base64' | 'null'
export type PayloadFormat = PlainPayloadFormat | 'schema'

export interface PlainPayloadInput {
  readonly format: PlainPayloadFormat
  readonly text: string
}

export type PayloadInput =
  | PlainPayloadInput
  /** JSON, written with a schema of the registry in its wire format; null: the latest version. */
  | { readonly format: 'schema'; readonly text: string; readonly subject: string; readonly version: number | null }

export type Acks = 0 | 1 | -1

export interface ProduceRequestInput {
  readonly topic: string
  /** null: by key as Kafka's default partitioner, or spread where there is no key. */
  readonly partition: number | null
  readonly key: PayloadInput
  readonly value: PayloadInput
  readonly headers: readonly { readonly key: string; readonly value: PayloadInput }[]
  readonly acks: Acks
  /** Decimal ms, or null for now. */
  readonly timestamp: string | null
  readonly compression: 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd'
  /** How often; in key, value and header values `{{index}}` becomes 0, 1, 2, … 1 to 1,000,000. */
  readonly count: number
}

export interface ProduceProgress {
  readonly runId: number
  readonly state: 'running' | 'finished' | 'cancelled' | 'failed'
  readonly sentCount: number
  readonly acknowledgedCount: number
  readonly failedCount: number
  readonly elapsedMs: number
  /** Where the last acknowledged record stands; offset -1 for acks=0, which tells none. */
  readonly last: { readonly partition: number; readonly offset: number; readonly timestamp: string } | null
  /** Offsets by partition: first and last written. */
  readonly partitions: readonly {
    readonly partition: number
    readonly firstOffset: number
    readonly lastOffset: number
    readonly count: number
  }[]
  /** Kafka's error name and a sentence of what to do, of the last failure or retry. */
  readonly error: { readonly name: string; readonly message: string } | null
  readonly latencyMs: { readonly p50: number; readonly p95: number; readonly p99: number; readonly max: number } | null
}
