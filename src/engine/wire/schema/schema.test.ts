import { describe, expect, it } from 'vitest'
import { Reader } from '../reader'
import { Writer } from '../writer'
import {
  array,
  bool,
  bytes,
  defineApi,
  float64,
  int8,
  int16,
  int32,
  int64,
  int64n,
  string,
  struct,
  uint16,
  uint32,
  uuid,
} from './index'
import { includesVersion } from './versions'

const Sample = defineApi({
  key: 4000,
  name: 'Sample',
  versions: [0, 3],
  flexibleFrom: 2,
  request: {
    id: int32('0+'),
    note: string('1+', { nullable: '2+', default: null, ignorable: true }),
    strict: bool('1+'),
    leader: struct('2+', { id: int32('2+', { default: -1 }), epoch: int32('2+', { default: -1 }) }, { tag: 5, tagged: '2+' }),
    names: array('2+', 'string', { tag: 1, tagged: '2+' }),
    late: int16('3+', { default: 9, ignorable: true, tag: 0, tagged: '3+' }),
  },
  response: {
    flag: bool('0+'),
    tiny: int8('0+'),
    port: uint16('0+'),
    mask: uint32('0+'),
    exact: int64('0+'),
    offset: int64n('0+'),
    ratio: float64('0+'),
    id: uuid('0+'),
    blob: bytes('0+', { nullable: '1+' }),
    cursor: struct('0+', { at: int32('0+') }, { nullable: '0+' }),
    later: int32('3+'),
  },
})

function hex(value: Parameters<typeof Sample.request.encode>[1], version: number): string {
  const writer = new Writer()
  Sample.request.encode(writer, value, version)
  return Buffer.from(writer.bytes()).toString('hex')
}

describe('encoding', () => {
  it('writes exactly the fields of the version', () => {
    expect(hex({ id: 1, note: 'dropped' }, 0)).toBe('00000001')
    expect(hex({ id: 1, note: 'ab', strict: true }, 1)).toBe('00000001' + '00026162' + '01')
    expect(hex({ id: 1, note: 'ab', strict: true }, 2)).toBe('00000001' + '036162' + '01' + '00')
  })

  it('takes defaults for what is left out', () => {
    expect(hex({ id: 1 }, 2)).toBe('00000001' + '00' + '00' + '00')
  })

  it('writes tagged fields in the order of tags, only where they are not the default and the version has them', () => {
    const leader = { id: 7, epoch: 8 }
    expect(hex({ id: 1, leader, names: ['x'], late: 3 }, 3)).toBe(
      '00000001' + '00' + '00' + '03' + '0002' + '0003' + '0103' + '020278' + '0509' + '0000000700000008' + '00',
    )
    expect(hex({ id: 1, late: 3 }, 2)).toBe('00000001' + '00' + '00' + '00')
    expect(hex({ id: 1, leader: { id: -1, epoch: -1 }, names: [], late: 9 }, 3)).toBe('00000001' + '00' + '00' + '00')
  })

  it('writes a tagged field of more than 127 bytes with its whole size', () => {
    const names = ['a'.repeat(200), 'b'.repeat(20_000)]
    const writer = new Writer(16)
    Sample.request.encode(writer, { id: 1, names }, 2)
    const reader = new Reader(writer.bytes())
    expect(Sample.request.decode(reader, 2).names).toEqual(names)
    expect(reader.remaining).toBe(0)
  })

  it('refuses a request that means something its version cannot say', () => {
    expect(() => hex({ id: 1, strict: true }, 0)).toThrow('strict: cannot be said in version 0')
    expect(() => hex({ id: 1, note: '', leader: { id: 1 } }, 1)).toThrow('leader: cannot be said in version 1')
    expect(hex({ id: 1, strict: false, leader: {} }, 0)).toBe('00000001')
  })

  it('leaves out of a response what its version cannot say', () => {
    expect(Sample.response.complete({ ...response, later: 5 }, 2).later).toBe(0)
    expect(Sample.response.complete({ ...response, later: 5 }, 3).later).toBe(5)
  })

  it('refuses null where the version has none, integers out of range and what is not of the type', () => {
    expect(() => hex({ id: 1, note: null }, 1)).toThrow('note: null is not of type string')
    expect(() => hex({ id: 2 ** 31 }, 0)).toThrow('id: 2147483648 is not of type int32')
    expect(() => hex({ id: 1.5 }, 0)).toThrow('id: 1.5 is not of type int32')
    expect(() => hex({} as { id: number }, 0)).toThrow('id: undefined is not of type int32')
    expect(() => Sample.response.complete({ ...response, exact: 2n ** 63n }, 0)).toThrow(
      'exact: 9223372036854775808 is not of type int64',
    )
    expect(() => Sample.response.complete({ ...response, id: 'short' }, 0)).toThrow("id: 'short' is not a UUID")
    expect(() => hex({ id: 1, note: 'x'.repeat(0x8000) }, 1)).toThrow('note: string is 32768 bytes long')
  })
})

