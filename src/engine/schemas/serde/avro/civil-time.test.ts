import fc from 'fast-check'
import { expect, test } from 'vitest'
import { dateText, parseDate, parseTime, parseTimestamp, timestampText } from './civil-time'
import { durationText, parseDuration } from './duration-text'

const LONG_MAX = 2n ** 63n - 1n

test('within the years of Date, dates and times are Date’s', () => {
  fc.assert(
    fc.property(fc.integer({ min: -62_167_219_200_000, max: 253_402_300_799_999 }), (ms) => {
      const text = new Date(ms).toISOString()
      expect(timestampText(BigInt(ms), 3, false)).toBe(text)
      expect(dateText(Math.floor(ms / 86_400_000))).toBe(text.slice(0, 10))
      expect(parseTimestamp(text, 3, false)).toBe(BigInt(ms))
    }),
  )
})

test('every value of 64 bits has a text that is read as that value', () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: -LONG_MAX - 1n, max: LONG_MAX }),
      fc.constantFrom(3, 6, 9),
      fc.boolean(),
      (units, digits, isLocal) => {
        expect(parseTimestamp(timestampText(units, digits as 3, isLocal), digits as 3, isLocal)).toBe(units)
      },
    ),
  )
  fc.assert(
    fc.property(fc.integer(), (days) => {
      expect(parseDate(dateText(days))).toBe(days)
    }),
  )
})

test.each([
  ['2024-01-31T12:34:56Z', 1_706_704_496_000n],
  ['2024-01-31 12:34Z', 1_706_704_440_000n],
  ['2024-01-31t12:34:56.5+0530', 1_706_684_696_500n],
  ['2024-01-31T12:34:56.789000Z', 1_706_704_496_789n],
  ['2024-01-31T12:34:56.7891Z', null],
  ['2024-01-31T12:34:56', null],
  ['2024-13-01T00:00:00Z', null],
  ['2023-02-29T00:00:00Z', null],
  ['2024-01-31T24:00:00Z', null],
  ['2024-01-31', null],
])('%s in milliseconds is %s', (text, expected) => {
  expect(parseTimestamp(text, 3, false)).toBe(expected)
})

test('times of day', () => {
  expect(parseTime('12:34', 3)).toBe(45_240_000n)
  expect(parseTime('23:59:59.999999', 6)).toBe(86_399_999_999n)
  expect(parseTime('23:59:59.9999991', 6)).toBeNull()
  expect(parseTime('1:00:00', 3)).toBeNull()
})

test('durations keep their three parts apart', () => {
  const shown = (text: string): string | null => {
    const bytes = parseDuration(text)
    return bytes === null ? null : durationText(bytes)
  }
  expect(shown('P1Y2M3W4DT5H6M7.89S')).toBe('P14M25DT18367.890S')
  expect(shown('PT0.001S')).toBe('P0M0DT0.001S')
  expect(['P', 'PT', 'P1S', 'P-1D', 'P1.5D', 'PT4294968S', 'P4294967296D'].map(shown)).toEqual(Array(7).fill(null))
})
