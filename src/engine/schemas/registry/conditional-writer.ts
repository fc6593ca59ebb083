/**
 * Appends a batch to the registry's topic under the condition that no registry of ours has appended since the writer decided what to write:
 * compare and set on a log, with nothing but what every Kafka broker does for idempotent producers.
 *
 * All registries write as one producer, `registriesProducerId`, and each batch carries the sequence that follows the last one in the log, as its
 * writer has read it. Of two that decided on the same log the leader takes the first. The other's is out of order, or, where it is as long as the first,
 * answered as a repetition of it: both times reading shows whose records stand under that sequence (SchemasLog looks). So a registry that stood
 * still, was cut off, or was taken for dead cannot bring its decision into a log that has gone on, whenever its bytes arrive, and nobody has to be
 * elected first. A batch that may have been written is sent again as it is: it is never in the log twice, nor together with what was decided after it.
 *
 * Confluent's registries elect one of them to write, through a group of consumers; what they elect does not keep a writer that was frozen from going on,
 * and it asks for the offsets topic and some seconds before the first write. Used by SchemasLog; knows nothing of schemas.
 */
import { ClientError, type KafkaClient, pause, produceBatch } from '../../client'
import { ErrorCode } from '../../wire/errors'
import { encodeBatch } from '../../wire/records'
import type { RecordBytes } from './records'

/**
 * Brokers give producer ids out from 0 upward and ask of nobody who writes where he has his from. This one no broker will come to, and it is exact
 * as a double.
 */
export const registriesProducerId = 8_081_000_000_000_000n

/** What the next batch has to carry to be the next. */
export interface LogPlace {
  readonly producerEpoch: number
  readonly sequence: number
}

/**
 * `offset` is where the leader has the batch, or one of somebody else that carries the same sequences; -1: it does not say. Null: the log
 * has gone on, or is not where the place was taken from.
 */
export interface Placed {
  readonly offset: number | null
  /** Whether an attempt may have brought it into the log, whatever the last one says. */
  readonly mayBeInLog: boolean
}

const requestTimeoutMsMax = 5_000
const pauseMsMax = 500

export class ConditionalWriter {
  private isClosed = false

  constructor(
    private readonly client: KafkaClient,
    private readonly topic: string,
  ) {}

  /**
   * Tries until a leader has said something of it, it `isSettled` otherwise, or the time is over; and no further once the log `isAnother`: one that was
   * made anew knows of no sequence and takes any. Throws ClientError; its isUnknownOutcome says whether it may be in the log.
   */
  async append(
    records: readonly RecordBytes[],
    place: LogPlace,
    timeoutMs: number,
    isSettled: () => boolean,
    isAnother: () => boolean,
  ): Promise<Placed> {
    const { clock } = this.client.platform
    const deadlineMs = clock.monotonicMs() + timeoutMs
    // One lost answer is to leave time for another try.
    const requestTimeoutMs = Math.round(Math.max(500, Math.min(requestTimeoutMsMax, timeoutMs / 4)))
    const batch = encode(records, place, clock.nowMs())
    let mayBeInLog = false
    for (let attempt = 0; ; attempt++) {
      // Asked behind each refresh: what was learnt of the topic by it counts for the attempt that it is for.
      if (isAnother()) return { offset: null, mayBeInLog }
      let failure: ClientError
      try {
        const { baseOffset } = await produceBatch({ client: this.client, acks: -1, requestTimeoutMs }, this.topic, 0, batch)
        return { offset: baseOffset, mayBeInLog: true }
      } catch (error) {
        if (!(error instanceof ClientError)) throw error
        failure = error
      }
      if (isOvertaken(failure)) return { offset: null, mayBeInLog }
      mayBeInLog ||= failure.isUnknownOutcome
      const pauseMs = Math.min(pauseMsMax, 30 * 2 ** Math.min(attempt, 5))
      const isOver = this.isClosed || isSettled()
      if (!failure.retriable || isOver || clock.monotonicMs() + pauseMs >= deadlineMs) throw withDoubt(failure, mayBeInLog)
      await pause(clock, pauseMs)
      // A failure to refresh shows as no leader in the next attempt.
      await this.client.refresh().catch(() => undefined)
    }
  }

  close(): void {
    this.isClosed = true
  }
}

function encode(records: readonly RecordBytes[], { producerEpoch, sequence }: LogPlace, nowMs: number): Uint8Array {
  const timestamp = BigInt(nowMs)
  return encodeBatch({
    records: records.map(({ key, value }) => ({ timestamp, key, value, headers: [] })),
    producerId: registriesProducerId,
    producerEpoch,
    baseSequence: sequence,
  })
}

/** The first where the sequence is not the next, the last two where a later epoch has begun. */
function isOvertaken({ code }: ClientError): boolean {
  return (
    code === ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER ||
    code === ErrorCode.DUPLICATE_SEQUENCE_NUMBER ||
    code === ErrorCode.INVALID_PRODUCER_EPOCH ||
    code === ErrorCode.PRODUCER_FENCED
  )
}

function withDoubt(error: ClientError, isUnknownOutcome: boolean): ClientError {
  const { kind, message, retriable, code, cause } = error
  return error.isUnknownOutcome === isUnknownOutcome
    ? error
    : new ClientError(kind, message, retriable, code, { cause, isUnknownOutcome })
}
