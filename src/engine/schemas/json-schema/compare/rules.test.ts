/**
 * Every difference type that registry-and-coordination section 2.2 names, both ways round: what the change is called, whether it is compatible,
 * and the same of its reverse.
 */
import { describe, expect, it } from 'vitest'
import type { CompatibilityPolicy } from '../../format'
import { parseJsonSchema } from '../parse'
import { compareShapes } from './compare'
import { type DifferenceType, differenceTypes, isCompatibleChange } from './differences'

type Schema = boolean | { readonly [keyword: string]: unknown }

/** From the first to the second is `type`, back is `reverse`. A `+` before a name says that a reader goes on reading. */
interface Rule {
  readonly change: `${'+' | '-'}${DifferenceType}`
  readonly reverse: `${'+' | '-'}${DifferenceType}`
  readonly at?: string
  readonly from: Schema
  readonly to: Schema
}

const draft2020 = 'https://json-schema.org/draft/2020-12/schema'
const rule = (change: Rule['change'], reverse: Rule['reverse'], from: Schema, to: Schema, at?: string): Rule => ({
  change,
  reverse,
  from,
  to,
  ...(at === undefined ? {} : { at }),
})
const modern = (schema: Readonly<Record<string, unknown>>): Schema => ({ $schema: draft2020, ...schema })
const object = (schema: Readonly<Record<string, unknown>>): Schema => ({ type: 'object', ...schema })
const closed = (schema: Readonly<Record<string, unknown>>): Schema => object({ additionalProperties: false, ...schema })
const [text, number, integer] = [{ type: 'string' }, { type: 'number' }, { type: 'integer' }]

/** A bound: comes and goes, rises and falls. An upper one is loosened by rising. */
const bound = (keyword: string, name: string, isUpper: boolean, schema: Readonly<Record<string, unknown>>): readonly Rule[] => {
  const type = (suffix: string) => `${name}_${suffix}` as DifferenceType
  const [rises, falls] = isUpper ? (['+', '-'] as const) : (['-', '+'] as const)
  return [
    rule(`-${type('ADDED')}`, `+${type('REMOVED')}`, schema, { ...schema, [keyword]: 5 }, `#/${keyword}`),
    rule(
      `${rises}${type('INCREASED')}`,
      `${falls}${type('DECREASED')}`,
      { ...schema, [keyword]: 5 },
      { ...schema, [keyword]: 6 },
      `#/${keyword}`,
    ),
  ]
}

const contains = { $schema: draft2020, type: 'array', contains: text }

