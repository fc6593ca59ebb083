/** What a look at many records of a topic found. Counts are exact for the records that were read; what is not is said beside it. */

export interface AnalysisRequest {
  readonly topic: string
  /** null: all records from the first on; else about so many of the newest, spread over the partitions. */
  readonly newest: number | null
}

/** `counts[i]` values were at least `from[i]` and below `from[i + 1]`. */
export interface Histogram {
  readonly from: readonly number[]
  readonly counts: readonly number[]
}

export interface SizeFacts {
  readonly min: number
  readonly p50: number
  readonly p95: number
  readonly p99: number
  readonly max: number
  readonly total: number
  /** Bytes, by powers of two. */
  readonly histogram: Histogram
}

export interface TopicAnalysis {
  readonly recordCount: number
  /** Batches as they lie in the log, compressed. */
  readonly batchCount: number
  readonly batchBytes: number
  /** How many batches have which codec, most first. */
  readonly compressions: readonly { readonly name: string; readonly count: number }[]
  readonly partitions: readonly { readonly partition: number; readonly count: number; readonly bytes: number }[]
  readonly keys: {
    readonly nullCount: number
    readonly emptyCount: number
    /** Of keys that are not null; a lower bound where `isDistinctExact` is false. */
    readonly distinctCount: number
    readonly isDistinctExact: boolean
    /** The most frequent, as text or hex. Counted exactly while there are few enough keys to keep. */
    readonly top: readonly { readonly key: string; readonly isBinary: boolean; readonly count: number }[]
    /** Keys that stand in more than one partition: their records have no order. */
    readonly scatteredCount: number
    readonly sizes: SizeFacts | null
  }
  readonly values: {
    readonly nullCount: number
    readonly emptyCount: number
    readonly jsonCount: number
    readonly textCount: number
    readonly binaryCount: number
    /** By the id that the value begins with, in the registry's wire format; most first. */
    readonly schemaIds: readonly { readonly id: number; readonly count: number }[]
    readonly sizes: SizeFacts | null
  }
  readonly headers: { readonly withHeaders: number; readonly names: readonly { readonly name: string; readonly count: number }[] }
  /** Ms since the epoch; null where no record was read. */
  readonly time: {
    readonly firstMs: number
    readonly lastMs: number
    readonly histogram: Histogram
    readonly outOfOrderCount: number
  } | null
  readonly undecodableBatches: number
}

export interface AnalysisProgress {
  readonly analysisId: number
  readonly topic: string
  readonly state: 'reading' | 'finished' | 'stopped' | 'failed'
  readonly recordCount: number
  /** Records that were there when it began, of those asked for. */
  readonly wantedCount: number
  readonly elapsedMs: number
  readonly error: string | null
  /** Of what was read so far. */
  readonly analysis: TopicAnalysis
}
