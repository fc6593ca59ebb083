/**
 * A client's view of a cluster: connections by broker, metadata, and who leads or controls. The base of Admin, Producer and the partition
 * consumer. It survives the death of any broker: metadata is asked of every known one in turn, starting with the last that answered.
 */
import type { Platform } from '../platform'
import { errorMessage } from '../wire/errors'
import { Metadata } from '../wire/messages/03-metadata'
import { BrokerConnection } from './broker-connection'
import { ClientError } from './errors'
import { type BrokerEndpoint, type MetadataSnapshot, type PartitionMetadata, snapshotOf } from './metadata'
import type { ClientSecurity } from './sasl-login'

export interface KafkaClientOptions {
  readonly platform: Platform
  readonly bootstrap: readonly { readonly host: string; readonly port: number }[]
  readonly clientId: string
  readonly connectTimeoutMs?: number
  readonly requestTimeoutMs?: number
  /** For every broker of the cluster. */
  readonly security?: ClientSecurity
  /**
   * Where a broker is to be reached if not where it says: whoever speaks on the brokers' own listener, of which clients are told nothing. Null: nowhere.
   */
  readonly addressOf?: (brokerId: number) => { readonly host: string; readonly port: number } | null
}

/** A frozen broker accepts connections and says nothing: whoever asks for metadata goes on to the next one after this time. */
const metadataTimeoutMs = 1_000

export class KafkaClient {
  readonly platform: Platform
  private readonly connections = new Map<string, BrokerConnection>()
  private lastGood: string | null = null
  private latest: MetadataSnapshot | null = null
  private refreshing: Promise<MetadataSnapshot> | null = null
  private isClosed = false
  private bootstrap: KafkaClientOptions['bootstrap']

  constructor(private readonly options: KafkaClientOptions) {
    this.platform = options.platform
    this.bootstrap = options.bootstrap
  }

  /** Other addresses to find the cluster by, where brokers were added or removed. */
  setBootstrap(addresses: KafkaClientOptions['bootstrap']): void {
    this.bootstrap = addresses
  }

  /**
   * Another client of the same cluster, with connections of its own: a broker answers the requests of a connection in order, so whoever waits long (a
   * group's member, a long poll) holds up everything behind it.
   */
  sibling(clientId: string): KafkaClient {
    const known = [...(this.latest?.brokers.values() ?? [])].map(({ host, port }) => ({ host, port }))
    return new KafkaClient({ ...this.options, clientId, bootstrap: [...this.bootstrap, ...known] })
  }

  /** Asks the cluster: of these topics, or of all (null). Throws where no broker answers. */
  metadata(topics: readonly string[] | null): Promise<MetadataSnapshot> {
    return this.askAny(async (connection) => {
      const body = { topics: topics?.map((name) => ({ name })) ?? null, allowAutoTopicCreation: false }
      const snapshot = this.reachable(snapshotOf(await connection.request(Metadata, body, { timeoutMs: metadataTimeoutMs })))
      if (snapshot.brokers.size === 0) return null
      this.latest = topics === null || this.latest === null ? snapshot : merge(this.latest, snapshot)
      return snapshot
    })
  }

  /**
   * What any broker can answer: `ask` is tried at each known one in turn, the one that last answered first, until one neither throws nor
   * gives null. Throws where none does.
   */
  async askAny<T extends object>(ask: (connection: BrokerConnection) => Promise<T | null>): Promise<T> {
    const addresses = this.candidates()
    let lastError: unknown = null
    for (const { host, port } of addresses) {
      if (this.isClosed) throw closedError()
      try {
        const answer = await ask(this.connectionAt(host, port))
        if (answer === null) continue
        this.lastGood = `${host}:${port}`
        return answer
      } catch (error) {
        if (this.isClosed) throw closedError()
        lastError = error
      }
    }
    const tried = addresses.map(({ host, port }) => `${host}:${port}`).join(', ')
    throw new ClientError('connection', `no broker answered; tried ${tried}`, true, null, { cause: lastError ?? undefined })
  }

  /** All topics, asked anew; callers at the same time share one request. */
  refresh(): Promise<MetadataSnapshot> {
    this.refreshing ??= this.metadata(null).finally(() => {
      this.refreshing = null
    })
    return this.refreshing
  }

  /** The newest that is known, without asking. */
  get known(): MetadataSnapshot | null {
    return this.latest
  }

  /** From what is known; null where the partition or its leader is not. Ask refresh() and try again then. */
  leaderOf(topic: string, partition: number): { readonly partition: PartitionMetadata; readonly broker: BrokerEndpoint } | null {
    const found = this.latest?.topics.get(topic)?.partitions[partition]
    const broker = found === undefined ? undefined : this.latest?.brokers.get(found.leader)
    return found === undefined || broker === undefined ? null : { partition: found, broker }
  }

  connectionTo(broker: { readonly host: string; readonly port: number }): BrokerConnection {
    return this.connectionAt(broker.host, broker.port)
  }

  /** The controller's connection, by metadata asked anew. */
  async controller(): Promise<BrokerConnection> {
    const snapshot = await this.refresh()
    const broker = snapshot.brokers.get(snapshot.controllerId)
    if (broker === undefined)
      throw new ClientError('protocol', `the cluster has no controller now: ${errorMessage(41)}`, true, 41)
    return this.connectionTo(broker)
  }

  close(): void {
    this.isClosed = true
    for (const connection of this.connections.values()) connection.close()
    this.connections.clear()
  }

  private reachable(snapshot: MetadataSnapshot): MetadataSnapshot {
    const { addressOf } = this.options
    if (addressOf === undefined) return snapshot
    const brokers = [...snapshot.brokers].flatMap(([id, broker]): [number, BrokerEndpoint][] => {
      const address = addressOf(id)
      return address === null ? [] : [[id, { ...broker, ...address }]]
    })
    return { ...snapshot, brokers: new Map(brokers) }
  }

  private candidates(): { host: string; port: number }[] {
    const byAddress = new Map<string, { host: string; port: number }>()
    const add = ({ host, port }: { host: string; port: number }) => byAddress.set(`${host}:${port}`, { host, port })
    const last = [...(this.latest?.brokers.values() ?? []), ...this.bootstrap].find(
      ({ host, port }) => `${host}:${port}` === this.lastGood,
    )
    if (last !== undefined) add(last)
    for (const broker of this.latest?.brokers.values() ?? []) add(broker)
    for (const address of this.bootstrap) add(address)
    return [...byAddress.values()]
  }

  private connectionAt(host: string, port: number): BrokerConnection {
    if (this.isClosed) throw closedError()
    const address = `${host}:${port}`
    let connection = this.connections.get(address)
    if (connection === undefined) {
      connection = new BrokerConnection({
        platform: this.platform,
        host,
        port,
        clientId: this.options.clientId,
        negotiate: true,
        connectTimeoutMs: this.options.connectTimeoutMs ?? 2_000,
        requestTimeoutMs: this.options.requestTimeoutMs ?? 10_000,
        security: this.options.security ?? null,
      })
      this.connections.set(address, connection)
    }
    return connection
  }
}

/** The topics that were asked for replace what was known of them; brokers and controller are always whole. */
function merge(known: MetadataSnapshot, newer: MetadataSnapshot): MetadataSnapshot {
  return { ...newer, topics: new Map([...known.topics, ...newer.topics]) }
}

function closedError(): ClientError {
  return new ClientError('closed', 'the client was closed', false)
}
