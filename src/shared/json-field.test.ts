import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findField, parsePath, writePath } from './json-field'

const at = (json: string, path: string) => findField(json, parsePath(path) ?? ['no path'])

describe('findField', () => {
  it('keeps the digits that a double cannot hold', () => {
    expect(at('{"order": {"id": 7205759403792793601}}', 'order.id')).toEqual({ kind: 'number', text: '7205759403792793601' })
  })

  it('goes into arrays and past brackets in strings', () => {
    const json = String.raw`{"a":"}]\"{","lines":[{"sku":"x"},{"sku":"y\n"}]}`
    expect(at(json, 'lines[1].sku')).toEqual({ kind: 'string', text: 'y\n' })
    expect(at(json, 'lines[2].sku')).toBeNull()
    expect(at(json, 'lines')?.kind).toBe('array')
  })

  it('tells null from absent, and takes keys with dots in quotes', () => {
    expect(at('{"a.b":null}', '["a.b"]')).toEqual({ kind: 'null', text: 'null' })
    expect(at('{"a.b":null}', 'a.b')).toBeNull()
    expect(at('cart abandoned', 'a')).toBeNull()
    expect(parsePath('.a')).toBeNull()
    expect(parsePath('a..b')).toBeNull()
  })

  it('finds every field of any JSON by the path that is written for it', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.array(fc.oneof(fc.string(), fc.integer()), { maxLength: 3 })), (value) => {
        const json = JSON.stringify(value, null, 1)
        for (const [key, list] of Object.entries(value))
          for (const [index, item] of list.entries()) if (at(json, writePath([key, index]))?.text !== String(item)) return false
        return true
      }),
    )
  })
})
