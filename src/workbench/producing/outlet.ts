/** Where a run's records go: straight into the topic through a producer, with back-pressure; transaction-outlet.ts is the other way. */
import { type Delivery, type KafkaClient, Producer, type ProducerRecord, pause } from '../../engine/client'
import type { ProduceRequestInput } from '../../shared/model/producing'

export interface OutletEvents {
  onDelivered(delivery: Delivery, latencyMs: number): void
  onFailed(error: Error): void
  onRetry(error: Error): void
}

export interface Outlet {
  /** Resolved before the first record is added. */
  open(): Promise<void>
  /** null: go on; else wait for it. Rejects where going on makes no sense. */
  add(record: ProducerRecord): Promise<void> | null
  /** Nothing comes for a while: what was held back to go together with more goes now. */
  idle(): Promise<void> | null
  /** Everything added has been acknowledged or has failed. */
  finish(): Promise<void>
  /** What is not yet sent fails. */
  close(): void
}

const outstandingMax = 20_000
const outstandingBytesMax = 32 * 1024 * 1024

export class ProducerOutlet implements Outlet {
  private readonly producer: Producer
  private outstandingBytes = 0

  constructor(
    private readonly client: KafkaClient,
    input: ProduceRequestInput,
    private readonly events: OutletEvents,
  ) {
    this.producer = new Producer({
      client,
      acks: input.acks,
      // As Kafka's own clients since 3.0 (KIP-679): a retry through a broker's death writes nothing twice.
      isIdempotent: input.isIdempotent ?? input.acks === -1,
      compression: input.compression,
      lingerMs: input.lingerMs ?? (input.count === 1 ? 0 : 5),
      ...(input.batchBytes === undefined ? {} : { batchBytesMax: input.batchBytes }),
      onRetry: (error) => events.onRetry(error),
    })
  }

  async open(): Promise<void> {}

  add(record: ProducerRecord): Promise<void> | null {
    const sizeInBytes = (record.key?.length ?? 0) + (record.value?.length ?? 0)
    const { clock } = this.client.platform
    const sentAtMs = clock.monotonicMs()
    this.outstandingBytes += sizeInBytes
    this.producer.append(record, (delivery, error) => {
      this.outstandingBytes -= sizeInBytes
      if (delivery !== null) this.events.onDelivered(delivery, clock.monotonicMs() - sentAtMs)
      else if (error !== null) this.events.onFailed(error)
    })
    return this.isFull ? this.untilRoom() : null
  }

  idle(): null {
    return null
  }

  finish(): Promise<void> {
    return this.producer.flush()
  }

  close(): void {
    this.producer.close()
  }

  private get isFull(): boolean {
    return this.producer.outstandingCount >= outstandingMax || this.outstandingBytes >= outstandingBytesMax
  }

  private async untilRoom(): Promise<void> {
    while (this.isFull) await pause(this.client.platform.clock, 1)
  }
}
