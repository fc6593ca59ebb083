/**
 * Every difference type that registry-and-coordination section 2.2 names, both ways round: what the change is called, whether it is compatible,
 * and the same of its reverse.
 */
import { describe, expect, it } from 'vitest'
import { schemaOf } from '../testing'
import { type DifferenceType, differenceTypes } from './differences'
import { reservedIncompatibilities, reservedNames } from './reserved'
import { closed, compared, draft2020, integer, modern, number, object, type Schema, text } from './testing'

/** From the first to the second is `type`, back is `reverse`. A `+` before a name says that a reader goes on reading. */
interface Rule {
  readonly change: `${'+' | '-'}${DifferenceType}`
  readonly reverse: `${'+' | '-'}${DifferenceType}`
  readonly at?: string
  readonly from: Schema
  readonly to: Schema
}

const rule = (change: Rule['change'], reverse: Rule['reverse'], from: Schema, to: Schema, at?: string): Rule => ({
  change,
  reverse,
  from,
  to,
  ...(at === undefined ? {} : { at }),
})
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
    const told = new Set([...rules.flatMap(({ change, reverse }) => [change.slice(1), reverse.slice(1)]), ...reservedTypes])
    expect(differenceTypes.filter((type) => !told.has(type))).toEqual([])
  })
})

/** These are not between two texts but between a text and the metadata of two versions. */
const reservedTypes: readonly DifferenceType[] = ['RESERVED_PROPERTY_REMOVED', 'RESERVED_PROPERTY_CONFLICTS_WITH_PROPERTY']

describe('reserved names', () => {
  const found = (schema: Schema, before: string | undefined, now: string | undefined) =>
    reservedIncompatibilities(schemaOf(schema), reservedNames(before), reservedNames(now)).map(
      ({ type, path }) => `${type} ${path}`,
    )

  it('may be added and not taken back', () => {
    expect(found(object({}), 'a', 'a, b')).toEqual([])
    expect(found(object({}), 'a, b', 'a')).toEqual(['RESERVED_PROPERTY_REMOVED #'])
    expect(found(object({}), 'a', undefined)).toEqual(['RESERVED_PROPERTY_REMOVED #'])
  })

  it('are borne by no property', () => {
    expect(found(object({ properties: { a: text } }), undefined, 'b')).toEqual([])
    expect(found(object({ properties: { b: text } }), undefined, 'b')).toEqual([
      'RESERVED_PROPERTY_CONFLICTS_WITH_PROPERTY #/properties/b',
    ])
  })
})
