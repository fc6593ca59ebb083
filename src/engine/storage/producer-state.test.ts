import { describe, expect, it } from 'vitest'
import { batchOf } from '../testing/storage-kit'
import { errorName } from '../wire/errors'
import { setBaseOffset } from '../wire/records'
import { ProducerState } from './producer-state'

interface Sent {
  producerId?: bigint
  epoch?: number
  sequence: number
  count?: number
  timestamp?: number
}

/** A leader's log with nothing but its producer state: answers the first offset, 'duplicate of <first>..<last>' or the error's code. */
function createLeader() {
  const state = new ProducerState()
  let logEndOffset = 0
  const encode = ({ producerId = 7n, epoch = 0, sequence, count = 1, timestamp = 1000 }: Sent): Uint8Array =>
    batchOf(Array<string>(count).fill('x'), timestamp, { producerId, producerEpoch: epoch, baseSequence: sequence })
  return {
    state,
    send(sent: Sent, origin: 'client' | 'coordinator' = 'client'): number | string {
      const batch = encode(sent)
      const duplicate = origin === 'client' ? state.findDuplicate(batch, 0) : null
      if (duplicate !== null) return `duplicate of ${duplicate.lastOffset - duplicate.offsetDelta}..${duplicate.lastOffset}`
      const error = state.findError(batch, 0, origin)
      if (error !== null) return errorName(error.code)
      const firstOffset = logEndOffset
      setBaseOffset(batch, 0, firstOffset)
      state.update(batch, 0, 5000)
      logEndOffset += sent.count ?? 1
      return firstOffset
    },
    follow(sent: Sent, offset: number): void {
      const batch = encode(sent)
      setBaseOffset(batch, 0, offset)
      state.update(batch, 0, 5000)
    },
  }
}

const OUT_OF_ORDER = 'OUT_OF_ORDER_SEQUENCE_NUMBER'

describe('the batches of an idempotent producer', () => {
  it('are taken one after the other, and each of the last five is known when it comes again', () => {
    const leader = createLeader()
    expect(
      [0, 3, 4, 10, 20, 21].map((sequence, index, all) => leader.send({ sequence, count: (all[index + 1] ?? 30) - sequence })),
    ).toEqual([0, 3, 4, 10, 20, 21])
    expect(leader.send({ sequence: 21, count: 9 })).toBe('duplicate of 21..29')
    expect(leader.send({ sequence: 3, count: 1 })).toBe('duplicate of 3..3')
    expect(leader.send({ sequence: 30 })).toBe(30)
  })

  it('are out of order when they are older than those that are kept, as in Kafka, which no longer knows them', () => {
    const leader = createLeader()
    for (let sequence = 0; sequence < 6; sequence++) leader.send({ sequence })
    expect(leader.send({ sequence: 0 })).toBe(OUT_OF_ORDER)
    expect(leader.send({ sequence: 1 })).toBe('duplicate of 1..1')
  })

  it('are out of order behind a gap, and within what was written where they are not the same batch', () => {
    const leader = createLeader()
    leader.send({ sequence: 0, count: 3 })
    expect(leader.send({ sequence: 4 })).toBe(OUT_OF_ORDER)
    expect(leader.send({ sequence: 1, count: 2 })).toBe(OUT_OF_ORDER)
    expect(leader.send({ sequence: 0, count: 2 })).toBe(OUT_OF_ORDER)
    expect(leader.send({ sequence: 3 })).toBe(3)
  })

  it('may begin anywhere where the producer is not known, for its state may have expired', () => {
    const leader = createLeader()
    expect(leader.send({ sequence: 17 })).toBe(0)
    expect(leader.send({ sequence: 19 })).toBe(OUT_OF_ORDER)
    expect(leader.send({ sequence: 18 })).toBe(1)
  })

  it('go on at 0 after 2^31 - 1, also within a batch', () => {
    const leader = createLeader()
    expect(leader.send({ sequence: 0x7fff_fffd, count: 5 })).toBe(0)
    expect(leader.send({ sequence: 2 })).toBe(5)
    expect(leader.send({ sequence: 0x7fff_fffd, count: 5 })).toBe('duplicate of 0..4')
    expect(leader.send({ producerId: 8n, sequence: 0x7fff_ffff })).toBe(6)
    expect(leader.send({ producerId: 8n, sequence: 0 })).toBe(7)
    expect(leader.send({ producerId: 8n, sequence: 0x7fff_ffff })).toBe('duplicate of 6..6')
  })

  it('begin a new epoch at 0, and those of an older one are refused, even ones that were taken before', () => {
    const leader = createLeader()
    leader.send({ sequence: 0 })
    leader.send({ sequence: 1 })
    expect(leader.send({ epoch: 2, sequence: 2 })).toBe(OUT_OF_ORDER)
    expect(leader.send({ epoch: 2, sequence: 0 })).toBe(2)
    expect(leader.send({ epoch: 1, sequence: 0 })).toBe('INVALID_PRODUCER_EPOCH')
    expect(leader.send({ epoch: 0, sequence: 1 })).toBe('INVALID_PRODUCER_EPOCH')
    expect(leader.send({ epoch: 2, sequence: 0 })).toBe('duplicate of 2..2')
    expect(leader.send({ epoch: 2, sequence: 1 })).toBe(3)
  })

  it('do not mix with those of other producers, however large the ids', () => {
    const leader = createLeader()
    const ids = [1n, 2n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 63n - 1n]
    for (const producerId of ids) expect(leader.send({ producerId, sequence: 5 })).toBeTypeOf('number')
    for (const producerId of ids) expect(leader.send({ producerId, sequence: 7 })).toBe(OUT_OF_ORDER)
    expect([...leader.state.entries].map((entry) => BigInt(entry.producerId))).toEqual(ids)
  })

  it('are not numbered when a coordinator writes them, but of an older epoch they are refused all the same', () => {
    const leader = createLeader()
    expect(leader.send({ epoch: 3, sequence: -1, count: 2 }, 'coordinator')).toBe(0)
    expect(leader.send({ epoch: 3, sequence: -1 }, 'coordinator')).toBe(2)
    expect(leader.send({ epoch: 2, sequence: -1 }, 'coordinator')).toBe('INVALID_PRODUCER_EPOCH')
  })

  it('are taken by a follower as they come, so that it knows them when it leads', () => {
    const leader = createLeader()
    leader.follow({ epoch: 4, sequence: 9 }, 100)
    leader.follow({ epoch: 4, sequence: 12, count: 2 }, 105)
    expect(leader.send({ epoch: 4, sequence: 12, count: 2 })).toBe('duplicate of 105..106')
    expect(leader.send({ epoch: 4, sequence: 9 })).toBe('duplicate of 100..100')
    expect(leader.send({ epoch: 4, sequence: 15 })).toBe(OUT_OF_ORDER)
  })
})

