/** One record that a producer of the workload has sent, and what became of it as far as the producer was told. Pure data. */
import type { ProducerRecord } from '../../../client'
import type { RecordId } from './record-content'

export interface SentRecord {
  readonly id: RecordId
  readonly record: ProducerRecord
  readonly acks: 0 | 1 | -1
  readonly isIdempotent: boolean
  /**
   * - pending: handed to the producer, no word yet
   * - acknowledged: with acks=1 by the leader alone, with acks=-1 by all in-sync replicas
   * - refused: every attempt failed before an append; it must be nowhere
   * - unknown: anything may have become of it, and with acks=0 nobody ever says
   */
  outcome: 'pending' | 'acknowledged' | 'refused' | 'unknown'
  /** Where it was acknowledged; -1 where the answer did not say. */
  offset: number
  /** An attempt failed in a way that may have left it in a log. */
  isDoubtful: boolean
  /** True simulated time of the outcome. */
  decidedAtMs: number
}

export function describeRecord(sent: SentRecord): string {
  const { producer, topic, partition, counter } = sent.id
  const acks = sent.isIdempotent ? 'idempotent' : `acks=${sent.acks === -1 ? 'all' : sent.acks}`
  const outcome = sent.outcome === 'acknowledged' ? `acknowledged at offset ${sent.offset}` : sent.outcome
  return `record ${counter} of ${producer} to ${topic}-${partition} (${acks}, ${outcome})`
}
