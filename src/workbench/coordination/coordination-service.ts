/**
 * The coordination service for the window: its znodes over ZooKeeper's own protocol, with watches, and its sessions by the four-letter words. One
 * session of its own, opened by the first call and not before, so that a cluster nobody looks into shows only its brokers' sessions.
 */
import { CoordinationClient, CoordinationError, type Stat, type WatchEvent } from '../../engine/coordination/coordination-client'
import type { Platform } from '../../engine/platform'
import { WorkbenchError } from '../../shared/ipc/errors'
import type {
  ControllerClaim,
  CoordinationOverview,
  SessionView,
  ZnodeChild,
  ZnodeStat,
  ZnodeView,
} from '../../shared/model/coordination'
import type { ClientHandlers } from '../rpc'
import type { Emit } from '../services'
import { askServer, readConnections, readDump, readMonitor, readWatches } from './server-words'

type CoordinationCallName = Extract<keyof ClientHandlers, `coordination.${string}`>
interface Address {
  readonly host: string
  readonly port: number
}

const sessionTimeoutMs = 10_000
const answerTimeoutMs = 5_000
/** Beyond it children are listed without a look at each: a topic's partitions are below it, a lock with many waiters may not be. */
const childrenLookedAt = 1_000
/** Changes are told together, at most this often. */
const tellEveryMs = 100

const hex = (id: bigint): string => `0x${BigInt.asUintN(64, id).toString(16)}`
const childPath = (path: string, name: string): string => (path === '/' ? `/${name}` : `${path}/${name}`)

export class CoordinationService {
  readonly handlers: Pick<ClientHandlers, CoordinationCallName> = {
    'coordination.znode': ({ path }) => this.znode(path),
    'coordination.overview': () => this.overview(),
  }
  private address: Address | null = null
  private client: CoordinationClient | null = null
  private readonly changed = new Set<string>()
  private isAnythingChanged = false
  private isTelling = false
  /** One function for all watches: a znode read twice is still told once. */
  private readonly onChange = (event: WatchEvent): void => {
    this.changed.add(event.path)
    this.schedule()
  }

  constructor(
    private readonly platform: Platform,
    private readonly emit: Emit,
  ) {}

  /** Where the service listens; null: it is not up. */
  setAddress(address: Address | null): void {
    const isSame = address?.host === this.address?.host && address?.port === this.address?.port
    this.address = address
    // One that is only away is found again by the session itself.
    if (address === null || isSame) return
    if (this.client === null) return
    this.client.abandon()
    this.client = null
    this.tellAll()
  }

  private async znode(path: string): Promise<ZnodeView | null> {
    const client = this.connected()
    const { onChange } = this
    return this.inTime(path, async () => {
      // Pipelined: both are of about one moment, and a change between them fires one of their watches.
      const [node, list] = await Promise.all([client.getData(path, onChange), client.getChildren(path, onChange)])
      if (node === null || list === null) {
        await client.exists(path, onChange)
        return null
      }
      const names = [...list.children].sort()
      const children: readonly ZnodeChild[] =
        names.length > childrenLookedAt
          ? names.map((name) => ({ name, numChildren: null, isEphemeral: false }))
          : (await Promise.all(names.map((name) => client.exists(childPath(path, name))))).flatMap((stat, index) =>
              // Gone since it was listed: the watch on its parent tells.
              stat === null
                ? []
                : [{ name: names[index] ?? '', numChildren: stat.numChildren, isEphemeral: stat.ephemeralOwner !== 0n }],
            )
      return { path, data: Uint8Array.from(node.data), children, stat: statOf(list.stat) }
    })
  }

