import { describe, expect, it } from 'vitest'
import type { FilterField, FilterOperator } from '../../shared/model/messages'
import { compileFilters, type SeenRecord } from './record-filter'

const bytes = (text: string | null): Uint8Array | null => (text === null ? null : Buffer.from(text))

function seen(change: {
  key?: string | null
  value?: string | null
  headers?: [string, string | null][]
  json?: string
  offset?: number
}): SeenRecord {
  const { key = 'k', value = 'v', headers = [], json, offset = 7 } = change
  return {
    topic: 'orders',
    partition: 3,
    record: {
      offset,
      timestamp: 1_700_000_000_123n,
      key: bytes(key),
      value: bytes(value),
      headers: headers.map(([name, text]) => ({ key: name, keyBytes: Buffer.from(name), value: bytes(text) })),
      attributes: 0,
    },
    json: (part) => (part === 'value' ? (json ?? null) : null),
  }
}

const field = (path: string): FilterField => ({ kind: 'field', part: 'value', path })
const holds = (
  of: FilterField,
  operator: FilterOperator,
  operand: string,
  record: SeenRecord,
  isCaseSensitive = false,
): boolean => compileFilters([{ field: of, operator, operand, isCaseSensitive }]).test(record)

describe('filters of records', () => {
  it('compare 64-bit integers by their digits', () => {
    const record = seen({ value: '{"id":7205759403792793601}' })
    expect(holds(field('id'), 'equals', '7205759403792793601', record)).toBe(true)
    expect(holds(field('id'), 'equals', '7205759403792793600', record)).toBe(false)
    expect(holds(field('id'), 'greater', '7205759403792793600', record)).toBe(true)
    expect(holds(field('id'), 'at-most', '7205759403792793600', record)).toBe(false)
  })

  it('tell null, absent and empty apart', () => {
    const record = seen({ value: '{"a":null,"b":""}' })
    expect([
      holds(field('a'), 'is-null', '', record),
      holds(field('b'), 'is-null', '', record),
      holds(field('c'), 'is-null', '', record),
    ]).toEqual([true, false, false])
    expect([
      holds(field('a'), 'exists', '', record),
      holds(field('c'), 'exists', '', record),
      holds(field('c'), 'absent', '', record),
    ]).toEqual([true, false, true])
    expect(holds({ kind: 'value' }, 'is-null', '', seen({ value: null }))).toBe(true)
    expect(holds({ kind: 'value' }, 'is-null', '', seen({ value: '' }))).toBe(false)
    expect(holds({ kind: 'value' }, 'equals', '', seen({ value: '' }))).toBe(true)
  })

  it('look at every header of a name, and keep what has none of them for a negation', () => {
    const record = seen({
      headers: [
        ['retry', '1'],
        ['retry', '2'],
        ['tenant', null],
      ],
    })
    expect(holds({ kind: 'header', name: 'retry' }, 'equals', '2', record)).toBe(true)
    expect(holds({ kind: 'header', name: 'retry' }, 'not-equals', '2', record)).toBe(false)
    expect(holds({ kind: 'header', name: 'none' }, 'not-equals', '2', record)).toBe(true)
    expect(holds({ kind: 'header', name: 'tenant' }, 'is-null', '', record)).toBe(true)
  })

  it('see what a schema decodes before the bytes', () => {
    const record = seen({ value: '\u0000\u0000\u0000\u0000\u0007binary', json: '{"status":"PAID"}' })
    expect(holds(field('status'), 'equals', 'paid', record)).toBe(true)
    expect(holds(field('status'), 'equals', 'paid', record, true)).toBe(false)
    expect(holds({ kind: 'value' }, 'contains', 'PAID', record, true)).toBe(true)
  })

  it('hold all at once', () => {
    const { test } = compileFilters([
      { field: { kind: 'partition' }, operator: 'equals', operand: '3', isCaseSensitive: false },
      { field: { kind: 'offset' }, operator: 'at-least', operand: '7', isCaseSensitive: false },
      { field: { kind: 'timestamp' }, operator: 'less', operand: '1700000000124', isCaseSensitive: false },
    ])
    expect([test(seen({})), test(seen({ offset: 6 }))]).toEqual([true, false])
  })

  it('say which filter is none, and why', () => {
    expect(() => holds({ kind: 'key' }, 'matches', '(', seen({}))).toThrow("The filter on key: '(' is no pattern")
    expect(() => holds(field('total'), 'greater', 'much', seen({}))).toThrow("The filter on value.total: 'much' is no number")
    expect(() => holds(field('a..b'), 'exists', '', seen({}))).toThrow('is no path of a field')
  })
})
