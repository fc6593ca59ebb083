/**
 * Idempotent producers (KIP-98): along every replica's log the sequences of a producer id go on without a gap and without a repetition, modulo 2^31, within
 * an epoch; a new epoch begins at 0; an older one never comes again. Judged from a producer's first batch that is still above the log start: of what
 * has been deleted a broker may know nothing.
 */
import { type Checker, require, type World } from './checker'
import { type LogSeen, viewOf } from './cluster-view'
import { type Batch, describeBatch } from './log-view'
import { rules } from './rules'

const SEQUENCES = 2 ** 31

export function sequences(world: World): Checker {
  const view = viewOf(world)
  const lastByLog = new WeakMap<LogSeen, Map<number, Batch>>()

  view.onDidChangeReplica(({ broker, replica, now, move, before }) => {
    const { log } = replica
    if (move.added.length === 0 && move.cut.length === 0) return
    let last = lastByLog.get(log)
    const isKnown = last !== undefined && move.cut.length === 0 && before !== null
    if (last === undefined || !isKnown) {
      last = new Map()
      lastByLog.set(log, last)
    }
    for (const batch of isKnown ? move.added : log.view.batches) {
      if (batch.producerId < 0) continue
      const previous = last.get(batch.producerId)
      // A coordinator's batch, a marker or the offsets of a group, has no sequence; but a marker may begin an epoch.
      const isNumbered = batch.baseSequence >= 0
      if (isNumbered || (previous !== undefined && batch.producerEpoch > previous.producerEpoch))
        last.set(batch.producerId, batch)
      if (previous === undefined || previous.lastOffset < now.logStartOffset) continue
      require(isNext(previous, batch), rules.sequences, () =>
        `${log.history.name} on broker ${broker.id}: producer ${batch.producerId} has ${describeBatch(batch)} with ${describeSequence(batch)} behind ${describeBatch(previous)} with ${describeSequence(previous)}`)
    }
  })

  return { name: 'sequences' }
}

function isNext(previous: Batch, batch: Batch): boolean {
  if (batch.baseSequence < 0) return batch.producerEpoch >= previous.producerEpoch
  if (batch.producerEpoch !== previous.producerEpoch)
    return batch.producerEpoch > previous.producerEpoch && batch.baseSequence === 0
  if (previous.baseSequence < 0) return batch.baseSequence === 0
  return batch.baseSequence === (previous.baseSequence + previous.recordCount) % SEQUENCES
}

function describeSequence({ producerEpoch, baseSequence, recordCount }: Batch): string {
  return `sequences ${baseSequence} to ${(baseSequence + recordCount - 1) % SEQUENCES} in producer epoch ${producerEpoch}`
}
