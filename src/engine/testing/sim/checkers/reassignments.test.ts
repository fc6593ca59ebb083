import { beforeEach, describe, expect, it } from 'vitest'
import { OpCode } from '../../../jute/op-codes'
import { brokenBy, HandMadeWorld } from './hand-made-world'
import { checkerFactories } from './index'
import { rules } from './rules'

const path = '/brokers/topics/t'
let hand: HandMadeWorld

beforeEach(() => {
  hand = new HandMadeWorld(checkerFactories)
  hand.createTopic()
  hand.writeState(1, 0, [1, 2, 3])
})

function assign(replicas: readonly number[], adding: readonly number[], removing: readonly number[]): void {
  const json = { partitions: { 0: replicas }, adding_replicas: { 0: adding }, removing_replicas: { 0: removing } }
  const version = (hand.view.stored.state.tree.get(path)?.version ?? 0) + 1
  hand.apply({ type: OpCode.SET_DATA, path, data: Buffer.from(JSON.stringify(json)), version })
}

describe('reassignments', () => {
  beforeEach(() => assign([4, 5, 1, 2, 3], [4, 5], [1, 2, 3]))

  it('are completed with all new replicas in sync', () => {
    hand.writeState(4, 1, [4, 5])
    expect(brokenBy(() => assign([4, 5], [], []))).toBeNull()
  })

  it('find old replicas that are given up too early', () => {
    hand.writeState(1, 1, [1, 2, 3, 4])
    expect(brokenBy(() => assign([4, 5], [], []))).toBe(rules.reassignedInSync)
  })

  it('may be cancelled, or changed, whoever is in sync', () => {
    expect(brokenBy(() => assign([2, 1, 3, 5], [5], [3]))).toBeNull()
    expect(brokenBy(() => assign([1, 2, 3], [], []))).toBeNull()
  })
})
