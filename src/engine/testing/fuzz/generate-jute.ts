/** Valid packets, transactions and log files of ZooKeeper's formats, for the inputs that fuzzing starts from. */
import { adler32 } from '../../coordination/adler32'
import { MultiRequest, type MultiRequestOp } from '../../jute/multi'
import { CreateFlag, OpCode } from '../../jute/op-codes'
import {
  type Acl,
  AddWatchRequest,
  AuthPacket,
  ConnectRequest,
  CreateRequest,
  CreateTtlRequest,
  PathAndTypeRequest,
  PathAndVersionRequest,
  PathAndWatchRequest,
  PathRequest,
  RequestHeader,
  SetAclRequest,
  SetDataRequest,
  SetWatches,
  SetWatches2,
} from '../../jute/records'
import { type Txn, TxnHeader, writeTxn } from '../../jute/transaction-records'
import { JuteWriter } from '../../jute/writer'
import type { FuzzRandom } from './fuzz-random'

const GOOD_PATHS: readonly string[] = ['/', '/a', '/a/b', '/a/b/c', '/zookeeper', '/zookeeper/config', '/eph', '/seq-']
const PATHS: readonly string[] = [
  ...GOOD_PATHS,
  ...['', '/a//b', '/a/', '/.', '/missing/child', '/\u0000', `/${'n'.repeat(300)}`, '/é', '/brokers/ids/1'],
]
const WORLD: readonly Acl[] = [{ perms: 31, id: { scheme: 'world', id: 'anyone' } }]
const ACLS: readonly (readonly Acl[])[] = [
  WORLD,
  [{ perms: 1, id: { scheme: 'world', id: 'anyone' } }],
  [{ perms: 31, id: { scheme: 'digest', id: 'user:hash' } }],
  [{ perms: 31, id: { scheme: 'ip', id: '127.0.0.1/8' } }],
  [{ perms: 31, id: { scheme: 'auth', id: '' } }],
  [],
]

const anyPath = (random: FuzzRandom): string => (random.chance(0.7) ? random.pick(GOOD_PATHS) : random.pick(PATHS))
const anyPaths = (random: FuzzRandom): string[] => Array.from({ length: random.below(5) }, () => anyPath(random))
const anyData = (random: FuzzRandom): Buffer | null => (random.chance(0.1) ? null : random.bytes(random.size(400)))
const anyAcl = (random: FuzzRandom): readonly Acl[] => (random.chance(0.7) ? WORLD : random.pick(ACLS))
const anyVersion = (random: FuzzRandom): number => (random.chance(0.8) ? random.between(-1, 2) : random.int32())

/** A packet with its length in front. */
export function packetOf(write: (writer: JuteWriter) => void): Buffer {
  const writer = new JuteWriter()
  const start = writer.beginFrame()
  write(writer)
  writer.endFrame(start)
  return Buffer.from(writer.bytes())
}

export function connectPacket(random: FuzzRandom): Buffer {
  return packetOf((writer) =>
    ConnectRequest.write(writer, {
      protocolVersion: 0,
      lastZxidSeen: random.chance(0.9) ? 0n : random.int64(),
      timeOut: random.chance(0.8) ? 1500 : random.int32(),
      sessionId: random.chance(0.9) ? 0n : random.int64(),
      passwd: Buffer.alloc(16),
      readOnly: false,
    }),
  )
}

/** What every client sends first, to open a session that it gets. */
export const plainConnectPacket = packetOf((writer) =>
  ConnectRequest.write(writer, {
    ...{ protocolVersion: 0, lastZxidSeen: 0n, timeOut: 1500, sessionId: 0n, passwd: Buffer.alloc(16), readOnly: false },
  }),
)

export const plainExistsPacket = packetOf((writer) => {
  RequestHeader.write(writer, { xid: 1, type: OpCode.EXISTS })
  PathAndWatchRequest.write(writer, { path: '/', watch: false })
})

