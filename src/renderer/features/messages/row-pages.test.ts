import { describe, expect, it } from 'vitest'
import type { MessageRow } from '../../../shared/model/messages'
import { pageSize, RowPages } from './row-pages'

const none = { kind: 'null', text: '', byteLength: 0, isCut: false } as const
const rowsFrom = (from: number, count: number): MessageRow[] =>
  Array.from({ length: count }, (_, at) => ({
    index: from + at,
    partition: 0,
    offset: from + at,
    timestamp: '0',
    key: none,
    value: none,
    decodedKey: null,
    decodedValue: null,
    headerCount: 0,
    fields: [],
    topic: 't',
  }))

describe('RowPages', () => {
  it('scrolls through a million rows in the memory of a few thousand', () => {
    const pages = new RowPages()
    const rows = { from: 0, to: 1_000_000 }
    for (let first = 0; first < 1_000_000; first += 20_000) {
      for (const page of pages.missing(first, first + 40, rows)) {
        pages.ask(page)
        pages.put(page, rowsFrom(page * pageSize, pageSize))
      }
      expect(pages.row(first + 40)?.index).toBe(first + 40)
    }
    expect(pages.rowCount).toBeLessThanOrEqual(40 * pageSize)
    expect(pages.row(0)).toBeUndefined()
  })

  it('asks for a page once, and again only when it failed or has grown', () => {
    const pages = new RowPages()
    expect(pages.missing(0, 40, { from: 0, to: 30 })).toEqual([0])
    pages.ask(0)
    expect(pages.missing(0, 40, { from: 0, to: 30 })).toEqual([])
    pages.put(0, null)
    expect(pages.missing(0, 40, { from: 0, to: 30 })).toEqual([0])
    pages.ask(0)
    pages.put(0, rowsFrom(0, 30))
    expect(pages.missing(0, 40, { from: 0, to: 30 })).toEqual([])
    expect(pages.missing(0, 40, { from: 0, to: 31 })).toEqual([0])
  })

  it('finds rows in a page whose beginning a live read has dropped', () => {
    const pages = new RowPages()
    pages.put(2, rowsFrom(260, 40))
    expect(pages.row(259)).toBeUndefined()
    expect(pages.row(260)?.index).toBe(260)
    expect(pages.row(299)?.index).toBe(299)
  })

  it('keeps what is in sight and forgets what was looked at longest ago', () => {
    const pages = new RowPages()
    const rows = { from: 0, to: 100_000 }
    for (let page = 0; page < 40; page++) pages.put(page, rowsFrom(page * pageSize, pageSize))
    pages.missing(0, 10, rows)
    pages.put(40, rowsFrom(40 * pageSize, pageSize))
    expect(pages.row(0)?.index).toBe(0)
    expect(pages.row(pageSize)).toBeUndefined()
  })
})
