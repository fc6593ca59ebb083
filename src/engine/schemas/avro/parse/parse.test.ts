/** Each rule with its place, its words and its fix. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { avroFormat, parseAvro } from '../index'
import { anySchema } from '../testing/arbitraries'
import { applyFix, enumOf, field, fixed, record, schemaOf } from '../testing/schemas'

const texts = (schema: unknown): string => (typeof schema === 'string' ? schema : JSON.stringify(schema))

const found = (
  schema: unknown,
  severity: 'error' | 'warning',
  isNew = true,
  references: ReadonlyMap<string, string> = new Map(),
) => {
  const outcome = parseAvro(texts(schema), references, { isNew })
  return (outcome.ok ? outcome.value.warnings : outcome.error).filter((problem) => problem.severity === severity)
}
/** 'place: message' of each. */
const told = (schema: unknown, severity: 'error' | 'warning' = 'error', isNew = true): readonly string[] =>
  found(schema, severity, isNew).map(({ from, to, message }) => `${texts(schema).slice(from, to)}: ${message}`)
/** The text after the first fix of the first problem, with which nothing of that severity is left. */
const mended = (schema: unknown, severity: 'error' | 'warning' = 'error'): unknown => {
  const [problem] = found(schema, severity)
  const text = applyFix(texts(schema), problem!.fixes[0]!)
  expect(told(text, severity)).toEqual([])
  return JSON.parse(text)
}
const inRecord = (...fields: unknown[]) => record('R', fields)

describe('what is accepted', () => {
  it('takes every kind of type, comments and a union default of any branch', () => {
    const schema = schemaOf(`{ // an order
      "type": "record", "name": "a.b.R", "fields": [
        { "name": "u", "type": ["string", "null"], "default": null }, /* and */
        { "name": "self", "type": ["null", "R"] }, { "name": "f", "type": "float", "default": "1.5" }
      ] }`)
    expect(schema.root).toMatchObject({ kind: 'record', name: { name: 'R', namespace: 'a.b', fullName: 'a.b.R' } })
    expect(avroFormat.recordName(schema)).toBe('a.b.R')
    expect(avroFormat.recordName(schemaOf('int'))).toBeNull()
  })

  it('closes recursion over the very same type', () => {
    const { root } = schemaOf(inRecord(field('next', ['null', 'R'])))
    if (root.kind !== 'record' || root.fields[0]!.type.kind !== 'union') throw new Error('not the shape')
    expect(root.fields[0]!.type.branches[1]).toBe(root)
  })

  it('takes names from references, in their order', () => {
    const inner = '{"type":"fixed","name":"Id","namespace":"x","size":4}'
    const outer = '{"type":"record","name":"Customer","namespace":"x","fields":[{"name":"id","type":"Id"}]}'
    const references = new Map([
      ['inner', inner],
      ['outer', outer],
    ])
    const text =
      '{"type":"record","name":"Order","namespace":"x","fields":[{"name":"c","type":"Customer"},{"name":"i","type":"x.Id"}]}'
    const schema = schemaOf(text, references)
    expect(avroFormat.canonicalText(schema)).toBe(text.replace('"x.Id"', '"Id"'))
    expect(avroFormat.resolvedText(schema)).toBe(
      '{"type":"record","name":"Order","namespace":"x","fields":[{"name":"c","type":{"type":"record","name":"Customer","fields":[{"name":"id","type":{"type":"fixed","name":"Id","size":4}}]}},{"name":"i","type":"Id"}]}',
    )
  })

  it('says which reference cannot be read', () => {
    expect(found('"x.Id"', 'error', true, new Map([['bad', '{"type":"fixed"}']]))[0]!.message).toBe(
      'The referenced schema "bad" cannot be read: This fixed has no name.',
    )
  })

  it('takes a second definition of a referenced type only if it is equal', () => {
    const references = new Map([['id', '{"type":"fixed","name":"Id","size":4}']])
    const again = (size: number) => inRecord(field('id', fixed('Id', size)))
    expect(found(again(4), 'error', true, references)).toEqual([])
    expect(found(again(4), 'warning', true, references)[0]!.message).toBe('Id is defined by the reference "id" already.')
    expect(found(again(5), 'error', true, references)[0]!.message).toBe(
      'Id is defined by the reference "id" already, and differently.',
    )
  })

  it('takes stored schemas as they are: names and defaults are of new ones', () => {
    const stored = record('bad-name', [field('ünï', 'int', { default: 'x' }), field('e', enumOf('E', ['a-b']))])
    expect(told(stored, 'error', false)).toEqual([])
    expect(told(stored)).toHaveLength(4)
  })
})

