import { beforeEach, describe, expect, it } from 'vitest'
import { Produce } from '../../../wire/messages/00-produce'
import { encodeBatch } from '../../../wire/records'
import { brokenBy, HandMadeWorld } from './hand-made-world'
import { checkerFactories } from './index'
import { promises } from './promises'
import { rules } from './rules'

let hand: HandMadeWorld

/** Broker 1 leads in epoch 0, with two committed batches that all have. */
beforeEach(() => {
  hand = new HandMadeWorld(checkerFactories)
  hand.createTopic()
  hand.writeState(1, 0, [1, 2, 3])
  hand.replica(1).lead(0, [1, 2, 3])
  for (const id of [2, 3]) hand.replica(id).follow(1, 0)
  for (const value of ['a', 'b']) for (const id of [1, 2, 3]) appendAndStep(id, 0, [value])
  hand.replica(1).highWatermark = 2
  hand.step(1)
})

function appendAndStep(id: number, epoch: number, values: readonly string[]): void {
  hand.replica(id).append(epoch, values)
  hand.step(id)
}

describe('a world in which nothing is wrong', () => {
  it('breaks no rule, at its end neither', () => {
    for (const id of [1, 2, 3]) expect(brokenBy(() => hand.step(id))).toBeNull()
    expect(brokenBy(() => hand.atEnd())).toBeNull()
  })
})

describe('leadership', () => {
  it('finds a second leader in an epoch', () => {
    hand.replica(2).lead(0, [2])
    expect(brokenBy(() => hand.step(2))).toBe(rules.oneLeader)
  })

  it('finds an epoch that was not raised for another leader', () => {
    expect(brokenBy(() => hand.writeState(2, 0, [1, 2, 3]))).toBe(rules.oneLeader)
  })

  it('finds a replica that goes back to an earlier epoch', () => {
    hand.writeState(2, 1, [1, 2, 3])
    hand.replica(3).follow(2, 1)
    hand.step(3)
    hand.replica(3).follow(1, 0)
    expect(brokenBy(() => hand.step(3))).toBe(rules.leaderEpochsGrow)
  })

  it('finds two controllers of an epoch', () => {
    hand.broker(1).controllerEpoch = 1
    hand.step(1)
    hand.broker(2).controllerEpoch = 1
    expect(brokenBy(() => hand.step(2))).toBe(rules.oneController)
  })
})

describe('offsets', () => {
  it('finds a high watermark beyond the log end, of a follower too', () => {
    hand.replica(2).highWatermark = 3
    expect(brokenBy(() => hand.step(2))).toBe(rules.offsetOrder)
  })

  it('finds a log start offset beyond the high watermark', () => {
    hand.replica(2).log.logStartOffset = 1
    expect(brokenBy(() => hand.step(2))).toBe(rules.offsetOrder)
  })

  it('finds a high watermark that moves back on a leader', () => {
    hand.replica(1).highWatermark = 1
    expect(brokenBy(() => hand.step(1))).toBe(rules.highWatermarkStays)
  })

  it('finds a leader that truncates its own log', () => {
    const { size } = hand.replica(1)
    appendAndStep(1, 0, ['c'])
    hand.replica(1).cut(2, size)
    expect(brokenBy(() => hand.step(1))).toBe(rules.leaderKeepsLog)
  })
})

