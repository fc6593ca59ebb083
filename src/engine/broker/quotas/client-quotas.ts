/**
 * What quotas do: how much each client has sent, got, kept busy or changed of late, and for how long it is to be silent (KIP-13, KIP-124, KIP-599, KIP-219). The listener, the connection
 * and the handlers of Fetch and of changes to the cluster ask; who has no quota costs nothing but a look at a flag. Brokers among themselves have none.
 */
import type { Clock } from '../../platform'
import { ANONYMOUS, isBrokerPrincipal } from '../../security/principal'
import type { ClientIdentity } from '../registry'
import type { EntityName, QuotaEntity } from './quota-entity'
import type { QuotaStore } from './quota-store'
import { TokenBucket } from './token-bucket'
import { WindowedRate } from './windowed-rate'

type ClientQuota = 'producer_byte_rate' | 'consumer_byte_rate' | 'request_percentage' | 'controller_mutation_rate'

export interface QuotaWindow {
  readonly count: number
  readonly seconds: number
}

interface Limit {
  readonly value: number
  /** Whoever has the same key shares the limit. */
  readonly sharedBy: string
}

/** APIs that brokers use among themselves: LeaderAndIsr, StopReplica, UpdateMetadata, ControlledShutdown, WriteTxnMarkers, AlterPartition. */
const BETWEEN_BROKERS: ReadonlySet<number> = new Set([4, 5, 6, 7, 27, 56])
const BROKER_CLIENT = /^broker-\d+-/
const PRODUCE = 0
/** What was not counted on for an hour is forgotten, as in Kafka, once there are many. */
const IDLE_MS_MAX = 3_600_000
const COUNTED_MAX = 1_000

export class ClientQuotas {
  private readonly rates = new Map<string, WindowedRate>()
  private readonly buckets = new Map<string, TokenBucket>()
  private readonly limits = new Map<string, Limit | null>()
  private kinds: ReadonlySet<string> = new Set()

  constructor(
    private readonly clock: Clock,
    private readonly store: Pick<QuotaStore, 'all' | 'find'>,
    private readonly window: () => QuotaWindow,
  ) {}

  /** Quotas were set or taken away. What was counted stays: only buckets, which hold what their quota let in, begin anew. */
  onDidChange(): void {
    this.limits.clear()
    this.buckets.clear()
    this.kinds = new Set([...this.store.all()].flatMap(({ values }) => [...values.keys()]))
  }

  /** Whether anybody has a quota of what the connection counts. */
  get countsRequests(): boolean {
    return this.kinds.has('producer_byte_rate') || this.kinds.has('request_percentage')
  }

  /** A request of `bytes` has come. Answers for how long its client is to be silent, in ms. */
  onRequest(apiKey: number, client: ClientIdentity, bytes: number): number {
    return apiKey === PRODUCE ? this.record('producer_byte_rate', client, bytes) : 0
  }

  /** A request has kept the broker's thread busy for `busyMs`. As onRequest. */
  onHandled(apiKey: number, client: ClientIdentity, busyMs: number): number {
    if (BETWEEN_BROKERS.has(apiKey)) return 0
    const { count, seconds } = this.window()
    return Math.min(this.record('request_percentage', client, busyMs / 10), count * seconds * 1000)
  }

  /** Somebody has connected from `host`. Above 0: the connection is to be closed after so long, unread (KIP-612). */
  onConnection(host: string): number {
    if (!this.kinds.has('connection_creation_rate')) return 0
    const value =
      this.store.find({ ip: host })?.get('connection_creation_rate') ??
      this.store.find({ ip: null })?.get('connection_creation_rate')
    if (value === undefined) return 0
    const nowMs = this.clock.monotonicMs()
    const rate = this.rateOf('connection_creation_rate', { value, sharedBy: host }, nowMs)
    rate.record(1, nowMs)
    const excessMs = rate.excessMs(value, nowMs)
    // It does not count, for it is not let in.
    if (excessMs > 0) rate.record(-1, nowMs)
    return excessMs
  }

  /** The most that one fetch may give this client: what its quota lets through in a whole window. */
  fetchBytesMax(client: ClientIdentity): number {
    const limit = this.limitOf('consumer_byte_rate', client)
    const { count, seconds } = this.window()
    // One sample less: the present one has only begun.
    return limit === null ? Number.POSITIVE_INFINITY : limit.value * Math.max(1, count - 1) * seconds
  }

