import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as der from './der'

describe('DER', () => {
  it('writes what X.690 says', () => {
    expect(der.integer(0).toString('hex')).toBe('020100')
    expect(der.integer(127).toString('hex')).toBe('02017f')
    expect(der.integer(128).toString('hex')).toBe('02020080')
    expect(der.integer(Buffer.from('0000ff', 'hex')).toString('hex')).toBe('020200ff')
    expect(der.objectIdentifier('1.2.840.113549').toString('hex')).toBe('06062a864886f70d')
    expect(der.time(Date.UTC(2049, 11, 31, 23, 59, 59, 999)).toString()).toContain('491231235959Z')
    expect(der.time(Date.UTC(2050, 0, 1)).toString()).toContain('20500101000000Z')
    expect(der.octetString(Buffer.alloc(200)).subarray(0, 3).toString('hex')).toBe('0481c8')
    expect(der.octetString(Buffer.alloc(70_000)).subarray(0, 5).toString('hex')).toBe('0483011170')
  })

  it('reads elements back', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 })), (contents) => {
        const [whole] = der.elementsOf(der.sequence(...contents.map((content) => der.octetString(content))))
        expect(der.elementsOf(whole!.content).map(({ content }) => Uint8Array.from(content))).toEqual(contents)
      }),
    )
  })

  it('never reads beyond what there is', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        try {
          der.elementsOf(Buffer.from(bytes))
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError)
        }
      }),
    )
  })
})
