/**
 * The transactions of a log under random histories, on a disk that loses and tears what was not synced. Invariants, after every step, against a naive
 * reading of all batches that are there:
 *  - with everything replicated the last stable offset is the first offset of the earliest transaction without a marker, else the log's end;
 *  - below any high watermark it is no higher than that, and no higher than the high watermark;
 *  - a consumer that starts anywhere, fetches any amount, and drops what the list of aborted transactions tells it to, sees the records of committed
 *    transactions and of none, all of them, and no other;
 *  - the list is sorted by first offset.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DiskError } from '../platform/disk'
import { batchOf, createKit, type Kit, logDirectory, readBytes } from '../testing/storage-kit'
import { type BatchHeader, encodeEndTxnMarker, forEachBatch, readEndTxnMarker } from '../wire/records'
import type { PartitionLog } from './partition-log'

type Command =
  | { readonly kind: 'send'; readonly id: number; readonly isTransactional: boolean }
  | { readonly kind: 'end'; readonly id: number; readonly isCommit: boolean }
  | { readonly kind: 'follow'; readonly ids: readonly number[]; readonly isCommit: boolean }
  | { readonly kind: 'roll' | 'flush' | 'flushInBackground' | 'restart' | 'kill' | 'crash' | 'spoil' }
  | { readonly kind: 'truncate'; readonly at: number }
  | { readonly kind: 'failAndCrash'; readonly after: number; readonly command: Command }

const config = { segmentBytes: 600, indexIntervalBytes: 150 }
const id = fc.integer({ min: 1, max: 3 })
const simple: fc.Arbitrary<Command> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('send' as const), id, isTransactional: fc.boolean() }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('end' as const), id, isCommit: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('follow' as const),
      ids: fc.array(id, { minLength: 1, maxLength: 3 }),
      isCommit: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom('roll', 'flush', 'flushInBackground', 'restart', 'kill', 'crash', 'spoil' as const),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('truncate' as const), at: fc.nat(100) }) },
)
const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 9, arbitrary: simple },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('failAndCrash' as const), after: fc.nat(12), command: simple }) },
)

class Subject {
  log: PartitionLog
  private recoveryPoint = 0

  constructor(readonly kit: Kit) {
    this.log = this.open(true)
  }

  reopen(wasCleanShutdown: boolean): void {
    this.log = this.open(wasCleanShutdown)
    this.recoveryPoint = Math.min(this.recoveryPoint, this.log.recoveryPoint)
  }

  checkpoint(): void {
    this.recoveryPoint = this.log.recoveryPoint
  }

  private open(wasCleanShutdown: boolean): PartitionLog {
    const onDidLowerRecoveryPoint = () => {
      this.recoveryPoint = Math.min(this.recoveryPoint, this.log.recoveryPoint)
    }
    return this.kit.open({ config, wasCleanShutdown, recoveryPoint: this.recoveryPoint, onDidLowerRecoveryPoint })
  }
}

interface Seen {
  readonly header: BatchHeader
  /** Of a control batch. */
  readonly isCommit: boolean | null
}

function batchesIn(bytes: Uint8Array): Seen[] {
  const seen: Seen[] = []
  forEachBatch(bytes, (header, at) => {
    seen.push({ header, isCommit: header.isControl ? readEndTxnMarker(bytes, at)!.isCommit : null })
    return true
  })
  return seen
}

function allOf(log: PartitionLog): Seen[] {
  const seen: Seen[] = []
  for (let next = 0; next < log.logEndOffset; next = seen.at(-1)!.header.lastOffset + 1)
    seen.push(...batchesIn(readBytes(log, next)))
  return seen
}

interface Truth {
  /** First offsets of the transactions without a marker, by producer. */
  readonly open: Map<bigint, number>
  /** Base offsets of the batches that a reader of committed records is to see. */
  readonly committed: Set<number>
}

function replay(batches: readonly Seen[]): Truth {
  const open = new Map<bigint, number>()
  const committed = new Set<number>()
  const written = new Map<bigint, number[]>()
  for (const { header, isCommit } of batches) {
    const { producerId, baseOffset } = header
    if (isCommit !== null) {
      if (isCommit) for (const offset of written.get(producerId) ?? []) committed.add(offset)
      written.delete(producerId)
      open.delete(producerId)
    } else if (!header.isTransactional) committed.add(baseOffset)
    else {
      if (!open.has(producerId)) open.set(producerId, baseOffset)
      written.set(producerId, [...(written.get(producerId) ?? []), baseOffset])
    }
  }
  return { open, committed }
}

/** As Java's consumer does it: the transactions of the list begin to be dropped at their first offsets, until their abort markers. */
function readCommitted(log: PartitionLog, from: number, lastStableOffset: number, maxBytes: number): number[] {
  const visible: number[] = []
  for (let next = from; next < lastStableOffset; ) {
    const slice = log.read(next, { maxBytes, maxOffset: lastStableOffset, minOneMessage: true })
    if (!slice.ok) throw new Error(slice.error)
    const aborted = log.abortedTransactions(next, slice.value.nextOffset)
    expect(aborted.map(({ firstOffset }) => firstOffset)).toEqual(
      aborted.map(({ firstOffset }) => firstOffset).sort((a, b) => a - b),
    )
    const bytes = new Uint8Array(slice.value.sizeInBytes)
    slice.value.readInto(bytes)
    const dropped = new Set<bigint>()
    for (const { header, isCommit } of batchesIn(bytes)) {
      while (aborted.length > 0 && aborted[0]!.firstOffset <= header.lastOffset) dropped.add(BigInt(aborted.shift()!.producerId))
      if (isCommit === false) dropped.delete(header.producerId)
      else if (isCommit === null && !(header.isTransactional && dropped.has(header.producerId))) visible.push(header.baseOffset)
    }
    if (bytes.byteLength === 0) break
    next = slice.value.nextOffset
  }
  return visible
}

