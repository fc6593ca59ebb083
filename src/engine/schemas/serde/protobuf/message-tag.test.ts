import { describe, expect, it } from 'vitest'
import { takeMessageTag, withMessageTag } from './message-tag'

describe('the name of a message in its JSON', () => {
  it('stands first, laid out as the text is', () => {
    expect(withMessageTag('shop.Refund', '{}')).toBe('{"@type":"shop.Refund"}')
    expect(withMessageTag('shop.Refund', '{"id":"1"}')).toBe('{"@type":"shop.Refund","id":"1"}')
    expect(withMessageTag('shop.Refund', '{\n  "id": "1"\n}')).toBe('{\n  "@type": "shop.Refund",\n  "id": "1"\n}')
  })

  it('is taken out again, wherever it stands, and nothing else changes', () => {
    expect(takeMessageTag('{"a": 1e400, "@type": "R", "b": 0.10}')).toEqual({ name: 'R', json: '{"a":1e400,"b":0.10}' })
    for (const json of ['{}', '{"id":"9223372036854775807"}'])
      expect(takeMessageTag(withMessageTag('x.Y', json))).toEqual({ name: 'x.Y', json })
  })

  it('is nothing where it is no text, no member of the whole, or the text no JSON', () => {
    for (const json of ['{"@type": 1}', '{"a": {"@type": "R"}}', '["@type"]', '{"@type": "R"', '"@type"'])
      expect(takeMessageTag(json), json).toBeNull()
  })
})
