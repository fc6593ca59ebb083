/**
 * Which controllers brokers obey, read from the wire. Who has answered LeaderAndIsr, StopReplica or UpdateMetadata of one controller with NONE, answers no
 * older one so (KIP-143: STALE_CONTROLLER_EPOCH), whichever of the three it is; and no partition of a LeaderAndIsr in an older leader epoch than the broker
 * holds. Brokers work these requests off one after the other, so answers of different events come in the order in which they were obeyed.
 */
import { ErrorCode } from '../../../wire/errors'
import { LeaderAndIsr } from '../../../wire/messages/04-leader-and-isr'
import { StopReplica } from '../../../wire/messages/05-stop-replica'
import { UpdateMetadata } from '../../../wire/messages/06-update-metadata'
import type { Api } from '../../../wire/schema'
import type { SimEvent } from '../scheduler'
import { type Checker, InvariantViolation, require, type World } from './checker'
import { type BrokerSeen, viewOf } from './cluster-view'
import { exchangesOf } from './kafka-exchanges'
import { rules } from './rules'

interface ControlRequest {
  readonly controllerId: number
  readonly controllerEpoch: number
}

interface Obeyed extends ControlRequest {
  readonly brokerId: number
  readonly what: string
}

export function controllerRequests(world: World): Checker {
  const view = viewOf(world)
  const exchanges = exchangesOf(world)
  const obeyed: Obeyed[] = []
  /** The newest controller that each broker has obeyed in its present incarnation. */
  const newest = new Map<BrokerSeen, { readonly incarnation: number; readonly epoch: number }>()
  let violation: InvariantViolation | null = null

  exchanges.listen(LeaderAndIsr, {
    onRequest: (_broker, { controllerId, controllerEpoch, topicStates }) => {
      const leaderEpochs = new Map<string, number>()
      for (const { topicId, partitionStates } of topicStates)
        for (const { partitionIndex, leaderEpoch } of partitionStates)
          leaderEpochs.set(`${topicId}/${partitionIndex}`, leaderEpoch)
      return { controllerId, controllerEpoch, leaderEpochs }
    },
    onAnswer({ id }, { controllerId, controllerEpoch, leaderEpochs }, { errorCode, topics }) {
      if (!noteAnswer({ brokerId: id, what: LeaderAndIsr.name, controllerId, controllerEpoch }, errorCode)) return
      for (const { topicId, partitionErrors } of topics) {
        for (const { partitionIndex, errorCode: partitionError } of partitionErrors) {
          const commanded = leaderEpochs.get(`${topicId}/${partitionIndex}`)
          if (commanded === undefined || partitionError !== ErrorCode.NONE) continue
          lookAtEpoch(id, topicId, partitionIndex, commanded)
        }
      }
    },
  })
  listenTo(StopReplica)
  listenTo(UpdateMetadata)

  function listenTo<Request extends ControlRequest, Response extends { readonly errorCode: number }>(
    api: Api<Request, Response>,
  ): void {
    exchanges.listen(api, {
      onRequest: (_broker, { controllerId, controllerEpoch }: Request) => ({ controllerId, controllerEpoch }),
      onAnswer({ id }, { controllerId, controllerEpoch }: ControlRequest, { errorCode }: Response) {
        noteAnswer({ brokerId: id, what: api.name, controllerId, controllerEpoch }, errorCode)
      },
    })
  }

  /** Whether the request was obeyed. */
  function noteAnswer(asked: Obeyed, errorCode: number): boolean {
    if (errorCode === ErrorCode.STALE_CONTROLLER_EPOCH) world.count('replaced controllers refused')
    if (errorCode !== ErrorCode.NONE) return false
    obeyed.push(asked)
    return true
  }

  /** The view is as before this event, so what the replica holds in it was held before the command was obeyed. */
  function lookAtEpoch(brokerId: number, topicId: string, partition: number, commanded: number): void {
    for (const { sight, facts } of view.brokers.get(brokerId)?.replicas.values() ?? []) {
      if (sight.topicId !== topicId || sight.partition !== partition || facts.leaderEpoch <= commanded) continue
      violation ??= new InvariantViolation(
        rules.olderLeaderEpoch,
        `broker ${brokerId} obeys a LeaderAndIsr for ${sight.topic}-${partition} in leader epoch ${commanded}, and holds epoch ${facts.leaderEpoch}`,
      )
    }
  }

  function judge({ brokerId, what, controllerId, controllerEpoch }: Obeyed): void {
    const known = knownOf(brokerId)
    require(controllerEpoch >= known, rules.olderController, () =>
      `broker ${brokerId} obeys the ${what} of controller ${controllerId} in epoch ${controllerEpoch}, and has obeyed one of epoch ${known} before`)
  }

  function knownOf(brokerId: number): number {
    const seen = view.brokers.get(brokerId)
    const known = seen === undefined ? undefined : newest.get(seen)
    return known !== undefined && known.incarnation === seen?.incarnation ? known.epoch : -1
  }

  function learn({ brokerId, controllerEpoch }: Obeyed): void {
    const seen = view.brokers.get(brokerId)
    if (seen === undefined) return
    newest.set(seen, { incarnation: seen.incarnation, epoch: Math.max(knownOf(brokerId), controllerEpoch) })
  }

  return {
    name: 'controller-requests',
    afterEvent(event: SimEvent) {
      if (violation !== null) throw violation
      if (obeyed.length === 0) return
      const noted = obeyed.splice(0)
      if (event.process?.isAlive === false) return
      for (const each of noted) judge(each)
      for (const each of noted) learn(each)
    },
  }
}
