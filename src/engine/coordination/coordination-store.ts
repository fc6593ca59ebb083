/**
 * The folder in which a server's state survives: snapshots and transaction logs under version-2, as in ZooKeeper, and the secret of the sessions'
 * passwords. Opening recovers the state; afterwards the server hands over every transaction, and has a batch written and synced at a time.
 *
 * Every transaction of the state is in the newest snapshot or in a log behind it. A torn tail of the last log was never acknowledged, and is cut off.
 */
import { JuteError } from '../jute/reader'
import type { Txn, TxnHeader } from '../jute/transaction-records'
import { type Disk, DiskError } from '../platform/disk'
import type { Logger } from '../platform/logger'
import type { Random } from '../platform/random'
import { CoordinationState } from './coordination-state'
import { decodeSnapshot, encodeSnapshot, lastZxidOf, snapshotFileName } from './snapshot-file'
import { firstZxidOf, type LogContents, logFileName, readLog, TransactionLogFile } from './transaction-log-file'

const SNAPSHOTS_KEPT = 2
const SECRET_BYTES = 32

export interface CoordinationStoreOptions {
  readonly disk: Disk
  readonly random: Random
  readonly logger: Logger
  readonly directory: string
  /** A new log is begun, and a snapshot taken, after so many transactions. */
  readonly snapshotIntervalTxns: number
}

/** The files contradict each other: starting would lose acknowledged changes. */
export class CoordinationDataError extends Error {
  override readonly name = 'CoordinationDataError'
}

interface FoundFile {
  readonly path: string
  readonly zxid: bigint
}

export class CoordinationStore {
  readonly state: CoordinationState
  /** Bytes from which the passwords of sessions are derived: the same over restarts, so that clients can come back. */
  readonly secret: Buffer
  private log: TransactionLogFile | null = null
  private txnsSinceSnapshot = 0
  private readonly folder: string

  private constructor(private readonly options: CoordinationStoreOptions) {
    this.folder = `${options.directory}/version-2`
    options.disk.makeDirectory(this.folder)
    for (const { name } of options.disk.list(this.folder))
      if (name.endsWith('.tmp')) options.disk.removeFile(`${this.folder}/${name}`)
    this.secret = this.loadSecret()
    this.state = this.loadSnapshot()
    this.replayLogs()
  }

  static open(options: CoordinationStoreOptions): CoordinationStore {
    return new CoordinationStore(options)
  }

  /** Takes note of a transaction that has been applied; nothing is written before writeOut. */
  add(header: TxnHeader, txn: Txn): void {
    if (this.log === null) {
      this.log = TransactionLogFile.create(this.options.disk, `${this.folder}/${logFileName(header.zxid)}`)
      this.options.disk.syncDirectory(this.folder)
    }
    this.log.add(header, txn)
    this.txnsSinceSnapshot++
  }

  /** One write for all transactions since the last call; answers whether there were any. */
  writeOut(): boolean {
    return this.log?.writeOut() ?? false
  }

  async sync(): Promise<void> {
    await this.log?.sync()
  }

  /** To be called between batches, when nothing is being synced. */
  maybeTakeSnapshot(): void {
    if (this.txnsSinceSnapshot >= this.options.snapshotIntervalTxns) this.takeSnapshot()
  }

  takeSnapshot(): void {
    const { disk } = this.options
    this.writeOut()
    this.log?.syncNow()
    this.log?.close()
    this.log = null
    this.txnsSinceSnapshot = 0
    disk.writeFileAtomic(`${this.folder}/${snapshotFileName(this.state.lastZxid)}`, encodeSnapshot(this.state))
    this.purge()
  }

  close(): void {
    this.writeOut()
    this.log?.syncNow()
    this.log?.close()
    this.log = null
  }

  /** Keeps the newest snapshots, and every log that the oldest of them needs. */
  private purge(): void {
    const snapshots = this.find(lastZxidOf)
    const oldestKept = snapshots.at(-SNAPSHOTS_KEPT) ?? snapshots[0]
    if (oldestKept === undefined) return
    for (const snapshot of snapshots) if (snapshot.zxid < oldestKept.zxid) this.options.disk.removeFile(snapshot.path)
    const logs = this.find(firstZxidOf)
    for (const [index, log] of logs.entries()) {
      const next = logs[index + 1]
      const end = next === undefined ? this.state.lastZxid : next.zxid - 1n
      if (end <= oldestKept.zxid) this.options.disk.removeFile(log.path)
    }
  }

