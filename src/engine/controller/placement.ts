/**
 * Where new partitions' replicas go: Kafka's AdminUtils.assignReplicasToBrokers, without and with racks. Pure; random start positions are
 * drawn by the caller ({@link drawStart}), so that a simulated run repeats. Called for new topics and for partitions added to one.
 *
 * No partition has two replicas on one broker; first replicas go round the brokers, so leaders are spread; the shift between the first and
 * the other replicas grows every time round, so that the load of a dead broker is spread over all others.
 */
import { assert } from '../../shared/lang/assert'
import type { Random } from '../platform'

export interface PlacementBroker {
  readonly id: number
  readonly rack: string | null
}

export interface PlacementStart {
  /** Index of the broker that gets the first replica of partition 0. */
  readonly startIndex: number
  /** Distance from a partition's first replica to its second, less one. */
  readonly replicaShift: number
}

export interface PlacementRequest {
  /** Must have `replicationFactor` members at least. Racks count only if every broker has one (Kafka's RackAwareMode.Safe). */
  readonly brokers: readonly PlacementBroker[]
  readonly partitionCount: number
  readonly replicationFactor: number
  readonly start: PlacementStart
  /** Partitions that the topic has already; the new ones continue their pattern. */
  readonly firstPartition?: number
}

/** Random start positions, for a new topic. */
export function drawStart(random: Random, brokerCount: number): PlacementStart {
  return { startIndex: random.below(brokerCount), replicaShift: random.below(brokerCount) }
}

/** Start positions for partitions added to a topic: at the broker that leads partition 0, as Kafka's AdminZkClient does. */
export function continueFrom(brokers: readonly PlacementBroker[], firstReplicaOfPartition0: number): PlacementStart {
  const index = Math.max(
    0,
    sortedById(brokers).findIndex(({ id }) => id >= firstReplicaOfPartition0),
  )
  return { startIndex: index, replicaShift: index }
}

/** The replicas of each new partition, in the order of partitions. */
export function placeReplicas(request: PlacementRequest): number[][] {
  const { brokers, partitionCount, replicationFactor, start, firstPartition = 0 } = request
  assert(partitionCount > 0, 'partitionCount > 0')
  assert(replicationFactor > 0 && replicationFactor <= brokers.length, '0 < replicationFactor <= number of brokers')
  const racks = rackByBroker(brokers)
  const order = racks === null ? sortedById(brokers).map(({ id }) => id) : alternateRacks(racks)
  const rackCount = racks === null ? 1 : new Set(racks.values()).size
  const placed: number[][] = []
  let shift = start.replicaShift
  for (let partition = firstPartition; partition < firstPartition + partitionCount; partition++) {
    if (partition > 0 && partition % order.length === 0) shift++
    const firstIndex = (partition + start.startIndex) % order.length
    placed.push(
      racks === null
        ? spread(order, firstIndex, shift, replicationFactor)
        : spreadOverRacks(order, racks, firstIndex, shift * rackCount, replicationFactor),
    )
  }
  return placed
}

function spread(order: readonly number[], firstIndex: number, shift: number, replicationFactor: number): number[] {
  const replicas = [order[firstIndex]!]
  for (let index = 0; index < replicationFactor - 1; index++)
    replicas.push(order[otherIndex(firstIndex, shift, index, order.length)]!)
  return replicas
}

/** Skips a broker whose rack has a replica while another rack has none, and a broker that has one already. */
function spreadOverRacks(
  order: readonly number[],
  racks: ReadonlyMap<number, string>,
  firstIndex: number,
  shift: number,
  replicationFactor: number,
): number[] {
  const first = order[firstIndex]!
  const rackCount = new Set(racks.values()).size
  const usedRacks = new Set([racks.get(first)!])
  const replicas = [first]
  for (let index = 0; replicas.length < replicationFactor; index++) {
    const broker = order[otherIndex(firstIndex, shift, index, order.length)]!
    const rack = racks.get(broker)!
    if (replicas.includes(broker) || (usedRacks.has(rack) && usedRacks.size < rackCount)) continue
    replicas.push(broker)
    usedRacks.add(rack)
  }
  return replicas
}

function otherIndex(firstIndex: number, shift: number, index: number, brokerCount: number): number {
  return (firstIndex + 1 + ((shift + index) % (brokerCount - 1))) % brokerCount
}

function rackByBroker(brokers: readonly PlacementBroker[]): Map<number, string> | null {
  const racks = new Map<number, string>()
  for (const { id, rack } of brokers) {
    if (rack === null) return null
    racks.set(id, rack)
  }
  return racks
}

/** With racks a: 0, 1 and b: 2, 3 the order 0, 2, 1, 3: neighbours are on different racks as long as that can be. */
export function alternateRacks(racks: ReadonlyMap<number, string>): number[] {
  const brokersByRack = new Map<string, number[]>()
  for (const [id, rack] of [...racks].sort(([a], [b]) => a - b)) {
    const members = brokersByRack.get(rack)
    if (members === undefined) brokersByRack.set(rack, [id])
    else members.push(id)
  }
  const queues = [...brokersByRack].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, members]) => members)
  const order: number[] = []
  for (let round = 0; order.length < racks.size; round++) {
    for (const members of queues) {
      const broker = members[round]
      if (broker !== undefined) order.push(broker)
    }
  }
  return order
}

function sortedById(brokers: readonly PlacementBroker[]): PlacementBroker[] {
  return [...brokers].sort((a, b) => a.id - b.id)
}
