import { Ajv } from 'ajv'
import { describe, expect, it } from 'vitest'
import { jsonSchemaFormat } from './index'
import { schemaOf } from './testing'

const { canonicalText, normalizedText, resolvedText, recordName, format, outline, locate } = jsonSchemaFormat

describe('texts of a schema', () => {
  const text =
    '{ "type": "object",\n "title": "Order", "properties": { "b": {"maximum": 9223372036854775807}, "a": {"multipleOf": 1.50} } }'

  it('is compact and in the given order in its canonical form, numbers as written', () => {
    expect(canonicalText(schemaOf(text))).toBe(
      '{"type":"object","title":"Order","properties":{"b":{"maximum":9223372036854775807},"a":{"multipleOf":1.50}}}',
    )
  })

  it('has its keys sorted when normalized, so that order makes no new schema', () => {
    const other = '{"title":"Order","properties":{"a":{"multipleOf":1.50},"b":{"maximum":9223372036854775807}},"type":"object"}'
    expect(normalizedText(schemaOf(text))).toBe(normalizedText(schemaOf(other)))
    expect(canonicalText(schemaOf(text))).not.toBe(canonicalText(schemaOf(other)))
  })

  it('is named by its title', () => {
    expect(recordName(schemaOf(text))).toBe('Order')
    expect(recordName(schemaOf({}))).toBeNull()
  })

  it('is laid out with its order and numbers', () => {
    const laid = format(text)
    expect(laid).toEqual({
      ok: true,
      value:
        '{\n  "type": "object",\n  "title": "Order",\n  "properties": {\n    "b": { "maximum": 9223372036854775807 },\n    "a": { "multipleOf": 1.50 }\n  }\n}\n',
    })
    expect(format('{').ok).toBe(false)
  })
})

describe('a schema with its references written in', () => {
  const references = new Map([
    [
      'city.json',
      '{"$id":"http://elsewhere.example/city","type":"object","properties":{"zip":{"$ref":"#/definitions/Zip"}},"required":["zip"],"definitions":{"Zip":{"type":"string","maxLength":5}}}',
    ],
    [
      'address.json',
      '{"type":"object","properties":{"city":{"$ref":"city.json"},"back":{"$ref":"order.json#/definitions/Own"}}}',
    ],
  ])
  const schema = schemaOf(
    {
      $id: 'http://x.example/order.json',
      properties: {
        home: { $ref: 'address.json' },
        zip: { $ref: 'city.json#/definitions/Zip' },
        own: { $ref: '#/definitions/Own' },
      },
      definitions: { Own: { type: 'integer' } },
    },
    references,
  )

  it('stands alone and means the same', () => {
    const validate = new Ajv({ strict: false }).compile(JSON.parse(resolvedText(schema)))
    expect(validate({ home: { city: { zip: '12345' }, back: 1 }, zip: '1', own: 2 })).toBe(true)
    expect(validate({ home: { city: { zip: '123456' } } })).toBe(false)
    expect(validate({ home: { city: {} } })).toBe(false)
    expect(validate({ home: { back: 'a' } })).toBe(false)
    expect(validate({ zip: '123456' })).toBe(false)
    expect(validate({ own: 'a' })).toBe(false)
  })

  it('is compatible with itself in pieces, both ways', () => {
    const alone = schemaOf(resolvedText(schema))
    expect(jsonSchemaFormat.incompatibilities(alone, schema, 'STRICT')).toEqual([])
    expect(jsonSchemaFormat.incompatibilities(schema, alone, 'STRICT')).toEqual([])
  })

  it('is its canonical text where there are none', () => {
    const plain = schemaOf({ type: 'string' })
    expect(resolvedText(plain)).toBe(canonicalText(plain))
  })
})

describe('places', () => {
  const text =
    '{"properties":{"a/b":{"$ref":"#/definitions/D"},"l":{"items":[{"type":"string"}]}},"required":["x","l"],"definitions":{"D":{"properties":{"deep":{"type":"null"}}}}}'
  const at = (path: string) => {
    const range = locate(text, path)
    return range === null ? null : text.slice(range.from, range.to)
  }

  it('are found by JSON pointer, with a hash or without', () => {
    expect(at('#/properties/l/items/0')).toBe('{"type":"string"}')
    expect(at('/properties/l/items/0')).toBe('{"type":"string"}')
    expect(at('#/properties/a~1b')).toBe('"a/b":{"$ref":"#/definitions/D"}')
    expect([at(''), at('#'), at('#/')]).toEqual([text, text, text])
  })

  it('are found through references', () => {
    expect(at('#/properties/a~1b/properties/deep')).toBe('"deep":{"type":"null"}')
  })

  it('are found in required by name', () => {
    expect(at('#/required/l')).toBe('"l"')
  })

  it('are null where there is nothing', () => {
    expect(at('#/properties/none')).toBeNull()
    expect(locate('', '#')).toBeNull()
  })

  it('of every entry of the outline lie in the text', () => {
    const walk = (entries: ReturnType<typeof outline>): void => {
      for (const entry of entries) {
        expect(locate(text, entry.path)).toEqual({ from: entry.from, to: entry.to })
        walk(entry.children)
      }
    }
    walk(outline(text))
    expect(outline(text)[0]!.children.map((entry) => entry.name)).toEqual(['a/b', 'l', 'D'])
  })
})

describe('the outline', () => {
  it('names properties with their types, in the order of the text', () => {
    const text = JSON.stringify({
      title: 'Order',
      type: 'object',
      properties: {
        id: { type: 'string', format: 'uuid' },
        lines: { type: 'array', items: { type: 'object', properties: { sku: { type: ['string', 'null'] } } } },
        state: { enum: ['NEW', 'PAID'] },
      },
      required: ['id'],
    })
    const show = (entries: ReturnType<typeof outline>): unknown =>
      entries.map((entry) => [entry.name, entry.detail, ...(entry.children.length > 0 ? [show(entry.children)] : [])])
    expect(show(outline(text))).toEqual([
      [
        'Order',
        'object',
        [
          ['id', 'string (uuid)'],
          ['lines', 'array of object, optional', [['sku', 'string or null']]],
          ['state', 'one of "NEW", "PAID", optional'],
        ],
      ],
    ])
  })

  it('is read from broken texts as far as they go', () => {
    expect(outline('{"properties":{"a":{"type":"string"},')[0]!.children.map((entry) => entry.name)).toEqual(['a'])
    expect(outline('nothing at all')).toEqual([])
  })
})
