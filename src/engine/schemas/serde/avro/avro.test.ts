import { describe, expect, test } from 'vitest'
import { compileCodec } from '../codec'
import { SerdeError } from '../serde-error'

const none = new Map<string, string>()
/** A text of JSON as it stands, anything else (names of types, too) as JSON. */
const textOf = (schema: unknown): string =>
  typeof schema === 'string' && schema.startsWith('{') ? schema : JSON.stringify(schema)

const codecOf = (schema: unknown, reader?: unknown) =>
  compileCodec({
    type: 'AVRO',
    text: textOf(schema),
    references: none,
    ...(reader === undefined ? {} : { readerText: textOf(reader) }),
  })

const roundTrip = (schema: unknown, json: string): string => {
  const codec = codecOf(schema)
  return codec.decode(codec.encode(json)).json
}

const errorOf = (run: () => unknown): SerdeError => {
  try {
    run()
  } catch (error) {
    if (error instanceof SerdeError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

const record = (...fields: readonly unknown[]) => ({ type: 'record', name: 'shop.Order', fields })
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

describe('scalars', () => {
  test.each([
    ['long', '9223372036854775807'],
    ['long', '-9223372036854775808'],
    ['long', '9007199254740993'],
    ['long', '281474976710655'],
    ['long', '-562949953421312'],
    ['int', '-2147483648'],
    ['int', '2147483647'],
    ['double', '0.1'],
    ['double', '-0.0'],
    ['double', '"NaN"'],
    ['double', '"-Infinity"'],
    ['double', '5e-324'],
    ['float', '0.1'],
    ['float', '16777216'],
    ['float', '1.1754944e-38'],
    ['string', '"zażółć 🜂 \\u0000"'],
    ['bytes', '"\\u0000ÿa"'],
    ['boolean', 'true'],
    ['null', 'null'],
    [{ type: 'bytes', logicalType: 'decimal', precision: 30, scale: 4 }, '-99999999999999999999999999.9999'],
    [{ type: 'bytes', logicalType: 'decimal', precision: 30 }, '123456789012345678901234567890'],
    [{ type: 'fixed', name: 'D', size: 16, logicalType: 'decimal', precision: 30, scale: 2 }, '-0.01'],
    [{ type: 'int', logicalType: 'date' }, '"2024-02-29"'],
    [{ type: 'int', logicalType: 'date' }, '"-5877641-06-23"'],
    [{ type: 'int', logicalType: 'time-millis' }, '"23:59:59.999"'],
    [{ type: 'long', logicalType: 'time-micros' }, '"00:00:00.000001"'],
    [{ type: 'long', logicalType: 'timestamp-millis' }, '"1969-12-31T23:59:59.999Z"'],
    [{ type: 'long', logicalType: 'timestamp-micros' }, '"2024-01-31T12:34:56.789012Z"'],
    [{ type: 'long', logicalType: 'timestamp-nanos' }, '"2262-04-11T23:47:16.854775807Z"'],
    [{ type: 'long', logicalType: 'local-timestamp-nanos' }, '"1677-09-21T00:12:43.145224192"'],
    [{ type: 'long', logicalType: 'timestamp-millis' }, '"+292278994-08-17T07:12:55.807Z"'],
    [{ type: 'string', logicalType: 'uuid' }, '"123e4567-e89b-12d3-a456-426614174000"'],
    [{ type: 'fixed', name: 'U', size: 16, logicalType: 'uuid' }, '"123e4567-e89b-12d3-a456-426614174000"'],
    [{ type: 'fixed', name: 'L', size: 12, logicalType: 'duration' }, '"P4294967295M2DT3.004S"'],
    [{ type: 'fixed', name: 'F', size: 2 }, '"ÿ\\u0001"'],
    [{ type: 'enum', name: 'E', symbols: ['A', 'B'] }, '"B"'],
    [{ type: 'array', items: 'long' }, '[1,9223372036854775807]'],
    [{ type: 'map', values: 'int' }, '{"a":1,"__proto__":2}'],
  ])('%j shows %s as it was written', (schema, json) => {
    const shown = roundTrip(schema, json)
    expect(shown.startsWith('"') ? JSON.parse(shown) : shown).toEqual(json.startsWith('"') ? JSON.parse(json) : json)
  })

  test('a raw number is taken where text is shown, and numbers in other spellings', () => {
    expect(roundTrip({ type: 'int', logicalType: 'date' }, '19782')).toBe('"2024-02-29"')
    expect(roundTrip({ type: 'long', logicalType: 'timestamp-nanos' }, '-1')).toBe('"1969-12-31T23:59:59.999999999Z"')
    expect(roundTrip({ type: 'long', logicalType: 'timestamp-millis' }, '"2024-01-31T14:34:56+02:00"')).toBe(
      '"2024-01-31T12:34:56.000Z"',
    )
    expect(roundTrip('long', '1e3')).toBe('1000')
    expect(roundTrip({ type: 'bytes', logicalType: 'decimal', precision: 6, scale: 2 }, '"12.5"')).toBe('12.50')
    expect(roundTrip({ type: 'int', logicalType: 'time-millis' }, '-5')).toBe('-5')
  })

  test.each([
    ['long', '9223372036854775808', 'beyond the 64 bits'],
    ['int', '2147483648', 'beyond the 32 bits'],
    ['int', '1.5', 'no whole number'],
    ['int', '"1"', 'expected int, found "1"'],
    ['float', '16777217', 'the nearest is 16777216'],
    ['double', '1e999', 'beyond what a double holds'],
    ['string', '"\\ud800"', 'surrogate'],
    ['bytes', '"Ā"', 'one byte'],
    [{ type: 'bytes', logicalType: 'decimal', precision: 4, scale: 2 }, '1.005', 'more than 2 digits behind the point'],
    [{ type: 'bytes', logicalType: 'decimal', precision: 4, scale: 2 }, '100.00', 'more than 4 digits'],
    [{ type: 'int', logicalType: 'date' }, '"2023-02-29"', 'no date'],
    [
      { type: 'long', logicalType: 'timestamp-millis' },
      '"2024-01-31T12:34:56.7891Z"',
      'no timestamp-millis such as 2024-01-31T12:34:56.789Z',
    ],
    [{ type: 'long', logicalType: 'timestamp-nanos' }, '"2263-01-01T00:00:00Z"', 'beyond the 64 bits'],
    [{ type: 'long', logicalType: 'local-timestamp-millis' }, '"2024-01-31T12:34:56Z"', 'no local-timestamp-millis'],
    [{ type: 'string', logicalType: 'uuid' }, '"x"', 'no UUID'],
    [{ type: 'enum', name: 'E', symbols: ['A', 'B'] }, '"C"', 'no symbol of enum E: A, B'],
    [{ type: 'fixed', name: 'F', size: 2 }, '"a"', 'has 1 bytes, and fixed F has 2'],
  ])('%j refuses %s', (schema, json, message) => {
    expect(errorOf(() => codecOf(schema).encode(json)).message).toContain(message)
  })

  test('a logical type that does not fit its type is none', () => {
    expect(roundTrip({ type: 'string', logicalType: 'date' }, '"x"')).toBe('"x"')
    expect(roundTrip({ type: 'bytes', logicalType: 'decimal', precision: 2, scale: 3 }, '"a"')).toBe('"a"')
    expect(roundTrip({ type: 'long', logicalType: 'price' }, '7')).toBe('7')
  })
})

describe('unions', () => {
  const card = { type: 'record', name: 'Card', namespace: 'shop', fields: [{ name: 'number', type: 'string' }] }
  const cash = { type: 'record', name: 'Cash', namespace: 'shop', fields: [{ name: 'amount', type: 'long' }] }

  test('a nullable is plain, and taken plain or tagged', () => {
    expect(roundTrip(['null', 'string'], '"a"')).toBe('"a"')
    expect(roundTrip(['null', 'string'], '{"string":"a"}')).toBe('"a"')
    expect(roundTrip(['null', 'string'], 'null')).toBe('null')
    expect(roundTrip(['null', 'string', 'long', card], '{"number":"1"}')).toBe('{"number":"1"}')
  })

  test('two records are tagged by full name, and taken by it, by the simple one, or by their fields', () => {
    const union = ['null', card, cash]
    const tagged = '{"shop.Cash":{"amount":9223372036854775807}}'
    expect(roundTrip(union, tagged)).toBe(tagged)
    expect(roundTrip(union, '{"Cash":{"amount":9223372036854775807}}')).toBe(tagged)
    expect(roundTrip(union, '{"amount":9223372036854775807}')).toBe(tagged)
  })

  test('what two branches could be is tagged, and a number goes to the narrowest', () => {
    expect(roundTrip(['int', 'long'], '5')).toBe('{"int":5}')
    expect(roundTrip(['int', 'long'], '5000000000')).toBe('{"long":5000000000}')
    expect(roundTrip(['string', 'bytes'], '{"bytes":"a"}')).toBe('{"bytes":"a"}')
    expect(roundTrip(['bytes', 'string'], '"a"')).toBe('"a"')
    const two = ['bytes', { type: 'enum', name: 'E', symbols: ['a'] }]
    expect(errorOf(() => codecOf(two).encode('"a"')).message).toBe('"a" may be "bytes" or "E": name the branch, {"bytes": …}')
    expect(roundTrip(['double', 'string'], '{"double":"NaN"}')).toBe('{"double":"NaN"}')
    expect(roundTrip(['double', 'string'], '{"string":"NaN"}')).toBe('"NaN"')
  })

  test('a map whose key is the name of a branch does not turn into that branch', () => {
    const union = ['null', 'long', { type: 'map', values: 'long' }]
    expect(roundTrip(union, '{"map":{"long":5}}')).toBe('{"map":{"long":5}}')
    expect(roundTrip(union, '{"map":{"map":5}}')).toBe('{"map":{"map":5}}')
    expect(roundTrip(union, '{"x":5}')).toBe('{"x":5}')
  })

  test('a word that is a number and text in one union survives', () => {
    for (const json of ['{"string":"NaN"}', '{"double":"NaN"}', '"a"', '1.5']) {
      const once = roundTrip(['double', 'string'], json)
      expect(roundTrip(['double', 'string'], once)).toBe(once)
    }
  })

  test('what fits nothing says what would', () => {
    expect(errorOf(() => codecOf(['null', 'string', 'long']).encode('true')).message).toBe(
      'expected union of null, string, long, found true',
    )
    expect(errorOf(() => codecOf(['null', card]).encode('{"nummer":"1"}')).message).toContain('the field is missing')
  })
})

describe('records', () => {
  const tree = {
    type: 'record',
    name: 'Node',
    fields: [
      { name: 'v', type: 'long' },
      { name: 'next', type: ['null', 'Node'], default: null },
    ],
  }

  test('a recursive type nests as deep as JSON may, and no deeper', () => {
    const nested = (depth: number): string => (depth === 0 ? 'null' : `{"v":1,"next":${nested(depth - 1)}}`)
    expect(roundTrip(tree, nested(400))).toBe(nested(400))
    const codec = codecOf(tree)
    const deep = Buffer.concat([Buffer.alloc(2_000, Buffer.from([2, 2])), Buffer.from([2, 0])])
    expect(errorOf(() => codec.decode(deep)).message).toContain('nested deeper than 500 levels, at byte 1000')
  })

  test('a field that is not there gets its default; one that is no field is refused; a path leads to what is wrong', () => {
    const order = record(
      { name: 'id', type: 'long' },
      { name: 'state', type: ['string', 'null'], default: null },
      {
        name: 'items',
        type: { type: 'array', items: { type: 'record', name: 'Item', fields: [{ name: 'price', type: 'int' }] } },
        default: [],
      },
    )
    expect(roundTrip(order, '{"id":1}')).toBe('{"id":1,"state":null,"items":[]}')
    expect(errorOf(() => codecOf(order).encode('{"ID":1}'))).toMatchObject({
      path: 'id',
      message: expect.stringContaining('missing'),
    })
    const typo = errorOf(() => codecOf(order).encode('{"id":1,"State":"x"}'))
    expect([typo.path, typo.message, typo.value]).toEqual([
      'State',
      "record shop.Order has no such field: did you mean 'state'?",
      '"x"',
    ])
    const inner = errorOf(() => codecOf(order).encode('{"id":1,"items":[{"price":1},{"price":1.5}]}'))
    expect([inner.path, inner.pointer, inner.value]).toEqual(['items[1].price', '/items/1/price', '1.5'])
  })

  test('names come from references and from the enclosing namespace', () => {
    const codec = compileCodec({
      type: 'AVRO',
      text: '{"type":"record","name":"Order","namespace":"shop","fields":[{"name":"to","type":"Address"},{"name":"by","type":["null","Person"]}]}',
      references: new Map([
        ['shop.Address', '{"type":"record","name":"shop.Address","fields":[{"name":"city","type":"string"}]}'],
        ['Person', '{"type":"record","name":"Person","fields":[{"name":"home","type":"shop.Address"}]}'],
      ]),
    })
    const json = '{"to":{"city":"Ghent"},"by":{"home":{"city":"Bruges"}}}'
    expect(codec.decode(codec.encode(json)).json).toBe(json)
  })
})

describe('broken bytes', () => {
  const order = record({ name: 'id', type: 'long' }, { name: 'tags', type: { type: 'array', items: 'string' } })

  test.each([
    ['', 'id', 'the payload ends within a long, at byte 0'],
    ['02', 'tags', 'the payload ends within the size of a block of array items, at byte 1'],
    ['0202808080808040', 'tags[0]', 'the length of a string is 1099511627776, and 0 bytes are left, at byte 2'],
    ['02808080808040', 'tags', 'a block of array items with 1099511627776 items in the 0 bytes left, at byte 1'],
    ['02020161', 'tags[0]', 'the length of a string is -1'],
    ['020202ff00', 'tags[0]', 'a string that is no UTF-8, at byte 2'],
    ['020000', '', '1 byte is left behind the value, at byte 2'],
    ['ffffffffffffffffffff01', 'id', 'a long beyond 64 bits, at byte 0'],
  ])('%s is refused with the place', (bytes, path, message) => {
    const error = errorOf(() => codecOf(order).decode(Buffer.from(bytes, 'hex')))
    expect(error.path).toBe(path)
    expect(error.message).toContain(message)
  })

  test('items that take no bytes are not multiplied', () => {
    const codec = codecOf({ type: 'array', items: 'null' })
    expect(errorOf(() => codec.decode(Buffer.from('80808080804000', 'hex'))).message).toContain('more than 10000')
    expect(codec.decode(Buffer.from('0600', 'hex')).json).toBe('[null,null,null]')
  })

  test('a union and an enum say which number there is none of', () => {
    expect(errorOf(() => codecOf(['null', 'int']).decode(Buffer.from('04', 'hex'))).message).toBe(
      'a union has no number 2, only 0 to 1, at byte 0',
    )
    expect(
      errorOf(() => codecOf({ type: 'enum', name: 'E', symbols: ['A'] }).decode(Buffer.from('01', 'hex'))).message,
    ).toContain('no number -1')
  })

  test('blocks with their size in front are read as others write them', () => {
    expect(codecOf({ type: 'array', items: 'int' }).decode(Buffer.from('0304020400', 'hex')).json).toBe('[1,2]')
  })
})

describe('a reader with another schema', () => {
  const read = (writer: unknown, reader: unknown, json: string): string =>
    codecOf(writer, reader).decode(codecOf(writer).encode(json)).json

  test('finds fields by name and alias, leaves out what it has not, fills in defaults', () => {
    const writer = record(
      { name: 'a', type: 'int' },
      { name: 'b', type: { type: 'map', values: ['null', 'string'] } },
      { name: 'c', type: 'string' },
    )
    const reader = {
      ...record(
        { name: 'z', type: 'string', aliases: ['c'] },
        { name: 'n', type: { type: 'bytes', logicalType: 'decimal', precision: 4, scale: 2 }, default: '\u0001' },
        { name: 'big', type: 'long', default: 5 },
        { name: 'a', type: 'double' },
      ),
      name: 'other.Order',
    }
    expect(read(writer, reader, '{"a":7,"b":{"x":null,"y":"q"},"c":"s"}')).toBe('{"z":"s","n":0.01,"big":5,"a":7}')
  })

  test('a default of 64 bits is shown as it stands', () => {
    const reader =
      '{"type":"record","name":"shop.Order","fields":[{"name":"n","type":["null","long"],"default":9223372036854775807}]}'
    expect(read(record(), reader, '{}')).toBe('{"n":9223372036854775807}')
  })

  test('promotes numbers, text and bytes', () => {
    expect(read('int', 'long', '5')).toBe('5')
    expect(read('long', 'double', '5')).toBe('5')
    expect(read('float', 'double', '0.5')).toBe('0.5')
    expect(read('string', 'bytes', '"é"')).toBe('"Ã©"')
    expect(read('bytes', 'string', '"Ã©"')).toBe('"é"')
    expect(read('int', ['null', 'string', 'double'], '5')).toBe('5')
    expect(read(['int', 'string'], ['string', 'long'], '5')).toBe('5')
  })

  test('reads unknown symbols as the default of the enum', () => {
    const writer = { type: 'enum', name: 'E', symbols: ['A', 'B', 'C'] }
    expect(read(writer, { type: 'enum', name: 'ns.E', symbols: ['C', 'A'], default: 'A' }, '"B"')).toBe('"A"')
    const error = errorOf(() => read(writer, { type: 'enum', name: 'E', symbols: ['C', 'A'] }, '"B"'))
    expect(error.message).toBe("the reader's enum E has no symbol 'B' and no default")
  })

  test('says which field it misses and which type it cannot read, only where such data comes by', () => {
    const missing = errorOf(() => read(record({ name: 'a', type: 'int' }), record({ name: 'b', type: 'int' }), '{"a":1}'))
    expect([missing.path, missing.message]).toEqual([
      'b',
      'the reader asks for this field without a default, and shop.Order was written without it',
    ])
    const narrowed = errorOf(() => read(record({ name: 'a', type: 'long' }), record({ name: 'a', type: 'int' }), '{"a":1}'))
    expect([narrowed.path, narrowed.message]).toEqual(['a', 'written as long, which a reader of int cannot read'])
    expect(read(['null', 'string'], ['null', 'int'], 'null')).toBe('null')
    expect(errorOf(() => read(['null', 'string'], ['null', 'int'], '"a"')).message).toContain('written as string')
  })

  test('skips recursive values', () => {
    const tree = {
      type: 'record',
      name: 'Node',
      fields: [
        { name: 'v', type: 'string' },
        { name: 'next', type: ['null', 'Node'] },
      ],
    }
    const writer = record({ name: 'tree', type: tree }, { name: 'a', type: 'int' })
    expect(read(writer, record({ name: 'a', type: 'int' }), '{"tree":{"v":"x","next":{"v":"y","next":null}},"a":3}')).toBe(
      '{"a":3}',
    )
  })
})

test('the bytes are those of the specification', () => {
  expect(hex(codecOf('string').encode('"foo"'))).toBe('06666f6f')
  expect(hex(codecOf('long').encode('-64'))).toBe('7f')
  expect(hex(codecOf('long').encode('64'))).toBe('8001')
  expect(hex(codecOf({ type: 'array', items: 'long' }).encode('[3,27]'))).toBe('04063600')
  expect(hex(codecOf(['null', 'string']).encode('"a"'))).toBe('020261')
})

test('what loses its way elsewhere survives here, twice in a row', () => {
  const line = {
    type: 'record',
    name: 'Line',
    fields: [{ name: 'amount', type: { type: 'bytes', logicalType: 'decimal', precision: 30, scale: 10 } }],
  }
  const schema = record(
    { name: 'id', type: 'long' },
    { name: 'at', type: { type: 'long', logicalType: 'timestamp-nanos' } },
    {
      name: 'pay',
      type: ['null', { type: 'record', name: 'Card', fields: [{ name: 'n', type: 'string' }] }, { ...line, name: 'Cash' }],
    },
    { name: 'parts', type: { type: 'array', items: 'Order' } },
  )
  const part = '{"id":-9223372036854775808,"at":"1677-09-21T00:12:43.145224192Z","pay":null,"parts":[]}'
  const json = `{"id":9223372036854775807,"at":"2262-04-11T23:47:16.854775807Z","pay":{"shop.Cash":{"amount":12345678901234567890.1234567890}},"parts":[${part}]}`
  expect(roundTrip(schema, roundTrip(schema, json))).toBe(json)
})

test('JSON has a length that no payload goes beyond', () => {
  const writer = { type: 'array', items: { type: 'record', name: 'R', fields: [{ name: 'a', type: 'boolean' }] } }
  const filled = { name: 'b', type: 'string', default: 'x'.repeat(1_000_000) }
  const reader = { type: 'array', items: { type: 'record', name: 'R', fields: [filled] } }
  const payload = codecOf(writer).encode(`[${Array(200).fill('{"a":true}').join(',')}]`)
  expect(errorOf(() => codecOf(writer, reader).decode(payload)).message).toContain('more than 100000000 characters of JSON')
})
