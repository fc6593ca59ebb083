import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compileCodec } from '../serde'
import { identityKey } from '../serde/json-schema/exact-keywords'
import { isJsonArray, isJsonObject, type JsonValue, parseJson, printJson } from '../serde/json-value'
import { type InferenceLanguage, inferSchema, renameFields, splitSamples } from './index'

const avro = (samples: readonly string[], name = 'Order') => inferSchema(samples, { language: 'avro', name })
const jsonSchema = (samples: readonly string[]) => inferSchema(samples, { language: 'json-schema', name: 'Order' })
const typeOf = (samples: readonly string[], field: string): unknown =>
  (JSON.parse(avro(samples).text) as { fields: { name: string; type: unknown }[] }).fields.find(({ name }) => name === field)
    ?.type
const codecOf = (language: InferenceLanguage, text: string) =>
  compileCodec({ type: language === 'avro' ? 'AVRO' : 'JSON', text, references: new Map() })

/** Avro cannot tell a missing field from one that is null. */
const withoutNulls = (value: JsonValue): JsonValue => {
  if (isJsonArray(value)) return value.map(withoutNulls)
  if (!isJsonObject(value)) return value
  return new Map([...value].filter(([, item]) => item !== null).map(([name, item]) => [name, withoutNulls(item)]))
}

const times = (count: number, json: (n: number) => string): string[] => Array.from({ length: count }, (_, n) => json(n))

describe('numbers', () => {
  test('int, long and double are told apart by range and by how they are written', () => {
    expect(typeOf(['{"n":1}', '{"n":2147483647}'], 'n')).toBe('int')
    expect(typeOf(['{"n":1}', '{"n":2147483648}'], 'n')).toBe('long')
    expect(typeOf(['{"n":9223372036854775807}'], 'n')).toBe('long')
    expect(typeOf(['{"n":1.0}', '{"n":2}'], 'n')).toBe('double')
  })

  test('what 64 bits or a double would change becomes a decimal that holds it', () => {
    const decimal = (precision: number, scale: number) => ({ type: 'bytes', logicalType: 'decimal', precision, scale })
    expect(typeOf(['{"n":9223372036854775808}'], 'n')).toEqual(decimal(19, 0))
    expect(typeOf(['{"n":123456789012345678901234567890.12}'], 'n')).toEqual(decimal(32, 2))
    expect(typeOf(['{"n":9007199254740993}', '{"n":0.5}'], 'n')).toEqual(decimal(17, 1))
  })
})

describe('what is there, null, and missing', () => {
  const samples = ['{"a":1,"b":null,"c":"x"}', '{"a":2,"b":"y"}', '{"a":3,"b":"z","c":null}']

  test('null and missing both make a field nullable, and the note tells them apart', () => {
    const { text, notes } = avro(samples)
    expect(JSON.parse(text)).toEqual({
      type: 'record',
      name: 'Order',
      fields: [
        { name: 'a', type: 'int' },
        { name: 'b', type: ['null', 'string'], default: null },
        { name: 'c', type: ['null', 'string'], default: null },
      ],
    })
    expect(
      notes.map(({ path, schemaPath, decision, sampleCount, ofCount }) => [path, schemaPath, decision, sampleCount, ofCount]),
    ).toEqual([
      ['', '', 'record Order of 3 fields', 3, 3],
      ['a', '/fields/0/type', 'int: whole numbers, from 1 to 3', 3, 3],
      ['b', '/fields/1/type/1', 'string, null in 1', 2, 3],
      ['c', '/fields/2/type/1', 'string, null in 1, missing in 1', 1, 3],
    ])
  })

  test('in JSON Schema a null is a type and a missing property is not required', () => {
    expect(JSON.parse(jsonSchema(samples).text)).toEqual({
      $schema: 'http://json-schema.org/draft-07/schema#',
      title: 'Order',
      type: 'object',
      properties: { a: { type: 'integer' }, b: { type: ['string', 'null'] }, c: { type: ['string', 'null'] } },
      required: ['a', 'b'],
    })
  })

  test('a place of which nothing but null or emptiness was seen is a guess that says so', () => {
    const { notes } = avro(['{"a":null,"b":[]}'])
    expect(notes.map(({ decision }) => decision)).toEqual([
      'record Order of 2 fields',
      'string, a guess: no value but null was seen, null in 1',
      'array of string, a guess: it was always empty',
    ])
  })
})

