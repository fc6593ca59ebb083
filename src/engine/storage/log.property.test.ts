/**
 * A log against a model, over random histories on a disk that loses and tears what was not synced. Invariants:
 *  - the log is always a prefix of what was appended, and offsets are dense;
 *  - everything below the recovery point is there after a crash of the machine, and everything after a kill of the process;
 *  - leader epochs are those of the batches that are there;
 *  - an operation that the disk failed leaves, after a restart, the state before it or a prefix of the one after it.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DiskError } from '../platform/disk'
import { batchOf, createKit, type Kit, readAll } from '../testing/storage-kit'
import type { PartitionLog } from './partition-log'

type Command =
  | { readonly kind: 'append'; readonly count: number; readonly bytes: number; readonly newEpoch: boolean }
  | { readonly kind: 'follow'; readonly count: number; readonly batches: number }
  | { readonly kind: 'roll' | 'flush' | 'flushInBackground' | 'restart' | 'kill' | 'crash' }
  | { readonly kind: 'truncate' | 'moveStart' | 'startOver'; readonly at: number }
  | { readonly kind: 'failAndCrash'; readonly after: number; readonly command: Command }

interface Entry {
  readonly offset: number
  readonly epoch: number
  readonly value: string
}

interface Model {
  logStartOffset: number
  logEndOffset: number
  /** The largest start the log has had: a crash may bring the start back to its checkpoint, but not the epochs before it. */
  leastKnownEpochOffset: number
  entries: Entry[]
  /** The epoch that the next leader append is of. */
  epoch: number
  serial: number
}

const config = { segmentBytes: 900, indexIntervalBytes: 150 }

const simpleCommand: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('append' as const),
      count: fc.integer({ min: 1, max: 4 }),
      bytes: fc.integer({ min: 0, max: 190 }),
      newEpoch: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('follow' as const),
      count: fc.integer({ min: 1, max: 3 }),
      batches: fc.integer({ min: 1, max: 3 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom('roll' as const, 'flush' as const, 'flushInBackground' as const, 'restart' as const, 'kill' as const),
    }),
  },
  { weight: 2, arbitrary: fc.constant({ kind: 'crash' as const }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('truncate' as const), at: fc.double({ min: 0, max: 1, noNaN: true }) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom('moveStart' as const, 'startOver' as const),
      at: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
  },
)
const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 9, arbitrary: simpleCommand },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('failAndCrash' as const), after: fc.nat(12), command: simpleCommand }) },
)

/** The log with what a broker's checkpoints keep of it. */
class Subject {
  log: PartitionLog
  recoveryPointCheckpoint = 0
  logStartCheckpoint = 0

  constructor(readonly kit: Kit) {
    this.log = this.#open(true)
  }

  reopen(wasCleanShutdown: boolean): void {
    this.log = this.#open(wasCleanShutdown)
    this.recoveryPointCheckpoint = Math.min(this.recoveryPointCheckpoint, this.log.recoveryPoint)
  }

  checkpoint(): void {
    this.recoveryPointCheckpoint = this.log.recoveryPoint
    this.logStartCheckpoint = this.log.logStartOffset
  }

  #open(wasCleanShutdown: boolean): PartitionLog {
    return this.kit.open({
      config,
      wasCleanShutdown,
      recoveryPoint: this.recoveryPointCheckpoint,
      logStartOffset: this.logStartCheckpoint,
      onDidLowerRecoveryPoint: () => {
        this.recoveryPointCheckpoint = Math.min(this.recoveryPointCheckpoint, this.log.recoveryPoint)
      },
    })
  }
}

function valuesOf(model: Model, count: number, bytes: number): string[] {
  return Array.from({ length: count }, () => `${model.serial++}:${'x'.repeat(bytes)}`)
}

function addEntries(model: Model, values: readonly string[], epoch: number): void {
  for (const value of values) model.entries.push({ offset: model.logEndOffset++, epoch, value })
}

/** Applies a command to the model first and then to the log, so that after a failure the model says what it would have become. */
async function run(subject: Subject, model: Model, step: Command): Promise<void> {
  const { log } = subject
  switch (step.kind) {
    case 'append': {
      if (step.newEpoch) model.epoch++
      const values = valuesOf(model, step.count, step.bytes)
      const firstOffset = model.logEndOffset
      addEntries(model, values, model.epoch)
      const result = log.appendAsLeader(batchOf(values), model.epoch)
      if (!result.ok) throw new Error(result.error.message)
      expect(result.value.firstOffset).toBe(firstOffset)
      return
    }
    case 'follow': {
      const parts: Uint8Array[] = []
      for (let index = 0; index < step.batches; index++) {
        const baseOffset = model.logEndOffset
        const values = valuesOf(model, step.count, 10)
        addEntries(model, values, ++model.epoch)
        parts.push(batchOf(values, undefined, { baseOffset, partitionLeaderEpoch: model.epoch }))
      }
      // With half a batch behind, as a fetch may end.
      log.appendAsFollower(Buffer.concat([...parts, parts[0]!.subarray(0, 40)]))
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
      const offset = model.logStartOffset + Math.floor(step.at * (model.logEndOffset - model.logStartOffset + 1))
      // A whole batch goes where the offset lies within one, so the log says where it ended up, at or before the offset.
      const before = model.entries
      model.entries = before.filter((entry) => entry.offset < offset)
      model.logEndOffset = Math.min(offset, model.logEndOffset)
      log.truncateTo(offset)
      expect(log.logEndOffset).toBeLessThanOrEqual(model.logEndOffset)
      model.logEndOffset = log.logEndOffset
      model.entries = before.filter((entry) => entry.offset < log.logEndOffset)
      model.logStartOffset = Math.min(model.logStartOffset, model.logEndOffset)
      return
    }
    case 'moveStart': {
      const offset = model.logStartOffset + Math.floor(step.at * (model.logEndOffset - model.logStartOffset + 1))
      model.logStartOffset = Math.min(Math.max(offset, model.logStartOffset), model.logEndOffset)
      model.leastKnownEpochOffset = Math.max(model.leastKnownEpochOffset, model.logStartOffset)
      log.setLogStartOffset(model.logStartOffset)
      return
    }
    case 'startOver': {
      const offset = Math.floor(step.at * (model.logEndOffset + 10))
      model.entries = []
      model.logStartOffset = offset
      model.logEndOffset = offset
      model.leastKnownEpochOffset = offset
      log.truncateFullyAndStartAt(offset)
      // The broker checkpoints log starts at once in this case too; otherwise the old start would drop the log at the next start.
      subject.logStartCheckpoint = Math.min(subject.logStartCheckpoint, offset)
      return
    }
    case 'restart':
      log.close()
      subject.checkpoint()
      return subject.reopen(true)
    case 'kill':
      subject.kit.disk.kill()
      return subject.reopen(false)
    case 'crash':
      subject.kit.disk.crash()
      return subject.reopen(false)
    case 'failAndCrash':
      throw new Error('handled by the caller')
  }
}

