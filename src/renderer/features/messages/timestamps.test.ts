import { describe, expect, it } from 'vitest'
import { emptyForm, requestOf } from './read-form'
import { dayOf, parseTime, rowTimestamp, timeInput, wholeTimestamp } from './timestamps'

const now = new Date(2026, 10, 23, 14, 32, 7, 418).getTime()

describe('timestamps of records', () => {
  it('show the time, and the day where rows are of more than one', () => {
    expect(rowTimestamp(String(now), false)).toBe('14:32:07.418')
    expect(rowTimestamp(String(now), true)).toBe('2026-11-23 14:32:07.418')
  })

  it('that are no date stay the number they are, to the last digit', () => {
    expect(rowTimestamp('9223372036854775807', false)).toBe('9223372036854775807')
    expect(wholeTimestamp('-9223372036854775808')).toContain('-9223372036854775808')
    expect(dayOf('9223372036854775807')).toBeNull()
    expect(rowTimestamp('-1', false)).toBe('–')
  })

  it('come back from the field as they were put in', () => {
    expect(parseTime(timeInput(now), 0)).toEqual({ ok: true, ms: now })
  })
})

describe('parseTime', () => {
  it('takes a time of today, a zone, and milliseconds', () => {
    expect(parseTime('14:32', now)).toEqual({ ok: true, ms: new Date(2026, 10, 23, 14, 32).getTime() })
    expect(parseTime('2026-11-23T12:00:00.5+02:00', now)).toEqual({ ok: true, ms: Date.UTC(2026, 10, 23, 10, 0, 0, 500) })
    expect(parseTime('2026-11-23 10:00:00Z', now)).toEqual({ ok: true, ms: Date.UTC(2026, 10, 23, 10) })
    expect(parseTime('1763908327418', now)).toEqual({ ok: true, ms: 1763908327418 })
  })

  it('refuses what there is not', () => {
    for (const text of ['', 'soon', '2026-13-01 10:00', '2026-02-30 10:00', '25:00', '10:61'])
      expect(parseTime(text, now).ok).toBe(false)
  })
})

describe('requestOf', () => {
  const form = { ...emptyForm(''), limit: 1_000_000 }

  it('asks for all partitions unless some are chosen', () => {
    expect(requestOf('t', form, now)).toEqual({
      ok: true,
      request: { topic: 't', partitions: null, start: { kind: 'newest', count: 100_000 }, limit: 100_000 },
    })
    expect(requestOf('t', { ...form, start: 'oldest', partitions: [10, 2] }, now)).toMatchObject({
      request: { partitions: [2, 10], limit: 1_000_000 },
    })
  })

  it('names the field that is wrong', () => {
    expect(requestOf('t', { ...form, start: 'offset', offset: '-1' }, now)).toMatchObject({ ok: false, field: 'offset' })
    expect(requestOf('t', { ...form, start: 'offset', offset: '99999999999999999999' }, now)).toMatchObject({
      ok: false,
      field: 'offset',
    })
    expect(requestOf('t', { ...form, start: 'time', time: 'soon' }, now)).toMatchObject({ ok: false, field: 'time' })
    expect(requestOf('t', { ...form, start: 'offset', offset: '884,790' }, now)).toMatchObject({
      request: { start: { offset: 884790 } },
    })
  })
})
