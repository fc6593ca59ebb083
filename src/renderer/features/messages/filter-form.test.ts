import { describe, expect, it } from 'vitest'
import { chipWords, type FilterChip, filterOf } from './filter-form'

const chip = (change: Partial<FilterChip>): FilterChip => ({
  id: 1,
  choice: 'value-field',
  name: 'status',
  operator: 'equals',
  typed: 'PAID',
  isCaseSensitive: false,
  isOff: false,
  ...change,
})

describe('filters as typed', () => {
  it('take times, sizes and counts as people write them', () => {
    const operand = (change: Partial<FilterChip>) => {
      const made = filterOf(chip(change), 0)
      return made.ok ? made.filter.operand : made.message
    }
    expect(operand({ choice: 'size', operator: 'less', typed: '4 KiB' })).toBe('4096')
    expect(operand({ choice: 'timestamp', operator: 'at-least', typed: '2026-11-23 14:00:00Z' })).toBe(
      String(Date.UTC(2026, 10, 23, 14)),
    )
    expect(operand({ choice: 'offset', operator: 'greater', typed: '884,790' })).toBe('884790')
    expect(operand({ operator: 'greater', typed: '7205759403792793601' })).toBe('7205759403792793601')
    expect(operand({ operator: 'greater', typed: 'much' })).toContain('Write a number')
    expect(operand({ choice: 'value', operator: 'matches', typed: '(' })).toContain('This is no pattern')
  })

  it('say which part is wrong', () => {
    expect(filterOf(chip({ name: '' }), 0)).toMatchObject({ ok: false, part: 'name' })
    expect(filterOf(chip({ choice: 'header', name: ' ' }), 0)).toMatchObject({ ok: false, part: 'name' })
    expect(filterOf(chip({ choice: 'size', typed: 'big' }), 0)).toMatchObject({ ok: false, part: 'typed' })
  })

  it('read as a sentence', () => {
    expect(chipWords(chip({}))).toBe('value.status is PAID')
    expect(chipWords(chip({ choice: 'header', name: 'tenant', operator: 'is-null' }))).toBe('header tenant is null')
  })
})
