/** Producer ids of one idempotent producer: asked of any broker when first needed, and again when a partition has used one up. */
import { ErrorCode, isRetriable } from '../wire/errors'
import { InitProducerId } from '../wire/messages/22-init-producer-id'
import { ClientError, protocolError } from './errors'
import type { KafkaClient } from './kafka-client'
import type { ProducerIdentity } from './partition-sequence'

/** A frozen broker accepts the question and says nothing: the next one is asked after this time. */
const requestTimeoutMs = 2_000
/** Kafka's client sends this where there is no transaction that could time out. */
const noTransactionTimeoutMs = 0x7fffffff

export class ProducerIds {
  private latest: ProducerIdentity | null = null
  private asking: Promise<ProducerIdentity> | null = null

  constructor(private readonly client: KafkaClient) {}

  /**
   * The producer's id, but not `burntProducerId`: then a newer one, which all partitions that need one from now on get. Callers at the same time share a
   * request. Throws a retriable error where no broker gives one now: ask again.
   */
  async take(burntProducerId: bigint | null): Promise<ProducerIdentity> {
    if (this.latest !== null && this.latest.producerId !== burntProducerId) return this.latest
    this.asking ??= this.ask().finally(() => {
      this.asking = null
    })
    this.latest = await this.asking
    return this.latest
  }

  private async ask(): Promise<ProducerIdentity> {
    const body = { transactionalId: null, transactionTimeoutMs: noTransactionTimeoutMs }
    const answer = await this.client.askAny(async (connection) => {
      const response = await connection.request(InitProducerId, body, { timeoutMs: requestTimeoutMs })
      // A broker that is cut off from coordination has no ids to give; another one may.
      if (response.errorCode !== ErrorCode.NONE && isRetriable(response.errorCode)) throw protocolError(response.errorCode)
      return response
    })
    if (answer.errorCode !== ErrorCode.NONE) throw protocolError(answer.errorCode)
    if (answer.producerId < 0n) throw new ClientError('protocol', 'a broker gave out a producer id that is none', false)
    return { producerId: answer.producerId, producerEpoch: answer.producerEpoch }
  }
}
