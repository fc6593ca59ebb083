import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { crc32c, crc32cPortable, isCrc32cNative } from './crc32c'

describe('crc32c', () => {
  it('gives the check value of the algorithm', () => {
    expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283)
    expect(crc32cPortable(Buffer.from('123456789'))).toBe(0xe3069283)
  })

  it('gives the published values for 32 bytes of zeros, of ones, and counting up (RFC 3720, B.4)', () => {
    expect(crc32cPortable(Buffer.alloc(32))).toBe(0x8a9136aa)
    expect(crc32cPortable(Buffer.alloc(32, 0xff))).toBe(0x62a8ab43)
    expect(crc32cPortable(Uint8Array.from({ length: 32 }, (_, index) => index))).toBe(0x46dd794e)
  })

  it('loads the native version where the tests run, which is what the comparison below needs', () => {
    expect(isCrc32cNative).toBe(true)
  })

  it('gives the same natively and portably, for any range of any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), fc.nat(300), fc.nat(300), (bytes, cutStart, cutEnd) => {
        const start = Math.min(cutStart, bytes.length)
        const end = Math.max(start, bytes.length - cutEnd)
        expect(crc32c(bytes, start, end)).toBe(crc32cPortable(bytes, start, end))
        expect(crc32cPortable(bytes, start, end)).toBe(crc32cPortable(bytes.slice(start, end)))
      }),
    )
  })
})
