import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { KeeperCode } from '../jute/error-codes'
import { MultiRequest, MultiResponse } from '../jute/multi'
import { CreateFlag, OpCode } from '../jute/op-codes'
import { JuteReader } from '../jute/reader'
import {
  ConnectRequest,
  ConnectResponse,
  CreateRequest,
  PathAndVersionRequest,
  PathAndWatchRequest,
  ReplyHeader,
  SetDataRequest,
} from '../jute/records'
import { JuteWriter } from '../jute/writer'
import type { Clock } from '../platform/clock'
import type { BareConnection } from '../testing/coordination-kit'
import { CoordinationKit, dataDirectory } from '../testing/coordination-kit'
import { seededRandom } from '../testing/storage-kit'
import { OPEN_ACL } from './access'
import { CoordinationServer } from './coordination-server'

let kit: CoordinationKit
let server: CoordinationServer

beforeEach(async () => {
  kit = new CoordinationKit()
  server = await kit.start()
})
afterEach(async () => {
  await server.stop()
})

interface Session {
  readonly id: bigint
  readonly password: Uint8Array
  readonly timeoutMs: number
}

async function connect(
  connection: BareConnection,
  {
    session = null,
    timeOut = 1500,
    lastZxidSeen = 0n,
  }: { session?: Session | null; timeOut?: number; lastZxidSeen?: bigint } = {},
): Promise<Session | null> {
  const writer = new JuteWriter()
  const start = writer.beginFrame()
  const passwd = session?.password ?? new Uint8Array(16)
  ConnectRequest.write(writer, {
    protocolVersion: 0,
    lastZxidSeen,
    timeOut,
    sessionId: session?.id ?? 0n,
    passwd,
    readOnly: false,
  })
  writer.endFrame(start)
  connection.send(writer.bytes())
  await kit.settle()
  const packet = connection.packets.shift()
  if (packet === undefined) return null
  const reply = ConnectResponse.read(new JuteReader(packet))
  return { id: reply.sessionId, password: Buffer.from(reply.passwd ?? []), timeoutMs: reply.timeOut }
}

function create(connection: BareConnection, xid: number, type: number, path: string, flags: number): void {
  connection.packet(xid, type, (writer) => CreateRequest.write(writer, { path, data: null, acl: OPEN_ACL, flags }))
}

const headers = (connection: BareConnection) =>
  connection.packets.splice(0).map((packet) => ReplyHeader.read(new JuteReader(packet)))

async function ask(word: string): Promise<string> {
  const connection = kit.bare()
  connection.send(Buffer.from(word))
  await kit.settle()
  expect(connection.isClosed).toBe(true)
  return connection.text
}

