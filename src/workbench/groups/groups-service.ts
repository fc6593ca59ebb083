/** Consumer groups for the window: seen, reset and deleted through the protocol as by anybody's admin client, and read by consumers of the workbench's own. */
import {
  ClientError,
  commitOffsets,
  deleteGroup,
  deleteOffsets,
  earliestOffset,
  findOffsets,
  type KafkaClient,
  keyOf,
  latestOffset,
} from '../../engine/client'
import { ErrorCode } from '../../engine/wire/errors'
import type { CallArgument } from '../../shared/ipc/contract'
import { WorkbenchError } from '../../shared/ipc/errors'
import type { GroupPartition, GroupView, ResetPlan } from '../../shared/model/groups'
import type { ClientHandlers } from '../rpc'
import type { Emit } from '../services'
import { GroupWatcher } from './group-watcher'
import { OwnConsumers } from './own-consumers'
import { planRows } from './reset-plan'

type GroupCallName = Extract<keyof ClientHandlers, `groups.${string}`>

export function createGroupsService(client: KafkaClient, emit: Emit, idBase: number): Pick<ClientHandlers, GroupCallName> {
  const consumers = new OwnConsumers(
    client,
    (views) => emit('groups.consumersChanged', views),
    () => watcher.poke(),
    idBase,
  )
  const watcher = new GroupWatcher({
    client,
    ownMembers: () => consumers.members(),
    onSample: (groups) => emit('groups.changed', groups),
  })
  watcher.start()

  async function view(groupId: string): Promise<GroupView | null> {
    await watcher.look()
    const summary = watcher.summary(groupId)
    const group = watcher.group(groupId)
    if (summary === null || group === null) return null
    return {
      ...summary,
      generation: watcher.generation(groupId),
      assignmentEpoch: group.assignmentEpoch,
      members: watcher.members(groupId),
      partitions: await withBounds(client, watcher.partitions(groupId)),
      rebalances: watcher.rebalances(groupId),
    }
  }

  async function plan({ groupId, partitions, target }: CallArgument<'groups.planReset'>): Promise<ResetPlan> {
    await watcher.refresh()
    const group = watcher.group(groupId)
    const summary = watcher.summary(groupId)
    const other = target.kind === 'group' ? watcher.group(target.groupId) : null
    if (target.kind === 'group' && other === null)
      throw new WorkbenchError('expected', 'GROUP_ID_NOT_FOUND', `There is no group ${target.groupId} to take offsets from.`)
    const rows = await planRows(client, partitions, target, group?.committed ?? [], other?.committed ?? [])
    const memberCount = summary?.memberCount ?? 0
    const ownMemberCount = summary?.ownMemberCount ?? 0
    return { rows, memberCount, ownMemberCount, refusal: summary?.problem ?? refusalFor(memberCount, ownMemberCount) }
  }

  async function reset({ groupId, rows }: CallArgument<'groups.reset'>): Promise<undefined> {
    const offsets = rows.map(({ topic, partition, offset, leaderEpoch }) => {
      if (BigInt(offset) > 0x7fffffffffffffffn)
        throw new WorkbenchError('expected', 'INVALID_OFFSET', `${offset} is larger than an offset can be.`)
      return { topic, partition, offset: BigInt(offset), leaderEpoch, metadata: '' }
    })
    if (offsets.length > 0) await refusable(groupId, () => commitOffsets(client, groupId, offsets))
    await watcher.refresh()
    return undefined
  }

  /** What Kafka refuses with a code is said with who is in the way. */
  async function refusable(groupId: string, change: () => Promise<void>): Promise<void> {
    try {
      await change()
    } catch (error) {
      const code = error instanceof ClientError ? error.code : null
      const hasMembers =
        code === ErrorCode.UNKNOWN_MEMBER_ID || code === ErrorCode.NON_EMPTY_GROUP || code === ErrorCode.GROUP_SUBSCRIBED_TO_TOPIC
      if (!hasMembers) throw error
      await watcher.refresh().catch(() => undefined)
      const { memberCount = 0, ownMemberCount = 0 } = watcher.summary(groupId) ?? {}
      throw new WorkbenchError(
        'expected',
        'GROUP_NOT_EMPTY',
        refusalFor(memberCount, ownMemberCount) ?? `${groupId} has members.`,
      )
    }
  }

  return {
    'groups.list': () => watcher.look(),
    'groups.view': ({ groupId }) => view(groupId),
    'groups.lag': ({ groupId, sinceMs }) => watcher.lagSince(groupId, sinceMs),
    'groups.planReset': (request) => plan(request),
    'groups.reset': (request) => reset(request),
    'groups.deleteOffsets': async ({ groupId, partitions }) => {
      await refusable(groupId, () => deleteOffsets(client, groupId, partitions))
      await watcher.refresh()
      return undefined
    },
    'groups.delete': async ({ groupId }) => {
      await refusable(groupId, () => deleteGroup(client, groupId))
      await watcher.refresh()
      return undefined
    },
    'groups.consumers': () => consumers.views(),
    'groups.startConsumers': ({ spec, count }) => ({ consumerIds: consumers.start(spec, count) }),
    'groups.stopConsumer': ({ consumerId, how }) => consumers.stop(consumerId, how) as Promise<undefined>,
    'groups.pauseConsumer': ({ consumerId, isPaused }) => consumers.pause(consumerId, isPaused) as undefined,
    'groups.setProcessing': ({ consumerId, processingMs }) => consumers.setProcessing(consumerId, processingMs) as undefined,
    'groups.restartConsumer': ({ consumerId }) => ({ consumerId: consumers.restart(consumerId) }),
    'groups.forgetConsumer': ({ consumerId }) => consumers.forget(consumerId) as undefined,
    'groups.stopConsumers': async ({ groupId }) => {
      await consumers.stopGroup(groupId)
      await watcher.refresh()
      return undefined
    },
  }
}

/** Why a group with members cannot be changed, and the way out; null: it has none. */
export function refusalFor(memberCount: number, ownMemberCount: number): string | null {
  if (memberCount === 0) return null
  const connected = memberCount === 1 ? '1 member is connected' : `${memberCount} members are connected`
  const foreign = memberCount - ownMemberCount
  const it = memberCount === 1 ? 'it' : 'them'
  const way =
    foreign === 0
      ? `Stop ${it} first: ${memberCount === 1 ? 'it runs' : 'they run'} in the workbench.`
      : ownMemberCount === 0
        ? `Stop ${it} first: ${memberCount === 1 ? 'it runs' : 'they run'} outside the workbench.`
        : `Stop them first: ${ownMemberCount} in the workbench, ${foreign} outside it.`
  return `${connected}. A group must be empty to be changed. ${way}`
}

/** Where each log begins, and how far readers of committed records see. What does not answer is left unknown. */
async function withBounds(client: KafkaClient, partitions: readonly GroupPartition[]): Promise<GroupPartition[]> {
  const [starts, stable] = await Promise.all([
    findOffsets(client, partitions, { timestamp: earliestOffset }),
    findOffsets(client, partitions, { timestamp: latestOffset, isCommitted: true }),
  ])
  const text = (offset: number | undefined): string | null => (offset === undefined ? null : String(offset))
  return partitions.map((each) => {
    const key = keyOf(each)
    return { ...each, logStart: text(starts.get(key)?.offset), lastStableOffset: text(stable.get(key)?.offset) }
  })
}
