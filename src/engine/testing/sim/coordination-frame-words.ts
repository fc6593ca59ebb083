/**
 * ZooKeeper's client protocol in words, one connection: `create /brokers/ids/1 (ephemeral)`, `setData /…/state v12`, `multi [...]`,
 * `event NODE_DELETED /controller`. Used by frame-trace.ts only.
 */
import { KeeperCode, keeperCodeName } from '../../jute/error-codes'
import { MultiRequest, type MultiRequestOp, MultiResponse, type MultiResult } from '../../jute/multi'
import { CreateFlag, EventType, OpCode, SpecialXid } from '../../jute/op-codes'
import { JuteReader } from '../../jute/reader'
import {
  ConnectRequest,
  ConnectResponse,
  CreateRequest,
  GetChildren2Response,
  GetChildrenResponse,
  GetDataResponse,
  PathAndStatResponse,
  PathAndVersionRequest,
  PathAndWatchRequest,
  PathResponse,
  ReplyHeader,
  RequestHeader,
  SetDataRequest,
  SetWatches2,
  StatResponse,
  WatcherEvent,
} from '../../jute/records'
import { listed, shortened } from './compact-words'
import type { FrameWords } from './frame-trace'

const operationNames = new Map<number, string>(
  Object.entries(OpCode).map(([name, code]) => [
    code,
    name.toLowerCase().replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()),
  ]),
)
const eventNames = new Map<number, string>(Object.entries(EventType).map(([name, code]) => [code, name]))
const DATA_TEXT_MAX = 120

export class CoordinationFrameWords implements FrameWords {
  /** Operations by xid that are not answered yet. */
  private readonly unanswered = new Map<number, number>()
  private hasAskedToConnect = false
  private isConnected = false

  request(frame: Buffer): string {
    const reader = new JuteReader(frame)
    if (!this.hasAskedToConnect) {
      this.hasAskedToConnect = true
      const { sessionId, timeOut, lastZxidSeen } = ConnectRequest.read(reader)
      const session = sessionId === 0n ? 'a new session' : `session ${hex(sessionId)}`
      return `connect: ${session}, time-out ${timeOut} ms, has seen zxid ${lastZxidSeen}`
    }
    const { xid, type } = RequestHeader.read(reader)
    this.unanswered.set(xid, type)
    if (type === OpCode.PING) return 'ping'
    return `#${xid} ${requestWords(type, reader)}`
  }

  response(frame: Buffer): string {
    const reader = new JuteReader(frame)
    if (!this.isConnected) {
      this.isConnected = true
      const { sessionId, timeOut } = ConnectResponse.read(reader)
      return sessionId === 0n
        ? 'the session has expired or is not known'
        : `connected: session ${hex(sessionId)}, time-out ${timeOut} ms`
    }
    const { xid, zxid, err } = ReplyHeader.read(reader)
    if (xid === SpecialXid.NOTIFICATION) {
      const { type, path } = WatcherEvent.read(reader)
      return `event ${eventNames.get(type) ?? type} ${path}`
    }
    const type = this.unanswered.get(xid)
    this.unanswered.delete(xid)
    if (type === OpCode.PING || xid === SpecialXid.PING) return 'ping answered'
    const name = type === undefined ? '?' : nameOf(type)
    const outcome = err === KeeperCode.OK ? (type === undefined ? 'ok' : responseWords(type, reader)) : keeperCodeName(err)
    return `#${xid} ${name}: ${outcome} (zxid ${zxid})`
  }
}

