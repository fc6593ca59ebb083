/** The rules of transactions, one by one: who gets which id and epoch, what may be added, how a transaction ends. */
import { describe, expect, it } from 'vitest'
import { ErrorCode } from '../../wire/errors'
import { DecodeError } from '../../wire/wire-error'
import { isInTransaction, whyNotNow, withPartitions } from './add-partitions'
import { complete, decideEnd, producerAfter } from './end-transaction'
import { decideInit, fence } from './init-producer-id'
import { decodeTransaction, decodeTransactionalId, transactionRecord, transactionTombstone } from './transaction-log'
import { NO_PARTITIONS, type TransactionMetadata, type TransactionState } from './transaction-metadata'

const nowMs = 5_000
const partitionsOf = (topic: string, ...indexes: number[]) => new Map([[topic, new Set(indexes)]])

function metadata(state: TransactionState, fields: Partial<TransactionMetadata> = {}): TransactionMetadata {
  const isOpen = state === 'Ongoing' || state === 'PrepareCommit' || state === 'PrepareAbort'
  return {
    transactionalId: 't',
    producerId: 7n,
    previousProducerId: -1n,
    nextProducerId: -1n,
    producerEpoch: 3,
    timeoutMs: 1_000,
    state,
    partitions: isOpen ? partitionsOf('orders', 0) : NO_PARTITIONS,
    startMs: isOpen ? 4_000 : -1,
    lastUpdateMs: 4_000,
    clientVersion: 0,
    ...fields,
  }
}

const init = (
  current: TransactionMetadata | undefined,
  expected: { producerId: bigint; producerEpoch: number } | null = null,
  lastEpoch = -1,
  freshProducerId: bigint | null = null,
) => decideInit(current, lastEpoch, { transactionalId: 't', timeoutMs: 2_000, expected, freshProducerId }, nowMs)

describe('InitProducerId of a transactional id', () => {
  it('gives a new one a fresh producer id, and epoch 0', () => {
    expect(init(undefined)).toEqual({ kind: 'needs-producer-id' })
    expect(init(undefined, null, -1, 40n)).toMatchObject({
      kind: 'become',
      next: { producerId: 40n, producerEpoch: 0, state: 'Empty' },
    })
  })

  it.each(['Empty', 'CompleteCommit', 'CompleteAbort'] as const)(
    'raises the epoch after %s, and forgets the transaction',
    (state) => {
      const decision = init(metadata(state))
      expect(decision).toMatchObject({
        kind: 'become',
        lastEpoch: -1,
        next: { producerId: 7n, producerEpoch: 4, state: 'Empty', timeoutMs: 2_000 },
      })
    },
  )

  it('aborts what is open, in an epoch that nobody is given, and has the producer come again while that ends', () => {
    expect(init(metadata('Ongoing'))).toMatchObject({ kind: 'fence', next: { state: 'PrepareAbort', producerEpoch: 4 } })
    for (const state of ['PrepareCommit', 'PrepareAbort'] as const) {
      expect(init(metadata(state))).toEqual({ kind: 'refuse', errorCode: ErrorCode.CONCURRENT_TRANSACTIONS })
    }
    // Two epochs on where a client's own end of it would be one.
    expect(fence(metadata('Ongoing', { clientVersion: 2 }), nowMs).producerEpoch).toBe(5)
    expect(fence(metadata('Ongoing', { clientVersion: 2, producerEpoch: 0x7ffe }), nowMs).producerEpoch).toBe(0x7fff)
  })

  it('lets a producer that recovers go on, once, and answers it again where the answer was lost (KIP-360)', () => {
    const mine = { producerId: 7n, producerEpoch: 3 }
    expect(init(metadata('Empty'), mine)).toMatchObject({ kind: 'become', lastEpoch: 3, next: { producerEpoch: 4 } })
    expect(init(metadata('Empty', { producerEpoch: 4 }), mine, 3)).toMatchObject({ kind: 'keep', metadata: { producerEpoch: 4 } })
    // Another producer has begun since: the epoch before is nobody's.
    expect(init(metadata('Empty', { producerEpoch: 4 }), mine, -1)).toEqual({
      kind: 'refuse',
      errorCode: ErrorCode.PRODUCER_FENCED,
    })
    expect(init(metadata('Empty'), { producerId: 8n, producerEpoch: 3 })).toEqual({
      kind: 'refuse',
      errorCode: ErrorCode.PRODUCER_FENCED,
    })
  })

  it('goes over to another producer id when the epochs have run out', () => {
    const last = metadata('Empty', { producerEpoch: 0x7ffe })
    expect(init(last)).toEqual({ kind: 'needs-producer-id' })
    const decision = init(last, null, -1, 41n)
    expect(decision).toMatchObject({ kind: 'become', next: { producerId: 41n, previousProducerId: 7n, producerEpoch: 0 } })
    // The producer that was to be told so asks again with what it had.
    const after = metadata('Empty', { producerId: 41n, previousProducerId: 7n, producerEpoch: 0 })
    expect(init(after, { producerId: 7n, producerEpoch: 0x7ffe }, 0x7ffe)).toMatchObject({ kind: 'keep' })
  })
})