describe('errors', () => {
  it('of syntax are all told, and what stands behind them is judged', () => {
    expect(told('{"type":"record" "name":"R","fields":[{"name":"a","type":"strng",}]')).toEqual([
      '{: This object is not closed: its } is missing.',
      '": A comma is missing before this.',
      '"strng": The type strng is unknown.',
      ',: There is a comma behind the last entry.',
    ])
    expect(told('')).toEqual([': The text is empty: there is no value in it.'])
  })

  it('of unknown names suggest the nearest', () => {
    expect(told(inRecord(field('a', 'strng')))).toEqual(['"strng": The type strng is unknown.'])
    expect(mended(inRecord(field('a', 'strng')))).toEqual(inRecord(field('a', 'string')))
    const lines = record('Order', [field('l', record('Line', [])), field('m', 'Lien')], { namespace: 'n' })
    expect(mended(lines)).toMatchObject({ fields: [{}, { type: 'n.Line' }] })
    const elsewhere = record('Order', [field('l', record('Line', [], { namespace: 'other' })), field('m', 'Line')], {
      namespace: 'n',
    })
    expect(told(elsewhere)).toEqual(['"Line": The type Line is not in this namespace.'])
    expect(mended(elsewhere)).toMatchObject({ fields: [{}, { type: 'other.Line' }] })
    expect(found(inRecord(field('a', 'com.acme.Money')), 'error')[0]!.hint).toBe(
      'Define com.acme.Money, or add a reference to the subject that does.',
    )
  })

  it('of names', () => {
    expect(told(record('order-line', []))).toEqual(['"order-line": The name "order-line" contains "-".'])
    expect(mended(record('order-line', []))).toEqual(record('order_line', []))
    expect(told(record('R', [], { namespace: 'com.1acme' }))).toEqual([
      '"com.1acme": A part of the namespace "com.1acme" begins with "1".',
    ])
    expect(told(inRecord(field('ä', 'int'), field('', 'int')))).toEqual([
      '"ä": The field name "ä" begins with "ä".',
      '"": The field name "" is empty.',
    ])
    expect(mended(enumOf('E', ['A', 'B C']))).toEqual(enumOf('E', ['A', 'B_C']))
    expect(told(record('string', []))).toEqual(['"string": A type must not be called string: that is a primitive.'])
    expect(told({ type: 'record', fields: [] })).toEqual(['"record": This record has no name.'])
    expect(told(record('R', [], { aliases: 'Q' }))).toEqual(['"Q": "aliases" is an array of names, not the text "Q".'])
    expect(mended(record('R', [], { aliases: 'Q' }))).toEqual(record('R', [], { aliases: ['Q'] }))
  })

  it('of repetition', () => {
    expect(told(inRecord(field('a', 'int'), field('a', 'long')))).toEqual(['"a": The field "a" is there twice.'])
    expect(told(enumOf('E', ['A', 'A']))).toEqual(['"A": The symbol A is there twice.'])
    expect(told(['int', 'string', 'int'])).toEqual(['"int": The union has int twice.'])
    expect(
      told([
        { type: 'array', items: 'int' },
        { type: 'array', items: 'long' },
      ]),
    ).toHaveLength(1)
    expect(told([fixed('A', 1), fixed('B', 1)])).toEqual([])
    expect(told([['null']])).toEqual(['["null"]: A union stands in a union.'])
    const twice = inRecord(field('a', fixed('F', 1)), field('b', fixed('F', 2)))
    expect(told(twice)).toEqual(['"F": F is defined twice, and differently.'])
    expect(mended(twice)).toMatchObject({ fields: [{}, { type: 'F' }] })
  })

  it('of shapes that people write who know JSON better than Avro', () => {
    expect(mended(inRecord({ name: 'tags', type: 'array', items: 'string' }))).toEqual(
      inRecord(field('tags', { type: 'array', items: 'string' })),
    )
    expect(mended(inRecord({ type: 'enum', symbols: ['A'], name: 'kind' }))).toMatchObject({
      fields: [{ name: 'kind', type: { type: 'enum', name: 'Kind', symbols: ['A'] } }],
    })
    expect(mended(inRecord({ items: 'string', type: 'array', name: 'tags' }))).toMatchObject({
      fields: [{ name: 'tags', type: { items: 'string' } }],
    })
    expect(mended({ name: 'R', fields: [] })).toEqual({ type: 'record', name: 'R', fields: [] })
    expect(mended(inRecord(field('a', { type: { type: 'string' } })))).toEqual(inRecord(field('a', { type: 'string' })))
    expect(told(inRecord(field('a', 'record')))[0]).toBe('"record": "record" needs an object of its own here.')
    expect(told(5)).toEqual(['5: A type is expected here, not the number 5.'])
    expect(told({ type: 'array' })).toEqual(['"array": This array does not say what it holds: it has no "items".'])
    expect(told({ type: 'map' })).toHaveLength(1)
    expect(told({ type: 'record', name: 'R' })).toEqual(['"record": This record has no "fields".'])
    expect(told({ type: 'record', name: 'R', fields: {} })).toEqual(['{}: "fields" is an array of fields, not an object.'])
    expect(told(inRecord('a', { type: 'int' }, { name: 'b' }))).toEqual([
      '"a": A field is an object with "name" and "type", not the text "a".',
      '{"type":"int"}: This field has no name.',
      '"b": The field "b" has no type.',
    ])
  })

  it('of enums and fixed', () => {
    expect(told(enumOf('E', ['RED'], { default: 'RDE' }))).toEqual(['"RDE": The default RDE is none of the symbols.'])
    expect(mended(enumOf('E', ['RED'], { default: 'RDE' }))).toEqual(enumOf('E', ['RED'], { default: 'RED' }))
    expect(told({ type: 'enum', name: 'E' })).toHaveLength(1)
    expect(told(fixed('F', -1))).toEqual(['-1: The size of a fixed is a whole number of bytes from 0 up, not the number -1.'])
    expect(told({ type: 'fixed', name: 'F', size: 1.5 })).toHaveLength(1)
    expect(told({ type: 'fixed', name: 'F' })).toHaveLength(1)
    expect(told(inRecord(field('a', 'int', { order: 'asc' })))).toHaveLength(1)
    expect(mended(inRecord(field('a', 'int', { order: 'ascendin' })))).toEqual(
      inRecord(field('a', 'int', { order: 'ascending' })),
    )
  })

  it('of defaults, as deep as they are wrong', () => {
    const withDefault = (type: unknown, value: unknown) => inRecord(field('a', type, { default: value }))
    const message = (type: unknown, value: unknown) => told(withDefault(type, value))[0]?.replace(/^.*its type: /, '')
    expect(message('int', 2147483648)).toBe('2147483648 is outside of int (-2147483648 to 2147483647).')
    expect(told('{"type":"record","name":"R","fields":[{"name":"a","type":"long","default":9223372036854775807}]}')).toEqual([])
    expect(told('{"type":"record","name":"R","fields":[{"name":"a","type":"long","default":9223372036854775808}]}')).toHaveLength(
      1,
    )
    expect(told('{"type":"record","name":"R","fields":[{"name":"a","type":"int","default":1.0}]}')).toHaveLength(1)
    expect(message('string', null)).toBe('null is no text.')
    expect(message({ type: 'array', items: 'int' }, [1, 'x'])).toBe('the text "x" is no int.')
    expect(message({ type: 'map', values: 'boolean' }, { k: 0 })).toBe('the number 0 is neither true nor false.')
    expect(message(record('Q', [field('x', 'int'), field('y', 'int', { default: 1 })]), {})).toBe(
      'it lacks the field "x" of Q, which has no default.',
    )
    expect(message(['null', 'int'], 'x')).toBe('the text "x" is no int.')
    expect(message(['null', 'int', 'boolean'], 'x')).toBe('the text "x" is none of null, int, boolean.')
    expect(message(fixed('F', 2), 5)).toBe('the number 5 is no text with a character for each byte.')
    for (const [type, value] of [
      ['double', 1],
      ['bytes', '\u00ff'],
      ['null', null],
      [record('Q', [field('x', 'int')]), { x: 1 }],
      [{ type: 'map', values: 'long' }, {}],
    ])
      expect(message(type, value)).toBeUndefined()
  })

  it('of defaults have fixes', () => {
    expect(mended(inRecord(field('a', 'string', { default: null })))).toEqual(
      inRecord(field('a', ['null', 'string'], { default: null })),
    )
    expect(mended(inRecord(field('a', ['string', 'int'], { default: null })))).toEqual(
      inRecord(field('a', ['null', 'string', 'int'], { default: null })),
    )
    expect(mended(inRecord(field('a', 'int', { default: '5' })))).toEqual(inRecord(field('a', 'int', { default: 5 })))
    expect(mended(inRecord(field('a', 'string', { default: 5 })))).toEqual(inRecord(field('a', 'string', { default: '5' })))
    expect(mended(inRecord(field('a', 'boolean', { default: 'true' })))).toEqual(
      inRecord(field('a', 'boolean', { default: true })),
    )
  })
})