describe('a session', () => {
  it.each([
    [1, 500],
    [1500, 1500],
    [10 ** 9, 60_000],
  ])('that asks for %i ms is given %i', async (asked, given) => {
    expect((await connect(kit.bare(), { timeOut: asked }))?.timeoutMs).toBe(given)
  })

  it('is resumed by its password on a new connection, and the old one is closed', async () => {
    const [first, second] = [kit.bare(), kit.bare()]
    const session = (await connect(first)) as Session
    const resumed = await connect(second, { session })
    await kit.settle()
    expect(resumed).toEqual(session)
    expect(first.isClosed).toBe(true)
    expect(server.statistics()).toMatchObject({ sessionCount: 1, connectionCount: 1 })
  })

  it('is not resumed by a wrong password, and the connection that has it stays', async () => {
    const first = kit.bare()
    const session = (await connect(first)) as Session
    const thief = kit.bare()
    expect(await connect(thief, { session: { ...session, password: new Uint8Array(16) } })).toEqual({
      id: 0n,
      password: Buffer.alloc(16),
      timeoutMs: 0,
    })
    expect(thief.isClosed).toBe(true)
    expect(first.isClosed).toBe(false)
  })

  it('is not resumed when it is unknown', async () => {
    const stranger = kit.bare()
    expect((await connect(stranger, { session: { id: 77n, password: new Uint8Array(16), timeoutMs: 0 } }))?.timeoutMs).toBe(0)
    expect(stranger.isClosed).toBe(true)
  })

  it('of a client that has seen a later zxid is refused without an answer', async () => {
    const ahead = kit.bare()
    expect(await connect(ahead, { lastZxidSeen: 1000n })).toBeNull()
    expect(ahead.isClosed).toBe(true)
  })

  it('expires when nothing comes from it: its ephemerals go, and who watches them is told', async () => {
    const expired: { sessionId: bigint; ephemerals: readonly string[] }[] = []
    await server.stop()
    server = await kit.start({ onDidExpireSession: (event) => expired.push(event) })
    const silent = kit.bare()
    const session = await connect(silent, { timeOut: 1000 })
    create(silent, 1, OpCode.CREATE, '/mine', CreateFlag.EPHEMERAL)
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
    await connect(connection, { timeOut: 1000 })
    for (let count = 0; count < 10; count++) {
      await kit.pass(600, 100)
      connection.packet(-2, OpCode.PING)
      await kit.settle()
    }
    expect(headers(connection)).toHaveLength(10)
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
    await connect(kit.bare(), { timeOut: 1000 })
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
    const session = (await connect(kit.bare(), { timeOut: 1000 })) as Session
    await kit.pass(900)
    await server.stop()
    server = await kit.start()
    await kit.pass(900)
    const connection = kit.bare()
    expect((await connect(connection, { session, timeOut: 1000 }))?.id).toBe(session.id)
    await kit.pass(1300)
    expect(server.statistics().sessionCount).toBe(0)
  })

  it('that is closed is answered, and then its connection ends', async () => {
    const connection = kit.bare()
    const session = (await connect(connection)) as Session
    connection.packet(1, OpCode.CLOSE_SESSION)
    connection.packet(2, OpCode.PING)
    await kit.settle()
    expect(headers(connection).map(({ xid, err }) => [xid, err])).toEqual([[1, 0]])
    expect(connection.isClosed).toBe(true)
    expect((await connect(kit.bare(), { session }))?.timeoutMs).toBe(0)
  })

  it('that is never opened is closed after ten seconds', async () => {
    const half = kit.bare()
    await kit.pass(9900, 100)
    expect(half.isClosed).toBe(false)
    await kit.pass(300, 100)
    expect(half.isClosed).toBe(true)
  })
})

describe('answers', () => {
  it('come behind the events of the change, also to who made it', async () => {
    const connection = kit.bare()
    await connect(connection)
    const path = '/zookeeper'
    connection.packet(1, OpCode.GET_DATA, (writer) => PathAndWatchRequest.write(writer, { path, watch: true }))
    connection.packet(2, OpCode.SET_DATA, (writer) => SetDataRequest.write(writer, { path, data: null, version: -1 }))
    connection.packet(3, OpCode.SET_DATA, (writer) => SetDataRequest.write(writer, { path, data: null, version: -1 }))
    await kit.settle()
    expect(headers(connection).map(({ xid }) => xid)).toEqual([1, -1, 2, 3])
  })

  it('wait for the disk, reads included, and come in the order of the requests', async () => {
    const connection = kit.bare()
    await connect(connection)
    let finishSync: () => void = () => {}
    const open = kit.disk.open.bind(kit.disk)
    await server.stop()
    kit.disk.open = (path, mode) => {
      const file = open(path, mode)
      return { ...file, sync: () => new Promise((resolve) => (finishSync = resolve)) }
    }
    server = await kit.start()
    const client = kit.bare()
    const reader = kit.bare()
    const connected = connect(client)
    await kit.settle()
    finishSync()
    await connected
    void connect(reader)
    await kit.settle()
    finishSync()
    await kit.settle()
    client.packets.length = 0
    reader.packets.length = 0
    client.packet(1, OpCode.SET_DATA, (writer) =>
      SetDataRequest.write(writer, { path: '/zookeeper', data: Buffer.from('x'), version: -1 }),
    )
    await kit.settle()
    reader.packet(1, OpCode.GET_DATA, (writer) => PathAndWatchRequest.write(writer, { path: '/zookeeper', watch: false }))
    await kit.settle()
    expect([client.packets.length, reader.packets.length]).toEqual([0, 0])
    finishSync()
    await kit.settle()
    expect([headers(client).length, headers(reader).length]).toEqual([1, 1])
  })

  it('are no more when the log cannot be written, and the owner is told', async () => {
    const failures: unknown[] = []
    await server.stop()
    server = await kit.start({ onFailure: (error) => failures.push(error) })
    const client = kit.client()
    await kit.settle()
    kit.disk.fail = (operation) => (operation === 'write' ? 'no-space' : null)
    await expect(client.create('/lost', '')).rejects.toMatchObject({ name: 'CONNECTIONLOSS' })
    kit.disk.fail = null
    expect(failures).toHaveLength(1)
  })
})

