/**
 * Whether Kafka's rules still promise an acknowledged acks=all record, for whoever looks for it at the end. They do, unless the leader came from outside of
 * the ISR, as its topic allowed; a member of the ISR lost it with its power before it was synced, and led again; it was deleted by a client or by
 * retention; or its topic was deleted. Everything else that is missing is a bug.
 */
import type { World } from './checker'
import { type ClusterView, viewOf } from './cluster-view'

export class LostPromises {
  constructor(private readonly view: ClusterView) {}

  /** Why the record acknowledged at `acknowledgedAtMs` (true simulated time) need not be there any more; null while it must. */
  whyLost(topic: string, partition: number, offset: number, acknowledgedAtMs: number): string | null {
    for (const history of this.view.historiesOf(topic, partition)) {
      const { deletedAtMs, logStartOffset, losses } = history
      if (deletedAtMs !== null && acknowledgedAtMs <= deletedAtMs) return 'its topic was deleted'
      if (offset < logStartOffset) return 'it lies below the log start offset: it was deleted, or retention dropped it'
      for (const { from, to, untilMs, why } of losses)
        if (offset >= from && offset < to && acknowledgedAtMs <= untilMs + ANSWER_MS) return why
    }
    if (this.view.stored.isBeingDeleted(topic)) return 'its topic is being deleted'
    return null
  }

  /** Whether anything at all that was promised there was lost. */
  isAnyLost(topic: string, partition: number): boolean {
    return [...this.view.historiesOf(topic, partition)].some(({ losses }) => [...losses].length > 0)
  }

  /**
   * Whether the partition took up the producer behind `sequence`: the first batch that is committed of it comes later. A log that does not know a producer
   * lets it begin anywhere (ProducerAppendInfo.checkSequence: its state may have expired), so where several batches are under way and the first ones are
   * refused unwritten, for want of in-sync replicas say, one of the others becomes its first; those before it are out of order for ever (KAFKA-14359).
   */
  isTakenUpBehind(topic: string, partition: number, producerId: number, sequence: number): boolean {
    return this.view.historiesOf(topic, partition).some(({ committed }) => {
      const first = committed.find((batch) => batch.producerId === producerId && batch.baseSequence >= 0)
      return first !== undefined && first.baseSequence > sequence
    })
  }
}

/** An answer that was sent before may come so much later. */
const ANSWER_MS = 15_000

const known = new WeakMap<World, LostPromises>()

/** Has to be asked for before the world begins, or by a world that has its checkers. */
export function promises(world: World): LostPromises {
  let found = known.get(world)
  if (found === undefined) {
    found = new LostPromises(viewOf(world))
    known.set(world, found)
  }
  return found
}
