import { describe, expect, it } from 'vitest'
import { KeeperCode } from '../../jute/error-codes'
import { MultiRequest, MultiResponse } from '../../jute/multi'
import { OpCode } from '../../jute/op-codes'
import {
  ConnectRequest,
  ConnectResponse,
  PathAndWatchRequest,
  ReplyHeader,
  RequestHeader,
  WatcherEvent,
} from '../../jute/records'
import { JuteWriter } from '../../jute/writer'
import { ErrorCode } from '../../wire/errors'
import { encodeRequest, encodeResponse } from '../../wire/frames'
import { AlterPartition, DescribeCluster, Fetch, LeaderAndIsr, Produce } from '../../wire/messages'
import { encodeBatch } from '../../wire/records'
import { Writer } from '../../wire/writer'
import { FrameTrace } from './frame-trace'

const TOPIC_ID = 'AAAAAAAAAAAAAAAAAAAAAQ'

function setUp() {
  const lines: string[] = []
  const trace = new FrameTrace((who, text) => lines.push(`${who}: ${text}`))
  const send = (from: string, isFromOpener: boolean, bytes: Uint8Array, connectionId = 1, serverPort = 9001) =>
    trace.onSend({
      connectionId,
      from: { name: from },
      toHost: serverPort === 2181 ? '10.0.0.100' : '10.0.0.1',
      serverPort,
      isFromOpener,
      bytes,
    })
  return { lines, send }
}

function written(write: (writer: Writer) => void): Buffer {
  const writer = new Writer()
  write(writer)
  return Buffer.from(writer.bytes())
}

function packet(write: (writer: JuteWriter) => void): Buffer {
  const writer = new JuteWriter()
  const start = writer.beginFrame()
  write(writer)
  writer.endFrame(start)
  return Buffer.from(writer.bytes())
}

const fetchRequest = written((writer) =>
  encodeRequest(writer, Fetch, 16, 55, 'broker-2', {
    replicaState: { replicaId: 2, replicaEpoch: 7 },
    maxWaitMs: 500,
    minBytes: 1,
    topics: [
      {
        topicId: TOPIC_ID,
        partitions: [
          { partition: 0, currentLeaderEpoch: 3, fetchOffset: 105, lastFetchedEpoch: 2, logStartOffset: 0, partitionMaxBytes: 1 },
        ],
      },
    ],
    forgottenTopicsData: [],
  }),
)

const leaderAndIsr = written((writer) =>
  encodeRequest(writer, LeaderAndIsr, 7, 1, null, {
    controllerId: 3,
    controllerEpoch: 4,
    type: 0,
    liveLeaders: [],
    topicStates: [
      {
        topicName: 't0',
        topicId: TOPIC_ID,
        partitionStates: [
          {
            partitionIndex: 0,
            controllerEpoch: 4,
            leader: 1,
            leaderEpoch: 3,
            isr: [1, 2],
            partitionEpoch: 9,
            replicas: [1, 2, 3],
            isNew: true,
          },
        ],
      },
    ],
  }),
)

function batch(baseOffset: number, partitionLeaderEpoch: number): Uint8Array {
  const record = { key: null, value: Buffer.from('a'), headers: [], timestamp: 1_700_000_000_000n }
  const sequences = { producerId: 9n, producerEpoch: 0, baseSequence: 12 }
  return Buffer.from(encodeBatch({ records: [record, record], baseOffset, partitionLeaderEpoch, ...sequences }))
}

