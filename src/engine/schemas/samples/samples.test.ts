import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { inferSchema } from '../inference'
import { compileCodec } from '../serde'
import { SampleError, type SampleSchema, sampleMessages } from './index'

const none = new Map<string, string>()
const avro = (schema: unknown): SampleSchema => ({ type: 'AVRO', text: JSON.stringify(schema), references: none })
const json = (schema: unknown): SampleSchema => ({
  type: 'JSON',
  text: typeof schema === 'string' ? schema : JSON.stringify(schema),
  references: none,
})

/** Each is taken by the schema, and for Avro it stands in the form that a message is shown in. */
const check = (schema: SampleSchema, count = 8): readonly string[] => {
  const samples = sampleMessages(schema, { seed: 7, count })
  const codec = compileCodec(schema)
  for (const sample of samples) expect(codec.decode(codec.encode(sample)).json).toBe(sample)
  return samples
}

const order = {
  type: 'record',
  name: 'Order',
  namespace: 'shop',
  fields: [
    { name: 'orderId', type: { type: 'string', logicalType: 'uuid' } },
    { name: 'customerEmail', type: ['null', 'string'], default: null },
    { name: 'city', type: 'string' },
    { name: 'totalPrice', type: { type: 'bytes', logicalType: 'decimal', precision: 10, scale: 2 } },
    { name: 'createdAt', type: { type: 'long', logicalType: 'timestamp-nanos' } },
    { name: 'shipDate', type: { type: 'int', logicalType: 'date' } },
    { name: 'state', type: { type: 'enum', name: 'State', symbols: ['NEW', 'PAID'] } },
    {
      name: 'payment',
      type: [
        'null',
        { type: 'record', name: 'Card', fields: [{ name: 'n', type: 'string' }] },
        { type: 'record', name: 'Cash', fields: [{ name: 'n', type: 'int' }] },
      ],
    },
    {
      name: 'items',
      type: {
        type: 'array',
        items: {
          type: 'record',
          name: 'Item',
          fields: [
            { name: 'name', type: 'string' },
            { name: 'quantity', type: 'int' },
          ],
        },
      },
    },
    { name: 'hash', type: { type: 'fixed', name: 'H', size: 4 } },
    { name: 'pause', type: { type: 'fixed', name: 'P', size: 12, logicalType: 'duration' } },
    { name: 'extra', type: { type: 'map', values: ['int', 'long', 'string', 'float', 'double', 'boolean'] } },
  ],
}

