/**
 * Conditions of writes to coordination, read from the wire. The state of a partition is written over the version that its writer has read, never over
 * whatever is there; and what was asked for at a version, and answered with success, was done when the znode had that version: alone or in a multi,
 * whether it writes, deletes or only checks.
 */
import { MultiRequest, type MultiRequestOp } from '../../../jute/multi'
import { OpCode } from '../../../jute/op-codes'
import { JuteReader } from '../../../jute/reader'
import { PathAndVersionRequest, SetDataRequest } from '../../../jute/records'
import { type Checker, require, type World } from './checker'
import { viewOf } from './cluster-view'
import { type WireConnection, wireOf } from './coordination-wire'
import { rules } from './rules'
import { STATE_PATH } from './stored-cluster'
import { partsOf } from './stored-states'

interface Condition {
  readonly path: string
  readonly version: number
}

const ANY_VERSION = -1
const BODY_START = 8

export function conditionalWrites(world: World): Checker {
  const { stored } = viewOf(world)
  /** By transaction: the versions of the znodes that it writes, deletes or checks, as they were before it. */
  const versionsBefore = new Map<bigint, ReadonlyMap<string, number>>()
  const asked = new WeakMap<WireConnection, Map<number, readonly Condition[]>>()

  stored.onWillApply(({ header, txn }) => {
    const versions = new Map<string, number>()
    for (const part of partsOf(txn)) {
      if (part.type !== OpCode.SET_DATA && part.type !== OpCode.DELETE && part.type !== OpCode.CHECK) continue
      const version = stored.state.tree.get(part.path)?.version
      // Without one it is made by the same multi.
      if (version !== undefined && !versions.has(part.path)) versions.set(part.path, version)
    }
    if (versions.size > 0) versionsBefore.set(header.zxid, versions)
  })

  // What was not answered and is lost gets its zxids again.
  stored.onDidStart(() => versionsBefore.clear())

  wireOf(world).listen({
    onRequest(connection, xid, type, frame) {
      const conditions: Condition[] = []
      const met = new Set<string>()
      for (const operation of operationsOf(type, frame)) {
        const { path } = operation
        // Of a multi the first for its znode: those behind it see what that has made.
        const isFirst = !met.has(path)
        met.add(path)
        if (!('version' in operation)) continue
        const { version } = operation
        require(version !== ANY_VERSION ||
          operation.type !== OpCode.SET_DATA ||
          !STATE_PATH.test(path), rules.stateCondition, () =>
          `${path} is written whatever its version is (request ${xid} of session ${connection.sessionId})`)
        if (isFirst && version !== ANY_VERSION) conditions.push({ path, version })
      }
      if (conditions.length === 0) return
      const known = asked.get(connection) ?? new Map<number, readonly Condition[]>()
      asked.set(connection, known.set(xid, conditions))
    },
    onReply(connection, { xid, zxid, err }) {
      const conditions = asked.get(connection)?.get(xid)
      if (conditions === undefined) return
      asked.get(connection)?.delete(xid)
      const versions = versionsBefore.get(zxid)
      versionsBefore.delete(zxid)
      if (err !== 0 || versions === undefined || connection.incarnation !== world.coordination.process?.incarnation) return
      for (const { path, version } of conditions) {
        const before = versions.get(path)
        require(before === undefined || before === version, rules.condition, () =>
          `a request for ${path} at version ${version} is done by transaction ${zxid}, before which the version was ${before}`)
      }
    },
  })

  return { name: 'conditional-writes' }
}

function operationsOf(type: number, frame: Buffer): readonly MultiRequestOp[] {
  const reader = new JuteReader(frame, BODY_START)
  switch (type) {
    case OpCode.SET_DATA:
      return [{ type, ...SetDataRequest.read(reader) }]
    case OpCode.DELETE:
    case OpCode.CHECK:
      return [{ type, ...PathAndVersionRequest.read(reader) }]
    case OpCode.MULTI:
      return MultiRequest.read(reader)
    default:
      return []
  }
}
