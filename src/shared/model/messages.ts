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
