import { describe, expect, it } from 'vitest'
import { ErrorCode } from '../wire/errors'
import { type IsrProposal, judgeIsrProposal } from './alter-partition'
import { LeaderRecoveryState, type PartitionState } from './types'

const current: PartitionState = {
  leader: 1,
  leaderEpoch: 4,
  isr: [1, 2],
  leaderRecoveryState: LeaderRecoveryState.RECOVERED,
  partitionEpoch: 7,
}
const replicas = [1, 2, 3]
const epochs = new Map([
  [1, 100],
  [2, 200],
  [3, 300],
])

const proposal = (isr: number[], overrides: Partial<IsrProposal> = {}): IsrProposal => ({
  brokerId: 1,
  leaderEpoch: 4,
  partitionEpoch: 7,
  isr: isr.map((brokerId) => ({ brokerId, brokerEpoch: epochs.get(brokerId) ?? 0 })),
  leaderRecoveryState: LeaderRecoveryState.RECOVERED,
  ...overrides,
})

const judge = (asked: IsrProposal, state: PartitionState | null = current, brokerEpochs: ReadonlyMap<number, number> = epochs) =>
  judgeIsrProposal(asked, state, replicas, (id) => brokerEpochs.get(id) ?? null)

describe('an ISR proposed by a leader', () => {
  it('is written in the next partition epoch', () => {
    expect(judge(proposal([1, 2, 3]))).toEqual({ kind: 'write', state: { ...current, isr: [1, 2, 3], partitionEpoch: 8 } })
    expect(judge(proposal([1]))).toEqual({ kind: 'write', state: { ...current, isr: [1], partitionEpoch: 8 } })
  })

  it('that is there already needs no writing, even if the leader does not know its epoch yet', () => {
    expect(judge(proposal([2, 1], { partitionEpoch: 6 }))).toEqual({ kind: 'unchanged' })
  })

  it('that says that the leader has recovered is written even if the members are the same', () => {
    const recovering = { ...current, isr: [1], leaderRecoveryState: LeaderRecoveryState.RECOVERING }
    expect(judge(proposal([1]), recovering)).toMatchObject({
      kind: 'write',
      state: { leaderRecoveryState: LeaderRecoveryState.RECOVERED },
    })
  })

  const refused: [string, IsrProposal, number, (PartitionState | null)?][] = [
    ['of a partition that does not exist', proposal([1]), ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, null],
    ['from a newer partition epoch: this controller is past', proposal([1], { partitionEpoch: 8 }), ErrorCode.NOT_CONTROLLER],
    ['from a newer leader epoch: this controller is past', proposal([1], { leaderEpoch: 5 }), ErrorCode.NOT_CONTROLLER],
    ['from a past leader epoch', proposal([1], { leaderEpoch: 3 }), ErrorCode.FENCED_LEADER_EPOCH],
    ['from who does not lead', proposal([2], { brokerId: 2 }), ErrorCode.FENCED_LEADER_EPOCH],
    ['from a past partition epoch', proposal([1], { partitionEpoch: 6 }), ErrorCode.INVALID_UPDATE_VERSION],
    ['without the leader', proposal([2]), ErrorCode.INVALID_REQUEST],
    ['with a broker twice', proposal([1, 2, 2]), ErrorCode.INVALID_REQUEST],
    ['with a broker that has no replica', proposal([1, 9]), ErrorCode.INVALID_REQUEST],
    ['with others, of a leader that is recovering', proposal([1, 2, 3], { leaderRecoveryState: 1 }), ErrorCode.INVALID_REQUEST],
    ['of a leader that falls back into recovering', proposal([1], { leaderRecoveryState: 1 }), ErrorCode.INVALID_REQUEST],
    ['with an unknown recovery state', proposal([1], { leaderRecoveryState: 7 }), ErrorCode.INVALID_REQUEST],
    [
      'with a broker that has restarted since',
      proposal([1, 2, 3], {
        isr: [
          { brokerId: 1, brokerEpoch: 100 },
          { brokerId: 3, brokerEpoch: 299 },
        ],
      }),
      ErrorCode.INELIGIBLE_REPLICA,
    ],
  ]
  it.each(refused)('%s is refused', (_, asked, errorCode, state = current) => {
    expect(judge(asked, state)).toMatchObject({ kind: 'refuse', errorCode })
  })

  it('with a broker that is dead or shutting down is refused', () => {
    expect(
      judge(
        proposal([1, 2, 3]),
        current,
        new Map([
          [1, 100],
          [2, 200],
        ]),
      ),
    ).toMatchObject({ errorCode: ErrorCode.INELIGIBLE_REPLICA })
  })

  it('without broker epochs, as older leaders send it, is taken', () => {
    expect(judge(proposal([], { isr: [1, 3].map((brokerId) => ({ brokerId, brokerEpoch: -1 })) }))).toMatchObject({
      kind: 'write',
    })
  })
})
