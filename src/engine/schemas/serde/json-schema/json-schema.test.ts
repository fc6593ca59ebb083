import { describe, expect, test } from 'vitest'
import { CodecSchemaError, compileCodec } from '../codec'
import { SerdeError } from '../serde-error'

const codecOf = (schema: unknown, references: Record<string, unknown> = {}) =>
  compileCodec({
    type: 'JSON',
    text: typeof schema === 'string' ? schema : JSON.stringify(schema),
    references: new Map(Object.entries(references).map(([name, text]) => [name, JSON.stringify(text)])),
  })

const errorOf = (schema: unknown, json: string): { path: string; message: string; value: string | null } | null => {
  try {
    codecOf(schema).encode(json)
    return null
  } catch (error) {
    if (!(error instanceof SerdeError)) throw error
    return { path: error.path, message: error.message, value: error.value }
  }
}

test('the payload is the text as it stands, both ways', () => {
  const codec = codecOf({ type: 'object' })
  const json = ' {"a": 9223372036854775807, "b":1.10}\n'
  expect(Buffer.from(codec.encode(json)).toString()).toBe(json)
  expect(codec.decode(Buffer.from(json)).json).toBe(json)
})

test('an error leads to the value', () => {
  const schema = {
    type: 'object',
    properties: { items: { type: 'array', items: { type: 'object', properties: { 'unit price': { type: 'integer' } } } } },
  }
  expect(errorOf(schema, '{"items":[{},{"unit price":1.5}]}')).toEqual({
    path: 'items[1]["unit price"]',
    message: '1.5 must be integer',
    value: '1.5',
  })
  expect(errorOf({ required: ['id'] }, '{}')?.message).toBe("{} must have the property 'id'")
  expect(errorOf({ properties: {}, additionalProperties: false }, '{"x":1}')?.message).toContain("must have no property 'x'")
  expect(errorOf({ type: 'string', format: 'date' }, '"2024-02-30"')?.message).toBe('"2024-02-30" must match format "date"')
  const nested = { anyOf: [{ type: 'null' }, { type: 'object', properties: { a: { type: 'string' } } }] }
  expect(errorOf(nested, '{"a":1}')?.path).toBe('a')
})

test('what is sent is held to the schema when it is read, too', () => {
  const codec = codecOf({ type: 'object' })
  expect(() => codec.decode(Buffer.from('[]'))).toThrow('[] must be object')
  expect(() => codec.decode(Buffer.from('{'))).toThrow('the payload is no JSON: ')
  expect(() => codec.decode(Buffer.from('22ff22', 'hex'))).toThrow('no UTF-8')
})

describe('numbers are compared as they are written', () => {
  test.each([
    ['{"maximum":9223372036854775807}', '9223372036854775807', null],
    ['{"maximum":9223372036854775807}', '9223372036854775808', 'must be <= 9223372036854775807'],
    ['{"exclusiveMinimum":9007199254740992}', '9007199254740993', null],
    ['{"exclusiveMinimum":9007199254740993}', '9007199254740993', 'must be > 9007199254740993'],
    ['{"const":9007199254740993}', '9007199254740992', 'must be 9007199254740993'],
    ['{"enum":[1.0,9007199254740993]}', '9007199254740993.0', null],
    ['{"enum":[9007199254740993]}', '9007199254740992', 'must be one of [9007199254740993]'],
    ['{"multipleOf":0.01}', '4.35', null],
    ['{"multipleOf":3}', '9223372036854775807', 'must be multiple of 3'],
    ['{"type":"integer"}', '0.9999999999999999999', 'must be integer'],
    ['{"type":"integer"}', '1e400', null],
    ['{"type":"integer"}', '1.0', null],
    ['{"uniqueItems":true}', '[9007199254740992,9007199254740993]', null],
    ['{"uniqueItems":true}', '[1,{"a":1,"b":2},1.0]', 'must hold no item twice: items 0 and 2 are equal'],
    ['{"$schema":"http://json-schema.org/draft-04/schema#","maximum":5,"exclusiveMaximum":true}', '5', 'must be < 5'],
    [
      '{"properties":{"a":{"$ref":"#/definitions/n"}},"definitions":{"n":{"minimum":9007199254740993}}}',
      '{"a":9007199254740992}',
      'must be >= 9007199254740993',
    ],
  ])('%s, %s', (schema, json, message) => {
    const error = errorOf(schema, json)
    if (message === null) expect(error).toBeNull()
    else expect(error?.message).toContain(message)
  })
})

