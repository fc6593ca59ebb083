/**
 * The in-sync replicas, as their leader counts them. When its high watermark moves, every member, and one that it has proposed, has all that is below;
 * a replica that it proposes has everything up to the high watermark and the start of the leader epoch (KAFKA-7128). Looked for in the logs of the
 * members themselves, alive or not: what the leader believes of them is what is judged.
 */
import { type Checker, require, type World } from './checker'
import { type ReplicaChange, viewOf } from './cluster-view'
import { describeBatch, isSameBatch } from './log-view'
import type { PartitionHistory } from './partition-history'
import { rules } from './rules'

export function inSync(world: World): Checker {
  const view = viewOf(world)

  view.onDidChangeReplica((change) => {
    const { before, now, history } = change
    if (now.role === 'follower') requireKnown(change)
    if (now.role !== 'leader' || now.isr === null) return
    require(now.isr.includes(change.broker.id), rules.leaderInIsr, () =>
      `broker ${change.broker.id} leads ${history.name} with the ISR [${now.isr}]`)
    // A new leader begins with the high watermark that it had as a follower, which others need not have heard of yet.
    const from = before?.role === 'leader' ? before.highWatermark : history.highWatermarkEver
    if (now.highWatermark > from && now.leaderEpoch >= history.trustedEpoch) requireMembers(change)
    history.highWatermarkEver = Math.max(history.highWatermarkEver, now.highWatermark)
    if (now.joining !== null && now.joining !== before?.joining) requireReady(change, now.joining)
  })

  function requireKnown({ broker, history, now }: ReplicaChange): void {
    require(now.highWatermark <= history.highWatermarkEver, rules.followerHighWatermark, () =>
      `${history.name} on broker ${broker.id}, a follower, has the high watermark ${now.highWatermark}, and no leader had more than ${history.highWatermarkEver}`)
  }

  function requireMembers({ broker, history, now, replica }: ReplicaChange): void {
    const last = replica.log.view.lastBelow(now.highWatermark)
    if (last === undefined || last.lastOffset < now.logStartOffset) return
    for (const id of now.isr ?? []) if (id !== broker.id) requireMember(id)
    if (now.joining !== null) requireMember(now.joining)

    function requireMember(id: number): void {
      const log = view.log(id, history)
      // Its broker may have deleted it already where the topic goes or the replica has been given up, of which a leader may hear later; or lost the end of
      // it, or all, with its power while its fetch was on the way.
      if (hasLost(id) || (log === undefined && isGivenUp(id, history))) return
      const there = log?.view.find(last?.baseOffset ?? -1)
      require(isSameBatch(there, last), rules.committedPrefixes, () =>
        `broker ${broker.id} commits ${history.name} up to ${now.highWatermark} with the ISR [${now.isr}]${now.joining === null ? '' : ` and ${now.joining}`}; its last batch is ${describeBatch(last)}, and broker ${id} has ${describeBatch(there)} there and ends at ${log?.view.endOffset ?? 0}`)
    }

    function hasLost(id: number): boolean {
      return (history.lossy.get(id) ?? -1) >= now.highWatermark
    }
  }

  function requireReady({ broker, history, now }: ReplicaChange, id: number): void {
    const log = view.log(id, history)
    const startOffset = history.leaders.get(now.leaderEpoch)?.startOffset ?? 0
    const needed = Math.max(now.highWatermark, startOffset)
    const end = log?.sight.logEndOffset ?? 0
    if (history.lossy.has(id) || isGivenUp(id, history)) return
    require(end >= needed, rules.joiningIsr, () =>
      `broker ${broker.id} proposes ${id} for the ISR of ${history.name}, which ends at ${end} there; its high watermark is ${now.highWatermark}, and epoch ${now.leaderEpoch} began at ${startOffset}`)
  }

  function isGivenUp(id: number, { topic, partition }: PartitionHistory): boolean {
    return view.stored.isBeingDeleted(topic) || !view.stored.replicasOf(topic, partition).includes(id)
  }

  return { name: 'in-sync' }
}