describe('a server', () => {
  it('survives any bytes: it closes their connection, and only that', async () => {
    const random = seededRandom(5)
    const good = kit.client('good', 60_000)
    await good.create('/good', '1')
    for (let round = 0; round < 300; round++) {
      const connection = kit.bare()
      // Half of them get as far as requests, with a right header and a random body.
      if (round % 2 === 0) {
        await connect(connection)
        const types = Object.values(OpCode)
        for (let count = 0; count < 5; count++) {
          const type = random.below(4) === 0 ? random.below(300) - 50 : (types[random.below(types.length)] as number)
          connection.packet(count, type, (writer) => writer.raw(random.bytes(random.below(60))))
        }
      } else connection.send(random.bytes(1 + random.below(200)))
      await kit.settle()
      connection.close()
    }
    expect((await good.getData('/good'))?.data.toString()).toBe('1')
    const again = (await good.create('/good/child', '')).path
    expect(again).toBe('/good/child')
  })

  it('closes a connection that announces too large or negative a packet, once it has a session', async () => {
    for (const length of [0x100000, -1, 0x72756f6b]) {
      const connection = kit.bare()
      await connect(connection)
      const head = Buffer.alloc(4)
      head.writeInt32BE(length)
      connection.send(head)
      await kit.settle()
      expect(connection.isClosed).toBe(true)
      expect(connection.text).not.toContain('imok')
    }
    expect(kit.logger.problems).toHaveLength(3)
  })

  it('answers an operation that it does not know, and closes', async () => {
    const connection = kit.bare()
    await connect(connection)
    connection.packet(1, 999)
    await kit.settle()
    expect(headers(connection)).toMatchObject([{ xid: 1, err: KeeperCode.UNIMPLEMENTED }])
    expect(connection.isClosed).toBe(true)
  })

  it('answers a malformed body with MARSHALLINGERROR, and goes on', async () => {
    const connection = kit.bare()
    await connect(connection)
    connection.packet(1, OpCode.CREATE, (writer) => writer.int(1000))
    connection.packet(2, OpCode.GET_DATA)
    connection.packet(3, OpCode.MULTI)
    connection.packet(-2, OpCode.PING)
    await kit.settle()
    expect(headers(connection).map(({ err }) => err)).toEqual([-5, -5, -5, 0])
  })

  it('answers a multi that fails with OK and an error for each operation', async () => {
    const connection = kit.bare()
    await connect(connection)
    const persistent = { data: null, acl: OPEN_ACL, flags: CreateFlag.PERSISTENT }
    connection.packet(1, OpCode.MULTI, (writer) =>
      MultiRequest.write(writer, [
        { type: OpCode.CREATE, path: '/a', ...persistent },
        { type: OpCode.CREATE, path: '/a/b/c', ...persistent },
        { type: OpCode.DELETE, path: '/a', version: -1 },
      ]),
    )
    connection.packet(2, OpCode.EXISTS, (writer) => PathAndWatchRequest.write(writer, { path: '/a', watch: false }))
    await kit.settle()
    const reader = new JuteReader(connection.packets[0] as Buffer)
    expect(ReplyHeader.read(reader)).toMatchObject({ xid: 1, zxid: 2n, err: 0 })
    expect(MultiResponse.read(reader)).toEqual([0, -101, -2].map((err) => ({ type: OpCode.ERROR, err })))
    expect(headers(connection)[1]).toMatchObject({ xid: 2, err: KeeperCode.NONODE })
  })

  it('removes containers whose last child has gone', async () => {
    const connection = kit.bare()
    await connect(connection, { timeOut: 60_000 })
    create(connection, 1, OpCode.CREATE_CONTAINER, '/used', CreateFlag.CONTAINER)
    create(connection, 2, OpCode.CREATE_CONTAINER, '/fresh', CreateFlag.CONTAINER)
    create(connection, 3, OpCode.CREATE, '/used/child', CreateFlag.PERSISTENT)
    connection.packet(4, OpCode.DELETE, (writer) => PathAndVersionRequest.write(writer, { path: '/used/child', version: -1 }))
    await kit.settle()
    expect(headers(connection).map(({ err }) => err)).toEqual([0, 0, 0, 0])
    await kit.pass(61_000, 1000)
    const client = kit.client('looking', 60_000)
    expect([await client.exists('/used'), (await client.exists('/fresh'))?.numChildren]).toEqual([null, 0])
  })

  it('says that its port is taken, and leaves the folder as it is', async () => {
    const starting = CoordinationServer.start({
      platform: kit.platform,
      host: '127.0.0.1',
      port: kit.port,
      dataDirectory: '/other',
    })
    await expect(starting).rejects.toMatchObject({ kind: 'address-in-use' })
    expect(kit.disk.exists(`${dataDirectory}/version-2`)).toBe(true)
  })
})