describe('histories', () => {
  it('finds a batch of another epoch than the leader’s', () => {
    expect(brokenBy(() => appendAndStep(1, 1, ['c']))).toBe(rules.ownEpoch)
  })

  it('finds a follower that appends what its leader has not written', () => {
    appendAndStep(1, 0, ['c'])
    expect(brokenBy(() => appendAndStep(2, 0, ['another']))).toBe(rules.followerPrefix)
  })

  it('finds a follower that goes on behind a history that is not its leader’s', () => {
    // Broker 3 misses the end of epoch 0; broker 2 leads without it, and 1 keeps what only it has.
    appendAndStep(1, 0, ['only here'])
    hand.writeState(2, 1, [2, 3])
    hand.replica(2).lead(1, [2, 3])
    hand.step(2)
    appendAndStep(2, 1, ['c', 'd'])
    hand.replica(1).follow(2, 1)
    hand.step(1)
    hand.replica(1).append(1, ['d'], { baseOffset: 3 })
    hand.replica(1).log.logEndOffset = 4
    expect(brokenBy(() => hand.step(1))).toBe(rules.followerPrefix)
  })

  it('finds a follower that gives up what its leader has too', () => {
    hand.replica(2).cut(1, hand.replica(2).size / 2)
    expect(brokenBy(() => hand.step(2))).toBe(rules.truncation)
  })

  it('finds a leader without a committed batch', () => {
    hand.broker(3).machine.disk.crash()
    hand.broker(3).restart(0)
    hand.writeState(1, 0, [1, 2])
    hand.step(3)
    hand.writeState(2, 1, [2])
    hand.replica(2).lead(1, [2])
    hand.step(2)
    hand.writeState(-1, 2, [2])
    // Elected from the ISR as it is stored, so that only the log can tell.
    hand.writeState(2, 3, [2, 3])
    hand.writeState(3, 4, [3])
    hand.view.history('t', 0, null)
    for (const { lossyMembers, lossyElections } of hand.view.historiesOf('t', 0)) {
      lossyMembers.clear()
      lossyElections.clear()
    }
    hand.replica(3).lead(4, [3])
    expect(brokenBy(() => hand.step(3))).toBe(rules.leaderCompleteness)
  })
})