const rules: readonly Rule[] = [
  rule('+ID_CHANGED', '+ID_CHANGED', { $id: 'a' }, { $id: 'b' }, '#/'),
  rule('+TITLE_CHANGED', '+TITLE_CHANGED', { title: 'a' }, { title: 'b' }, '#/'),
  rule('+DESCRIPTION_CHANGED', '+DESCRIPTION_CHANGED', { description: 'a' }, { description: 'b' }, '#/'),
  rule('+DEFAULT_CHANGED', '+DEFAULT_CHANGED', { type: 'string', default: 'a' }, { type: 'string', default: 'b' }, '#/'),
  rule('-SCHEMA_ADDED', '+SCHEMA_REMOVED', { type: 'array' }, { type: 'array', items: text }, '#/items'),
  rule('-SCHEMA_ADDED', '+SCHEMA_REMOVED', { type: 'array' }, { type: 'array', contains: text }, '#/contains'),
  rule('-SCHEMA_ADDED', '+SCHEMA_REMOVED', object({}), object({ propertyNames: { pattern: '^a' } }), '#/propertyNames'),
  rule('+TYPE_EXTENDED', '-TYPE_NARROWED', integer, number, '#/'),
  rule('+TYPE_EXTENDED', '-TYPE_NARROWED', { type: 'string', maxLength: 3 }, { maxLength: 3 }, '#/'),
  rule('-TYPE_CHANGED', '-TYPE_CHANGED', text, number, '#/'),
  ...bound('maxLength', 'MAX_LENGTH', true, text),
  ...bound('minLength', 'MIN_LENGTH', false, text),
  rule('-PATTERN_ADDED', '+PATTERN_REMOVED', text, { ...text, pattern: 'a' }, '#/pattern'),
  rule('-PATTERN_CHANGED', '-PATTERN_CHANGED', { ...text, pattern: 'a' }, { ...text, pattern: 'b' }, '#/pattern'),
  ...bound('maximum', 'MAXIMUM', true, number),
  ...bound('minimum', 'MINIMUM', false, number),
  ...bound('exclusiveMaximum', 'EXCLUSIVE_MAXIMUM', true, number),
  ...bound('exclusiveMinimum', 'EXCLUSIVE_MINIMUM', false, number),
  rule('-MULTIPLE_OF_ADDED', '+MULTIPLE_OF_REMOVED', number, { ...number, multipleOf: 2 }, '#/multipleOf'),
  rule(
    '-MULTIPLE_OF_EXPANDED',
    '+MULTIPLE_OF_REDUCED',
    { ...number, multipleOf: 0.1 },
    { ...number, multipleOf: 0.3 },
    '#/multipleOf',
  ),
  rule(
    '-MULTIPLE_OF_CHANGED',
    '-MULTIPLE_OF_CHANGED',
    { ...number, multipleOf: 2 },
    { ...number, multipleOf: 3 },
    '#/multipleOf',
  ),
  rule(
    '-REQUIRED_ATTRIBUTE_ADDED',
    '+REQUIRED_ATTRIBUTE_REMOVED',
    object({ properties: { a: text } }),
    object({ properties: { a: text }, required: ['a'] }),
    '#/required/a',
  ),
  rule(
    '+REQUIRED_ATTRIBUTE_WITH_DEFAULT_ADDED',
    '+REQUIRED_ATTRIBUTE_REMOVED',
    object({ properties: { a: { ...text, default: 'x' } } }),
    object({ properties: { a: { ...text, default: 'x' } }, required: ['a'] }),
    '#/required/a',
  ),
  rule('-REQUIRED_ATTRIBUTE_ADDED', '+REQUIRED_ATTRIBUTE_REMOVED', object({}), object({ required: ['a'] }), '#/required/a'),
  ...bound('maxProperties', 'MAX_PROPERTIES', true, { type: 'object' }),
  ...bound('minProperties', 'MIN_PROPERTIES', false, { type: 'object' }),
  rule('-ADDITIONAL_PROPERTIES_REMOVED', '+ADDITIONAL_PROPERTIES_ADDED', object({}), closed({}), '#/additionalProperties'),
  rule(
    '-ADDITIONAL_PROPERTIES_NARROWED',
    '+ADDITIONAL_PROPERTIES_EXTENDED',
    object({}),
    object({ additionalProperties: text }),
    '#/additionalProperties',
  ),
  rule(
    '+ADDITIONAL_PROPERTIES_ADDED',
    '-ADDITIONAL_PROPERTIES_REMOVED',
    closed({}),
    object({ additionalProperties: text }),
    '#/additionalProperties',
  ),
  rule(
    '-UNEVALUATED_PROPERTIES_REMOVED',
    '+UNEVALUATED_PROPERTIES_ADDED',
    modern({ type: 'object' }),
    modern({ type: 'object', unevaluatedProperties: false }),
    '#/unevaluatedProperties',
  ),
  rule(
    '-UNEVALUATED_PROPERTIES_NARROWED',
    '+UNEVALUATED_PROPERTIES_EXTENDED',
    modern({ type: 'object' }),
    modern({ type: 'object', unevaluatedProperties: text }),
    '#/unevaluatedProperties',
  ),
  rule(
    '-DEPENDENCY_ARRAY_ADDED',
    '+DEPENDENCY_ARRAY_REMOVED',
    object({}),
    object({ dependencies: { a: ['b'] } }),
    '#/dependencies/a',
  ),
  rule(
    '-DEPENDENCY_ARRAY_EXTENDED',
    '+DEPENDENCY_ARRAY_NARROWED',
    object({ dependencies: { a: ['b'] } }),
    object({ dependencies: { a: ['b', 'c'] } }),
    '#/dependencies/a',
  ),
  rule(
    '-DEPENDENCY_ARRAY_CHANGED',
    '-DEPENDENCY_ARRAY_CHANGED',
    object({ dependencies: { a: ['b'] } }),
    object({ dependencies: { a: ['c'] } }),
    '#/dependencies/a',
  ),
  rule(
    '-DEPENDENCY_ARRAY_EXTENDED',
    '+DEPENDENCY_ARRAY_NARROWED',
    modern({ type: 'object', dependentRequired: { a: ['b'] } }),
    modern({ type: 'object', dependentRequired: { a: ['b', 'c'] } }),
    '#/dependencies/a',
  ),
  rule(
    '-DEPENDENCY_SCHEMA_ADDED',
    '+DEPENDENCY_SCHEMA_REMOVED',
    object({}),
    object({ dependencies: { a: { required: ['b'] } } }),
    '#/dependencies/a',
  ),
  rule(
    '-REQUIRED_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL',
    '+PROPERTY_REMOVED_FROM_OPEN_CONTENT_MODEL',
    object({}),
    object({ properties: { a: text }, required: ['a'] }),
    '#/properties/a',
  ),
  rule(
    '-REQUIRED_PROPERTY_WITH_DEFAULT_ADDED_TO_OPEN_CONTENT_MODEL',
    '+PROPERTY_REMOVED_FROM_OPEN_CONTENT_MODEL',
    object({}),
    object({ properties: { a: { ...text, default: 'x' } }, required: ['a'] }),
    '#/properties/a',
  ),
  rule(
    '-OPTIONAL_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL',
    '+PROPERTY_REMOVED_FROM_OPEN_CONTENT_MODEL',
    object({}),
    object({ properties: { a: text } }),
    '#/properties/a',
  ),
  rule(
    '+PROPERTY_WITH_EMPTY_SCHEMA_ADDED_TO_OPEN_CONTENT_MODEL',
    '+PROPERTY_REMOVED_FROM_OPEN_CONTENT_MODEL',
    object({}),
    object({ properties: { a: {} } }),
    '#/properties/a',
  ),
  rule(
    '-REQUIRED_PROPERTY_ADDED_TO_UNOPEN_CONTENT_MODEL',
    '-PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL',
    closed({}),
    closed({ properties: { a: text }, required: ['a'] }),
    '#/properties/a',
  ),
  rule(
    '+REQUIRED_PROPERTY_WITH_DEFAULT_ADDED_TO_UNOPEN_CONTENT_MODEL',
    '-PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL',
    closed({}),
    closed({ properties: { a: { ...text, default: 'x' } }, required: ['a'] }),
    '#/properties/a',
  ),
  rule(
    '+OPTIONAL_PROPERTY_ADDED_TO_UNOPEN_CONTENT_MODEL',
    '-PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL',
    closed({}),
    closed({ properties: { a: text } }),
    '#/properties/a',
  ),
  rule(
    '+OPTIONAL_PROPERTY_ADDED_TO_UNOPEN_CONTENT_MODEL',
    '+PROPERTY_WITH_FALSE_REMOVED_FROM_CLOSED_CONTENT_MODEL',
    closed({}),
    closed({ properties: { a: false } }),
    '#/properties/a',
  ),
  rule(
    '+PROPERTY_ADDED_IS_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL',
    '+PROPERTY_REMOVED_IS_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL',
    object({ additionalProperties: text }),
    object({ additionalProperties: text, properties: { a: text } }),
    '#/properties/a',
  ),
  rule(
    '-PROPERTY_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL',
    '-PROPERTY_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL',
    object({ additionalProperties: text }),
    object({ additionalProperties: text, properties: { a: number } }),
    '#/properties/a',
  ),
  rule(
    '+PROPERTY_ADDED_IS_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL',
    '+PROPERTY_REMOVED_IS_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL',
    closed({ patternProperties: { '^x_': text } }),
    closed({ patternProperties: { '^x_': text }, properties: { x_a: text } }),
    '#/properties/x_a',
  ),
  ...bound('maxItems', 'MAX_ITEMS', true, { type: 'array' }),
  ...bound('minItems', 'MIN_ITEMS', false, { type: 'array' }),
  ...bound('maxContains', 'MAX_CONTAINS', true, contains),
  ...bound('minContains', 'MIN_CONTAINS', false, contains),
  rule('-UNIQUE_ITEMS_ADDED', '+UNIQUE_ITEMS_REMOVED', { type: 'array' }, { type: 'array', uniqueItems: true }, '#/uniqueItems'),
  rule(
    '-ADDITIONAL_ITEMS_REMOVED',
    '+ADDITIONAL_ITEMS_ADDED',
    { items: [text] },
    { items: [text], additionalItems: false },
    '#/additionalItems',
  ),
  rule(
    '-ADDITIONAL_ITEMS_NARROWED',
    '+ADDITIONAL_ITEMS_EXTENDED',
    { items: [text] },
    { items: [text], additionalItems: text },
    '#/additionalItems',
  ),
  rule(
    '-ADDITIONAL_ITEMS_REMOVED',
    '+ADDITIONAL_ITEMS_ADDED',
    modern({ prefixItems: [text] }),
    modern({ prefixItems: [text], items: false }),
    '#/additionalItems',
  ),
  rule(
    '-UNEVALUATED_ITEMS_REMOVED',
    '+UNEVALUATED_ITEMS_ADDED',
    modern({ prefixItems: [text] }),
    modern({ prefixItems: [text], unevaluatedItems: false }),
    '#/unevaluatedItems',
  ),
  rule(
    '-UNEVALUATED_ITEMS_NARROWED',
    '+UNEVALUATED_ITEMS_EXTENDED',
    modern({ prefixItems: [text] }),
    modern({ prefixItems: [text], unevaluatedItems: text }),
    '#/unevaluatedItems',
  ),
  rule(
    '-ITEM_ADDED_TO_OPEN_CONTENT_MODEL',
    '+ITEM_REMOVED_FROM_OPEN_CONTENT_MODEL',
    { items: [text] },
    { items: [text, text] },
    '#/items/1',
  ),
  rule(
    '+ITEM_WITH_EMPTY_SCHEMA_ADDED_TO_OPEN_CONTENT_MODEL',
    '+ITEM_REMOVED_FROM_OPEN_CONTENT_MODEL',
    { items: [text] },
    { items: [text, {}] },
    '#/items/1',
  ),
  rule(
    '+ITEM_ADDED_TO_CLOSED_CONTENT_MODEL',
    '-ITEM_REMOVED_FROM_CLOSED_CONTENT_MODEL',
    { items: [text], additionalItems: false },
    { items: [text, text], additionalItems: false },
    '#/items/1',
  ),
  rule(
    '+ITEM_ADDED_TO_CLOSED_CONTENT_MODEL',
    '+ITEM_WITH_FALSE_REMOVED_FROM_CLOSED_CONTENT_MODEL',
    { items: [text], additionalItems: false },
    { items: [text, false], additionalItems: false },
    '#/items/1',
  ),
  rule(
    '+ITEM_ADDED_IS_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL',
    '+ITEM_REMOVED_IS_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL',
    { items: [text], additionalItems: text },
    { items: [text, text], additionalItems: text },
    '#/items/1',
  ),
  rule(
    '-ITEM_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL',
    '-ITEM_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL',
    { items: [text], additionalItems: text },
    { items: [text, number], additionalItems: text },
    '#/items/1',
  ),
  rule('+ENUM_ARRAY_EXTENDED', '-ENUM_ARRAY_NARROWED', { enum: ['a'] }, { enum: ['a', 'b'] }, '#/enum'),
  rule('-ENUM_ARRAY_CHANGED', '-ENUM_ARRAY_CHANGED', { enum: ['a', 'b'] }, { enum: ['a', 'c'] }, '#/enum'),
  rule('-ENUM_ARRAY_CHANGED', '-ENUM_ARRAY_CHANGED', { const: 1 }, { const: 2 }, '#/const'),
  rule('+COMBINED_TYPE_EXTENDED', '-COMBINED_TYPE_CHANGED', { oneOf: [text, number] }, { anyOf: [text, number] }, '#/'),
  rule('+COMBINED_TYPE_EXTENDED', '+COMBINED_TYPE_EXTENDED', { oneOf: [text] }, { allOf: [text] }, '#/'),
  rule(
    '-PRODUCT_TYPE_EXTENDED',
    '+PRODUCT_TYPE_NARROWED',
    { allOf: [text, { maxLength: 3 }] },
    { allOf: [text, { maxLength: 3 }, { minLength: 1 }] },
    '#/',
  ),
  rule('-TYPE_CHANGED', '+PRODUCT_TYPE_NARROWED', text, { type: 'string', enum: ['a'] }, '#/'),
  rule('+SUM_TYPE_EXTENDED', '-SUM_TYPE_NARROWED', { oneOf: [text, number] }, { oneOf: [text, number, { type: 'null' }] }, '#/'),
  rule('+SUM_TYPE_EXTENDED', '-SUM_TYPE_NARROWED', { type: ['string', 'integer'] }, { type: ['string', 'number', 'null'] }, '#/'),
  rule('+SUM_TYPE_EXTENDED', '-TYPE_CHANGED', text, { type: ['string', 'null'] }, '#/'),
  rule(
    '-COMBINED_TYPE_SUBSCHEMAS_CHANGED',
    '-COMBINED_TYPE_SUBSCHEMAS_CHANGED',
    { oneOf: [text, number] },
    { oneOf: [text, { type: 'null' }] },
    '#/',
  ),
  rule('+NOT_TYPE_NARROWED', '-NOT_TYPE_EXTENDED', { not: number }, { not: integer }, '#/not'),
]

