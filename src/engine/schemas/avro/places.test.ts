import { describe, expect, it } from 'vitest'
import { avroFormat } from './index'

const order = `{
  "type": "record", "name": "Order", "namespace": "com.acme",
  "fields": [
    { "name": "id", "type": "long" },
    { "name": "status", "type": { "type": "enum", "name": "Status", "symbols": ["PLACED", "PAID"] } },
    { "name": "total", "type": { "type": "bytes", "logicalType": "decimal", "precision": 12, "scale": 2 } },
    { "name": "lines", "type": { "type": "array", "items": { "type": "record", "name": "Line", "fields": [{ "name": "sku", "type": "string" }] } } },
    { "name": "last", "type": ["null", "Line"], "default": null }
  ]
}`

describe('locate', () => {
  const found = (path: string, text = order): string | null => {
    const range = avroFormat.locate(text, path)
    return range && text.slice(range.from, range.to)
  }

  it('underlines what is short: names of fields and types, keys, symbols', () => {
    expect(found('')).toBe('"Order"')
    expect(found('/')).toBe('"Order"')
    expect(found('/name')).toBe('"Order"')
    expect(found('/fields/0')).toBe('"id"')
    expect(found('/fields/0/type')).toBe('"long"')
    expect(found('/fields/1/type')).toBe('"Status"')
    expect(found('/fields/1/type/symbols')).toBe('"symbols"')
    expect(found('/fields/1/type/symbols/1')).toBe('"PAID"')
    expect(found('/fields/2/type/logicalType')).toBe('"decimal"')
    expect(found('/fields/3/type/items/fields/0/type')).toBe('"string"')
    expect(found('/fields/4/default')).toBe('null')
  })

  it('goes on where a name leads', () => {
    expect(found('/fields/4/type/1/fields/0')).toBe('"sku"')
  })

  it('finds nothing where nothing is, and what there is in a broken text', () => {
    expect(found('/fields/9')).toBeNull()
    expect(found('/fields/0', '{ "fields": [ { "name": "id" ')).toBe('"id"')
    expect(found('', '')).toBeNull()
  })
})

describe('outline', () => {
  it('tells fields, symbols and inner types with their types in words', () => {
    const [root] = avroFormat.outline(order)
    expect([root!.name, root!.detail]).toEqual(['Order', 'record Order'])
    expect(root!.children.map(({ name, detail }) => `${name}: ${detail}`)).toEqual([
      'id: long',
      'status: enum Status',
      'total: decimal',
      'lines: array of record Line',
      'last: Line?',
    ])
    expect(root!.children[1]!.children.map(({ name, path }) => `${name} ${path}`)).toEqual([
      'PLACED /fields/1/type/symbols/0',
      'PAID /fields/1/type/symbols/1',
    ])
    expect(root!.children[3]!.children[0]!.path).toBe('/fields/3/type/items/fields/0')
    const line = root!.children[0]!
    expect(order.slice(line.from, line.to)).toBe('{ "name": "id", "type": "long" }')
  })

  it('has paths that locate finds', () => {
    const visit = (entries: ReturnType<typeof avroFormat.outline>): void => {
      for (const entry of entries) {
        const place = avroFormat.locate(order, entry.path)!
        expect(entry.from <= place.from && place.to <= entry.to).toBe(true)
        visit(entry.children)
      }
    }
    visit(avroFormat.outline(order))
  })

  it('reads broken texts and bare types', () => {
    expect(avroFormat.outline('{"type":"record","name":"R","fields":[{"name":"a","type":').map(({ name }) => name)).toEqual(['R'])
    expect(avroFormat.outline('{"type":"array"}')[0]!.detail).toBe('array')
    expect(avroFormat.outline('["null", {"type":"record","name":"R","fields":[]}]').map(({ name }) => name)).toEqual(['R'])
    expect(avroFormat.outline('"string"')).toEqual([])
    expect(avroFormat.outline('')).toEqual([])
  })
})

describe('format', () => {
  const formatted = (text: string): string => {
    const outcome = avroFormat.format(text)
    return outcome.ok ? outcome.value : outcome.error.map((problem) => problem.message).join(' ')
  }

  it('writes a field a line, keeps the order of keys and changes nothing the second time', () => {
    const text = formatted(
      '{"type":"record","fields":[{"type":"long","name":"a"},{"name":"b","type":["null","string"],"default":null}],"name":"R"}',
    )
    expect(text).toBe(`{
  "type": "record",
  "fields": [
    { "type": "long", "name": "a" },
    { "name": "b", "type": ["null", "string"], "default": null }
  ],
  "name": "R"
}
`)
    expect(formatted(text)).toBe(text)
    expect(formatted(formatted(order))).toBe(formatted(order))
  })

  it('keeps comments', () => {
    expect(formatted('{"type":"fixed", // in bytes\n"size":4,"name":"F"}')).toContain('// in bytes')
  })

  it('fails on what is no JSON', () => {
    expect(formatted('{"a":1,}')).toBe('There is a comma behind the last entry.')
  })
})
