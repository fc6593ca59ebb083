/**
 * Brings one batch into its partition's log: attempts, retries, and the verdict where it fails. Used by Producer, which delivers one batch of a
 * partition at a time; knows no queues and no callbacks.
 *
 * With a sequence (idempotence) every attempt sends the same bytes under the same producer id, epoch and sequence, so that a leader that has
 * the batch already knows it again. Errors are taken as Kafka's client takes them (TransactionManager.canRetry, handleFailedBatch), but in two
 * places, where it can write a record twice or lose one:
 * - OUT_OF_ORDER_SEQUENCE_NUMBER or UNKNOWN_PRODUCER_ID. All batches before were acknowledged, so the gap is not ours: the leader has not what
 *   it acknowledged. If no earlier attempt can have reached a log, the batch goes out again in a new epoch. If one can, that answer may come from a
 *   deposed leader that does not know it, while the true one has the batch; under a new epoch it would be written twice. So it is tried
 *   as it is until its time is over, and then fails with an unknown outcome.
 * - DUPLICATE_SEQUENCE_NUMBER is a success, of unknown offset, only where an earlier attempt can have written the batch. Where none can, the
 *   sequence belongs to somebody else, and the batch goes out under another producer id.
 */
import { ErrorCode } from '../wire/errors'
import type { Compression, RecordToEncode } from '../wire/records'
import { encodeBatch } from '../wire/records'
import { ClientError } from './errors'
import type { PartitionSequence } from './partition-sequence'
import { type AppendedBatch, type ProduceOptions, produceBatch } from './produce-batch'
import type { ProducerIds } from './producer-ids'
import { pause } from './retry'

export interface OutgoingBatch {
  readonly topic: string
  readonly partition: number
  readonly records: readonly RecordToEncode[]
  /** No attempt is begun after this time, but the first. */
  readonly deadlineMs: number
  /** Null: without idempotence. */
  readonly sequence: PartitionSequence | null
}

export interface BatchDeliveryOptions extends ProduceOptions {
  readonly compression: Compression
  readonly producerIds: ProducerIds | null
  /** Told of each failure that is tried again; must not throw. */
  readonly onRetry: (error: ClientError) => void
}

type Step = 'fail' | 'retry' | 'retry-in-new-epoch' | 'retry-with-new-id' | 'acknowledged'

export class BatchDelivery {
  private isClosed = false

  constructor(private readonly options: BatchDeliveryOptions) {}

  /** Attempts that are under way are finished, no other is begun. */
  close(): void {
    this.isClosed = true
  }

  /** Rejects with a {@link ClientError} whose isUnknownOutcome says whether the batch may be in the log. */
  async deliver(batch: OutgoingBatch): Promise<AppendedBatch> {
    const { client, onRetry } = this.options
    const { clock } = client.platform
    const { sequence } = batch
    let bytes: Uint8Array | null = null
    let mayBeInLog = false
    for (let attempt = 0; ; attempt++) {
      let error: ClientError
      let step: Step
      try {
        bytes ??= await this.encode(batch)
        const appended = await produceBatch(this.options, batch.topic, batch.partition, bytes)
        sequence?.onAcknowledged(batch.records.length)
        return appended
      } catch (thrown) {
        error = thrown instanceof ClientError ? thrown : clientError(thrown)
        step = sequence === null ? stepOf(error) : idempotentStep(error, mayBeInLog)
        mayBeInLog ||= error.isUnknownOutcome
      }
      if (step === 'acknowledged') {
        sequence?.onAcknowledged(batch.records.length)
        return { baseOffset: -1, logAppendTimeMs: -1 }
      }
      // Also where the batch fails now: what comes next must not meet the same refusal.
      if (step === 'retry-in-new-epoch') sequence?.raiseEpoch()
      if (step === 'retry-with-new-id') sequence?.giveUpId()
      if (step !== 'retry') bytes = null
      const pauseMs = Math.min(500, 30 * 2 ** Math.min(attempt, 5))
      if (step !== 'fail' && !this.isClosed && clock.monotonicMs() + pauseMs < batch.deadlineMs) {
        onRetry(error)
        await pause(clock, pauseMs)
        // A failure to refresh shows as no leader in the next attempt.
        await client.refresh().catch(() => undefined)
        if (!this.isClosed) continue
      }
      if (mayBeInLog) sequence?.raiseEpoch()
      throw verdict(error, mayBeInLog)
    }
  }

  private async encode({ records, sequence }: OutgoingBatch): Promise<Uint8Array> {
    const { compression, producerIds } = this.options
    if (sequence !== null && sequence.producerId === null && producerIds !== null)
      sequence.adopt(await producerIds.take(sequence.burntProducerId))
    try {
      return encodeBatch({ compression, records, ...sequence?.place() })
    } catch (cause) {
      // Nothing was sent, and no later attempt would be better.
      throw new ClientError('protocol', `a batch cannot be encoded: ${(cause as Error).message}`, false, null, { cause })
    }
  }
}

const stepOf = (error: ClientError): Step => (error.retriable ? 'retry' : 'fail')

/** `mayBeInLog`: whether an attempt before this one can have written the batch. */
function idempotentStep(error: ClientError, mayBeInLog: boolean): Step {
  switch (error.code) {
    case ErrorCode.DUPLICATE_SEQUENCE_NUMBER:
      return mayBeInLog ? 'acknowledged' : 'retry-with-new-id'
    case ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER:
    case ErrorCode.UNKNOWN_PRODUCER_ID:
      return mayBeInLog ? 'retry' : 'retry-in-new-epoch'
    case ErrorCode.INVALID_PRODUCER_EPOCH:
    case ErrorCode.PRODUCER_FENCED:
    case ErrorCode.INVALID_PRODUCER_ID_MAPPING:
      // Somebody wrote here under our id in a later epoch: there is no going on with it.
      return mayBeInLog ? 'fail' : 'retry-with-new-id'
    default:
      return stepOf(error)
  }
}

function verdict(error: ClientError, isUnknownOutcome: boolean): ClientError {
  if (error.isUnknownOutcome === isUnknownOutcome) return error
  return new ClientError(error.kind, error.message, error.retriable, error.code, { cause: error.cause, isUnknownOutcome })
}

function clientError(cause: unknown): ClientError {
  return new ClientError('protocol', String(cause), false, null, { cause, isUnknownOutcome: true })
}
