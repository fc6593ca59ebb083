import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { avroFormat } from '../index'
import { anySchema, recordSchema } from '../testing/arbitraries'
import { enumOf, field, fixed, record, schemaOf } from '../testing/schemas'
import { movedFields } from './fields'

const short = { BACKWARD: 'B', FORWARD: 'F' } as const
const changes = (older: unknown, newer: unknown): readonly string[] =>
  avroFormat
    .changes(schemaOf(older), schemaOf(newer))
    .map(
      ({ type, description, breaks }) =>
        `${type}${breaks.length > 0 ? ` ${breaks.map((direction) => short[direction]).join('')}` : ''}: ${description}`,
    )

const order = (...fields: unknown[]) => record('Order', fields)

describe('changes between versions', () => {
  it('tells what happened to the schema of the drawing', () => {
    const older = order(
      field('orderId', 'long'),
      field('status', enumOf('Status', ['PLACED', 'PAID', 'REFUNDED'])),
      field('currency', 'string', { default: 'EUR' }),
      field('coupon', ['null', 'string'], { default: null }),
      field('lines', { type: 'array', items: 'string' }, { doc: 'of the order' }),
      field('placedAt', { type: 'long', logicalType: 'timestamp-millis' }),
    )
    const newer = order(
      field('orderId', 'long'),
      field('status', enumOf('Status', ['PLACED', 'PAID'])),
      field('currency', 'string'),
      field('lines', { type: 'array', items: 'string' }),
      field('discount', ['null', record('Money', [])], { default: null }),
      field('placedAt', { type: 'long', logicalType: 'timestamp-milli' }),
      field('coupon', ['null', 'string'], { default: null }),
    )
    expect(changes(older, newer)).toEqual([
      "FIELD_ADDED: Field 'discount' (Money?) is added with the default null.",
      'SYMBOL_REMOVED B: Symbol REFUNDED of enum Status is removed.',
      'DEFAULT_REMOVED: The default "EUR" of field \'currency\' is removed.',
      "DOC_CHANGED: The doc of field 'lines' is removed.",
      "LOGICAL_TYPE_CHANGED: Field 'placedAt' is no longer timestamp-millis.",
      "FIELD_MOVED: Field 'coupon' moves from 4th to 7th.",
    ])
  })

  it('tells which readers a field breaks', () => {
    expect(changes(order(), order(field('a', 'int')))).toEqual(["FIELD_ADDED B: Field 'a' (int) is added without a default."])
    expect(changes(order(field('a', 'int')), order())).toEqual(["FIELD_REMOVED F: Field 'a' (int) is removed."])
    expect(changes(order(field('a', 'int', { default: 1 })), order())).toEqual(["FIELD_REMOVED: Field 'a' (int) is removed."])
    expect(changes(order(field('a', 'int')), order(field('b', 'int', { aliases: ['a'] })))).toEqual([
      "FIELD_RENAMED F: Field 'a' is called 'b' now, with an alias for the old name.",
    ])
  })

  it('tells of types', () => {
    const typed = (older: unknown, newer: unknown) => changes(order(field('a', older)), order(field('a', newer)))
    expect(typed('int', 'long')).toEqual(["TYPE_WIDENED F: Field 'a' is widened from int to long."])
    expect(typed('long', 'int')).toEqual(["TYPE_NARROWED B: Field 'a' is narrowed from long to int."])
    expect(typed('int', 'string')).toEqual(["TYPE_CHANGED BF: Field 'a' changes from int to string."])
    expect(typed('string', 'bytes')).toEqual(["TYPE_CHANGED: Field 'a' changes from string to bytes."])
    expect(typed('string', ['null', 'string'])).toEqual(["TYPE_WIDENED F: Field 'a' may also be null."])
    expect(typed(['null', 'string'], 'string')).toEqual(["TYPE_NARROWED B: Field 'a' may no longer be null."])
    expect(typed(['null', 'string'], ['null', 'int'])).toEqual([
      "BRANCH_REMOVED B: Field 'a' may no longer be string.",
      "BRANCH_ADDED F: Field 'a' may also be int.",
    ])
    expect(typed(['null', 'string'], ['string', 'null'])).toEqual([
      "BRANCHES_REORDERED: The types of field 'a' stand in another order.",
    ])
    expect(typed({ type: 'array', items: 'int' }, { type: 'array', items: 'long' })).toEqual([
      "TYPE_WIDENED F: An item of field 'a' is widened from int to long.",
    ])
    expect(typed(fixed('F', 4), fixed('F', 8))).toEqual(['SIZE_CHANGED BF: Fixed F has 8 bytes instead of 4.'])
    expect(typed(record('X', []), record('Y', []))).toEqual(['NAME_CHANGED BF: Record X is called Y now.'])
  })

  it('tells of what breaks nobody', () => {
    expect(
      changes(
        order(field('a', 'int')),
        record('Order', [field('a', 'int', { order: 'ignore', x: 1 })], { namespace: 'n', doc: 'd', aliases: ['O'] }),
      ),
    ).toEqual([
      'NAMESPACE_CHANGED: Record Order moves from no namespace to n.',
      'DOC_CHANGED: The doc of record Order is added.',
      'ALIASES_CHANGED: Record Order has other aliases.',
      "ORDER_CHANGED: Field 'a' sorts ignore instead of ascending.",
      "ATTRIBUTES_CHANGED: Attributes of field 'a' change.",
    ])
    expect(changes(enumOf('E', ['A', 'B']), enumOf('E', ['B', 'A'], { default: 'A' }))).toEqual([
      'SYMBOLS_REORDERED: The symbols of enum E stand in another order.',
      'ENUM_DEFAULT_CHANGED: Enum E has the default A now.',
    ])
  })

  it('lays a branch that does not read to what changed inside of it', () => {
    const money = (...fields: unknown[]) => order(field('m', ['null', record('Money', fields)]))
    expect(changes(money(), money(field('cents', 'int')))).toEqual([
      "FIELD_ADDED B: Field 'cents' (int) is added without a default.",
    ])
  })

  it('moves as few fields as it can', () => {
    expect([...movedFields([0, 1, 2])]).toEqual([])
    expect([...movedFields([2, 0, 1])]).toEqual([0])
    expect([...movedFields([])]).toEqual([])
  })
})

