import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decimalText, fromTwosComplement, parseDecimal, parseInteger, rescale, twosComplement } from './decimal-text'
import {
  type JsonNumber,
  JsonSyntaxError,
  type JsonValue,
  jsonDepthMax,
  parseJson,
  printJson,
  printJsonPretty,
} from './json-value'
import { formatPath } from './serde-error'

const plain = (value: JsonValue): unknown => JSON.parse(printJson(value))

describe('JSON without loss', () => {
  test('reads what JSON.parse reads, and prints what JSON.stringify prints', () => {
    fc.assert(
      fc.property(fc.json(), fc.boolean(), (text, isPretty) => {
        const given = JSON.stringify(JSON.parse(text), null, isPretty ? 2 : 0)
        // JSON.parse takes a name twice and gives one.
        fc.pre(given.length > 0)
        const value = parseJson(given)
        expect(plain(value)).toEqual(JSON.parse(given))
        expect(isPretty ? printJsonPretty(value) : printJson(value)).toBe(given)
      }),
    )
  })

  test.each(['9223372036854775807', '1.10', '-0', '1E+5', '123456789012345678901234567890.123456789'])(
    '%s stays as it is written',
    (text) => {
      expect(printJson(parseJson(`{"n":[${text}]}`))).toBe(`{"n":[${text}]}`)
      expect((parseJson(text) as JsonNumber).text).toBe(text)
    },
  )

  test('names that objects inherit are names like others', () => {
    expect(printJson(parseJson('{"__proto__":{"a":1},"constructor":2}'))).toBe('{"__proto__":{"a":1},"constructor":2}')
  })

  test.each([
    ['', 'expected a value, found the end', 0],
    ['{"a":1', "expected ',' or '}', found the end", 6],
    ['{"a":1,}', 'expected a name in double quotes, found "}"', 7],
    ['{"a":1,"a":2}', 'the name "a" stands twice in one object', 7],
    ['[1 2]', "expected ',' or ']', found \"2\"", 3],
    ['01', 'expected the end of the text, found "1"', 1],
    ['nul', 'expected a value, found "n"', 0],
    ['"a', 'a string that does not end', 0],
    ['"a\nb"', 'a control character in a string: it must be escaped', 2],
    ['"\\x"', 'a string with a broken escape', 0],
    ['NaN', 'expected a value, found "N"', 0],
    ['"🜂" 🜂', 'expected the end of the text, found "🜂"', 5],
  ])('%j is refused with its place', (text, message, offset) => {
    try {
      parseJson(text)
      expect.unreachable()
    } catch (error) {
      expect(error).toBeInstanceOf(JsonSyntaxError)
      expect(error).toMatchObject({ message, offset })
    }
  })

  test('depth has an end', () => {
    const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth)
    expect(printJson(parseJson(nested(jsonDepthMax)))).toBe(nested(jsonDepthMax))
    expect(() => parseJson(nested(jsonDepthMax + 1))).toThrow('nested deeper than 500 levels')
    expect(() => parseJson('['.repeat(1_000_000))).toThrow('nested deeper')
  })
})

describe('decimals', () => {
  test('two’s complement is as short as it can be, and comes back', () => {
    fc.assert(
      fc.property(fc.bigInt(), (value) => {
        const bytes = twosComplement(value)
        expect(fromTwosComplement(bytes)).toBe(value)
        if (bytes.length > 1) expect(fromTwosComplement(bytes.subarray(1))).not.toBe(value)
      }),
    )
    expect([0n, -1n, 127n, 128n, -128n, -129n].map((value) => twosComplement(value).toString('hex'))).toEqual([
      '00',
      'ff',
      '7f',
      '0080',
      '80',
      'ff7f',
    ])
  })

  test('text, digits and scale are one', () => {
    fc.assert(
      fc.property(fc.bigInt(), fc.nat(40), (unscaled, scale) => {
        expect(parseDecimal(decimalText(unscaled, scale))).toEqual({ unscaled, scale })
      }),
    )
    expect(parseDecimal('1.5e3')).toEqual({ unscaled: 15n, scale: -2 })
    expect(parseDecimal('1e10001')).toBeNull()
    expect(rescale({ unscaled: 150n, scale: 2 }, 1)).toBe(15n)
    expect(rescale({ unscaled: 155n, scale: 2 }, 1)).toBeNull()
    expect(['1.0', '1e3', '10e-1', '1.5'].map(parseInteger)).toEqual([1n, 1000n, 1n, null])
  })
})

test('paths put in brackets what is no plain word', () => {
  expect(formatPath(['items', 2, 'price'])).toBe('items[2].price')
  expect(formatPath(['a b', 'c', 0])).toBe('["a b"].c[0]')
  expect(formatPath([])).toBe('')
})
