/** What a person writes to be sent, how its sending goes, and what is kept of it. 64-bit values that a client can choose cross as decimal text. */

/** `empty` is no bytes at all, which is not null; numbers are big-endian, as Kafka's own serializers write them. */
export type PlainPayloadFormat =
  | 'text'
  | 'json'
  | 'int32'
  | 'int64'
  | 'float'
  | 'double'
  | 'uuid'
  | 'hex'
  | 'base64'
  | 'empty'
  | 'null'
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

export interface TransactionInput {
  readonly transactionalId: string
  /** 1 to 10,000. */
  readonly recordsPerTransaction: number
  /** 0: every one is committed; 100: every one is aborted, on purpose. */
  readonly abortPercent: number
}

/** Keys are drawn from a set instead of made anew each time, so that compaction and partitions have something to show. */
export interface KeySet {
  /** 1 to 1,000,000. */
  readonly count: number
  /** zipf: the k-th key is k times rarer than the first. */
  readonly skew: 'even' | 'zipf'
}

export interface Pace {
  /** null: as fast as the cluster takes them. */
  readonly perSecond: number | null
  /** ms since the epoch; null: at once. */
  readonly startAtMs: number | null
  /** All of `count` once more, this long after the last begin, until stopped. */
  readonly repeatEveryMs: number | null
}

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
  /** How often; templates (`{{index}}`, …) are filled in anew each time. 1 to 1,000,000; null: until stopped. */
  readonly count: number | null
  /** Absent: with acks -1. */
  readonly isIdempotent?: boolean | undefined
  readonly lingerMs?: number | undefined
  readonly batchBytes?: number | undefined
  readonly transaction?: TransactionInput | null | undefined
  /** Of everything random in the templates: the same seed makes the same messages again. */
  readonly seed?: number | undefined
  readonly keys?: KeySet | null | undefined
  readonly pace?: Pace | null | undefined
  /** Records that were checked by produce.checkLines, in place of key, value and headers; `count` is theirs. */
  readonly lines?: { readonly linesId: number; readonly name: string } | null | undefined
}

export type ProduceState = 'waiting' | 'running' | 'paused' | 'finished' | 'cancelled' | 'failed'

export interface ProduceFailure {
  /** Kafka's error name, or ours in capitals. */
  readonly name: string
  readonly message: string
}

export interface ProduceProgress {
  readonly runId: number
  readonly state: ProduceState
  readonly sentCount: number
  readonly acknowledgedCount: number
  readonly failedCount: number
  /** Attempts that were made again, of batches. */
  readonly retryCount: number
  readonly elapsedMs: number
  /** Acknowledged in the last second, or on the whole once it has ended. */
  readonly ratePerSecond: number
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
  readonly error: ProduceFailure | null
  /** By name, most first: what failed for good, and what was tried again. */
  readonly errors: readonly (ProduceFailure & { readonly count: number; readonly retryCount: number })[]
  readonly latencyMs: { readonly p50: number; readonly p95: number; readonly p99: number; readonly max: number } | null
  /** How many answers took up to `latencyBoundsMs[i]`, and in the last place how many took longer. */
  readonly latencyCounts: readonly number[]
  /** null: none are used. */
  readonly transactions: { readonly committed: number; readonly aborted: number } | null
  /** When it goes on by itself: the start or the next round of a schedule. */
  readonly nextAtMs: number | null
}

/** Upper bounds of the histogram of latencies, each twice the one before. */
export const latencyBoundsMs: readonly number[] = Array.from({ length: 16 }, (_, at) => 0.25 * 2 ** at)

/** A run in the list: under way, or one of the last that have ended. */
export interface ProduceRunView {
  readonly runId: number
  readonly topic: string
  /** What tells it from others: its key, how its value begins, or the name of its file. */
  readonly label: string
  readonly source: 'message' | 'lines'
  /** null: until stopped. */
  readonly count: number | null
  readonly startedAtMs: number
  readonly endedAtMs: number | null
  readonly progress: ProduceProgress
  /** Why it cannot be run again; null where it can. */
  readonly againProblem: string | null
}

/** One of the first messages, as it will be sent. */
export interface ProducePreview {
  readonly index: number
  /** Filled in, and cut at some hundred characters; null: the payload is null. */
  readonly key: string | null
  readonly value: string | null
  readonly headers: readonly { readonly key: string; readonly value: string | null }[]
  /** null: spread, which the producer decides, or the topic is not known. */
  readonly partition: number | null
  /** What is wrong with this one; the run would be refused. */
  readonly problem: string | null
}

// ---- many at once

export type LinesKind = 'records' | 'json' | 'text' | 'csv'

/** How the key or the value of a line is written. */
export type LineEncoding =
  | { readonly format: Exclude<PlainPayloadFormat, 'null' | 'empty'> }
  | { readonly format: 'schema'; readonly subject: string; readonly version: number | null }

/** Which column of a CSV is what; a column is named by its header. */
export interface CsvMapping {
  readonly key: string | null
  /** null: a JSON object of all columns that are nothing else. */
  readonly value: string | null
  readonly timestamp: string | null
  readonly partition: string | null
  readonly headers: readonly string[]
}

export interface LinesRequest {
  readonly topic: string
  readonly name: string
  readonly kind: LinesKind
  readonly text: string
  readonly key: LineEncoding
  readonly value: LineEncoding
  /** For CSV; null: guessed from the names of its columns. */
  readonly mapping: CsvMapping | null
}

export interface LineProblem {
  /** From 1, of the text as it was given. */
  readonly line: number
  readonly column: number
  readonly message: string
}

export interface LinesCheck {
  readonly linesId: number
  readonly count: number
  readonly byteCount: number
  /** The first hundred. */
  readonly problems: readonly LineProblem[]
  readonly problemCount: number
  /** Of a CSV. */
  readonly columns: readonly string[]
  readonly mapping: CsvMapping | null
  readonly preview: readonly ProducePreview[]
}

// ---- saved messages

export interface SavedMessage {
  /** Of the window's making, kept over renames and moves. */
  readonly id: string
  readonly name: string
  /** '' for none. */
  readonly folder: string
  readonly request: ProduceRequestInput
  readonly savedAtMs: number
}

export interface SavedMessages {
  /** Also those that hold nothing. */
  readonly folders: readonly string[]
  readonly messages: readonly SavedMessage[]
  /** That a file could not be read and was kept aside, in a sentence. */
  readonly problem: string | null
}
