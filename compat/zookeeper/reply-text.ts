/** A packet of a server as text that compares between two servers: times left out, session ids by the order of opening, children sorted. */
import { MultiResponse } from '../../src/engine/jute/multi'
import { OpCode, SpecialXid } from '../../src/engine/jute/op-codes'
import { JuteReader } from '../../src/engine/jute/reader'
import {
  ErrorResponse,
  GetAclResponse,
  GetAllChildrenNumberResponse,
  GetChildren2Response,
  GetChildrenResponse,
  GetDataResponse,
  GetEphemeralsResponse,
  PathAndStatResponse,
  PathResponse,
  ReplyHeader,
  StatResponse,
  WatcherEvent,
  WhoAmIResponse,
} from '../../src/engine/jute/records'

const bodies: Readonly<Record<number, { read(reader: JuteReader): unknown }>> = {
  [OpCode.CREATE]: PathResponse,
  [OpCode.CREATE2]: PathAndStatResponse,
  [OpCode.CREATE_CONTAINER]: PathAndStatResponse,
  [OpCode.CREATE_TTL]: PathAndStatResponse,
  [OpCode.EXISTS]: StatResponse,
  [OpCode.GET_DATA]: GetDataResponse,
  [OpCode.SET_DATA]: StatResponse,
  [OpCode.GET_ACL]: GetAclResponse,
  [OpCode.SET_ACL]: StatResponse,
  [OpCode.GET_CHILDREN]: GetChildrenResponse,
  [OpCode.GET_CHILDREN2]: GetChildren2Response,
  [OpCode.SYNC]: PathResponse,
  [OpCode.MULTI]: MultiResponse,
  [OpCode.MULTI_READ]: MultiResponse,
  [OpCode.GET_EPHEMERALS]: GetEphemeralsResponse,
  [OpCode.GET_ALL_CHILDREN_NUMBER]: GetAllChildrenNumberResponse,
  [OpCode.ADD_WATCH]: ErrorResponse,
  [OpCode.WHO_AM_I]: WhoAmIResponse,
}

export function describePacket(packet: Buffer, requestType: number, sessions: readonly bigint[]): string {
  const reader = new JuteReader(packet)
  const header = ReplyHeader.read(reader)
  const comparable = (value: unknown): string => JSON.stringify(value, (key, part: unknown) => compared(key, part, sessions))
  const head = `xid ${header.xid} zxid ${header.zxid} err ${header.err}`
  if (header.xid === SpecialXid.NOTIFICATION) return `event ${head} ${comparable(WatcherEvent.read(reader))}`
  const body = header.err === 0 && reader.remaining > 0 ? comparable(bodies[requestType]?.read(reader)) : ''
  const rest = reader.remaining === 0 ? '' : ` and ${reader.remaining} bytes more`
  return `${head} ${body}${rest}`
}

function compared(key: string, value: unknown, sessions: readonly bigint[]): unknown {
  if (key === 'ctime' || key === 'mtime') return value === 0 ? 0 : 'some time'
  if (key === 'ephemeralOwner' && typeof value === 'bigint' && sessions.includes(value))
    return `session ${sessions.indexOf(value)}`
  if ((key === 'children' || key === 'ephemerals') && Array.isArray(value)) return [...value].sort()
  if (key === 'clientInfo' && Array.isArray(value)) return value.map((info) => JSON.stringify(info)).sort()
  return typeof value === 'bigint' ? value.toString() : value
}
