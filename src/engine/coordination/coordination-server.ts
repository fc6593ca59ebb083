/**
 * A server of ZooKeeper's client protocol on one TCP port, with its state in a folder: sessions, znodes, watches, four-letter words.
 * Started by the coordination worker; everything it does happens on one thread, in the order in which packets come in. Brokers and anybody's
 * ZooKeeper clients connect to it; nothing reaches into it but through the protocol, beside statistics and listeners for the timeline.
 */
import { createHmac } from 'node:crypto'
import { assert } from '../../shared/lang/assert'
import { OpCode } from '../jute/op-codes'
import type { JuteReader } from '../jute/reader'
import { JuteError } from '../jute/reader'
import { ConnectRequest } from '../jute/records'
import type { Txn, TxnHeader } from '../jute/transaction-records'
import type { Platform } from '../platform'
import type { Timer } from '../platform/clock'
import type { Listener } from '../platform/network'
import { CommitQueue } from './commit-queue'
import type { CoordinationState, TreeChange, TxnResult } from './coordination-state'
import { CoordinationStore } from './coordination-store'
import { answerFourLetterWord } from './four-letter-words'
import { prepare } from './preparation'
import { RequestProcessor } from './request-processor'
import type { ConnectionHost } from './server-connection'
import { ServerConnection } from './server-connection'
import { PacketStatistics } from './server-statistics'
import { SessionExpiry } from './session-expiry'
import { WatchTable } from './watch-table'

export interface CoordinationServerOptions {
  readonly platform: Platform
  readonly host: string
  /** 0: any free port. */
  readonly port: number
  readonly dataDirectory: string
  readonly tickTimeMs?: number
  readonly minSessionTimeoutMs?: number
  readonly maxSessionTimeoutMs?: number
  /** false: answers do not wait for the disk. Changes then survive the death of the process, but not of the machine. */
  readonly syncWrites?: boolean
  readonly snapshotIntervalTxns?: number
  readonly onDidOpenSession?: (event: { sessionId: bigint; timeoutMs: number; remote: string }) => void
  readonly onDidExpireSession?: (event: { sessionId: bigint; timeoutMs: number; ephemerals: readonly string[] }) => void
  readonly onDidCloseSession?: (event: { sessionId: bigint; ephemerals: readonly string[] }) => void
  /** The disk refuses: the server has stopped, and should be started anew by whoever owns it. */
  readonly onFailure?: (error: unknown) => void
}

export interface CoordinationStatistics {
  readonly sessionCount: number
  readonly connectionCount: number
  readonly znodeCount: number
  readonly watchCount: number
  readonly lastZxid: bigint
}

const PASSWORD_BYTES = 16
/** A connection that has not sent its connect packet by then is closed. */
const SESSIONLESS_TIMEOUT_MS = 10_000
/** How often childless containers are looked for. */
const CONTAINER_CHECK_MS = 60_000

export class CoordinationServer implements ConnectionHost {
  private readonly state: CoordinationState
  private readonly watches = new WatchTable()
  private readonly expiry: SessionExpiry
  private readonly connections = new Set<ServerConnection>()
  private readonly connectionBySession = new Map<bigint, ServerConnection>()
  private readonly packets = new PacketStatistics()
  private readonly commits: CommitQueue
  private readonly processor: RequestProcessor
  private readonly startedAtMs: number
  private readonly tickTimeMs: number
  private readonly minSessionTimeoutMs: number
  private readonly maxSessionTimeoutMs: number
  private listener: Listener | null = null
  private ticker: Timer | null = null
  private lastTickMs: number
  private nextContainerCheckMs: number
  private lastSessionId: bigint
  private stopping: Promise<void> | null = null

  private constructor(
    private readonly options: CoordinationServerOptions,
    private readonly store: CoordinationStore,
  ) {
    const { clock } = options.platform
    this.tickTimeMs = options.tickTimeMs ?? 100
    this.minSessionTimeoutMs = options.minSessionTimeoutMs ?? 500
    this.maxSessionTimeoutMs = options.maxSessionTimeoutMs ?? 60_000
    this.state = store.state
    this.startedAtMs = clock.monotonicMs()
    this.lastTickMs = this.startedAtMs
    this.nextContainerCheckMs = this.startedAtMs + CONTAINER_CHECK_MS
    this.expiry = new SessionExpiry(this.tickTimeMs)
    // Whoever had a session before gets its whole time-out again to come back.
    this.lastSessionId = this.firstSessionId()
    for (const [id, timeoutMs] of this.state.sessions) {
      this.expiry.touch(id, timeoutMs, this.startedAtMs)
      if (id > this.lastSessionId) this.lastSessionId = id
    }
    this.processor = new RequestProcessor({
      state: this.state,
      watches: this.watches,
      submit: (sessionId, cxid, txn) => this.submit(sessionId, cxid, txn),
      touchSession: (connection) => this.touch(connection),
      closeSession: (sessionId, cxid) => this.closeSession(sessionId, cxid),
    })
    this.commits = new CommitQueue({
      clock,
      syncWrites: options.syncWrites ?? true,
      writeOut: () => store.writeOut(),
      sync: () => store.sync(),
      onDidCommit: () => store.maybeTakeSnapshot(),
      onFailure: (error) => this.fail(error),
    })
  }