const shapeOf = (schema: Schema) => {
  const parsed = parseJsonSchema(JSON.stringify(schema), new Map(), { isNew: true })
  if (!parsed.ok) throw new Error(parsed.error[0]?.message)
  return parsed.value.shapes.root()
}

function compared(from: Schema, to: Schema, policy: CompatibilityPolicy = 'STRICT') {
  const differences = compareShapes(shapeOf(from), shapeOf(to), policy)
  return {
    types: differences.map((each) => each.type),
    shown: differences.map(
      (each) => `${each.type} #/${each.steps.flatMap((at) => (at.shown === '' ? [] : [at.shown])).join('/')}`,
    ),
    isCompatible: differences.every((each) => isCompatibleChange(each.type, policy)),
  }
}

describe('differences of JSON Schemas', () => {
  for (const { change, reverse, from, to, at } of rules) {
    const [name, back] = [change.slice(1), reverse.slice(1)]
    it(`${name}${change.startsWith('+') ? ' keeps readers reading' : ' breaks readers'}: ${JSON.stringify(from)} to ${JSON.stringify(to)}`, () => {
      const found = compared(from, to)
      if (at === undefined) expect(found.types).toContain(name)
      else expect(found.shown).toContain(`${name} ${at}`)
      expect(found.isCompatible).toBe(change.startsWith('+'))
    })
    it(`${back}${reverse.startsWith('+') ? ' keeps readers reading' : ' breaks readers'}: ${JSON.stringify(to)} to ${JSON.stringify(from)}`, () => {
      const found = compared(to, from)
      expect(found.types).toContain(back)
      expect(found.isCompatible).toBe(reverse.startsWith('+'))
    })
  }

  it('all have a rule here', () => {
    const told = new Set(rules.flatMap(({ change, reverse }) => [change.slice(1), reverse.slice(1)]))
    expect(differenceTypes.filter((type) => !told.has(type))).toEqual([])
  })
})

