/** Kafka's default choice of a partition: murmur2 of the key; without a key one partition for a while, then another (KIP-480, sticky). */
import type { Random } from '../platform'

export { murmur2, partitionForKey } from '../../shared/lang/murmur2'

/** For records without a key: stays with a partition for `recordsPerTurn` records, then draws another. */
export class StickyPartitioner {
  private current = -1
  private left = 0

  constructor(
    private readonly random: Random,
    private readonly recordsPerTurn = 64,
  ) {}

  next(partitionCount: number): number {
    if (this.left === 0 || this.current >= partitionCount) {
      const drawn = this.random.below(partitionCount)
      this.current = drawn === this.current ? (drawn + 1) % partitionCount : drawn
      this.left = this.recordsPerTurn
    }
    this.left--
    return this.current
  }
}
