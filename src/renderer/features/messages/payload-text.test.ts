import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { MessageDetail } from '../../../shared/model/messages'
import type { PayloadInput } from '../../../shared/model/producing'
import { bytesOf } from '../produce/produce-form'
import { wrapLines } from './lines'
import { base64Of, hexLine, shortHex, startOfText, textOf, toExactInput, toInput, visibleText } from './payload-text'
import { payloadText, recordJson } from './record-json'
import { exactRequest } from './resend'

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)
const anyBytes = fc.oneof(
  fc.uint8Array({ maxLength: 64 }),
  fc.string({ unit: 'binary' }).map(encode),
  fc.constantFrom('a\r\nb', '{{index}}', '\ufeff{"a":1}', '{"id":7205759403792793601}', 'x\u0000y', 'a\nb').map(encode),
)
const isSame = (left: Uint8Array | null, right: Uint8Array | null): boolean =>
  left === right ||
  (left !== null && right !== null && left.length === right.length && left.every((byte, at) => byte === right[at]))
/** What a field makes of a text that is put in and taken out again. */
const throughField = (input: PayloadInput, field: 'line' | 'editor'): PayloadInput => ({
  ...input,
  text: field === 'line' ? input.text.replace(/[\r\n]/g, '') : input.text.replace(/\r\n?/g, '\n'),
})

describe('a record that is edited or sent again', () => {
  it('comes back byte for byte through the fields, whatever it holds', () => {
    fc.assert(
      fc.property(anyBytes, fc.constantFrom('line' as const, 'editor' as const), (bytes, field) =>
        isSame(bytesOf(throughField(toInput(bytes, field), field)), bytes),
      ),
    )
  })

  it('is sent as it is, also where it holds the placeholder', () => {
    fc.assert(fc.property(anyBytes, (bytes) => isSame(bytesOf(toExactInput(bytes)), bytes)))
  })

  it('keeps null apart from empty', () => {
    expect(toInput(null, 'line')).toEqual({ format: 'null', text: '' })
    expect(toInput(new Uint8Array(0), 'line')).toEqual({ format: 'text', text: '' })
    expect(bytesOf(toExactInput(null))).toBeNull()
    expect(bytesOf(toExactInput(new Uint8Array(0)))).toEqual(new Uint8Array(0))
  })

  it('keeps its partition, its headers in order and their repeats', () => {
    const request = exactRequest(record)
    expect(request).toMatchObject({ topic: 'orders', partition: 3, acks: -1, timestamp: null, count: 1 })
    expect(request.headers.map((header) => header.key)).toEqual(['retry', 'retry', 'none'])
    expect(request.headers[2]?.value.format).toBe('null')
  })
})

describe('payloads as text', () => {
  it('tell text from bytes', () => {
    expect(textOf(encode('grüße'))).toBe('grüße')
    expect(textOf(Uint8Array.of(0xff, 0xfe))).toBeNull()
    expect(textOf(Uint8Array.of(0x61, 0x00))).toBeNull()
  })

  it('cut a long text at a whole character', () => {
    const bytes = encode(`${'a'.repeat(9)}€uro`)
    expect(startOfText(bytes, 10)).toBe('aaaaaaaaa')
    expect(startOfText(bytes, 12)).toBe('aaaaaaaaa€')
  })

  it('show what cannot be seen as its escape', () => {
    expect(visibleText('a\u200bb\n')).toEqual([
      { text: 'a', isEscape: false },
      { text: '\\u200b', isEscape: true },
      { text: 'b', isEscape: false },
      { text: '\\n', isEscape: true },
    ])
  })

  it('show bytes as hex, cut in the middle', () => {
    expect(shortHex(Uint8Array.of(0x9f, 0x3c))).toBe('9f 3c')
    expect(
      shortHex(
        Uint8Array.from({ length: 20 }, (_, at) => at),
        3,
        2,
      ),
    ).toBe('00 01 02 … 12 13')
    expect(hexLine(encode('{"order": 1}'), 1, 8)).toEqual({
      offset: '000008',
      hex: expect.stringContaining('3a 20 31 7d'),
      text: ': 1}',
    })
  })

  it('give base64 of any length', () => {
    const bytes = Uint8Array.from({ length: 100_001 }, (_, at) => at % 256)
    expect(Uint8Array.from(atob(base64Of(bytes)), (character) => character.charCodeAt(0))).toEqual(bytes)
  })
})

describe('wrapped lines', () => {
  it('put together are the text again, and none is longer than the pane', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 30 })), fc.integer({ min: 2, max: 12 }), (pieces, columns) => {
        const text = pieces.join('\n')
        const lines = wrapLines(text, columns)
        let whole = ''
        for (let index = 0; index < lines.count; index++) {
          const { from, to, lineStart, lineEnd } = lines.at(index)
          if (from > 0 && from === lineStart) whole += '\n'
          whole += text.slice(from, to)
          if (to - from > columns + 1 || to > lineEnd) return false
        }
        return whole === text
      }),
    )
  })
})

const record: MessageDetail = {
  index: 0,
  topic: 'orders',
  partition: 3,
  offset: 884790,
  timestamp: '9223372036854775807',
  timestampType: 'CreateTime',
  key: { kind: 'text', text: 'k', byteLength: 1, isCut: false },
  value: { kind: 'json', text: '', byteLength: 1, isCut: false },
  decodedKey: null,
  decodedValue: null,
  headerCount: 3,
  fields: [],
  keyBytes: encode('cus_"1"'),
  valueBytes: encode('{"id":7205759403792793601,"total":1284.50}'),
  headers: [
    { key: 'retry', value: encode('1') },
    { key: 'retry', value: Uint8Array.of(0xff) },
    { key: 'none', value: null },
  ],
  batch: {
    baseOffset: 884790,
    recordCount: 1,
    byteLength: 100,
    compression: 'none',
    leaderEpoch: 1,
    producerId: '-1',
    producerEpoch: -1,
    baseSequence: -1,
    isTransactional: false,
  },
}

describe('copying', () => {
  it('a whole record keeps every digit and is JSON', () => {
    const text = recordJson(record)
    expect(text).toContain('"timestamp": 9223372036854775807')
    expect(text).toContain('{"id":7205759403792793601,"total":1284.50}')
    expect(JSON.parse(text)).toMatchObject({
      key: 'cus_"1"',
      headers: [
        { key: 'retry', value: '1' },
        { key: 'retry', value: { base64: '/w==' } },
        { key: 'none', value: null },
      ],
    })
  })

  it('a payload gives its text, or its bytes as hex', () => {
    expect(payloadText(encode('grüße'))).toBe('grüße')
    expect(payloadText(Uint8Array.of(0x9f, 0x3c))).toBe('9f3c')
  })
})
