/** For a person who reads a trace: what each broker believes of its replicas, in words, when an event has changed it, and what controllers write. Judges nothing. */
import { OpCode } from '../../../jute/op-codes'
import type { Checker, World } from './checker'
import { type ReplicaChange, viewOf } from './cluster-view'
import { jsonOf } from './stored-cluster'

export function beliefs(world: World): Checker {
  const view = viewOf(world)
  const { trace } = world
  const controllerEpochs = new Map<number, number | null>()

  view.onDidChangeReplica((change) => {
    if (!trace.isOn) return
    const { broker, move, history } = change
    if (move.cut.length > 0) trace.line(broker.machine.name, `cuts ${history.name} at ${move.cut[0]?.baseOffset}`)
    trace.line(broker.machine.name, `believes ${history.name}: ${beliefOf(change)}`)
  })

  view.onDidRecover(({ broker, history, before, log, lostPower }) => {
    if (!trace.isOn) return
    const after = log === null ? 'is gone' : `ends at ${log.sight.logEndOffset}`
    trace.line(
      broker.machine.name,
      `finds ${history.name}: it ended at ${before.logEndOffset} and ${after}${lostPower ? ', after a loss of power' : ''}`,
    )
  })

  view.onDidLook((seen) => {
    if (!trace.isOn) return
    const epoch = seen.sight?.controllerEpoch ?? null
    const before = controllerEpochs.get(seen.id) ?? null
    if (epoch === before) return
    controllerEpochs.set(seen.id, epoch)
    trace.line(
      seen.machine.name,
      epoch === null
        ? 'believes that it is not the controller any more'
        : `believes that it is the controller, of epoch ${epoch}`,
    )
  })

  view.stored.onDidApply(({ header, txn, changes }) => {
    if (!trace.isOn) return
    if (txn.type === OpCode.CREATE_SESSION) trace.line('coordination', `opens session ${header.clientId}`)
    if (txn.type === OpCode.CLOSE_SESSION)
      trace.line('coordination', `ends session ${header.clientId}${header.cxid === 0 ? ', which has expired' : ''}`)
    for (const { kind, path } of changes) {
      const data = kind === 'deleted' ? '' : ` ${textOf(view.stored.state.tree.get(path)?.data)}`
      trace.line('coordination', `${verbs[kind]} ${path}${data} in transaction ${header.zxid}`)
    }
  })

  return { name: 'beliefs' }
}

const verbs = { created: 'makes', deleted: 'removes', dataChanged: 'sets' } as const

function beliefOf({ now, replica }: ReplicaChange): string {
  const offsets = `high watermark ${now.highWatermark}, log ${now.logStartOffset} to ${now.logEndOffset}`
  switch (now.role) {
    case 'leader':
      return `leader in epoch ${now.leaderEpoch}.${now.partitionEpoch}, ISR [${now.isr}]${now.joining === null ? '' : ` and ${now.joining} joining`}, ${offsets}`
    case 'follower':
      return `follower of ${now.leaderId} in epoch ${now.leaderEpoch}.${now.partitionEpoch}, ${offsets}`
    case 'offline':
      return `offline, ${replica.sight.state.role === 'offline' ? replica.sight.state.reason : ''}`
  }
}

function textOf(data: Buffer | null | undefined): string {
  return jsonOf(data) === null && (data?.length ?? 0) > 200 ? `${data?.length} bytes` : (data?.toString() ?? '')
}
