/** Idempotent producers as a log sees them: duplicates, and what survives rolls, restarts, crashes and truncations. */
import { describe, expect, it } from 'vitest'
import { batchOf, createKit, type Kit, logDirectory, readAll } from '../testing/storage-kit'
import { ErrorCode } from '../wire/errors'
import { segmentFileName } from './file-names'
import type { PartitionLog } from './partition-log'
import { encodeProducerSnapshot } from './producer-snapshot-file'

interface Sent {
  id?: number
  epoch?: number
  /** How many records. */
  count?: number
  timestamp?: number
}

function batchFrom(sequence: number, { id = 1, epoch = 0, count = 1, timestamp = 1_700_000_000_000 }: Sent = {}): Uint8Array {
  const values = Array.from({ length: count }, (_, index) => `${id}:${sequence + index}`)
  return batchOf(values, timestamp, { producerId: BigInt(id), producerEpoch: epoch, baseSequence: sequence })
}

/** The offsets that the batch was given, now or before, or the error's code. */
function send(log: PartitionLog, sequence: number, sent: Sent = {}) {
  const result = log.appendAsLeader(batchFrom(sequence, sent), 0)
  if (!result.ok) return result.error.code
  const { firstOffset, lastOffset, isDuplicate = false } = result.value
  return isDuplicate ? `duplicate of ${firstOffset}..${lastOffset}` : `${firstOffset}..${lastOffset}`
}

const snapshotsOf = (kit: Kit) =>
  kit.disk.paths.filter((path) => path.endsWith('.snapshot')).map((path) => Number(path.slice(-29, -9)))
const pathOf = (offset: number) => `${logDirectory}/${segmentFileName(offset, '.snapshot')}`

function reopenAfterKill(kit: Kit, recoveryPoint = 0): PartitionLog {
  kit.disk.kill()
  return kit.open({ wasCleanShutdown: false, recoveryPoint })
}

describe('a log that an idempotent producer writes to', () => {
  it('appends nothing of a batch that comes again, and answers where and when it was written', () => {
    const kit = createKit()
    const log = kit.open({ config: { messageTimestampType: 'LogAppendTime' } })
    const writtenMs = kit.clock.now
    expect(send(log, 0, { count: 3 })).toBe('0..2')
    expect(send(log, 3)).toBe('3..3')
    kit.clock.advance(5000)
    const { sizeInBytes } = log
    const again = log.appendAsLeader(batchFrom(0, { count: 3 }), 4)
    expect(again).toMatchObject({
      ok: true,
      value: { firstOffset: 0, lastOffset: 2, logAppendTimeMs: writtenMs, isDuplicate: true },
    })
    expect([log.sizeInBytes, log.logEndOffset, log.latestEpoch]).toEqual([sizeInBytes, 4, 0])
    expect(readAll(log).map(({ value }) => value)).toEqual(['1:0', '1:1', '1:2', '1:3'])
  })

  it('refuses what is not the next with the codes of Kafka, and appends nothing of it', () => {
    const log = createKit().open()
    send(log, 0, { epoch: 1 })
    expect(send(log, 2, { epoch: 1 })).toBe(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER)
    expect(send(log, 1, { epoch: 2 })).toBe(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER)
    expect(send(log, 1, { epoch: 0 })).toBe(ErrorCode.INVALID_PRODUCER_EPOCH)
    expect(log.logEndOffset).toBe(1)
  })

  it('takes a batch whose write failed for new when it is sent again', () => {
    const kit = createKit()
    const log = kit.open()
    send(log, 0)
    kit.disk.fail = (operation) => (operation === 'write' ? 'io' : null)
    expect(() => send(log, 1)).toThrow('injected')
    kit.disk.fail = null
    expect(send(log, 1)).toBe('1..1')
    expect(send(log, 1)).toBe('duplicate of 1..1')
  })

  it('knows as a leader what it was sent as a follower', () => {
    const kit = createKit()
    const leader = kit.open()
    for (let sequence = 0; sequence < 3; sequence++) send(leader, sequence * 2, { count: 2 })
    const follower = kit.open({ directory: '/data/orders-1', partition: 1 })
    const slice = leader.read(0, { maxBytes: 10_000, maxOffset: 6, minOneMessage: true })
    if (!slice.ok) throw new Error(slice.error)
    const bytes = new Uint8Array(slice.value.sizeInBytes)
    slice.value.readInto(bytes)
    follower.appendAsFollower(bytes)
    expect(send(follower, 2, { count: 2 })).toBe('duplicate of 2..3')
    expect(send(follower, 8)).toBe(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER)
    expect(send(follower, 6)).toBe('6..6')
  })
})

