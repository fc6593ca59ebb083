/**
 * The offsets of one replica: "logStartOffset <= highWatermark <= logEndOffset" for leaders and followers alike, and within one leadership neither the
 * high watermark nor the log start offset moves back, nor the log end: a leader never truncates its own log.
 */
import { type Checker, require, type World } from './checker'
import { type ReplicaChange, type ReplicaFacts, viewOf } from './cluster-view'
import { rules } from './rules'

export function offsets(world: World): Checker {
  viewOf(world).onDidChangeReplica((change) => {
    const { now, before } = change
    if (now.role === 'offline') return
    require(now.logStartOffset <= now.highWatermark && now.highWatermark <= now.logEndOffset, rules.offsetOrder, () =>
      `${nameOf(change)} has ${offsetsOf(now)}`)
    if (now.role !== 'leader' || before?.role !== 'leader') return
    require(now.highWatermark >= before.highWatermark, rules.highWatermarkStays, () =>
      `${nameOf(change)} goes from ${before.highWatermark} to ${now.highWatermark} while it leads in epoch ${now.leaderEpoch}`)
    require(now.logStartOffset >= before.logStartOffset, rules.logStartStays, () =>
      `${nameOf(change)} goes from ${before.logStartOffset} to ${now.logStartOffset} while it leads`)
    require(now.logEndOffset >= before.logEndOffset && change.move.cut.length === 0, rules.leaderKeepsLog, () =>
      `${nameOf(change)} ended at ${before.logEndOffset} and ends at ${now.logEndOffset} while it leads`)
  })
  return { name: 'offsets' }
}

function nameOf({ broker, history }: ReplicaChange): string {
  return `${history.name} on broker ${broker.id}`
}

function offsetsOf({ logStartOffset, highWatermark, logEndOffset }: ReplicaFacts): string {
  return `log start ${logStartOffset}, high watermark ${highWatermark}, log end ${logEndOffset}`
}
