import { beforeEach, describe, expect, it } from 'vitest'
import { FakeCoordinatorLog } from '../testing/fake-coordinator-log'
import { ManualClock } from '../testing/manual-clock'
import { ErrorCode } from '../wire/errors'
import { encodeBatch } from '../wire/records'
import { partitionFor } from './partition-for'
import { CoordinatorRuntime } from './runtime'
import type { ReplayedRecord, Shard, ShardTimers, Slot, Step, TransactionResult } from './shard'

/** Counts by name, and remembers who waits for a count. */
class CounterShard implements Shard {
  readonly counts = new Map<string, number>()
  readonly ends: string[] = []
  readonly waiting: Slot<number>[] = []
  loadedAtMs = -1

  constructor(readonly timers: ShardTimers) {}

  replay({ key, value, producerId }: ReplayedRecord): void {
    const name = Buffer.from(key).toString()
    if (producerId !== -1n) this.ends.push(`${name} by ${producerId}`)
    if (value === null) this.counts.delete(name)
    else this.counts.set(name, Number(Buffer.from(value).toString()))
  }

  replayEndTransaction(producerId: bigint, producerEpoch: number, result: TransactionResult): void {
    this.ends.push(`${result} ${producerId} ${producerEpoch}`)
  }

  onDidLoad(_step: Step, { nowMs }: { nowMs: number }): void {
    this.loadedAtMs = nowMs
  }

  increment(name: string, step: Step): number {
    const next = (this.counts.get(name) ?? 0) + 1
    step.append({ key: Buffer.from(name), value: Buffer.from(String(next)) })
    return next
  }
}

const clock = new ManualClock()
let log: FakeCoordinatorLog
let runtime: CoordinatorRuntime<CounterShard>
let warnings: string[]

function newRuntime(): CoordinatorRuntime<CounterShard> {
  const warn = (message: string) => void warnings.push(message)
  return new CoordinatorRuntime<CounterShard>({
    topic: '__counters',
    clock,
    logger: { debug: () => undefined, info: () => undefined, warn, error: warn },
    log,
    commitTimeoutMs: 5_000,
    partitionCount: () => 4,
    createShard: (_partition, timers) => new CounterShard(timers),
  })
}

function lead(partition: number, leaderEpoch: number): void {
  log.lead(partition, leaderEpoch)
  runtime.onDidChangeRole(partition)
}

function commit(partition: number): void {
  log.commit(partition)
  runtime.onDidAdvanceHighWatermark(partition)
  clock.runDeferred()
}

function increment(name: string, partition = 0) {
  return runtime.write(partition, (shard, step) => shard.increment(name, step))
}

const counts = async (partition = 0) => (await runtime.read(partition, (shard) => Object.fromEntries(shard.counts))).answer

/** Where the outcome is not there yet, 'pending'. */
async function now<T>(outcome: Promise<T>): Promise<T | 'pending'> {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve()
  return Promise.race([outcome, Promise.resolve('pending' as const)])
}

beforeEach(() => {
  log = new FakeCoordinatorLog()
  warnings = []
  runtime = newRuntime()
})

describe('the partition of a key', () => {
  it('is the one that Java comes to', () => {
    // "polygenelubricants".hashCode() is Integer.MIN_VALUE, the classic trap of abs.
    expect(partitionFor('polygenelubricants', 50)).toBe(0)
    expect(partitionFor('', 50)).toBe(0)
    expect(partitionFor('my-group', 50)).toBe(36)
    expect(partitionFor('größe-😀', 50)).toBe(partitionFor('gr\u00f6\u00dfe-\ud83d\ude00', 50))
  })
})

