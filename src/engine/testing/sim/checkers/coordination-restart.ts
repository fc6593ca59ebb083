/**
 * A restarted coordination equals the one before: whatever has been answered is there, znodes with versions, times and owners, sessions and the last
 * zxid; and what was not answered is there whole or not at all, in order. The state is rebuilt here from the transactions, up to the zxid that the new
 * server has, and compared with the server's field by field.
 */
import { CoordinationState } from '../../../coordination/coordination-state'
import { decodeSnapshot, encodeSnapshot } from '../../../coordination/snapshot-file'
import { statOf } from '../../../coordination/znode-tree'
import { type Checker, require, type World } from './checker'
import { viewOf } from './cluster-view'
import { wireOf } from './coordination-wire'
import { rules } from './rules'
import type { StoredTransaction } from './stored-cluster'

export function coordinationRestart(world: World): Checker {
  const { stored } = viewOf(world)
  /** As it was at the highest zxid that has been answered; later transactions wait in `pending`. */
  let answered = new CoordinationState()
  let answeredZxid = 0n
  let pending: StoredTransaction[] = []

  stored.onDidApply((transaction) => pending.push(transaction))

  wireOf(world).listen({
    onReply(_connection, { zxid }) {
      if (zxid <= answeredZxid) return
      answeredZxid = zxid
      applyUpTo(zxid)
    },
  })

  stored.onDidStart((server, isFirst) => {
    const state = server['state']
    if (!isFirst) {
      const { lastZxid } = stored.state
      require(state.lastZxid >= answeredZxid && state.lastZxid <= lastZxid, rules.restart, () =>
        `it ends with transaction ${state.lastZxid}; ${answeredZxid} was answered, and ${lastZxid} was the last one`)
      applyUpTo(state.lastZxid)
      const difference = whatDiffers(answered, state)
      require(difference === null, rules.restart, () => `after transaction ${state.lastZxid}: ${difference}`)
    }
    // The same transactions over: what was not answered and is lost gets its zxids again.
    answered = decodeSnapshot(encodeSnapshot(state), state.lastZxid)
    pending = []
  })

  function applyUpTo(zxid: bigint): void {
    let count = 0
    for (const { header, txn } of pending) {
      if (header.zxid > zxid) break
      answered.apply(header, txn, [])
      count++
    }
    pending.splice(0, count)
  }

  return {
    name: 'coordination-restart',
    /** And the one that runs is what its transactions make of it. */
    atEnd() {
      const { server } = world.coordination
      if (server === null) return
      const difference = whatDiffers(stored.state, server['state'])
      require(difference === null, rules.restart, () => `the state is not what its transactions make of it: ${difference}`)
    },
  }
}

/** In words, or null. */
export function whatDiffers(expected: CoordinationState, actual: CoordinationState): string | null {
  if (expected.lastZxid !== actual.lastZxid) return `its last zxid is ${actual.lastZxid} instead of ${expected.lastZxid}`
  for (const [id, timeoutMs] of expected.sessions)
    if (actual.sessions.get(id) !== timeoutMs)
      return `session ${id} has a time-out of ${actual.sessions.get(id)} instead of ${timeoutMs}`
  if (actual.sessions.size !== expected.sessions.size)
    return `there are ${actual.sessions.size} sessions instead of ${expected.sessions.size}`
  for (const [path, node] of expected.tree.entries()) {
    const other = actual.tree.get(path)
    if (other === undefined) return `${path} is missing`
    const [wanted, found] = [statOf(node), statOf(other)] as [Record<string, unknown>, Record<string, unknown>]
    for (const key of Object.keys(wanted))
      if (wanted[key] !== found[key]) return `${path} has ${key} ${String(found[key])} instead of ${String(wanted[key])}`
    if (Buffer.compare(node.data ?? EMPTY, other.data ?? EMPTY) !== 0) return `${path} has other data`
    for (const name of node.children ?? []) if (!other.children?.has(name)) return `${path} lacks its child ${name}`
  }
  if (actual.tree.size !== expected.tree.size) return `there are ${actual.tree.size} znodes instead of ${expected.tree.size}`
  return null
}

const EMPTY = Buffer.alloc(0)