describe('shapes', () => {
  test('items of all arrays are one type, named by the field', () => {
    expect(typeOf(['{"lineItems":[{"sku":"a"},{"sku":"b","n":1}]}', '{"lineItems":[]}'], 'lineItems')).toEqual({
      type: 'array',
      items: {
        type: 'record',
        name: 'LineItem',
        fields: [
          { name: 'sku', type: 'string' },
          { name: 'n', type: ['null', 'int'], default: null },
        ],
      },
    })
  })

  test('an object whose names are data is a map, one with words is a record', () => {
    expect(typeOf(['{"m":{"2024-01-01":1,"2024-01-02":2}}'], 'm')).toEqual({ type: 'map', values: 'int' })
    const ids = times(6, (n) => `{"m":{"user_${n}a":{"v":${n}},"user_${n}b":{"v":1}}}`)
    expect(typeOf(ids, 'm')).toMatchObject({ type: 'map', values: { type: 'record', name: 'M' } })
    expect(typeOf(['{"m":{"lat":1,"lon":2}}'], 'm')).toMatchObject({ type: 'record' })
  })

  test('types of one name get names of their own', () => {
    const { text } = avro(['{"a":{"x":{"p":1}},"b":{"x":{"q":1}},"c":{"x":{"r":1}}}'])
    const names = [...text.matchAll(/"name": "([A-Z]\w*)"/g)].map(([, name]) => name)
    expect(new Set(names).size).toBe(names.length)
    expect(names).toEqual(['Order', 'A', 'X', 'B', 'BX', 'C', 'CX'])
  })

  test('several kinds at one place are a union', () => {
    expect(typeOf(['{"a":1}', '{"a":"x"}', '{"a":null}', '{"a":[true]}'], 'a')).toEqual([
      'null',
      'int',
      'string',
      { type: 'array', items: 'boolean' },
    ])
  })

  test('the name is one of Avro, with its namespace', () => {
    expect(JSON.parse(avro(['{}'], 'com.shop.order-placed').text)).toMatchObject({ name: 'OrderPlaced', namespace: 'com.shop' })
    expect(JSON.parse(avro(['{}'], 'order.events.v1-eu').text)).toMatchObject({ name: 'V1Eu', namespace: 'order.events' })
    expect(JSON.parse(avro(['{}'], '2024.orders').text)).toMatchObject({ name: 'Type2024Orders' })
  })
})

test('names that Avro does not allow are changed, told, and kept apart', () => {
  const sample = '{"first-name":"a","first_name":"b","1st":1,"in":{"é":true}}'
  const { text, nameChanges, notes } = avro([sample])
  expect(nameChanges).toEqual([
    { path: [], from: 'first-name', to: 'first_name_2' },
    { path: [], from: '1st', to: '_1st' },
    { path: ['in'], from: 'é', to: '_' },
  ])
  expect(notes.find(({ path }) => path === '["first-name"]')?.decision).toContain("called first_name_2 here: Avro's names")
  const renamed = printJson(renameFields(parseJson(sample), nameChanges))
  const codec = codecOf('avro', text)
  expect(codec.decode(codec.encode(renamed)).json).toBe('{"first_name_2":"a","first_name":"b","_1st":1,"in":{"_":true}}')
})

describe('suggestions', () => {
  const applied = (text: string, edits: readonly { from: number; to: number; insert: string }[]): string =>
    [...edits].reverse().reduce((result, { from, to, insert }) => result.slice(0, from) + insert + result.slice(to), text)
  const samples = times(
    12,
    (
      n,
    ) => `{"id":"123e4567-e89b-12d3-a456-4266141740${10 + n}","state":"${n % 2 === 0 ? 'NEW' : 'PAID'}","day":"2024-01-${10 + n}",
    "at":"2024-01-31T12:34:56.${100 + n}Z","ms":${1_700_000_000_000 + n},"price":${n}.25,"mail":"a${n}@example.com","amount":"${n}.50",
    "n":${n},"in":{"t":"12:00:${10 + n}"},"maybe":${n === 0 ? 'null' : `"${n % 2}a.b"`}}`,
  )

  test.each(['avro', 'json-schema'] as const)(
    'none is taken, and each can be: every sample of %s still goes with it',
    (language) => {
      const { text, notes } = inferSchema(samples, { language, name: 'Order' })
      const offered = notes.filter(({ suggestion }) => suggestion !== null)
      expect(offered.length).toBeGreaterThan(5)
      for (const { suggestion } of offered) {
        const codec = codecOf(language, applied(text, suggestion!.edits))
        for (const sample of samples) {
          const { json } = codec.decode(codec.encode(sample))
          expect([suggestion!.label, Object.keys(JSON.parse(json) as object)]).toEqual([
            suggestion!.label,
            Object.keys(JSON.parse(sample) as object),
          ])
        }
      }
    },
  )

  test('Avro: logical types, enums and decimals by what the values are', () => {
    const { text, notes } = avro(samples)
    const labels = new Map(notes.map(({ path, suggestion }) => [path, suggestion?.label ?? null]))
    expect(Object.fromEntries(labels)).toEqual({
      '': null,
      id: 'Make it uuid',
      state: 'Make it an enum of NEW, PAID',
      day: 'Make it date',
      at: 'Make it timestamp-millis',
      ms: 'Make it timestamp-millis',
      price: 'Make it a decimal with 2 digits behind the point',
      mail: null,
      amount: null,
      n: 'Make it long, for larger ones to come',
      in: null,
      'in.t': 'Make it time-millis',
      maybe: null,
    })
    expect(text).toContain('"type": "string"')
    expect(text).not.toContain('logicalType')
  })

  test('JSON Schema: formats, enums, and closing', () => {
    const labels = jsonSchema(samples).notes.flatMap(({ path, suggestion }) =>
      suggestion === null ? [] : [[path, suggestion.label]],
    )
    expect(labels).toEqual([
      ['', 'Close it: no other properties'],
      ['id', 'Give it the format uuid'],
      ['state', 'Allow only NEW, PAID'],
      ['day', 'Give it the format date'],
      ['at', 'Give it the format date-time'],
      ['mail', 'Give it the format email'],
      ['in', 'Close it: no other properties'],
      ['maybe', 'Allow only 0a.b, 1a.b'],
    ])
  })
})

