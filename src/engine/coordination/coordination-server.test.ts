import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { KeeperCode } from '../jute/error-codes'
import { MultiRequest, MultiResponse } from '../jute/multi'
import { CreateFlag, OpCode } from '../jute/op-codes'
import { JuteReader } from '../jute/reader'
import { PathAndVersionRequest, PathAndWatchRequest, ReplyHeader, SetDataRequest } from '../jute/records'
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

describe('answers', () => {
  it('come behind the events of the change, also to who made it', async () => {
    const connection = kit.bare()
    await kit.connect(connection)
    const path = '/zookeeper'
    connection.packet(1, OpCode.GET_DATA, (writer) => PathAndWatchRequest.write(writer, { path, watch: true }))
    connection.packet(2, OpCode.SET_DATA, (writer) => SetDataRequest.write(writer, { path, data: null, version: -1 }))
    connection.packet(3, OpCode.SET_DATA, (writer) => SetDataRequest.write(writer, { path, data: null, version: -1 }))
    await kit.settle()
    expect(connection.headers().map(({ xid }) => xid)).toEqual([1, -1, 2, 3])
  })

  it('wait for the disk, reads included, and come in the order of the requests', async () => {
    const connection = kit.bare()
    await kit.connect(connection)
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
    const connected = kit.connect(client)
    await kit.settle()
    finishSync()
    await connected
    void kit.connect(reader)
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
    expect([client.headers().length, reader.headers().length]).toEqual([1, 1])
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
        await kit.connect(connection)
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
      await kit.connect(connection)
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
    await kit.connect(connection)
    connection.packet(1, 999)
    await kit.settle()
    expect(connection.headers()).toMatchObject([{ xid: 1, err: KeeperCode.UNIMPLEMENTED }])
    expect(connection.isClosed).toBe(true)
  })

  it('answers a malformed body with MARSHALLINGERROR, and goes on', async () => {
    const connection = kit.bare()
    await kit.connect(connection)
    connection.packet(1, OpCode.CREATE, (writer) => writer.int(1000))
    connection.packet(2, OpCode.GET_DATA)
    connection.packet(3, OpCode.MULTI)
    connection.packet(-2, OpCode.PING)
    await kit.settle()
    expect(connection.headers().map(({ err }) => err)).toEqual([-5, -5, -5, 0])
  })

  it('answers a multi that fails with OK and an error for each operation', async () => {
    const connection = kit.bare()
    await kit.connect(connection)
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
    expect(connection.headers()[1]).toMatchObject({ xid: 2, err: KeeperCode.NONODE })
  })

  it('removes containers whose last child has gone', async () => {
    const connection = kit.bare()
    await kit.connect(connection, { timeOut: 60_000 })
    connection.create(1, OpCode.CREATE_CONTAINER, '/used', CreateFlag.CONTAINER)
    connection.create(2, OpCode.CREATE_CONTAINER, '/fresh', CreateFlag.CONTAINER)
    connection.create(3, OpCode.CREATE, '/used/child', CreateFlag.PERSISTENT)
    connection.packet(4, OpCode.DELETE, (writer) => PathAndVersionRequest.write(writer, { path: '/used/child', version: -1 }))
    await kit.settle()
    expect(connection.headers().map(({ err }) => err)).toEqual([0, 0, 0, 0])
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
