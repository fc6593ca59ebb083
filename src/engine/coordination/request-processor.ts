/**
 * What each request of a connected client does: changes are prepared, made a transaction and applied at once; reads are answered from the tree.
 * Replies are written in the order of the requests, each behind the events that its change fired. Malformed bodies are answered with
 * MARSHALLINGERROR; only an unknown operation closes the connection, as in ZooKeeper.
 */
import { KeeperCode } from '../jute/error-codes'
import { MultiRequest, MultiResponse } from '../jute/multi'
import { OpCode } from '../jute/op-codes'
import type { JuteReader } from '../jute/reader'
import { JuteError } from '../jute/reader'
import {
  AuthPacket,
  CreateRequest,
  CreateTtlRequest,
  PathAndStatResponse,
  PathAndVersionRequest,
  PathResponse,
  ReconfigRequest,
  SetAclRequest,
  SetDataRequest,
  StatResponse,
} from '../jute/records'
import type { Txn } from '../jute/transaction-records'
import type { JuteWriter } from '../jute/writer'
import { authenticate } from './access'
import type { CoordinationState, TxnResult } from './coordination-state'
import { KeeperError } from './keeper-error'
import type { WriteRequest } from './preparation'
import { prepare, prepareMulti } from './preparation'
import { readHandlers } from './reads'
import type { ServerConnection } from './server-connection'
import type { WatchTable } from './watch-table'

export interface ProcessorHost {
  readonly state: CoordinationState
  readonly watches: WatchTable
  /** Applies a transaction, logs it and fires watches. */
  submit(sessionId: bigint, cxid: number, txn: Txn): TxnResult
  touchSession(connection: ServerConnection): void
  closeSession(sessionId: bigint, cxid: number): void
}

interface WriteHandler {
  readonly operation: string
  read(reader: JuteReader): WriteRequest
  writeBody(writer: JuteWriter, result: TxnResult): void
}

const writePath = (writer: JuteWriter, result: TxnResult): void => PathResponse.write(writer, result)
const writeNothing = (): void => {}

function writeStat(writer: JuteWriter, { stat }: TxnResult): void {
  if (stat !== null) StatResponse.write(writer, { stat })
}

function writePathAndStat(writer: JuteWriter, { path, stat }: TxnResult): void {
  if (stat !== null) PathAndStatResponse.write(writer, { path, stat })
}

function createHandler(
  type: typeof OpCode.CREATE | typeof OpCode.CREATE2 | typeof OpCode.CREATE_CONTAINER,
  writeBody: WriteHandler['writeBody'],
): WriteHandler {
  return { operation: 'CREA', read: (reader) => ({ type, ...CreateRequest.read(reader) }), writeBody }
}

const writeHandlers: ReadonlyMap<number, WriteHandler> = new Map<number, WriteHandler>([
  [OpCode.CREATE, createHandler(OpCode.CREATE, writePath)],
  [OpCode.CREATE2, createHandler(OpCode.CREATE2, writePathAndStat)],
  [OpCode.CREATE_CONTAINER, createHandler(OpCode.CREATE_CONTAINER, writePathAndStat)],
  [
    OpCode.CREATE_TTL,
    {
      operation: 'CREA',
      read: (reader) => ({ type: OpCode.CREATE_TTL, ...CreateTtlRequest.read(reader) }),
      writeBody: writePathAndStat,
    },
  ],
  [
    OpCode.DELETE,
    {
      operation: 'DELE',
      read: (reader) => ({ type: OpCode.DELETE, ...PathAndVersionRequest.read(reader) }),
      writeBody: writeNothing,
    },
  ],
  [
    OpCode.CHECK,
    {
      operation: 'CHEC',
      read: (reader) => ({ type: OpCode.CHECK, ...PathAndVersionRequest.read(reader) }),
      writeBody: writeNothing,
    },
  ],
  [
    OpCode.SET_DATA,
    { operation: 'SETD', read: (reader) => ({ type: OpCode.SET_DATA, ...SetDataRequest.read(reader) }), writeBody: writeStat },
  ],
  [
    OpCode.SET_ACL,
    { operation: 'SETA', read: (reader) => ({ type: OpCode.SET_ACL, ...SetAclRequest.read(reader) }), writeBody: writeStat },
  ],
])

export class RequestProcessor {
  constructor(private readonly host: ProcessorHost) {}

