import { describe, expect, it } from 'vitest'
import { MemoryDisk } from '../../memory-disk'
import { SeededRandom } from '../seeded-random'
import { type Batch, LogView } from './log-view'
import { PartitionHistory } from './partition-history'

function batch(baseOffset: number, lastOffset: number, leaderEpoch = 0): Batch {
  const ofNobody = { producerId: -1, producerEpoch: -1, baseSequence: -1, attributes: 0 }
  const place = { segment: 0, position: baseOffset, sizeInBytes: 100, recordCount: lastOffset - baseOffset + 1 }
  return { baseOffset, lastOffset, leaderEpoch, crc: leaderEpoch * 1_000 + baseOffset, ...ofNobody, ...place }
}

function logOf(...batches: Batch[]): LogView {
  const log = new LogView(new MemoryDisk({ random: new SeededRandom(1, 'disk') }), '/data/t-0', 't-0')
  log.batches = batches
  return log
}

describe('the history of a partition', () => {
  const whole = logOf(batch(0, 77), batch(78, 88), batch(89, 89))

  it('takes a batch for committed when the high watermark has passed all of it', () => {
    const history = new PartitionHistory('t', 0, null)
    history.commit(whole, 0, 89, 0)
    expect(history.committed.map(({ baseOffset }) => baseOffset)).toEqual([0, 78])
    history.commit(whole, 0, 90, 0)
    expect(history.committed.map(({ baseOffset }) => baseOffset)).toEqual([0, 78, 89])
  })

  it('knows a batch again, in the middle of which it had been given up', () => {
    const history = new PartitionHistory('t', 0, null)
    history.commit(whole, 0, 90, 0)
    // Records were deleted up to 82, and a leader from outside of the ISR has nothing from there on.
    history.giveUp(82, 1, 0, 'the leader was elected from outside of the ISR, as the topic allows')
    expect(history.committed.map(({ baseOffset }) => baseOffset)).toEqual([0])
    history.commit(whole, 82, 90, 2)
    expect(history.difference(whole, 82, 90)).toBeNull()
  })

  it('holds what comes in its place to be what every log has there', () => {
    const history = new PartitionHistory('t', 0, null)
    history.commit(whole, 0, 90, 0)
    history.giveUp(82, 1, 0, 'the leader was elected from outside of the ISR, as the topic allows')
    history.commit(logOf(batch(0, 77), batch(78, 95, 1)), 82, 96, 1)
    expect(history.difference(whole, 82, 96)).toEqual({ committed: batch(78, 95, 1), here: batch(78, 88) })
  })
})
