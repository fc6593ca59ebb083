/**
 * Where leaders and replicas stand, as an administrator changes it: elections and reassignments through the protocol, so it works against any cluster.
 * While a reassignment is under way it is looked at twice a second and told to the window. Lives in the clients worker.
 */
import type { KafkaClient } from '../../engine/client'
import { WorkbenchError } from '../../shared/ipc/errors'
import type { ReassignmentView } from '../../shared/model/cluster'
import type { ClientHandlers } from '../rpc'
import type { Emit } from '../services'
import { ReplicaAdmin } from './replica-admin'

type ReplicasCallName = Extract<keyof ClientHandlers, `replicas.${string}`>

const lookIntervalMs = 500
/** After this many failed looks in a row nobody is left to ask; the next call begins anew. */
const failedLooksMax = 60

export function createReplicasService(client: KafkaClient, emit: Emit): Pick<ClientHandlers, ReplicasCallName> {
  const admin = new ReplicaAdmin(client)
  const { clock } = client.platform
  let told: readonly ReassignmentView[] = []
  let isLooking = false
  let failedLooks = 0

  const tell = (now: readonly ReassignmentView[]): readonly ReassignmentView[] => {
    if (JSON.stringify(now) !== JSON.stringify(told)) emit('replicas.reassigning', now)
    told = now
    if (now.length > 0) lookLater()
    return now
  }
  const lookLater = (): void => {
    if (isLooking) return
    isLooking = true
    clock.setTimer(lookIntervalMs, () => {
      isLooking = false
      admin.reassignments().then(
        (now) => {
          failedLooks = 0
          tell(now)
        },
        () => {
          if (++failedLooks < failedLooksMax) lookLater()
        },
      )
    })
  }

  return {
    'replicas.elect': ({ partitions }) => admin.electPreferred(partitions),
    'replicas.moveLeadership': async ({ topic, partition, brokerId }) => {
      const { replicas, isr, leader } = await admin.describe(topic, partition)
      if (leader === brokerId && replicas[0] === brokerId) return undefined
      if (!isr.includes(brokerId))
        throw new WorkbenchError(
          'expected',
          'NOT_IN_SYNC',
          replicas.includes(brokerId)
            ? `Broker ${brokerId} is not in sync on ${topic}-${partition}: it cannot lead before it has caught up.`
            : `Broker ${brokerId} has no replica of ${topic}-${partition}.`,
        )
      // Only a preferred leader can be asked for: the same replicas in another order move no data.
      if (replicas[0] !== brokerId) {
        const order = [brokerId, ...replicas.filter((id) => id !== brokerId)]
        throwFirst(await admin.reassign([{ topic, partition, replicas: order }]))
        await admin.untilPreferred(topic, partition, brokerId)
      }
      throwFirst(await admin.electPreferred([{ topic, partition }]))
      return undefined
    },
    'replicas.reassign': async ({ moves }) => {
      const outcome = await admin.reassign(moves)
      await admin.reassignments().then(tell, () => undefined)
      lookLater()
      return outcome
    },
    'replicas.reassignments': async () => tell(await admin.reassignments()),
    'replicas.cancelReassignments': async ({ partitions }) => {
      const under = await admin.reassignments()
      const wanted = partitions ?? under
      const outcome = wanted.length === 0 ? { doneCount: 0, failures: [] } : await admin.cancel(wanted)
      await admin.reassignments().then(tell, () => undefined)
      return outcome
    },
  }
}

function throwFirst({ failures }: Awaited<ReturnType<ReplicaAdmin['reassign']>>): void {
  const first = failures[0]
  if (first !== undefined) throw new WorkbenchError('protocol', first.code, `${first.topic}-${first.partition}: ${first.message}`)
}
