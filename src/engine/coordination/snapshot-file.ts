/**
 * A snapshot of the whole state, in ZooKeeper's own format (FileSnap, DataTree.serialize):
 *
 *   "ZKSN" int version=2 long dbid=-1
 *   int sessions, each: long id, int time-out
 *   int ACLs, each: long key, vector<ACL>
 *   znodes, parents first, each: ustring path ("" for the root), buffer data, long ACL key, StatPersisted; then ustring "/"
 *   long adler32(all before), ustring "/"
 *
 * Named snapshot.<hex zxid of the last transaction in it>. Pure: coordination-store.ts writes and reads the files.
 */
import type { ValueOf } from '../jute/codec'
import { int, long, record, time } from '../jute/codec'
import { JuteError, JuteReader } from '../jute/reader'
import type { Acl } from '../jute/records'
import { AclList } from '../jute/records'
import { JuteWriter } from '../jute/writer'
import { OPEN_ACL } from './access'
import { adler32 } from './adler32'
import { CoordinationState, ZXID_MAX } from './coordination-state'
import { isValidPath, parentOf, ROOT } from './paths'
import { ZnodeTree } from './znode-tree'

const MAGIC = 0x5a4b534e
const VERSION = 2
/** ZooKeeper's key of the open ACL, which it does not write down. */
const OPEN_ACL_KEY = -1n
const SNAPSHOT_NAME = /^snapshot\.([0-9a-f]{1,16})$/

const StatPersisted = record({
  czxid: long,
  mzxid: long,
  ctime: time,
  mtime: time,
  version: int,
  createCount: int,
  aversion: int,
  ephemeralOwner: long,
  pzxid: long,
})
type StatPersisted = ValueOf<typeof StatPersisted>

export function snapshotFileName(lastZxid: bigint): string {
  return `snapshot.${lastZxid.toString(16)}`
}

export function lastZxidOf(name: string): bigint | null {
  const match = SNAPSHOT_NAME.exec(name)
  const zxid = match === null ? null : BigInt(`0x${match[1]}`)
  return zxid !== null && zxid <= ZXID_MAX ? zxid : null
}

export function encodeSnapshot(state: CoordinationState): Buffer {
  const writer = new JuteWriter(64 * 1024)
  writer.int(MAGIC)
  writer.int(VERSION)
  writer.long(-1n)
  writer.int(state.sessions.size)
  for (const [id, timeoutMs] of state.sessions) {
    writer.long(id)
    writer.int(timeoutMs)
  }
  const keys = new Map<readonly Acl[], bigint>()
  for (const [, node] of state.tree.entries()) if (!keys.has(node.acl)) keys.set(node.acl, BigInt(keys.size + 1))
  writer.int(keys.size)
  for (const [acl, key] of keys) {
    writer.long(key)
    AclList.write(writer, acl)
  }
  for (const [path, node] of state.tree.walk()) {
    writer.ustring(path === ROOT ? '' : path)
    writer.buffer(node.data)
    writer.long(keys.get(node.acl) ?? OPEN_ACL_KEY)
    StatPersisted.write(writer, node)
  }
  writer.ustring(ROOT)
  writer.long(adler32(writer.bytes()))
  writer.ustring(ROOT)
  return writer.bytes()
}

/** Throws {@link JuteError} on anything that is not a whole snapshot. */
export function decodeSnapshot(bytes: Buffer, lastZxid: bigint): CoordinationState {
  const reader = new JuteReader(bytes)
  if (reader.int() !== MAGIC || reader.int() !== VERSION) throw new JuteError('no snapshot')
  reader.long()
  const sessions: [bigint, number][] = []
  for (let count = reader.count(12); count > 0; count--) sessions.push([reader.long(), reader.int()])
  const acls = new Map<bigint, readonly Acl[]>([[OPEN_ACL_KEY, OPEN_ACL]])
  for (let count = reader.count(12); count > 0; count--) acls.set(reader.long(), AclList.read(reader))
  const tree = new ZnodeTree()
  for (let path = reader.ustring(); path !== ROOT; path = reader.ustring()) {
    const data = reader.buffer()
    const acl = acls.get(reader.long())
    if (acl === undefined) throw new JuteError(`${path} has an unknown ACL`)
    const stat: StatPersisted = StatPersisted.read(reader)
    requirePlace(tree, path)
    tree.put(path === '' ? ROOT : path, { data: data === null ? null : Buffer.from(data), acl, ...stat, children: null })
  }
  if (tree.get(ROOT) === undefined) throw new JuteError('no root')
  const end = reader.position
  if (reader.long() !== adler32(bytes.subarray(0, end))) throw new JuteError('wrong checksum')
  const state = new CoordinationState(tree)
  for (const [id, timeoutMs] of sessions) state.sessions.set(id, timeoutMs)
  state.lastZxid = lastZxid
  return state
}

/** The root comes first, then every znode once and behind its parent. */
function requirePlace(tree: ZnodeTree, path: string): void {
  if (path === '') {
    if (tree.size > 0) throw new JuteError('the root is not the first znode')
    return
  }
  if (!isValidPath(path) || tree.get(path) !== undefined || tree.get(parentOf(path)) === undefined) {
    throw new JuteError(`${path} has no place in the tree`)
  }
}
