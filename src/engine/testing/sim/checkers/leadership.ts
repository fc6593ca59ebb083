/**
 * Who leads, and in which epoch. Over all brokers and for ever: a leader epoch of a partition has one leader, in one incarnation of its broker, and it
 * is the one that the controller stored (KIP-101); a controller epoch has one controller. On one broker epochs only grow, as long as it lives.
 */
import { type Checker, require, type World } from './checker'
import { type BrokerSeen, type ReplicaChange, viewOf } from './cluster-view'
import { rules } from './rules'

export function leadership(world: World): Checker {
  const view = viewOf(world)
  const controllers = new Map<number, { readonly seen: BrokerSeen; readonly incarnation: number }>()

  view.stored.onDidWriteState(({ history, after, transaction }) => {
    const known = history.elected.get(after.leaderEpoch)?.leader
    require(known === undefined || known === after.leader, rules.oneLeader, () =>
      `${history.name}: leader epoch ${after.leaderEpoch} is stored with leader ${after.leader}, and was with ${known}`)
    if (known === undefined) history.elected.set(after.leaderEpoch, { leader: after.leader, zxid: transaction.header.zxid })
  })

  view.onDidChangeReplica((change) => {
    requireGrowth(change)
    if (change.now.role === 'leader') requireSole(change)
  })

  view.onDidLook((seen) => {
    const epoch = seen.sight?.controllerEpoch ?? null
    if (epoch === null) return
    const known = controllers.get(epoch)
    if (known === undefined) {
      controllers.set(epoch, { seen, incarnation: seen.incarnation })
      return
    }
    require(known.seen === seen && known.incarnation === seen.incarnation, rules.oneController, () =>
      `brokers ${known.seen.id} and ${seen.id} are both the controller of epoch ${epoch}`)
  })

  return { name: 'leadership' }
}

function requireSole({ broker, history, before, now }: ReplicaChange): void {
  const { leaderEpoch } = now
  const elected = history.elected.get(leaderEpoch)?.leader
  require(elected === broker.id, rules.oneLeader, () =>
    `broker ${broker.id} leads ${history.name} in epoch ${leaderEpoch}, for which ${elected ?? 'nobody'} is stored`)
  const known = history.leaders.get(leaderEpoch)
  if (known === undefined) {
    const startOffset = before?.role === 'leader' && before.leaderEpoch === leaderEpoch ? before.logEndOffset : now.logEndOffset
    history.leaders.set(leaderEpoch, { brokerId: broker.id, incarnation: broker.incarnation, startOffset })
    return
  }
  require(known.brokerId === broker.id && known.incarnation === broker.incarnation, rules.oneLeader, () =>
    `broker ${broker.id} (its start ${broker.incarnation}) leads ${history.name} in epoch ${leaderEpoch}, in which broker ${known.brokerId} (its start ${known.incarnation}) has led`)
}

function requireGrowth({ broker, history, before, now }: ReplicaChange): void {
  if (before === null) return
  const where = `${history.name} on broker ${broker.id}`
  require(now.leaderEpoch >= before.leaderEpoch, rules.leaderEpochsGrow, () =>
    `${where} goes from epoch ${before.leaderEpoch} to ${now.leaderEpoch}`)
  require(now.partitionEpoch >= before.partitionEpoch, rules.partitionEpochsGrow, () =>
    `${where} goes from partition epoch ${before.partitionEpoch} to ${now.partitionEpoch}`)
  require(now.controllerEpoch >= before.controllerEpoch, rules.controllerEpochsGrow, () =>
    `${where} obeys controller epoch ${now.controllerEpoch} after ${before.controllerEpoch}`)
}
