/**
 * What a broker says of its own disk. Everything below a log's recovery point is durable, in memory as in the checkpoint, which is written after the sync
 * and never before; what was cut off is off for good; and the cache of leader epochs agrees with the batches, for followers and leaders find by it where their histories part.
 */
import { type Checker, require, type World } from './checker'
import { type BrokerSeen, type LogSeen, type ReplicaChange, viewOf } from './cluster-view'
import { describeBatch } from './log-view'
import { rules } from './rules'

const CHECKPOINT = 'recovery-point-offset-checkpoint'

export function durability(world: World): Checker {
  const view = viewOf(world)
  /** The bytes of each checkpoint as they were looked at last: it is only ever replaced. */
  const checkpoints = new WeakMap<BrokerSeen, { readonly buffer: ArrayBufferLike; readonly length: number }>()

  view.onDidChangeReplica((change) => {
    const { before, now, replica } = change
    if (now.role === 'offline') return
    if (now.recoveryPoint > (before?.recoveryPoint ?? 0))
      requireDurable(change.broker, replica.log, now.recoveryPoint, 'its recovery point')
    if (change.move.added.length > 0 || change.move.cut.length > 0) requireEpochs(change)
    if (change.move.cut.length === 0) return
    // The checkpoint must not stay ahead of what is left: it is looked at again.
    checkpoints.delete(change.broker)
    const left = replica.log.view.firstStillDurable(change.move.cut)
    require(left === null, rules.truncationStays, () =>
      `${change.history.name} on broker ${change.broker.id} has cut off ${describeBatch(left ?? undefined)}, and would have it again after a loss of power`)
    const snapshot = replica.log.view.offsetsOfFiles('.snapshot').at(-1) ?? 0
    require(snapshot <= now.logEndOffset, rules.producerSnapshots, () =>
      `${change.history.name} on broker ${change.broker.id} is cut to ${now.logEndOffset}, and keeps what it knew of producers at ${snapshot}`)
  })

  /** Asked after every event: a string that is made anew is hashed anew. */
  const paths = new Map<BrokerSeen, string>()

  function pathOf(seen: BrokerSeen): string {
    let path = paths.get(seen)
    if (path === undefined) {
      path = `${seen.machine.dataDirectory}/${CHECKPOINT}`
      paths.set(seen, path)
    }
    return path
  }

  view.onDidLook((seen) => {
    const bytes = seen.machine.disk.peek(pathOf(seen))
    const known = checkpoints.get(seen)
    if (bytes === null || (known?.buffer === bytes.buffer && known.length === bytes.length)) return
    checkpoints.set(seen, { buffer: bytes.buffer, length: bytes.length })
    for (const { name, offset } of entriesOf(bytes)) {
      const log = seen.logs.get(name)
      if (log !== undefined && !log.isOffline) requireDurable(seen, log, offset, 'the checkpoint of its recovery point')
    }
  })

  function requireDurable(seen: BrokerSeen, { view: log, history, sight }: LogSeen, offset: number, what: string): void {
    const where = `${history.name} on broker ${seen.id}`
    require(offset <= sight.logEndOffset, rules.recoveryPoint, () =>
      `${where} ends at ${sight.logEndOffset}, and ${what} is ${offset}`)
    const batch = log.firstNotDurable(offset)
    require(batch === null, rules.recoveryPoint, () =>
      `${where}: ${what} is ${offset}, and ${describeBatch(batch ?? undefined)} is not synced`)
  }

  function requireEpochs({ broker, history, replica, now, move }: ReplicaChange): void {
    const { epochEntries, logEndOffset } = replica.sight.log
    const where = `${history.name} on broker ${broker.id}`
    const last = epochEntries.at(-1)
    const isAhead =
      last !== undefined &&
      (move.cut.length > 0 && now.role === 'follower' ? last.startOffset >= logEndOffset : last.startOffset > logEndOffset)
    const hasGrownAgain = move.cut.length > 0 && move.added.length > 0
    require(!isAhead || hasGrownAgain, rules.epochCache, () =>
      `${where} ends at ${logEndOffset}, and its epoch ${last?.epoch} is to start at ${last?.startOffset}`)
    for (const batch of [replica.log.view.batches.at(-1), move.added[0]]) {
      if (batch === undefined || batch.lastOffset < now.logStartOffset) continue
      let known = -1
      for (const { epoch, startOffset } of epochEntries) if (startOffset <= batch.lastOffset) known = epoch
      require(known === batch.leaderEpoch, rules.epochCache, () =>
        `${where} has ${describeBatch(batch)}, which its cache takes for epoch ${known}`)
    }
  }

  return { name: 'durability' }
}

function entriesOf(bytes: Uint8Array): { name: string; offset: number }[] {
  const lines = Buffer.from(bytes).toString().split('\n').slice(2)
  return lines
    .map((line) => line.split(' '))
    .filter((fields) => fields.length === 3)
    .map(([topic, partition, offset]) => ({ name: `${topic}-${partition}`, offset: Number(offset) }))
}