  /**
   * A fetch is to be answered with `bytes`. Above 0: it gets none of them, and is to be silent so long. A batch that is larger than all that a window lets
   * through goes to who has had nothing in it; in Kafka it never goes to anybody.
   */
  onFetch(client: ClientIdentity, bytes: number): number {
    const limit = this.limitOf('consumer_byte_rate', client)
    if (limit === null) return 0
    const nowMs = this.clock.monotonicMs()
    const rate = this.rateOf('consumer_byte_rate', limit, nowMs)
    const isFirst = rate.perSecond(nowMs) === 0
    rate.record(bytes, nowMs)
    const excessMs = isFirst ? 0 : rate.excessMs(limit.value, nowMs)
    // Not sent after all (unrecordQuotaSensor).
    if (excessMs > 0) rate.record(-bytes, nowMs)
    return excessMs
  }

  /** Somebody wants to change the cluster; null: nothing limits him. */
  mutationsOf(client: ClientIdentity): Mutations | null {
    const limit = this.limitOf('controller_mutation_rate', client)
    if (limit === null) return null
    const nowMs = () => this.clock.monotonicMs()
    const { count, seconds } = this.window()
    const bucket = this.buckets.get(limit.sharedBy) ?? new TokenBucket(limit.value, count * seconds, nowMs())
    this.buckets.set(limit.sharedBy, bucket)
    forgetIdle(this.buckets, nowMs())
    return { take: (changes) => bucket.take(changes, nowMs()), debtMs: () => bucket.debtMs(nowMs()) }
  }

  private record(kind: ClientQuota, client: ClientIdentity, amount: number): number {
    const limit = this.limitOf(kind, client)
    if (limit === null) return 0
    const nowMs = this.clock.monotonicMs()
    const rate = this.rateOf(kind, limit, nowMs)
    rate.record(amount, nowMs)
    return rate.excessMs(limit.value, nowMs)
  }

  private rateOf(kind: ClientQuota | 'connection_creation_rate', limit: Limit, nowMs: number): WindowedRate {
    const key = `${kind}/${limit.sharedBy}`
    let rate = this.rates.get(key)
    if (rate === undefined) {
      const { count, seconds } = this.window()
      rate = new WindowedRate(count, seconds * 1000)
      this.rates.set(key, rate)
      forgetIdle(this.rates, nowMs)
    }
    return rate
  }

  private limitOf(kind: ClientQuota, client: ClientIdentity): Limit | null {
    if (!this.kinds.has(kind)) return null
    const { clientId, principal } = client
    if (isBroker(client)) return null
    const user = principal.slice(principal.indexOf(':') + 1)
    const key = JSON.stringify([kind, user, clientId])
    let limit = this.limits.get(key)
    if (limit === undefined) {
      // Clients choose their ids, and shall not fill the memory with them.
      if (this.limits.size >= COUNTED_MAX) this.limits.clear()
      limit = this.lookUp(kind, user, clientId ?? '')
      this.limits.set(key, limit)
    }
    return limit
  }

  /** The most particular one counts (ClientQuotaManager.DefaultQuotaCallback). */
  private lookUp(kind: ClientQuota, user: string, clientId: string): Limit | null {
    const users: EntityName[] = [user, null]
    const clients: EntityName[] = [clientId, null]
    const ofBoth = JSON.stringify([user, clientId])
    const candidates: [QuotaEntity, string][] = users.flatMap((name): [QuotaEntity, string][] => [
      ...clients.map((id): [QuotaEntity, string] => [{ user: name, 'client-id': id }, ofBoth]),
      [{ user: name }, JSON.stringify([user, null])],
    ])
    candidates.push(...clients.map((id): [QuotaEntity, string] => [{ 'client-id': id }, JSON.stringify([null, clientId])]))
    for (const [entity, sharedBy] of candidates) {
      const value = this.store.find(entity)?.get(kind)
      if (value !== undefined) return { value, sharedBy }
    }
    return null
  }
}

/**
 * Where brokers log in to each other it is their principal that says so. Where they do not nobody logs in, and there is only the client id; whoever has
 * a name of his own is never taken for a broker by it.
 */
function isBroker({ clientId, principal }: ClientIdentity): boolean {
  if (isBrokerPrincipal(principal)) return true
  return principal === ANONYMOUS && clientId !== null && BROKER_CLIENT.test(clientId)
}

/** What one client still may change. */
export interface Mutations {
  take(changes: number): void
  /** Above 0: it has to wait so long, in ms. */
  debtMs(): number
}

function forgetIdle(counted: Map<string, { readonly lastRecordedMs: number }>, nowMs: number): void {
  if (counted.size <= COUNTED_MAX) return
  for (const [key, { lastRecordedMs }] of counted) if (nowMs - lastRecordedMs > IDLE_MS_MAX) counted.delete(key)
}
