/**
 * Messages as the window shows them. Rows stay in the clients worker; the window asks for the pages it draws, and for one record's
 * bytes when it is opened. 64-bit values that a client can choose (timestamps) cross as decimal text.
 */

export type ReadStart =
  | { readonly kind: 'newest'; readonly count: number }
  | { readonly kind: 'oldest' }
  | { readonly kind: 'offset'; readonly offset: number }
  | { readonly kind: 'time'; readonly timestampMs: number }
  /** From the end on, until stopped. */
  | { readonly kind: 'live' }

export interface ReadRequest {
  readonly topic: string
  /** null: all partitions. */
  readonly partitions: readonly number[] | null
  readonly start: ReadStart
  /** The most records to keep; a live read keeps the newest. 1 to 1,000,000. */
  readonly limit: number
}

export type ReadState = 'reading' | 'live' | 'finished' | 'stopped' | 'failed'

export interface ReadProgress {
  readonly readId: number
  readonly state: ReadState
  /** Rows can be asked for from `droppedCount` up to this index, exclusive. */
  readonly rowCount: number
  /** Rows dropped at the old end of a live read, over the limit. Row `index`es go on counting: the first row kept has this index. */
  readonly droppedCount: number
  readonly bytesRead: number
  readonly elapsedMs: number
  /** In a sentence, with partition and what to do. A read goes on through a dead leader and only notes it here. */
  readonly error: string | null
}

/** Text cut for a row; `byteLength` is of the whole. 'undecodable': its batch cannot be decoded, `text` says why. */
export interface PayloadPreview {
  readonly kind: 'null' | 'empty' | 'text' | 'json' | 'binary' | 'undecodable'
  readonly text: string
  readonly byteLength: number
  readonly isCut: boolean
}

export interface MessageRow {
  readonly index: number
  readonly partition: number
  readonly offset: number
  /** Milliseconds since the epoch in decimal; any int64. */
  readonly timestamp: string
  readonly key: PayloadPreview
  readonly value: PayloadPreview
  /** null: no schema id, or not decoded yet: rows are told again when they are. */
  readonly decodedKey: DecodedPreview | null
  readonly decodedValue: DecodedPreview | null
  readonly headerCount: number
}

/** Beside a row where its payloads carry a schema id: previews of what they decode to, and with what. */
export interface DecodedPreview {
  readonly text: string
  readonly isCut: boolean
  /** 'v7 · 17' in its parts; version null where the id stands under no subject known here. */
  readonly id: number
  readonly version: number | null
  /** Why it could not be decoded; text is '' then. */
  readonly problem: string | null
}

export interface MessageHeader {
  readonly key: string
  /** null is not empty. */
  readonly value: Uint8Array | null
}

export interface MessageDetail extends MessageRow {
  readonly topic: string
  readonly timestampType: 'CreateTime' | 'LogAppendTime'
  readonly keyBytes: Uint8Array | null
  readonly valueBytes: Uint8Array | null
  readonly headers: readonly MessageHeader[]
  readonly batch: {
    readonly baseOffset: number
    readonly recordCount: number
    readonly byteLength: number
    /** 'unknown': a codec that Kafka does not define; such a batch cannot be decoded. */
    readonly compression: 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd' | 'unknown'
    readonly leaderEpoch: number
    /** Decimal; '-1' for none. */
    readonly producerId: string
    readonly producerEpoch: number
    readonly baseSequence: number
    readonly isTransactional: boolean
  }
}

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