describe('Avro', () => {
  test('values are what their names and types say', () => {
    const samples = check(avro(order))
    const first = samples
      .map((sample) => JSON.parse(sample) as Record<string, unknown>)
      .find(({ customerEmail }) => customerEmail !== null)!
    expect(first['customerEmail']).toMatch(/^[^@\s]+@[^@\s]+\.[a-z]+$/)
    expect(first['createdAt']).toMatch(/^202[45]-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/)
    expect(first['totalPrice']).toBeGreaterThanOrEqual(1)
    expect((first['items'] as { quantity: number }[]).every(({ quantity }) => quantity >= 1 && quantity <= 20)).toBe(true)
  })

  test('a seed gives the same messages, another one others', () => {
    const of = (seed: number): readonly string[] => sampleMessages(avro(order), { seed, count: 5 })
    expect(of(1)).toEqual(of(1))
    expect(of(1)).not.toEqual(of(2))
    expect(new Set(of(1)).size).toBe(5)
  })

  test('recursion ends', () => {
    const tree = (children: unknown) => ({
      type: 'record',
      name: 'Node',
      fields: [
        { name: 'v', type: 'int' },
        { name: 'c', type: children },
      ],
    })
    check(avro(tree({ type: 'array', items: 'Node' })))
    check(avro(tree(['Node', 'null'])))
    check(avro(tree({ type: 'map', values: ['null', 'Node'] })))
    check(avro(tree(['Node', { type: 'record', name: 'Leaf', fields: [{ name: 'x', type: ['Node', 'string'] }] }])))
    expect(() => sampleMessages(avro(tree('Node')), { seed: 1, count: 1 })).toThrow(SampleError)
  })

  test('pretty ones have lines', () => {
    expect(sampleMessages(avro({ type: 'array', items: 'int' }), { seed: 1, count: 1, pretty: true })[0]).toMatch(/^\[\n {2}\d/)
  })
})

describe('JSON Schema', () => {
  test.each([
    [
      {
        type: 'object',
        properties: { email: { type: 'string', format: 'email' }, age: { type: 'integer', minimum: 18, maximum: 20 } },
        required: ['email', 'age'],
        additionalProperties: false,
      },
    ],
    [{ type: 'string', pattern: '^[A-Z]{2}-\\d{4}(?:-(?:a|b)+)?$', maxLength: 9 }],
    [{ type: 'string', pattern: '^\\+?[0-9 ()-]{7,15}$' }],
    [{ type: 'string', minLength: 200 }],
    [{ type: 'string', maxLength: 2 }],
    [{ type: 'number', multipleOf: 0.01, minimum: 0.05, exclusiveMaximum: 0.07 }],
    [{ type: 'number', exclusiveMinimum: 1, exclusiveMaximum: 2 }],
    [{ type: 'integer', multipleOf: 2.5, minimum: -20, maximum: -1 }],
    [{ type: 'integer', minimum: -5, maximum: -5 }],
    [{ enum: ['a', 1, null, { b: [1] }] }],
    [{ const: { a: [1, 2.5] } }],
    [{ type: ['string', 'null'], format: 'date-time' }],
    [{ type: 'array', items: { type: 'integer', minimum: 1, maximum: 5 }, uniqueItems: true, minItems: 4 }],
    [{ type: 'array', items: [{ type: 'string' }, { type: 'integer' }], additionalItems: false, minItems: 2 }],
    [
      {
        $schema: 'https://json-schema.org/draft/2020-12/schema',
        type: 'array',
        prefixItems: [{ type: 'boolean' }],
        items: { type: 'string' },
        contains: { const: 'x' },
        minItems: 3,
        minContains: 1,
      },
    ],
    [{ type: 'object', additionalProperties: { type: 'number' }, minProperties: 2, propertyNames: { pattern: '^[a-z]{3}$' } }],
    [{ type: 'object', patternProperties: { '^x-[a-z]+$': { type: 'integer' } }, additionalProperties: false, minProperties: 1 }],
    [
      {
        allOf: [
          { type: 'object', properties: { a: { type: 'integer', minimum: 3 } } },
          { properties: { a: { maximum: 4 } }, required: ['a'] },
        ],
      },
    ],
    [
      {
        oneOf: [
          { type: 'object', properties: { kind: { const: 'card' }, n: { type: 'string' } }, required: ['kind', 'n'] },
          { type: 'object', properties: { kind: { const: 'cash' } }, required: ['kind'] },
        ],
      },
    ],
    [
      `{"type":"object","properties":{"a":{"type":"boolean"}},"required":["a"],"if":{"properties":{"a":{"const":true}}},
      "then":{"properties":{"b":{"type":"integer"}},"required":["b"]},"else":{"properties":{"b":false}}}`,
    ],
    [
      {
        $ref: '#/definitions/node',
        definitions: {
          node: {
            type: 'object',
            properties: {
              v: { type: 'string' },
              next: { anyOf: [{ $ref: '#/definitions/node' }, { type: 'null' }] },
              kids: { type: 'array', items: { $ref: '#/definitions/node' } },
            },
            required: ['v', 'next', 'kids'],
          },
        },
      },
    ],
    [{ $schema: 'http://json-schema.org/draft-04/schema#', type: 'integer', minimum: 5, exclusiveMinimum: true, maximum: 6 }],
    [
      {
        type: 'object',
        properties: { a: { type: 'string' }, b: { type: 'string' } },
        dependencies: { a: ['b'] },
        not: { required: ['c'] },
      },
    ],
    [true],
    [{ examples: [{ a: 1 }, { a: 2 }], type: 'object' }],
  ])('%j', (schema) => {
    check(json(schema), 5)
  })

  test('bounds of 64 bits hold to the digit', () => {
    const samples = check(json('{"type":"integer","minimum":9223372036854775806,"maximum":9223372036854775807}'), 20)
    expect(new Set(samples)).toEqual(new Set(['9223372036854775806', '9223372036854775807']))
  })

  test('references by name are followed', () => {
    const schema: SampleSchema = {
      type: 'JSON',
      text: '{"type":"object","properties":{"to":{"$ref":"address.json"},"city":{"$ref":"address.json#/properties/city"}},"required":["to","city"]}',
      references: new Map([
        ['address.json', '{"type":"object","properties":{"city":{"type":"string","minLength":1}},"required":["city"]}'],
      ]),
    }
    expect(JSON.parse(check(schema)[0]!)).toMatchObject({ to: { city: expect.any(String) }, city: expect.any(String) })
  })

  test('a schema inferred from any data gives messages that are valid', () => {
    fc.assert(
      fc.property(fc.array(fc.json({ maxDepth: 3 }), { minLength: 1, maxLength: 3 }), fc.integer(), (texts, seed) => {
        const { text } = inferSchema(texts, { language: 'json-schema', name: 'Any' })
        const schema = json(text)
        const codec = compileCodec(schema)
        for (const sample of sampleMessages(schema, { seed, count: 2 })) codec.encode(sample)
      }),
      { numRuns: 25 },
    )
  })

  test('what allows nothing says so', () => {
    expect(() => sampleMessages(json(false), { seed: 1, count: 1 })).toThrow('no message was found')
    expect(() => sampleMessages(json({ type: 'integer', minimum: 2, maximum: 1 }), { seed: 1, count: 1 })).toThrow(
      'no number lies within',
    )
  })
})

describe('Protobuf', () => {
  test('every kind of field, well-known types and recursion', () => {
    const text = `syntax = "proto3"; package shop; import "google/protobuf/timestamp.proto"; import "google/protobuf/struct.proto";
      import "google/protobuf/wrappers.proto"; import "google/protobuf/any.proto"; import "google/protobuf/duration.proto";
      message Order { string customer_email = 1; int64 id = 2; double price = 3; google.protobuf.Timestamp at = 4; State state = 5;
        map<string, Item> items = 6; repeated Order related = 7; oneof pay { string card = 8; bool cash = 9; } google.protobuf.Struct extra = 10;
        google.protobuf.Int64Value count = 11; google.protobuf.Any any = 12; google.protobuf.Duration took = 13; bytes raw = 14; map<bool, uint32> m = 15;
        enum State { UNKNOWN = 0; NEW = 1; } message Item { string name = 1; uint32 quantity = 2; } }`
    const samples = check({ type: 'PROTOBUF', text, references: none })
    expect((JSON.parse(samples[0]!) as { customerEmail: string }).customerEmail).toMatch(/@/)
  })

  test('what requires itself says so', () => {
    const text = 'syntax = "proto2"; message A { required A a = 1; }'
    expect(() => sampleMessages({ type: 'PROTOBUF', text, references: none }, { seed: 1, count: 1 })).toThrow('requires itself')
  })
})
