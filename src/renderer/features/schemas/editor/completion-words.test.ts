import { describe, expect, it } from 'vitest'
import type { SchemaLanguage } from '../../../../shared/model/schemas'
import { meaningAt, namedTypes, suggestionsAt } from './completion-words'

/** `|` is the cursor. */
function suggested(marked: string, language: SchemaLanguage = 'avro'): readonly string[] {
  const at = marked.indexOf('|')
  const references = [{ name: 'com.acme.Money', subject: 'com.acme.Money', version: 2 }]
  return suggestionsAt(marked.replace('|', ''), at, { language, references })?.words.map((word) => word.name) ?? []
}

describe('completion in Avro', () => {
  it('offers what a record still lacks', () => {
    const words = suggested('{ "type": "record", "name": "A", "|" }')
    expect(words).toContain('fields')
    expect(words).not.toContain('symbols')
    expect(words).not.toContain('name')
  })
  it('offers the keys of a field inside fields', () => {
    const words = suggested('{ "type": "record", "name": "A", "fields": [{ "name": "a", "|" }] }')
    expect(words).toEqual(expect.arrayContaining(['type', 'default', 'doc', 'order']))
    expect(words).not.toContain('fields')
  })
  it('offers primitives, types of the text under their names, and references as types', () => {
    const words = suggested('{ "type": "record", "name": "A", "namespace": "x", "fields": [{ "name": "a", "type": "|" }] }')
    expect(words).toEqual(expect.arrayContaining(['long', 'x.A', 'com.acme.Money', 'record']))
  })
  it('goes on in a union', () => {
    expect(suggested('{ "type": "record", "name": "A", "fields": [{ "name": "a", "type": ["null", "|"] }] }')).toContain('string')
  })
  it('offers only logical types that fit the type beside them', () => {
    const words = suggested('{ "type": "int", "logicalType": "|" }')
    expect(words).toContain('date')
    expect(words).not.toContain('timestamp-micros')
  })
  it('is quiet behind a finished value and in places that are free', () => {
    expect(suggested('{ "type": "record"| }')).toEqual([])
    expect(suggested('{ "type": "record", "doc": "|" }')).toEqual([])
  })
})

describe('completion in the other languages', () => {
  it('tells keywords of JSON Schema from names that a person chooses', () => {
    expect(suggested('{ "type": "object", "|" }', 'json-schema')).toContain('properties')
    expect(suggested('{ "properties": { "|" } }', 'json-schema')).toEqual([])
    expect(suggested('{ "properties": { "a": { "|" } } }', 'json-schema')).toContain('format')
  })
  it('offers definitions of the text for $ref, and members for required', () => {
    expect(suggested('{ "$defs": { "Money": {} }, "properties": { "a": { "$ref": "|" } } }', 'json-schema')).toEqual([
      '#/$defs/Money',
      'com.acme.Money',
    ])
    expect(suggested('{ "properties": { "a": {}, "b": {} }, "required": ["|"] }', 'json-schema')).toEqual(['a', 'b'])
  })
  it('offers messages of the text in Protobuf, and annotations in IDL', () => {
    expect(suggested('message Line {}\nmessage Order { Li| }', 'protobuf')).toContain('Line')
    expect(suggested('@na|', 'avro-idl')).toContain('@namespace')
  })
})

describe('hover', () => {
  const context = { language: 'avro' as const, references: [{ name: 'com.acme.Money', subject: 'money', version: 2 }] }
  it('tells a reference, with where it leads', () => {
    const text = '{ "type": "com.acme.Money" }'
    expect(meaningAt(text, text.indexOf('Money'), context)?.reference).toEqual({
      name: 'com.acme.Money',
      subject: 'money',
      version: 2,
    })
  })
  it('takes a word as a key or as a value by where it stands', () => {
    const text = '{ "order": "ignore", "type": "fixed" }'
    expect(meaningAt(text, text.indexOf('order') + 1, context)?.info).toContain('compared')
    expect(meaningAt(text, text.indexOf('fixed') + 1, context)?.info).toContain('bytes')
  })
  it('says nothing of words that it does not know', () => {
    expect(meaningAt('{ "name": "whatever" }', 13, context)).toBeNull()
  })
})

it('names nested types of Avro with the namespace that they inherit', () => {
  const text =
    '{ "type": "record", "name": "a.b.Outer", "fields": [{ "name": "x", "type": { "type": "enum", "name": "Inner", "symbols": [] } }] }'
  expect(namedTypes(text, 'avro').map((word) => word.name)).toEqual(expect.arrayContaining(['a.b.Outer', 'a.b.Inner']))
})
