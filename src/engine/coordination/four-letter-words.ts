/**
 * The four-letter words: what an operator asks a server over a fresh connection, and gets as text, in the formats of ZooKeeper 3.8 that tools parse.
 * Pure but for `crst` and `srst`, which reset counters. Unlike ZooKeeper all words are enabled: the server listens on loopback.
 */
import type { ServerConnection } from './server-connection'
import type { PacketStatistics } from './server-statistics'
import type { SessionExpiry } from './session-expiry'
import type { WatchTable } from './watch-table'
import type { ZnodeTree } from './znode-tree'

/** Clients read from it what a server can do (kazoo's server_version); the protocol here is 3.8's. */
export const VERSION_TEXT = '3.8.0-broker-workbench, built on 2026-11-23 00:00 UTC'

export interface FourLetterHost {
  readonly tree: ZnodeTree
  readonly watches: WatchTable
  readonly expiry: SessionExpiry
  readonly connections: ReadonlySet<ServerConnection>
  readonly statistics: PacketStatistics
  readonly lastZxid: bigint
  /** Wall clock of a monotonic time, for due times. */
  wallClockOf(monotonicMs: number): number
  uptimeMs(): number
  /** key=value lines of `conf`. */
  configuration(): readonly (readonly [string, string | number])[]
}

const hex = (id: bigint): string => `0x${BigInt.asUintN(64, id).toString(16)}`

/** ZooKeeper keeps its root under two names and counts both. */
const nodeCount = (tree: ZnodeTree): number => tree.size + 1

const decimal = (value: number): string => {
  const rounded = Math.round(value * 10_000) / 10_000
  return Number.isInteger(rounded) ? `${rounded}.0` : String(rounded)
}

function brief(connection: ServerConnection, details = ''): string {
  const { statistics } = connection
  const counts = `queued=0,recved=${statistics.receivedCount},sent=${statistics.sentCount}`
  return ` /${connection.remote}[${connection.hasSession ? 1 : 0}](${counts}${details})`
}

function full(host: FourLetterHost, connection: ServerConnection): string {
  if (!connection.hasSession) return brief(connection)
  const { statistics } = connection
  const fields = [
    ['sid', hex(connection.sessionId)],
    ['lop', connection.lastOperation],
    ['est', Math.floor(host.wallClockOf(connection.connectedAtMs))],
    ['to', connection.timeoutMs],
    ['lcxid', `0x${connection.lastXid.toString(16)}`],
    ['lzxid', hex(connection.lastZxid)],
    ['lresp', Math.floor(connection.lastAnsweredAtMs)],
    ['llat', Math.floor(connection.lastLatencyMs)],
    ['minlat', statistics.minLatencyMs],
    ['avglat', Math.floor(statistics.averageLatencyMs)],
    ['maxlat', statistics.maxLatencyMs],
  ]
  return brief(connection, `,${fields.map(([name, value]) => `${name}=${value}`).join(',')}`)
}

function serverLines(host: FourLetterHost): string {
  const { statistics } = host
  return [
    `Latency min/avg/max: ${statistics.minLatencyMs}/${decimal(statistics.averageLatencyMs)}/${statistics.maxLatencyMs}`,
    `Received: ${statistics.receivedCount}`,
    `Sent: ${statistics.sentCount}`,
    `Connections: ${host.connections.size}`,
    'Outstanding: 0',
    `Zxid: ${hex(host.lastZxid)}`,
    'Mode: standalone',
    `Node count: ${nodeCount(host.tree)}`,
    '',
  ].join('\n')
}

