import { describe, expect, it } from 'vitest'
import { SerdeError } from '../../engine/schemas/serde'
import { reasonOf, SchemaCodec, sayWhy } from './codecs'

it('says where a payload ended once, whether the decoder said it or not', () => {
  expect(reasonOf(new SerdeError('the payload ends within a long, at byte 2', null, 2))).toBe(
    'the payload ends within a long, at byte 2',
  )
  expect(reasonOf(new SerdeError('no such branch', null, 12))).toBe('no such branch, at byte 12 of the payload')
})

describe('a Protobuf file with several messages', () => {
  const text = `syntax = "proto3";
package shop;
message Order { string id = 1; message Line { int32 count = 1; } }
message Refund { string order_id = 1; int64 cents = 2; }
`
  const codec = new SchemaCodec({ type: 'PROTOBUF', text, references: [], referencedTexts: new Map() })
  const roundTrip = (json: string) => {
    const { payload, messageIndexes } = codec.encode(json)
    return { messageIndexes, json: codec.show(payload, messageIndexes) }
  }

  it('is written with the first one where none is named, and shows it as it is', () => {
    expect(roundTrip('{"id":"1"}')).toEqual({ messageIndexes: [0], json: '{"id":"1"}' })
    expect(roundTrip('{"@type":"shop.Order","id":"1"}')).toEqual({ messageIndexes: [0], json: '{"id":"1"}' })
  })

  it('is written with the one that the text names, whose JSON can be sent again', () => {
    const refund = { messageIndexes: [1], json: '{"@type":"shop.Refund","orderId":"1","cents":"9223372036854775807"}' }
    expect(roundTrip('{"@type":"Refund","order_id":"1","cents":9223372036854775807}')).toEqual(refund)
    expect(roundTrip(refund.json)).toEqual(refund)
    const line = { messageIndexes: [0, 0], json: '{"@type":"shop.Order.Line","count":3}' }
    expect(roundTrip('{"count":3,"@type":"shop.Order.Line"}')).toEqual(line)
    expect(roundTrip(line.json)).toEqual(line)
  })

  it('says which messages there are where the one that is named is not', () => {
    try {
      codec.encode('{"@type":"shop.Refunds"}')
      expect.unreachable()
    } catch (error) {
      expect(sayWhy(error)).toBe(
        '["@type"]: the schema has no message shop.Refunds: it has shop.Order, shop.Order.Line, shop.Refund.',
      )
    }
  })

  it('is decoded for machines without a name', () => {
    const { payload, messageIndexes } = codec.encode('{"@type":"Refund"}')
    expect(codec.decode(payload, messageIndexes)).not.toContain('@type')
  })
})
