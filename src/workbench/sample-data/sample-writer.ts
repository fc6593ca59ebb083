/** Sends what happens in the shop: encodes by topic, with the schemas that are registered, through one idempotent producer. */
import { type KafkaClient, Producer, pause } from '../../engine/client'
import { failureOf } from '../producing/failures'
import type { EncoderFor } from '../producing/record-encoder'
import { sampleTopics } from './sample-topics'
import type { ShopRecord } from './shop'

const outstandingMax = 5_000

export class SampleWriter {
  acknowledgedCount = 0
  /** Why nothing is acknowledged now, in a sentence. */
  problem: string | null = null
  private failedCount = 0
  private readonly producer: Producer

  private constructor(
    private readonly client: KafkaClient,
    private readonly encoders: ReadonlyMap<string, (text: string) => Uint8Array>,
  ) {
    this.producer = new Producer({
      client,
      acks: -1,
      isIdempotent: true,
      lingerMs: 5,
      onRetry: (error) => this.noteProblem(error, 'Trying again.'),
    })
  }

  static async open(client: KafkaClient, encoderFor: EncoderFor, topics: ReadonlySet<string>): Promise<SampleWriter> {
    const encoders = new Map<string, (text: string) => Uint8Array>()
    for (const { name, schema } of sampleTopics)
      if (topics.has(name))
        encoders.set(name, schema === null ? (text) => Buffer.from(text) : await encoderFor(`${name}-value`, null))
    return new SampleWriter(client, encoders)
  }

  /** Records of other topics than it was opened for are left out. Answers how many were taken. */
  append(records: readonly ShopRecord[]): number {
    let taken = 0
    for (const { topic, key, value, headers, atMs } of records) {
      const encode = this.encoders.get(topic)
      if (encode === undefined) continue
      taken++
      this.producer.append(
        {
          topic,
          partition: null,
          key: key === null ? null : Buffer.from(key),
          value: value === null ? null : encode(value),
          headers: headers.map((header) => ({ key: header.key, value: Buffer.from(header.value) })),
          timestamp: BigInt(atMs),
        },
        (delivery, error) => {
          if (delivery !== null) {
            this.acknowledgedCount++
            this.problem = null
            return
          }
          this.failedCount++
          if (error !== null) this.noteProblem(error, null)
        },
      )
    }
    return taken
  }

  get isFull(): boolean {
    return this.producer.outstandingCount >= outstandingMax
  }

  async untilRoom(): Promise<void> {
    while (this.isFull) await pause(this.client.platform.clock, 2)
  }

  /** Throws where a record was lost. */
  async finish(): Promise<void> {
    await this.producer.flush()
    if (this.failedCount > 0) throw new Error(this.problem ?? `${this.failedCount} records were refused.`)
  }

  close(): void {
    this.producer.close()
  }

  private noteProblem(error: Error, next: string | null): void {
    const { name, message } = failureOf(error, next)
    this.problem = `${name}: ${message}`
  }
}
