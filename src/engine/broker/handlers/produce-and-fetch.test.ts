/** The two handlers that wait: when they answer, and with what. The log and replication are fakes here. */
import { beforeEach, describe, expect, it } from 'vitest'
import { agreeableTransactions, FakeReplicas, handle, metadataOf, ORDERS_ID } from '../../testing/handler-kit'
import { StillClock, seededRandom } from '../../testing/storage-kit'
import { ErrorCode } from '../../wire/errors'
import { encodeBatch } from '../../wire/records'
import type { RecordsSource } from '../../wire/writer'
import { FetchSessionCache } from '../fetch-sessions/fetch-session-cache'
import { Purgatory, partitionKey } from '../purgatory'
import { ClientQuotas } from '../quotas/client-quotas'
import { Traffic } from '../traffic'
import { produceHandler } from './00-produce'
import { fetchHandler } from './01-fetch'

let clock: StillClock
let replicas: FakeReplicas
let produces: Purgatory
let fetches: Purgatory
let traffic: Traffic
beforeEach(() => {
  clock = new StillClock()
  replicas = new FakeReplicas()
  produces = new Purgatory(clock)
  fetches = new Purgatory(clock)
  traffic = new Traffic()
})

const KEY = partitionKey('orders', 0)
const afterTheEvent = () => Promise.resolve()

