/**
 * ListPartitionReassignments (key 46), version 0: what is being moved, and where to. Only the controller knows. Partitions that are not being moved, or that
 * there are not, are left out, as by Kafka.
 */
import { ListPartitionReassignments } from '../../wire/messages/46-list-partition-reassignments'
import type { RequestOf, ResponseOf } from '../../wire/schema'
import type { Handler } from '../registry'
import type { BrokerServices } from '../services'

type Response = ResponseOf<typeof ListPartitionReassignments>
type Ongoing = Response['topics'][number]['partitions'][number]

export function listPartitionReassignmentsHandler({
  controller,
}: Pick<BrokerServices, 'controller'>): Handler<RequestOf<typeof ListPartitionReassignments>, Response> {
  return {
    api: ListPartitionReassignments,
    minVersion: 0,
    maxVersion: 0,
    async handle(context) {
      const asked = context.request.topics?.flatMap(({ name, partitionIndexes }) =>
        partitionIndexes.map((partition) => ({ topic: name, partition })),
      )
      const { errorCode, errorMessage, partitions } = await controller.listPartitionReassignments(asked ?? null)
      const byTopic = new Map<string, Ongoing[]>()
      for (const { topic, partition, replicas, addingReplicas, removingReplicas } of partitions) {
        const ongoing = byTopic.get(topic) ?? []
        ongoing.push({
          partitionIndex: partition,
          replicas: [...replicas],
          addingReplicas: [...addingReplicas],
          removingReplicas: [...removingReplicas],
        })
        byTopic.set(topic, ongoing)
      }
      const topics = [...byTopic].map(([name, ongoing]) => ({ name, partitions: ongoing }))
      context.respond({ throttleTimeMs: 0, errorCode, errorMessage, topics })
    },
  }
}
