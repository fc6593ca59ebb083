/**
 * The records of ZooKeeper's client protocol, each declared once for both directions, under the names of zookeeper.jute.
 * Transactions, as the log holds them, are in transaction-records.ts.
 */
import type { Codec, ValueOf } from './codec'
import { bool, buffer, int, long, record, time, ustring, vector } from './codec'

export const Id = record({ scheme: ustring, id: ustring })
export type Id = ValueOf<typeof Id>

export const Acl = record({ perms: int, id: Id })
export type Acl = ValueOf<typeof Acl>
export const AclList = vector(Acl)

export const Stat = record({
  czxid: long,
  mzxid: long,
  ctime: time,
  mtime: time,
  version: int,
  cversion: int,
  aversion: int,
  ephemeralOwner: long,
  dataLength: int,
  numChildren: int,
  pzxid: long,
})
export type Stat = ValueOf<typeof Stat>

const ConnectFields = { protocolVersion: int, lastZxidSeen: long, timeOut: int, sessionId: long, passwd: buffer }
const ConnectRequestWithoutReadOnly = record(ConnectFields)
/** Clients older than 3.4 leave readOnly out. */
export const ConnectRequest: Codec<ValueOf<typeof ConnectRequestWithoutReadOnly> & { readonly readOnly: boolean }> = {
  minBytes: ConnectRequestWithoutReadOnly.minBytes,
  write(writer, value) {
    ConnectRequestWithoutReadOnly.write(writer, value)
    writer.bool(value.readOnly)
  },
  read: (reader) => ({ ...ConnectRequestWithoutReadOnly.read(reader), readOnly: reader.remaining > 0 && reader.bool() }),
}
export const ConnectResponse = record({ protocolVersion: int, timeOut: int, sessionId: long, passwd: buffer, readOnly: bool })

export const RequestHeader = record({ xid: int, type: int })
export const ReplyHeader = record({ xid: int, zxid: long, err: int })
export const WatcherEvent = record({ type: int, state: int, path: ustring })
export const AuthPacket = record({ type: int, scheme: ustring, auth: buffer })
export const ErrorResponse = record({ err: int })
export const MultiHeader = record({ type: int, done: bool, err: int })

export const PathRequest = record({ path: ustring })
export const PathAndWatchRequest = record({ path: ustring, watch: bool })
export const PathAndVersionRequest = record({ path: ustring, version: int })
export const PathAndTypeRequest = record({ path: ustring, type: int })

export const CreateRequest = record({ path: ustring, data: buffer, acl: AclList, flags: int })
export type CreateRequest = ValueOf<typeof CreateRequest>
export const CreateTtlRequest = record({ path: ustring, data: buffer, acl: AclList, flags: int, ttl: long })
export const SetDataRequest = record({ path: ustring, data: buffer, version: int })
export const SetAclRequest = record({ path: ustring, acl: AclList, version: int })
export const AddWatchRequest = record({ path: ustring, mode: int })
export const ReconfigRequest = record({
  joiningServers: ustring,
  leavingServers: ustring,
  newMembers: ustring,
  curConfigId: long,
})
export const SetWatches = record({
  relativeZxid: long,
  dataWatches: vector(ustring),
  existWatches: vector(ustring),
  childWatches: vector(ustring),
})
export const SetWatches2 = record({
  relativeZxid: long,
  dataWatches: vector(ustring),
  existWatches: vector(ustring),
  childWatches: vector(ustring),
  persistentWatches: vector(ustring),
  persistentRecursiveWatches: vector(ustring),
})
export type SetWatches2 = ValueOf<typeof SetWatches2>

export const PathResponse = record({ path: ustring })
export const PathAndStatResponse = record({ path: ustring, stat: Stat })
export const StatResponse = record({ stat: Stat })
export const GetDataResponse = record({ data: buffer, stat: Stat })
export const GetAclResponse = record({ acl: AclList, stat: Stat })
export const GetChildrenResponse = record({ children: vector(ustring) })
export const GetChildren2Response = record({ children: vector(ustring), stat: Stat })
export const GetAllChildrenNumberResponse = record({ totalNumber: int })
export const GetEphemeralsResponse = record({ ephemerals: vector(ustring) })
export const WhoAmIResponse = record({ clientInfo: vector(record({ authScheme: ustring, user: ustring })) })