describe('warnings', () => {
  it('of logical types that nobody knows, with the one that is meant', () => {
    const long = (logicalType: string) => inRecord(field('at', { type: 'long', logicalType }))
    expect(told(long('timestamp-milli'), 'warning')).toEqual(['"timestamp-milli": Logical type timestamp-milli is unknown.'])
    expect(found(long('timestamp-milli'), 'warning')[0]).toMatchObject({
      hint: 'Readers get a plain long.',
      path: '/fields/0/type/logicalType',
      fixes: [{ label: 'Change to timestamp-millis' }],
    })
    for (const written of ['timestamp-milli', 'timestampMillis', 'timestamp', 'timestamp_ms'])
      expect(mended(long(written), 'warning')).toEqual(long('timestamp-millis'))
    expect(found(long('quaternion'), 'warning')[0]!.fixes).toEqual([])
  })

  it('of logical types that do not fit', () => {
    expect(told({ type: 'long', logicalType: 'date' }, 'warning')).toEqual([
      '"date": Logical type date stands on an int, not on a long.',
    ])
    expect(mended({ type: 'long', logicalType: 'date' }, 'warning')).toEqual({ type: 'int', logicalType: 'date' })
    expect(told(fixed('D', 11, { logicalType: 'duration' }), 'warning')).toEqual([
      '"duration": Logical type duration stands on a fixed of 12 bytes, not on a fixed of 11 bytes.',
    ])
    const decimal = (rest: object, type: object = { type: 'bytes' }) => ({ ...type, logicalType: 'decimal', ...rest })
    expect(told(decimal({}), 'warning')).toEqual(['"decimal": A decimal needs a precision, the number of its digits.'])
    expect(told(decimal({ precision: 2, scale: 3 }), 'warning')).toEqual(['3: The scale 3 is above the precision 2.'])
    expect(told(decimal({ precision: 0 }), 'warning')).toHaveLength(1)
    expect(told(decimal({ precision: 3, scale: -1 }), 'warning')).toHaveLength(1)
    expect(mended(fixed('D', 4, { logicalType: 'decimal', precision: 10 }), 'warning')).toEqual(
      fixed('D', 4, { logicalType: 'decimal', precision: 9 }),
    )
    expect(schemaOf(decimal({ precision: 30, scale: 4 })).root.logicalType).toEqual({ name: 'decimal', precision: 30, scale: 4 })
    expect(mended(inRecord(field('at', 'long', { logicalType: 'timestamp-millis' })), 'warning')).toEqual(
      inRecord(field('at', { type: 'long', logicalType: 'timestamp-millis' })),
    )
  })

  it('of attributes that look like others', () => {
    expect(told(inRecord(field('a', 'int', { defualt: 1 })), 'warning')).toEqual([
      '"defualt": Nobody reads the attribute "defualt".',
    ])
    expect(mended(inRecord(field('a', 'int', { defualt: 1 })), 'warning')).toEqual(inRecord(field('a', 'int', { default: 1 })))
    expect(mended(record('R', [], { nameSpace: 'x' }), 'warning')).toEqual(record('R', [], { namespace: 'x' }))
    expect(told(inRecord(field('a', 'int', { owner: 'me', 'connect.name': 1 })), 'warning')).toEqual([])
  })

  it('of what other tools refuse or confuse', () => {
    expect(told(inRecord(field('orderId', 'int'), field('orderid', 'int')), 'warning')).toEqual([
      '"orderid": "orderid" differs from another field by letter case only.',
    ])
    expect(told(inRecord(field('a', ['string', 'null'], { default: null })), 'warning')).toEqual([
      'null: The default of "a" is of the union\'s second branch.',
    ])
    expect(mended(inRecord(field('a', ['string', 'null'], { default: null })), 'warning')).toEqual(
      inRecord(field('a', ['null', 'string'], { default: null })),
    )
    expect(told(inRecord(field('a', 'F'), field('b', fixed('F', 1))), 'warning')).toEqual([
      '"F": F is used before it is defined.',
    ])
    expect(told(inRecord(field('a', enumOf('E', ['RED']), { default: 'RDE' })), 'warning')).toEqual([
      '"RDE": The default RDE is no symbol of E.',
    ])
    expect(told(inRecord(field('a', fixed('F', 2), { default: 'abc' })), 'warning')).toHaveLength(1)
    expect(told(record('a.R', [], { namespace: 'b' }), 'warning')).toEqual([
      '"b": The namespace is ignored: the name a.R brings its own.',
    ])
    expect(told([], 'warning')).toEqual(['[]: This union is empty: no value fits it.'])
    expect(told(record('R', [], { doc: 5 }), 'warning')).toEqual(['5: "doc" is a text; the number 5 is dropped.'])
  })
})