describe('a four-letter word', () => {
  it('is answered in ZooKeeper’s format', async () => {
    const client = kit.client('watcher')
    await client.create('/e', 'x', { ephemeral: true })
    await client.getData('/e', () => {})
    await client.getChildren('/', () => {})
    const id = `0x${client.sessionId.toString(16)}`
    expect(await ask('ruok')).toBe('imok')
    expect(await ask('isro')).toBe('rw')
    const srvr = await ask('srvr')
    expect(srvr).toMatch(
      /^Zookeeper version: 3\.8\.0-\S+, built on .*\nLatency min\/avg\/max: \d+\/[\d.]+\/\d+\nReceived: \d+\nSent: \d+\nConnections: 2\nOutstanding: 0\nZxid: 0x2\nMode: standalone\nNode count: 6\n$/,
    )
    expect(await ask('stat')).toMatch(
      /Clients:\n \/127\.0\.0\.1:\d+\[1\]\(queued=0,recved=\d+,sent=\d+\)\n \/127\.0\.0\.1:\d+\[0\]\(queued=0,recved=1,sent=0\)\n\nLatency/,
    )
    expect(await ask('wchs')).toBe('1 connections watching 1 paths\nTotal watches:1\n')
    expect(await ask('wchc')).toBe(`${id}\n\t/e\n\n`)
    expect(await ask('wchp')).toBe(`/e\n\t${id}\n\n`)
    expect(await ask('dump')).toContain(`ephemeral nodes dump:\nSessions with Ephemerals (1):\n${id}:\n\t/e\n`)
    expect(await ask('dump')).toMatch(
      /^SessionTracker dump:\nSession Sets \(1\)\/\(1\):\n1 expire at Tue Nov 14 22:13:\d\d UTC 2023:\n/,
    )
    expect(await ask('cons')).toMatch(
      new RegExp(`\\[1\\]\\(queued=0,recved=\\d+,sent=\\d+,sid=${id},lop=\\w+,est=\\d+,to=1500,lcxid=0x\\d+,lzxid=0x2,`),
    )
    const mntr = new Map(
      (await ask('mntr'))
        .trimEnd()
        .split('\n')
        .map((line) => line.split('\t') as [string, string]),
    )
    expect(Object.fromEntries(mntr)).toMatchObject({
      zk_server_state: 'standalone',
      zk_znode_count: '6',
      zk_ephemerals_count: '1',
      zk_watch_count: '2',
    })
    expect(await ask('conf')).toContain(`clientPort=${kit.port}\n`)
    expect(await ask('envi')).toMatch(/^Environment:\n/)
    expect(await ask('crst')).toBe('Connection stats reset.\n')
    expect(await ask('srst')).toBe('Server stats reset.\n')
  })

  it('that is none is answered with nothing', async () => {
    expect(await ask('xxxx')).toBe('')
  })
})