test('what is no JSON, and what is of another kind than most, is left out and said', () => {
  const { skipped, sampleCount } = avro(['{"a":1}', '{"a":', '"ping"', '{"a":2}', '{"a":1e99999999}'])
  expect(sampleCount).toBe(2)
  expect(skipped.map(({ index }) => index)).toEqual([1, 2, 4])
  expect(skipped.map(({ reason }) => reason)).toEqual([
    'no JSON: expected a value, found the end, at character 5',
    'a string, where most samples are objects',
    'the number 1e99999999 is beyond every type',
  ])
  expect(() => avro(['x'])).toThrow('none of 1 samples is JSON that can be used')
})

test('pasted text is one value, a list of samples, or one a line', () => {
  expect(splitSamples(' {"a":12345678901234567890} ')).toEqual(['{"a":12345678901234567890}'])
  expect(splitSamples('[{"a":1},{"a":2}]')).toEqual(['{"a":1}', '{"a":2}'])
  expect(splitSamples('[1,2]')).toEqual(['[1,2]'])
  expect(splitSamples('{"a":1}\r\n\n{"a":2}\n')).toEqual(['{"a":1}', '{"a":2}'])
  expect(splitSamples('{"a":')).toEqual(['{"a":'])
})

describe('whatever the samples are', () => {
  const name = fc.constantFrom(
    'a',
    'b',
    'first-name',
    '1',
    'null',
    'string',
    'map',
    '',
    '__proto__',
    'Order',
    'items',
    '2024-01-01',
    '2024-01-02',
  )
  const scalar = fc.oneof(
    fc.constantFrom(
      'null',
      'true',
      '0',
      '-0',
      '1.50',
      '9223372036854775807',
      '-9223372036854775809',
      '1e5',
      '0.1',
      '12345678901234567.5',
    ),
    fc.constantFrom('"NaN"', '"2024-01-01"', '"x"', '""', '"\\u0000é🜂"', '"1.50"'),
    fc.integer().map(String),
  )
  const { json } = fc.letrec<{ json: string; object: string }>((tie) => ({
    object: fc
      .uniqueArray(fc.tuple(name, tie('json')), { selector: ([key]) => key, maxLength: 4 })
      .map((entries) => `{${entries.map(([key, value]) => `${JSON.stringify(key)}:${value}`).join(',')}}`),
    json: fc.oneof(
      { maxDepth: 3, depthSize: 'small' },
      scalar,
      tie('object'),
      fc.array(tie('json'), { maxLength: 3 }).map((items) => `[${items.join(',')}]`),
    ),
  }))

  test('every sample can be written with the Avro schema and reads back the same, but for null and missing', () => {
    fc.assert(
      fc.property(fc.array(json, { minLength: 1, maxLength: 5 }), (samples) => {
        const { text, nameChanges, skipped } = avro(samples)
        const codec = codecOf('avro', text)
        const left = new Set(skipped.map(({ index }) => index))
        for (const [index, sample] of samples.entries()) {
          if (left.has(index)) continue
          const renamed = renameFields(parseJson(sample), nameChanges)
          const back = parseJson(codec.decode(codec.encode(printJson(renamed))).json)
          expect(identityKey(withoutNulls(back))).toBe(identityKey(withoutNulls(renamed)))
        }
      }),
      { numRuns: 150 },
    )
  })

  test('every sample is valid by the JSON Schema', () => {
    fc.assert(
      fc.property(fc.array(json, { minLength: 1, maxLength: 5 }), (samples) => {
        const { text, skipped } = jsonSchema(samples)
        const codec = codecOf('json-schema', text)
        const left = new Set(skipped.map(({ index }) => index))
        for (const [index, sample] of samples.entries()) if (!left.has(index)) codec.encode(sample)
      }),
      { numRuns: 40 },
    )
  })
})