describe('the LENIENT policy', () => {
  const passes: readonly (readonly [string, Schema, Schema])[] = [
    ['an optional property comes to an open object', object({}), object({ properties: { a: text } })],
    [
      'a required property with a default comes to an open object',
      object({}),
      object({ properties: { a: { ...text, default: '' } }, required: ['a'] }),
    ],
    ['a property goes from a closed object', closed({ properties: { a: text } }), closed({})],
    ['an open object is closed', object({}), closed({})],
    ['an open object says what further properties are', object({}), object({ additionalProperties: text })],
    ['an unevaluated rest is closed', modern({ type: 'object' }), modern({ type: 'object', unevaluatedProperties: false })],
  ]
  for (const [what, from, to] of passes) {
    it(`lets pass what STRICT refuses: ${what}`, () => {
      expect(compared(from, to, 'STRICT').isCompatible).toBe(false)
      expect(compared(from, to, 'LENIENT').isCompatible).toBe(true)
    })
  }

  const refuses: readonly (readonly [string, Schema, Schema])[] = [
    ['a required property without a default', object({}), object({ properties: { a: text }, required: ['a'] })],
    ['further items that are no longer taken', { items: [text] }, { items: [text], additionalItems: false }],
    ['an item of a tuple that was open', { items: [text] }, { items: [text, text] }],
    ['another type', object({ properties: { a: text } }), object({ properties: { a: number } })],
  ]
  for (const [what, from, to] of refuses) {
    it(`refuses as STRICT does: ${what}`, () => {
      expect(compared(from, to, 'STRICT').isCompatible).toBe(false)
      expect(compared(from, to, 'LENIENT').isCompatible).toBe(false)
    })
  }
})

