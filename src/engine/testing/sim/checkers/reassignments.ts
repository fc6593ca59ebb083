/**
 * How partitions get other replicas, looked at transaction by transaction: old replicas are given up for new ones only when all that the partition is to have are in sync
 * (KIP-455). A cancellation gives up the new ones instead, and whoever changes the target gives up what was on its way.
 */
import { OpCode } from '../../../jute/op-codes'
import type { Checker, World } from './checker'
import { require } from './checker'
import { viewOf } from './cluster-view'
import { rules } from './rules'
import { jsonOf } from './stored-cluster'
import { partsOf } from './stored-states'

const TOPIC_PATH = /^\/brokers\/topics\/([^/]+)$/

interface Assignment {
  readonly replicas: readonly number[]
  readonly adding: readonly number[]
  readonly removing: readonly number[]
}

export function reassignments(world: World): Checker {
  const { stored } = viewOf(world)

  stored.onWillApply(({ txn }) => {
    for (const part of partsOf(txn)) {
      const topic = part.type === OpCode.SET_DATA ? TOPIC_PATH.exec(part.path)?.[1] : undefined
      if (topic === undefined || part.type !== OpCode.SET_DATA) continue
      const before = assignmentsOf(stored.state.tree.get(part.path)?.data)
      for (const [partition, after] of assignmentsOf(part.data)) requireInSync(topic, partition, before.get(partition), after)
    }
  })

  function requireInSync(topic: string, partition: string, before: Assignment | undefined, after: Assignment): void {
    if (before === undefined || before.adding.length + before.removing.length === 0) return
    const target = before.replicas.filter((id) => !before.removing.includes(id))
    if (after.adding.length + after.removing.length > 0 || after.replicas.join() !== target.join()) return
    const state = jsonOf(stored.state.tree.get(`/brokers/topics/${topic}/partitions/${partition}/state`)?.data)
    const isr = (state?.['isr'] ?? []) as readonly number[]
    world.count('reassignments completed')
    require(target.every((id) => isr.includes(id)), rules.reassignedInSync, () =>
      `${topic}-${partition} gives up replicas [${before.removing}] for [${target}], of which [${isr}] are in sync`)
  }

  return { name: 'reassignments' }
}

function assignmentsOf(data: Uint8Array | null | undefined): ReadonlyMap<string, Assignment> {
  const json = jsonOf(data)
  const lists = (field: string) => (json?.[field] ?? {}) as Record<string, readonly number[]>
  return new Map(
    Object.entries(lists('partitions')).map(([partition, replicas]) => {
      const adding = lists('adding_replicas')[partition] ?? []
      const removing = lists('removing_replicas')[partition] ?? []
      return [partition, { replicas, adding, removing }]
    }),
  )
}
