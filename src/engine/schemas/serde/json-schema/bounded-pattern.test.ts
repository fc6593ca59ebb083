import { expect, test } from 'vitest'
import { compileCodec } from '../codec'
import { boundedPattern } from './bounded-pattern'

const codecOf = (schema: object) => compileCodec({ type: 'JSON', text: JSON.stringify(schema), references: new Map() })
const endless = '(a+)+$'
const text = `${'a'.repeat(60)}!`

test('a pattern that backtracks without end in JavaScript gives its verdict, and holds up nothing', () => {
  expect(() => codecOf({ type: 'string', pattern: endless }).encode(JSON.stringify(text))).toThrow('pattern')
  const byName = codecOf({ patternProperties: { [endless]: { type: 'string' } } })
  expect(byName.encode(JSON.stringify({ [text]: 1 })).length).toBeGreaterThan(60)
  expect(() => byName.encode(JSON.stringify({ [text.slice(0, -1)]: 1 }))).toThrow('string')
})

test('a pattern with repeated groups gives its own verdict over long texts, again and again', () => {
  const codec = codecOf({ type: 'string', pattern: '^([a-z]+-)*[\\p{L}]+$' })
  const fitting = `${'abc-'.repeat(20)}ö`
  for (let round = 0; round < 3; round++) {
    expect(codec.encode(JSON.stringify(fitting)).length).toBeGreaterThan(80)
    expect(() => codec.encode(JSON.stringify(`${fitting}1`))).toThrow('pattern')
  }
})

test('two patterns of one schema are kept apart', () => {
  const codec = codecOf({ properties: { a: { pattern: '^(a)+$' }, b: { pattern: '^(b)+$' } } })
  expect(codec.encode('{"a":"aa","b":"bb"}').length).toBe(19)
  expect(() => codec.encode('{"a":"bb"}')).toThrow('pattern')
  expect(() => codec.encode('{"b":"aa"}')).toThrow('pattern')
})

test('a plain pattern, and one that only JavaScript knows, are run as they are', () => {
  for (const pattern of [/^a+[)]b$/u, /^(?=.*x)(a|x)+$/u, /^(a)+\1$/u]) expect(boundedPattern(pattern)).toBe(pattern)
})