describe('what Kafka’s rules let go', () => {
  it('is a batch that a member of the ISR lost with its power, once it leads again', () => {
    const promised = promises(hand.world)
    hand.writeState(3, 1, [3])
    hand.replica(3).lead(1, [3])
    hand.step(3)
    appendAndStep(3, 1, ['c'])
    hand.replica(3).highWatermark = 3
    hand.step(3)
    expect(promised.whyLost('t', 0, 2, hand.nowMs)).toBeNull()
    const { path } = hand.replica(3)
    hand.broker(3).machine.disk.crash()
    hand.broker(3).restart(0)
    if (hand.broker(3).machine.disk.peek(path) !== null) hand.broker(3).machine.disk.removeFile(path)
    hand.step(3)
    hand.writeState(-1, 2, [3])
    hand.writeState(3, 3, [3])
    hand.replica(3).lead(3, [3])
    expect(brokenBy(() => hand.step(3))).toBeNull()
    expect(promised.whyLost('t', 0, 2, hand.nowMs)).toContain('lost it with its power')
    expect(promised.whyLost('t', 0, 2, hand.nowMs + 60_000)).toBeNull()
  })

  /**
   * Broker 1 loses its second batch with its power and leads again; 3 follows it, cuts that batch, and takes two others from it if `isLonger`. Broker 2, which did not
   * come to fetch, leads then, with both batches and their high watermark.
   */
  function bringBack(isLonger = false): void {
    hand.replica(2).highWatermark = 2
    hand.step(2)
    const bytes = hand.broker(1).machine.disk.peek(hand.replica(1).path)?.slice() as Uint8Array
    hand.broker(1).machine.disk.crash()
    if (hand.broker(1).machine.disk.peek(hand.replica(1).path) !== null)
      hand.broker(1).machine.disk.removeFile(hand.replica(1).path)
    hand.broker(1).restart(1)
    hand.replica(1).write(bytes.subarray(0, bytes.length / 2))
    hand.step(1)
    hand.writeState(-1, 1, [1, 2, 3])
    hand.writeState(1, 2, [1, 2, 3])
    hand.replica(1).lead(2, [1, 2, 3])
    hand.replica(1).highWatermark = 1
    hand.step(1)
    hand.replica(3).follow(1, 2)
    hand.step(3)
    hand.replica(3).cut(1, hand.replica(3).size / 2)
    hand.step(3)
    for (const value of isLonger ? ['x', 'y'] : []) for (const id of [1, 3]) appendAndStep(id, 2, [value])
    hand.writeState(2, 3, [1, 2, 3])
    hand.replica(2).lead(3, [1, 2, 3])
    hand.step(2)
    hand.replica(3).follow(2, 3)
    hand.step(3)
  }

  it.each([false, true])(
    'is what comes back with a member of the ISR that leads now: members that followed the one that lost it cut theirs (%s)',
    (isLonger) => {
      bringBack(isLonger)
      const [history] = hand.view.historiesOf('t', 0)
      expect(history?.committedEnd).toBe(2)
      hand.replica(3).cut(1, hand.replica(2).size / 2)
      expect(brokenBy(() => hand.step(3))).toBeNull()
      expect([...(history?.lossy ?? [])]).toEqual(expect.arrayContaining([[3, 2]]))
      appendAndStep(3, 0, ['b'])
      expect(history?.lossy.has(3)).toBe(false)
    },
  )

  it('is that again where the next leader is one of those that have not fetched it yet', () => {
    const promised = promises(hand.world)
    bringBack()
    hand.nowMs += 60_000
    expect(promised.whyLost('t', 0, 1, hand.nowMs)).toBeNull()
    hand.writeState(3, 4, [1, 2, 3])
    hand.replica(3).lead(4, [1, 2, 3])
    expect(brokenBy(() => hand.step(3))).toBeNull()
    expect(promised.whyLost('t', 0, 1, hand.nowMs)).toContain('followed it')
  })

  it('is nothing any more where the next leader had fetched it', () => {
    bringBack()
    appendAndStep(3, 0, ['b'])
    const { size } = hand.replica(3)
    hand.writeState(3, 4, [1, 2, 3])
    hand.replica(3).cut(1, size / 2)
    hand.replica(3).lead(4, [1, 2, 3])
    expect(brokenBy(() => hand.step(3))).toBe(rules.leaderCompleteness)
  })

  /** Broker 3 leads, and deletes the first of three records of one batch, which has its log start within that batch. */
  function startWithinABatch(): void {
    hand.writeState(3, 1, [3])
    hand.replica(3).lead(1, [3])
    hand.step(3)
    appendAndStep(3, 1, ['c', 'd', 'e'])
    hand.replica(3).highWatermark = 5
    hand.replica(3).log.logStartOffset = 3
    hand.step(3)
  }

  /** Broker 3 is started anew with nothing in its log, which goes on where it had started. */
  function beginAnewWithinTheBatch(): void {
    const { path } = hand.replica(3)
    hand.broker(3).machine.disk.crash()
    if (hand.broker(3).machine.disk.peek(path) !== null) hand.broker(3).machine.disk.removeFile(path)
    hand.broker(3).restart(3)
    hand.replica(3).log.logStartOffset = 3
    hand.replica(3).highWatermark = 3
    hand.step(3)
    hand.writeState(-1, 2, [3])
    hand.writeState(3, 3, [3])
    hand.replica(3).lead(3, [3])
    hand.replica(3).highWatermark = 3
  }

  it('is the rest of a batch that the log starts within, where that was lost with the power, and what is written there next is promised', () => {
    const promised = promises(hand.world)
    startWithinABatch()
    expect(promised.whyLost('t', 0, 3, hand.nowMs)).toBeNull()
    beginAnewWithinTheBatch()
    expect(brokenBy(() => hand.step(3))).toBeNull()
    for (const offset of [3, 4]) expect(promised.whyLost('t', 0, offset, hand.nowMs)).toContain('lost it with its power')
    const [history] = hand.view.historiesOf('t', 0)
    expect(history?.committedEnd).toBe(3)
    appendAndStep(3, 3, ['f'])
    hand.replica(3).highWatermark = 4
    hand.step(3)
    expect(history?.committedEnd).toBe(4)
    expect(history?.committedAt(3)).toMatchObject({ baseOffset: 3, lastOffset: 3, leaderEpoch: 3 })
  })

  it('is not the rest of such a batch where no power was lost', () => {
    startWithinABatch()
    beginAnewWithinTheBatch()
    for (const { lossyMembers, lossyElections } of hand.view.historiesOf('t', 0)) {
      lossyMembers.clear()
      lossyElections.clear()
    }
    expect(brokenBy(() => hand.step(3))).toBe(rules.leaderCompleteness)
  })

  it('is nothing where only the process ended', () => {
    hand.replica(2).cut(1, hand.replica(2).size / 2)
    hand.replica(2).log.logEndOffset = 2
    hand.broker(2).restart(1)
    expect(brokenBy(() => hand.step(2))).toBe(rules.keptByProcess)
  })

  it('is nothing where the process died in the middle of a truncation, but for what the next one cuts', () => {
    hand.tellCut(2)
    hand.replica(2).cut(1, hand.replica(2).size / 2)
    hand.replica(2).log.logEndOffset = 2
    hand.broker(2).restart(1)
    expect(brokenBy(() => hand.step(2))).toBeNull()
    hand.replica(3).cut(1, hand.replica(3).size / 2)
    hand.replica(3).log.logEndOffset = 2
    hand.broker(3).restart(1)
    hand.tellCut(3)
    expect(brokenBy(() => hand.step(3))).toBe(rules.keptByProcess)
  })

  it('is nothing where the process died after it had dropped the log and before it had said so, but for one that was not dropped', () => {
    for (const id of [2, 3]) {
      if (id === 2) hand.tellDrop(id)
      hand.replica(id).cut(1, hand.replica(id).size / 2)
      hand.replica(id).log.logEndOffset = 2
      hand.broker(id).restart(1)
    }
    expect(brokenBy(() => hand.step(2))).toBeNull()
    expect(brokenBy(() => hand.step(3))).toBe(rules.keptByProcess)
  })

  it('is what a leader from outside of the ISR does not have, where the topic allows it', () => {
    hand.create('/config/topics/t', JSON.stringify({ config: { 'unclean.leader.election.enable': 'true' } }))
    appendAndStep(1, 0, ['c'])
    appendAndStep(2, 0, ['c'])
    hand.writeState(1, 0, [1, 2])
    hand.replica(1).lead(0, [1, 2])
    hand.step(1)
    hand.replica(1).highWatermark = 3
    hand.step(1)
    hand.writeState(3, 1, [3])
    hand.replica(3).lead(1, [3])
    expect(brokenBy(() => hand.step(3))).toBeNull()
    expect(promises(hand.world).whyLost('t', 0, 2, hand.nowMs)).toContain('outside of the ISR')
    expect(promises(hand.world).whyLost('t', 0, 1, hand.nowMs)).toBeNull()
  })
})

