/**
 * The producer state of a log under random histories, on a disk that loses and tears what was not synced. Invariants, after every step:
 *  - of every producer with a batch in the log (and not only because a crash brought the log's start back), the state is the one replayed from the batches that are there: its epoch, and of its last five batches
 *    at least the last one, none that is not there;
 *  - of a producer whose batches have all been dropped from the start of the log it is that, or nothing; of others there is nothing;
 *  - a whole snapshot on disk says of the batches below its offset what a replay of them says, and none stands above the log's end;
 *  - a batch of the last five never is appended again.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DiskError } from '../platform/disk'
import { batchOf, createKit, type Kit, logDirectory, readBytes } from '../testing/storage-kit'
import { forEachBatch } from '../wire/records'
import { parseSegmentFileName } from './file-names'
import type { PartitionLog } from './partition-log'
import { parseProducerSnapshot } from './producer-snapshot-file'
import type { ProducerEntry } from './producer-state'

interface Batch {
  readonly id: number
  readonly epoch: number
  readonly sequence: number
  readonly count: number
  readonly baseOffset: number
}

type Command =
  | { readonly kind: 'send'; readonly id: number; readonly count: number; readonly newEpoch: boolean }
  | { readonly kind: 'retry'; readonly id: number; readonly back: number }
  | { readonly kind: 'follow'; readonly ids: readonly number[] }
  | { readonly kind: 'roll' | 'flush' | 'flushInBackground' | 'restart' | 'kill' | 'crash' }
  | { readonly kind: 'truncate' | 'moveStart' | 'startOver'; readonly at: number }
  | { readonly kind: 'failAndCrash'; readonly after: number; readonly command: Command }

const config = { segmentBytes: 350, indexIntervalBytes: 150 }
const id = fc.integer({ min: 1, max: 3 })
const at = fc.integer({ min: 0, max: 100 }).map((percent) => percent / 100)
const simpleCommand: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('send' as const),
      id,
      count: fc.integer({ min: 1, max: 3 }),
      newEpoch: fc.integer({ max: 4, min: 0 }).map((drawn) => drawn === 0),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('retry' as const), id, back: fc.nat(5) }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('follow' as const), ids: fc.array(id, { minLength: 1, maxLength: 4 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constantFrom('roll', 'flush', 'flushInBackground', 'restart', 'kill', 'crash' as const) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('truncate' as const), at }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('moveStart' as const, 'startOver' as const), at }) },
)
const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 9, arbitrary: simpleCommand },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('failAndCrash' as const), after: fc.nat(12), command: simpleCommand }) },
)

class Subject {
  log: PartitionLog
  /** Every batch that was not cut off, also those below the log's start. */
  history: Batch[] = []
  /** The furthest that the log's start has been. */
  furthestStart = 0
  private recoveryPoint = 0
  private logStartOffset = 0

  constructor(readonly kit: Kit) {
    this.log = this.open(true)
  }

  reopen(wasCleanShutdown: boolean): void {
    this.log = this.open(wasCleanShutdown)
    this.recoveryPoint = Math.min(this.recoveryPoint, this.log.recoveryPoint)
    const present = batchesOf(this.log)
    const kept = this.history.filter(({ baseOffset, count }) => baseOffset + count <= this.log.logEndOffset)
    // Whether a start over that failed has happened shows in what is there.
    const isStillThat = JSON.stringify(kept.slice(kept.length - present.length)) === JSON.stringify(present)
    this.history = isStillThat ? kept : present
    if (!isStillThat) this.furthestStart = this.log.logStartOffset
  }

  checkpoint(): void {
    this.recoveryPoint = this.log.recoveryPoint
    this.logStartOffset = this.log.logStartOffset
  }

  didStartOver(offset: number): void {
    this.logStartOffset = Math.min(this.logStartOffset, offset)
  }

  private open(wasCleanShutdown: boolean): PartitionLog {
    return this.kit.open({
      config,
      wasCleanShutdown,
      recoveryPoint: this.recoveryPoint,
      logStartOffset: this.logStartOffset,
      onDidLowerRecoveryPoint: () => {
        this.recoveryPoint = Math.min(this.recoveryPoint, this.log.recoveryPoint)
      },
    })
  }
}

function encode({ id: producerId, epoch, sequence, count, baseOffset }: Batch): Uint8Array {
  const values = Array.from({ length: count }, (_, index) => `${producerId}/${epoch}/${sequence + index}`)
  const numbers = { producerId: BigInt(producerId), producerEpoch: epoch, baseSequence: sequence, partitionLeaderEpoch: 0 }
  return batchOf(values, undefined, { ...numbers, baseOffset })
}

function batchesOf(log: PartitionLog): Batch[] {
  const batches: Batch[] = []
  for (let next = log.logStartOffset; next < log.logEndOffset; ) {
    forEachBatch(readBytes(log, next), (header) => {
      const { producerId, producerEpoch, baseSequence, recordCount, baseOffset, lastOffset } = header
      batches.push({ id: Number(producerId), epoch: producerEpoch, sequence: baseSequence, count: recordCount, baseOffset })
      next = lastOffset + 1
      return true
    })
  }
  return batches
}

/** Of the history below `endOffset`: the epoch of the producer's newest batch, and the last five of that epoch. */
function replay(history: readonly Batch[], producerId: number, endOffset: number): Batch[] {
  const own = history.filter((batch) => batch.id === producerId && batch.baseOffset < endOffset)
  return own.filter(({ epoch }) => epoch === own.at(-1)?.epoch).slice(-5)
}