describe('the trap of FULL', () => {
  const both = (from: Schema, to: Schema) => compared(from, to).isCompatible && compared(to, from).isCompatible

  it('lets nothing be added to an open object or to a closed one', () => {
    expect(both(object({}), object({ properties: { a: text } }))).toBe(false)
    expect(both(closed({}), closed({ properties: { a: text } }))).toBe(false)
  })

  it('lets properties be added to a partially open object that covers them', () => {
    const partially = { patternProperties: { '^s_': text } }
    expect(both(closed(partially), closed({ ...partially, properties: { s_name: text } }))).toBe(true)
  })
})

describe('recursion', () => {
  const tree = (value: Schema): Schema => ({
    $ref: '#/definitions/Tree',
    definitions: {
      Tree: closed({
        properties: {
          value,
          left: { $ref: '#/definitions/Tree' },
          right: { anyOf: [{ type: 'null' }, { $ref: '#/definitions/Tree' }] },
        },
      }),
    },
  })

  it('ends, and finds equal trees equal', () => {
    expect(compared(tree(text), tree(text)).types).toEqual([])
  })

  it('finds a difference at the bottom of a cycle', () => {
    expect(compared(tree(integer), tree(number)).isCompatible).toBe(true)
    const back = compared(tree(number), tree(integer))
    expect(back.isCompatible).toBe(false)
    expect(back.shown).toContain('TYPE_NARROWED #/properties/value')
  })

  it('does not let a pair that was assumed compatible hide what another branch finds', () => {
    // A and B refer to one another; B's difference shows only after A's branch was taken for compatible.
    const graph = (leaf: Schema): Schema => ({
      anyOf: [{ $ref: '#/definitions/A' }, { $ref: '#/definitions/B' }],
      definitions: {
        A: closed({ properties: { b: { $ref: '#/definitions/B' } }, required: ['b'] }),
        B: closed({ properties: { a: { $ref: '#/definitions/A' }, leaf }, required: ['leaf'] }),
      },
    })
    expect(compared(graph(text), graph(text)).isCompatible).toBe(true)
    expect(compared(graph(text), graph(number)).isCompatible).toBe(false)
  })

  it('stays quick where many definitions refer to many', () => {
    const names = Array.from({ length: 30 }, (_, index) => `D${index}`)
    const definitions = Object.fromEntries(
      names.map((name, index) => [
        name,
        closed({
          properties: {
            kind: { const: name },
            next: { oneOf: names.map((other) => ({ $ref: `#/definitions/${other}` })) },
            at: { const: index },
          },
        }),
      ]),
    )
    const schema = { oneOf: names.map((name) => ({ $ref: `#/definitions/${name}` })), definitions }
    const startedAt = performance.now()
    expect(compared(schema, { ...schema, description: 'again' }).isCompatible).toBe(true)
    expect(performance.now() - startedAt).toBeLessThan(5_000)
  })
})

