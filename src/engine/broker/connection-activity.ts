/**
 * What one connection has done since it was made, for whoever wants to see what a client is like: which APIs in which versions, how it produces and
 * fetches, in which groups it is, what went wrong last. Added to by ServerConnection for each request and by the produce and fetch handlers; bounded
 * whatever a client sends, and never asked by anything that serves.
 */
import type { Clock } from '../platform'
import type { Compression } from '../wire/records'

export interface ApiUse {
  readonly apiKey: number
  readonly name: string
  readonly minVersion: number
  readonly maxVersion: number
  readonly count: number
  /** Wall clock, ms. */
  readonly lastAtMs: number
  /** Of the last ten seconds or a little more. */
  readonly perSecond: number
}

export interface ActivityView {
  readonly apis: readonly ApiUse[]
  readonly requestBytes: number
  readonly responseBytes: number
  readonly produced: {
    /** Each that was seen: 0, 1, -1 (all). */
    readonly acks: readonly number[]
    readonly compressions: readonly Compression[]
    readonly isIdempotent: boolean
    readonly transactionalId: string | null
    readonly batchCount: number
    readonly recordCount: number
    readonly recordBytes: number
  }
  readonly fetched: {
    readonly recordBytes: number
    readonly responseCount: number
    /** Of those, without a record. */
    readonly emptyCount: number
  }
  readonly groups: readonly string[]
  /** Topics that it has written to or read from, the first ones. */
  readonly topics: readonly string[]
  readonly lastError: { readonly errorCode: number; readonly api: string; readonly atMs: number } | null
  readonly errorCount: number
}

/** More are not remembered of one connection. */
const NAMES_MAX = 20
const WINDOW_MS = 10_000

/** Join, sync, heartbeat, commit, leave and the new protocol's heartbeat: a request of one of them is made by a member. */
const GROUP_API_KEYS: ReadonlySet<number> = new Set([8, 11, 12, 14, 68])

interface Use {
  readonly apiKey: number
  readonly name: string
  minVersion: number
  maxVersion: number
  count: number
  lastAtMs: number
  /** Of the running window, and of the one before. */
  windowStartMs: number
  windowCount: number
  previousCount: number
}

export class ConnectionActivity {
  /** By API key. */
  private readonly uses: (Use | undefined)[] = []
  private readonly acks = new Set<number>()
  private readonly compressions = new Set<Compression>()
  private readonly groups = new Set<string>()
  private readonly topics = new Set<string>()
  private isIdempotent = false
  private transactionalId: string | null = null
  private batchCount = 0
  private recordCount = 0
  private recordBytes = 0
  private fetchedBytes = 0
  private fetchResponseCount = 0
  private emptyFetchCount = 0
  private requestBytes = 0
  private responseBytes = 0
  private errorCount = 0
  private lastError: ActivityView['lastError'] = null

  constructor(private readonly clock: Pick<Clock, 'nowMs'>) {}

  onRequest(apiKey: number, name: string, version: number, bytes: number): void {
    const nowMs = this.clock.nowMs()
    this.requestBytes += bytes
    let use = this.uses[apiKey]
    if (use === undefined) {
      use = {
        apiKey,
        name,
        minVersion: version,
        maxVersion: version,
        count: 0,
        lastAtMs: 0,
        windowStartMs: nowMs,
        windowCount: 0,
        previousCount: 0,
      }
      this.uses[apiKey] = use
    }
    use.count++
    use.lastAtMs = nowMs
    if (version < use.minVersion) use.minVersion = version
    if (version > use.maxVersion) use.maxVersion = version
    turn(use, nowMs)
    use.windowCount++
  }

  /** The decoded body of a request that a member of a group may have made. */
  onBody(apiKey: number, body: unknown): void {
    if (!GROUP_API_KEYS.has(apiKey)) return
    const { groupId } = body as { readonly groupId?: unknown }
    if (typeof groupId === 'string' && groupId !== '') remember(this.groups, groupId)
  }

  onResponse(bytes: number): void {
    this.responseBytes += bytes
  }

  onError(api: string, errorCode: number): void {
    this.errorCount++
    this.lastError = { errorCode, api, atMs: this.clock.nowMs() }
  }

  onProduce(acks: number, transactionalId: string | null): void {
    if (acks >= -1 && acks <= 1) this.acks.add(acks)
    if (transactionalId !== null) this.transactionalId = transactionalId
  }

  /** A batch that was appended. */
  onBatch(
    topic: string,
    batch: {
      readonly compression: Compression | null
      readonly isIdempotent: boolean
      readonly recordCount: number
      readonly bytes: number
    },
  ): void {
    remember(this.topics, topic)
    if (batch.compression !== null) this.compressions.add(batch.compression)
    this.isIdempotent ||= batch.isIdempotent
    this.batchCount++
    this.recordCount += batch.recordCount
    this.recordBytes += batch.bytes
  }

  onFetch(recordBytes: number): void {
    this.fetchResponseCount++
    if (recordBytes === 0) this.emptyFetchCount++
    this.fetchedBytes += recordBytes
  }

  onFetchedTopic(topic: string): void {
    remember(this.topics, topic)
  }

  view(): ActivityView {
    const nowMs = this.clock.nowMs()
    const apis: ApiUse[] = []
    for (const use of this.uses) {
      if (use === undefined) continue
      turn(use, nowMs)
      const { apiKey, name, minVersion, maxVersion, count, lastAtMs, windowStartMs, windowCount, previousCount } = use
      const hasPrevious = previousCount > 0 || count > windowCount
      const seconds = Math.max(1, (nowMs - windowStartMs + (hasPrevious ? WINDOW_MS : 0)) / 1000)
      apis.push({ apiKey, name, minVersion, maxVersion, count, lastAtMs, perSecond: (windowCount + previousCount) / seconds })
    }
    return {
      apis,
      requestBytes: this.requestBytes,
      responseBytes: this.responseBytes,
      produced: {
        acks: [...this.acks],
        compressions: [...this.compressions],
        isIdempotent: this.isIdempotent,
        transactionalId: this.transactionalId,
        batchCount: this.batchCount,
        recordCount: this.recordCount,
        recordBytes: this.recordBytes,
      },
      fetched: { recordBytes: this.fetchedBytes, responseCount: this.fetchResponseCount, emptyCount: this.emptyFetchCount },
      groups: [...this.groups],
      topics: [...this.topics],
      lastError: this.lastError,
      errorCount: this.errorCount,
    }
  }
}

/** Begins a new window where the present one is over. */
function turn(use: Use, nowMs: number): void {
  const elapsedMs = nowMs - use.windowStartMs
  // The wall clock may have been set back.
  if (elapsedMs >= 0 && elapsedMs < WINDOW_MS) return
  const isNext = elapsedMs >= 0 && elapsedMs < 2 * WINDOW_MS
  use.previousCount = isNext ? use.windowCount : 0
  use.windowStartMs = isNext ? use.windowStartMs + WINDOW_MS : nowMs
  use.windowCount = 0
}

function remember(names: Set<string>, name: string): void {
  if (names.size < NAMES_MAX) names.add(name)
}