describe('adding partitions', () => {
  const mine = { producerId: 7n, producerEpoch: 3 }

  it('begins a transaction, and widens it', () => {
    const begun = withPartitions(
      metadata('CompleteAbort'),
      { ...mine, partitions: partitionsOf('orders', 1), clientVersion: 0 },
      nowMs,
    )
    expect(begun).toMatchObject({ state: 'Ongoing', startMs: nowMs, partitions: partitionsOf('orders', 1) })
    const wider = withPartitions(begun!, { ...mine, partitions: partitionsOf('orders', 0, 1), clientVersion: 0 }, nowMs + 1)
    expect(wider).toMatchObject({ startMs: nowMs, partitions: partitionsOf('orders', 1, 0) })
    expect(withPartitions(wider!, { ...mine, partitions: partitionsOf('orders', 0), clientVersion: 0 }, nowMs + 2)).toBe(null)
    expect([isInTransaction(wider!, 'orders', 0), isInTransaction(wider!, 'orders', 2)]).toEqual([true, false])
    expect(isInTransaction(metadata('PrepareCommit'), 'orders', 0)).toBe(false)
  })

  it('is for the producer of the present epoch, while nothing is ending', () => {
    expect(whyNotNow(undefined, mine)).toBe(ErrorCode.INVALID_PRODUCER_ID_MAPPING)
    expect(whyNotNow(metadata('Ongoing'), { ...mine, producerId: 8n })).toBe(ErrorCode.INVALID_PRODUCER_ID_MAPPING)
    expect(whyNotNow(metadata('Ongoing'), { ...mine, producerEpoch: 2 })).toBe(ErrorCode.PRODUCER_FENCED)
    expect(whyNotNow(metadata('PrepareAbort'), mine)).toBe(ErrorCode.CONCURRENT_TRANSACTIONS)
    expect(whyNotNow(metadata('Ongoing'), mine)).toBe(ErrorCode.NONE)
  })
})

function end(current: TransactionMetadata | undefined, isCommit: boolean, clientVersion: number, fields = {}) {
  const request = { producerId: 7n, producerEpoch: 3, isCommit, clientVersion, freshProducerId: null, ...fields }
  const decision = decideEnd(current, request, nowMs)
  return decision.kind === 'refuse' ? decision.errorCode : decision.kind === 'prepare' ? decision.next.state : decision.kind
}

describe('the end of a transaction of version 1', () => {
  it.each([
    ['Ongoing', 'PrepareCommit', 'PrepareAbort'],
    ['CompleteCommit', 'done', ErrorCode.INVALID_TXN_STATE],
    ['CompleteAbort', ErrorCode.INVALID_TXN_STATE, 'done'],
    ['PrepareCommit', ErrorCode.CONCURRENT_TRANSACTIONS, ErrorCode.INVALID_TXN_STATE],
    ['PrepareAbort', ErrorCode.INVALID_TXN_STATE, ErrorCode.CONCURRENT_TRANSACTIONS],
    ['Empty', ErrorCode.INVALID_TXN_STATE, ErrorCode.INVALID_TXN_STATE],
  ] as const)('in %s: commit %s, abort %s', (state, commit, abort) => {
    expect(end(metadata(state), true, 0)).toBe(commit)
    expect(end(metadata(state), false, 0)).toBe(abort)
  })

  it('is for the producer of the present epoch, to the number', () => {
    expect(end(undefined, true, 0)).toBe(ErrorCode.INVALID_PRODUCER_ID_MAPPING)
    expect(end(metadata('Ongoing'), true, 0, { producerId: 9n })).toBe(ErrorCode.INVALID_PRODUCER_ID_MAPPING)
    for (const producerEpoch of [2, 4])
      expect(end(metadata('Ongoing'), true, 0, { producerEpoch })).toBe(ErrorCode.PRODUCER_FENCED)
  })

  it('is told to the partitions as one of version 1, also where the partitions were added by a request that brokers use', () => {
    const request = { producerId: 7n, producerEpoch: 3, isCommit: true, clientVersion: 0, freshProducerId: null }
    const decision = decideEnd(metadata('Ongoing', { clientVersion: 2 }), request, nowMs)
    expect(decision).toMatchObject({ kind: 'prepare', next: { state: 'PrepareCommit', producerEpoch: 3, clientVersion: 0 } })
  })
})

