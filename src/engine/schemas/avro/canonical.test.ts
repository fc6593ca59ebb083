/** The texts that registered schemas are known by: what Avro Java 1.12 writes. */
import { describe, expect, it } from 'vitest'
import { avroFormat } from './index'
import { schemaOf } from './testing/schemas'

const canonical = (text: string): string => avroFormat.canonicalText(schemaOf(text, new Map(), false))
const normalized = (text: string): string => avroFormat.normalizedText(schemaOf(text, new Map(), false))

describe('canonical text', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['a primitive in an object', '{ "type": "int" }', '"int"'],
    ['doc of a primitive is no attribute', '{"type":"int","doc":"x","a":1}', '{"type":"int","a":1}'],
    [
      'order of keys',
      '{"fields":[{"type":"int","a":1,"aliases":["y"],"order":"DESCENDING","default":1,"doc":"f","name":"x"}],"aliases":["S"],"b":2,"doc":"d","namespace":"n","name":"R","type":"record"}',
      '{"type":"record","name":"R","namespace":"n","doc":"d","fields":[{"name":"x","type":"int","doc":"f","default":1,"order":"descending","aliases":["y"],"a":1}],"b":2,"aliases":["S"]}',
    ],
    [
      'a name with dots is split',
      '{"type":"fixed","name":"a.b.F","size":2}',
      '{"type":"fixed","name":"F","namespace":"a.b","size":2}',
    ],
    [
      'namespaces only where they change, names relative to them',
      '{"type":"record","name":"R","namespace":"n","fields":[{"name":"a","type":{"type":"enum","name":"E","namespace":"m","symbols":["A"],"default":"A"}},{"name":"b","type":"m.E"},{"name":"c","type":["null","n.R"],"order":"ascending"},{"name":"d","type":{"type":"fixed","name":"F","namespace":"","size":1}},{"name":"e","type":"F"}]}',
      '{"type":"record","name":"R","namespace":"n","fields":[{"name":"a","type":{"type":"enum","name":"E","namespace":"m","symbols":["A"],"default":"A"}},{"name":"b","type":"m.E"},{"name":"c","type":["null","R"]},{"name":"d","type":{"type":"fixed","name":"F","namespace":"","size":1}},{"name":"e","type":"F"}]}',
    ],
    ['an error stays one', '{"type":"error","name":"E","fields":[]}', '{"type":"error","name":"E","fields":[]}'],
    [
      'numbers and texts as Jackson writes them',
      '{"type":"string","big":123456789012345678901234567890,"d":[1.50,1e3,1E-5,0.001,12345678.5,-0.0],"t":"\\u001f\\u00e9\\/\\\\u001f"}',
      '{"type":"string","big":123456789012345678901234567890,"d":[1.5,1000.0,1.0E-5,0.001,1.23456785E7,-0.0],"t":"\\u001Fé/\\\\u001f"}',
    ],
    [
      'a double default in quotes is a number',
      '{"type":"record","name":"R","fields":[{"name":"a","type":"double","default":"1"}]}',
      '{"type":"record","name":"R","fields":[{"name":"a","type":"double","default":1.0}]}',
    ],
    ['a repeated key counts once, with its last value', '{"type":"int","a":1,"b":2,"a":3}', '{"type":"int","a":3,"b":2}'],
  ]
  for (const [name, text, expected] of cases)
    it(name, () => {
      expect(canonical(text)).toBe(expected)
    })

  it('writes a type where it is used first, wherever it was defined', () => {
    const text =
      '{"type":"record","name":"R","fields":[{"name":"a","type":"F"},{"name":"b","type":{"type":"fixed","name":"F","size":1}}]}'
    expect(canonical(text)).toBe(
      '{"type":"record","name":"R","fields":[{"name":"a","type":{"type":"fixed","name":"F","size":1}},{"name":"b","type":"F"}]}',
    )
  })
})

describe('normalized text', () => {
  it('sorts attributes behind the logical type, aliases and keys inside of values', () => {
    expect(normalized('{"type":"bytes","z":{"b":1,"a":2},"scale":2,"logicalType":"decimal","a":1,"precision":9}')).toBe(
      '{"type":"bytes","logicalType":"decimal","precision":9,"scale":2,"a":1,"z":{"a":2,"b":1}}',
    )
    expect(
      normalized(
        '{"type":"record","name":"R","doc":"","fields":[{"name":"a","type":"double","default":1,"doc":"","aliases":["z","y"]}],"aliases":["Q","P"]}',
      ),
    ).toBe(
      '{"type":"record","name":"R","fields":[{"name":"a","type":"double","doc":"","default":1.0,"aliases":["y","z"]}],"aliases":["P","Q"]}',
    )
    expect(normalized('{"type":"long","z":1,"logicalType":"unknown","a":1}')).toBe(
      '{"type":"long","a":1,"logicalType":"unknown","z":1}',
    )
  })
})
