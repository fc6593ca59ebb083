/** The coordinator with its log in memory and partition leaders that do as they are told: what is written when, and what happens when something fails. */
import { beforeEach, describe, expect, it } from 'vitest'
import { FakeCoordinatorLog } from '../../testing/fake-coordinator-log'
import { ManualClock } from '../../testing/manual-clock'
import { ErrorCode } from '../../wire/errors'
import { readBatchHeader } from '../../wire/records'
import type { MarkersRequest, MarkersResponse } from './marker-sender'
import { TransactionCoordinator } from './transaction-coordinator'

let clock: ManualClock
let log: FakeCoordinatorLog
let coordinator: TransactionCoordinator
/** By broker, in order. */
let requests: { brokerId: number; request: MarkersRequest }[]
/** Of the next answers, for every partition; without one it rejects. */
let errorCodes: (number | 'no answer')[]
let leaderOf: (topic: string, partition: number) => number | null | 'gone'
let nextProducerId: bigint

beforeEach(() => {
  clock = new ManualClock()
  log = new FakeCoordinatorLog()
  requests = []
  errorCodes = []
  leaderOf = (_topic, partition) => (partition % 2) + 1
  nextProducerId = 100n
  coordinator = newCoordinator()
})

function newCoordinator(): TransactionCoordinator {
  const ignore = () => undefined
  const made = new TransactionCoordinator({
    clock,
    logger: { debug: ignore, info: ignore, warn: ignore, error: ignore },
    runtime: { topic: '__transaction_state', log, commitTimeoutMs: 5_000, partitionCount: () => 1 },
    markers: { leaderOf: (topic, partition) => leaderOf(topic, partition), write },
    takeProducerId: () => Promise.resolve(nextProducerId++),
    logVersion: 0,
    timeoutMsMax: 60_000,
    idExpirationMs: 1_000_000,
    abortCheckIntervalMs: 100,
    expirationCheckIntervalMs: 10_000,
  })
  made.startTickers()
  return made
}

async function write(brokerId: number, request: MarkersRequest): Promise<MarkersResponse> {
  requests.push({ brokerId, request })
  const errorCode = errorCodes.shift() ?? ErrorCode.NONE
  if (errorCode === 'no answer') throw new Error('the connection was lost')
  const markers = request.markers.map(({ producerId = 0n, topics = [] }) => ({
    producerId,
    topics: topics.map(({ name, partitionIndexes }) => ({
      name,
      partitions: partitionIndexes.map((partitionIndex) => ({ partitionIndex, errorCode })),
    })),
  }))
  return { markers } as MarkersResponse
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) {
    clock.runDeferred()
    await Promise.resolve()
  }
}

async function lead(leaderEpoch: number): Promise<void> {
  log.lead(0, leaderEpoch)
  coordinator.runtime.onDidChangeRole(0)
  await settle()
}

async function now<T>(work: Promise<T>): Promise<T | 'pending'> {
  await settle()
  return Promise.race([work, Promise.resolve('pending' as const)])
}

const init = (timeoutMs = 1_000) => now(coordinator.initProducerId({ transactionalId: 't', timeoutMs, expected: null }))
const add = (producerEpoch: number, ...indexes: number[]) =>
  coordinator.addPartitions('t', {
    producerId: 100n,
    producerEpoch,
    partitions: new Map([['orders', new Set(indexes)]]),
    clientVersion: 0,
  })
const end = (producerEpoch: number, isCommit = true) =>
  now(coordinator.endTransaction('t', { producerId: 100n, producerEpoch, isCommit, clientVersion: 0 }))
const state = async () => {
  const outcome = await now(coordinator.describe('t'))
  return outcome === 'pending' ? outcome : outcome.answer?.state
}

