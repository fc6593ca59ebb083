/**
 * Who may join an ISR. The controller takes members out by itself, but brings one in only where the leader has proposed it, and the leader must have known the
 * state over which that is written: a proposal from before would bring back whom the controller has taken out meanwhile (KIP-497). And it must have
 * meant the broker that is there: one that has been started anew may lack what it had, so a proposal that names an incarnation which the controller knows to
 * be gone counts for nothing (KIP-903); what it knows is taken as of the moment in which the proposal is sent, for when it judges
 * cannot be seen. Proposals are read from the wire, states from coordination's transactions.
 */
import { LeaderAndIsr } from '../../../wire/messages/04-leader-and-isr'
import { UpdateMetadata } from '../../../wire/messages/06-update-metadata'
import { AlterPartition } from '../../../wire/messages/56-alter-partition'
import type { Api } from '../../../wire/schema'
import { type Checker, require, type World } from './checker'
import { viewOf } from './cluster-view'
import { exchangesOf } from './kafka-exchanges'
import { rules } from './rules'
import type { StateWrite } from './stored-cluster'

interface Addressed {
  readonly controllerId: number
  readonly controllerEpoch: number
  readonly brokerEpoch: number
}

export function isrProposals(world: World): Checker {
  /** By topic id, partition and the partition epoch that the leader knew: all whom it proposed; false for one that its controller knew to be another one by then. */
  const proposed = new Map<string, Map<number, boolean>>()
  /** The broker epochs by which each controller, by its epoch, has addressed brokers: it knows them. */
  const addressed = new Map<number, Map<number, number>>()
  /** The epoch of its last term, by broker. */
  const terms = new Map<number, number>()

  function noteAddress(brokerId: number, { controllerId, controllerEpoch, brokerEpoch }: Addressed): null {
    terms.set(controllerId, Math.max(controllerEpoch, terms.get(controllerId) ?? 0))
    const known = addressed.get(controllerEpoch) ?? new Map<number, number>()
    known.set(brokerId, Math.max(brokerEpoch, known.get(brokerId) ?? -1))
    addressed.set(controllerEpoch, known)
    return null
  }

  for (const api of [LeaderAndIsr, UpdateMetadata] as unknown as readonly Api<Addressed, unknown>[])
    exchangesOf(world).listen(api, { onRequest: ({ id }, request) => noteAddress(id, request), onAnswer: () => undefined })

  exchangesOf(world).listen(AlterPartition, {
    onRequest(controller, { topics }) {
      const known = addressed.get(terms.get(controller.id) ?? -1)
      for (const { topicId, partitions } of topics) {
        for (const { partitionIndex, partitionEpoch, newIsrWithEpochs } of partitions) {
          const key = keyOf(topicId, partitionIndex, partitionEpoch)
          const members = proposed.get(key) ?? new Map<number, boolean>()
          for (const { brokerId, brokerEpoch } of newIsrWithEpochs) {
            const isMeant = brokerEpoch === -1 || brokerEpoch >= (known?.get(brokerId) ?? -1)
            members.set(brokerId, isMeant || members.get(brokerId) === true)
          }
          proposed.set(key, members)
        }
      }
      return null
    },
    onAnswer: () => undefined,
  })

  viewOf(world).stored.onDidWriteState(({ history, before, after }: StateWrite) => {
    // A new leader brings itself in where the election was unclean.
    if (before === null || after.leaderEpoch !== before.leaderEpoch) return
    const joined = after.isr.filter((id) => !before.isr.includes(id))
    if (joined.length === 0) return
    const members = proposed.get(keyOf(history.topicId, history.partition, before.version))
    for (const id of joined)
      require(members?.get(id) !== false, rules.proposedIncarnation, () =>
        `${history.name} goes from ISR [${before.isr}] to [${after.isr}]; who has proposed ${id} meant an incarnation that the controller knew to be gone`)
    require(joined.every((id) => members?.has(id) === true), rules.proposals, () =>
      `${history.name} goes from ISR [${before.isr}] to [${after.isr}], and nobody who knew partition epoch ${before.version} has proposed that`)
  })

  return { name: 'isr-proposals' }
}

function keyOf(topicId: string | null, partition: number, partitionEpoch: number): string {
  return `${topicId ?? ''}/${partition}/${partitionEpoch}`
}
