/**
 * What a new incarnation finds of its logs. The end of a process takes nothing of what was written. A loss of power may take what was not synced: never
 * what lies below the recovery point, and what is left is the beginning of what was. A replica that lost records while the stored ISR had it for a
 * member may be elected without them; Kafka's rules promise nothing then, and the partition's history notes it.
 */
import { deletedDirectorySuffix } from '../../../storage/file-names'
import type { SimMachine } from '../machine'
import { type Checker, require, type World } from './checker'
import { type Recovery, viewOf } from './cluster-view'
import { describeBatch, isSameBatch } from './log-view'
import { rules } from './rules'

export function recovery(world: World): Checker {
  const view = viewOf(world)
  /** Files that each broker has cut, and folders of logs it has dropped, in its present event: one that dies in it has lost what it was seen to have. */
  const cutNow = new Map<SimMachine, { readonly process: unknown; readonly path: string }[]>()

  world.onDidChangeDisk((machine, operation, path) => {
    if (operation === 'write' || (operation === 'rename' && !path.endsWith(deletedDirectorySuffix))) return
    const cuts = cutNow.get(machine) ?? []
    cuts.push({ process: machine.process, path })
    cutNow.set(machine, cuts)
  })
  view.onDidLook(({ machine }) => cutNow.delete(machine))

  view.onDidRecover((found) => {
    const { broker, history, before, log, lostPower } = found
    if (log === null && (view.stored.isBeingDeleted(history.topic) || history.deletedAtMs !== null)) return
    requireBeginning(found)
    const end = log?.sight.logEndOffset ?? 0
    if (end >= before.logEndOffset || (before.isOffline && !lostPower)) return
    const where = `${history.name} on broker ${broker.id} ended at ${before.logEndOffset} and ends at ${end} after a restart`
    // A log that had failed is not held to what it said of itself, but what it lost with the power it lost.
    require(lostPower || before.isOffline || wasBeingCut(found), rules.keptByProcess, () => where)
    // A log that failed may have been in the middle of something: whoever misses a record of it will say so.
    if (!lostPower) return
    require(end >= before.recoveryPoint || before.isOffline, rules.recoveryPoint, () =>
      `${where}; its recovery point was ${before.recoveryPoint}`)
    world.count('logs cut by a loss of power')
    history.noteLossy(broker.id, before.logEndOffset)
  })

  function wasBeingCut({ broker, history }: Recovery): boolean {
    const cuts = cutNow.get(broker.machine) ?? []
    const { name } = history
    // What the new process has cut itself in its recovery is another thing.
    return cuts.some(
      ({ process, path }) => process !== broker.machine.process && (path.includes(`/${name}/`) || path.includes(`/${name}.`)),
    )
  }

  function requireBeginning({ broker, history, before, log }: Recovery): void {
    const first = log?.view.batches[0]
    const oldest = before.batches[0]
    if (log === null || first === undefined || oldest === undefined || before.isOffline) return
    let index = log.view.indexOf(Math.max(oldest.baseOffset, first.baseOffset))
    for (const known of before.batches) {
      if (known.baseOffset < first.baseOffset) continue
      const batch = log.view.batches[index++]
      if (batch === undefined) return
      require(isSameBatch(known, batch), rules.wholeBatches, () =>
        `${history.name} on broker ${broker.id} has ${describeBatch(batch)} after a restart, where ${describeBatch(known)} was`)
    }
  }

  return { name: 'recovery' }
}
