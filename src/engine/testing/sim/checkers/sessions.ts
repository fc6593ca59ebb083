/**
 * Sessions at coordination. One that was heard of within its time-out does not expire; one that was not does, soon after; a session is renewed only by
 * the connection that it is with now; and its ephemerals end with it, at once, and only its own. A server that stood still gives everybody that time
 * back, and one that starts gives everybody the whole time-out. One that has ended stays ended, over every restart that remembers its end. When a
 * session was heard of is noted as the server takes its requests.
 */
import type { CoordinationState } from '../../../coordination/coordination-state'
import { OpCode } from '../../../jute/op-codes'
import type { Txn } from '../../../jute/transaction-records'
import type { SimEvent } from '../scheduler'
import { type Checker, InvariantViolation, require, type World } from './checker'
import { viewOf } from './cluster-view'
import { rules } from './rules'

/** The server's clock may run fast or slow by so much, its ticker comes late, and it works in ticks. */
const DRIFT = 0.04
const TICKS_MS = 350
const LOOK_MS = 50
/** Longer between two events of a server, and it has stood still. */
const STILL_MS = 120

export function sessions(world: World): Checker {
  const { stored } = viewOf(world)
  const heardAtMs = new Map<bigint, number>()
  /** The transactions that ended them. */
  const endedBy = new Map<bigint, bigint>()
  /** When the server last found out that it had stood still: it may give everybody the whole time-out from then on. */
  let stoodStillAtMs = 0
  let violation: InvariantViolation | null = null
  let lastEventMs = 0
  let lastLookMs = 0

  stored.onDidStart((server) => {
    heardAtMs.clear()
    const { lastZxid } = server['state']
    for (const [id, zxid] of endedBy) {
      // Never answered, and lost with the power: it has not ended.
      if (zxid > lastZxid) endedBy.delete(id)
      else requireEnded(id, server['state'])
    }
    for (const id of server['state'].sessions.keys()) heardAtMs.set(id, world.nowMs)
    const onRequest = server.onRequest.bind(server)
    server.onRequest = (connection, xid, type, reader) => {
      const { sessionId } = connection
      const own = server['connectionBySession'].get(sessionId)
      if (own === connection) heardAtMs.set(sessionId, world.nowMs)
      // Thrown after the event: nothing is thrown into the engine.
      else if (server['expiry'].has(sessionId))
        violation ??= new InvariantViolation(
          rules.sessionConnection,
          `a request of session ${sessionId} is taken from ${connection.remote}, and the session is ${own === undefined ? 'with no connection' : `with ${own.remote}`}`,
        )
      onRequest(connection, xid, type, reader)
    }
    const onConnectPacket = server.onConnectPacket.bind(server)
    server.onConnectPacket = (connection, reader) => {
      onConnectPacket(connection, reader)
      if (connection.sessionId !== 0n) heardAtMs.set(connection.sessionId, world.nowMs)
    }
  })

  stored.onWillApply(({ header, txn }) => {
    requireOwners(header.clientId, txn)
    if (txn.type !== OpCode.CLOSE_SESSION || header.cxid !== 0) return
    const timeoutMs = stored.state.sessions.get(header.clientId) ?? 0
    const silentMs = world.nowMs - (heardAtMs.get(header.clientId) ?? 0)
    require(silentMs >= timeoutMs * (1 - DRIFT), rules.sessionExpiry, () =>
      `session ${header.clientId} with a time-out of ${timeoutMs} ms expires ${silentMs} ms after it was heard of`)
  })

  stored.onDidApply(({ header, txn }) => {
    if (txn.type !== OpCode.CLOSE_SESSION) return
    heardAtMs.delete(header.clientId)
    endedBy.set(header.clientId, header.zxid)
    requireEnded(header.clientId, stored.state)
    const left = [...stored.state.tree.ephemeralsOf(header.clientId)]
    require(left.length === 0, rules.ephemerals, () => `session ${header.clientId} is closed, and ${left} are left`)
  })

  function requireEnded(id: bigint, { sessions: open, lastZxid }: CoordinationState): void {
    require(!open.has(id), rules.sessionEnd, () =>
      `session ${id} was ended by transaction ${endedBy.get(id)}, and is among the sessions after transaction ${lastZxid}`)
  }

  function requireOwners(clientId: bigint, txn: Txn): void {
    if (txn.type === OpCode.CLOSE_SESSION) {
      for (const path of txn.paths2Delete) {
        const owner = stored.state.tree.get(path)?.ephemeralOwner ?? clientId
        require(owner === clientId, rules.ephemerals, () => `${path} of session ${owner} ends with session ${clientId}`)
      }
    } else if (txn.type === OpCode.MULTI) for (const part of txn.txns) requireOwners(clientId, part)
    else if ('ephemeral' in txn && txn.ephemeral)
      require(stored.state.sessions.has(clientId), rules.ephemerals, () =>
        `${txn.path} is made for session ${clientId}, which is closed`)
  }

  function look(nowMs: number): void {
    for (const [id, timeoutMs] of stored.state.sessions) {
      const silentMs = nowMs - Math.max(stoodStillAtMs, heardAtMs.get(id) ?? nowMs)
      require(silentMs <= timeoutMs * (1 + DRIFT) + TICKS_MS, rules.sessionExpiry, () =>
        `session ${id} with a time-out of ${timeoutMs} ms was last heard of at least ${silentMs} ms ago, and has not expired`)
    }
  }

  return {
    name: 'sessions',
    afterEvent({ process }: SimEvent) {
      if (violation !== null) throw violation
      if (process?.name !== 'coordination' || !process.isAlive || world.coordination.server === null) return
      const { nowMs } = world
      if (nowMs - lastEventMs > STILL_MS) stoodStillAtMs = nowMs
      lastEventMs = nowMs
      if (nowMs - lastLookMs < LOOK_MS) return
      lastLookMs = nowMs
      look(nowMs)
    },
    atEnd() {
      for (const [owner, paths] of stored.state.tree.ephemeralOwners())
        require(stored.state.sessions.has(owner), rules.ephemerals, () =>
          `${[...paths]} belong to session ${owner}, which is closed`)
    },
  }
}
