import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareDecimals, decimalKey, decimalOf, isIntegral, isMultipleOf } from './decimal'

const order = (a: string, b: string) => Math.sign(compareDecimals(decimalOf(a), decimalOf(b)))

describe('decimals', () => {
  it('tell neighbours apart that a double does not', () => {
    expect(order('9223372036854775807', '9223372036854775806')).toBe(1)
    expect(order('0.1000000000000000000000000001', '0.1')).toBe(1)
    expect(order('-1e400', '-1e399')).toBe(-1)
    expect(order('1e1000000000', '2')).toBe(1)
  })

  it('are equal however they are written', () => {
    for (const [a, b] of [
      ['1.0', '1'],
      ['100', '1e2'],
      ['0.50', '5E-1'],
      ['-0', '0'],
      ['0e5', '0.000'],
    ] as const) {
      expect(decimalKey(decimalOf(a))).toBe(decimalKey(decimalOf(b)))
    }
  })

  it('are ordered as integers are', () => {
    fc.assert(
      fc.property(fc.bigInt(), fc.bigInt(), (a, b) => {
        expect(order(String(a), String(b))).toBe(a < b ? -1 : a > b ? 1 : 0)
      }),
    )
  })

  it('know multiples of fractions', () => {
    expect(isMultipleOf(decimalOf('0.3'), decimalOf('0.1'))).toBe(true)
    expect(isMultipleOf(decimalOf('10'), decimalOf('0.5'))).toBe(true)
    expect(isMultipleOf(decimalOf('0.25'), decimalOf('0.1'))).toBe(false)
    expect(isMultipleOf(decimalOf('3'), decimalOf('0'))).toBe(false)
    expect(isMultipleOf(decimalOf('1e900000000'), decimalOf('3'))).toBe(false)
  })

  it('are whole when nothing stands behind the point', () => {
    expect(['1', '1.0', '1e3', '0'].map((text) => isIntegral(decimalOf(text)))).toEqual([true, true, true, true])
    expect(isIntegral(decimalOf('1.5'))).toBe(false)
  })
})