function mntr(host: FourLetterHost): string {
  const { statistics, tree } = host
  const withSession = [...host.connections].filter((connection) => connection.hasSession).length
  const values: [string, string | number][] = [
    ['version', VERSION_TEXT],
    ['server_state', 'standalone'],
    ['ephemerals_count', tree.ephemeralCount],
    ['num_alive_connections', host.connections.size],
    ['avg_latency', decimal(statistics.averageLatencyMs)],
    ['outstanding_requests', 0],
    ['znode_count', nodeCount(tree)],
    ['global_sessions', host.expiry.size],
    ['packets_sent', statistics.sentCount],
    ['packets_received', statistics.receivedCount],
    ['watch_count', host.watches.watchCount],
    ['min_latency', statistics.minLatencyMs],
    ['approximate_data_size', tree.approximateBytes],
    ['local_sessions', 0],
    ['uptime', Math.floor(host.uptimeMs())],
    ['max_latency', statistics.maxLatencyMs],
    ['connections_with_session', withSession],
  ]
  return values.map(([name, value]) => `zk_${name}\t${value}\n`).join('')
}

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** As Java prints a Date, in UTC. */
function dateText(ms: number): string {
  const date = new Date(ms)
  const two = (value: number): string => String(value).padStart(2, '0')
  const clock = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`
  return `${DAYS[date.getUTCDay()]} ${MONTHS[date.getUTCMonth()]} ${two(date.getUTCDate())} ${clock} UTC ${date.getUTCFullYear()}`
}

function dump(host: FourLetterHost): string {
  const buckets = host.expiry.dueBuckets()
  const lines = ['SessionTracker dump:', `Session Sets (${buckets.length})/(${host.expiry.size}):`]
  for (const [due, ids] of buckets) {
    lines.push(`${ids.size} expire at ${dateText(host.wallClockOf(due))}:`)
    for (const id of ids) lines.push(`\t${hex(id)}`)
  }
  const owners = [...host.tree.ephemeralOwners()]
  lines.push('ephemeral nodes dump:', `Sessions with Ephemerals (${owners.length}):`)
  for (const [owner, paths] of owners) {
    lines.push(`${hex(owner)}:`)
    for (const path of paths) lines.push(`\t${path}`)
  }
  lines.push('Connections dump:', `Connections Sets (1)/(${host.connections.size}):`)
  for (const connection of host.connections) lines.push(`\tip: /${connection.remote} sessionId: ${hex(connection.sessionId)}`)
  return `${lines.join('\n')}\n`
}

function wchs({ watches }: FourLetterHost): string {
  const { dataPathsByWatcher, dataWatchersByPath, dataWatchCount } = watches
  return `${dataPathsByWatcher.size} connections watching ${dataWatchersByPath.size} paths\nTotal watches:${dataWatchCount}\n`
}

/** A watcher of this server is always one of its connections. */
const sessionOf = (watcher: unknown): string => hex((watcher as ServerConnection).sessionId)

function wchc({ watches }: FourLetterHost): string {
  const blocks = [...watches.dataPathsByWatcher].map(([watcher, paths]) =>
    [sessionOf(watcher), ...[...paths].map((path) => `\t${path}`), ''].join('\n'),
  )
  return `${blocks.join('')}\n`
}

function wchp({ watches }: FourLetterHost): string {
  const blocks = [...watches.dataWatchersByPath].map(([path, watchers]) =>
    [path, ...[...watchers.keys()].map((one) => `\t${sessionOf(one)}`), ''].join('\n'),
  )
  return `${blocks.join('')}\n`
}

const words: Readonly<Record<string, (host: FourLetterHost) => string>> = {
  ruok: () => 'imok',
  isro: () => 'rw',
  srvr: (host) => `Zookeeper version: ${VERSION_TEXT}\n${serverLines(host)}`,
  stat: (host) =>
    `Zookeeper version: ${VERSION_TEXT}\nClients:\n${[...host.connections].map((one) => `${brief(one)}\n`).join('')}\n${serverLines(host)}`,
  mntr,
  dump,
  cons: (host) => `${[...host.connections].map((one) => `${full(host, one)}\n`).join('')}\n`,
  wchs,
  wchc,
  wchp,
  conf: (host) =>
    host
      .configuration()
      .map(([name, value]) => `${name}=${value}\n`)
      .join(''),
  envi: () => `Environment:\nzookeeper.version=${VERSION_TEXT}\n`,
  crst: (host) => {
    for (const connection of host.connections) connection.statistics.reset()
    return 'Connection stats reset.\n'
  },
  srst: (host) => {
    host.statistics.reset()
    return 'Server stats reset.\n'
  },
}

/** The answer's text, or null for what is no word of a server. */
export function answerFourLetterWord(host: FourLetterHost, word: string): string | null {
  return words[word]?.(host) ?? null
}