function check({ log }: Subject, draw: number): void {
  const batches = allOf(log)
  const { open, committed } = replay(batches)
  const stable = Math.min(log.logEndOffset, ...open.values())
  // A high watermark that only grows is what the log is asked with, and once asked with the end there is no way back: so this one first.
  const highWatermark = draw % (log.logEndOffset + 1)
  expect(log.lastStableOffset(log.logEndOffset)).toBe(stable)
  expect(log.lastStableOffset(highWatermark)).toBeLessThanOrEqual(Math.min(stable, highWatermark))
  const starts = batches.filter(({ header }) => header.baseOffset < stable).map(({ header }) => header.baseOffset)
  const from = starts.length === 0 ? 0 : starts[draw % starts.length]!
  const expected = [...committed].filter((offset) => offset >= from && offset < stable).sort((a, b) => a - b)
  expect(readCommitted(log, from, stable, [1, 200, 100_000][draw % 3]!)).toEqual(expected)
}

const epoch = 0
const markerOf = (producerId: number, isCommit: boolean) =>
  encodeEndTxnMarker({ producerId: BigInt(producerId), producerEpoch: epoch, coordinatorEpoch: 0, isCommit, timestampMs: 1 })

function batchFor(producerId: number, baseSequence: number, isTransactional: boolean): Uint8Array {
  return batchOf(['a', 'b'], undefined, { producerId: BigInt(producerId), producerEpoch: epoch, baseSequence, isTransactional })
}

function nextSequence(log: PartitionLog, producerId: number): number {
  const entry = [...log.producers].find((producer) => producer.producerId === producerId)
  return (entry?.batches.at(-1)?.lastSequence ?? -1) + 1
}

async function run(subject: Subject, step: Command): Promise<void> {
  const { log, kit } = subject
  switch (step.kind) {
    case 'send': {
      const isOpen = replay(allOf(log)).open.has(BigInt(step.id))
      const result = log.appendAsLeader(batchFor(step.id, nextSequence(log, step.id), step.isTransactional), 0)
      expect(result.ok).toBe(!isOpen || step.isTransactional)
      return
    }
    case 'end':
      expect(log.appendAsLeader(markerOf(step.id, step.isCommit), 0, 'coordinator').ok).toBe(true)
      return
    case 'follow': {
      let baseOffset = log.logEndOffset
      const sent = new Map<number, number>()
      const batches = step.ids.flatMap((producerId) => {
        const sequence = sent.get(producerId) ?? nextSequence(log, producerId)
        sent.set(producerId, sequence + 2)
        return [batchFor(producerId, sequence, true), markerOf(producerId, step.isCommit)]
      })
      for (const batch of batches) {
        new DataView(batch.buffer, batch.byteOffset).setBigInt64(0, BigInt(baseOffset))
        new DataView(batch.buffer, batch.byteOffset).setInt32(12, 0)
        baseOffset += new DataView(batch.buffer, batch.byteOffset).getInt32(57)
      }
      log.appendAsFollower(Buffer.concat(batches))
      return
    }
    case 'roll':
      return log.roll()
    case 'flush':
      log.flush()
      return subject.checkpoint()
    case 'flushInBackground':
      await log.flushInBackground()
      return subject.checkpoint()
    case 'truncate':
      return log.truncateTo(Math.floor((step.at / 100) * (log.logEndOffset + 1)))
    case 'restart':
      log.close()
      subject.checkpoint()
      return subject.reopen(true)
    case 'spoil': {
      // A file that was damaged while the broker was down: it is to be found out, and made anew.
      log.close()
      subject.checkpoint()
      const names = kit.disk.list(logDirectory).map(({ name }) => name)
      for (const name of names.filter((file) => file.endsWith('.txnindex'))) {
        const bytes = kit.disk.readFile(`${logDirectory}/${name}`)!
        kit.disk.writeFileAtomic(`${logDirectory}/${name}`, bytes.subarray(0, bytes.byteLength - 3))
      }
      return subject.reopen(true)
    }
    case 'kill':
      kit.disk.kill()
      return subject.reopen(false)
    case 'crash':
      kit.disk.crash()
      return subject.reopen(false)
    case 'failAndCrash': {
      let operations = 0
      kit.disk.fail = (operation) => (operation !== 'read' && operations++ >= step.after ? 'io' : null)
      try {
        await run(subject, step.command)
      } catch (error) {
        if (!(error instanceof DiskError)) throw error
      }
      kit.disk.fail = null
      kit.disk.crash()
      return subject.reopen(false)
    }
  }
}

describe('the transactions of a log under random histories', () => {
  it('are those of the batches and markers that are there, through crashes, kills, restarts, truncations and disk errors', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.array(fc.tuple(command, fc.nat()), { maxLength: 40, size: 'max' }), async (seed, steps) => {
        const subject = new Subject(createKit(seed))
        for (const [step, draw] of steps) {
          await run(subject, step)
          check(subject, draw)
        }
      }),
      { numRuns: 150 },
    )
  }, 60_000)
})