describe('snapshots of producers', () => {
  it('are written at a roll and at a clean close, which the next start believes without reading the log', () => {
    const kit = createKit()
    const log = kit.open()
    send(log, 0)
    log.roll()
    send(log, 1)
    log.close()
    expect(snapshotsOf(kit)).toEqual([1, 2])
    const batches = [{ lastSequence: 99, lastOffset: 1, offsetDelta: 0, timestamp: 1 }]
    const told = {
      producerId: 1,
      epoch: 0,
      batches,
      lastTimestamp: 1,
      coordinatorEpoch: -1,
      currentTxnFirstOffset: -1,
      lastSeenMs: 1,
    }
    kit.disk.writeFileAtomic(pathOf(2), encodeProducerSnapshot([told], 1))
    const again = kit.open()
    expect(send(again, 100)).toBe('2..2')
    again.close()
    // Kafka leaves those of segments and the newest one, too.
    kit.open()
    expect(snapshotsOf(kit)).toEqual([1, 3])
  })

  it.each([1, 40])('tell of the last batch only, and those before it are found in %i segments of the log', (batchesInSegment) => {
    const kit = createKit()
    const log = kit.open({ config: { indexIntervalBytes: 500 } })
    for (let sequence = 0; sequence < 60; sequence++) {
      send(log, sequence, { id: 1 })
      send(log, sequence, { id: 2, epoch: Math.floor(sequence / 58) })
      if (sequence % batchesInSegment === 0) log.roll()
    }
    log.close()
    for (const again of [kit.open(), reopenAfterKill(kit, 120)]) {
      expect(send(again, 55, { id: 1 })).toBe('duplicate of 110..110')
      expect(send(again, 54, { id: 1 })).toBe(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER)
    }
  })

  it('are not written where nothing has changed, nor for a log that never held a record', () => {
    const kit = createKit()
    kit.open().close()
    expect(snapshotsOf(kit)).toEqual([])
    const log = kit.open()
    send(log, 0)
    log.close()
    kit.open().close()
    const { write } = kit.disk.counts
    kit.open().close()
    expect(kit.disk.counts.write).toBe(write)
  })

  it('survive a loss of power right after a clean close', () => {
    for (let seed = 1; seed < 30; seed++) {
      const kit = createKit(seed)
      const log = kit.open()
      send(log, 0)
      log.roll()
      send(log, 1)
      log.close()
      kit.disk.crash()
      expect(snapshotsOf(kit)).toContain(2)
      expect(send(kit.open(), 1)).toBe('duplicate of 1..1')
      expect(kit.logger.problems).toEqual([])
    }
  })

  it('are filled up from the batches behind them after a kill', () => {
    const kit = createKit()
    const log = kit.open()
    send(log, 0, { id: 1 })
    send(log, 0, { id: 2 })
    log.roll()
    send(log, 1, { id: 2 })
    send(log, 0, { id: 3, epoch: 5 })
    const again = reopenAfterKill(kit)
    expect(send(again, 0, { id: 1 })).toBe('duplicate of 0..0')
    expect(send(again, 0, { id: 2 })).toBe('duplicate of 1..1')
    expect(send(again, 1, { id: 2 })).toBe('duplicate of 2..2')
    expect(send(again, 0, { id: 3, epoch: 5 })).toBe('duplicate of 3..3')
  })

  it('are not needed: without them the whole log is read', () => {
    const kit = createKit()
    const log = kit.open()
    for (let sequence = 0; sequence < 7; sequence++) {
      send(log, sequence)
      if (sequence === 3) log.roll()
    }
    log.close()
    for (const offset of snapshotsOf(kit)) kit.disk.removeFile(pathOf(offset))
    const again = kit.open()
    expect(send(again, 2)).toBe('duplicate of 2..2')
    expect(send(again, 7)).toBe('7..7')
  })

  it.each([
    ['empty', () => new Uint8Array(0)],
    ['cut short', (bytes: Uint8Array) => bytes.slice(0, 30)],
    ['torn', (bytes: Uint8Array) => bytes.map((byte, index) => (index > 20 ? 0 : byte))],
    ['of another version', (bytes: Uint8Array) => bytes.map((byte, index) => (index === 1 ? 2 : byte))],
    ['noise', () => Uint8Array.from({ length: 500 }, (_, index) => (index * 37) & 0xff)],
  ])('that are %s are removed with a warning, and an older one is filled up instead', (_what, damage) => {
    const kit = createKit()
    const log = kit.open()
    send(log, 0)
    log.roll()
    send(log, 1)
    send(log, 2)
    log.close()
    kit.disk.corrupt(pathOf(3), damage)
    const again = kit.open()
    expect(kit.logger.problems.map(({ message }) => message)).toEqual(['A snapshot of producers cannot be used and is removed'])
    expect(snapshotsOf(kit)).toEqual([1])
    expect(send(again, 1)).toBe('duplicate of 1..1')
    expect(send(again, 3)).toBe('3..3')
  })

  it('go with their segments, while the producers stay known', () => {
    const kit = createKit()
    const log = kit.open()
    for (let sequence = 0; sequence < 4; sequence++) {
      send(log, sequence)
      log.roll()
    }
    send(log, 0, { id: 2 })
    expect(snapshotsOf(kit)).toEqual([1, 2, 3, 4])
    log.setLogStartOffset(3)
    expect(snapshotsOf(kit)).toEqual([3, 4])
    log.setLogStartOffset(5)
    expect(snapshotsOf(kit)).toEqual([4])
    expect(send(log, 3)).toBe('duplicate of 3..3')
    log.close()
    // With none of its batches left a producer is forgotten at the next start, as in Kafka.
    expect(send(kit.open({ logStartOffset: 5 }), 0, { id: 2 })).toBe('5..5')
  })

  it('of a full disk are not written, and the log stays as it was', () => {
    const kit = createKit()
    const log = kit.open({ config: { segmentBytes: 200 } })
    send(log, 0)
    send(log, 1)
    kit.disk.fail = (operation, path) => (operation === 'write' && path.endsWith('.snapshot') ? 'no-space' : null)
    expect(() => send(log, 2, { count: 5 })).toThrow('injected')
    expect([snapshotsOf(kit), log.segmentCount, log.logEndOffset]).toEqual([[], 1, 2])
    kit.disk.fail = null
    expect(send(log, 2, { count: 5 })).toBe('2..6')
    expect([snapshotsOf(kit), log.segmentCount]).toEqual([[2], 2])
  })
})

