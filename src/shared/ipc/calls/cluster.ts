/** Calls and events about the cluster as a whole: brokers, the timeline. */
import * as v from 'valibot'
import type { ClusterView, TimelineEvent } from '../../model/cluster'
import { brokerId, nothing } from './atoms'

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
}

export interface ClusterEvents {
  'cluster.changed': ClusterView
  'timeline.appended': readonly TimelineEvent[]
}

export const clusterEventNames = ['cluster.changed', 'timeline.appended'] as const satisfies readonly (keyof ClusterEvents)[]
