import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CreateFlag, OpCode } from '../jute/op-codes'
import type { Clock } from '../platform/clock'
import type { BareSession } from '../testing/coordination-kit'
import { CoordinationKit } from '../testing/coordination-kit'
import type { CoordinationServer } from './coordination-server'

let kit: CoordinationKit
let server: CoordinationServer

beforeEach(async () => {
  kit = new CoordinationKit()
  server = await kit.start()
})
afterEach(async () => {
  await server.stop()
})

describe('a session', () => {
  it.each([
    [1, 500],
    [1500, 1500],
    [10 ** 9, 60_000],
  ])('that asks for %i ms is given %i', async (asked, given) => {
    expect((await kit.connect(kit.bare(), { timeOut: asked }))?.timeoutMs).toBe(given)
  })

  it('is resumed by its password on a new connection, and the old one is closed', async () => {
    const [first, second] = [kit.bare(), kit.bare()]
    const session = (await kit.connect(first)) as BareSession
    const resumed = await kit.connect(second, { session })
    await kit.settle()
    expect(resumed).toEqual(session)
    expect(first.isClosed).toBe(true)
    expect(server.statistics()).toMatchObject({ sessionCount: 1, connectionCount: 1 })
  })

  it('is not resumed by a wrong password, and the connection that has it stays', async () => {
    const first = kit.bare()
    const session = (await kit.connect(first)) as BareSession
    const thief = kit.bare()
    expect(await kit.connect(thief, { session: { ...session, password: new Uint8Array(16) } })).toEqual({
      id: 0n,
      password: Buffer.alloc(16),
      timeoutMs: 0,
    })
    expect(thief.isClosed).toBe(true)
    expect(first.isClosed).toBe(false)
  })

  it('is not resumed when it is unknown', async () => {
    const stranger = kit.bare()
    expect((await kit.connect(stranger, { session: { id: 77n, password: new Uint8Array(16), timeoutMs: 0 } }))?.timeoutMs).toBe(0)
    expect(stranger.isClosed).toBe(true)
  })

  it('of a client that has seen a later zxid is refused without an answer', async () => {
    const ahead = kit.bare()
    expect(await kit.connect(ahead, { lastZxidSeen: 1000n })).toBeNull()
    expect(ahead.isClosed).toBe(true)
  })

  it('expires when nothing comes from it: its ephemerals go, and who watches them is told', async () => {
    const expired: { sessionId: bigint; ephemerals: readonly string[] }[] = []
    await server.stop()
    server = await kit.start({ onDidExpireSession: (event) => expired.push(event) })
    const silent = kit.bare()
    const session = await kit.connect(silent, { timeOut: 1000 })
    silent.create(1, OpCode.CREATE, '/mine', CreateFlag.EPHEMERAL)
    const watching = kit.client('watching', 5000)
    await kit.settle()
    const events: string[] = []
    await watching.exists('/mine', ({ type, path }) => events.push(`${type} ${path}`))
    const start = kit.clock.now
    while (expired.length === 0) await kit.pass(10, 10)
    const passedMs = kit.clock.now - start
    expect(passedMs).toBeGreaterThanOrEqual(1000)
    expect(passedMs).toBeLessThanOrEqual(1200)
    expect(expired[0]).toMatchObject({ sessionId: session?.id, ephemerals: ['/mine'] })
    expect(silent.isClosed).toBe(true)
    expect(events).toEqual(['deleted /mine'])
  })

  it('is kept as long as anything comes from it', async () => {
    const connection = kit.bare()
    await kit.connect(connection, { timeOut: 1000 })
    for (let count = 0; count < 10; count++) {
      await kit.pass(600, 100)
      connection.packet(-2, OpCode.PING)
      await kit.settle()
    }
    expect(connection.headers()).toHaveLength(10)
    expect(server.statistics().sessionCount).toBe(1)
  })

  it('does not expire because the server itself stood still', async () => {
    let stoodStillMs = 0
    let tick: () => void = () => {}
    const clock: Clock = {
      nowMs: () => kit.clock.nowMs(),
      monotonicMs: () => kit.clock.monotonicMs() + stoodStillMs,
      setTimer: (delayMs, callback) => kit.clock.setTimer(delayMs, callback),
      setTicker: (_intervalMs, callback) => {
        tick = callback
        return { cancel: () => {} }
      },
      defer: (callback) => kit.clock.defer(callback),
    }
    await server.stop()
    server = await kit.start({ platform: { ...kit.platform, clock } })
    await kit.connect(kit.bare(), { timeOut: 1000 })
    // A suspended machine: the next tick comes ten seconds late, and what clients have sent meanwhile is read after it.
    stoodStillMs = 10_000
    tick()
    expect(server.statistics().sessionCount).toBe(1)
    for (let count = 0; count < 12; count++) {
      stoodStillMs += 100
      tick()
    }
    expect(server.statistics().sessionCount).toBe(0)
  })

  it('has its whole time-out again after a restart of the server, with its ephemerals', async () => {
    const session = (await kit.connect(kit.bare(), { timeOut: 1000 })) as BareSession
    await kit.pass(900)
    await server.stop()
    server = await kit.start()
    await kit.pass(900)
    const connection = kit.bare()
    expect((await kit.connect(connection, { session, timeOut: 1000 }))?.id).toBe(session.id)
    await kit.pass(1300)
    expect(server.statistics().sessionCount).toBe(0)
  })

  it('that is closed is answered, and then its connection ends', async () => {
    const connection = kit.bare()
    const session = (await kit.connect(connection)) as BareSession
    connection.packet(1, OpCode.CLOSE_SESSION)
    connection.packet(2, OpCode.PING)
    await kit.settle()
    expect(connection.headers().map(({ xid, err }) => [xid, err])).toEqual([[1, 0]])
    expect(connection.isClosed).toBe(true)
    expect((await kit.connect(kit.bare(), { session }))?.timeoutMs).toBe(0)
  })

  it('that is never opened is closed after ten seconds', async () => {
    const half = kit.bare()
    await kit.pass(9900, 100)
    expect(half.isClosed).toBe(false)
    await kit.pass(300, 100)
    expect(half.isClosed).toBe(true)
  })
})