export function anyMultiOps(random: FuzzRandom): MultiRequestOp[] {
  return Array.from({ length: random.below(6) }, (): MultiRequestOp => {
    const path = anyPath(random)
    switch (random.below(6)) {
      case 0:
        return { type: OpCode.CREATE, path, data: anyData(random), acl: anyAcl(random), flags: random.below(5) }
      case 1:
        return { type: OpCode.CREATE2, path, data: anyData(random), acl: anyAcl(random), flags: random.below(5) }
      case 2:
        return { type: OpCode.DELETE, path, version: anyVersion(random) }
      case 3:
        return { type: OpCode.CHECK, path, version: anyVersion(random) }
      case 4:
        return { type: OpCode.SET_DATA, path, data: anyData(random), version: anyVersion(random) }
      default:
        return { type: random.pick([OpCode.GET_DATA, OpCode.GET_CHILDREN]), path, watch: false }
    }
  })
}

type Body = readonly [type: number, write: (writer: JuteWriter, random: FuzzRandom) => void]

const watched = (type: number): Body => [
  type,
  (writer, random) => PathAndWatchRequest.write(writer, { path: anyPath(random), watch: random.chance(0.5) }),
]
const create = (type: number): Body => [
  type,
  (writer, random) => {
    const flags = random.chance(0.9) ? random.pick(Object.values(CreateFlag)) : random.int32()
    CreateRequest.write(writer, { path: anyPath(random), data: anyData(random), acl: anyAcl(random), flags })
  },
]
const ofPath = (type: number): Body => [type, (writer, random) => PathRequest.write(writer, { path: anyPath(random) })]
const versioned = (type: number): Body => [
  type,
  (writer, random) => PathAndVersionRequest.write(writer, { path: anyPath(random), version: anyVersion(random) }),
]
const ofWatchType = (type: number): Body => [
  type,
  (writer, random) => PathAndTypeRequest.write(writer, { path: anyPath(random), type: random.between(1, 3) }),
]
const multi = (type: number): Body => [type, (writer, random) => MultiRequest.write(writer, anyMultiOps(random))]
const empty = (type: number): Body => [type, () => undefined]

const watchLists = (random: FuzzRandom) => ({
  ...{ relativeZxid: random.int64(), dataWatches: anyPaths(random) },
  ...{ existWatches: anyPaths(random), childWatches: anyPaths(random) },
})

const BODIES: readonly Body[] = [
  ...[create(OpCode.CREATE), create(OpCode.CREATE2), create(OpCode.CREATE_CONTAINER)],
  ...[versioned(OpCode.DELETE), versioned(OpCode.CHECK), multi(OpCode.MULTI), multi(OpCode.MULTI_READ)],
  ...[watched(OpCode.EXISTS), watched(OpCode.GET_DATA), watched(OpCode.GET_CHILDREN), watched(OpCode.GET_CHILDREN2)],
  ...[ofPath(OpCode.GET_ACL), ofPath(OpCode.SYNC), ofPath(OpCode.GET_EPHEMERALS), ofPath(OpCode.GET_ALL_CHILDREN_NUMBER)],
  ...[ofWatchType(OpCode.CHECK_WATCHES), ofWatchType(OpCode.REMOVE_WATCHES)],
  ...[empty(OpCode.PING), empty(OpCode.WHO_AM_I), empty(OpCode.CLOSE_SESSION)],
  [
    OpCode.CREATE_TTL,
    (writer, random) => {
      const ttl = random.int64()
      CreateTtlRequest.write(writer, { path: anyPath(random), data: null, acl: anyAcl(random), flags: 5, ttl })
    },
  ],
  [
    OpCode.SET_DATA,
    (writer, random) =>
      SetDataRequest.write(writer, { path: anyPath(random), data: anyData(random), version: anyVersion(random) }),
  ],
  [
    OpCode.SET_ACL,
    (writer, random) => SetAclRequest.write(writer, { path: anyPath(random), acl: anyAcl(random), version: anyVersion(random) }),
  ],
  [OpCode.ADD_WATCH, (writer, random) => AddWatchRequest.write(writer, { path: anyPath(random), mode: random.below(3) })],
  [
    OpCode.AUTH,
    (writer, random) => {
      const scheme = random.pick(['digest', 'ip', 'sasl', ''])
      AuthPacket.write(writer, { type: 0, scheme, auth: Buffer.from('user:password') })
    },
  ],
  [OpCode.SET_WATCHES, (writer, random) => SetWatches.write(writer, watchLists(random))],
  [
    OpCode.SET_WATCHES2,
    (writer, random) => {
      const persistent = { persistentWatches: anyPaths(random), persistentRecursiveWatches: anyPaths(random) }
      SetWatches2.write(writer, { ...watchLists(random), ...persistent })
    },
  ],
]

