import { beforeEach, describe, expect, it } from 'vitest'
import { CoordinationState } from '../../../coordination/coordination-state'
import { decodeSnapshot, encodeSnapshot } from '../../../coordination/snapshot-file'
import { MultiRequest, type MultiRequestOp } from '../../../jute/multi'
import { OpCode } from '../../../jute/op-codes'
import { SetDataRequest } from '../../../jute/records'
import type { Txn } from '../../../jute/transaction-records'
import type { JuteWriter } from '../../../jute/writer'
import { whatDiffers } from './coordination-restart'
import { brokenBy, type HandMadeClient, HandMadeWorld } from './hand-made-world'
import { checkerFactories } from './index'
import { rules } from './rules'

let hand: HandMadeWorld

beforeEach(() => {
  hand = new HandMadeWorld(checkerFactories)
  hand.createTopic()
})

describe('stored states', () => {
  beforeEach(() => hand.writeState(1, 0, [1, 2]))

  it('find a write that is not fenced', () => {
    expect(brokenBy(() => hand.writeState(1, 0, [1], { isFenced: false }))).toBe(rules.fencing)
  })

  it('find a write of a controller that was succeeded', () => {
    hand.apply({ type: OpCode.SET_DATA, path: '/controller_epoch', data: Buffer.from('2'), version: 1 })
    expect(brokenBy(() => hand.writeState(1, 0, [1]))).toBe(rules.fencing)
  })

  it('find an ISR that is empty, holds a stranger, or lacks the leader', () => {
    expect(brokenBy(() => hand.writeState(-1, 1, []))).toBe(rules.isrMembers)
    expect(brokenBy(() => hand.writeState(-1, 1, [1, 4]))).toBe(rules.isrMembers)
    expect(brokenBy(() => hand.writeState(1, 2, [2]))).toBe(rules.leaderInIsr)
  })

  it('find a leader from outside of the ISR where that is not allowed', () => {
    expect(brokenBy(() => hand.writeState(3, 1, [3]))).toBe(rules.cleanElection)
  })

  it('find versions and zxids that do not go on', () => {
    const path = '/brokers/topics/t/partitions/0/state'
    const data = Buffer.from('')
    expect(brokenBy(() => hand.apply({ type: OpCode.SET_DATA, path, data, version: 0 }))).toBe(rules.znodeVersions)
    hand.skipZxid()
    expect(brokenBy(() => hand.create('/x', ''))).toBe(rules.zxids)
  })

  it('find a controller epoch that goes back', () => {
    const path = '/controller_epoch'
    expect(brokenBy(() => hand.apply({ type: OpCode.SET_DATA, path, data: Buffer.from('1'), version: 1 }))).toBe(
      rules.controllerEpochsGrow,
    )
  })
})

describe('sessions', () => {
  beforeEach(() => hand.apply({ type: OpCode.CREATE_SESSION, timeOut: 1000 }, 5n))

  it('find one that expires before its time-out', () => {
    hand.apply({ type: OpCode.CREATE_SESSION, timeOut: 5000 }, 6n)
    expect(brokenBy(() => hand.apply({ type: OpCode.CLOSE_SESSION, paths2Delete: [] }, 5n, 1))).toBeNull()
    expect(brokenBy(() => hand.apply({ type: OpCode.CLOSE_SESSION, paths2Delete: [] }, 6n, 0))).toBe(rules.sessionExpiry)
  })

  it('find an ephemeral that outlives its session', () => {
    hand.create('/e', '', true, 5n)
    expect(brokenBy(() => hand.apply({ type: OpCode.CLOSE_SESSION, paths2Delete: [] }, 5n))).toBe(rules.ephemerals)
  })

  it('find an ephemeral that ends with another session', () => {
    hand.create('/e', '', true, 5n)
    hand.apply({ type: OpCode.CREATE_SESSION, timeOut: 1000 }, 6n)
    expect(brokenBy(() => hand.apply({ type: OpCode.CLOSE_SESSION, paths2Delete: ['/e'] }, 6n))).toBe(rules.ephemerals)
  })

  it('find an ephemeral of a session that is closed', () => {
    expect(brokenBy(() => hand.create('/e', '', true, 99n))).toBe(rules.ephemerals)
  })
})