describe('drafts', () => {
  test.each([
    [
      'http://json-schema.org/draft-04/schema#',
      { id: 'http://x/y', definitions: { a: { type: 'integer' } }, $ref: '#/definitions/a' },
      '"x"',
    ],
    ['http://json-schema.org/draft-06/schema#', { contains: { const: 1 } }, '[2]'],
    ['http://json-schema.org/draft-07/schema#', { if: { minimum: 5 }, else: false }, '4'],
    ['https://json-schema.org/draft/2019-09/schema', { dependentRequired: { a: ['b'] } }, '{"a":1}'],
    ['https://json-schema.org/draft/2020-12/schema', { prefixItems: [{ type: 'string' }], items: false }, '["a",1]'],
    ['https://json-schema.org/draft/2020-12/schema', { properties: { a: true }, unevaluatedProperties: false }, '{"b":1}'],
    [
      'https://json-schema.org/draft/2020-12/schema',
      { $dynamicAnchor: 'n', properties: { next: { $dynamicRef: '#n' } }, required: ['v'] },
      '{"v":1,"next":{}}',
    ],
  ])('%s knows its keywords', ($schema, schema, wrong) => {
    expect(errorOf({ $schema, ...schema }, wrong)).not.toBeNull()
  })
})

describe('references', () => {
  const address = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] }

  test.each([
    ['by name', { properties: { to: { $ref: 'address.json' } } }, { 'address.json': address }],
    [
      'below the $id of the schema',
      { $id: 'http://shop/order.json', properties: { to: { $ref: 'address.json' } } },
      { 'address.json': address },
    ],
    [
      'by the $id of the reference',
      { properties: { to: { $ref: 'http://shop/address.json' } } },
      { 'address.json': { $id: 'http://shop/address.json', ...address } },
    ],
    [
      'into its parts',
      { properties: { to: { properties: { city: { $ref: 'address.json#/properties/city' } }, required: ['city'] } } },
      { 'address.json': address },
    ],
    [
      'through others',
      { properties: { to: { $ref: 'b.json' } } },
      { 'address.json': address, 'b.json': { $ref: 'address.json' } },
    ],
  ])('are followed %s', (_, schema, references) => {
    const codec = codecOf(schema, references)
    codec.encode('{"to":{"city":"Ghent"}}')
    expect(() => codec.encode('{"to":{}}')).toThrow("must have the property 'city'")
    expect(() => codec.encode('{"to":{"city":1}}')).toThrow('1 must be string')
  })

  test('one that leads to itself without end is told, and does not bring us down', () => {
    expect(errorOf({ properties: { a: { $ref: '#' } }, required: ['v'] }, '{"v":1,"a":{}}')?.path).toBe('a')
    expect(errorOf({ allOf: [{ $ref: '#' }] }, '1')?.message).toContain('refers to itself without end')
    const endless = { $ref: '#/definitions/a', definitions: { a: { $ref: '#/definitions/b' }, b: { $ref: '#/definitions/a' } } }
    expect(() => codecOf(endless)).toThrow('the schema refers to itself without end')
  })

  test('one that leads nowhere is a fault of the schema', () => {
    expect(() => codecOf({ $ref: 'gone.json' })).toThrow(CodecSchemaError)
    expect(() => codecOf('{')).toThrow('the schema is no JSON')
  })
})

test('patterns that only Java takes do not keep a schema from being used', () => {
  expect(errorOf({ pattern: '^[\\w\\-]+$' }, '"a-b"')).toBeNull()
  expect(errorOf({ pattern: '^\\p{L}+$' }, '"é"')).toBeNull()
})

test('names that every object has are no properties', () => {
  expect(errorOf({ required: ['toString'] }, '{}')?.message).toContain("'toString'")
  expect(errorOf({ properties: { __proto__: { type: 'string' } } }, '{"__proto__":1}')).toBeNull()
  expect(errorOf('{"additionalProperties":{"type":"string"}}', '{"__proto__":1}')?.path).toBe('__proto__')
})
