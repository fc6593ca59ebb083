import { describe, expect, it } from 'vitest'
import {
  cutMiddle,
  formatAge,
  formatByteRate,
  formatBytes,
  formatChange,
  formatCount,
  formatDuration,
  formatRate,
  plural,
} from './format'

describe('values are written as INTERFACE section 8 asks', () => {
  it('counts have separators and are never shortened', () => {
    expect(formatCount(12_480)).toBe('12,480')
    expect(formatCount(5_308_236)).toBe('5,308,236')
  })
  it('changes always carry a sign, minus as U+2212', () => {
    expect(formatChange(5)).toBe('+5')
    expect(formatChange(-2303)).toBe('−2,303')
  })
  it('bytes are exact under 1 KiB and have three significant digits above', () => {
    expect(formatBytes(241)).toBe('241 B')
    expect(formatBytes(1023)).toBe('1023 B')
    expect(formatBytes(1024)).toBe('1.00 KiB')
    expect(formatBytes(1_525_000_000)).toBe('1.42 GiB')
    expect(formatBytes(1024 * 999.7)).toBe('0.98 MiB')
  })
  it('rates on the wire count in thousands', () => {
    expect(formatByteRate(1_900_000)).toBe('1.90 MB/s')
    expect(formatByteRate(0)).toBe('0 B/s')
    expect(formatRate(388)).toBe('388/s')
    expect(formatRate(0.4)).toBe('0.4/s')
  })
  it('ages have two units at most', () => {
    expect(formatAge(41_900)).toBe('41 s')
    expect(formatAge(8_040_000)).toBe('2 h 14 min')
    expect(formatAge(90_000_000)).toBe('1 d 1 h')
  })
  it('durations have three significant digits below a second and whole ms above', () => {
    expect(formatDuration(0.4231)).toBe('0.423 ms')
    expect(formatDuration(61)).toBe('61 ms')
    expect(formatDuration(1543)).toBe('1.543 s')
  })
  it('long ids are cut in the middle and keep five and four characters at least', () => {
    expect(cutMiddle('cus_8hk2qv0m41x7c9f1d', 14)).toBe('cus_8hk2q…9f1d')
    expect(cutMiddle('short', 14)).toBe('short')
  })
  it('one is singular', () => {
    expect(plural(1, 'partition')).toBe('1 partition')
    expect(plural(0, 'partition')).toBe('0 partitions')
  })
})