describe('Produce', () => {
  const records = encodeBatch({ records: [{ timestamp: 1n, key: null, value: Buffer.from('x'), headers: [] }] })
  const body = (acks: number, topic = 'orders') => ({
    acks,
    timeoutMs: 500,
    topicData: [{ name: topic, partitionData: [{ index: 0, records }] }],
  })
  const produce = (acks: number, version = 11, leader = 1) =>
    handle(
      produceHandler({
        replicas,
        metadata: metadataOf(leader),
        produces,
        traffic,
        transactions: agreeableTransactions,
        configs: { brokerNumber: () => 0 },
      }),
      body(acks),
      version,
    )
  const partitionOf = (handled: ReturnType<typeof produce>) => handled.response!.responses[0]!.partitionResponses[0]!

  it('with acks=1 answers at once, with acks=0 not at all', () => {
    expect(partitionOf(produce(1))).toMatchObject({ errorCode: ErrorCode.NONE, baseOffset: 10, logStartOffset: 0 })
    expect(produce(0)).toMatchObject({ response: null, isUnanswered: true, closedBecause: null })
    expect([traffic.messagesIn, traffic.bytesIn, produces.size]).toEqual([4, 160, 0])
  })

  it('lets nobody write to the topics that belong to the coordinators', () => {
    const services = {
      replicas,
      metadata: metadataOf(1),
      produces,
      traffic,
      transactions: agreeableTransactions,
      configs: { brokerNumber: () => 0 },
    }
    const handled = handle(produceHandler(services), body(1, '__consumer_offsets'), 11)
    expect(partitionOf(handled)).toMatchObject({
      errorCode: ErrorCode.INVALID_TOPIC_EXCEPTION,
      errorMessage: 'Cannot append to internal topic __consumer_offsets',
    })
    expect([traffic.messagesIn, traffic.failedProduceCount]).toEqual([0, 1])
  })

  it('with acks=all answers when the replicas have it', async () => {
    replicas.produceVerdict = 'pending'
    const handled = produce(-1)
    produces.onDidChange(KEY)
    await afterTheEvent()
    expect(handled.response).toBe(null)
    replicas.produceVerdict = ErrorCode.NONE
    produces.onDidChange(KEY)
    await afterTheEvent()
    expect(partitionOf(handled)).toMatchObject({ errorCode: ErrorCode.NONE, baseOffset: 10 })
  })

  it('answers a batch that came before with its old offset, once that is committed, and does not count it again', async () => {
    const appendInfo = {
      firstOffset: 3,
      lastOffset: 3,
      logAppendTimeMs: 77,
      recordCount: 1,
      sizeInBytes: 80,
      isDuplicate: true,
    } as const
    replicas.append = () => ({ errorCode: 0, appendInfo, requiredOffset: 4, logStartOffset: 0, leaderEpoch: 7 })
    replicas.produceVerdict = 'pending'
    const handled = produce(-1)
    expect(handled.response).toBe(null)
    replicas.produceVerdict = ErrorCode.NONE
    produces.onDidChange(KEY)
    await afterTheEvent()
    expect(partitionOf(handled)).toMatchObject({ errorCode: ErrorCode.NONE, baseOffset: 3, logAppendTimeMs: 77 })
    expect([traffic.messagesIn, traffic.bytesIn, traffic.failedProduceCount]).toEqual([0, 0, 0])
  })

  it('takes no transactional batch from a request that names no transactional id', () => {
    const batch = encodeBatch({
      records: [{ timestamp: 1n, key: null, value: null, headers: [] }],
      ...{ producerId: 7n, producerEpoch: 0, baseSequence: 0, isTransactional: true },
    })
    const partitionData = [{ index: 0, records: batch }]
    const request = { acks: 1, timeoutMs: 500, topicData: [{ name: 'orders', partitionData }] }
    const handled = handle(
      produceHandler({
        replicas,
        metadata: metadataOf(1),
        produces,
        traffic,
        transactions: agreeableTransactions,
        configs: { brokerNumber: () => 0 },
      }),
      request,
      11,
    )
    expect(partitionOf(handled).errorCode).toBe(ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED)
    expect(replicas.appends).toEqual([])
  })

  it('keeps what a transaction sends in order while the coordinator is asked about the first of it', () => {
    const answers: (() => void)[] = []
    const verify = (_question: unknown, onAnswer: (errors: () => number) => void) => {
      answers.push(() => onAnswer(() => 0))
    }
    const guarded = new Set([0, 2])
    replicas.startVerification = (_topic, partition) => (guarded.has(partition) ? ({} as never) : null)
    const transactions = { isVerifying: true, verifier: { verify } }
    const configs = { brokerNumber: () => 0 }
    const handler = produceHandler({ replicas, metadata: metadataOf(1), produces, traffic, transactions, configs })
    const batch = encodeBatch({
      records: [{ timestamp: 1n, key: null, value: null, headers: [] }],
      ...{ producerId: 7n, producerEpoch: 0, baseSequence: 0, isTransactional: true },
    })
    const send = (index: number, transactionalId = 'mine') => {
      const topicData = [{ name: 'orders', partitionData: [{ index, records: batch }] }]
      return handle(handler, { acks: 1, timeoutMs: 500, transactionalId, topicData }, 11)
    }
    const appended = () => replicas.appends.map(({ partition }) => partition)
    const handled = [send(0), send(1), send(2), send(3)]
    send(4, 'of another')
    expect(appended()).toEqual([4])
    guarded.delete(0)
    answers.shift()?.()
    expect(appended()).toEqual([4, 0, 1])
    guarded.delete(2)
    answers.shift()?.()
    expect(appended()).toEqual([4, 0, 1, 2, 3])
    expect(handled.map((one) => partitionOf(one).errorCode)).toEqual([0, 0, 0, 0])
    expect(answers).toEqual([])
  })

  it('says that time ran out, and gives no offset for what is not known to be committed', () => {
    replicas.produceVerdict = 'pending'
    const handled = produce(-1)
    clock.advance(600)
    expect(partitionOf(handled)).toMatchObject({ errorCode: ErrorCode.REQUEST_TIMED_OUT, baseOffset: -1 })
    expect(produces.size).toBe(0)
  })

  it('says that leadership was lost, and from version 10 on where it went', async () => {
    replicas.produceVerdict = 'pending'
    const [old, fresh] = [produce(-1, 9, 2), produce(-1, 10, 2)]
    replicas.produceVerdict = ErrorCode.NOT_LEADER_OR_FOLLOWER
    produces.onDidChange(KEY)
    await afterTheEvent()
    expect(partitionOf(old)).toMatchObject({
      errorCode: ErrorCode.NOT_LEADER_OR_FOLLOWER,
      currentLeader: { leaderId: -1, leaderEpoch: -1 },
    })
    expect(partitionOf(fresh)).toMatchObject({
      errorCode: ErrorCode.NOT_LEADER_OR_FOLLOWER,
      currentLeader: { leaderId: 2, leaderEpoch: 7 },
    })
    expect(fresh.response?.nodeEndpoints).toEqual([{ nodeId: 2, host: 'localhost', port: 9002, rack: null }])
  })

  it('tells a partition that is elsewhere from one that is nowhere', () => {
    replicas.appendErrorCode = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    const handler = produceHandler({
      replicas,
      metadata: metadataOf(2),
      produces,
      traffic,
      transactions: agreeableTransactions,
      configs: { brokerNumber: () => 0 },
    })
    const codeOf = (topic: string) => handle(handler, body(1, topic)).response!.responses[0]!.partitionResponses[0]!.errorCode
    expect([codeOf('orders'), codeOf('missing')]).toEqual([
      ErrorCode.NOT_LEADER_OR_FOLLOWER,
      ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
    ])
  })

  it('refuses zstd below version 7, where clients cannot know it', () => {
    const zstd = Buffer.from(records)
    zstd[22] = 4
    const handler = produceHandler({
      replicas,
      metadata: metadataOf(1),
      produces,
      traffic,
      transactions: agreeableTransactions,
      configs: { brokerNumber: () => 0 },
    })
    const request = { acks: 1, timeoutMs: 1, topicData: [{ name: 'orders', partitionData: [{ index: 0, records: zstd }] }] }
    const codeOf = (version: number) => handle(handler, request, version).response!.responses[0]!.partitionResponses[0]!.errorCode
    expect([codeOf(6), codeOf(7)]).toEqual([ErrorCode.UNSUPPORTED_COMPRESSION_TYPE, ErrorCode.NONE])
  })
})

