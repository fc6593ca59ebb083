/**
 * What is not well in the cluster, each with what mends it: leaderless and under-replicated partitions, writes that fail, leaders and replicas that
 * stand askew. In the order in which a hand is needed. Pure.
 */
import type { BrokerView, PartitionView } from '../../../shared/model/cluster'
import { formatCount, plural } from '../../ui'
import type { MapFilter } from '../frame/tabs-store'
import { list } from './consequences'
import { isBelowMinInSync, isUnderReplicated } from './replica-state'
import type { BrokerAction } from './store'

export type Remedy =
  | { readonly kind: 'broker'; readonly label: string; readonly brokerId: number; readonly action: BrokerAction }
  | { readonly kind: 'elect'; readonly label: string }
  | { readonly kind: 'spread'; readonly label: string; readonly brokerId: number }
  | { readonly kind: 'show'; readonly label: string; readonly filter: MapFilter }

export interface Finding {
  readonly id: 'leaderless' | 'below-min' | 'under-replicated' | 'leader-skew' | 'replica-skew'
  readonly severity: 'error' | 'warn' | 'info'
  readonly text: string
  readonly remedies: readonly Remedy[]
}

const remediesMax = 2
/** Skew of a handful of replicas is no news. */
const skewReplicasMin = 6

const returns: Partial<Record<BrokerView['state'], readonly [BrokerAction, string]>> = {
  killed: ['start', 'Start'],
  crashed: ['start', 'Start'],
  stopped: ['start', 'Start'],
  frozen: ['resume', 'Resume'],
}

/** `addingOf`: replicas that a reassignment is adding to a partition; that they are not in sync yet is what was asked for (KIP-455). */
export function findingsOf(
  partitions: readonly PartitionView[],
  brokers: readonly BrokerView[],
  addingOf: (partition: PartitionView) => readonly number[] = () => [],
): readonly Finding[] {
  const byId = new Map(brokers.map((broker) => [broker.id, broker]))
  const findings: Finding[] = []
  const leaderless = partitions.filter((partition) => partition.leader === null)
  if (leaderless.length > 0) {
    const holders = idsOf(leaderless, ({ isr, replicas }) => (isr.length > 0 ? isr : replicas.map((replica) => replica.brokerId)))
    findings.push({
      id: 'leaderless',
      severity: 'error',
      text: `${list(leaderless)} ${leaderless.length === 1 ? 'has' : 'have'} no leader: nothing can be read or written there. ${whereFrom(leaderless, holders, byId)}`,
      remedies: [...bringBack(holders, byId), { kind: 'show', label: 'Show', filter: 'offline' }],
    })
  }
  const isShort = (partition: PartitionView): boolean => {
    const adding = addingOf(partition)
    return partition.replicas.some(({ brokerId }) => !partition.isr.includes(brokerId) && !adding.includes(brokerId))
  }
  const under = partitions.filter((partition) => partition.leader !== null && isUnderReplicated(partition) && isShort(partition))
  const missing = idsOf(under, ({ isr, replicas }) =>
    replicas.map((replica) => replica.brokerId).filter((id) => !isr.includes(id)),
  )
  const below = under.filter(isBelowMinInSync)
  if (below.length > 0)
    findings.push({
      id: 'below-min',
      severity: 'warn',
      text: `Writes with acks=all fail on ${list(below)}: fewer in sync than min.insync.replicas.`,
      remedies: bringBack(
        idsOf(below, ({ isr, replicas }) => replicas.map((replica) => replica.brokerId).filter((id) => !isr.includes(id))),
        byId,
      ),
    })
  if (under.length > 0)
    findings.push({
      id: 'under-replicated',
      severity: 'warn',
      text: `${under.length === 1 ? `${list(under)} is` : `${formatCount(under.length)} partitions are`} under-replicated. ${missingWords(missing, byId)}`,
      remedies: [
        ...(below.length > 0 ? [] : bringBack(missing, byId)),
        { kind: 'show', label: 'Show', filter: 'under-replicated' },
      ],
    })
  findings.push(...skew(partitions, brokers, byId))
  return findings
}

