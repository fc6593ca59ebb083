/**
 * The controller as replication sees it, for one partition: it decides who leads, keeps the ISR under a partition epoch, and tells brokers.
 * The rules are ZooKeeper-mode Kafka's (PartitionStateMachine, ReplicaStateMachine, KafkaController.alterPartition), without ZooKeeper.
 */
import type { AlterPartitionOutcome } from '../../replication/core/isr'
import { type IsrProposal, NO_LEADER, type PartitionCommand } from '../../replication/core/types'

export class ModelController {
  leaderId = NO_LEADER
  leaderEpoch = 0
  partitionEpoch = 0
  isr: readonly number[]
  readonly live = new Map<number, number>()
  /** Records may be lost from here on: somebody out of the ISR was elected. */
  wasUnclean = false

  constructor(readonly replicas: readonly number[]) {
    this.isr = replicas
  }

  set(leaderId: number, leaderEpoch: number, isr: readonly number[]): void {
    this.leaderId = leaderId
    this.leaderEpoch = leaderEpoch
    this.isr = isr
    this.partitionEpoch++
  }

  command(): PartitionCommand {
    const { leaderId, leaderEpoch, partitionEpoch, isr, replicas } = this
    return { controllerEpoch: 1, leaderId, leaderEpoch, partitionEpoch, isr, replicas, addingReplicas: [], removingReplicas: [] }
  }

  register(brokerId: number, brokerEpoch: number): void {
    this.live.set(brokerId, brokerEpoch)
    if (this.leaderId === NO_LEADER && this.isr.includes(brokerId)) this.set(brokerId, this.leaderEpoch + 1, this.isr)
  }

  /** A session has ended. The last member of the ISR stays in it, leader or not: nobody else has everything. */
  expire(brokerId: number): void {
    if (!this.live.delete(brokerId)) return
    const others = this.isr.filter((id) => id !== brokerId)
    const isr = others.length > 0 && others.length < this.isr.length ? others : this.isr
    if (this.leaderId === brokerId) {
      const next = this.replicas.find((id) => isr.includes(id) && this.live.has(id))
      this.set(next ?? NO_LEADER, this.leaderEpoch + 1, isr)
    } else if (isr !== this.isr) {
      this.set(this.leaderId, this.leaderEpoch, isr)
    }
  }

  /** Answers what was wrong with it, or null. */
  elect(brokerId: number, isUnclean: boolean): string | null {
    if (!this.live.has(brokerId)) return 'not live'
    if (this.isr.includes(brokerId)) this.set(brokerId, this.leaderEpoch + 1, this.isr)
    else if (!isUnclean) return 'not in the ISR'
    else {
      this.wasUnclean = true
      this.set(brokerId, this.leaderEpoch + 1, [brokerId])
    }
    return null
  }

  alterPartition(proposal: IsrProposal): AlterPartitionOutcome {
    const isr = proposal.newIsr.map((member) => member.brokerId)
    if (proposal.leaderEpoch !== this.leaderEpoch) return { ok: false, error: 'FENCED_LEADER_EPOCH' }
    const isDone = isr.length === this.isr.length && isr.every((id) => this.isr.includes(id))
    // Asked again, because the answer was lost: the state wanted is the state there is.
    if (!isDone) {
      if (proposal.partitionEpoch !== this.partitionEpoch) return { ok: false, error: 'INVALID_UPDATE_VERSION' }
      const isEligible = proposal.newIsr.every(
        ({ brokerId, brokerEpoch }) => this.live.has(brokerId) && (brokerEpoch === -1 || brokerEpoch === this.live.get(brokerId)),
      )
      if (!isEligible) return { ok: false, error: 'INELIGIBLE_REPLICA' }
      this.isr = isr
      this.partitionEpoch++
    }
    const { leaderId, leaderEpoch, partitionEpoch } = this
    return { ok: true, leaderId, leaderEpoch, partitionEpoch, isr: this.isr }
  }
}