  static async start(options: CoordinationServerOptions): Promise<CoordinationServer> {
    const { disk, random, logger, network, clock } = options.platform
    const snapshotIntervalTxns = options.snapshotIntervalTxns ?? 20_000
    const store = CoordinationStore.open({ disk, random, logger, directory: options.dataDirectory, snapshotIntervalTxns })
    const server = new CoordinationServer(options, store)
    try {
      server.listener = await network.listen({ host: options.host, port: options.port }, (connection) => {
        const client = new ServerConnection(connection, server)
        server.connections.add(client)
        connection.setHandler(client)
      })
    } catch (error) {
      store.close()
      throw error
    }
    server.ticker = clock.setTicker(server.tickTimeMs, () => server.onTick())
    return server
  }

  get port(): number {
    return this.listener?.port ?? 0
  }

  /** Of all connections since the start; the longest since it was asked last. */
  measurements(): { readonly answerCount: number; readonly answerMs: number; readonly recentLatencyMsMax: number } {
    const { answerCount, answerMs } = this.packets
    return { answerCount, answerMs, recentLatencyMsMax: this.packets.takeRecentMax() }
  }

  statistics(): CoordinationStatistics {
    return {
      sessionCount: this.expiry.size,
      connectionCount: this.connections.size,
      znodeCount: this.state.tree.size,
      watchCount: this.watches.watchCount,
      lastZxid: this.state.lastZxid,
    }
  }

  /** Closes all connections and leaves the sessions as they are: their clients may come back to the next start. */
  stop(): Promise<void> {
    this.stopping ??= this.shutDown()
    return this.stopping
  }

  nowMs(): number {
    return this.options.platform.clock.monotonicMs()
  }

  onConnectPacket(connection: ServerConnection, reader: JuteReader): void {
    this.packets.receivedCount++
    try {
      const request = ConnectRequest.read(reader)
      if (request.lastZxidSeen > this.state.lastZxid) {
        // It has seen a future that this server has lost: it must not see the past.
        this.options.platform.logger.warn('A coordination client has seen more than this server knows; it is turned away', {
          remote: connection.remote,
          lastZxidSeen: request.lastZxidSeen.toString(),
          lastZxid: this.state.lastZxid.toString(),
        })
        return connection.destroy()
      }
      connection.timeoutMs = Math.min(Math.max(request.timeOut, this.minSessionTimeoutMs), this.maxSessionTimeoutMs)
      if (request.sessionId === 0n) this.openSession(connection)
      else this.resumeSession(connection, request.sessionId, request.passwd)
    } catch (error) {
      if (!(error instanceof JuteError)) throw error
      this.onMalformed(connection, error.message)
      connection.destroy()
    }
  }

  onRequest(connection: ServerConnection, xid: number, type: number, reader: JuteReader): void {
    this.packets.receivedCount++
    assert(
      !connection.hasSession || this.connectionBySession.get(connection.sessionId) === connection,
      'a session is renewed by its own connection only',
    )
    this.processor.process(connection, xid, type, reader)
  }

  answerCommand(word: string): string | null {
    const { clock } = this.options.platform
    const wallClockOffsetMs = clock.nowMs() - clock.monotonicMs()
    this.packets.receivedCount++
    return answerFourLetterWord(
      {
        tree: this.state.tree,
        watches: this.watches,
        expiry: this.expiry,
        connections: this.connections,
        statistics: this.packets,
        lastZxid: this.state.lastZxid,
        wallClockOf: (monotonicMs) => monotonicMs + wallClockOffsetMs,
        uptimeMs: () => clock.monotonicMs() - this.startedAtMs,
        configuration: () => [
          ['clientPort', this.port],
          ['dataDir', `${this.options.dataDirectory}/version-2`],
          ['tickTime', this.tickTimeMs],
          ['minSessionTimeout', this.minSessionTimeoutMs],
          ['maxSessionTimeout', this.maxSessionTimeoutMs],
          ['serverId', 0],
        ],
      },
      word,
    )
  }

  onDidWrite(connection: ServerConnection): void {
    this.packets.sentCount++
    this.commits.add(connection)
  }

  onDidAnswer(latencyMs: number): void {
    this.packets.onDidAnswer(latencyMs)
  }

  onDidClose(connection: ServerConnection): void {
    this.connections.delete(connection)
    this.commits.forget(connection)
    this.watches.removeWatcher(connection)
    if (this.connectionBySession.get(connection.sessionId) === connection) this.connectionBySession.delete(connection.sessionId)
  }

  onMalformed(connection: ServerConnection, reason: string): void {
    this.options.platform.logger.warn('A coordination connection is closed', { remote: connection.remote, reason })
  }

  private openSession(connection: ServerConnection): void {
    const id = ++this.lastSessionId
    this.submit(id, 0, { type: OpCode.CREATE_SESSION, timeOut: connection.timeoutMs })
    this.attach(connection, id)
    this.options.onDidOpenSession?.({ sessionId: id, timeoutMs: connection.timeoutMs, remote: connection.remote })
  }