describe("bytes of Kafka Connect's converter", () => {
  it('may change their type', () => {
    const [from, to] = [
      { type: 'string', 'connect.type': 'bytes' },
      { type: 'number', 'connect.type': 'bytes' },
    ]
    expect(compared(from, to).isCompatible).toBe(true)
    expect(compared(from, { type: 'number' }).isCompatible).toBe(false)
  })
})

/** From entries: an object with a `then` of its own looks like a promise to the linter. */
const conditional = (condition: Schema, consequence: Schema): Schema =>
  Object.fromEntries([
    ['if', condition],
    ['then', consequence],
  ])

describe("what the registry's own rules overlook is told of", () => {
  const overlooked: readonly (readonly [string, Schema, Schema])[] = [
    [
      'a required name that is no property',
      object({ properties: { a: text } }),
      object({ properties: { a: text }, required: ['b'] }),
    ],
    ['a pattern that comes to an open object', object({}), object({ patternProperties: { '^a': text } })],
    [
      'a pattern that holds another type',
      object({ patternProperties: { '^a': text } }),
      object({ patternProperties: { '^a': number } }),
    ],
    ['a type that comes to keywords without one', { minLength: 1 }, { type: 'string', minLength: 1 }],
    ['contains with another schema', { type: 'array', contains: text }, { type: 'array', contains: number }],
    ['names of properties', object({ propertyNames: { maxLength: 5 } }), object({ propertyNames: { maxLength: 4 } })],
    ['a condition that asks more', conditional(text, { maxLength: 5 }), conditional(text, { maxLength: 4 })],
    ['another condition', conditional(text, { maxLength: 5 }), conditional(number, { maxLength: 5 })],
  ]
  for (const [what, from, to] of overlooked) {
    it(what, () => expect(compared(from, to).isCompatible).toBe(false))
  }
})

describe('numbers', () => {
  const bounded = (maximum: string) => shapeText(`{"type":"integer","maximum":${maximum}}`)
  const shapeText = (text: string) => {
    const parsed = parseJsonSchema(text, new Map(), { isNew: true })
    if (!parsed.ok) throw new Error(text)
    return parsed.value.shapes.root()
  }
  const types = (from: string, to: string) => compareShapes(bounded(from), bounded(to), 'STRICT').map((each) => each.type)

  it('are compared beyond what a double holds', () => {
    expect(types('9223372036854775807', '9223372036854775806')).toEqual(['MAXIMUM_DECREASED'])
    expect(types('9223372036854775806', '9223372036854775807')).toEqual(['MAXIMUM_INCREASED'])
  })

  it('are equal however they are written', () => {
    expect(types('100', '1e2')).toEqual([])
    expect(types('0.50', '5e-1')).toEqual([])
  })
})