describe('Fetch', () => {
  const sliceOf = (text: string): RecordsSource & { nextOffset: number } => ({
    sizeInBytes: text.length,
    readInto: (target) => target.set(Buffer.from(text)),
    nextOffset: 1,
  })
  let compressionType = 'producer'
  beforeEach(() => {
    compressionType = 'producer'
  })
  const configs = { brokerNumber: () => 1000, topicValue: () => compressionType } as never
  const fetch = (
    options: { minBytes?: number; maxBytes?: number; version?: number; replicaId?: number; topics?: string[] } = {},
  ) => {
    const { minBytes = 1, maxBytes = 900, version = 12, replicaId = -1, topics = ['orders'] } = options
    const handler = fetchHandler({
      replicas,
      metadata: metadataOf(1),
      fetches,
      fetchSessions: new FetchSessionCache(seededRandom(1), () => 10),
      quotas: new ClientQuotas(clock, { all: () => [], find: () => undefined }, () => ({ count: 11, seconds: 1 })),
      deletions: new Purgatory(clock),
      traffic,
      clock,
      configs,
    })
    return handle(
      handler,
      {
        maxWaitMs: 300,
        minBytes,
        maxBytes,
        ...(version >= 15 ? { replicaState: { replicaId, replicaEpoch: 1 } } : { replicaId }),
        topics: topics.map((topic) => ({
          topic,
          topicId: ORDERS_ID,
          partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 400 }],
        })),
      },
      version,
    )
  }
  const readable = (text: string) => ({
    ...replicas.readResult,
    highWatermark: 1,
    slice: sliceOf(text),
    availableBytes: text.length,
  })

  it('answers at once where there is enough, with the records as they lie', () => {
    replicas.readResult = readable('record bytes')
    const partition = fetch().response!.responses[0]!.partitions[0]!
    expect(Buffer.from(partition.records as Uint8Array).toString()).toBe('record bytes')
    expect([partition.abortedTransactions, traffic.bytesOut, traffic.replicationBytesOut]).toEqual([null, 12, 0])
  })

  it('refuses a topic that is stored with zstd to those below version 10, who cannot know it', () => {
    replicas.readResult = readable('record bytes')
    const codeOf = (version: number) => fetch({ version }).response!.responses[0]!.partitions[0]!.errorCode
    expect(codeOf(9)).toBe(ErrorCode.NONE)
    compressionType = 'zstd'
    expect([codeOf(9), codeOf(10)]).toEqual([ErrorCode.UNSUPPORTED_COMPRESSION_TYPE, ErrorCode.NONE])
  })

  it('waits for min bytes, and looks again when records have come', async () => {
    const handled = fetch({ minBytes: 10 })
    replicas.readResult = readable('few')
    fetches.onDidChange(KEY)
    await afterTheEvent()
    expect(handled.response).toBe(null)
    replicas.readResult = readable('many more bytes')
    fetches.onDidChange(KEY)
    await afterTheEvent()
    expect(handled.response).not.toBe(null)
    expect(replicas.reads.map(({ isReread }) => isReread)).toEqual([false, true, true])
  })

  it('does not wait for more than may be answered', () => {
    replicas.readResult = readable('as much as fits')
    expect(fetch({ minBytes: 100, maxBytes: 15 }).response).not.toBe(null)
  })

  it('answers with what there is when its time is up, with no records rather than null', () => {
    const handled = fetch()
    clock.advance(400)
    expect(handled.response!.responses[0]!.partitions[0]!.records).toHaveLength(0)
  })

  it('does not keep a follower waiting that must learn of a high watermark, or whose log diverges', () => {
    replicas.readResult = { ...replicas.readResult, followerNeedsHighWatermark: true }
    expect(fetch({ version: 16, replicaId: 2 }).response).not.toBe(null)
    replicas.readResult = {
      ...replicas.readResult,
      followerNeedsHighWatermark: false,
      divergingEpoch: { epoch: 3, endOffset: 9 },
    }
    const partition = fetch({ version: 16, replicaId: 2 }).response!.responses[0]!.partitions[0]!
    expect(partition.divergingEpoch).toMatchObject({ epoch: 3, endOffset: 9 })
    expect(replicas.reads[0]!.replicaId).toBe(2)
  })

  it('answers at once with an error, and from version 16 on with the new leader', () => {
    replicas.readResult = { ...replicas.readResult, errorCode: ErrorCode.NOT_LEADER_OR_FOLLOWER }
    const [old, fresh] = [fetch({ version: 15 }).response!, fetch({ version: 16 }).response!]
    expect(old.responses[0]!.partitions[0]!.currentLeader.leaderId).toBe(-1)
    expect(fresh.responses[0]!.partitions[0]!.currentLeader).toMatchObject({ leaderId: 1, leaderEpoch: 7 })
    expect(fresh.nodeEndpoints).toHaveLength(1)
  })

  it('gives at least one batch to the first partition that has one, and shares the limit among the rest', () => {
    replicas.readResult = readable('x'.repeat(300))
    fetch({ maxBytes: 500, topics: ['orders', 'orders', 'orders'] })
    expect(replicas.reads.map(({ maxBytes, minOneMessage }) => [maxBytes, minOneMessage])).toEqual([
      [400, true],
      [200, false],
      [0, false],
    ])
  })
})
