import { beforeEach, expect, it } from 'vitest'
import { UpdateMetadata } from '../../../wire/messages/06-update-metadata'
import { AlterPartition } from '../../../wire/messages/56-alter-partition'
import type { AnyApi } from '../../../wire/schema'
import { Writer } from '../../../wire/writer'
import { brokenBy, HandMadeWorld, TOPIC_ID } from './hand-made-world'
import { checkerFactories } from './index'
import { rules } from './rules'

let hand: HandMadeWorld

function headed(api: AnyApi, version: number): Writer {
  const request = new Writer()
  request.int16(api.key)
  request.int16(version)
  request.int32(1)
  request.string('broker', false)
  request.int8(0)
  return request
}

/** The controller on broker 2 tells broker 3 who is there, by the epoch in which it knows it. */
function address(brokerEpoch: number): void {
  const version = 8
  const request = headed(UpdateMetadata as AnyApi, version)
  UpdateMetadata.request.encode(
    request,
    { controllerId: 2, controllerEpoch: 1, brokerEpoch, topicStates: [], liveBrokers: [] },
    version,
  )
  hand.send({ connectionId: 8, serverPort: 9003, toHost: '10.0.0.3', isFromOpener: true }, request.bytes())
}

/** Broker 1, the leader, proposes to the controller on broker 2. */
function propose(partitionEpoch: number, isr: readonly number[]): void {
  const version = 3
  const request = headed(AlterPartition as AnyApi, version)
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

it.each([
  [1, null],
  [2, rules.proposedIncarnation],
])('takes a member in where the controller knows it by broker epoch %i, and the leader by 1: %s', (brokerEpoch, broken) => {
  address(brokerEpoch)
  propose(0, [1, 2, 3])
  expect(brokenBy(() => hand.writeState(1, 0, [1, 2, 3]))).toBe(broken)
})

it('lets the controller take members out by itself, and an unclean leader in', () => {
  expect(brokenBy(() => hand.writeState(1, 0, [1]))).toBeNull()
  hand.create('/config/topics/t', JSON.stringify({ version: 1, config: { 'unclean.leader.election.enable': 'true' } }))
  expect(brokenBy(() => hand.writeState(3, 1, [3]))).toBeNull()
})
