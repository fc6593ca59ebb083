/** Calls and events about consumer groups and the workbench's own consumers. */
import * as v from 'valibot'
import {
  consumerProtocols,
  type GroupSummary,
  type GroupView,
  type LagSeries,
  type OwnConsumer,
  type ResetPlan,
} from '../../model/groups'
import { count, nothing, partition, topicName } from './atoms'

/** Any: another client may have made it. */
const groupId = v.pipe(v.string(), v.maxLength(32_767))
const consumerId = v.pipe(v.number(), v.integer(), v.minValue(1))
const offsetText = v.pipe(v.string(), v.regex(/^\d{1,19}$/))
const partitions = v.array(v.strictObject({ topic: topicName, partition }))

export const groupsArguments = {
  'groups.list': nothing,
  /** Null where there is no such group. */
  'groups.view': v.strictObject({ groupId }),
  /** Lag by topic since then, of the last hour at most. */
  'groups.lag': v.strictObject({ groupId, sinceMs: v.pipe(v.number(), v.safeInteger()) }),
  'groups.planReset': v.strictObject({
    groupId,
    partitions,
    target: v.variant('kind', [
      v.strictObject({ kind: v.literal('earliest') }),
      v.strictObject({ kind: v.literal('latest') }),
      v.strictObject({ kind: v.literal('time'), timestampMs: v.pipe(v.number(), v.safeInteger()) }),
      v.strictObject({ kind: v.literal('shift'), by: v.pipe(v.number(), v.safeInteger()) }),
      v.strictObject({
        kind: v.literal('offset'),
        offset: v.nullable(offsetText),
        byPartition: v.record(v.string(), offsetText),
      }),
      v.strictObject({ kind: v.literal('group'), groupId }),
    ]),
  }),
  /** Exactly what was planned; a group that has members by then is refused. */
  'groups.reset': v.strictObject({
    groupId,
    rows: v.array(
      v.strictObject({ topic: topicName, partition, offset: offsetText, leaderEpoch: v.pipe(v.number(), v.integer()) }),
    ),
  }),
  'groups.deleteOffsets': v.strictObject({ groupId, partitions }),
  'groups.delete': v.strictObject({ groupId }),
  'groups.consumers': nothing,
  'groups.startConsumers': v.strictObject({
    count: count(32),
    spec: v.strictObject({
      groupId: v.pipe(v.string(), v.minLength(1), v.maxLength(32_767)),
      topics: v.pipe(v.array(topicName), v.minLength(1), v.maxLength(100)),
      protocol: v.picklist(consumerProtocols),
      assignor: v.pipe(v.string(), v.maxLength(100)),
      instanceId: v.nullable(v.pipe(v.string(), v.minLength(1), v.maxLength(200))),
      offsetReset: v.picklist(['earliest', 'latest', 'none']),
      autoCommitIntervalMs: v.nullable(v.pipe(v.number(), v.integer(), v.minValue(100), v.maxValue(3_600_000))),
      sessionTimeoutMs: v.pipe(v.number(), v.integer(), v.minValue(6_000), v.maxValue(1_800_000)),
      processingMs: v.pipe(v.number(), v.minValue(0), v.maxValue(60_000)),
    }),
  }),
  /** Leaves the group, or dies without a word. */
  'groups.stopConsumer': v.strictObject({ consumerId, how: v.picklist(['leave', 'kill']) }),
  'groups.pauseConsumer': v.strictObject({ consumerId, isPaused: v.boolean() }),
  'groups.setProcessing': v.strictObject({ consumerId, processingMs: v.pipe(v.number(), v.minValue(0), v.maxValue(60_000)) }),
  /** One that has ended, again, under its old instance id. */
  'groups.restartConsumer': v.strictObject({ consumerId }),
  'groups.forgetConsumer': v.strictObject({ consumerId }),
  /** All of the workbench's own in the group; resolves when they have left. */
  'groups.stopConsumers': v.strictObject({ groupId }),
} as const

export interface GroupsResults {
  'groups.list': readonly GroupSummary[]
  'groups.view': GroupView | null
  'groups.lag': readonly LagSeries[]
  'groups.planReset': ResetPlan
  'groups.reset': undefined
  'groups.deleteOffsets': undefined
  'groups.delete': undefined
  'groups.consumers': readonly OwnConsumer[]
  'groups.startConsumers': { readonly consumerIds: readonly number[] }
  'groups.stopConsumer': undefined
  'groups.pauseConsumer': undefined
  'groups.setProcessing': undefined
  'groups.restartConsumer': { readonly consumerId: number }
  'groups.forgetConsumer': undefined
  'groups.stopConsumers': undefined
}

export interface GroupsEvents {
  /** All groups, after each sample, at most once a second. */
  'groups.changed': readonly GroupSummary[]
  'groups.consumersChanged': readonly OwnConsumer[]
}

export const groupsEventNames = ['groups.changed', 'groups.consumersChanged'] as const satisfies readonly (keyof GroupsEvents)[]
