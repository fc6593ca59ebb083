/**
 * What a broker does about clients that are broken, hostile or mistaken: answers as Kafka does or closes that one connection, says so once, and
 * goes on. One broker, real sockets, bytes made by hand.
 */
import { connect, type Socket } from 'node:net'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { type LoggedLine, TestCluster } from '../testing/cluster-kit'
import { ErrorCode } from '../wire/errors'
import { encodeRequest } from '../wire/frames'
import { ApiVersions, CreateTopics, Fetch, InitProducerId, ListOffsets, Metadata, Produce } from '../wire/messages'
import { encodeBatch } from '../wire/records'
import { Writer } from '../wire/writer'

const IDLE_MS = 400
let cluster: TestCluster
let port: number

beforeAll(async () => {
  cluster = await TestCluster.start(1, {
    configs: { 'connections.max.idle.ms': String(IDLE_MS), 'socket.request.max.bytes': '4000000' },
  })
  port = cluster.broker(1).port
  const { topics } = await cluster.connect(1).request(CreateTopics, {
    topics: [
      {
        name: 'orders',
        numPartitions: 1,
        replicationFactor: 1,
        assignments: [],
        configs: [{ name: 'max.message.bytes', value: '1000' }],
      },
    ],
  })
  expect(topics[0]!.errorCode).toBe(ErrorCode.NONE)
})
afterAll(() => cluster.close())

let firstLine = 0
beforeEach(() => {
  firstLine = cluster.logger.lines.length
})

/** What was logged since the test began, at warn and above. */
function problems(): LoggedLine[] {
  return cluster.logger.lines.slice(firstLine).filter(({ level }) => level === 'warn' || level === 'error')
}

class RawClient {
  readonly closed: Promise<void>
  private received = Buffer.alloc(0)
  private wake = () => undefined as unknown

  private constructor(private readonly socket: Socket) {
    this.closed = new Promise((resolve) => socket.on('close', () => resolve()))
    socket.on('error', () => undefined)
    socket.on('data', (chunk) => {
      this.received = Buffer.concat([this.received, chunk])
      this.wake()
    })
  }

  static open(): Promise<RawClient> {
    return new Promise((resolve) => {
      const socket: Socket = connect(port, '127.0.0.1', () => resolve(new RawClient(socket)))
    })
  }

  send(bytes: Uint8Array): void {
    this.socket.write(bytes)
  }

  /** The next response, without its size. */
  async frame(): Promise<Buffer> {
    for (;;) {
      if (this.received.length >= 4) {
        const end = 4 + this.received.readInt32BE(0)
        if (this.received.length >= end) {
          const frame = this.received.subarray(4, end)
          this.received = this.received.subarray(end)
          return frame
        }
      }
      await new Promise<void>((resolve) => {
        this.wake = resolve
      })
    }
  }

  destroy(): void {
    this.socket.destroy()
  }
}

function requestOf(apiKey: number, apiVersion: number, body = Buffer.alloc(0)): Buffer {
  const header = Buffer.alloc(14)
  header.writeInt32BE(10 + body.length, 0)
  header.writeInt16BE(apiKey, 4)
  header.writeInt16BE(apiVersion, 6)
  header.writeInt32BE(7, 8)
  header.writeInt16BE(-1, 12)
  return Buffer.concat([header, body])
}

function produceBody(topic: string, partition: number, value: Uint8Array, acks = 1) {
  const records = encodeBatch({ records: [{ timestamp: 1n, key: null, value, headers: [] }] })
  return { acks, timeoutMs: 1000, topicData: [{ name: topic, partitionData: [{ index: partition, records }] }] }
}

async function expectStillServing(): Promise<void> {
  const connection = cluster.connect(1)
  const answer = await connection.request(Metadata, { topics: null })
  expect(answer.topics.map(({ name }) => name)).toEqual(['orders'])
  connection.close()
}

async function expectClosed(bytes: Uint8Array, reason: RegExp): Promise<void> {
  const client = await RawClient.open()
  client.send(bytes)
  await client.closed
  await expectStillServing()
  expect(problems()).toHaveLength(1)
  expect(String(problems()[0]!.fields['reason'])).toMatch(reason)
}

