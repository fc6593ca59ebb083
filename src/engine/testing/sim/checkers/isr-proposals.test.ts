import { beforeEach, expect, it } from 'vitest'
import { AlterPartition } from '../../../wire/messages/56-alter-partition'
import { Writer } from '../../../wire/writer'
import { brokenBy, HandMadeWorld, TOPIC_ID } from './hand-made-world'
import { checkerFactories } from './index'
import { rules } from './rules'

let hand: HandMadeWorld

/** Broker 1, the leader, proposes to the controller on broker 2. */
function propose(partitionEpoch: number, isr: readonly number[]): void {
  const version = 3
  const request = new Writer()
  request.int16(AlterPartition.key)
  request.int16(version)
  request.int32(1)
  request.string('broker-1', false)
  request.int8(0)
  const newIsrWithEpochs = isr.map((brokerId) => ({ brokerId, brokerEpoch: 1 }))
  const partitions = [{ partitionIndex: 0, leaderEpoch: 0, newIsrWithEpochs, partitionEpoch }]
  AlterPartition.request.encode(request, { brokerId: 1, brokerEpoch: 1, topics: [{ topicId: TOPIC_ID, partitions }] }, version)
  hand.send({ connectionId: 9, serverPort: 9002, toHost: '10.0.0.2', isFromOpener: true }, request.bytes())
}

beforeEach(() => {
  hand = new HandMadeWorld(checkerFactories)
  hand.createTopic()
  hand.writeState(1, 0, [1, 2])
})

it('takes a member that the leader has proposed over this state', () => {
  propose(0, [1, 2, 3])
  expect(brokenBy(() => hand.writeState(1, 0, [1, 2, 3]))).toBeNull()
})

it('finds a member that nobody has proposed', () => {
  expect(brokenBy(() => hand.writeState(1, 0, [1, 2, 3]))).toBe(rules.proposals)
})

it('finds a proposal from before the controller took somebody out', () => {
  propose(0, [1, 2, 3])
  hand.writeState(1, 0, [1])
  expect(brokenBy(() => hand.writeState(1, 0, [1, 2, 3]))).toBe(rules.proposals)
})

it('lets the controller take members out by itself, and an unclean leader in', () => {
  expect(brokenBy(() => hand.writeState(1, 0, [1]))).toBeNull()
  hand.create('/config/topics/t', JSON.stringify({ version: 1, config: { 'unclean.leader.election.enable': 'true' } }))
  expect(brokenBy(() => hand.writeState(3, 1, [3]))).toBeNull()
})