/** The log's records are those of the model below some end that is not below `leastEnd`; the model is cut to that end. */
function checkPrefix(subject: Subject, model: Model, leastEnd: number): void {
  const { log } = subject
  expect(log.logEndOffset).toBeGreaterThanOrEqual(leastEnd)
  expect(log.logEndOffset).toBeLessThanOrEqual(model.logEndOffset)
  model.logEndOffset = log.logEndOffset
  model.logStartOffset = log.logStartOffset
  model.entries = model.entries.filter((entry) => entry.offset < log.logEndOffset)
  checkEqual(subject, model)
}

function checkEqual({ log }: Subject, model: Model): void {
  expect(log.logEndOffset).toBe(model.logEndOffset)
  expect(log.logStartOffset).toBe(model.logStartOffset)
  const visible = model.entries.filter((entry) => entry.offset >= log.logStartOffset)
  const found = readAll(log, log.logStartOffset, 300).filter((record) => record.offset >= log.logStartOffset)
  expect(found).toEqual(visible.map(({ offset, value }) => ({ offset, value })))
  for (const entry of visible) {
    if (entry.offset >= model.leastKnownEpochOffset) expect(log.epochAt(entry.offset)).toBe(entry.epoch)
  }
}

async function runHistory(seed: number, commands: readonly Command[]): Promise<void> {
  const subject = new Subject(createKit(seed))
  const model: Model = { logStartOffset: 0, logEndOffset: 0, leastKnownEpochOffset: 0, entries: [], epoch: 0, serial: 0 }
  for (const step of commands) {
    if (step.kind === 'failAndCrash') {
      await failAndCrash(subject, model, step)
      continue
    }
    const recoveryPoint = subject.log.recoveryPoint
    await run(subject, model, step)
    if (step.kind === 'crash') checkPrefix(subject, model, Math.min(recoveryPoint, model.logEndOffset))
    else if (step.kind === 'kill') checkPrefix(subject, model, model.logEndOffset)
    else checkEqual(subject, model)
  }
}

/** The disk fails in the middle of the command, and then the machine does. */
async function failAndCrash(subject: Subject, model: Model, step: Command & { kind: 'failAndCrash' }): Promise<void> {
  const before = structuredClone(model)
  const leastEnd = Math.min(subject.log.recoveryPoint, before.logEndOffset)
  let operations = 0
  subject.kit.disk.fail = (operation) => (operation !== 'read' && operations++ >= step.after ? 'io' : null)
  try {
    await run(subject, model, step.command)
  } catch (error) {
    if (!(error instanceof DiskError)) throw error
  }
  subject.kit.disk.fail = null
  const isCut = step.command.kind === 'truncate' || step.command.kind === 'startOver'
  subject.kit.disk.crash()
  subject.reopen(false)
  const { log } = subject
  const isBefore = isPrefixOf(log, before)
  const isAfter = isPrefixOf(log, model)
  expect(isBefore || isAfter).toBe(true)
  if (!isCut) expect(log.logEndOffset).toBeGreaterThanOrEqual(leastEnd)
  model.epoch = Math.max(model.epoch, before.epoch)
  model.leastKnownEpochOffset = Math.max(model.leastKnownEpochOffset, before.leastKnownEpochOffset)
  model.entries = (isAfter ? model : before).entries.filter((entry) => entry.offset < log.logEndOffset)
  model.logStartOffset = log.logStartOffset
  model.logEndOffset = log.logEndOffset
  checkEqual(subject, model)
}

function isPrefixOf(log: PartitionLog, model: Model): boolean {
  const found = readAll(log).filter((record) => record.offset >= log.logStartOffset)
  if (log.logEndOffset > model.logEndOffset) return false
  const wanted = model.entries.filter(({ offset }) => offset >= log.logStartOffset && offset < log.logEndOffset)
  return JSON.stringify(found) === JSON.stringify(wanted.map(({ offset, value }) => ({ offset, value })))
}

describe('PartitionLog under random histories', () => {
  it('stays a prefix of what was appended through crashes, kills, restarts, truncations and disk errors', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.array(command, { maxLength: 40, size: 'max' }), (seed, commands) =>
        runHistory(seed, commands),
      ),
      { numRuns: 150 },
    )
  }, 60_000)
})
