/** Calls and events about the cluster as a whole: brokers, the timeline. */
import * as v from 'valibot'
import type {
  ClusterMoment,
  ClusterView,
  PartitionsOutcome,
  ReassignmentView,
  TimelineEvent,
  TopicsSnapshot,
} from '../../model/cluster'
import { brokerId, nothing, partition, topicName } from './atoms'

const topicPartition = { topic: topicName, partition }
/** As many as the largest cluster that the window is made for has, and then some. */
const partitionsMax = 100_000
const somePartitions = v.pipe(v.array(v.strictObject(topicPartition)), v.minLength(1), v.maxLength(partitionsMax))
const momentMs = v.pipe(v.number(), v.minValue(0))

export const clusterArguments = {
  'cluster.view': nothing,
  'cluster.startBroker': v.strictObject({ brokerId }),
  'cluster.stopBroker': v.strictObject({ brokerId }),
  'cluster.killBroker': v.strictObject({ brokerId }),
  'cluster.freezeBroker': v.strictObject({ brokerId }),
  'cluster.resumeBroker': v.strictObject({ brokerId }),
  'cluster.addBroker': nothing,
  'cluster.removeBroker': v.strictObject({ brokerId }),
  'cluster.timeline': nothing,
  /** Topics and partitions whole, with the revision that deltas build on. */
  'cluster.topics': nothing,
  /** As it was then; answers null where nothing is recorded yet. */
  'cluster.moment': v.strictObject({ atMs: momentMs }),
  // Over the protocol, as any administrator would: these work against any cluster.
  /** Election of preferred leaders; null: of all partitions. */
  'replicas.elect': v.strictObject({ partitions: v.nullable(somePartitions) }),
  /** Makes a replica that is in sync the preferred leader, and elects it. */
  'replicas.moveLeadership': v.strictObject({ ...topicPartition, brokerId }),
  'replicas.reassign': v.strictObject({
    moves: v.pipe(
      v.array(v.strictObject({ ...topicPartition, replicas: v.pipe(v.array(brokerId), v.minLength(1), v.maxLength(64)) })),
      v.minLength(1),
      v.maxLength(partitionsMax),
    ),
  }),
  'replicas.reassignments': nothing,
  /** null: all that are under way. */
  'replicas.cancelReassignments': v.strictObject({ partitions: v.nullable(somePartitions) }),
} as const

export interface ClusterResults {
  'cluster.view': ClusterView
  'cluster.startBroker': undefined
  'cluster.stopBroker': undefined
  'cluster.killBroker': undefined
  'cluster.freezeBroker': undefined
  'cluster.resumeBroker': undefined
  'cluster.addBroker': { readonly brokerId: number }
  'cluster.removeBroker': undefined
  'cluster.timeline': readonly TimelineEvent[]
  'cluster.topics': TopicsSnapshot
  'cluster.moment': ClusterMoment | null
  'replicas.elect': PartitionsOutcome
  'replicas.moveLeadership': undefined
  'replicas.reassign': PartitionsOutcome
  'replicas.reassignments': readonly ReassignmentView[]
  'replicas.cancelReassignments': PartitionsOutcome
}

export interface ClusterEvents {
  'cluster.changed': ClusterView
  'timeline.appended': readonly TimelineEvent[]
  /** Those under way, each time something about them changed; the last is empty. */
  'replicas.reassigning': readonly ReassignmentView[]
}

export const clusterEventNames = [
  'cluster.changed',
  'timeline.appended',
  'replicas.reassigning',
] as const satisfies readonly (keyof ClusterEvents)[]
