/** What each cell of the replica map says, from what the cluster reports. Pure: the rules of INTERFACE section 6, one function a question. */
import type { BrokerState, BrokerView, PartitionView, ReassignmentView, ReplicaView } from '../../../shared/model/cluster'
import { formatCount } from '../../ui'

export type CellState =
  | 'leader'
  | 'in-sync'
  | 'lagging'
  | 'stuck'
  | 'adding'
  | 'removing'
  | 'offline'
  | 'was-leader'
  | 'electing'
  | 'none'

/** What the map needs of a broker, now or at a moment of the past. */
export type MapBroker = Pick<BrokerView, 'id' | 'state' | 'stateSinceMs' | 'isController'>

export interface ReplicaCellModel {
  readonly state: CellState
  readonly replica: ReplicaView | null
  /** The figure in the cell: a log end offset whole, or records behind with its sign. */
  readonly text: string
  readonly behind: number
  /** 0 to 1: how much of the leader's log it has. Of a lagging replica. */
  readonly share: number
  /** Took over within the last minute. */
  readonly isNew: boolean
  readonly isPreferred: boolean
  /** Where leadership went from here, or came from to here; for the arrow. */
  readonly otherBroker: number | null
}

/** How long a new leader wears its ring. */
export const newLeaderMs = 60_000
/** A replica that is behind and has not grown for this long does not fetch. */
export const stuckMs = 10_000
/** What the Moved filter and the ribbon look back on. */
export const movedMs = 120_000

const downStates: ReadonlySet<BrokerState> = new Set(['stopped', 'killed', 'crashed', 'starting'])

export const isBrokerDown = (broker: Pick<BrokerView, 'state'> | undefined): boolean =>
  broker === undefined || downStates.has(broker.state)

export function replicaCell(
  partition: PartitionView,
  brokerId: number,
  brokers: ReadonlyMap<number, MapBroker>,
  nowMs: number,
  reassignment?: Pick<ReassignmentView, 'adding' | 'removing'>,
): ReplicaCellModel {
  const replica = partition.replicas.find((each) => each.brokerId === brokerId) ?? null
  const none = {
    replica,
    behind: 0,
    share: 1,
    isNew: false,
    isPreferred: partition.preferredLeader === brokerId,
    otherBroker: null,
  }
  if (!replica) return { ...none, state: 'none', text: '·' }
  const broker = brokers.get(brokerId)
  const isDown = isBrokerDown(broker)
  const isFrozen = broker?.state === 'frozen'
  const behind = Math.max(0, partition.logEndOffset - replica.logEndOffset)
  const end = String(replica.logEndOffset)
  if (partition.leader === brokerId) {
    // The cluster still names it, but it answers nobody: its session has to expire before another is elected.
    if (isDown || isFrozen) return { ...none, state: 'electing', text: '' }
    const isNew =
      partition.previousLeader !== null &&
      partition.previousLeader !== brokerId &&
      isWithin(partition.leaderChangedAtMs, newLeaderMs, nowMs)
    return { ...none, state: 'leader', text: end, isNew, otherBroker: isNew ? partition.previousLeader : null }
  }
  const isLedBefore = partition.previousLeader === brokerId
  if (isDown || !(replica.isOnline || isFrozen)) {
    if (isLedBefore)
      return {
        ...none,
        state: 'was-leader',
        text: end,
        otherBroker: isWithin(partition.leaderChangedAtMs, newLeaderMs, nowMs) ? partition.leader : null,
      }
    return { ...none, state: 'offline', text: end }
  }
  const behindText = behind === 0 ? '0' : `−${formatCount(behind)}`
  if (reassignment?.adding.includes(brokerId))
    return { ...none, state: 'adding', behind, share: shareOf(partition, replica), text: behindText }
  if (reassignment?.removing.includes(brokerId)) return { ...none, state: 'removing', behind, text: behindText }
  if (partition.isr.includes(brokerId)) {
    const hasHandedOver = isLedBefore && isWithin(partition.leaderChangedAtMs, newLeaderMs, nowMs)
    return { ...none, state: 'in-sync', behind, text: behindText, otherBroker: hasHandedOver ? partition.leader : null }
  }
  const stillSinceMs = replica.grewAtMs ?? broker?.stateSinceMs ?? 0
  const isStill = behind > 0 && nowMs - stillSinceMs > stuckMs
  return {
    ...none,
    state: isFrozen || partition.leader === null || isStill ? 'stuck' : 'lagging',
    behind,
    share: shareOf(partition, replica),
    text: behindText,
  }
}

/** How much of the leader's log it has, 0 to 1. */
function shareOf({ logStartOffset, logEndOffset }: PartitionView, replica: ReplicaView): number {
  if (logEndOffset <= logStartOffset) return 1
  return Math.min(1, Math.max(0, (replica.logEndOffset - logStartOffset) / (logEndOffset - logStartOffset)))
}

function isWithin(atMs: number | null, spanMs: number, nowMs: number): boolean {
  return atMs !== null && nowMs - atMs < spanMs
}

export const isUnderReplicated = (partition: PartitionView): boolean => partition.isr.length < partition.replicas.length

/** No leader that answers: none is named, or the one named is down. */
export function isOffline(partition: PartitionView): boolean {
  return partition.leader === null
}

export const hasMoved = (partition: PartitionView, nowMs: number): boolean =>
  partition.previousLeader !== null && isWithin(partition.leaderChangedAtMs, movedMs, nowMs)

/** `9 → 10` for a minute after a change. */
export const isEpochNew = (partition: PartitionView, nowMs: number): boolean =>
  partition.leaderEpoch > 0 && isWithin(partition.leaderChangedAtMs, newLeaderMs, nowMs)

export const isBelowMinInSync = (partition: PartitionView): boolean => partition.isr.length < partition.minInSyncReplicas

/** How many leaders a broker has won and lost in the last two minutes. */
export function leaderChange(brokerId: number, partitions: readonly PartitionView[], nowMs: number): number {
  let change = 0
  for (const partition of partitions) {
    if (!hasMoved(partition, nowMs) || partition.leader === partition.previousLeader) continue
    if (partition.leader === brokerId) change++
    if (partition.previousLeader === brokerId) change--
  }
  return change
}

const words: Readonly<Record<CellState, string>> = {
  leader: 'leader',
  'in-sync': 'in sync',
  lagging: 'lagging',
  stuck: 'not fetching',
  adding: 'being added',
  removing: 'being removed',
  offline: 'offline',
  'was-leader': 'offline, was leader',
  electing: 'election pending',
  none: 'no replica',
}

export const wordOf = (state: CellState): string => words[state]

/** Their figure is how far they are behind. */
export const followerStates: ReadonlySet<CellState> = new Set(['in-sync', 'lagging', 'stuck', 'adding', 'removing'])

/** As a screen reader says it: `payments-3, broker 3, lagging, 12,480 behind`. */
export function describeCell(partition: PartitionView, brokerId: number, cell: ReplicaCellModel): string {
  const figure =
    cell.state === 'none' || cell.state === 'electing'
      ? ''
      : followerStates.has(cell.state)
        ? `, ${formatCount(cell.behind)} behind`
        : `, log end ${cell.text}`
  return `${partition.topic}-${partition.partition}, broker ${brokerId}, ${wordOf(cell.state)}${cell.isNew ? ', new' : ''}${figure}`
}