  process(connection: ServerConnection, xid: number, type: number, reader: JuteReader): void {
    this.host.touchSession(connection)
    const write = writeHandlers.get(type)
    if (write !== undefined) return this.change(connection, xid, write, reader)
    const read = readHandlers.get(type)
    if (read !== undefined) {
      connection.lastOperation = read.operation
      const { state, watches } = this.host
      return this.answer(connection, xid, () => read.handle({ state, watches, connection }, reader))
    }
    switch (type) {
      case OpCode.PING:
        connection.lastOperation = 'PING'
        return this.answer(connection, xid, () => null)
      case OpCode.MULTI:
        return this.multi(connection, xid, reader)
      case OpCode.AUTH:
        return this.auth(connection, xid, reader)
      case OpCode.CLOSE_SESSION:
        connection.lastOperation = 'CLOS'
        this.host.closeSession(connection.sessionId, xid)
        this.answer(connection, xid, () => null)
        return connection.closeAfterSending()
      case OpCode.RECONFIG:
        return this.reconfigure(connection, xid, reader)
      default:
        connection.reply(xid, 0n, KeeperCode.UNIMPLEMENTED, null)
        return connection.closeAfterSending()
    }
  }

  private change(connection: ServerConnection, xid: number, handler: WriteHandler, reader: JuteReader): void {
    connection.lastOperation = handler.operation
    let txn: Txn
    try {
      txn = prepare(this.host.state, connection, handler.read(reader))
    } catch (error) {
      return this.refuse(connection, xid, codeOf(error))
    }
    const result = this.host.submit(connection.sessionId, xid, txn)
    connection.reply(xid, this.host.state.lastZxid, KeeperCode.OK, (writer) => handler.writeBody(writer, result))
  }

  private multi(connection: ServerConnection, xid: number, reader: JuteReader): void {
    connection.lastOperation = 'MULT'
    let txn: Txn
    try {
      txn = prepareMulti(this.host.state, connection, MultiRequest.read(reader))
    } catch (error) {
      return this.refuse(connection, xid, codeOf(error))
    }
    // Also where an operation failed, the whole is answered OK: the results tell.
    const { results } = this.host.submit(connection.sessionId, xid, txn)
    connection.reply(xid, this.host.state.lastZxid, KeeperCode.OK, (writer) => MultiResponse.write(writer, results))
  }

  /** There is no ensemble to reconfigure. */
  private reconfigure(connection: ServerConnection, xid: number, reader: JuteReader): void {
    connection.lastOperation = 'RECO'
    try {
      ReconfigRequest.read(reader)
    } catch (error) {
      return connection.reply(xid, this.host.state.lastZxid, codeOf(error), null)
    }
    this.refuse(connection, xid, KeeperCode.RECONFIGDISABLED)
  }

  /** A refused change is a transaction too: it takes a zxid, which its reply carries. */
  private refuse(connection: ServerConnection, xid: number, code: number): void {
    this.host.submit(connection.sessionId, xid, { type: OpCode.ERROR, err: code })
    connection.reply(xid, this.host.state.lastZxid, code, null)
  }

  private answer(connection: ServerConnection, xid: number, handle: () => ((writer: JuteWriter) => void) | null): void {
    const { lastZxid } = this.host.state
    let body: ((writer: JuteWriter) => void) | null
    try {
      body = handle()
    } catch (error) {
      return connection.reply(xid, lastZxid, codeOf(error), null)
    }
    connection.reply(xid, lastZxid, KeeperCode.OK, body)
  }

  private auth(connection: ServerConnection, xid: number, reader: JuteReader): void {
    connection.lastOperation = 'AUTH'
    try {
      const { scheme, auth } = AuthPacket.read(reader)
      const identity = authenticate(scheme, auth)
      if (identity !== null) {
        const isKnown = connection.identities.some(({ scheme: known, id }) => known === identity.scheme && id === identity.id)
        if (!isKnown) connection.identities.push(identity)
      }
      if (identity !== null || scheme === 'ip') return connection.reply(xid, 0n, KeeperCode.OK, null)
    } catch (error) {
      if (!(error instanceof JuteError)) throw error
    }
    connection.reply(xid, 0n, KeeperCode.AUTHFAILED, null)
    connection.closeAfterSending()
  }
}

function codeOf(error: unknown): number {
  if (error instanceof KeeperError) return error.code
  if (error instanceof JuteError) return KeeperCode.MARSHALLINGERROR
  throw error
}