describe('a coordinator’s runtime', () => {
  it('is no coordinator where it does not lead, and loads before it answers where it does', async () => {
    expect(await increment('a')).toEqual({ errorCode: ErrorCode.NOT_COORDINATOR, answer: null })
    lead(0, 1)
    expect(await increment('a')).toEqual({ errorCode: ErrorCode.COORDINATOR_LOAD_IN_PROGRESS, answer: null })
    clock.runDeferred()
    expect(await increment('a')).toEqual({ errorCode: 0, answer: 1 })
    expect(await increment('a')).toEqual({ errorCode: 0, answer: 2 })
    expect(await increment('a', 1)).toEqual({ errorCode: ErrorCode.NOT_COORDINATOR, answer: null })
  })

  it('answers when the records are committed, and a read when what it rests on is', async () => {
    lead(0, 1)
    clock.runDeferred()
    log.isCommitting = false
    const written = increment('a')
    const read = counts()
    expect(await now(written)).toBe('pending')
    expect(await now(read)).toBe('pending')
    commit(0)
    expect(await now(written)).toEqual({ errorCode: 0, answer: 1 })
    expect(await now(read)).toEqual({ a: 1 })
  })

  it('finds the state again when it comes to lead after another', async () => {
    lead(0, 1)
    clock.runDeferred()
    for (const name of ['a', 'b', 'a']) await increment(name)
    runtime = newRuntime()
    lead(0, 2)
    clock.runDeferred()
    expect(await counts()).toEqual({ a: 2, b: 1 })
  })

  it('answers nobody before what it has read is committed', async () => {
    log.isCommitting = false
    log.append(0, encodeBatch({ records: [{ timestamp: 1n, key: Buffer.from('a'), value: Buffer.from('7'), headers: [] }] }))
    lead(0, 2)
    clock.runDeferred()
    expect((await runtime.read(0, () => 1)).errorCode).toBe(ErrorCode.COORDINATOR_LOAD_IN_PROGRESS)
    commit(0)
    expect(await counts()).toEqual({ a: 7 })
  })

  it('tells whoever waits that the coordinator has moved', async () => {
    lead(0, 1)
    clock.runDeferred()
    log.isCommitting = false
    const written = increment('a')
    const parked: number[] = []
    runtime.execute<number>(
      0,
      (shard, _step, slot) => shard.waiting.push(slot),
      () => undefined,
      (errorCode) => parked.push(errorCode),
    )
    log.unlead(0)
    runtime.onDidChangeRole(0)
    expect(await now(written)).toEqual({ errorCode: ErrorCode.NOT_COORDINATOR, answer: null })
    expect(parked).toEqual([ErrorCode.NOT_COORDINATOR])
  })

  it('gives up a load of an older epoch for the newer one', async () => {
    lead(0, 1)
    log.append(0, encodeBatch({ records: [{ timestamp: 1n, key: Buffer.from('a'), value: Buffer.from('7'), headers: [] }] }))
    lead(0, 3)
    clock.runDeferred()
    expect(runtime.activeEpoch(0)).toBe(3)
    expect(await counts()).toEqual({ a: 7 })
  })

  it('loads anew in an epoch that nobody has told it of', async () => {
    lead(0, 1)
    clock.runDeferred()
    await increment('a')
    log.lead(0, 2)
    expect((await increment('a')).errorCode).toBe(ErrorCode.COORDINATOR_LOAD_IN_PROGRESS)
    clock.runDeferred()
    expect(await increment('a')).toEqual({ errorCode: 0, answer: 2 })
  })

  it('leaves the shard as the log is where an append is refused', async () => {
    lead(0, 1)
    clock.runDeferred()
    log.appendErrorCode = ErrorCode.NOT_ENOUGH_REPLICAS
    expect((await increment('a')).errorCode).toBe(ErrorCode.COORDINATOR_NOT_AVAILABLE)
    log.appendErrorCode = 0
    expect(await counts()).toEqual({})
  })

  it('runs what was to come after a refusal, and after an append', async () => {
    lead(0, 1)
    clock.runDeferred()
    const told: unknown[] = []
    const attempt = () =>
      runtime.write(0, (shard, step) => {
        step.whenAppended(() => told.push('appended', shard.counts.get('a')))
        step.whenRefused((errorCode) => told.push(errorCode))
        return shard.increment('a', step)
      })
    await attempt()
    log.appendErrorCode = ErrorCode.KAFKA_STORAGE_ERROR
    await attempt()
    expect(told).toEqual(['appended', 1, ErrorCode.NOT_COORDINATOR])
  })

  it('does not wait for a commit for ever, and keeps what it has written', async () => {
    lead(0, 1)
    clock.runDeferred()
    log.isCommitting = false
    const written = increment('a')
    clock.advance(4_999)
    expect(await now(written)).toBe('pending')
    clock.advance(1)
    expect(await now(written)).toEqual({ errorCode: ErrorCode.COORDINATOR_NOT_AVAILABLE, answer: null })
    commit(0)
    expect(await counts()).toEqual({ a: 1 })
  })

  it('answers a slot in a later step, when a timer is due', async () => {
    lead(0, 1)
    clock.runDeferred()
    const answers: number[] = []
    runtime.execute<number>(
      0,
      (shard, _step, slot) => {
        shard.timers.set('late', 100, (step) => step.answer(slot, 42))
        shard.timers.set('later', 150, () => answers.push(-1))
        shard.timers.cancel('later')
        shard.timers.set('late', 200, (step) => step.answer(slot, 43))
      },
      (answer) => answers.push(answer),
      () => undefined,
    )
    clock.advance(199)
    expect(answers).toEqual([])
    clock.advance(1)
    expect(answers).toEqual([43])
  })

  it('ends the timers of a shard with its leadership', () => {
    lead(0, 1)
    clock.runDeferred()
    const ran: string[] = []
    void runtime.read(0, (shard) => shard.timers.set('t', 10, () => ran.push('ran')))
    log.unlead(0)
    runtime.onDidChangeRole(0)
    clock.advance(100)
    expect(ran).toEqual([])
  })

  it('writes transactions and their ends, and reads them back', async () => {
    lead(0, 1)
    clock.runDeferred()
    await runtime.write(0, (shard, step) => {
      step.producer = { producerId: 7n, producerEpoch: 1 }
      return shard.increment('a', step)
    })
    const marker = { producerId: 7n, producerEpoch: 1, coordinatorEpoch: 3, result: 'commit' as const }
    expect(await runtime.endTransaction(0, marker)).toBe(0)
    runtime = newRuntime()
    lead(0, 2)
    clock.runDeferred()
    expect((await runtime.read(0, (shard) => [...shard.ends])).answer).toEqual(['a by 7', 'commit 7 1'])
  })

  it('passes over what it cannot read', async () => {
    log.append(0, encodeBatch({ records: [{ timestamp: 1n, key: null, value: null, headers: [] }] }))
    log.append(0, encodeBatch({ records: [{ timestamp: 1n, key: Buffer.from('a'), value: Buffer.from('7'), headers: [] }] }))
    lead(0, 1)
    clock.runDeferred()
    expect(await counts()).toEqual({ a: 7 })
    expect(warnings).toEqual(['A record of a coordinator could not be read and is passed over'])
  })

  it('takes in what somebody else has written to its partition before it writes itself', async () => {
    lead(0, 1)
    clock.runDeferred()
    log.append(0, encodeBatch({ records: [{ timestamp: 1n, key: Buffer.from('a'), value: Buffer.from('7'), headers: [] }] }))
    await increment('b')
    expect(await counts()).toEqual({ a: 7, b: 1 })
  })
})