function requestWords(type: number, reader: JuteReader): string {
  switch (type) {
    case OpCode.CREATE:
    case OpCode.CREATE2:
    case OpCode.CREATE_CONTAINER:
      return operationWords({ type, ...CreateRequest.read(reader) })
    case OpCode.SET_DATA:
      return operationWords({ type, ...SetDataRequest.read(reader) })
    case OpCode.DELETE:
    case OpCode.CHECK:
      return operationWords({ type, ...PathAndVersionRequest.read(reader) })
    case OpCode.EXISTS:
    case OpCode.GET_DATA:
    case OpCode.GET_CHILDREN:
    case OpCode.GET_CHILDREN2: {
      const { path, watch } = PathAndWatchRequest.read(reader)
      return `${nameOf(type)} ${path}${watch ? ', watching' : ''}`
    }
    case OpCode.MULTI:
      return `multi [${listed(MultiRequest.read(reader).map(operationWords), 12, '; ')}]`
    case OpCode.SET_WATCHES2: {
      const { dataWatches, existWatches, childWatches } = SetWatches2.read(reader)
      return `setWatches ${listed([...dataWatches, ...existWatches, ...childWatches])}`
    }
    default:
      return nameOf(type)
  }
}

function operationWords(operation: MultiRequestOp): string {
  switch (operation.type) {
    case OpCode.CREATE:
    case OpCode.CREATE2:
    case OpCode.CREATE_CONTAINER:
    case OpCode.CREATE_TTL: {
      const isEphemeral = operation.flags === CreateFlag.EPHEMERAL || operation.flags === CreateFlag.EPHEMERAL_SEQUENTIAL
      return `create ${operation.path}${isEphemeral ? ' (ephemeral)' : ''}${dataWords(operation.data)}`
    }
    case OpCode.SET_DATA:
      return `setData ${operation.path} if ${versionWords(operation.version)}${dataWords(operation.data)}`
    case OpCode.DELETE:
    case OpCode.CHECK:
      return `${nameOf(operation.type)} ${operation.path} if ${versionWords(operation.version)}`
    default:
      return `${nameOf(operation.type)} ${operation.path}`
  }
}

function responseWords(type: number, reader: JuteReader): string {
  switch (type) {
    case OpCode.CREATE:
      return `ok ${PathResponse.read(reader).path}`
    case OpCode.CREATE2:
    case OpCode.CREATE_CONTAINER:
      return `ok ${PathAndStatResponse.read(reader).path}`
    case OpCode.SET_DATA:
    case OpCode.EXISTS: {
      const { stat } = StatResponse.read(reader)
      return `ok, version ${stat.version}${ownerWords(stat.ephemeralOwner)}`
    }
    case OpCode.GET_DATA: {
      const { data, stat } = GetDataResponse.read(reader)
      return `version ${stat.version}${ownerWords(stat.ephemeralOwner)}${dataWords(data)}`
    }
    case OpCode.GET_CHILDREN:
      return `[${listed(GetChildrenResponse.read(reader).children)}]`
    case OpCode.GET_CHILDREN2:
      return `[${listed(GetChildren2Response.read(reader).children)}]`
    case OpCode.MULTI:
      return resultsWords(MultiResponse.read(reader))
    default:
      return 'ok'
  }
}

/** All ok, or the one operation that failed: the others have failed with it. */
function resultsWords(results: readonly MultiResult[]): string {
  const failed = results.findIndex((result) => result.type === OpCode.ERROR && result.err !== KeeperCode.OK)
  const result = results[failed]
  if (result === undefined || result.type !== OpCode.ERROR) {
    const versions = results.flatMap((each) => (each.type === OpCode.SET_DATA ? [`v${each.stat.version}`] : []))
    return versions.length === 0 ? 'all ok' : `all ok, ${listed(versions)}`
  }
  return `refused, operation ${failed}: ${keeperCodeName(result.err)}`
}

function nameOf(type: number): string {
  return operationNames.get(type) ?? `operation ${type}`
}

function versionWords(version: number): string {
  return version === -1 ? 'any version' : `v${version}`
}

function ownerWords(owner: bigint): string {
  return owner === 0n ? '' : `, of session ${hex(owner)}`
}

function hex(value: bigint): string {
  return `0x${value.toString(16)}`
}

function dataWords(data: Uint8Array | null): string {
  if (data === null || data.length === 0) return ''
  const text = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('utf8')
  // Data of brokers is JSON; anything else would break the line.
  return /^[\x20-\x7e]*$/.test(text) ? ` → ${shortened(text, DATA_TEXT_MAX)}` : ` → <${data.length} bytes>`
}