const response = {
  flag: true,
  tiny: -3,
  port: 65_535,
  mask: 0xffffffff,
  exact: -(2n ** 63n),
  offset: 2 ** 52 + 1,
  ratio: 0.1,
  id: 'AAECAwQFBgcICQoLDA0ODw',
  blob: Buffer.from('blob'),
  cursor: null,
}

describe('decoding', () => {
  it('gives back every type', () => {
    for (const version of [0, 1, 2, 3]) expect(Sample.response.complete(response, version)).toEqual({ ...response, later: 0 })
    expect(Sample.response.complete({ ...response, cursor: { at: 4 } }, 3).cursor).toEqual({ at: 4 })
    expect(Sample.response.complete({ ...response, blob: null }, 3).blob).toBeNull()
  })

  it('fills in defaults for fields that the version lacks, those of a struct included', () => {
    expect(Sample.request.complete({ id: 1 }, 0)).toEqual({
      id: 1,
      note: null,
      strict: false,
      leader: { id: -1, epoch: -1 },
      names: [],
      late: 9,
    })
  })

  it('keeps unknown tagged fields and writes them back, behind the known ones', () => {
    const sent = '00000001' + '00' + '00' + '03' + '0103020278' + '0702abcd' + '9a0500'
    const decoded = Sample.request.decode(new Reader(Buffer.from(sent, 'hex')), 2)
    expect(decoded.names).toEqual(['x'])
    expect(decoded.unknownTaggedFields).toEqual([
      { tag: 7, data: Buffer.from('abcd', 'hex') },
      { tag: 666, data: Buffer.alloc(0) },
    ])
    expect(hex(decoded, 2)).toBe(sent)
  })

  it('refuses a tagged field whose size is not what it takes', () => {
    const sent = '00000001' + '00' + '00' + '01' + '0105020278' + '0000'
    expect(() => Sample.request.decode(new Reader(Buffer.from(sent, 'hex')), 2)).toThrow('names: tagged field took 3 bytes of 5')
  })

  it('does not let one message change the defaults of the next', () => {
    const { leader, names } = Sample.request.complete({ id: 1 }, 0)
    expect(Object.isFrozen(leader)).toBe(true)
    expect(Object.isFrozen(names)).toBe(true)
  })

  it('writes an offset that decoding has rounded as the largest int64, not as the smallest', () => {
    const writer = new Writer()
    Sample.response.encode(writer, { ...response, offset: 2 ** 63 }, 0)
    expect(Sample.response.decode(new Reader(writer.bytes()), 0).offset).toBe(2 ** 63)
  })
})

describe('versions', () => {
  it('reads ranges as Kafka writes them', () => {
    const versions = (text: Parameters<typeof includesVersion>[0]) =>
      [0, 1, 2, 3, 4].filter((version) => includesVersion(text, version))
    expect(versions('2+')).toEqual([2, 3, 4])
    expect(versions('1-3')).toEqual([1, 2, 3])
    expect(versions('0')).toEqual([0])
    expect(versions('none')).toEqual([])
    expect(versions(undefined)).toEqual([])
  })

  it('refuses a version that the API has not', () => {
    expect(() => hex({ id: 1 }, 4)).toThrow('SampleRequest has versions 0 to 3, not 4')
  })
})
