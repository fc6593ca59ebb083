/**
 * An idempotent producer's place in one partition: producer id, epoch, and the sequence of the next record, as the partition's leader keeps
 * them too. Pure: it asks nobody and sends nothing; BatchDelivery moves it, one batch at a time.
 *
 * (producer id, epoch, sequence) never stands for two different records. Where the fate of a batch stays unknown its sequences are burnt: had
 * they been used again, a leader that has the batch would take the next one for its repetition and drop it; had they been skipped, one
 * that has it not would see a gap. So the epoch is raised and sequences start anew, as Kafka's client does by itself where there is no
 * transaction (KIP-360, TransactionManager.bumpIdempotentProducerEpoch). A copy of the burnt batch that is still on its way is then refused once the
 * first batch of the new epoch is in the log, and cannot come behind it (it could after the 32,767th epoch, which a new id follows). Brokers keep epochs by partition, and so do we: the others go on.
 */
import { assert } from '../../shared/lang/assert'
import { sequenceAfter } from '../wire/records'

export interface ProducerIdentity {
  readonly producerId: bigint
  readonly producerEpoch: number
}

/** What stands in the header of a batch. */
export interface BatchPlace extends ProducerIdentity {
  readonly baseSequence: number
}

const EPOCH_MAX = 0x7fff

export class PartitionSequence {
  private identity: ProducerIdentity | null = null
  private burnt: bigint | null = null
  private nextSequence = 0

  /** Null: an id has to be adopted before anything is sent. */
  get producerId(): bigint | null {
    return this.identity?.producerId ?? null
  }

  /** The id that this partition has used up: another one is needed. */
  get burntProducerId(): bigint | null {
    return this.burnt
  }

  adopt(identity: ProducerIdentity): void {
    assert(this.identity === null && identity.producerId !== this.burnt, 'a producer id that is used up is not adopted again')
    this.identity = identity
    this.nextSequence = 0
  }

  /** Where the next batch belongs: the same answer until a batch is acknowledged or the sequence starts anew. */
  place(): BatchPlace {
    assert(this.identity !== null, 'a sequence has a producer id before it is used')
    return { ...this.identity, baseSequence: this.nextSequence }
  }

  onAcknowledged(recordCount: number): void {
    this.nextSequence = sequenceAfter(this.nextSequence, recordCount)
  }

  /** Sequences start anew, in a new epoch; after the last one, with a new producer id. */
  raiseEpoch(): void {
    if (this.identity === null) return
    const { producerId, producerEpoch } = this.identity
    if (producerEpoch >= EPOCH_MAX) return this.giveUpId()
    this.identity = { producerId, producerEpoch: producerEpoch + 1 }
    this.nextSequence = 0
  }

  giveUpId(): void {
    if (this.identity === null) return
    this.burnt = this.identity.producerId
    this.identity = null
  }
}
