/**
 * What must hold after every event of a model cluster, in the words of the assertions in the core.
 */
import { assert } from '../../../shared/lang/assert'
import type { ModelBroker, ModelCluster } from './model-cluster'

interface Leadership {
  readonly replica: unknown
  readonly leadsSinceEpoch: number
  readonly highWatermark: number
}

export class Checkers {
  private readonly leaderships = new Map<number, Leadership>()
  private readonly leaderOfEpoch = new Map<number, number>()

  constructor(private readonly cluster: ModelCluster) {}

  run(): void {
    for (const broker of this.cluster.brokers.values()) {
      this.offsetsAreOrdered(broker)
      this.highWatermarkNeverMovesBackOnALeader(broker)
      this.oneLeaderAnEpoch(broker)
    }
    this.sameOffsetAndEpochIsTheSameRecord()
    if (this.cluster.controller.wasUnclean) return
    this.committedPrefixesAreIdentical()
    this.noAcknowledgedRecordIsMissingInTheIsr()
  }

  private offsetsAreOrdered({ id, log, replica }: ModelBroker): void {
    if (!replica) return
    const { highWatermark } = replica
    const isOrdered = log.logStartOffset <= highWatermark && highWatermark <= log.logEndOffset
    assert(isOrdered, `logStartOffset <= highWatermark <= logEndOffset (broker ${id}, ${highWatermark})`)
  }

  private highWatermarkNeverMovesBackOnALeader({ id, replica }: ModelBroker): void {
    const state = replica?.leaderState
    if (!replica || !state) {
      this.leaderships.delete(id)
      return
    }
    const { highWatermark, leadsSinceEpoch } = state
    const before = this.leaderships.get(id)
    if (before && before.replica === replica && before.leadsSinceEpoch === leadsSinceEpoch) {
      assert(before.highWatermark <= highWatermark, `the high watermark never moves back on a leader (broker ${id})`)
    }
    this.leaderships.set(id, { replica, leadsSinceEpoch, highWatermark })
  }

  private oneLeaderAnEpoch({ id, replica }: ModelBroker): void {
    const epoch = replica?.leaderState?.leaderEpoch
    if (epoch === undefined) return
    const leader = this.leaderOfEpoch.get(epoch) ?? id
    assert(leader === id, `one leader an epoch (${leader} and ${id} in epoch ${epoch})`)
    this.leaderOfEpoch.set(epoch, leader)
  }

  /** Holds through unclean elections too: whoever leads an epoch alone says what stands at its offsets. */
  private sameOffsetAndEpochIsTheSameRecord(): void {
    for (const [a, b] of pairs(this.cluster)) {
      for (let offset = 0; offset < Math.min(a.log.logEndOffset, b.log.logEndOffset); offset++) {
        const one = a.log.recordAt(offset)
        const other = b.log.recordAt(offset)
        if (!one || !other || one.epoch !== other.epoch) continue
        assert(one.value === other.value, `same offset and epoch is the same record (${a.id} and ${b.id} at ${offset})`)
      }
    }
  }

  private committedPrefixesAreIdentical(): void {
    for (const [a, b] of pairs(this.cluster)) {
      const committed = Math.min(a.replica?.highWatermark ?? 0, b.replica?.highWatermark ?? 0)
      for (let offset = 0; offset < committed; offset++) {
        const isSame = a.log.recordAt(offset)?.value === b.log.recordAt(offset)?.value
        assert(isSame, `committed prefixes are identical (${a.id} and ${b.id} at ${offset})`)
      }
    }
  }

  /** So whoever of them is elected next has it. */
  private noAcknowledgedRecordIsMissingInTheIsr(): void {
    for (const id of this.cluster.controller.isr) {
      const { log } = this.cluster.broker(id)
      for (const [offset, value] of this.cluster.acked) {
        assert(log.recordAt(offset)?.value === value, `no acknowledged record is missing in the ISR (broker ${id} at ${offset})`)
      }
    }
  }
}

function* pairs(cluster: ModelCluster): IterableIterator<readonly [ModelBroker, ModelBroker]> {
  const brokers = [...cluster.brokers.values()]
  for (const [index, a] of brokers.entries()) {
    for (const b of brokers.slice(index + 1)) yield [a, b]
  }
}
