/** The controller's events in the form of the timeline: like changes counted, and each tied to the broker whose coming or going led to it. */
import type { ControllerEvent, IsrChange, LeaderChange, ReassignedPartition } from '../../engine'
import type { NamedPartition } from '../../shared/model/cluster'
import type { EngineEvent } from '../worker-protocol'

type Draft = Partial<EngineEvent> & { readonly type: string }

export function timelineEventsOf(event: ControllerEvent): Draft[] {
  switch (event.type) {
    case 'controller-elected':
      return [{ type: event.type, brokerId: event.controllerId, detail: `controller epoch ${event.controllerEpoch}` }]
    case 'broker-joined':
      return [
        {
          type: event.type,
          brokerId: event.brokerId,
          causeBrokerId: event.brokerId,
          detail: `broker epoch ${event.brokerEpoch}`,
        },
      ]
    case 'broker-left':
      return [{ type: event.type, brokerId: event.brokerId, causeBrokerId: event.brokerId }]
    case 'leaders-elected':
      // A partition that had no leader is led again because the broker that leads it came back.
      return leaderChanges('leaders-elected', event.changes, (change) =>
        change.previousLeader === -1 ? change.leader : change.previousLeader,
      )
    case 'preferred-election':
      return leaderChanges('preferred-election', event.changes, (change) => change.leader)
    case 'partition-offline':
      return leaderChanges('partitions-offline', event.partitions, (change) => change.previousLeader)
    case 'isr-changed':
      return isrChanges(event.changes)
    case 'topic-created': {
      const { topic, partitionCount, replicationFactor } = event
      return [
        {
          type: event.type,
          topic,
          detail: `${partitionCount} ${partitionCount === 1 ? 'partition' : 'partitions'}, replication factor ${replicationFactor}`,
        },
      ]
    }
    case 'topic-deleted':
      return [{ type: event.type, topic: event.topic }]
    case 'topic-deletion-waiting':
      return [
        {
          type: event.type,
          topic: event.topic,
          detail: `its files on broker ${event.brokerIds.join(', ')} go when that is back`,
        },
      ]
    case 'partitions-added':
      return [{ type: event.type, topic: event.topic, count: event.to - event.from }]
    case 'reassignment-begun':
    case 'reassignment-ended':
      return reassignments(event.type, event.partitions)
    case 'topic-config-changed':
      return [{ type: 'config-changed', topic: event.topic }]
    case 'controller-resigned':
    case 'broker-shutting-down':
    case 'topic-deletion-started':
      // Said by what caused it and by what follows.
      return []
  }
}

function reassignments(type: string, partitions: readonly ReassignedPartition[]): Draft[] {
  const [first] = partitions
  const isOne = partitions.length === 1 && first !== undefined
  return [
    {
      type,
      count: partitions.length,
      topic: isOne ? first.topic : null,
      partition: isOne ? first.partition : null,
      detail: isOne ? `replicas on brokers ${first.replicas.join(', ')}` : null,
      partitions: named(partitions, ({ replicas }) => `on ${replicas.join(', ')}`),
    },
  ]
}

function leaderChanges(type: string, changes: readonly LeaderChange[], causeOf: (change: LeaderChange) => number): Draft[] {
  const byCause = new Map<number, LeaderChange[]>()
  for (const change of changes) group(byCause, causeOf(change), change)
  return [...byCause].map(([cause, grouped]) => {
    const first = grouped[0]
    const unclean = grouped.filter((change) => change.isUnclean).length
    return {
      type,
      causeBrokerId: cause === -1 ? null : cause,
      count: grouped.length,
      topic: grouped.length === 1 ? (first?.topic ?? null) : null,
      partition: grouped.length === 1 ? (first?.partition ?? null) : null,
      detail:
        [leadersInWords(grouped), unclean > 0 ? `${unclean} unclean: records may be lost` : null].filter(Boolean).join(', ') ||
        null,
      partitions: named(grouped, ({ previousLeader, leader }) => `${brokerWord(previousLeader)} → ${brokerWord(leader)}`),
    }
  })
}

/** "5 to broker 1, 3 to broker 3" */
function leadersInWords(changes: readonly LeaderChange[]): string {
  const counts = new Map<number, number>()
  for (const { leader } of changes) if (leader !== -1) counts.set(leader, (counts.get(leader) ?? 0) + 1)
  return [...counts].map(([leader, count]) => `${count} to broker ${leader}`).join(', ')
}

function isrChanges(changes: readonly IsrChange[]): Draft[] {
  const shrunk = new Map<number, IsrChange[]>()
  const expanded = new Map<number, IsrChange[]>()
  for (const change of changes) {
    for (const id of change.previousIsr) if (!change.isr.includes(id)) group(shrunk, id, change)
    for (const id of change.isr) if (!change.previousIsr.includes(id)) group(expanded, id, change)
  }
  const drafts = (type: string, byBroker: Map<number, IsrChange[]>, word: string): Draft[] =>
    [...byBroker].map(([brokerId, grouped]) => ({
      type,
      causeBrokerId: brokerId,
      count: grouped.length,
      topic: grouped.length === 1 ? (grouped[0]?.topic ?? null) : null,
      partition: grouped.length === 1 ? (grouped[0]?.partition ?? null) : null,
      detail: `${word} broker ${brokerId}`,
      partitions: named(grouped, ({ isr }) => `in sync: ${isr.join(', ') || 'none'}`),
    }))
  return [...drafts('isr-shrunk', shrunk, 'without'), ...drafts('isr-expanded', expanded, 'with')]
}

/** More than these no timeline shows. */
const namedMax = 200

function named<T extends { readonly topic: string; readonly partition: number }>(
  partitions: readonly T[],
  note: (partition: T) => string,
): NamedPartition[] {
  return partitions.slice(0, namedMax).map((each) => ({ topic: each.topic, partition: each.partition, note: note(each) }))
}

const brokerWord = (id: number): string => (id === -1 ? 'none' : String(id))

function group<T>(groups: Map<number, T[]>, key: number, value: T): void {
  const list = groups.get(key)
  if (list === undefined) groups.set(key, [value])
  else list.push(value)
}