  private loadSecret(): Buffer {
    const { disk, random, directory } = this.options
    const path = `${directory}/session-secret`
    const known = disk.readFile(path)
    if (known !== null && known.length === SECRET_BYTES) return known
    const secret = random.bytes(SECRET_BYTES)
    disk.writeFileAtomic(path, secret)
    return secret
  }

  /** The newest snapshot that is whole. A new folder gets one of the empty state, as ZooKeeper wants it. */
  private loadSnapshot(): CoordinationState {
    const { disk, logger } = this.options
    const snapshots = this.find(lastZxidOf)
    for (const { path, zxid } of snapshots.reverse()) {
      try {
        const bytes = disk.readFile(path)
        if (bytes !== null) return decodeSnapshot(bytes, zxid)
      } catch (error) {
        if (!(error instanceof JuteError)) throw error
        logger.warn('A coordination snapshot is damaged; an older one is used', { path, reason: error.message })
      }
    }
    const state = new CoordinationState()
    const firstLog = this.find(firstZxidOf)[0]
    if (firstLog !== undefined && firstLog.zxid > 1n) {
      throw new CoordinationDataError(
        `There is no usable snapshot in ${this.folder}, and the logs begin at zxid 0x${firstLog.zxid.toString(16)}`,
      )
    }
    if (firstLog === undefined) disk.writeFileAtomic(`${this.folder}/${snapshotFileName(0n)}`, encodeSnapshot(state))
    return state
  }

  /** All logs, in order, for their names tell only where they begin; what is in the snapshot is passed over. */
  private replayLogs(): void {
    const { disk, logger } = this.options
    const logs = this.find(firstZxidOf)
    let torn: string | null = null
    for (const [index, { path, zxid }] of logs.entries()) {
      if (torn !== null && zxid > this.state.lastZxid + 1n) {
        throw new CoordinationDataError(`${torn} is damaged before its end, and ${path} follows it`)
      }
      const contents = this.replayLog(path, (header, txn) => {
        if (header.zxid <= this.state.lastZxid) return
        if (header.zxid !== this.state.lastZxid + 1n && this.isSameEpoch(header.zxid)) {
          throw new CoordinationDataError(`${path} leaves out transactions behind zxid 0x${this.state.lastZxid.toString(16)}`)
        }
        this.state.apply(header, txn, [])
        this.txnsSinceSnapshot++
      })
      torn = contents.tornBytes > 0 ? path : null
      if (torn !== null)
        logger.warn('The tail of a coordination log was torn and is cut off', { path, tornBytes: contents.tornBytes })
      if (index < logs.length - 1) continue
      if (contents.endPosition === 0) {
        disk.removeFile(path)
        disk.syncDirectory(this.folder)
      } else this.log = TransactionLogFile.resume(disk, path, contents.endPosition)
    }
  }

  /** A transaction that is whole, and says what cannot be, was not torn in a crash: another server's, or damage that no checksum shows. */
  private replayLog(path: string, visit: (header: TxnHeader, txn: Txn) => void): LogContents {
    try {
      return readLog(this.options.disk.readFile(path) ?? Buffer.alloc(0), visit)
    } catch (error) {
      if (error instanceof CoordinationDataError || error instanceof DiskError) throw error
      const { message } = error as Error
      throw new CoordinationDataError(
        `${path} cannot be replayed behind zxid 0x${this.state.lastZxid.toString(16)}: ${message}`,
        { cause: error },
      )
    }
  }

  /** An ensemble of ZooKeepers begins a new epoch, in the upper 32 bits, with a gap; within one epoch there is none. */
  private isSameEpoch(zxid: bigint): boolean {
    return zxid >> 32n === this.state.lastZxid >> 32n
  }

  private find(zxidOf: (name: string) => bigint | null): FoundFile[] {
    const found: FoundFile[] = []
    for (const { name, isDirectory } of this.options.disk.list(this.folder)) {
      const zxid = isDirectory ? null : zxidOf(name)
      if (zxid !== null) found.push({ path: `${this.folder}/${name}`, zxid })
    }
    return found.sort((left, right) => (left.zxid < right.zxid ? -1 : left.zxid > right.zxid ? 1 : 0))
  }
}
