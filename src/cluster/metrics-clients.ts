/**
 * Who is connected to the brokers: each is asked when somebody looks, and connections are put together to programs. Owned by Cluster. Asks workers only;
 * a broker that stands still does not answer, and that is said rather than waited for.
 */
import { type ConnectionView, errorMessage, errorName } from '../engine'
import type { ClientApi, ClientKind, ClientsList, ConnectedClient } from '../shared/model/clients'
import type { BrokerProcess } from './broker-process'

const answerTimeoutMs = 1_000
/** What clients of ours say that they are (engine/client/broker-connection.ts). */
const ownSoftware = 'broker-workbench'

export interface BrokerConnectionView extends ConnectionView {
  readonly brokerId: number
}

export class ConnectedClients {
  private nextAsk = 1
  private readonly asked = new Map<string, (connections: readonly ConnectionView[]) => void>()

  constructor(private readonly brokers: () => readonly BrokerProcess[]) {}

  async list(): Promise<ClientsList> {
    const running = this.brokers().filter(({ state }) => state === 'running' || state === 'frozen')
    const answers = await Promise.all(running.map(async (broker) => ({ id: broker.id, connections: await this.ask(broker) })))
    return {
      atMs: Date.now(),
      clients: clientsOf(
        answers.flatMap(({ id, connections }) => (connections ?? []).map((view) => ({ ...view, brokerId: id }))),
      ),
      silentBrokers: answers.filter(({ connections }) => connections === null).map(({ id }) => id),
    }
  }

  onAnswer(brokerId: number, askId: number, connections: readonly ConnectionView[]): void {
    this.asked.get(`${brokerId}/${askId}`)?.(connections)
  }

  private ask(broker: BrokerProcess): Promise<readonly ConnectionView[] | null> {
    // It would answer when it is thawed.
    if (broker.state === 'frozen') return Promise.resolve(null)
    const askId = this.nextAsk++
    const key = `${broker.id}/${askId}`
    return new Promise((resolve) => {
      const conclude = (connections: readonly ConnectionView[] | null) => {
        clearTimeout(timer)
        this.asked.delete(key)
        resolve(connections)
      }
      const timer = setTimeout(() => conclude(null), answerTimeoutMs)
      this.asked.set(key, conclude)
      broker.send({ type: 'ask-connections', askId })
    })
  }
}

/** By client id, software, address and who it has proved to be. Pure. */
export function clientsOf(connections: readonly BrokerConnectionView[]): ConnectedClient[] {
  const byClient = new Map<string, BrokerConnectionView[]>()
  for (const connection of connections) {
    const { clientId, softwareName, softwareVersion, host, principal } = connection
    const id = JSON.stringify([clientId ?? '', softwareName, softwareVersion, host, principal])
    const known = byClient.get(id)
    if (known === undefined) byClient.set(id, [connection])
    else known.push(connection)
  }
  return [...byClient].map(([id, own]) => clientOf(id, own))
}

function clientOf(id: string, connections: readonly BrokerConnectionView[]): ConnectedClient {
  const [first] = connections as readonly [BrokerConnectionView, ...BrokerConnectionView[]]
  const sum = (of: (connection: BrokerConnectionView) => number): number =>
    connections.reduce((total, each) => total + of(each), 0)
  const all = <T>(of: (connection: BrokerConnectionView) => readonly T[]): T[] => [...new Set(connections.flatMap(of))]
  const errors = connections.flatMap(({ brokerId, activity: { lastError } }) =>
    lastError === null ? [] : [{ ...lastError, brokerId }],
  )
  const last = errors.sort((a, b) => b.atMs - a.atMs)[0]
  return {
    id,
    kind: kindOf(first),
    clientId: first.clientId ?? '',
    softwareName: first.softwareName,
    softwareVersion: first.softwareVersion,
    host: first.host,
    principal: first.principal,
    sinceMs: Math.min(...connections.map(({ sinceMs }) => sinceMs)),
    connections: connections.map(
      ({ brokerId, id: connectionId, port, listener, saslMechanism, sinceMs, requestsInFlight, activity: { apis } }) => ({
        brokerId,
        connectionId,
        port,
        listener: listener.name,
        hasTls: listener.hasTls,
        saslMechanism,
        sinceMs,
        requestsInFlight,
        requestCount: apis.reduce((total, { count }) => total + count, 0),
        lastRequestMs: apis.length === 0 ? null : Math.max(...apis.map(({ lastAtMs }) => lastAtMs)),
      }),
    ),
    apis: apisOf(connections),
    requestBytes: sum(({ activity }) => activity.requestBytes),
    responseBytes: sum(({ activity }) => activity.responseBytes),
    produced: {
      acks: all(({ activity }) => activity.produced.acks),
      compressions: all(({ activity }) => activity.produced.compressions),
      isIdempotent: connections.some(({ activity }) => activity.produced.isIdempotent),
      transactionalId:
        connections.find(({ activity }) => activity.produced.transactionalId !== null)?.activity.produced.transactionalId ?? null,
      batchCount: sum(({ activity }) => activity.produced.batchCount),
      recordCount: sum(({ activity }) => activity.produced.recordCount),
      recordBytes: sum(({ activity }) => activity.produced.recordBytes),
    },
    fetched: {
      recordBytes: sum(({ activity }) => activity.fetched.recordBytes),
      responseCount: sum(({ activity }) => activity.fetched.responseCount),
      emptyCount: sum(({ activity }) => activity.fetched.emptyCount),
    },
    groups: all(({ activity }) => activity.groups).sort(),
    topics: all(({ activity }) => activity.topics).sort(),
    errorCount: sum(({ activity }) => activity.errorCount),
    lastError:
      last === undefined
        ? null
        : {
            error: errorName(last.errorCode),
            message: errorMessage(last.errorCode),
            api: last.api,
            atMs: last.atMs,
            brokerId: last.brokerId,
          },
  }
}

function apisOf(connections: readonly BrokerConnectionView[]): ClientApi[] {
  const byName = new Map<string, ClientApi>()
  for (const { activity } of connections) {
    for (const { name, minVersion, maxVersion, count, lastAtMs, perSecond } of activity.apis) {
      const before = byName.get(name)
      byName.set(name, {
        name,
        minVersion: Math.min(minVersion, before?.minVersion ?? minVersion),
        maxVersion: Math.max(maxVersion, before?.maxVersion ?? maxVersion),
        count: count + (before?.count ?? 0),
        lastAtMs: Math.max(lastAtMs, before?.lastAtMs ?? 0),
        perSecond: perSecond + (before?.perSecond ?? 0),
      })
    }
  }
  return [...byName.values()].sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1))
}

/** Brokers know each other's versions and do not ask for them, so they have told nothing of themselves but their name. */
function kindOf({ clientId, softwareName }: BrokerConnectionView): ClientKind {
  if ((softwareName === null || softwareName === ownSoftware) && /^broker-\d+-[a-z-]+(-\d+)?$/.test(clientId ?? ''))
    return 'broker'
  if (softwareName !== ownSoftware) return 'foreign'
  return clientId?.startsWith('schema-registry') === true ? 'registry' : 'workbench'
}