function skew(
  partitions: readonly PartitionView[],
  brokers: readonly BrokerView[],
  byId: ReadonlyMap<number, BrokerView>,
): Finding[] {
  const up = brokers.filter((broker) => broker.state === 'running')
  if (up.length < 2) return []
  const found: Finding[] = []
  const astray = partitions.filter(
    ({ leader, preferredLeader, isr }) =>
      leader !== null &&
      leader !== preferredLeader &&
      isr.includes(preferredLeader) &&
      byId.get(preferredLeader)?.state === 'running',
  )
  if (astray.length > 0)
    found.push({
      id: 'leader-skew',
      severity: 'info',
      text: `${plural(astray.length, 'partition')} ${astray.length === 1 ? 'is' : 'are'} not led by ${astray.length === 1 ? 'its' : 'their'} preferred leader. Leaders: ${up.map((broker) => `${formatCount(broker.leaderCount)} on broker ${broker.id}`).join(', ')}.`,
      remedies: [{ kind: 'elect', label: 'Elect preferred leaders' }],
    })
  const total = up.reduce((sum, broker) => sum + broker.replicaCount, 0)
  const share = total / up.length
  const emptiest = up.reduce((least, broker) => (broker.replicaCount < least.replicaCount ? broker : least))
  const copies = Math.max(0, ...partitions.map((partition) => partition.replicas.length))
  if (total >= skewReplicasMin && copies < brokers.length && emptiest.replicaCount < share / 2)
    found.push({
      id: 'replica-skew',
      severity: 'info',
      text: `Broker ${emptiest.id} holds ${formatCount(emptiest.replicaCount)} of ${formatCount(total)} replicas; an even share is ${formatCount(Math.round(share))}.`,
      remedies: [{ kind: 'spread', label: `Spread replicas onto broker ${emptiest.id}`, brokerId: emptiest.id }],
    })
  return found
}

function idsOf(partitions: readonly PartitionView[], of: (partition: PartitionView) => readonly number[]): readonly number[] {
  const counts = new Map<number, number>()
  for (const partition of partitions) for (const id of of(partition)) counts.set(id, (counts.get(id) ?? 0) + 1)
  return [...counts].sort((left, right) => right[1] - left[1] || left[0] - right[0]).map(([id]) => id)
}

function bringBack(ids: readonly number[], brokers: ReadonlyMap<number, BrokerView>): Remedy[] {
  return ids
    .flatMap((brokerId): Remedy[] => {
      const [action, verb] = returns[brokers.get(brokerId)?.state ?? 'running'] ?? []
      return action && verb ? [{ kind: 'broker', label: `${verb} broker ${brokerId}`, brokerId, action }] : []
    })
    .slice(0, remediesMax)
}

function whereFrom(
  leaderless: readonly PartitionView[],
  holders: readonly number[],
  brokers: ReadonlyMap<number, BrokerView>,
): string {
  const words = holders.slice(0, 3).map((id) => `broker ${id} (${brokers.get(id)?.state ?? 'removed'})`)
  const isOnly = leaderless.every((partition) => partition.replicas.length === 1)
  return `${isOnly ? (leaderless.length === 1 ? 'Its only replica is' : 'Their only replicas are') : 'What was in sync last is'} on ${words.join(', ')}.`
}

function missingWords(missing: readonly number[], brokers: ReadonlyMap<number, BrokerView>): string {
  const words = missing.slice(0, 3).map((id) => {
    const state = brokers.get(id)?.state
    return state === undefined
      ? `broker ${id} was removed`
      : state === 'running'
        ? `broker ${id} is catching up`
        : `broker ${id} is ${state}`
  })
  const text = words.join(', ')
  return text === '' ? '' : `${text[0]?.toUpperCase()}${text.slice(1)}.`
}