describe('producers of a log that is cut', () => {
  /** Producer 1 wrote 0, 1, 4 and 5, producer 2 wrote 2 and 3; segments at 0, 2 and 4. */
  function threeSegments(): { kit: Kit; log: PartitionLog } {
    const kit = createKit()
    const log = kit.open()
    send(log, 0)
    send(log, 1)
    log.roll()
    send(log, 0, { id: 2 })
    send(log, 1, { id: 2 })
    log.roll()
    send(log, 2)
    send(log, 3)
    return { kit, log }
  }

  it('are what they were when it ended there, from memory as far as it reaches', () => {
    const { kit, log } = threeSegments()
    log.truncateTo(5)
    expect(snapshotsOf(kit)).toEqual([2, 4])
    expect(send(log, 2)).toBe('duplicate of 4..4')
    expect(send(log, 4)).toBe(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER)
    expect(send(log, 3, { count: 2 })).toBe('5..6')
    log.truncateTo(2)
    expect(send(log, 2)).toBe('2..2')
    log.close()
    expect(snapshotsOf(kit)).toEqual([2, 3])
  })

  it('are read from the newest snapshot and the batches behind it where memory does not reach', () => {
    const { kit, log } = threeSegments()
    log.truncateTo(3)
    expect(snapshotsOf(kit)).toEqual([2])
    expect(send(log, 1)).toBe('duplicate of 1..1')
    expect(send(log, 0, { id: 2 })).toBe('duplicate of 2..2')
    log.truncateTo(2)
    expect([...log.producers].map(({ producerId }) => producerId)).toEqual([1])
    log.truncateTo(0)
    expect([[...log.producers], snapshotsOf(kit)]).toEqual([[], []])
  })

  it('go back to the epoch that they had', () => {
    const log = createKit().open()
    send(log, 0)
    send(log, 1)
    send(log, 0, { epoch: 1 })
    log.truncateTo(2)
    expect(send(log, 1)).toBe('duplicate of 1..1')
    expect(send(log, 2)).toBe('2..2')
  })

  it('are forgotten where it starts over', () => {
    const { kit, log } = threeSegments()
    log.truncateFullyAndStartAt(4)
    expect([[...log.producers], snapshotsOf(kit)]).toEqual([[], []])
    expect(send(log, 77)).toBe('4..4')
    expect(send(reopenAfterKill(kit), 77)).toBe('duplicate of 4..4')
    const other = createKit()
    send(other.open(), 0)
    other.open().close()
    other.open().truncateFullyAndStartAt(100)
    expect(snapshotsOf(other)).toEqual([])
  })

  it('do not come back after a loss of power, with batches that another leader has overwritten', () => {
    for (let seed = 1; seed < 40; seed++) {
      const kit = createKit(seed)
      const log = kit.open()
      send(log, 0)
      log.flush()
      send(log, 1)
      log.roll()
      send(log, 2)
      log.truncateTo(1)
      send(log, 0, { id: 2 })
      send(log, 1, { id: 2 })
      log.flush()
      kit.disk.crash()
      const again = kit.open({ wasCleanShutdown: false, recoveryPoint: 1 })
      expect(send(again, 0, { id: 1 })).toBe('duplicate of 0..0')
      expect(send(again, 1, { id: 1 })).toBe('3..3')
      expect(send(again, 1, { id: 2 })).toBe('duplicate of 2..2')
    }
  })

  it('are those of the batches that a loss of power left, and a snapshot of more is gone for good', () => {
    for (let seed = 1; seed < 40; seed++) {
      const kit = createKit(seed)
      const log = kit.open()
      send(log, 0)
      log.flush()
      // As if the system had written back the snapshot of the next roll before the batches below it.
      const ahead = [{ lastSequence: 50, lastOffset: 1, offsetDelta: 0, timestamp: 1 }]
      const entry = {
        producerId: 1,
        epoch: 0,
        batches: ahead,
        lastTimestamp: 1,
        coordinatorEpoch: -1,
        currentTxnFirstOffset: -1,
        lastSeenMs: 1,
      }
      kit.disk.writeFileAtomic(pathOf(2), encodeProducerSnapshot([entry], 1))
      kit.disk.crash()
      const again = kit.open({ wasCleanShutdown: false, recoveryPoint: 1 })
      expect(snapshotsOf(kit)).toEqual([])
      expect(send(again, 1)).toBe('1..1')
      expect(send(again, 2)).toBe('2..2')
      kit.disk.crash()
      const last = kit.open({ wasCleanShutdown: false, recoveryPoint: 1 })
      const end = last.logEndOffset
      expect(send(last, end)).toBe(`${end}..${end}`)
    }
  })
})
