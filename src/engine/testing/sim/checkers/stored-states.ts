/**
 * What controllers write. Looked at transaction by transaction, with coordination's state as it was at that moment: every write of a partition's state
 * stands in a multi that checks /controller_epoch, by the controller of that epoch (KAFKA-6082); epochs and znode versions rise by one; the ISR is a
 * subset of the replicas and has the leader; and a leader comes from the ISR unless the topic allows otherwise.
 */
import { OpCode } from '../../../jute/op-codes'
import type { Txn } from '../../../jute/transaction-records'
import { type Checker, require, type World } from './checker'
import { viewOf } from './cluster-view'
import { rules } from './rules'
import type { StateWrite, StoredTransaction } from './stored-cluster'

const CONTROLLER_EPOCH = '/controller_epoch'
const UNCLEAN = 'unclean.leader.election.enable'

export function storedStates(world: World): Checker {
  const { stored } = viewOf(world)
  /** Topics that have allowed it at some time: a controller decides with what it knew a moment ago. */
  const uncleanTopics = new Set<string>()
  const isUncleanByDefault = world.config?.brokerConfigs[UNCLEAN] === 'true'

  stored.onWillApply(({ header, txn }) => {
    require(header.zxid === stored.state.lastZxid + 1n, rules.zxids, () =>
      `transaction ${header.zxid} follows transaction ${stored.state.lastZxid}`)
    requireVersions(txn)
  })

  stored.onDidApply(({ changes }) => {
    for (const { path } of changes) {
      if (!path.startsWith('/config/topics/')) continue
      const topic = path.slice('/config/topics/'.length)
      if (stored.topicConfig(topic, UNCLEAN) === 'true') uncleanTopics.add(topic)
    }
  })

  stored.onDidWriteState((write) => {
    requireFence(write)
    requireEpochs(write)
    requireMembers(write)
    requireElection(write)
  })

  function requireVersions(txn: Txn): void {
    const versions = new Map<string, number>()
    for (const part of partsOf(txn)) {
      if ('parentCVersion' in part) versions.set(part.path, 0)
      if (part.type !== OpCode.SET_DATA) continue
      const before = versions.get(part.path) ?? stored.state.tree.get(part.path)?.version ?? -1
      require(part.version === before + 1, rules.znodeVersions, () =>
        `${part.path} goes from version ${before} to ${part.version}`)
      versions.set(part.path, part.version)
      if (part.path === CONTROLLER_EPOCH) requireNextController(Number(part.data?.toString()))
    }
  }

  function requireNextController(epoch: number): void {
    const before = stored.controllerEpoch()
    require(epoch === before + 1, rules.controllerEpochsGrow, () => `the controller epoch goes from ${before} to ${epoch}`)
  }

  function requireFence({ history, after, transaction }: StateWrite): void {
    const epoch = stored.controllerEpoch()
    require(after.controllerEpoch === epoch && isFenced(transaction), rules.fencing, () =>
      `the state of ${history.name} is written by the controller of epoch ${after.controllerEpoch}${isFenced(transaction) ? '' : ' without a check'}, while epoch ${epoch} is in office`)
  }

  function requireEpochs({ history, before, after }: StateWrite): void {
    if (before === null) return
    const { name } = history
    require(after.version > before.version, rules.partitionEpochsGrow, () =>
      `${name} goes from partition epoch ${before.version} to ${after.version}`)
    const isNewLeader = after.leader !== before.leader
    require(isNewLeader
      ? after.leaderEpoch > before.leaderEpoch
      : after.leaderEpoch >= before.leaderEpoch, rules.leaderEpochsGrow, () =>
      `${name} goes from leader ${before.leader} in epoch ${before.leaderEpoch} to leader ${after.leader} in epoch ${after.leaderEpoch}`)
  }

  function requireMembers({ history, after }: StateWrite): void {
    const replicas = stored.replicasOf(history.topic, history.partition)
    const { isr, leader } = after
    require(isr.length > 0 &&
      new Set(isr).size === isr.length &&
      isr.every((id) => replicas.includes(id)), rules.isrMembers, () =>
      `${history.name} is stored with the ISR [${isr}] and has the replicas [${replicas}]`)
    require(leader < 0 || isr.includes(leader), rules.leaderInIsr, () =>
      `${history.name} is stored with leader ${leader} and ISR [${isr}]`)
  }

  function requireElection({ history, before, after }: StateWrite): void {
    if (before === null || after.leader < 0 || after.leader === before.leader || before.isr.includes(after.leader)) return
    require(isUncleanByDefault || uncleanTopics.has(history.topic), rules.cleanElection, () =>
      `${history.name} is led by ${after.leader} in epoch ${after.leaderEpoch}, from outside of the ISR [${before.isr}]`)
    history.uncleanEpochs.push(after.leaderEpoch)
    world.count('unclean elections')
  }

  return { name: 'stored-states' }
}

function isFenced({ txn }: StoredTransaction): boolean {
  return partsOf(txn).some((part) => part.type === OpCode.CHECK && part.path === CONTROLLER_EPOCH)
}

/** The parts of a transaction that are carried out: none of a multi of which one fails. */
export function partsOf(txn: Txn): readonly Txn[] {
  if (txn.type !== OpCode.MULTI) return [txn]
  return txn.txns.some((part) => part.type === OpCode.ERROR) ? [] : txn.txns
}
