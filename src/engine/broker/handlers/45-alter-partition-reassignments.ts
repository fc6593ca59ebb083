/**
 * AlterPartitionReassignments (key 45), versions 0–1: partitions go to other replicas, or back where the list is null. Only the controller does it, and answers
 * once that is written; how far it has come ListPartitionReassignments tells. Errors are a partition's own.
 *
 * As Kafka's KRaft controller, unlike that with ZooKeeper, it refuses what would give up all replicas in sync, and a cancellation for a partition that there is
 * not is UNKNOWN_TOPIC_OR_PARTITION. Version 1 is Kafka 4.1's (KIP-860).
 */
import { ErrorCode, errorMessage } from '../../wire/errors'
import { AlterPartitionReassignments } from '../../wire/messages/45-alter-partition-reassignments'
import type { RequestOf, ResponseOf } from '../../wire/schema'
import type { Handler } from '../registry'
import type { BrokerServices } from '../services'

type Response = ResponseOf<typeof AlterPartitionReassignments>
type PartitionResponse = Response['responses'][number]['partitions'][number]

export function alterPartitionReassignmentsHandler({
  controller,
}: Pick<BrokerServices, 'controller'>): Handler<RequestOf<typeof AlterPartitionReassignments>, Response> {
  return {
    api: AlterPartitionReassignments,
    minVersion: 0,
    maxVersion: 1,
    async handle(context) {
      const { topics, timeoutMs, allowReplicationFactorChange } = context.request
      const asked = topics.flatMap(({ name, partitions }) =>
        partitions.map(({ partitionIndex, replicas }) => ({ topic: name, partition: partitionIndex, replicas })),
      )
      const results = await controller.alterPartitionReassignments(asked, timeoutMs, allowReplicationFactorChange)
      // One that is not the controller, or is it no more, says so of the whole request as well: clients look for the other by that.
      const hasMoved =
        results.length === 0 ? !controller.isActive : results.some(({ errorCode }) => errorCode === ErrorCode.NOT_CONTROLLER)
      const byTopic = new Map<string, PartitionResponse[]>()
      for (const { topic, partition, ...error } of results) {
        const partitions = byTopic.get(topic) ?? []
        partitions.push({ partitionIndex: partition, ...error })
        byTopic.set(topic, partitions)
      }
      context.respond({
        throttleTimeMs: 0,
        allowReplicationFactorChange,
        errorCode: hasMoved ? ErrorCode.NOT_CONTROLLER : ErrorCode.NONE,
        errorMessage: hasMoved ? errorMessage(ErrorCode.NOT_CONTROLLER) : null,
        responses: [...byTopic].map(([name, partitions]) => ({ name, partitions })),
      })
    },
  }
}
