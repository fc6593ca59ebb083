/**
 * Where replicas are to go: off a broker that leaves, and onto one that has come. Answers the reassignments as Kafka takes them, each with all replicas in
 * order. Load is counted in replicas, leaders in first places; a broker in the list already is never chosen twice. Pure, and the same plan for the same
 * cluster.
 */
import type { PartitionView } from '../../../shared/model/cluster'

export interface Move {
  readonly topic: string
  readonly partition: number
  readonly from: readonly number[]
  readonly replicas: readonly number[]
  /** Bytes that are copied: what its leader holds, for each new replica. */
  readonly bytes: number
}

export interface Plan {
  readonly moves: readonly Move[]
  /** Replicas that come to each broker. */
  readonly arriving: ReadonlyMap<number, number>
  readonly bytes: number
  /** Moved with one replica less: no broker is free to take it. */
  readonly shrunk: readonly Move[]
  /** Cannot be moved: nobody that is up has them in sync, or there is nowhere to go. */
  readonly stuck: readonly PartitionView[]
}

/** Empties a broker: each of its replicas goes to the broker with the fewest, and leads there where it led by preference. */
export function planDrain(brokerId: number, partitions: readonly PartitionView[], liveIds: readonly number[]): Plan {
  const targets = liveIds.filter((id) => id !== brokerId)
  const load = countReplicas(partitions, targets)
  const moves: Move[] = []
  const shrunk: Move[] = []
  const stuck: PartitionView[] = []
  for (const partition of partitions) {
    const from = partition.replicas.map((replica) => replica.brokerId)
    if (!from.includes(brokerId)) continue
    const source = partition.isr.some((id) => liveIds.includes(id))
    const free = least(
      targets.filter((id) => !from.includes(id)),
      load,
    )
    const replicas = free === undefined ? from.filter((id) => id !== brokerId) : from.map((id) => (id === brokerId ? free : id))
    if (!source || partition.leader === null || replicas.length === 0) {
      stuck.push(partition)
      continue
    }
    if (free !== undefined) load.set(free, (load.get(free) ?? 0) + 1)
    const move = moveOf(partition, from, replicas)
    moves.push(move)
    if (free === undefined) shrunk.push(move)
  }
  return planOf(moves, shrunk, stuck)
}

/** Gives a broker its even share: takes from the fullest, a partition at a time, and a share of the first places too. */
export function planSpread(brokerId: number, partitions: readonly PartitionView[], liveIds: readonly number[]): Plan {
  const ids = liveIds.includes(brokerId) ? liveIds : [...liveIds, brokerId]
  const load = countReplicas(partitions, ids)
  const total = [...load.values()].reduce((sum, count) => sum + count, 0)
  const share = Math.floor(total / ids.length)
  const movable = partitions.filter(
    ({ leader, replicas, isr }) =>
      leader !== null && isr.length > 0 && !replicas.some((replica) => replica.brokerId === brokerId),
  )
  const leads = new Map(ids.map((id) => [id, 0]))
  for (const { preferredLeader } of partitions)
    if (leads.has(preferredLeader)) leads.set(preferredLeader, (leads.get(preferredLeader) ?? 0) + 1)
  const leadShare = Math.floor(partitions.length / ids.length)
  const moves: Move[] = []
  for (const partition of movable) {
    if ((load.get(brokerId) ?? 0) >= share) break
    const from = partition.replicas.map((replica) => replica.brokerId)
    const wantsLead = (leads.get(brokerId) ?? 0) < leadShare
    // Those above the share give; the first place only where it is too full there and wanted here.
    const givers = from.filter(
      (id, index) => (load.get(id) ?? 0) > share && (index > 0 || (wantsLead && (leads.get(id) ?? 0) > leadShare)),
    )
    const preferred = wantsLead && givers.includes(from[0] ?? -1) ? from[0] : most(givers, load)
    if (preferred === undefined) continue
    const replicas = from.map((id) => (id === preferred ? brokerId : id))
    load.set(preferred, (load.get(preferred) ?? 0) - 1)
    load.set(brokerId, (load.get(brokerId) ?? 0) + 1)
    if (replicas[0] === brokerId) {
      leads.set(preferred, (leads.get(preferred) ?? 0) - 1)
      leads.set(brokerId, (leads.get(brokerId) ?? 0) + 1)
    }
    moves.push(moveOf(partition, from, replicas))
  }
  return planOf(moves, [], [])
}

function moveOf(
  { topic, partition, logEndOffset, logStartOffset, replicas: now }: PartitionView,
  from: readonly number[],
  replicas: readonly number[],
): Move {
  const added = replicas.filter((id) => !from.includes(id)).length
  const size = logEndOffset > logStartOffset ? Math.max(0, ...now.map((replica) => replica.logBytes)) : 0
  return { topic, partition, from, replicas, bytes: size * added }
}

function planOf(moves: readonly Move[], shrunk: readonly Move[], stuck: readonly PartitionView[]): Plan {
  const arriving = new Map<number, number>()
  for (const { from, replicas } of moves)
    for (const id of replicas) if (!from.includes(id)) arriving.set(id, (arriving.get(id) ?? 0) + 1)
  return {
    moves,
    arriving: new Map([...arriving].sort(([left], [right]) => left - right)),
    bytes: moves.reduce((sum, move) => sum + move.bytes, 0),
    shrunk,
    stuck,
  }
}

function countReplicas(partitions: readonly PartitionView[], ids: readonly number[]): Map<number, number> {
  const load = new Map(ids.map((id) => [id, 0]))
  for (const { replicas } of partitions)
    for (const { brokerId } of replicas) if (load.has(brokerId)) load.set(brokerId, (load.get(brokerId) ?? 0) + 1)
  return load
}

function least(ids: readonly number[], load: ReadonlyMap<number, number>): number | undefined {
  return ids.reduce<number | undefined>(
    (best, id) => (best === undefined || (load.get(id) ?? 0) < (load.get(best) ?? 0) ? id : best),
    undefined,
  )
}

function most(ids: readonly number[], load: ReadonlyMap<number, number>): number | undefined {
  return ids.reduce<number | undefined>(
    (best, id) => (best === undefined || (load.get(id) ?? 0) > (load.get(best) ?? 0) ? id : best),
    undefined,
  )
}