describe('the trace of frames', () => {
  it('says what was asked and what was answered, and knows topics by the name that went with their id', () => {
    const { lines, send } = setUp()
    send('broker-3', true, leaderAndIsr, 7)
    send('broker-2', true, fetchRequest)
    const records = Buffer.concat([batch(105, 3), batch(107, 3)])
    send(
      'broker-1',
      false,
      written((writer) =>
        encodeResponse(writer, Fetch, 16, 55, {
          errorCode: 0,
          responses: [
            {
              topicId: TOPIC_ID,
              partitions: [
                { partitionIndex: 0, errorCode: 0, highWatermark: 105, logStartOffset: 0, abortedTransactions: null, records },
              ],
            },
          ],
        }),
      ),
    )
    expect(lines).toEqual([
      'broker-3 → broker-1: LeaderAndIsr v7 #1 controller 3 epoch 4: t0-0 leader 1 epoch 3 partition epoch 9 ISR {1 2} of {1 2 3} new',
      'broker-2 → broker-1: Fetch v16 #55 (broker-2) replica 2, 500 ms: t0-0 @105 epoch 3 last 2 start 0',
      'broker-1 → broker-2: Fetch #55: t0-0 105–108 in 2 batches of epoch 3, high watermark 105, start 0',
    ])
  })

  it('puts frames together that come in pieces, and takes apart those that come together', () => {
    const { lines, send } = setUp()
    const both = Buffer.concat([leaderAndIsr, fetchRequest])
    for (let at = 0; at < both.length; at += 3) send('broker-3', true, both.subarray(at, at + 3))
    send('broker-3', true, both, 2)
    expect(lines).toHaveLength(4)
    expect(lines.slice(2)).toEqual(lines.slice(0, 2))
  })

  it('keeps no view on the sender’s buffer', () => {
    const { lines, send } = setUp()
    const first = Buffer.from(fetchRequest.subarray(0, 20))
    send('broker-2', true, first)
    first.fill(0xff)
    send('broker-2', true, fetchRequest.subarray(20))
    expect(lines).toEqual([expect.stringContaining('Fetch v16 #55')])
  })

  it('shows sequences of a producer and expects no answer to acks=0', () => {
    const { lines, send } = setUp()
    const produce = (acks: number, correlationId: number) =>
      written((writer) =>
        encodeRequest(writer, Produce, 9, correlationId, 'p', {
          acks,
          timeoutMs: 1000,
          topicData: [{ name: 't0', partitionData: [{ index: 1, records: batch(0, 0) }] }],
        }),
      )
    send('producer-1', true, produce(-1, 1))
    send('producer-1', true, produce(0, 2))
    const answer = (correlationId: number) =>
      written((writer) =>
        encodeResponse(writer, Produce, 9, correlationId, {
          responses: [
            {
              name: 't0',
              partitionResponses: [{ index: 1, errorCode: ErrorCode.NOT_ENOUGH_REPLICAS, baseOffset: -1, recordErrors: [] }],
            },
          ],
        }),
      )
    send('broker-1', false, answer(1))
    send('broker-1', false, answer(2))
    expect(lines[0]).toMatch(/acks=all: t0-1 2 records, \d+ bytes, producer 9 epoch 0 sequences 12–13$/)
    expect(lines[2]).toBe('broker-1 → producer-1: Produce #1: t0-1 NOT_ENOUGH_REPLICAS')
    expect(lines[3]).toBe('broker-1 → producer-1: an answer to #2, which was not asked')
  })

  it('shows a proposed ISR, and any other message by its fields', () => {
    const { lines, send } = setUp()
    send(
      'broker-2',
      true,
      written((writer) =>
        encodeRequest(writer, AlterPartition, 3, 1, null, {
          brokerId: 2,
          brokerEpoch: 30,
          topics: [
            {
              topicId: TOPIC_ID,
              partitions: [
                { partitionIndex: 0, leaderEpoch: 3, partitionEpoch: 9, newIsrWithEpochs: [{ brokerId: 2 }, { brokerId: 1 }] },
              ],
            },
          ],
        }),
      ),
    )
    send(
      'admin',
      true,
      written((writer) => encodeRequest(writer, DescribeCluster, 0, 2, null, { includeClusterAuthorizedOperations: true })),
    )
    expect(lines[0]).toContain(`AlterPartition v3 #1 broker 2: ${TOPIC_ID}-0 epoch 3 partition epoch 9 ISR {2 1}`)
    expect(lines[1]).toContain('DescribeCluster v0 #2 includeClusterAuthorizedOperations=true')
  })

  it('speaks ZooKeeper: sessions, multis and what became of them, watches', () => {
    const { lines, send } = setUp()
    const ask = (write: (writer: JuteWriter) => void) => send('broker-1', true, packet(write), 4, 2181)
    const answer = (write: (writer: JuteWriter) => void) => send('coordination', false, packet(write), 4, 2181)
    ask((writer) =>
      ConnectRequest.write(writer, {
        protocolVersion: 0,
        lastZxidSeen: 0n,
        timeOut: 1500,
        sessionId: 0n,
        passwd: null,
        readOnly: false,
      }),
    )
    answer((writer) =>
      ConnectResponse.write(writer, { protocolVersion: 0, timeOut: 1500, sessionId: 0x1fn, passwd: null, readOnly: false }),
    )
    ask((writer) => {
      RequestHeader.write(writer, { xid: 1, type: OpCode.MULTI })
      MultiRequest.write(writer, [
        { type: OpCode.CHECK, path: '/controller_epoch', version: 3 },
        { type: OpCode.CREATE, path: '/brokers/ids/1', data: Buffer.from('{"id":1}'), acl: [], flags: 1 },
      ])
    })
    answer((writer) => {
      ReplyHeader.write(writer, { xid: 1, zxid: 12n, err: KeeperCode.OK })
      MultiResponse.write(writer, [
        { type: OpCode.ERROR, err: KeeperCode.BADVERSION },
        { type: OpCode.ERROR, err: KeeperCode.RUNTIMEINCONSISTENCY },
      ])
    })
    ask((writer) => {
      RequestHeader.write(writer, { xid: 2, type: OpCode.EXISTS })
      PathAndWatchRequest.write(writer, { path: '/controller', watch: true })
    })
    answer((writer) => ReplyHeader.write(writer, { xid: 2, zxid: 12n, err: KeeperCode.NONODE }))
    answer((writer) => {
      ReplyHeader.write(writer, { xid: -1, zxid: -1n, err: 0 })
      WatcherEvent.write(writer, { type: 1, state: 3, path: '/controller' })
    })
    expect(lines).toEqual([
      'broker-1 → coordination: connect: a new session, time-out 1500 ms, has seen zxid 0',
      'coordination → broker-1: connected: session 0x1f, time-out 1500 ms',
      'broker-1 → coordination: #1 multi [check /controller_epoch if v3; create /brokers/ids/1 (ephemeral) → {"id":1}]',
      'coordination → broker-1: #1 multi: refused, operation 0: BADVERSION (zxid 12)',
      'broker-1 → coordination: #2 exists /controller, watching',
      'coordination → broker-1: #2 exists: NONODE (zxid 12)',
      'coordination → broker-1: event NODE_CREATED /controller',
    ])
  })

  it('says of bytes that it cannot read that it cannot, and goes on', () => {
    const { lines, send } = setUp()
    const broken = Buffer.from(fetchRequest)
    broken.fill(0xff, 30)
    send('broker-2', true, broken)
    send('broker-2', true, fetchRequest)
    send('broker-1', false, Buffer.from([0xff, 0xff, 0xff, 0xff, 1, 2]))
    send('broker-1', false, Buffer.from([1, 2, 3]))
    expect(lines).toEqual([
      expect.stringContaining('cannot be read'),
      expect.stringContaining('Fetch v16 #55'),
      expect.stringContaining('bytes that are no frames'),
    ])
  })
})