it('closes on a frame that announces more than may be', () => expectClosed(Buffer.from([0x7f, 0xff, 0xff, 0xff]), /2147483647/))
it('closes on a negative size', () => expectClosed(Buffer.from([0xff, 0xff, 0xff, 0xff]), /-1/))
it('closes on a frame too short for a header', () => expectClosed(Buffer.from([0, 0, 0, 3, 1, 2, 3]), /header/))
it('closes on somebody else’s protocol', () => expectClosed(Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'), /./))
it('closes on an API that it does not have', () => expectClosed(requestOf(999, 0), /API key 999/))
it('closes on a version that it does not have', () => expectClosed(requestOf(Fetch.key, 99), /Fetch version 99.*4-17/))
it('closes on the produce versions that it only advertises', () => expectClosed(requestOf(Produce.key, 2), /Produce version 2/))
it('closes on a body that cannot be decoded', () =>
  expectClosed(requestOf(Metadata.key, 1, Buffer.from([0x7f, 0xff, 0xff, 0xff])), /Metadata request, version 1/))

it('answers an ApiVersions of a version that it does not have in version 0, with the range of ApiVersions (KIP-511)', async () => {
  const client = await RawClient.open()
  client.send(requestOf(ApiVersions.key, 77))
  const frame = await client.frame()
  expect(frame.readInt32BE(0)).toBe(7)
  expect(frame.readInt16BE(4)).toBe(ErrorCode.UNSUPPORTED_VERSION)
  expect(frame.readInt32BE(6)).toBe(1)
  expect([frame.readInt16BE(10), frame.readInt16BE(12), frame.readInt16BE(14)]).toEqual([ApiVersions.key, 0, 4])
  client.destroy()
  expect(problems()).toEqual([])
})

it('refuses a client whose name is no name', async () => {
  const answer = await cluster
    .connect(1)
    .request(ApiVersions, { clientSoftwareName: 'a b', clientSoftwareVersion: '1' }, { version: 3 })
  expect(answer.errorCode).toBe(ErrorCode.INVALID_REQUEST)
})

it('closes connections that have been silent for too long, half a frame or none', async () => {
  const silent = await RawClient.open()
  const half = await RawClient.open()
  half.send(Buffer.from([0, 0, 0, 50, 0, 3]))
  await Promise.all([silent.closed, half.closed])
  await expectStillServing()
  expect(problems()).toEqual([])
})

it('answers in the order of the requests, and nothing to acks=0', async () => {
  const client = await RawClient.open()
  const writer = new Writer()
  // Parked for a while, then one without a response, then one that could be answered at once.
  const partitions = [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 100 }]
  encodeRequest(writer, ListOffsets, 1, 1, 't', { replicaId: -1, topics: [] })
  encodeRequest(writer, Fetch, 4, 2, 't', { maxWaitMs: 150, minBytes: 1_000_000, topics: [{ topic: 'orders', partitions }] })
  encodeRequest(writer, Produce, 3, 3, 't', produceBody('orders', 0, Buffer.from('x'), 0))
  encodeRequest(writer, Metadata, 1, 4, 't', { topics: [] })
  client.send(writer.bytes())
  expect((await client.frame()).readInt32BE(0)).toBe(1)
  expect((await client.frame()).readInt32BE(0)).toBe(2)
  expect((await client.frame()).readInt32BE(0)).toBe(4)
  client.destroy()
})

it('closes where an unacknowledged produce fails, so that the client looks for the leader', async () => {
  const client = await RawClient.open()
  const writer = new Writer()
  encodeRequest(writer, Produce, 3, 1, 't', produceBody('missing', 0, Buffer.from('x'), 0))
  client.send(writer.bytes())
  await client.closed
  expect(problems()).toHaveLength(1)
})

it.each([
  ['a topic that does not exist', produceBody('missing', 0, Buffer.from('x')), ErrorCode.UNKNOWN_TOPIC_OR_PARTITION],
  ['a partition that does not exist', produceBody('orders', 5, Buffer.from('x')), ErrorCode.UNKNOWN_TOPIC_OR_PARTITION],
  ['a message over the limit', produceBody('orders', 0, Buffer.alloc(2000)), ErrorCode.MESSAGE_TOO_LARGE],
  ['acks that there are not', produceBody('orders', 0, Buffer.from('x'), 2), ErrorCode.INVALID_REQUIRED_ACKS],
])('refuses a produce with %s', async (_what, body, errorCode) => {
  const answer = await cluster.connect(1).request(Produce, body)
  expect(answer.responses[0]!.partitionResponses[0]).toMatchObject({ errorCode, baseOffset: -1 })
})

it('refuses records whose checksum does not fit', async () => {
  const body = produceBody('orders', 0, Buffer.from('will be damaged'))
  const { records } = body.topicData[0]!.partitionData[0]!
  records[records.length - 2]! ^= 1
  const answer = await cluster.connect(1).request(Produce, body)
  expect(answer.responses[0]!.partitionResponses[0]!.errorCode).toBe(ErrorCode.CORRUPT_MESSAGE)
})

it('refuses two batches for one partition, and none', async () => {
  const { records } = produceBody('orders', 0, Buffer.from('x')).topicData[0]!.partitionData[0]!
  for (const bytes of [Buffer.concat([records, records]), Buffer.alloc(0), null]) {
    const body = { acks: 1, timeoutMs: 1000, topicData: [{ name: 'orders', partitionData: [{ index: 0, records: bytes }] }] }
    const answer = await cluster.connect(1).request(Produce, body)
    expect(answer.responses[0]!.partitionResponses[0]!.errorCode).toBe(ErrorCode.INVALID_RECORD)
  }
})

it('refuses one partition whose batch has an impossible length, and takes the others of the request', async () => {
  const { records } = produceBody('orders', 0, Buffer.from('x')).topicData[0]!.partitionData[0]!
  const broken = Buffer.from(records)
  broken.writeInt32BE(-1_516_253_502, 8)
  const topicOf = (bytes: Uint8Array) => ({ name: 'orders', partitionData: [{ index: 0, records: bytes }] })
  const body = { acks: 1, timeoutMs: 1000, topicData: [topicOf(broken), topicOf(records)] }
  const answer = await cluster.connect(1).request(Produce, body)
  expect(answer.responses.flatMap(({ partitionResponses }) => partitionResponses.map(({ errorCode }) => errorCode))).toEqual([
    ErrorCode.CORRUPT_MESSAGE,
    ErrorCode.NONE,
  ])
  expect(problems()).toEqual([])
})

it('refuses a topic of two thousand million partitions, and many that come to as much together', async () => {
  const topicOf = (name: string, numPartitions: number) => ({
    name,
    numPartitions,
    replicationFactor: 1,
    assignments: [],
    configs: [],
  })
  const answer = await cluster.connect(1).request(CreateTopics, {
    topics: [topicOf('vast', 2_147_483_647), topicOf('half', 6_000), topicOf('other-half', 6_000)],
    validateOnly: true,
  })
  expect(answer.topics.map(({ name, errorCode }) => [name, errorCode])).toEqual([
    ['vast', ErrorCode.POLICY_VIOLATION],
    ['half', ErrorCode.NONE],
    ['other-half', ErrorCode.POLICY_VIOLATION],
  ])
  await expectStillServing()
})

it('refuses a transactional id that is none, and transactions that may last for ever', async () => {
  const connection = cluster.connect(1)
  const none = await connection.request(InitProducerId, { transactionalId: '', transactionTimeoutMs: 1000 })
  expect(none).toMatchObject({ errorCode: ErrorCode.INVALID_REQUEST, producerId: -1n })
  const endless = await connection.request(InitProducerId, { transactionalId: 'mine', transactionTimeoutMs: 2_147_483_647 })
  expect(endless).toMatchObject({ errorCode: ErrorCode.INVALID_TRANSACTION_TIMEOUT, producerId: -1n })
})

it('says which offsets there are when asked for one that there is not', async () => {
  const partitions = [{ partition: 0, fetchOffset: 1_000_000, partitionMaxBytes: 100 }]
  const answer = await cluster
    .connect(1)
    .request(Fetch, { maxWaitMs: 0, minBytes: 0, topics: [{ topic: 'orders', partitions }] }, { version: 12 })
  expect(answer.responses[0]!.partitions[0]!.errorCode).toBe(ErrorCode.OFFSET_OUT_OF_RANGE)
})

it('knows a topic id that nobody has, and a session that it never gave', async () => {
  const topicId = 'AAAAAAAAAAAAAAAAAAAABQ'
  const partitions = [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 100 }]
  const byId = await cluster
    .connect(1)
    .request(Fetch, { maxWaitMs: 0, minBytes: 0, topics: [{ topicId, partitions }] }, { version: 13 })
  expect(byId.responses[0]!.partitions[0]!.errorCode).toBe(ErrorCode.UNKNOWN_TOPIC_ID)
  const session = await cluster
    .connect(1)
    .request(Fetch, { maxWaitMs: 0, minBytes: 0, sessionId: 5, sessionEpoch: 3, topics: [] }, { version: 12 })
  expect(session.errorCode).toBe(ErrorCode.FETCH_SESSION_ID_NOT_FOUND)
})