describe('a producer that was taken up behind a batch', () => {
  const appendNumbered = (baseSequence: number, producerId = 7n): void => {
    for (const id of [1, 2, 3]) {
      hand.replica(id).append(0, ['numbered'], { producerId, producerEpoch: 0, baseSequence })
      hand.step(id)
    }
  }
  const commit = (highWatermark: number): void => {
    hand.replica(1).highWatermark = highWatermark
    hand.step(1)
  }
  const isTakenUpBehind = (sequence: number): boolean => promises(hand.world).isTakenUpBehind('t', 0, 7, sequence)

  it('is one whose first committed batch comes later, whoever else wrote there', () => {
    appendNumbered(0, 8n)
    appendNumbered(2)
    appendNumbered(3)
    expect(isTakenUpBehind(0)).toBe(false)
    commit(5)
    expect([0, 1, 2, 3].map(isTakenUpBehind)).toEqual([true, true, false, false])
  })

  it('is none that has that batch, however many follow it, nor one of which there is nothing', () => {
    expect(isTakenUpBehind(0)).toBe(false)
    for (const sequence of [0, 1, 2, 3, 4]) appendNumbered(sequence)
    commit(7)
    expect([0, 1, 4].map(isTakenUpBehind)).toEqual([false, false, false])
  })
})

