/**
 * What logs hold, over all replicas. A leader appends in its own epoch, epochs never decrease along a log, and what the leader of an epoch has written at
 * an offset is the only thing that any log ever has there in that epoch; so two logs that end alike are alike (the log matching of KIP-101). What is
 * committed stays: every leader has it, and a follower gives up only what its leader does not have. Losses that Kafka's rules allow, after
 * an unclean election or where a member of the ISR lost its power, are noted in the partition's history and held against nobody.
 */
import { type Checker, InvariantViolation, require, type World } from './checker'
import { type ReplicaChange, viewOf } from './cluster-view'
import { type Batch, describeBatch, isSameBatch } from './log-view'
import type { PartitionHistory } from './partition-history'
import { rules } from './rules'

export function histories(world: World): Checker {
  const view = viewOf(world)

  view.onDidChangeReplica((change) => {
    const { before, now, move, history, broker } = change
    if (now.role === 'offline') return
    // At first sight the log is what recovery left of an earlier one.
    if (before === null) for (const batch of move.added) noteWritten(change, batch)
    else requireAppended(change)
    if (move.cut.length > 0 && before !== null) requireWantedCut(change)
    if (now.role === 'leader') {
      if (before?.role !== 'leader' || before.leaderEpoch !== now.leaderEpoch) requireComplete(change)
      commit(change)
      history.logStartOffset = Math.max(history.logStartOffset, now.logStartOffset)
    }
    const lostEnd = history.lossy.get(broker.id)
    if (lostEnd !== undefined && now.logEndOffset >= lostEnd && !lacks(broker.id, history, now.logStartOffset, lostEnd)) {
      history.lossy.delete(broker.id)
      history.lossyMembers.delete(broker.id)
    }
  })

  view.stored.onDidWriteState(({ history, before, after }) => {
    for (const id of history.lossy.keys()) {
      // Let in while the controller could not know that it had lost something: a member like others that lose something.
      if (!after.isr.includes(id)) history.lossyMembers.delete(id)
      else if (!(before?.isr.includes(id) ?? false)) history.lossyMembers.add(id)
    }
    if (history.lossyMembers.has(after.leader)) history.lossyElections.add(after.leaderEpoch)
  })

  function requireAppended(change: ReplicaChange): void {
    const { broker, history, now, move, replica } = change
    const { batches } = replica.log.view
    let previous = batches[batches.length - move.added.length - 1]
    for (const batch of move.added) {
      const where = `${history.name} on broker ${broker.id} appends ${describeBatch(batch)}`
      require(batch.leaderEpoch >= (previous?.leaderEpoch ?? -1), rules.epochsRise, () =>
        `${where} behind ${describeBatch(previous)}`)
      if (now.role === 'leader') {
        require(batch.leaderEpoch === now.leaderEpoch, rules.ownEpoch, () => `${where} and leads in epoch ${now.leaderEpoch}`)
        noteWritten(change, batch)
      } else {
        const written = history.written.get(batch.leaderEpoch)?.get(batch.baseOffset)
        require(isSameBatch(written, batch), rules.followerPrefix, () =>
          `${where}, where the leader of that epoch wrote ${describeBatch(written)}`)
        requireSamePlace(change, previous, batch)
      }
      previous = batch
    }
  }

  /** What comes before an appended batch is what comes before it at the leader. */
  function requireSamePlace(change: ReplicaChange, previous: Batch | undefined, batch: Batch): void {
    const { broker, history, now } = change
    const leader = view.replica(now.leaderId, history)
    if (previous === undefined || leader?.facts.role !== 'leader' || leader.facts.leaderEpoch !== now.leaderEpoch) return
    const { batches } = leader.log.view
    const there = batches[leader.log.view.indexOf(batch.baseOffset) - 1]
    if (there === undefined || there.lastOffset < leader.facts.logStartOffset) return
    require(isSameBatch(there, previous), rules.followerPrefix, () =>
      `${history.name} on broker ${broker.id} goes on at ${batch.baseOffset} behind ${describeBatch(previous)}, where its leader ${now.leaderId} has ${describeBatch(there)}`)
  }

  function noteWritten({ broker, history }: ReplicaChange, batch: Batch): void {
    const other = history.write(batch)
    if (other === null) return
    throw new InvariantViolation(
      rules.oneLeader,
      `${history.name} on broker ${broker.id} has ${describeBatch(batch)}, and in that epoch ${describeBatch(other)} was written there before`,
    )
  }

  function requireWantedCut(change: ReplicaChange): void {
    const { broker, history, now, move, replica } = change
    if (now.role === 'leader') return
    world.count('truncations')
    const kept = replica.log.view.batches.at(-1)?.leaderEpoch ?? -1
    if ((move.cut[0]?.leaderEpoch ?? -1) > kept) world.count('truncations of whole epochs')
    const leader = view.replica(now.leaderId, history)
    if (leader?.facts.role === 'leader' && leader.facts.leaderEpoch === now.leaderEpoch) {
      const cut = move.cut[0] as Batch
      const there = leader.log.view.find(cut.baseOffset)
      require(!isSameBatch(there, cut) ||
        replica.log.view.endOffset > cut.lastOffset ||
        cut.baseOffset < leader.facts.logStartOffset, rules.truncation, () =>
        `${history.name} on broker ${broker.id} gives up ${describeBatch(cut)}, which its leader ${now.leaderId} has too`)
    }
    const isMember = history.stored?.isr.includes(broker.id) === true && history.stored.leaderEpoch === now.leaderEpoch
    if (!isMember || history.lossy.has(broker.id) || history.stored?.leaderEpoch === history.trustedEpoch) return
    require(now.logEndOffset >= Math.min(history.committedEnd, leader?.facts.logEndOffset ?? 0), rules.committedPrefixes, () =>
      `${history.name} on broker ${broker.id}, a member of the ISR, is cut to ${now.logEndOffset}, and ${history.committedEnd} is committed`)
  }

  function requireComplete({ broker, history, now, replica }: ReplicaChange): void {
    const { view: log } = replica.log
    if (now.leaderEpoch < history.trustedEpoch) return
    // It hears late that it leads, when others have led after it: where somebody came from outside of the ISR until then nobody need have what it lacks, and
    // what its successors have is not given up.
    const isLate = now.leaderEpoch < history.completeEpoch
    if (isLate && history.uncleanEpochs.some((unclean) => unclean <= now.leaderEpoch)) return
    const end = history.committedEndUpTo(now.leaderEpoch)
    const missing = history.difference(log, now.logStartOffset, end)
    const wasUnclean = history.wasUncleanUpTo(now.leaderEpoch)
    history.completeEpoch = Math.max(history.completeEpoch, now.leaderEpoch)
    if (missing === null) return
    const isOfDeletedOnly = history.difference(log, promisedFrom(history, now.logStartOffset), end) === null
    if (isOfDeletedOnly && log.endOffset >= history.logStartOffset) return history.adoptBelow(log, history.logStartOffset)
    // Where its log starts within the batch: what was deleted of that is no loss, and what it writes there now is committed anew.
    const from = Math.max(missing.committed?.baseOffset ?? 0, now.logStartOffset)
    const why = isOfDeletedOnly
      ? 'it had been deleted'
      : wasUnclean
        ? 'the leader was elected from outside of the ISR, as the topic allows'
        : history.lossyMembers.has(broker.id) || history.lossyElections.has(now.leaderEpoch)
          ? 'a member of the ISR lost it with its power before it was synced, and leads again, or one that followed it does'
          : null
    require(why !== null, rules.leaderCompleteness, () =>
      `broker ${broker.id} leads ${history.name} in epoch ${now.leaderEpoch} and has ${describeBatch(missing.here)}, where ${describeBatch(missing.committed)} was committed`)
    if (isLate) return
    history.giveUp(from, now.leaderEpoch, world.nowMs, why)
    world.count('losses that are allowed')
  }

  function commit(change: ReplicaChange): void {
    const { broker, history, before, now, replica } = change
    const from = before?.role === 'leader' ? before.highWatermark : now.logStartOffset
    if (now.highWatermark <= from) return
    if (now.leaderEpoch < history.trustedEpoch) return history.extendLoss(now.highWatermark, world.nowMs)
    // Its successor came from outside of the ISR and need not have had anything of this, and it has not heard of it yet.
    if (history.isDeposed(now.leaderEpoch)) {
      history.losses.push({
        from,
        to: now.highWatermark,
        untilMs: world.nowMs,
        why: 'a leader from outside of the ISR had been elected already',
      })
      return
    }
    const { committedEnd } = history
    const isBack = before?.role !== 'leader' && history.bringsBack(replica.log.view, now.highWatermark)
    // It hears late that it leads, and its successor, which need not have that, has gone on already.
    if (isBack && now.leaderEpoch < history.completeEpoch) return
    const start = promisedFrom(history, Math.max(from, now.logStartOffset))
    const contradiction = history.commit(replica.log.view, start, now.highWatermark, now.leaderEpoch)
    if (contradiction === null) {
      if (isBack) noteLacking(change, committedEnd)
      return
    }
    throw new InvariantViolation(
      rules.committedPrefixes,
      `broker ${broker.id} commits ${history.name} up to ${now.highWatermark} with ${describeBatch(contradiction.here)}, where ${describeBatch(contradiction.committed)} is committed`,
    )
  }

  /**
   * A member of the ISR that had not come to fetch from a leader without the end of what was committed leads now, and its high watermark, which never moves back, says
   * that all members have that end. Those that followed the other leader, or joined the ISR under it, do not: they are held to it once they have fetched it.
   */
  function noteLacking({ broker, history, now }: ReplicaChange, from: number): void {
    world.count('losses that are undone')
    for (const id of now.isr ?? []) {
      if (id === broker.id || !lacks(id, history, from, now.highWatermark)) continue
      history.noteLossy(id, now.highWatermark)
    }
  }

  /** Whether a replica's log does not have all that is committed from `from` up to `end`. */
  function lacks(id: number, history: PartitionHistory, from: number, end: number): boolean {
    const log = view.log(id, history)
    if (log === undefined) return true
    return history.difference(log.view, promisedFrom(history, Math.max(from, log.sight.logStartOffset)), end) !== null
  }

  return {
    name: 'histories',
    /** All in-sync replicas of a cluster that is whole have the same committed batches, from first to last. */
    atEnd() {
      for (const history of view.allHistories()) {
        if (history.deletedAtMs !== null || history.stored === null) continue
        for (const id of history.stored.isr) {
          const log = view.log(id, history)
          const difference =
            log && history.difference(log.view, promisedFrom(history, log.sight.logStartOffset), history.committedEnd)
          require(difference == null, rules.committedPrefixes, () =>
            `${history.name} on broker ${id} has ${describeBatch(difference?.here)}, where ${describeBatch(difference?.committed)} is committed`)
        }
      }
    },
  }
}

/**
 * What was deleted is promised no more, and a crash before the new start was noted brings it back: on a replica that was a follower when it was deleted this may be
 * what its leader never had, for nobody compares what lies below the leader's start.
 */
function promisedFrom(history: PartitionHistory, logStartOffset: number): number {
  return Math.max(logStartOffset, history.logStartOffset)
}