describe('sessions that have ended', () => {
  /** A coordination that has started with `sessions`, and with what the transactions up to now have made but for the last `lost`. */
  function restart(sessions: readonly bigint[], lost = 0n): string | null {
    const { state } = hand.view.stored
    const restarted = decodeSnapshot(encodeSnapshot(state), state.lastZxid - lost)
    restarted.sessions.clear()
    for (const id of sessions) restarted.sessions.set(id, 1000)
    hand.world.coordination.server = { state: restarted, onRequest: () => undefined, onConnectPacket: () => undefined } as never
    return brokenBy(() => hand.step('coordination'))
  }

  beforeEach(() => {
    restart([])
    hand.apply({ type: OpCode.CREATE_SESSION, timeOut: 1000 }, 5n)
    hand.apply({ type: OpCode.CLOSE_SESSION, paths2Delete: [] }, 5n, 1)
  })

  it('are found where a restart brings them back', () => {
    expect(restart([5n])).toBe(rules.sessionEnd)
  })

  it('may be back where their end was lost with the power', () => {
    expect(restart([5n], 1n)).toBeNull()
  })
})

describe('conditional writes', () => {
  const state = '/brokers/topics/t/partitions/0/state'
  const epoch = '/controller_epoch'
  let client: HandMadeClient

  beforeEach(() => {
    hand.writeState(1, 0, [1, 2])
    client = hand.connect()
  })

  const setData = (path: string, version: number): MultiRequestOp => ({
    type: OpCode.SET_DATA,
    path,
    data: Buffer.alloc(0),
    version,
  })
  const check = (path: string, version: number): MultiRequestOp => ({ type: OpCode.CHECK, path, version })

  function askMulti(xid: number, ...operations: readonly MultiRequestOp[]): string | null {
    client.asks(xid, OpCode.MULTI, (writer) => MultiRequest.write(writer, operations))
    return brokenBy(() => hand.step('coordination'))
  }

  /** What coordination makes of it, and its reply. */
  function carryOut(xid: number, ...txns: readonly Txn[]): string | null {
    hand.apply({ type: OpCode.MULTI, txns: [...txns] })
    client.isTold(xid, hand.view.stored.state.lastZxid)
    return brokenBy(() => hand.step('coordination'))
  }

  const epochWritten: Txn = { type: OpCode.SET_DATA, path: epoch, data: Buffer.from('2'), version: 1 }

  it('find the state of a partition that is written whatever is there, alone or in a multi', () => {
    expect(askMulti(1, check(epoch, 0), setData(state, 0))).toBeNull()
    expect(askMulti(2, check(epoch, 0), setData(state, -1))).toBe(rules.stateCondition)
    client.asks(3, OpCode.SET_DATA, (writer) => SetDataRequest.write(writer, { path: state, data: null, version: -1 }))
    expect(brokenBy(() => hand.step('coordination'))).toBe(rules.stateCondition)
  })

  it('find a write, and a check, that are done at another version than was asked for', () => {
    askMulti(1, setData(epoch, 1))
    expect(carryOut(1, epochWritten)).toBe(rules.condition)
    askMulti(2, check(epoch, 0))
    expect(carryOut(2, { type: OpCode.CHECK, path: epoch, version: 2 })).toBe(rules.condition)
  })

  it('take what is done at its version, or at any, and what is refused', () => {
    askMulti(1, setData(epoch, 0), check(epoch, 1))
    expect(carryOut(1, epochWritten, { type: OpCode.CHECK, path: epoch, version: 2 })).toBeNull()
    askMulti(2, check(epoch, 0))
    expect(carryOut(2, { type: OpCode.ERROR, err: -103 })).toBeNull()
    askMulti(3, setData(epoch, -1))
    expect(carryOut(3, { ...epochWritten, data: Buffer.from('3'), version: 2 })).toBeNull()
  })
})