  private async overview(): Promise<CoordinationOverview> {
    const client = this.connected()
    const { host, port } = this.address ?? { host: '', port: 0 }
    const ask = (word: string) => askServer(this.platform.network, host, port, word, answerTimeoutMs)
    return this.inTime('the sessions', async () => {
      const [mntr, cons, dump, wchc, claim, epoch, ids] = await Promise.all([
        ask('mntr').then(readMonitor),
        ask('cons').then(readConnections),
        ask('dump').then(readDump),
        ask('wchc').then(readWatches),
        client.getData('/controller'),
        client.getData('/controller_epoch'),
        client.getChildren('/brokers/ids'),
      ])
      const registrations = await Promise.all((ids?.children ?? []).map((id) => client.exists(`/brokers/ids/${id}`)))
      const brokers = new Map(
        registrations.flatMap((stat, index) => (stat === null ? [] : [[hex(stat.ephemeralOwner), Number(ids?.children[index])]])),
      ) as ReadonlyMap<string, number>
      const controller = claim === null ? null : controllerOf(claim, epoch?.data ?? null)
      const connections = new Map(cons.map((line) => [line.sessionId, line]))
      const sessions = [...new Set([...dump.expiresAtMs.keys(), ...connections.keys()])].sort().map((id): SessionView => {
        const line = connections.get(id)
        return {
          id,
          address: line?.address ?? null,
          timeoutMs: line?.timeoutMs ?? null,
          sinceMs: line?.sinceMs ?? null,
          lastOperation: line === undefined || line.lastOperation === 'NA' ? null : line.lastOperation,
          receivedCount: line?.receivedCount ?? null,
          sentCount: line?.sentCount ?? null,
          ephemerals: [...(dump.ephemerals.get(id) ?? [])].sort(),
          watchedPaths: [...(wchc.get(id) ?? [])].sort(),
          expiresAtMs: dump.expiresAtMs.get(id) ?? null,
          brokerId: brokers.get(id) ?? null,
          isController: controller?.sessionId === id,
          isOurs: id === hex(client.sessionId),
        }
      })
      const figure = (name: string): number => Number(mntr.get(name) ?? Number.NaN)
      return {
        version: (mntr.get('version') ?? '').split(',', 1)[0] ?? '',
        zxid: /Zxid: (\S+)/.exec(await ask('srvr'))?.[1] ?? '0x0',
        znodeCount: figure('znode_count'),
        watchCount: figure('watch_count'),
        ephemeralCount: figure('ephemerals_count'),
        latencyMs: { min: figure('min_latency'), average: figure('avg_latency'), max: figure('max_latency') },
        uptimeMs: figure('uptime'),
        sessions,
        controller,
      }
    })
  }

  private connected(): CoordinationClient {
    if (this.address === null)
      throw new WorkbenchError(
        'expected',
        'COORDINATION_NOT_UP',
        'The coordination service is not up. It is started again by itself; brokers keep what they know until then.',
      )
    if (this.client !== null && this.client.state !== 'expired' && this.client.state !== 'closed') return this.client
    const client = new CoordinationClient({
      platform: this.platform,
      ...this.address,
      sessionTimeoutMs,
      name: 'broker-workbench',
    })
    this.client = client
    // A watch that fired while the connection was down is told when it is set again; an expired session has lost them all.
    client.on('expired', () => {
      if (this.client === client) this.client = null
      this.tellAll()
    })
    client.connect()
    return client
  }

  /** Calls of a session wait for its connection; somebody who looks does not. */
  private async inTime<T>(what: string, work: () => Promise<T>): Promise<T> {
    let stop: () => void = () => undefined
    const late = new Promise<never>((_resolve, reject) => {
      const timer = this.platform.clock.setTimer(answerTimeoutMs, () =>
        reject(
          new WorkbenchError(
            'expected',
            'COORDINATION_TIMEOUT',
            `The coordination service said nothing of ${what} within ${answerTimeoutMs / 1_000} s. Look again; if it stays so, its log says more.`,
          ),
        ),
      )
      stop = () => timer.cancel()
    })
    try {
      return await Promise.race([work(), late])
    } catch (error) {
      throw error instanceof CoordinationError
        ? new WorkbenchError('protocol', error.name, `The coordination service refused ${what}: ${error.message}`)
        : error
    } finally {
      stop()
    }
  }

  private tellAll(): void {
    this.isAnythingChanged = true
    this.schedule()
  }

  private schedule(): void {
    if (this.isTelling) return
    this.isTelling = true
    this.platform.clock.setTimer(tellEveryMs, () => {
      const paths = this.isAnythingChanged ? [] : [...this.changed]
      this.changed.clear()
      this.isAnythingChanged = false
      this.isTelling = false
      this.emit('coordination.changed', { paths })
    })
  }
}

function statOf(stat: Stat): ZnodeStat {
  return {
    czxid: hex(stat.czxid),
    mzxid: hex(stat.mzxid),
    pzxid: hex(stat.pzxid),
    ctimeMs: Number(stat.ctime),
    mtimeMs: Number(stat.mtime),
    version: stat.version,
    cversion: stat.cversion,
    aversion: stat.aversion,
    ephemeralOwner: stat.ephemeralOwner === 0n ? null : hex(stat.ephemeralOwner),
    dataLength: stat.dataLength,
    numChildren: stat.numChildren,
  }
}

/** `/controller` as Kafka writes it: `{"version":1,"brokerid":1,"timestamp":"1700000000000"}`. */
function controllerOf(claim: { data: Buffer; stat: Stat }, epoch: Buffer | null): ControllerClaim | null {
  try {
    const { brokerid } = JSON.parse(claim.data.toString('utf8')) as { brokerid?: unknown }
    if (typeof brokerid !== 'number') return null
    return {
      brokerId: brokerid,
      epoch: epoch === null ? null : Number(epoch.toString('utf8')),
      sessionId: hex(claim.stat.ephemeralOwner),
      sinceMs: Number(claim.stat.ctime),
      zxid: hex(claim.stat.czxid),
    }
  } catch {
    // Somebody else's hand wrote there.
    return null
  }
}
