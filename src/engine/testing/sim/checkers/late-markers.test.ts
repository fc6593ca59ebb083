import { beforeEach, describe, expect, it } from 'vitest'
import { WriteTxnMarkers } from '../../../wire/messages'
import { HandMadeWorld } from './hand-made-world'
import { checkerFactories } from './index'
import { LateMarkers } from './late-markers'

const producerId = 7n

let hand: HandMadeWorld
let late: LateMarkers

beforeEach(() => {
  hand = new HandMadeWorld(checkerFactories)
  late = new LateMarkers(hand.world)
})

function ask(transactionVersion: number, coordinatorEpoch = 3): void {
  const topics = [{ name: 't', partitionIndexes: [0] }]
  const marker = { producerId, producerEpoch: 1, transactionResult: true, coordinatorEpoch, topics }
  hand.ask(WriteTxnMarkers, 2, { markers: [{ ...marker, transactionVersion }] })
}

function answer(errorCode = 0): void {
  const topics = [{ name: 't', partitions: [{ partitionIndex: 0, errorCode }] }]
  hand.answer(WriteTxnMarkers, 2, { markers: [{ producerId, topics }] })
}

describe('late markers', () => {
  it('are those of which another was answered while they were on their way', () => {
    ask(1)
    ask(1)
    answer()
    expect(late.isHaunted(producerId)).toBe(true)
    expect(late.isHaunted(8n)).toBe(false)
  })

  it('are none where each is answered before the next, where nothing was written, and in version 2', () => {
    ask(1)
    answer()
    ask(1)
    answer(6)
    ask(2)
    ask(2)
    answer()
    expect(late.isHaunted(producerId)).toBe(false)
  })

  it('are none where the broker has died since, or a later coordinator has spoken', () => {
    ask(1)
    hand.broker(1).restart(0)
    ask(1)
    answer()
    ask(1, 3)
    ask(1, 4)
    answer()
    expect(late.isHaunted(producerId)).toBe(false)
  })
})