describe('the coordinator of transactions', () => {
  it('commits: decides, answers, has all leaders write it, and is ready for the next', async () => {
    await lead(4)
    expect(await init()).toMatchObject({ errorCode: 0, producerId: 100n, producerEpoch: 0 })
    expect(await now(add(0, 0, 1, 2))).toBe(ErrorCode.NONE)
    expect(await end(0)).toMatchObject({ errorCode: 0, producerId: 100n, producerEpoch: 0 })
    expect(requests.map(({ brokerId }) => brokerId).sort()).toEqual([1, 2])
    expect(requests.find(({ brokerId }) => brokerId === 1)?.request.markers).toEqual([
      {
        ...{ producerId: 100n, producerEpoch: 0, transactionVersion: 0, transactionResult: true, coordinatorEpoch: 4 },
        topics: [{ name: 'orders', partitionIndexes: [0, 2] }],
      },
    ])
    expect(await state()).toBe('CompleteCommit')
    expect(await now(add(0, 1))).toBe(ErrorCode.NONE)
  })

  it('answers nobody, and has nothing written, before the decision is committed', async () => {
    await lead(4)
    await init()
    await now(add(0, 0))
    log.isCommitting = false
    const ended = coordinator.endTransaction('t', { producerId: 100n, producerEpoch: 0, isCommit: true, clientVersion: 0 })
    expect(await now(ended)).toBe('pending')
    expect(requests).toEqual([])
    log.isCommitting = true
    log.commit(0)
    coordinator.runtime.onDidAdvanceHighWatermark(0)
    expect(await now(ended)).toMatchObject({ errorCode: 0 })
    expect(requests).toHaveLength(1)
  })

  it('sends markers again until all are written, whatever fails, and follows leaders that move', async () => {
    await lead(4)
    await init()
    await now(add(0, 0, 2))
    errorCodes = ['no answer', ErrorCode.NOT_LEADER_OR_FOLLOWER, ErrorCode.COORDINATOR_LOAD_IN_PROGRESS]
    await end(0, false)
    for (const leader of [null, 3, 3, 3]) {
      leaderOf = () => leader
      clock.advance(60)
      await settle()
    }
    expect(requests.map(({ brokerId }) => brokerId)).toEqual([1, 3, 3, 3])
    expect(await state()).toBe('CompleteAbort')
  })

  it('has nothing to tell a partition that is no more', async () => {
    await lead(4)
    await init()
    await now(add(0, 0, 1))
    leaderOf = (_topic, partition) => (partition === 0 ? 'gone' : 2)
    await end(0)
    expect(requests).toHaveLength(1)
    // It may only not have been told of it yet.
    clock.advance(4_000)
    await settle()
    expect(await state()).toBe('PrepareCommit')
    clock.advance(1_200)
    await settle()
    expect(await state()).toBe('CompleteCommit')
  })

  it('ends, under its own epoch, what the coordinator before has decided', async () => {
    await lead(4)
    await init()
    await now(add(0, 0))
    errorCodes = ['no answer']
    await end(0)
    coordinator.close()
    coordinator.runtime.close()
    coordinator = newCoordinator()
    await lead(6)
    expect(requests.at(-1)?.request.markers[0]).toMatchObject({ coordinatorEpoch: 6, transactionResult: true, producerEpoch: 0 })
    expect(await state()).toBe('CompleteCommit')
  })

  it('lets a request right behind the end wait for the markers, and says so where they take too long', async () => {
    await lead(4)
    await init()
    await now(add(0, 0))
    leaderOf = () => null
    await end(0)
    const early = add(0, 1)
    expect(await now(early)).toBe('pending')
    leaderOf = () => 1
    clock.advance(60)
    expect(await now(early)).toBe(ErrorCode.NONE)
    leaderOf = () => null
    await end(0)
    const late = add(0, 1)
    await settle()
    clock.advance(150)
    expect(await now(late)).toBe(ErrorCode.CONCURRENT_TRANSACTIONS)
  })

  it('aborts what is open for too long, in an epoch that its producer has not', async () => {
    await lead(4)
    await init(1_000)
    await now(add(0, 0))
    clock.advance(900)
    await settle()
    expect(await state()).toBe('Ongoing')
    clock.advance(300)
    await settle()
    expect(await state()).toBe('CompleteAbort')
    expect(requests[0]?.request.markers[0]).toMatchObject({ transactionResult: false, producerEpoch: 1 })
    expect(await end(0)).toMatchObject({ errorCode: ErrorCode.PRODUCER_FENCED })
  })

  it('aborts them one by one where all are too much for a batch', async () => {
    await lead(4)
    const ids = ['a', 'b', 'c']
    const partitions = new Map([['orders', new Set([0])]])
    for (const transactionalId of ids) {
      const answer = await now(coordinator.initProducerId({ transactionalId, timeoutMs: 1_000, expected: null }))
      if (answer === 'pending') throw new Error(answer)
      const { producerId, producerEpoch } = answer
      await now(coordinator.addPartitions(transactionalId, { producerId, producerEpoch, partitions, clientVersion: 0 }))
    }
    const append = log.append.bind(log)
    log.append = (partition, batch) =>
      readBatchHeader(batch).recordCount > 1
        ? { errorCode: ErrorCode.MESSAGE_TOO_LARGE, requiredOffset: -1 }
        : append(partition, batch)
    clock.advance(2_000)
    await settle()
    const listed = await now(coordinator.list())
    const states = listed === 'pending' ? [] : (listed.answer ?? []).map((each) => each.state)
    expect(states).toEqual(['CompleteAbort', 'CompleteAbort', 'CompleteAbort'])
  })

  it('gives the epoch of such an end to nobody, also where its producer could not be given the next one before', async () => {
    await lead(4)
    await init(1_000)
    const recover = () =>
      now(
        coordinator.initProducerId({ transactionalId: 't', timeoutMs: 1_000, expected: { producerId: 100n, producerEpoch: 0 } }),
      )
    log.appendErrorCode = ErrorCode.NOT_ENOUGH_REPLICAS
    expect(await recover()).toMatchObject({ errorCode: ErrorCode.COORDINATOR_NOT_AVAILABLE })
    log.appendErrorCode = 0
    await now(add(0, 0))
    clock.advance(1_200)
    await settle()
    expect(await state()).toBe('CompleteAbort')
    expect(await recover()).toMatchObject({ errorCode: ErrorCode.PRODUCER_FENCED })
  })

  it('gives a transaction its whole time again where the cluster was away', async () => {
    await lead(4)
    await init(1_000)
    await now(add(0, 0))
    coordinator.close()
    coordinator.runtime.close()
    clock.advance(600_000)
    coordinator = newCoordinator()
    await lead(5)
    clock.advance(500)
    await settle()
    expect(await state()).toBe('Ongoing')
    clock.advance(700)
    await settle()
    expect(await state()).toBe('CompleteAbort')
  })

  it('does not wait for a beginning that lies in the future: the clock of the broker before was wrong', async () => {
    await lead(4)
    await init(1_000)
    await now(add(0, 0))
    const wrongMs = clock.nowMs()
    coordinator.close()
    coordinator.runtime.close()
    clock = new ManualClock(wrongMs - 7_200_000)
    coordinator = newCoordinator()
    await lead(5)
    clock.advance(500)
    await settle()
    expect(await state()).toBe('Ongoing')
    clock.advance(700)
    await settle()
    expect(await state()).toBe('CompleteAbort')
  })

  it('lets the next producer in at once where it has to abort what the last one left open', async () => {
    await lead(4)
    await init()
    await now(add(0, 0))
    expect(await init()).toMatchObject({ errorCode: 0, producerId: 100n, producerEpoch: 2 })
    expect(await end(0)).toMatchObject({ errorCode: ErrorCode.PRODUCER_FENCED })
  })

  it('forgets ids that nobody uses, and takes no time-out that is too long', async () => {
    await lead(4)
    expect(await init(60_001)).toMatchObject({ errorCode: ErrorCode.INVALID_TRANSACTION_TIMEOUT })
    await init()
    expect(await state()).toBe('Empty')
    clock.advance(1_010_000)
    await settle()
    expect(await now(coordinator.describe('t'))).toMatchObject({ errorCode: 0, answer: null })
    expect(await now(coordinator.list())).toEqual({ errorCode: 0, answer: [] })
  })

  it('is somebody else where it does not lead', async () => {
    expect(await init()).toMatchObject({ errorCode: ErrorCode.NOT_COORDINATOR })
    await lead(4)
    await init()
    await now(add(0, 0))
    leaderOf = () => null
    await end(0)
    log.unlead(0)
    coordinator.runtime.onDidChangeRole(0)
    leaderOf = () => 1
    clock.advance(500)
    await settle()
    // What it had decided its successor will tell.
    expect(requests).toEqual([])
    expect(await now(add(0, 0))).toBe(ErrorCode.NOT_COORDINATOR)
  })
})
