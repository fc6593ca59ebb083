import { afterEach, describe, expect, it } from 'vitest'
import { formatTime, formatTimestamp } from './format'
import { momentOfClock, setTimeZone } from './time-zone'

describe('times in a chosen zone', () => {
  afterEach(() => setTimeZone(null))
  const summer = Date.UTC(2026, 6, 1, 12, 0, 0, 7)
  const winter = Date.UTC(2026, 11, 31, 23, 30, 0, 7)

  it.each([
    ['UTC', '2026-07-01 12:00:00.007 +00:00', '2026-12-31 23:30:00.007 +00:00'],
    ['Europe/Berlin', '2026-07-01 14:00:00.007 +02:00', '2027-01-01 00:30:00.007 +01:00'],
    ['Asia/Kathmandu', '2026-07-01 17:45:00.007 +05:45', '2027-01-01 05:15:00.007 +05:45'],
    ['America/St_Johns', '2026-07-01 09:30:00.007 −02:30', '2026-12-31 20:00:00.007 −03:30'],
  ])('%s', (zone, inSummer, inWinter) => {
    setTimeZone(zone)
    expect([formatTimestamp(summer), formatTimestamp(winter)]).toEqual([inSummer, inWinter])
  })
  it('change within the minute in which summer time begins', () => {
    setTimeZone('Europe/Berlin')
    const change = Date.UTC(2026, 2, 29, 1)
    expect([formatTime(change - 1), formatTime(change)]).toEqual(['01:59:59.999', '03:00:00.000'])
  })
  it('are read back as they were written, before 1970 too', () => {
    setTimeZone('Asia/Kathmandu')
    for (const ms of [summer, winter, -1, -86_400_000.0 * 365]) {
      const { 0: date = '', 1: time = '' } = formatTimestamp(ms).split(' ')
      expect(momentOfClock(Date.parse(`${date}T${time}Z`))).toBe(ms)
    }
  })
  it('are the system’s where the name is none', () => {
    const before = formatTimestamp(summer)
    setTimeZone('Not/AZone')
    expect(formatTimestamp(summer)).toBe(before)
  })
})