describe('watch order', () => {
  const path = (watched: string) => (writer: JuteWriter) => {
    writer.ustring(watched)
    writer.bool(true)
  }

  it('finds a reply that comes before the event of what it knows', () => {
    const client = hand.connect()
    client.asks(1, OpCode.GET_DATA, path('/controller_epoch'))
    client.isTold(1, 8n)
    hand.step('coordination')
    hand.apply({ type: OpCode.SET_DATA, path: '/controller_epoch', data: Buffer.from('2'), version: 1 })
    client.asks(2, OpCode.PING)
    client.isTold(2, 9n)
    expect(brokenBy(() => hand.step('coordination'))).toBe(rules.watchOrder)
  })

  it('is kept where the event comes first, and where the change is the reply’s own past', () => {
    const client = hand.connect()
    client.asks(1, OpCode.GET_CHILDREN, path('/brokers'))
    client.isTold(1, 8n)
    hand.step('coordination')
    hand.create('/brokers/more', '')
    client.hasEvent(4, '/brokers')
    client.asks(2, OpCode.GET_DATA, path('/brokers'))
    client.isTold(2, 9n)
    expect(brokenBy(() => hand.step('coordination'))).toBeNull()
    client.asks(3, OpCode.PING)
    client.isTold(3, 9n)
    expect(brokenBy(() => hand.step('coordination'))).toBeNull()
  })

  it('finds a watch that was set again, missed its change and did not fire', () => {
    const client = hand.connect()
    const writeList = (writer: JuteWriter, paths: readonly string[]) => {
      writer.int(paths.length)
      for (const each of paths) writer.ustring(each)
    }
    client.asks(-8, OpCode.SET_WATCHES, (writer) => {
      writer.long(3n)
      writeList(writer, ['/controller_epoch'])
      writeList(writer, [])
      writeList(writer, [])
    })
    client.isTold(-8, 8n)
    expect(brokenBy(() => hand.step('coordination'))).toBe(rules.watchOrder)
  })

  it('finds replies out of order, and zxids that decrease', () => {
    const client = hand.connect()
    for (const xid of [1, 2]) client.asks(xid, OpCode.PING)
    client.isTold(2, 8n)
    expect(brokenBy(() => hand.step('coordination'))).toBe(rules.replyOrder)
    const other = hand.connect(2)
    for (const xid of [1, 2]) other.asks(xid, OpCode.PING)
    other.isTold(1, 8n)
    other.isTold(2, 7n)
    expect(brokenBy(() => hand.step('coordination'))).toBe(rules.replyZxids)
  })
})

describe('two states of coordination', () => {
  function stateWith(data: string, version: number): CoordinationState {
    const state = new CoordinationState()
    const header = { clientId: 5n, cxid: 0, zxid: 1n, time: 0, type: OpCode.CREATE_SESSION }
    state.apply(header, { type: OpCode.CREATE_SESSION, timeOut: 1000 }, [])
    state.tree.create('/a', Buffer.from(''), [], 0n, 1, { zxid: 1n, time: 0 })
    state.tree.setData('/a', Buffer.from(data), version, { zxid: 1n, time: 0 })
    return state
  }

  it('are equal, or differ in what is said', () => {
    expect(whatDiffers(stateWith('x', 1), stateWith('x', 1))).toBeNull()
    expect(whatDiffers(stateWith('x', 1), stateWith('x', 2))).toContain('version 2 instead of 1')
    expect(whatDiffers(stateWith('x', 1), stateWith('y', 1))).toContain('other data')
    const later = stateWith('x', 1)
    later.lastZxid = 2n
    expect(whatDiffers(later, stateWith('x', 1))).toContain('last zxid')
    const closed = stateWith('x', 1)
    closed.sessions.clear()
    expect(whatDiffers(stateWith('x', 1), closed)).toContain('session')
  })
})