/** Never throws; places lie in the text; a schema that parses has a canonical text that parses to the same. */
describe('whatever the text', () => {
  it('keeps its promises', () => {
    const cut = fc.tuple(anySchema, fc.nat(), fc.string({ maxLength: 3 })).map(([schema, at, noise]) => {
      const text = JSON.stringify(schema)
      return text.slice(0, at % (text.length + 1)) + noise + text.slice((at % (text.length + 1)) + 1)
    })
    fc.assert(
      fc.property(fc.oneof(cut, fc.string(), fc.json()), (text) => {
        const outcome = parseAvro(text, new Map(), { isNew: true })
        const problems = outcome.ok ? outcome.value.warnings : outcome.error
        expect(outcome.ok || problems.length > 0).toBe(true)
        for (const { from, to, fixes } of problems) {
          expect(0 <= from && from <= to && to <= text.length).toBe(true)
          for (const fix of fixes) applyFix(text, fix)
        }
        avroFormat.outline(text)
        avroFormat.format(text)
      }),
      { numRuns: 200 },
    )
  })

  it('has a canonical text that is its own canonical text', () => {
    fc.assert(
      fc.property(anySchema, (value) => {
        const schema = schemaOf(value)
        for (const write of [avroFormat.canonicalText, avroFormat.normalizedText, avroFormat.resolvedText]) {
          const text = write(schema)
          expect(write(schemaOf(text))).toBe(text)
        }
      }),
      { numRuns: 100 },
    )
  })
})