  private resumeSession(connection: ServerConnection, id: bigint, password: Uint8Array | null): void {
    const isKnown = this.expiry.has(id) && password !== null && this.passwordOf(id).equals(password)
    if (!isKnown) {
      connection.replyConnect(null)
      return connection.closeAfterSending()
    }
    // The client has moved to a new connection; the old one may not even know that it is dead.
    this.connectionBySession.get(id)?.destroy()
    this.attach(connection, id)
  }

  private attach(connection: ServerConnection, id: bigint): void {
    connection.sessionId = id
    connection.lastOperation = 'SESS'
    this.connectionBySession.set(id, connection)
    this.touch(connection)
    connection.replyConnect({ id, timeoutMs: connection.timeoutMs, password: this.passwordOf(id) })
  }

  private touch(connection: ServerConnection): void {
    this.expiry.touch(connection.sessionId, connection.timeoutMs, this.nowMs())
  }

  private submit(sessionId: bigint, cxid: number, txn: Txn): TxnResult {
    const time = this.options.platform.clock.nowMs()
    const header: TxnHeader = { clientId: sessionId, cxid, zxid: this.state.lastZxid + 1n, time, type: txn.type }
    const changes: TreeChange[] = []
    const result = this.state.apply(header, txn, changes)
    try {
      this.store.add(header, txn)
    } catch (error) {
      this.fail(error)
    }
    for (const change of changes) this.watches.fire(change)
    this.commits.schedule()
    return result
  }

  private closeSession(id: bigint, cxid: number): void {
    const ephemerals = this.endSession(id, cxid)
    this.options.onDidCloseSession?.({ sessionId: id, ephemerals })
  }

  private endSession(id: bigint, cxid: number): readonly string[] {
    const ephemerals = [...this.state.tree.ephemeralsOf(id)]
    this.expiry.remove(id)
    this.submit(id, cxid, { type: OpCode.CLOSE_SESSION, paths2Delete: ephemerals })
    assert(this.state.tree.ephemeralsOf(id).size === 0, 'the ephemerals of a session end with it')
    assert(!this.state.sessions.has(id), 'a session that has ended stays ended')
    return ephemerals
  }

  private onTick(): void {
    const now = this.nowMs()
    const lateMs = now - this.lastTickMs - this.tickTimeMs
    this.lastTickMs = now
    if (lateMs > this.tickTimeMs) this.expiry.postponeAll(lateMs)
    for (const id of this.expiry.expire(now)) {
      const timeoutMs = this.state.sessions.get(id) ?? 0
      const ephemerals = this.endSession(id, 0)
      this.connectionBySession.get(id)?.destroy()
      this.options.platform.logger.info('A coordination session expired', {
        sessionId: `0x${id.toString(16)}`,
        timeoutMs,
        ephemerals,
      })
      this.options.onDidExpireSession?.({ sessionId: id, timeoutMs, ephemerals })
    }
    for (const connection of this.connections) {
      if (!connection.hasSession && now - connection.connectedAtMs > SESSIONLESS_TIMEOUT_MS) connection.destroy()
    }
    if (now >= this.nextContainerCheckMs) this.removeEmptyContainers(now)
  }

  /** A container goes when it has had children and has none any more. */
  private removeEmptyContainers(now: number): void {
    this.nextContainerCheckMs = now + CONTAINER_CHECK_MS
    for (const path of [...this.state.tree.containers()]) {
      const node = this.state.tree.get(path)
      if (node === undefined || node.createCount === 0 || (node.children?.size ?? 0) > 0) continue
      this.submit(0n, 0, prepare(this.state, { sessionId: 0n, identities: [] }, { type: OpCode.DELETE_CONTAINER, path }))
    }
  }

  /** As ZooKeeper makes them, so that ids do not repeat over restarts: the server's id, the time, and a count. */
  private firstSessionId(): bigint {
    return (1n << 56n) | (BigInt.asUintN(64, BigInt(this.options.platform.clock.nowMs()) << 24n) >> 8n)
  }

  private passwordOf(id: bigint): Buffer {
    return createHmac('sha256', this.store.secret).update(id.toString(16)).digest().subarray(0, PASSWORD_BYTES)
  }

  private fail(error: unknown): void {
    if (this.stopping !== null) return
    const message = error instanceof Error ? error.message : String(error)
    this.options.platform.logger.error('Coordination stops: its log cannot be written', { error: message })
    this.stopping = this.disconnect()
    this.options.onFailure?.(error)
  }

  private async shutDown(): Promise<void> {
    // Nothing is sent that is not durable: what is pending is written here, and its answers are lost with their connections.
    await this.disconnect()
    this.store.close()
  }

  private async disconnect(): Promise<void> {
    const idle = this.commits.stop()
    this.ticker?.cancel()
    for (const connection of [...this.connections]) connection.destroy()
    await Promise.all([idle, this.listener?.close()])
  }
}