function next(history: readonly Batch[], producerId: number, count: number, newEpoch: boolean, baseOffset: number): Batch {
  const last = history.findLast((batch) => batch.id === producerId)
  if (last === undefined || newEpoch) return { id: producerId, epoch: (last?.epoch ?? -1) + 1, sequence: 0, count, baseOffset }
  return { id: producerId, epoch: last.epoch, sequence: last.sequence + last.count, count, baseOffset }
}

const describeBatch = ({ epoch, sequence, count, baseOffset }: Batch) =>
  `epoch ${epoch} ${sequence}..${sequence + count - 1} at ${baseOffset}`
const describeEntry = ({ epoch, batches }: ProducerEntry) =>
  batches.map(({ lastSequence, lastOffset, offsetDelta }) => {
    return `epoch ${epoch} ${lastSequence - offsetDelta}..${lastSequence} at ${lastOffset - offsetDelta}`
  })

/** The entry says the end of `expected`, and at least the last of it. */
function expectEnd(entry: ProducerEntry | undefined, expected: readonly Batch[]): void {
  const found = entry === undefined ? [] : describeEntry(entry)
  expect(found.length).toBeGreaterThan(0)
  expect(found).toEqual(expected.slice(expected.length - found.length).map(describeBatch))
}

function check(subject: Subject): void {
  const { log, kit, history } = subject
  subject.furthestStart = Math.max(subject.furthestStart, log.logStartOffset)
  const entries = new Map([...log.producers].map((entry) => [entry.producerId, entry]))
  const present = batchesOf(log).filter(({ baseOffset, count }) => baseOffset + count > subject.furthestStart)
  for (const producerId of [1, 2, 3]) {
    const entry = entries.get(producerId)
    if (entry !== undefined || present.some((batch) => batch.id === producerId)) {
      expectEnd(entry, replay(history, producerId, log.logEndOffset))
    }
  }
  for (const { name } of kit.disk.list(logDirectory)) {
    const parsed = parseSegmentFileName(name)
    if (parsed?.suffix !== '.snapshot') continue
    expect(parsed.baseOffset).toBeLessThanOrEqual(log.logEndOffset)
    const snapshot = parseProducerSnapshot(kit.disk.readFile(`${logDirectory}/${name}`)!, parsed.baseOffset)
    // One that a loss of power has torn is found out when it is needed.
    if (!snapshot.ok) continue
    for (const entry of snapshot.value) expectEnd(entry, replay(history, Number(entry.producerId), parsed.baseOffset))
  }
}

async function run(subject: Subject, step: Command): Promise<void> {
  const { log, history, kit } = subject
  switch (step.kind) {
    case 'send': {
      const batch = next(history, step.id, step.count, step.newEpoch, log.logEndOffset)
      history.push(batch)
      const result = log.appendAsLeader(encode({ ...batch, baseOffset: 0 }), 0)
      expect(result).toMatchObject({ ok: true, value: { firstOffset: batch.baseOffset } })
      if (result.ok) expect(result.value.isDuplicate).toBeUndefined()
      return
    }
    case 'retry': {
      const batch = replay(history, step.id, log.logEndOffset).at(-1 - step.back)
      const isKnown = [...log.producers].some(({ producerId }) => producerId === step.id)
      if (batch === undefined || !isKnown) return
      const { logEndOffset } = log
      const result = log.appendAsLeader(encode({ ...batch, baseOffset: 0 }), 0)
      // A snapshot has only the last batch of each producer, so of the others it may be said, after a restart, that they are not the next.
      if (step.back === 0) expect(result.ok).toBe(true)
      if (result.ok)
        expect(result.value).toMatchObject({ isDuplicate: true, firstOffset: batch.baseOffset, recordCount: batch.count })
      expect(log.logEndOffset).toBe(logEndOffset)
      return
    }
    case 'follow': {
      const from = history.length
      let offset = log.logEndOffset
      for (const producerId of step.ids) {
        history.push(next(history, producerId, 2, false, offset))
        offset += 2
      }
      log.appendAsFollower(Buffer.concat(history.slice(from).map(encode)))
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
    case 'truncate': {
      log.truncateTo(log.logStartOffset + Math.floor(step.at * (log.logEndOffset - log.logStartOffset + 1)))
      subject.history = history.filter(({ baseOffset }) => baseOffset < log.logEndOffset)
      return
    }
    case 'moveStart':
      return log.setLogStartOffset(log.logStartOffset + Math.floor(step.at * (log.logEndOffset - log.logStartOffset + 1e-9)))
    case 'startOver': {
      const offset = Math.floor(step.at * (log.logEndOffset + 10))
      log.truncateFullyAndStartAt(offset)
      subject.history = []
      subject.furthestStart = offset
      subject.didStartOver(offset)
      return
    }
    case 'restart':
      log.close()
      subject.checkpoint()
      return subject.reopen(true)
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

describe('the producers of a log under random histories', () => {
  it('are those of the batches that are there, through crashes, kills, restarts, truncations and disk errors', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.array(command, { maxLength: 40, size: 'max' }), async (seed, commands) => {
        const subject = new Subject(createKit(seed))
        for (const step of commands) {
          await run(subject, step)
          check(subject)
        }
      }),
      { numRuns: 120 },
    )
  }, 60_000)
})
