/**
 * Messages as the window shows them. Rows stay in the clients worker; the window asks for the pages it draws, and for one record's
 * bytes when it is opened. 64-bit values that a client can choose (timestamps) cross as decimal text.
 */

export type ReadStart =
  | { readonly kind: 'newest'; readonly count: number }
  | { readonly kind: 'oldest' }
  | { readonly kind: 'offset'; readonly offset: number }
  /** `untilMs`: up to the first record of that time or later, exclusive. */
  | { readonly kind: 'time'; readonly timestampMs: number; readonly untilMs?: number | undefined }
  /** From the end on, until stopped. */
  | { readonly kind: 'live' }

/** What of a record a filter looks at. */
export type FilterField =
  | { readonly kind: 'key' | 'value' | 'partition' | 'offset' | 'timestamp' | 'size' }
  /** Any of the headers of this name. */
  | { readonly kind: 'header'; readonly name: string }
  /** A field of JSON, or of what a schema makes of the bytes: `customer.id`, `lines[0].sku`. */
  | { readonly kind: 'field'; readonly part: 'key' | 'value'; readonly path: string }

export const filterOperators = [
  'contains',
  'not-contains',
  'equals',
  'not-equals',
  'starts',
  'greater',
  'at-least',
  'less',
  'at-most',
  'matches',
  'exists',
  'absent',
  'is-null',
  'not-null',
] as const
export type FilterOperator = (typeof filterOperators)[number]

/** All filters of a read hold at once. What is compared by size compares as exact decimal numbers. */
export interface MessageFilter {
  readonly field: FilterField
  readonly operator: FilterOperator
  /** What is typed; timestamps in decimal ms, sizes in bytes. */
  readonly operand: string
  readonly isCaseSensitive: boolean
}

export interface ReadRequest {
  readonly topic: string
  /** Read together with it, all partitions of each. */
  readonly alsoTopics?: readonly string[] | undefined
  /** Of `topic`; null: all. */
  readonly partitions: readonly number[] | null
  readonly start: ReadStart
  /** The most records to keep; a live read keeps the newest. 1 to 1,000,000. */
  readonly limit: number
  readonly filters?: readonly MessageFilter[] | undefined
  /** The body of a JavaScript function of `{ key, value, headers, partition, offset, timestamp, topic }` that answers whether to keep it. */
  readonly script?: string | null | undefined
  /** Of each key of each partition only its last record is kept, and none without a key. Not for live reads. */
  readonly isLatestPerKey?: boolean | undefined
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
  /** Records looked at, kept or not. */
  readonly scannedCount: number
  /** How many this read will look at if it goes to its end; null: it has none, or it is not known yet. */
  readonly expectedCount: number | null
  /** It ended before all was read: it can go on from there. */
  readonly canContinue: boolean
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

/** What a column of a field shows: JSON as written, a string without its quotes. */
export interface FieldCell {
  readonly kind: 'object' | 'array' | 'string' | 'number' | 'true' | 'false' | 'null'
  readonly text: string
}

export interface MessageRow {
  readonly index: number
  readonly topic: string
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
  /** One for each field asked for; null: absent. */
  readonly fields: readonly (FieldCell | null)[]
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

/** What a script said of one record. */
export interface ScriptTrial {
  readonly isKept: boolean
  /** What it answered, in JavaScript's words. */
  readonly answer: string
  /** Why it could not be run, or threw. */
  readonly error: string | null
  readonly elapsedMs: number
}

/** How many records of a time there are, by the brokers' index of times. */
export interface MessageHistogram {
  readonly fromMs: number
  readonly toMs: number
  /** Equal stretches of time from `fromMs` to `toMs`. */
  readonly counts: readonly number[]
}

export type ExportFormat = 'jsonl' | 'csv' | 'raw'

/** An export or a resend under way. */
export interface MessageTask {
  readonly taskId: number
  readonly kind: 'export' | 'resend'
  readonly state: 'running' | 'finished' | 'cancelled' | 'failed'
  readonly doneCount: number
  readonly totalCount: number
  readonly failedCount: number
  readonly bytesWritten: number
  readonly error: string | null
  /** Where the last record resent stands. */
  readonly last: { readonly partition: number; readonly offset: number } | null
}
