/**
 * DescribeProducers (key 61), version 0: what this broker, as a replica of the partitions, knows of those who have written there (KIP-664): the tool for
 * finding who holds up the readers of committed records. Followers answer as well, as Kafka's do.
 */
import { ErrorCode, errorMessage } from '../../wire/errors'
import { DescribeProducers } from '../../wire/messages/61-describe-producers'
import type { RequestOf, ResponseOf } from '../../wire/schema'
import { refineError } from '../partition-errors'
import type { Handler } from '../registry'
import type { BrokerServices } from '../services'

export function describeProducersHandler({
  replicas,
  metadata,
}: Pick<BrokerServices, 'replicas' | 'metadata'>): Handler<
  RequestOf<typeof DescribeProducers>,
  ResponseOf<typeof DescribeProducers>
> {
  return {
    api: DescribeProducers,
    minVersion: 0,
    maxVersion: 0,
    handle(context) {
      const topics = context.request.topics.map(({ name, partitionIndexes }) => ({
        name,
        partitions: partitionIndexes.map((partitionIndex) => {
          const known = replicas.producers(name, partitionIndex)
          const errorCode = refineError(metadata, name, partitionIndex, known.errorCode)
          if (errorCode !== ErrorCode.NONE) {
            return { partitionIndex, errorCode, errorMessage: errorMessage(errorCode), activeProducers: [] }
          }
          const activeProducers = Array.from(known.producers, (producer) => ({
            producerId: BigInt(producer.producerId),
            producerEpoch: producer.epoch,
            lastSequence: producer.batches.at(-1)?.lastSequence ?? -1,
            lastTimestamp: producer.lastTimestamp,
            coordinatorEpoch: producer.coordinatorEpoch,
            currentTxnStartOffset: producer.currentTxnFirstOffset,
          }))
          return { partitionIndex, errorCode, errorMessage: null, activeProducers }
        }),
      }))
      context.respond({ throttleTimeMs: 0, topics })
    },
  }
}
