/**
 * Hands out producer ids. Ids are unique over the cluster and its restarts: a broker takes a block of a thousand by writing
 * /latest_producer_id_block with the version that it read, and gives them out one by one (ZkProducerIdManager). What is left of a block when
 * the broker stops is never used.
 */

import { failureName, type SteadyCoordination } from '../controller/coordination-port'
import { decodeProducerIdBlockEnd, encodeProducerIdBlock, PRODUCER_ID_BLOCK } from '../controller/znodes'

const BLOCK_SIZE = 1000n
const ATTEMPTS_MAX = 20

export class ProducerIds {
  private next = 0n
  private last = -1n
  private claiming: Promise<void> | null = null

  constructor(
    private readonly brokerId: number,
    private readonly coordination: () => Pick<SteadyCoordination, 'getData' | 'setData'>,
  ) {}

  /** Rejects where the coordination service cannot be reached. */
  async take(): Promise<bigint> {
    while (this.next > this.last) {
      this.claiming ??= this.claimBlock().finally(() => {
        this.claiming = null
      })
      await this.claiming
    }
    return this.next++
  }

  private async claimBlock(): Promise<void> {
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      const coordination = this.coordination()
      const block = await coordination.getData(PRODUCER_ID_BLOCK)
      if (block === null) throw new Error(`there is no znode ${PRODUCER_ID_BLOCK}`)
      const first = decodeProducerIdBlockEnd(block.data) + 1n
      const last = first + BLOCK_SIZE - 1n
      try {
        await coordination.setData(PRODUCER_ID_BLOCK, encodeProducerIdBlock(this.brokerId, first, last), block.stat.version)
      } catch (error) {
        // Another broker has taken this block.
        if (failureName(error) === 'BADVERSION') continue
        throw error
      }
      // Clients take 0 for "none".
      this.next = first === 0n ? 1n : first
      this.last = last
      return
    }
    throw new Error('no block of producer ids could be claimed')
  }
}
