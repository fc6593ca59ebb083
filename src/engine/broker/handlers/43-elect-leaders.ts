/**
 * ElectLeaders (key 43), versions 0–2: preferred leaders take their partitions back (type 0), or leaders are elected out of sync replicas
 * or not (type 1, from version 1 on). Only the controller does it; null for the partitions means all of them.
 */
import type { ElectionResult } from '../../controller/leader-elections'
import { ErrorCode, errorMessage } from '../../wire/errors'
import { ElectLeaders } from '../../wire/messages/43-elect-leaders'
import type { RequestOf, ResponseOf } from '../../wire/schema'
import type { Handler } from '../registry'
import type { BrokerServices } from '../services'

const UNCLEAN = 1

export function electLeadersHandler({
  controller,
}: Pick<BrokerServices, 'controller'>): Handler<RequestOf<typeof ElectLeaders>, ResponseOf<typeof ElectLeaders>> {
  return {
    api: ElectLeaders,
    minVersion: 0,
    maxVersion: 2,
    async handle(context) {
      const { electionType, topicPartitions, timeoutMs } = context.request
      const asked =
        topicPartitions?.flatMap(({ topic, partitions }) => partitions.map((partition) => ({ topic, partition }))) ?? null
      const refuse = (errorCode: ErrorCode, message: string) =>
        context.respond({
          throttleTimeMs: 0,
          errorCode,
          replicaElectionResults: grouped((asked ?? []).map((partition) => ({ ...partition, errorCode, errorMessage: message }))),
        })
      if (!controller.isActive) return refuse(ErrorCode.NOT_CONTROLLER, errorMessage(ErrorCode.NOT_CONTROLLER))
      if (electionType < 0 || electionType > UNCLEAN)
        return refuse(ErrorCode.INVALID_REQUEST, `Unknown election type ${electionType}`)
      const outcomes = await controller.electLeaders(electionType === UNCLEAN ? 'unclean' : 'preferred', asked, timeoutMs)
      return context.respond({ throttleTimeMs: 0, errorCode: ErrorCode.NONE, replicaElectionResults: grouped(outcomes) })
    },
  }
}

function grouped(outcomes: readonly ElectionResult[]) {
  const topics = new Map<string, { partitionId: number; errorCode: number; errorMessage: string | null }[]>()
  for (const { topic, partition, errorCode, errorMessage: message } of outcomes) {
    const results = topics.get(topic) ?? []
    results.push({ partitionId: partition, errorCode, errorMessage: message })
    topics.set(topic, results)
  }
  return [...topics].map(([topic, partitionResult]) => ({ topic, partitionResult }))
}
