import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareDecimal } from './exact-number'

describe('compareDecimal', () => {
  it('orders 64-bit integers as bigint does', () => {
    fc.assert(
      fc.property(
        fc.bigInt(),
        fc.bigInt(),
        (a, b) => Math.sign(compareDecimal(String(a), String(b)) ?? 9) === (a < b ? -1 : a > b ? 1 : 0),
      ),
    )
  })

  it('tells what a double cannot', () => {
    expect(compareDecimal('7205759403792793601', '7205759403792793600')).toBe(1)
    expect(compareDecimal('9007199254740993', '9007199254740992.5')).toBe(1)
  })

  it('knows fractions, powers and signs of zero', () => {
    expect(compareDecimal('1284.50', '1284.5')).toBe(0)
    expect(compareDecimal('1.5e3', '1500')).toBe(0)
    expect(compareDecimal('-0', '0.000')).toBe(0)
    expect(compareDecimal('-2', '-10')).toBe(1)
    expect(compareDecimal('0.09', '0.1')).toBe(-1)
    expect(compareDecimal('12 apples', '12')).toBeNull()
    expect(compareDecimal('', '0')).toBeNull()
  })
})
