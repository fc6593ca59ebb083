/**
 * How often and in which order the records of each producer may stand in one partition, seen by somebody who reads it from lower to higher
 * offsets. Pure; one object a reader and partition, begun anew where the reader begins anew.
 *
 * The rules, and why they are no stricter:
 * - Idempotent: once, in the order sent. Its sequence numbers see to that over any retry and any election.
 * - Not idempotent, one batch a partition under way (as our producer sends): a batch whose answer was lost is sent again, and the first copy may
 *   have been written, or may still lie in the socket of a frozen broker and be written later. So copies may come at any time after, even
 *   behind records that were sent later; but the next batch is sent only when this one is settled, so *first* copies of acknowledged records stand
 *   in order. One that failed at the client may yet turn up anywhere.
 * - acks=1 besides: the copy that was acknowledged may die with its leader while a straggling one turns up behind later records. Its order holds
 *   only where no attempt was in doubt.
 * - acks=0 is never sent twice, so it is there once; nobody waits for it, so its order over two connections is open.
 */
import { type Rule, rules } from './rules'
import type { SentRecord } from './sent-record'

export interface OrderFault {
  readonly rule: Rule
  readonly detail: string
  /** Where the record stood, or should have, before it was found at the wrong place. */
  readonly earlierOffset: number
}

class ProducerTrack {
  readonly seen = new Map<number, number>()
  highest = -1
  highestOffset = -1
}

export class ReadingOrder {
  readonly #tracks = new Map<string, ProducerTrack>()

  /** Takes note of the next record; answers what it breaks. `isCut`: the log's start has been moved, perhaps into the first copy of a batch. */
  onRead(sent: SentRecord, offset: number, isCut = false): OrderFault | null {
    const { producer, counter } = sent.id
    let track = this.#tracks.get(producer)
    if (track === undefined) {
      track = new ProducerTrack()
      this.#tracks.set(producer, track)
    }
    const earlier = track.seen.get(counter)
    if (earlier !== undefined) {
      const rule = sent.isIdempotent ? rules.idempotentOnce : rules.unrepeatedOnce
      const mayRepeat = !sent.isIdempotent && sent.acks !== 0 && sent.isDoubtful
      if (mayRepeat) return null
      return { rule, detail: `it stands at offset ${earlier} and again at ${offset}`, earlierOffset: earlier }
    }
    track.seen.set(counter, offset)
    if (counter > track.highest) {
      track.highest = counter
      track.highestOffset = offset
      return null
    }
    const detail = `it stands at offset ${offset}, behind record ${track.highest} at ${track.highestOffset}`
    const earlierOffset = sent.offset >= 0 ? sent.offset : track.highestOffset
    if (sent.isIdempotent) return { rule: rules.idempotentInOrder, detail, earlierOffset }
    const isSettled = sent.outcome === 'acknowledged' && (sent.acks === -1 || (sent.acks === 1 && !sent.isDoubtful))
    const mayBeCopy = isCut && sent.isDoubtful
    return isSettled && !mayBeCopy ? { rule: rules.inOrder, detail, earlierOffset } : null
  }

  has(sent: SentRecord): boolean {
    return this.#tracks.get(sent.id.producer)?.seen.has(sent.id.counter) ?? false
  }
}
