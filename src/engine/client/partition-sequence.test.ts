import { describe, expect, it } from 'vitest'
import { sequenceAfter } from '../wire/records'
import { PartitionSequence } from './partition-sequence'

const adopted = (producerEpoch = 0) => {
  const sequence = new PartitionSequence()
  sequence.adopt({ producerId: 7n, producerEpoch })
  return sequence
}

describe('PartitionSequence', () => {
  it('counts records, and stays where it is until a batch is acknowledged', () => {
    const sequence = adopted()
    expect([sequence.place(), sequence.place()]).toEqual(Array(2).fill({ producerId: 7n, producerEpoch: 0, baseSequence: 0 }))
    sequence.onAcknowledged(3)
    expect(sequence.place().baseSequence).toBe(3)
  })

  it('goes round from 2^31-1 to 0', () => {
    expect([sequenceAfter(0x7ffffffe, 1), sequenceAfter(0x7fffffff, 1), sequenceAfter(0x7ffffffd, 5)]).toEqual([0x7fffffff, 0, 2])
    const sequence = adopted()
    sequence.onAcknowledged(0x7fffffff)
    sequence.onAcknowledged(4)
    expect(sequence.place().baseSequence).toBe(3)
  })

  it('starts anew in the next epoch, and asks for another id after the last', () => {
    const sequence = adopted(0x7ffe)
    sequence.onAcknowledged(5)
    sequence.raiseEpoch()
    expect(sequence.place()).toEqual({ producerId: 7n, producerEpoch: 0x7fff, baseSequence: 0 })
    sequence.raiseEpoch()
    expect([sequence.producerId, sequence.burntProducerId]).toEqual([null, 7n])
    expect(() => sequence.adopt({ producerId: 7n, producerEpoch: 0 })).toThrow(/used up/)
    sequence.adopt({ producerId: 8n, producerEpoch: 0 })
    expect(sequence.place()).toEqual({ producerId: 8n, producerEpoch: 0, baseSequence: 0 })
  })
})
