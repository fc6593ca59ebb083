/**
 * Whether a healed world is whole again: every broker runs, one of them is the controller, every partition has one leader, all its replicas are in sync and
 * as long as the leader's log, and every broker tells clients the same. Read by simulate.ts; what is missing is said in words.
 */
import type { TopicMetadata } from '../../broker/metadata-cache'
import type { PartitionStatus } from '../../replication/outcomes'
import { viewOf } from './checkers/cluster-view'
import type { Workload } from './workload'
import type { SimBroker, World } from './world'

/** The first thing that is not as it should be, or null. */
export function whatIsMissing(world: World): string | null {
  const brokers = [...world.brokers.values()].filter(({ isWanted }) => isWanted)
  if (world.coordination.state !== 'running') return 'coordination does not run'
  for (const { id, state } of brokers) if (state !== 'running') return `broker ${id} is ${state}`
  const controllers = brokers.filter(({ broker }) => broker?.statistics().isController)
  const controller = controllers[0]
  if (controllers.length !== 1 || controller?.broker == null)
    return `${controllers.length} brokers take themselves for the controller`
  const statuses = new Map(brokers.map((machine) => [machine.id, statusesOf(machine)]))
  for (const topic of controller.broker.metadata.allTopics()) {
    const missing = whatIsMissingOfTopic(topic, statuses) ?? whoTellsOtherwise(topic, brokers)
    if (missing !== null) return missing
  }
  const topicCount = controller.broker.metadata.allTopics().length
  for (const { id, broker } of brokers) {
    if (broker === null || broker.metadata.liveBrokers().length !== brokers.length)
      return `broker ${id} knows of other brokers than there are`
    if (broker.metadata.allTopics().length !== topicCount) return `broker ${id} knows of other topics than the controller`
  }
  return null
}

/** The first partition whose replicas are not where they were asked to be: on their way, left behind somewhere, or elsewhere; null where all are. */
export function whatIsNotInPlace(world: World, workload: Pick<Workload, 'whatIsWrong'>): string | null {
  const view = viewOf(world)
  const inPlace = new Map<string, readonly number[]>()
  for (const { topic, topicId, partition, replicas, onTheirWay } of view.stored.assignments()) {
    const name = `${topic}-${partition}`
    if (onTheirWay.length > 0) return `${name} has replicas [${replicas}], of which [${onTheirWay}] come, go or are left behind`
    const wrong = workload.whatIsWrong(topicId, partition, replicas)
    if (wrong !== null) return wrong
    inPlace.set(`${topicId}/${partition}`, replicas)
  }
  for (const { id, broker } of world.brokers.values()) {
    for (const status of broker?.partitionStates() ?? []) {
      const { topic, partition } = status
      const replicas = view.stored.replicasOf(topic, partition)
      if (!replicas.includes(id)) return `broker ${id} has a replica of ${topic}-${partition}, which is on brokers [${replicas}]`
    }
    // With the power what was deleted and not synced may come back.
    const seen = view.brokers.get(id)
    if (seen === undefined || seen.crashCount > 0) continue
    for (const { topic, topicId, partition } of seen.sight?.logs ?? []) {
      const replicas = inPlace.get(`${topicId}/${partition}`)
      if (replicas?.includes(id) === false)
        return `broker ${id} has the files of ${topic}-${partition}, which is on brokers [${replicas}]`
    }
  }
  return null
}

function whatIsMissingOfTopic(
  topic: TopicMetadata,
  statuses: ReadonlyMap<number, ReadonlyMap<string, PartitionStatus>>,
): string | null {
  for (const { partition, leader, leaderEpoch, replicas, isr } of topic.partitions.values()) {
    const name = `${topic.name}-${partition}`
    const led = statuses.get(leader)?.get(name)
    if (led === undefined) return `${name} has no leader (${leader})`
    if (led.role !== 'leader') return `broker ${leader} should lead ${name} and is ${led.role} (${led.offlineReason ?? ''})`
    if (led.leaderEpoch !== leaderEpoch) return `${name} is in epoch ${led.leaderEpoch}, and epoch ${leaderEpoch} is told`
    if (led.isr.length !== replicas.length || isr.length !== replicas.length)
      return `${name} has replicas [${replicas}], in sync are [${led.isr}], told [${isr}]`
    if (led.highWatermark !== led.logEndOffset) return `${name} ends at ${led.logEndOffset}, committed to ${led.highWatermark}`
    for (const replica of replicas) {
      const status = statuses.get(replica)?.get(name)
      if (status === undefined) return `broker ${replica} has no ${name}`
      if (status.logEndOffset !== led.logEndOffset || status.highWatermark !== led.highWatermark)
        return `${name} ends on broker ${replica} at ${status.logEndOffset} (committed to ${status.highWatermark}), on its leader at ${led.logEndOffset}`
      // A follower may start later for ever: a leader that fell before all had heard of a deletion takes it with it, and nobody asks again.
      // Earlier it may not: every answer to a fetch tells it where its leader starts.
      if (status.logStartOffset < led.logStartOffset)
        return `${name} starts on broker ${replica} at ${status.logStartOffset}, on its leader at ${led.logStartOffset}`
    }
  }
  return null
}

function whoTellsOtherwise(topic: TopicMetadata, brokers: readonly SimBroker[]): string | null {
  for (const { id, broker } of brokers) {
    for (const told of topic.partitions.values()) {
      const here = broker?.metadata.partition(topic.name, told.partition)
      if (here?.leader !== told.leader || here.leaderEpoch !== told.leaderEpoch)
        return `broker ${id} tells of another leader of ${topic.name}-${told.partition} (${here?.leader ?? 'none'}) than the controller (${told.leader})`
    }
  }
  return null
}

function statusesOf({ broker }: SimBroker): ReadonlyMap<string, PartitionStatus> {
  const statuses = new Map<string, PartitionStatus>()
  for (const status of broker?.partitionStates() ?? []) statuses.set(`${status.topic}-${status.partition}`, status)
  return statuses
}