describe('in-sync', () => {
  it('finds a high watermark that moves before all members of the ISR have the batch', () => {
    appendAndStep(1, 0, ['c'])
    appendAndStep(2, 0, ['c'])
    hand.replica(1).highWatermark = 3
    expect(brokenBy(() => hand.step(1))).toBe(rules.committedPrefixes)
  })

  it('finds a follower that takes more for committed than any leader has', () => {
    appendAndStep(1, 0, ['c'])
    appendAndStep(2, 0, ['c'])
    hand.replica(2).highWatermark = 2
    expect(brokenBy(() => hand.step(2))).toBeNull()
    hand.replica(2).highWatermark = 3
    expect(brokenBy(() => hand.step(2))).toBe(rules.followerHighWatermark)
  })

  it('finds a replica that is proposed before it has everything up to the start of the leader epoch', () => {
    appendAndStep(1, 0, ['c'])
    hand.writeState(1, 0, [1, 2])
    hand.writeState(-1, 1, [1, 2])
    hand.writeState(1, 2, [1, 2])
    hand.replica(1).lead(2, [1, 2])
    hand.step(1)
    const { state } = hand.replica(1)
    if (state.role !== 'leader') throw new Error('it leads')
    state.isr = { kind: 'pending-expand', isr: [1, 2], added: 3, proposal: { leaderEpoch: 2, partitionEpoch: 2, newIsr: [] } }
    expect(brokenBy(() => hand.step(1))).toBe(rules.joiningIsr)
  })
})

describe('durability', () => {
  it('finds a recovery point that moves before the sync', () => {
    hand.replica(2).log.recoveryPoint = 2
    expect(brokenBy(() => hand.step(2))).toBe(rules.recoveryPoint)
    const other = hand.replica(3)
    other.sync()
    other.log.recoveryPoint = 2
    expect(brokenBy(() => hand.step(3))).toBeNull()
  })

  it('finds a checkpoint that is ahead of the sync', () => {
    const { disk } = hand.broker(2).machine
    disk.writeFileAtomic('/data/recovery-point-offset-checkpoint', Buffer.from('0\n1\nt 0 2\n'))
    expect(brokenBy(() => hand.step(2))).toBe(rules.recoveryPoint)
  })

  it.each([false, true])('finds a truncation that a loss of power would undo, unless it is synced (%s)', (isSynced) => {
    const replica = hand.replica(2)
    const { size } = replica
    hand.writeState(3, 1, [3])
    appendAndStep(1, 0, ['c'])
    appendAndStep(2, 0, ['c'])
    replica.sync()
    replica.follow(3, 1)
    replica.cut(2, size)
    if (isSynced) replica.sync()
    expect(brokenBy(() => hand.step(2))).toBe(isSynced ? null : rules.truncationStays)
  })

  it('finds a snapshot of producers that is left above a truncation', () => {
    const replica = hand.replica(2)
    const { size } = replica
    hand.writeState(3, 1, [3])
    appendAndStep(1, 0, ['c'])
    appendAndStep(2, 0, ['c'])
    hand.broker(2).machine.disk.writeFileAtomic(replica.path.replace(/\d+\.log$/, '00000000000000000003.snapshot'), Buffer.of(0))
    replica.follow(3, 1)
    replica.cut(2, size)
    expect(brokenBy(() => hand.step(2))).toBe(rules.producerSnapshots)
  })

  it('finds an epoch cache that was not cut with the log', () => {
    const replica = hand.replica(2)
    const { size } = replica
    hand.writeState(3, 1, [3])
    appendAndStep(1, 0, ['c'])
    appendAndStep(2, 0, ['c'])
    replica.log.epochEntries = [...replica.log.epochEntries, { epoch: 1, startOffset: 3 }]
    const entries = replica.log.epochEntries
    replica.follow(3, 1)
    replica.cut(2, size)
    replica.log.epochEntries = entries
    expect(brokenBy(() => hand.step(2))).toBe(rules.epochCache)
  })

  it('finds damage in what was appended, and what is there but not in the log', () => {
    hand.replica(2).append(0, ['c'])
    hand.broker(2).machine.disk.corrupt(hand.replica(2).path, (bytes) => {
      bytes[bytes.length - 1] = (bytes[bytes.length - 1] as number) ^ 1
      return undefined
    })
    expect(brokenBy(() => hand.step(2))).toBe(rules.wholeBatches)
    hand.replica(3).log.logEndOffset = 3
    expect(brokenBy(() => hand.step(3))).toBe(rules.wholeBatches)
  })
})

