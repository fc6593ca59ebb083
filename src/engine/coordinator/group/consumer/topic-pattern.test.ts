import { describe, expect, it } from 'vitest'
import { topicPattern } from './topic-pattern'

const matches = (expression: string, name: string) => topicPattern(expression)?.test(name)

describe('the pattern of a subscription', () => {
  it('judges the whole name', () => {
    expect(matches('orders.*', 'orders-eu')).toBe(true)
    expect(matches('orders.*', 'reorders')).toBe(false)
    expect(matches('a|b', 'ab')).toBe(false)
  })

  it('means what RE2 means where JavaScript writes it otherwise', () => {
    expect(matches('(?i)ORDERS', 'orders')).toBe(true)
    expect(matches('(?isU)ORDERS.*', 'orders-eu')).toBe(true)
    expect(matches('\\Qa.b\\E.*', 'a.b-1')).toBe(true)
    expect(matches('\\Qa.b\\E.*', 'axb-1')).toBe(false)
    expect(matches('\\Qa.b', 'a.b')).toBe(true)
    expect(matches('\\Aa\\z', 'a')).toBe(true)
    expect(matches('(?P<region>eu|us)-.*', 'eu-1')).toBe(true)
    expect(matches('[[:alpha:]_]+', 'ab_c')).toBe(true)
    expect(matches('[[:alpha:]_]+', 'ab1')).toBe(false)
    expect(matches('a\\.b', 'a.b')).toBe(true)
  })

  it('takes time in proportion to the name: an engine that tries one way after the other would not come to an end here', () => {
    expect(matches('(a+)+b', 'a'.repeat(249))).toBe(false)
    expect(matches('(\\w+\\.)+orders', `${'a.'.repeat(120)}order`)).toBe(false)
  })

  it('refuses what RE2 does not take', () => {
    for (const expression of ['(', 'a**', '(?=a)b', '(?!a)b', '(?<=a)b', '(?<!a)b', '(a)\\1', '[[:nothing:]]'])
      expect(topicPattern(expression), expression).toBeNull()
  })
})
