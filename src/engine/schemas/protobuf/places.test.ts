/** Paths lead to places in any text that can be read in part, and the outline shows what stands in it. */
import { describe, expect, it } from 'vitest'
import { protobufFormat } from '.'
import { indexesOfMessage, messageAtIndexes } from './message-indexes'
import { parsed } from './testing/schemas'

const text = `syntax = "proto3";
package shop;
message Order {
  string id = 1;
  oneof payment { int64 cash = 2; }
  message Line { Kind kind = 1; }
  enum Kind { NEW = 0; }
  map<string, Line> lines = 3;
}
message Other {}
service Orders { rpc Watch (Order) returns (stream Order); }
`
const at = (path: string): string | null => {
  const range = protobufFormat.locate(text, path)
  return range === null ? null : text.slice(range.from, range.to)
}

describe('places in a .proto text', () => {
  it('are found by dotted names: types, fields, oneofs and their fields, values, methods', () => {
    expect(
      ['package', 'Order', 'Order.id', 'Order.payment', 'Order.cash', 'Order.Line.kind', 'Order.Kind.NEW', 'Orders.Watch'].map(
        at,
      ),
    ).toEqual(['shop', 'Order', 'string id = 1;', 'payment', 'int64 cash = 2;', 'Kind kind = 1;', 'NEW = 0;', 'Watch'])
    expect(['Nope', 'Order.nope', 'Order.Line.kind.more'].map(at)).toEqual([null, null, null])
  })

  it('are where an incompatibility says, in both texts', () => {
    const older = text.replace('string id', 'int32 id')
    const [only] = protobufFormat.incompatibilities(parsed(text), parsed(older), 'STRICT')
    expect(at(only!.path)).toBe('string id = 1;')
    expect(protobufFormat.locate(older, only!.writerPath!)).not.toBeNull()
  })

  it('show in the outline in the order of the text, also of a broken one', () => {
    interface Entry {
      readonly name: string
      readonly detail: string
      readonly children: readonly Entry[]
    }
    const lines = (entries: readonly Entry[], indent = ''): readonly string[] =>
      entries.flatMap(({ name, detail, children }) => [`${indent}${name}: ${detail}`, ...lines(children, `${indent}  `)])
    expect(lines(protobufFormat.outline(text.replace('string id = 1;', 'string id = ;')))).toEqual([
      'Order: message',
      '  payment: oneof',
      '    cash: int64 = 2',
      '  Line: message',
      '    kind: Kind = 1',
      '  Kind: enum',
      '    NEW: 0',
      '  lines: map<string, Line> = 3',
      'Other: message',
      'Orders: service',
      '  Watch: Order → stream Order',
    ])
  })
})

describe('message indexes', () => {
  it('count messages and not enums, and lead both ways', () => {
    const { file } = parsed(text)
    for (const [name, indexes] of [
      ['Order', [0]],
      ['Order.Line', [0, 0]],
      ['Other', [1]],
    ] as const) {
      expect(indexesOfMessage(file, name)).toEqual(indexes)
      expect(messageAtIndexes(file, indexes)?.name).toBe(name)
    }
    expect(messageAtIndexes(file, [0, 1])).toBeNull()
    expect(indexesOfMessage(file, 'Order.Kind')).toBeNull()
    expect(protobufFormat.recordName(parsed(text))).toBe('shop.Order')
  })

  it('count entries of maps as Python and Go do where they lead nowhere without', () => {
    const { file } = parsed('syntax = "proto3"; message A { message B {} map<string, int32> m = 1; message C { message D {} } }')
    expect(messageAtIndexes(file, [0, 1])?.name).toBe('A.C')
    expect(messageAtIndexes(file, [0, 2])?.name).toBe('A.C')
    expect(messageAtIndexes(file, [0, 2, 0])?.name).toBe('A.C.D')
    expect(messageAtIndexes(file, [0, 3])).toBeNull()
    const mapFirst = parsed('syntax = "proto3"; message A { map<string, int32> m = 1; message B { message C {} } }')
    expect(messageAtIndexes(mapFirst.file, [0, 1, 0])?.name).toBe('A.B.C')
  })
})