describe('acknowledgements', () => {
  /** A producer's request with the batch `value`, and the broker's answer that it is at `baseOffset`. */
  function produce(acks: number, value: string, baseOffset: number): void {
    const version = 8
    const records = encodeBatch({ records: [{ timestamp: 0n, key: null, value: Buffer.from(value), headers: [] }] })
    const topicData = [{ name: 't', partitionData: [{ index: 0, records }] }]
    hand.ask(Produce, version, { acks, timeoutMs: 0, topicData })
    const responses = [{ name: 't', partitionResponses: [{ index: 0, errorCode: 0, baseOffset }] }]
    hand.answer(Produce, version, { responses })
  }

  it('finds an answer to acks=all before the batch is committed', () => {
    hand.replica(1).append(0, ['c'])
    produce(-1, 'c', 2)
    expect(brokenBy(() => hand.step(1))).toBe(rules.acknowledged)
  })

  it('finds an answer that names the offset of another batch', () => {
    produce(-1, 'a', 0)
    expect(brokenBy(() => hand.step(1))).toBeNull()
    produce(-1, 'a', 1)
    expect(brokenBy(() => hand.step(1))).toBe(rules.acknowledged)
  })

  it('finds an answer to acks=1 before the append', () => {
    produce(1, 'c', 2)
    expect(brokenBy(() => hand.step(1))).toBe(rules.acknowledgedAppend)
    hand.replica(1).append(0, ['c'])
    produce(1, 'c', 2)
    expect(brokenBy(() => hand.step(1))).toBeNull()
  })

  it('finds an answer without an offset', () => {
    produce(-1, 'a', -1)
    expect(brokenBy(() => hand.step(1))).toBe(rules.acknowledgedAppend)
  })

  it.each([
    ['1', null],
    ['2', rules.acknowledgedCopies],
  ])('with min.insync.replicas=%s takes an answer to acks=all from a leader alone for %j', (minInSync, expected) => {
    hand.create('/config/topics/t', JSON.stringify({ version: 1, config: { 'min.insync.replicas': minInSync } }))
    hand.writeState(1, 0, [1])
    hand.replica(1).lead(0, [1])
    hand.replica(1).append(0, ['c'])
    hand.replica(1).highWatermark = 3
    hand.step(1)
    produce(-1, 'c', 2)
    expect(brokenBy(() => hand.step(1))).toBe(expected)
  })
})

describe('sequences', () => {
  const produced = (sequence: number, epoch = 0) => ({ producerId: 9n, producerEpoch: epoch, baseSequence: sequence })

  it('finds a repetition and a gap of an idempotent producer', () => {
    hand.replica(1).append(0, ['x', 'y'], produced(0))
    hand.step(1)
    hand.replica(1).append(0, ['z'], produced(2))
    expect(brokenBy(() => hand.step(1))).toBeNull()
    hand.replica(1).append(0, ['z'], produced(2))
    expect(brokenBy(() => hand.step(1))).toBe(rules.sequences)
  })

  it('finds a gap', () => {
    hand.replica(1).append(0, ['x'], produced(0))
    hand.step(1)
    hand.replica(1).append(0, ['z'], produced(2))
    expect(brokenBy(() => hand.step(1))).toBe(rules.sequences)
  })

  it('takes 0 for what follows 2^31 - 1, and for the beginning of an epoch', () => {
    hand.replica(1).append(0, ['x'], produced(2 ** 31 - 1))
    hand.step(1)
    hand.replica(1).append(0, ['y'], produced(0))
    hand.step(1)
    hand.replica(1).append(0, ['z'], produced(0, 1))
    expect(brokenBy(() => hand.step(1))).toBeNull()
  })
})
