/**
 * Hands out producer ids one by one, from blocks that are this broker's alone. Ids are unique over the cluster and its restarts; what is left
 * of a block when the broker stops is never used.
 */
import { allocateProducerIds } from '../controller/cluster-identity'
import type { CoordinationSession } from '../controller/coordination-port'

export class ProducerIds {
  private next = 0n
  private end = 0n
  private claiming: Promise<void> | null = null

  constructor(
    private readonly brokerId: number,
    private readonly session: () => CoordinationSession,
  ) {}

  /** Rejects where the coordination service cannot be reached. */
  async take(): Promise<bigint> {
    while (this.next >= this.end) {
      this.claiming ??= this.claimBlock().finally(() => {
        this.claiming = null
      })
      await this.claiming
    }
    return this.next++
  }

  private async claimBlock(): Promise<void> {
    const { firstProducerId, size } = await allocateProducerIds(this.session(), this.brokerId)
    // Clients take 0 for "none".
    this.next = firstProducerId === 0n ? 1n : firstProducerId
    this.end = firstProducerId + BigInt(size)
  }
}
