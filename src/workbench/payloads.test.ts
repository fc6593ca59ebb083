import { describe, expect, it } from 'vitest'
import { encodePayload, previewPayload } from './payloads'

const bytes = (...values: number[]) => Uint8Array.from(values)

describe('encodePayload', () => {
  it('keeps null apart from empty', () => {
    expect(encodePayload({ format: 'null', text: 'ignored' }, 'value')).toBeNull()
    expect(encodePayload({ format: 'text', text: '' }, 'value')).toEqual(Buffer.alloc(0))
  })

  it('sends JSON as it was typed, 64-bit numbers and all', () => {
    const text = '{ "id": 9223372036854775807 }'
    expect(Buffer.from(encodePayload({ format: 'json', text }, 'value') ?? []).toString()).toBe(text)
  })

  it('reads hex and base64 with blanks between', () => {
    expect(encodePayload({ format: 'hex', text: '9f 3C\n00' }, 'key')).toEqual(Buffer.from([0x9f, 0x3c, 0]))
    expect(encodePayload({ format: 'base64', text: 'AQI D' }, 'key')).toEqual(Buffer.from([1, 2, 3]))
  })

  it.each([
    ['json', '{', /The value is not JSON/],
    ['hex', '9g', /'g' is no hex digit/],
    ['hex', '9', /odd number/],
    ['base64', 'a?', /not base64/],
    ['base64', 'AAAAA', /not base64/],
  ] as const)('says what is wrong with %s %j', (format, text, message) => {
    expect(() => encodePayload({ format, text }, 'value')).toThrow(message)
  })
})

describe('previewPayload', () => {
  it.each([
    [null, 'null'],
    [bytes(), 'empty'],
    [Buffer.from('plain'), 'text'],
    [Buffer.from('{"a":1}'), 'json'],
    [Buffer.from('{not json'), 'text'],
    [bytes(0xff, 0xfe), 'binary'],
    [bytes(0, 0, 0, 0, 1), 'binary'],
  ])('tells what %j is', (payload, kind) => {
    expect(previewPayload(payload).kind).toBe(kind)
  })

  it('cuts long text on a character, not inside one', () => {
    const preview = previewPayload(Buffer.from('é€😀'.repeat(2_000)))
    expect(preview.kind).toBe('text')
    expect(preview.isCut).toBe(true)
    expect(preview.byteLength).toBe(Buffer.byteLength('é€😀') * 2_000)
    expect(Buffer.from(preview.text).toString()).toBe(preview.text)
    expect(preview.text).not.toContain('\ufffd')
  })
})