export function requestPacket(random: FuzzRandom, xid: number): Buffer {
  const [type, write] = random.pick(BODIES)
  return packetOf((writer) => {
    RequestHeader.write(writer, { xid, type })
    write(writer, random)
  })
}

export interface Transaction {
  readonly header: TxnHeader
  readonly txn: Txn
}

/** A history that a server can have written: each transaction follows from the ones before it. */
export function transactions(random: FuzzRandom, count: number): Transaction[] {
  const known = new Set<string>()
  return Array.from({ length: count }, (_, index) => {
    const path = `/n${random.below(6)}`
    const txn = known.has(path) ? changeOf(path, index, random) : createOf(path, index, random)
    if (txn.type === OpCode.CREATE2) known.add(path)
    if (txn.type === OpCode.DELETE) known.delete(path)
    const clientId = BigInt(1 + random.below(3))
    return { header: { clientId, cxid: index, zxid: BigInt(index + 1), time: 1_700_000_000_000, type: txn.type }, txn }
  })
}

function createOf(path: string, index: number, random: FuzzRandom): Txn {
  const ephemeral = random.chance(0.3)
  return { type: OpCode.CREATE2, path, data: anyData(random), acl: WORLD, ephemeral, parentCVersion: index + 1 }
}

function changeOf(path: string, index: number, random: FuzzRandom): Txn {
  const setData: Txn = { type: OpCode.SET_DATA, path, data: anyData(random), version: index }
  return random.pick<Txn>([
    setData,
    { type: OpCode.DELETE, path },
    { type: OpCode.CREATE_SESSION, timeOut: 1500 },
    { type: OpCode.CLOSE_SESSION, paths2Delete: [] },
    { type: OpCode.ERROR, err: -101 },
    { type: OpCode.MULTI, txns: [setData, { type: OpCode.CHECK, path, version: 1 }] },
    { type: OpCode.SET_ACL, path, acl: ACLS[1]!, version: 1 },
  ])
}

export function transactionEntry({ header, txn }: Transaction): Buffer {
  const writer = new JuteWriter()
  TxnHeader.write(writer, header)
  writeTxn(writer, txn)
  return Buffer.from(writer.bytes())
}

const LOG_HEADER = Buffer.from('5a4b4c47000000020000000000000000', 'hex')

/** A log file of these entries, whatever is in them, with checksums that are right. */
export function logFileOf(entries: readonly Uint8Array[]): Buffer {
  const writer = new JuteWriter()
  writer.raw(LOG_HEADER)
  for (const entry of entries) {
    writer.long(adler32(entry))
    writer.buffer(entry)
    writer.byte(0x42)
  }
  return Buffer.from(writer.bytes())
}

/** The entries of a log file, as far as their lengths make sense. */
export function entriesOf(bytes: Buffer): Buffer[] {
  const entries: Buffer[] = []
  for (let at = LOG_HEADER.length; at + 12 <= bytes.length; ) {
    const size = bytes.readInt32BE(at + 8)
    if (size < 0 || at + 12 + size > bytes.length) break
    entries.push(bytes.subarray(at + 12, at + 12 + size))
    at += 13 + size
  }
  return entries
}