describe('the state of producers', () => {
  it('forgets who has been idle for long enough, by the time of the writing and not by the time that is in the records', () => {
    const leader = createLeader()
    leader.send({ producerId: 1n, sequence: 0, timestamp: 10 })
    leader.follow({ producerId: 2n, sequence: 0 }, 1)
    leader.state.get(2)!.lastSeenMs = 7000
    leader.state.removeExpired(5999, 1000)
    expect(leader.state.size).toBe(2)
    leader.state.removeExpired(6000, 1000)
    expect([...leader.state.entries].map(({ producerId }) => producerId)).toEqual([2])
    // Its time lay in the future of the look before, so it counted from then.
    leader.state.removeExpired(6999, 1000)
    expect(leader.state.size).toBe(0)
  })

  it('keeps a producer with a transaction open, however idle', () => {
    const leader = createLeader()
    leader.send({ sequence: 0 })
    leader.state.get(7)!.currentTxnFirstOffset = 0
    leader.state.removeExpired(Number.MAX_SAFE_INTEGER, 1)
    expect(leader.state.size).toBe(1)
  })

  it('goes back with the log as far as it remembers, and says when it does not', () => {
    const leader = createLeader()
    leader.send({ producerId: 1n, sequence: 0, count: 2, timestamp: 50 })
    leader.send({ producerId: 1n, sequence: 2, count: 2, timestamp: 60 })
    leader.send({ producerId: 2n, sequence: 0, timestamp: 70 })
    expect(leader.state.truncateTo(5)).toBe(true)
    expect(leader.state.truncateTo(4)).toBe(false)
    const other = createLeader()
    other.send({ sequence: 0, count: 2, timestamp: 50 })
    other.send({ sequence: 2, count: 2, timestamp: 60 })
    expect(other.state.truncateTo(3)).toBe(true)
    expect(other.state.get(7)).toMatchObject({ lastTimestamp: 51, batches: [{ lastSequence: 1, lastOffset: 1 }] })
    expect(other.send({ sequence: 4 })).toBe(OUT_OF_ORDER)
  })
})
