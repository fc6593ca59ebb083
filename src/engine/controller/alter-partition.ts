/**
 * Whether the ISR that a leader proposes (AlterPartition) is taken: the checks of Kafka's KafkaController.tryProcessAlterPartition, in its order.
 * Pure; answers with the state to write, with the state as it is where nothing needs writing, or with an error code.
 */
import { ErrorCode } from '../wire/errors'
import { afterIsrChange } from './partition-changes'
import { LeaderRecoveryState, type PartitionState } from './types'

export interface IsrProposal {
  /** Who asks: must be the leader. */
  readonly brokerId: number
  readonly leaderEpoch: number
  readonly partitionEpoch: number
  /** A broker epoch of -1 is not checked (versions before 3 of the request). */
  readonly isr: readonly { readonly brokerId: number; readonly brokerEpoch: number }[]
  readonly leaderRecoveryState: number
}

export type IsrVerdict =
  | { readonly kind: 'write'; readonly state: PartitionState }
  /** The ISR is as proposed already: a repeated request. */
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'refuse'; readonly errorCode: ErrorCode; readonly reason: string }

/** `brokerEpochOf`: the epoch of a broker that may be in an ISR, null for one that is dead or shutting down. `current` null: no such partition. */
export function judgeIsrProposal(
  proposal: IsrProposal,
  current: PartitionState | null,
  replicas: readonly number[],
  brokerEpochOf: (brokerId: number) => number | null,
): IsrVerdict {
  if (current === null) return refuse(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, 'the partition does not exist')
  if (proposal.partitionEpoch > current.partitionEpoch || proposal.leaderEpoch > current.leaderEpoch) {
    // The leader knows more than this controller does: another one has taken over, and the leader must look for it.
    return refuse(ErrorCode.NOT_CONTROLLER, 'the leader knows a newer epoch than this controller')
  }
  if (proposal.leaderEpoch < current.leaderEpoch || proposal.brokerId !== current.leader) {
    return refuse(
      ErrorCode.FENCED_LEADER_EPOCH,
      `leader epoch ${proposal.leaderEpoch} is past, ${current.leaderEpoch} is current`,
    )
  }
  const isr = proposal.isr.map(({ brokerId }) => brokerId)
  if (isSameSet(isr, current.isr) && proposal.leaderRecoveryState === current.leaderRecoveryState) return { kind: 'unchanged' }
  if (proposal.partitionEpoch < current.partitionEpoch) {
    return refuse(
      ErrorCode.INVALID_UPDATE_VERSION,
      `partition epoch ${proposal.partitionEpoch} is past, ${current.partitionEpoch} is current`,
    )
  }
  const malformed = malformation(proposal, isr, current, replicas)
  if (malformed !== null) return refuse(ErrorCode.INVALID_REQUEST, malformed)
  for (const member of proposal.isr) {
    const brokerEpoch = brokerEpochOf(member.brokerId)
    const isEligible = brokerEpoch !== null && (member.brokerEpoch === -1 || member.brokerEpoch === brokerEpoch)
    if (!isEligible)
      return refuse(ErrorCode.INELIGIBLE_REPLICA, `broker ${member.brokerId} is not alive in the epoch that the leader saw it in`)
  }
  return { kind: 'write', state: afterIsrChange(current, isr, proposal.leaderRecoveryState as LeaderRecoveryState) }
}

function malformation(
  proposal: IsrProposal,
  isr: readonly number[],
  current: PartitionState,
  replicas: readonly number[],
): string | null {
  if (!isr.includes(current.leader)) return 'the ISR must have the leader in it'
  if (new Set(isr).size !== isr.length) return 'the ISR names a broker twice'
  if (!isr.every((id) => replicas.includes(id))) return 'the ISR names a broker that has no replica'
  const { leaderRecoveryState } = proposal
  if (leaderRecoveryState !== LeaderRecoveryState.RECOVERED && leaderRecoveryState !== LeaderRecoveryState.RECOVERING) {
    return `unknown leader recovery state ${leaderRecoveryState}`
  }
  if (leaderRecoveryState === LeaderRecoveryState.RECOVERED) return null
  if (isr.length > 1) return 'the leader is recovering, so nobody else can be in sync'
  if (current.leaderRecoveryState === LeaderRecoveryState.RECOVERED)
    return 'a leader that has recovered cannot be recovering again'
  return null
}

function refuse(errorCode: ErrorCode, reason: string): IsrVerdict {
  return { kind: 'refuse', errorCode, reason }
}

function isSameSet(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((id) => b.includes(id))
}
