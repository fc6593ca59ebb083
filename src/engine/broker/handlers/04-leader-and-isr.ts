/**
 * LeaderAndIsr (key 4), versions 5–7, from the controller: which partitions this broker leads and follows from now on.
 *
 * A request for an earlier registration of this broker is refused (STALE_BROKER_EPOCH): it was decided before a restart. The configuration
 * of a topic that is new here is read before its logs are made. A request for many partitions is worked off in slices, in order.
 */
import { ErrorCode } from '../../wire/errors'
import { LeaderAndIsr } from '../../wire/messages/04-leader-and-isr'
import type { RequestOf, ResponseOf } from '../../wire/schema'
import type { Handler } from '../registry'
import type { BrokerServices } from '../services'
import { inTimeSlices } from '../time-slices'

type Services = Pick<BrokerServices, 'replicas' | 'metadata' | 'configs' | 'controlQueue' | 'logger' | 'clock'>
type Request = RequestOf<typeof LeaderAndIsr>

export function leaderAndIsrHandler(services: Services): Handler<Request, ResponseOf<typeof LeaderAndIsr>> {
  const { replicas, metadata, configs, controlQueue, logger, clock } = services

  /** Undefined where all are known, so that an election is not held up by the coordination service. */
  function readNewConfigs(request: Request): Promise<unknown> | undefined {
    const fresh = request.topicStates.filter(
      ({ topicName, partitionStates }) =>
        !configs.isKnown({ type: 'topics', name: topicName }) || partitionStates.some(({ isNew }) => isNew),
    )
    if (fresh.length === 0) return undefined
    return Promise.all(fresh.map(({ topicName }) => configs.reload({ type: 'topics', name: topicName }))).catch(
      (error: unknown) => {
        logger.warn('The configuration of new topics could not be read; defaults count until it can', { reason: String(error) })
      },
    )
  }

  function apply(request: Request): Promise<ResponseOf<typeof LeaderAndIsr>> | ResponseOf<typeof LeaderAndIsr> {
    // Also where it names no partition: who sends it is known from then on.
    const refusal = replicas.admitController(request)
    if (refusal !== ErrorCode.NONE) return { errorCode: refusal, topics: [] }
    for (const { topicName, topicId } of request.topicStates) metadata.learnTopicId(topicName, topicId)
    let errorCode: number = ErrorCode.NONE
    const errorsById = new Map<string, ResponseOf<typeof LeaderAndIsr>['topics'][number]['partitionErrors'][number][]>()
    const single = request.topicStates.flatMap((topic) =>
      topic.partitionStates.map((state) => ({ ...topic, partitionStates: [state] })),
    )
    const ended = inTimeSlices(clock, single, (topic) => {
      const answer = replicas.becomeLeaderOrFollower({ ...request, topicStates: [topic] })
      if (answer.errorCode !== ErrorCode.NONE) errorCode = answer.errorCode
      for (const { topicId, partitionErrors } of answer.topics) {
        const errors = errorsById.get(topicId) ?? []
        errors.push(...partitionErrors)
        errorsById.set(topicId, errors)
      }
    })
    const response = () => ({
      errorCode,
      topics:
        errorCode === ErrorCode.NONE ? [...errorsById].map(([topicId, partitionErrors]) => ({ topicId, partitionErrors })) : [],
    })
    return ended === undefined ? response() : ended.then(response)
  }

  return {
    api: LeaderAndIsr,
    minVersion: 5,
    maxVersion: 7,
    handle(context) {
      return controlQueue.run(async () => {
        await readNewConfigs(context.request)
        context.respond(await apply(context.request))
      })
    },
  }
}