describe('the end of a transaction of version 2', () => {
  const ended = (state: TransactionState) => metadata(state, { producerEpoch: 4 })

  it('raises the epoch, so that the same request again is no new one', () => {
    const decision = decideEnd(
      metadata('Ongoing'),
      { producerId: 7n, producerEpoch: 3, isCommit: true, clientVersion: 2, freshProducerId: null },
      nowMs,
    )
    expect(decision).toMatchObject({ kind: 'prepare', next: { state: 'PrepareCommit', producerEpoch: 4, clientVersion: 2 } })
    expect(end(ended('PrepareCommit'), true, 2)).toBe(ErrorCode.CONCURRENT_TRANSACTIONS)
    expect(end(ended('CompleteCommit'), true, 2)).toBe('done')
    expect(end(ended('CompleteCommit'), false, 2)).toBe(ErrorCode.INVALID_TXN_STATE)
    // In the new epoch it is the next transaction: nothing to commit, and an abort makes sure that nothing of it counts.
    expect(end(ended('CompleteCommit'), true, 2, { producerEpoch: 4 })).toBe(ErrorCode.INVALID_TXN_STATE)
    expect(end(ended('CompleteCommit'), false, 2, { producerEpoch: 4 })).toBe('PrepareAbort')
    expect(end(metadata('Empty'), false, 2)).toBe('PrepareAbort')
  })

  it('has the next one wait, which ends at once with nothing in it, while the markers are written (KAFKA-18464)', () => {
    for (const state of ['PrepareCommit', 'PrepareAbort'] as const) {
      for (const isCommit of [true, false]) {
        expect(end(ended(state), isCommit, 2, { producerEpoch: 4 })).toBe(ErrorCode.CONCURRENT_TRANSACTIONS)
        expect(end(ended(state), isCommit, 2)).toBe(ErrorCode.CONCURRENT_TRANSACTIONS)
      }
    }
  })

  it('is refused once the transaction was aborted for the producer', () => {
    const fenced = complete(fence(metadata('Ongoing', { clientVersion: 2 }), nowMs), nowMs)
    expect(fenced).toMatchObject({ state: 'CompleteAbort', producerEpoch: 5 })
    expect(end(fenced, true, 2)).toBe(ErrorCode.PRODUCER_FENCED)
    expect(end(fenced, false, 2)).toBe(ErrorCode.PRODUCER_FENCED)
  })

  it('goes over to another producer id when the epochs have run out, also where the answer to that was lost', () => {
    const last = metadata('Ongoing', { producerEpoch: 0x7ffe })
    const request = { producerId: 7n, producerEpoch: 0x7ffe, isCommit: true, clientVersion: 2, freshProducerId: null }
    expect(decideEnd(last, request, nowMs)).toEqual({ kind: 'needs-producer-id' })
    const decision = decideEnd(last, { ...request, freshProducerId: 50n }, nowMs)
    if (decision.kind !== 'prepare') throw new Error(decision.kind)
    expect(decision.next).toMatchObject({ producerId: 7n, producerEpoch: 0x7fff, nextProducerId: 50n })
    expect(producerAfter(decision.next)).toEqual({ producerId: 50n, producerEpoch: 0 })
    // Its producer goes on at once, and is to wait for the markers like any other.
    const next = { producerId: 50n, producerEpoch: 0 }
    expect(whyNotNow(decision.next, next)).toBe(ErrorCode.CONCURRENT_TRANSACTIONS)
    expect(end(decision.next, false, 2, next)).toBe(ErrorCode.CONCURRENT_TRANSACTIONS)
    expect(init(decision.next, next)).toEqual({ kind: 'refuse', errorCode: ErrorCode.CONCURRENT_TRANSACTIONS })
    expect(whyNotNow(decision.next, { ...next, producerId: 51n })).toBe(ErrorCode.INVALID_PRODUCER_ID_MAPPING)
    const completed = complete(decision.next, nowMs)
    expect(completed).toMatchObject({
      state: 'CompleteCommit',
      producerId: 50n,
      previousProducerId: 7n,
      producerEpoch: 0,
      nextProducerId: -1n,
    })
    expect(decideEnd(completed, request, nowMs)).toMatchObject({ kind: 'done', metadata: { producerId: 50n, producerEpoch: 0 } })
  })
})

describe('the log of transactions', () => {
  it.each([0, 1] as const)('reads what it has written, in version %i', (version) => {
    const full = metadata('PrepareCommit', {
      partitions: new Map([
        ['a', new Set([0, 2])],
        ['b', new Set([1])],
      ]),
    })
    const ofVersion1 = { ...full, previousProducerId: 3n, nextProducerId: 9n, clientVersion: 2 }
    const written = version === 1 ? ofVersion1 : full
    const { key, value } = transactionRecord(written, version)
    expect(decodeTransactionalId(key)).toBe('t')
    expect(decodeTransaction('t', value!)).toEqual(written)
  })

  it('is laid out as Kafka lays it out', () => {
    const { key, value } = transactionRecord(metadata('Ongoing'), 0)
    expect(Buffer.from(key).toString('hex')).toBe('0000000174')
    const expected =
      '0000' + '0000000000000007' + '0003' + '000003e8' + '01' + '00000001' + '00066f7264657273' + '0000000100000000'
    expect(Buffer.from(value!).toString('hex')).toBe(`${expected}${'0000000000000fa0'}${'0000000000000fa0'}`)
    expect(transactionTombstone('t').value).toBe(null)
  })

  it('refuses what it cannot read', () => {
    const { value } = transactionRecord(metadata('Ongoing'), 0)
    const odd = Buffer.from(value!)
    odd[16] = 99
    expect(() => decodeTransaction('t', odd)).toThrow(DecodeError)
    expect(() => decodeTransaction('t', odd.subarray(0, 9))).toThrow(DecodeError)
  })
})
