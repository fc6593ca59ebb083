import protobuf from 'protobufjs'
import { describe, expect, test } from 'vitest'
import { commonTypes } from '../../protobuf/well-known/google-type'
import { CodecSchemaError, compileCodec } from '../codec'
import { SerdeError } from '../serde-error'

const codecOf = (
  text: string,
  options: { references?: Record<string, string>; messageIndexes?: readonly number[]; readerText?: string } = {},
) =>
  compileCodec({
    type: 'PROTOBUF',
    text,
    references: new Map(Object.entries(options.references ?? {})),
    ...(options.messageIndexes === undefined ? {} : { messageIndexes: options.messageIndexes }),
    ...(options.readerText === undefined ? {} : { readerText: options.readerText }),
  })

const proto3 = (body: string, imports = ''): string => `syntax = "proto3"; package shop; ${imports} ${body}`
const roundTrip = (text: string, json: string): string => {
  const codec = codecOf(text)
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

const all = proto3(`message All {
  double d = 1; float f = 2; int32 i32 = 3; int64 i64 = 4; uint32 u32 = 5; uint64 u64 = 6; sint32 s32 = 7; sint64 s64 = 8; fixed32 f32 = 9;
  fixed64 f64 = 10; sfixed32 sf32 = 11; sfixed64 sf64 = 12; bool yes = 13; string some_text = 14; bytes raw = 15;
  repeated sint64 many = 16; repeated string words = 17; map<int64, string> by_id = 18; map<bool, In> by_yes = 19; repeated In ins = 20;
  optional int32 maybe = 21; In in = 22; oneof pick { string a = 23; int64 b = 24; } E e = 25; repeated E es = 26;
  message In { int32 n = 1; All up = 2; } enum E { NONE = 0; ONE = 1; MINUS = -1; }
}`)

const full = {
  ...{
    d: 0.1,
    f: 0.1,
    i32: -2147483648,
    i64: '-9223372036854775808',
    u32: 4294967295,
    u64: '18446744073709551615',
    s32: -2147483648,
  },
  ...{
    s64: '-9223372036854775808',
    f32: 4294967295,
    f64: '18446744073709551615',
    sf32: -1,
    sf64: '9223372036854775807',
    yes: true,
  },
  ...{
    someText: 'zażółć 🜂',
    raw: 'AP+A',
    many: ['1', '-1', '9223372036854775807'],
    words: ['', 'x'],
    byId: { '9223372036854775807': 'max' },
  },
  ...{
    byYes: { true: { n: 1 }, false: { n: 0 } },
    ins: [{ n: 1 }, { n: 2 }],
    maybe: 0,
    in: { n: 5 },
    b: '5',
    e: 'MINUS',
    es: ['ONE', 'NONE', 7],
  },
}

test('every scalar, list, map, oneof and enum comes back as it was, to the last digit', () => {
  expect(JSON.parse(roundTrip(all, JSON.stringify(full)))).toEqual(full)
})

test('protobufjs reads what is written here, and here is read what it writes', () => {
  const type = protobuf.parse(all, new protobuf.Root()).root.lookupType('shop.All')
  const codec = codecOf(all)
  const options = { longs: String, enums: String, bytes: String, defaults: false } as const
  const theirs = type.toObject(type.decode(codec.encode(JSON.stringify(full))), options)
  const again = codec.decode(type.encode(type.fromObject(theirs)).finish())
  expect(JSON.parse(again.json)).toEqual(full)
})

test('fields without presence are always shown, those with it when they are there', () => {
  const text = proto3('message A { int32 n = 1; optional int32 m = 2; repeated int32 l = 3; A a = 4; }')
  expect(roundTrip(text, '{}')).toBe('{"n":0,"l":[]}')
  expect(roundTrip(text, '{"m":0,"a":null,"n":null}')).toBe('{"n":0,"m":0,"l":[]}')
  expect(codecOf(text).encode('{"n":0}')).toHaveLength(0)
})

test('names are taken as in JSON and as in the file, and unknown ones refused', () => {
  const text = proto3('message A { int64 order_id = 1; string odd = 2 [json_name = "Odd-Name"]; }')
  expect(roundTrip(text, '{"order_id":"9223372036854775807","Odd-Name":"x"}')).toBe(
    '{"orderId":"9223372036854775807","Odd-Name":"x"}',
  )
  expect(roundTrip(text, '{"orderId":9223372036854775807}')).toContain('"9223372036854775807"')
  const typo = errorOf(() => codecOf(text).encode('{"OrderId":1}'))
  expect([typo.path, typo.message]).toEqual(['OrderId', "message shop.A has no such field: did you mean 'orderId'?"])
})

describe('well-known types', () => {
  const text = proto3(
    `message A { google.protobuf.Timestamp at = 1; google.protobuf.Duration took = 2; google.protobuf.Struct s = 3; google.protobuf.Value v = 4;
     google.protobuf.ListValue l = 5; google.protobuf.Int64Value w = 6; google.protobuf.FieldMask m = 7; google.protobuf.Any any = 8;
     google.protobuf.Empty none = 9; google.protobuf.StringValue t = 10; } message B { int32 n = 1; }`,
    ['timestamp', 'duration', 'struct', 'wrappers', 'field_mask', 'any', 'empty']
      .map((name) => `import "google/protobuf/${name}.proto";`)
      .join(' '),
  )

  test.each([
    '{"at":"2024-01-31T12:34:56.000000001Z"}',
    '{"at":"0001-01-01T00:00:00Z"}',
    '{"at":"1969-12-31T23:59:59.500Z"}',
    '{"took":"-0.500s"}',
    '{"took":"315576000000s"}',
    '{"s":{"a":{"b":[1,"x",null,true]},"c":{}}}',
    '{"v":null}',
    '{"v":[1.5]}',
    '{"l":["a",{"b":null}]}',
    '{"w":"9223372036854775807"}',
    '{"w":"0"}',
    '{"m":"userName,address.zipCode"}',
    '{"any":{"@type":"type.googleapis.com/shop.B","n":5}}',
    '{"any":{"@type":"type.googleapis.com/google.protobuf.Duration","value":"1.500s"}}',
    '{"any":{"typeUrl":"type.googleapis.com/other.C","value":"AQI="}}',
    '{"none":{}}',
    '{"t":""}',
  ])('%s', (json) => {
    expect(roundTrip(text, json)).toBe(json)
  })

  test('what is beyond their forms is refused when written', () => {
    expect(errorOf(() => codecOf(text).encode('{"at":"soon"}'))).toMatchObject({
      path: 'at',
      message: expect.stringContaining('no timestamp'),
    })
    expect(errorOf(() => codecOf(text).encode('{"any":{"@type":"x/other.C"}}')).path).toBe('any["@type"]')
  })
})

test('proto2: required fields, groups, and lists that are not packed', () => {
  const text =
    'syntax = "proto2"; message A { required int32 n = 1; optional string s = 2 [default = "x"]; repeated int32 l = 3; repeated group G = 4 { optional int32 k = 1; } }'
  expect(roundTrip(text, '{"n":0,"l":[1,2]}')).toMatch(/^\{"n":0,"l":\[1,2\]/)
  expect(errorOf(() => codecOf(text).encode('{}')).message).toBe('the field is missing, and message A requires it')
  expect(Buffer.from(codecOf(text).encode('{"n":1,"l":[1,2]}')).toString('hex')).toBe('080118011802')
})

test('message indexes choose the message, also a nested one, and imports of the same package do not move them', () => {
  const text = proto3(
    'message A { message B { int32 b = 1; } message C { Other c = 1; } } message D { int32 d = 1; }',
    'import "other.proto";',
  )
  const references = { 'other.proto': proto3('message Other { int32 o = 1; } message Another { int32 o = 1; }') }
  const shown = (messageIndexes: readonly number[]): string =>
    codecOf(text, { references, messageIndexes }).decode(new Uint8Array()).json
  expect(shown([0, 0])).toBe('{"b":0}')
  expect(shown([1])).toBe('{"d":0}')
  const codec = codecOf(text, { references, messageIndexes: [0, 1] })
  expect(codec.decode(codec.encode('{"c":{"o":3}}')).json).toBe('{"c":{"o":3}}')
  expect(() => shown([2])).toThrow('no message at index [2]')
})

test('files that every registry knows need no reference', () => {
  for (const name of Object.keys(commonTypes)) codecOf(proto3('message A { int32 n = 1; }', `import "${name}";`))
  const text = proto3(
    'message A { confluent.type.Decimal d = 1; google.type.Money m = 2; int32 n = 3 [(confluent.field_meta) = { doc: "x" }]; }',
    'import "confluent/type/decimal.proto"; import "confluent/meta.proto"; import "google/type/money.proto";',
  )
  const json =
    '{"d":{"value":"AQ==","precision":1,"scale":0},"m":{"currencyCode":"EUR","units":"9223372036854775807","nanos":1},"n":5}'
  expect(roundTrip(text, json)).toBe(json)
})

test('a schema that is none, or lacks an import, says so', () => {
  expect(() => codecOf('message')).toThrow(CodecSchemaError)
  expect(() => codecOf(proto3('message A {}', 'import "x.proto";'))).toThrow("the import 'x.proto' is neither a reference")
})

test('a reader with another schema sees its own fields', () => {
  const writer = proto3('message A { int32 n = 1; string gone = 2; repeated int32 l = 3; }')
  const readerText = proto3('message A { int64 number = 1; int32 extra = 5; repeated int32 l = 3; }')
  expect(codecOf(writer, { readerText }).decode(codecOf(writer).encode('{"n":5,"gone":"x","l":[1]}')).json).toBe(
    '{"number":"5","l":[1],"extra":0}',
  )
  const other = proto3('message A { string n = 1; }')
  const error = errorOf(() => codecOf(writer, { readerText: other }).decode(codecOf(writer).encode('{"n":5}')))
  expect([error.path, error.message]).toEqual(['n', "written with wire type 0, and the schema's type has 2, at byte 1"])
})

test.each([
  ['08', 'n', 'the payload ends within a int32, at byte 1'],
  ['1205', 's', 'the length of a string is 5, and 0 bytes are left, at byte 1'],
  ['12808080808080808001', 's', 'the length of a string is 72057594037927936'],
  ['1201ff', 's', 'a string that is no UTF-8, at byte 1'],
  ['00', '', '0 is no field number, at byte 0'],
  ['0f', '', 'wire type 7 of field 1 does not exist, at byte 0'],
  ['1a021205', 'a.s', 'the length of a string is 5, and 0 bytes are left, at byte 3'],
  ['fb01fb01', '', 'the payload ends within'],
])('the broken payload %s is refused with the place', (hex, path, message) => {
  const error = errorOf(() =>
    codecOf(proto3('message A { int32 n = 1; string s = 2; A a = 3; }')).decode(Buffer.from(hex, 'hex')),
  )
  expect(error.path).toBe(path)
  expect(error.message).toContain(message)
})

test('messages within messages end at a depth', () => {
  let bytes = Buffer.alloc(0)
  for (let depth = 0; depth < 120; depth++) {
    const length = bytes.length < 128 ? [bytes.length] : [(bytes.length & 0x7f) | 0x80, bytes.length >> 7]
    bytes = Buffer.concat([Buffer.from([0x1a, ...length]), bytes])
  }
  expect(errorOf(() => codecOf(proto3('message A { A a = 3; }')).decode(bytes)).message).toContain(
    'nested deeper than 100 messages',
  )
})

test('follows message indexes that count the entries of maps, as Python and Go write them', () => {
  const text = proto3('message A { map<string, int32> m = 1; message B { string x = 1; } }')
  for (const messageIndexes of [
    [0, 0],
    [0, 1],
  ])
    expect(codecOf(text, { messageIndexes }).decode(Buffer.from('0a0179', 'hex')).json).toBe('{"x":"y"}')
  expect(() => codecOf(text, { messageIndexes: [0, 2] })).toThrow('no message at index [0, 2]')
})
