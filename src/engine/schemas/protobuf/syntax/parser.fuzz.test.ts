/**
 * Whatever is typed, reading, laying out, the outline and every check end without an exception; tokens cover the text in order; problems lie within it.
 * What parses has a canonical text that parses to itself.
 */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { protobufFormat } from '..'
import { tokenize } from './tokens'

const pieces = [
  ...[
    'syntax = "proto3";',
    'syntax',
    'package a.b;',
    'import "google/protobuf/any.proto";',
    'message',
    'A',
    'B',
    '{',
    '}',
    '{',
    '}',
    'enum E { Z = 0; }',
  ],
  ...[
    'oneof o',
    'string',
    'int32',
    'a',
    'b',
    '=',
    '1',
    '2',
    '-1',
    ';',
    ';',
    '[deprecated = true]',
    '[(x) = {a: 1}]',
    'map<string, A>',
    'repeated',
    'optional',
  ],
  ...[
    'reserved 1 to max;',
    'extend A {',
    'service S { rpc M (A) returns (stream A); }',
    '.',
    ',',
    '<',
    '>',
    '(',
    ')',
    '"',
    "'",
    '//x\n',
    '/*',
    '*/',
    '\\',
    '\u0000',
    '😀',
    '.5e',
    '0x',
  ],
  ...['message A { string a = 1; }', 'message A {', 'group G = 3 {', 'edition = "2023";', 'option x = [1, {y: "z"}];'],
]
const text = fc.array(fc.constantFrom(...pieces), { maxLength: 30 }).map((parts) => parts.join(' '))

it('never throws, and keeps problems within the text', () => {
  fc.assert(
    fc.property(text, (source) => {
      const tokens = tokenize(source)
      let end = 0
      for (const { from, to } of tokens) {
        expect(from).toBeGreaterThanOrEqual(end)
        end = to
      }
      expect(end).toBe(source.length)
      protobufFormat.outline(source)
      protobufFormat.locate(source, 'A.a')
      const formatted = protobufFormat.format(source)
      if (formatted.ok)
        expect(tokenize(formatted.value).map((token) => token.text.trim())).toEqual(tokens.map((token) => token.text.trim()))
      const parsed = protobufFormat.parse(source, new Map(), { isNew: true })
      if (parsed.ok) {
        const canonical = protobufFormat.canonicalText(parsed.value)
        const again = protobufFormat.parse(canonical, new Map(), { isNew: true })
        expect(again.ok ? protobufFormat.canonicalText(again.value) : again.error).toBe(canonical)
        protobufFormat.normalizedText(parsed.value)
        protobufFormat.warnings(source, parsed.value)
      } else
        for (const { from, to } of parsed.error) {
          expect(from).toBeLessThanOrEqual(to)
          expect(from).toBeGreaterThanOrEqual(0)
          expect(to).toBeLessThanOrEqual(source.length)
        }
    }),
    { numRuns: 300 },
  )
})
