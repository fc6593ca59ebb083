import { describe, expect, it } from 'vitest'
import { type ExportedRecord, jsonLine } from './export-format'

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

function lineOf(text: string): { value: unknown; headers: { key: string; value: unknown }[] } {
  const record = {
    offset: 1,
    timestamp: 2n,
    key: null,
    value: bytesOf(text),
    headers: [{ key: 'h', value: bytesOf(text) }],
  } as unknown as ExportedRecord['record']
  return JSON.parse(jsonLine({ topic: 't', partition: 0, record, timestampType: 'create', keyJson: null, valueJson: null }))
}

describe('records as lines of JSON', () => {
  it('write JSON as such, and what only looks like the mark of bytes as the bytes that it is', () => {
    for (const text of ['{"base64":"AAEC"}', ' { "base64": 5 }', '{"base64":1,"base64":2}']) {
      const marked = { base64: Buffer.from(text).toString('base64') }
      expect(lineOf(text)).toMatchObject({ value: marked, headers: [{ key: 'h', value: marked }] })
    }
    expect(lineOf('{"base64":"AAEC","id":1}').value).toEqual({ base64: 'AAEC', id: 1 })
  })
})