it.each([
  ['more replicas than brokers', { name: 'a', numPartitions: 1, replicationFactor: 3 }, ErrorCode.INVALID_REPLICATION_FACTOR],
  ['no partitions', { name: 'a', numPartitions: 0, replicationFactor: 1 }, ErrorCode.INVALID_PARTITIONS],
  ['a name that is none', { name: 'a/b', numPartitions: 1, replicationFactor: 1 }, ErrorCode.INVALID_TOPIC_EXCEPTION],
  ['a name that is taken', { name: 'orders', numPartitions: 1, replicationFactor: 1 }, ErrorCode.TOPIC_ALREADY_EXISTS],
  [
    'a config that is none',
    { name: 'a', numPartitions: 1, replicationFactor: 1, configs: [{ name: 'nonsense', value: '1' }] },
    ErrorCode.INVALID_CONFIG,
  ],
  [
    'a config out of range',
    { name: 'a', numPartitions: 1, replicationFactor: 1, configs: [{ name: 'min.insync.replicas', value: '0' }] },
    ErrorCode.INVALID_CONFIG,
  ],
  [
    'a config without a value',
    { name: 'a', numPartitions: 1, replicationFactor: 1, configs: [{ name: 'retention.ms', value: null }] },
    ErrorCode.INVALID_REQUEST,
  ],
])('does not create a topic with %s', async (_what, topic, errorCode) => {
  const answer = await cluster
    .connect(1)
    .request(CreateTopics, { topics: [{ assignments: [], configs: [], ...topic }], timeoutMs: 1000 })
  expect(answer.topics[0]!.errorCode).toBe(errorCode)
  expect(answer.topics[0]!.errorMessage).not.toBe(null)
  await expectStillServing()
})
