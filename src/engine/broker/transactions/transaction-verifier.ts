/**
 * Asks the coordinator of a transaction whether a partition of this broker's is part of it, before a producer's first write there (KIP-890 part 1,
 * AddPartitionsToTxnManager); or, for producers of transaction.version 2, makes it one. Without that a batch that was late on its way could open a
 * transaction that nobody ends, and readers of committed records would wait for ever.
 *
 * One request a coordinator at a time, with all that has come in the meantime; answers come in the order of the questions.
 */
import type { Logger } from '../../platform'
import { ErrorCode } from '../../wire/errors'
import type { AddPartitionsToTxn } from '../../wire/messages'
import type { Encodable, RequestOf, ResponseOf } from '../../wire/schema'

export type VerifyRequest = Encodable<RequestOf<typeof AddPartitionsToTxn>>
export type VerifyResponse = ResponseOf<typeof AddPartitionsToTxn>

export interface Verification {
  readonly transactionalId: string
  readonly producerId: bigint
  readonly producerEpoch: number
  /** Ask only, or add what is not part of it yet. */
  readonly mode: 'verify' | 'add'
  readonly partitions: readonly { readonly topic: string; readonly partition: number }[]
}

/** The error code of a partition as its producer is to be told. */
export type VerificationErrors = (topic: string, partition: number) => number

export interface VerifierOptions {
  readonly logger: Logger
  /** Null while the transactional id has no coordinator. */
  coordinatorOf(transactionalId: string): number | null
  /** Rejects where no answer came. */
  ask(brokerId: number, request: VerifyRequest): Promise<VerifyResponse>
}

interface Question {
  readonly verification: Verification
  readonly onAnswer: (errors: VerificationErrors) => void
}

export class TransactionVerifier {
  private readonly waiting = new Map<number, Question[]>()
  private readonly asked = new Set<number>()

  constructor(private readonly options: VerifierOptions) {}

  /** `onAnswer` is called once, later or at once. */
  verify(verification: Verification, onAnswer: (errors: VerificationErrors) => void): void {
    const brokerId = this.options.coordinatorOf(verification.transactionalId)
    if (brokerId === null) return onAnswer(() => retriable)
    const waiting = this.waiting.get(brokerId) ?? []
    this.waiting.set(brokerId, waiting)
    waiting.push({ verification, onAnswer })
    if (!this.asked.has(brokerId)) void this.askAll(brokerId)
  }

  private async askAll(brokerId: number): Promise<void> {
    this.asked.add(brokerId)
    for (;;) {
      const questions = this.takeBatch(brokerId)
      if (questions.length === 0) break
      const answered = await this.ask(brokerId, questions)
      for (const { verification, onAnswer } of questions) onAnswer(answered(verification.transactionalId))
    }
    this.asked.delete(brokerId)
  }

  /** In order, each transactional id once: a request names it once. */
  private takeBatch(brokerId: number): Question[] {
    const waiting = this.waiting.get(brokerId) ?? []
    const ids = new Set<string>()
    const taken: Question[] = []
    while (waiting.length > 0 && !ids.has(waiting[0]!.verification.transactionalId)) {
      const question = waiting.shift()!
      ids.add(question.verification.transactionalId)
      taken.push(question)
    }
    if (waiting.length === 0) this.waiting.delete(brokerId)
    return taken
  }

  private async ask(brokerId: number, questions: readonly Question[]): Promise<(transactionalId: string) => VerificationErrors> {
    try {
      const response = await this.options.ask(brokerId, {
        transactions: questions.map(({ verification }) => toRequest(verification)),
      })
      if (response.errorCode !== ErrorCode.NONE) return () => () => toldToProducer(response.errorCode)
      const codes = new Map<string, number>()
      for (const { transactionalId, topicResults } of response.resultsByTransaction) {
        for (const { name, resultsByPartition } of topicResults) {
          for (const { partitionIndex, partitionErrorCode } of resultsByPartition) {
            codes.set(keyOf(transactionalId, name, partitionIndex), partitionErrorCode)
          }
        }
      }
      return (transactionalId) => (topic, partition) =>
        toldToProducer(codes.get(keyOf(transactionalId, topic, partition)) ?? ErrorCode.UNKNOWN_SERVER_ERROR)
    } catch (error) {
      this.options.logger.debug('The coordinator of transactions has not answered', { brokerId, error: String(error) })
      return () => () => retriable
    }
  }
}

/** What a producer tries again on, whatever it is (ReplicaManager.appendRecords). */
const retriable: number = ErrorCode.NOT_ENOUGH_REPLICAS

function toldToProducer(errorCode: number): number {
  switch (errorCode) {
    case ErrorCode.PRODUCER_FENCED:
      return ErrorCode.INVALID_PRODUCER_EPOCH
    // The transaction before is still ending, or the coordinator is not there, or not yet.
    case ErrorCode.CONCURRENT_TRANSACTIONS:
    case ErrorCode.COORDINATOR_LOAD_IN_PROGRESS:
    case ErrorCode.COORDINATOR_NOT_AVAILABLE:
    case ErrorCode.NOT_COORDINATOR:
      return retriable
    default:
      return errorCode
  }
}

function toRequest({ transactionalId, producerId, producerEpoch, mode, partitions }: Verification) {
  const topics = new Map<string, number[]>()
  for (const { topic, partition } of partitions) topics.set(topic, [...(topics.get(topic) ?? []), partition])
  return {
    transactionalId,
    producerId,
    producerEpoch,
    verifyOnly: mode === 'verify',
    topics: [...topics].map(([name, indexes]) => ({ name, partitions: indexes })),
  }
}

/** Topic names hold no '/', and the number comes last. */
const keyOf = (transactionalId: string, topic: string, partition: number): string => `${transactionalId}/${topic}/${partition}`
