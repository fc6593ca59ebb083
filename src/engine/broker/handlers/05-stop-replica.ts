/**
 * StopReplica (key 5), versions 3–4, from the controller: replicas that this broker gives up, and those of them whose files go too.
 * Refused for an earlier registration of this broker, and worked off in slices, like LeaderAndIsr.
 */
import { ErrorCode } from '../../wire/errors'
import { StopReplica } from '../../wire/messages/05-stop-replica'
import type { RequestOf, ResponseOf } from '../../wire/schema'
import type { Handler } from '../registry'
import type { BrokerServices } from '../services'
import { inTimeSlices } from '../time-slices'

type Services = Pick<BrokerServices, 'replicas' | 'controlQueue' | 'clock'>
type Response = ResponseOf<typeof StopReplica>

export function stopReplicaHandler(services: Services): Handler<RequestOf<typeof StopReplica>, Response> {
  const { replicas, controlQueue, clock } = services
  return {
    api: StopReplica,
    minVersion: 3,
    maxVersion: 4,
    handle(context) {
      const { request } = context
      return controlQueue.run(async () => {
        const refusal = replicas.admitController(request)
        if (refusal !== ErrorCode.NONE) return context.respond({ errorCode: refusal, partitionErrors: [] })
        let errorCode: number = ErrorCode.NONE
        const partitionErrors: Response['partitionErrors'][number][] = []
        const single = request.topicStates.flatMap((topic) =>
          topic.partitionStates.map((state) => ({ ...topic, partitionStates: [state] })),
        )
        await inTimeSlices(clock, single, (topic) => {
          const answer = replicas.stopReplicas({ ...request, topicStates: [topic] })
          if (answer.errorCode !== ErrorCode.NONE) errorCode = answer.errorCode
          partitionErrors.push(...answer.partitionErrors)
        })
        return context.respond({ errorCode, partitionErrors })
      })
    },
  }
}