/**
 * Invariants: an equal schema has no changes; what breaks is exactly what is incompatible; places of changes are places of the texts.
 */
describe('generated pairs', () => {
  const agree = (older: unknown, newer: unknown): void => {
    const [from, to] = [schemaOf(older), schemaOf(newer)]
    const found = avroFormat.changes(from, to)
    const breaks = (direction: 'BACKWARD' | 'FORWARD') => found.some((change) => change.breaks.includes(direction))
    expect(breaks('BACKWARD')).toBe(avroFormat.incompatibilities(to, from, 'STRICT').length > 0)
    expect(breaks('FORWARD')).toBe(avroFormat.incompatibilities(from, to, 'STRICT').length > 0)
    for (const change of found) {
      if (change.olderPath !== null)
        expect(avroFormat.locate(from.text, change.olderPath), `${change.olderPath} of ${from.text}`).not.toBeNull()
      if (change.newerPath !== null)
        expect(avroFormat.locate(to.text, change.newerPath), `${change.newerPath} of ${to.text}`).not.toBeNull()
    }
  }

  it('agree with the compatibility rules', () => {
    fc.assert(fc.property(anySchema, anySchema, agree), { numRuns: 100 })
    fc.assert(fc.property(recordSchema, recordSchema, agree), { numRuns: 100 })
  })

  it('have no changes from themselves, and every reader reads its own', () => {
    fc.assert(
      fc.property(anySchema, (schema) => {
        const [left, right] = [schemaOf(schema), schemaOf(JSON.stringify(schema, null, 2))]
        expect(avroFormat.changes(left, right)).toEqual([])
        expect(avroFormat.incompatibilities(left, right, 'STRICT')).toEqual([])
      }),
      { numRuns: 60 },
    )
  })
})
