/**
 * What holds for every decoder, whatever the bytes: it gives a value or throws DecodeError, in time and memory that the size of the
 * frame bounds.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeRequestHeader } from '../frames'
import { Reader } from '../reader'
import type { AnyCodec } from '../schema'
import { arbitraryMessage } from '../testing/arbitrary-message'
import { DecodeError } from '../wire-error'
import { Writer } from '../writer'
import { ALL_APIS, CreateTopics, DeleteTopics, Metadata, Produce } from './index'

const codecs = ALL_APIS.flatMap((api) =>
  [api.minVersion, api.flexibleFrom, api.maxVersion]
    .filter((version, index, all) => version >= api.minVersion && version <= api.maxVersion && all.indexOf(version) === index)
    .flatMap((version) => [
      { name: `${api.name} request ${version}`, codec: api.request, version, flexible: version >= api.flexibleFrom },
      { name: `${api.name} response ${version}`, codec: api.response, version, flexible: version >= api.flexibleFrom },
    ]),
)

function decodesOrRefuses(codec: AnyCodec, bytes: Uint8Array, version: number): void {
  try {
    codec.decode(new Reader(bytes), version)
  } catch (error) {
    expect(error).toBeInstanceOf(DecodeError)
  }
}

describe.each(codecs)('$name', ({ codec, version, flexible }) => {
  it('takes random bytes for a message or refuses them', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), (bytes) => decodesOrRefuses(codec, bytes, version)),
      { numRuns: 100 },
    )
  })

  it('takes a damaged message for another or refuses it', () => {
    const damages = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 })
    fc.assert(
      fc.property(arbitraryMessage(codec.fields, version, flexible), damages, fc.nat(), (value, changes, cut) => {
        const writer = new Writer()
        codec.encode(writer, value, version)
        const bytes = Uint8Array.from(writer.bytes())
        for (const [at, byte] of changes) bytes[at % bytes.length] = byte
        decodesOrRefuses(codec, cut % 2 === 0 ? bytes : bytes.subarray(0, cut % bytes.length), version)
      }),
      { numRuns: 100 },
    )
  })

  it('refuses every cut of a message that it takes whole', () => {
    const [value] = fc.sample(arbitraryMessage(codec.fields, version, flexible), { numRuns: 1, seed: 7 })
    const writer = new Writer()
    codec.encode(writer, value, version)
    const bytes = writer.bytes()
    for (let length = 0; length < bytes.length; length++) {
      expect(() => codec.decode(new Reader(bytes.subarray(0, length)), version)).toThrow(DecodeError)
    }
  })
})

describe('a decode is bounded', () => {
  it('refuses an array longer than what is left of the frame before allocating it', () => {
    const bytes = Buffer.from('7fffffff0001', 'hex')
    expect(() => Metadata.request.decode(new Reader(bytes), 1)).toThrow(/^topics: array of 2147483647 elements does not fit/)
  })

  it('refuses a compact array of two billion elements', () => {
    const bytes = Buffer.from('ffffffff0f0001', 'hex')
    expect(() => Metadata.request.decode(new Reader(bytes), 12)).toThrow(/^topics: array of 4294967294 elements does not fit/)
  })

  it('refuses more elements than any message of ours has, though they fit the frame', () => {
    const frame = Buffer.alloc(4 + 2 * 1_500_000)
    frame.writeInt32BE(1_500_000, 0)
    expect(() => DeleteTopics.request.decode(new Reader(frame), 1)).toThrow(/more than 1000000 array elements/)
  })

  it('counts the elements of all arrays of a message together', () => {
    const topicSize = 2 + 4 + 2 + 4 + 4 + 400_000 * 8
    const frame = Buffer.alloc(4 + 3 * topicSize)
    frame.writeInt32BE(3, 0)
    for (let topic = 0; topic < 3; topic++) frame.writeInt32BE(400_000, 4 + topic * topicSize + 8)
    expect(() => CreateTopics.request.decode(new Reader(frame), 2)).toThrow(/more than 1000000 array elements/)
  })

  it.each([
    ['a negative array length', Produce, 3, 'ffff' + 'ffff' + '00000001' + 'fffffffe', /topicData: array has length -2/],
    ['a null array that must not be null', Produce, 3, 'ffff' + 'ffff' + '00000001' + 'ffffffff', /topicData: is null/],
    ['a negative string length', Produce, 3, 'fffe', /transactionalId: string has length -2/],
    ['a string beyond the frame', Produce, 3, '0010', /transactionalId: needs 16 bytes, 0 left/],
    ['a varint that does not end', Produce, 9, 'ffffffffffff', /transactionalId: varint is longer/],
    [
      'a compact string of more than 32767 bytes',
      Produce,
      9,
      '818002' + '00'.repeat(40000),
      /transactionalId: string has length 32768/,
    ],
  ])('refuses %s, and says where', (_what, api, version, hex, message) => {
    expect(() => api.request.decode(new Reader(Buffer.from(hex, 'hex')), version)).toThrow(message)
  })

  it('names the field with its place in every array, and the byte', () => {
    const writer = new Writer()
    const partitionData = [
      { index: 0, records: Buffer.from('ab') },
      { index: 1, records: Buffer.from('cd') },
    ]
    Produce.request.encode(writer, { acks: 1, timeoutMs: 1, topicData: [{ name: 't', partitionData }] }, 3)
    const frame = writer.bytes()
    expect(() => Produce.request.decode(new Reader(frame.subarray(0, frame.length - 1)), 3)).toThrow(
      'topicData[0].partitionData[1].records: needs 2 bytes, 1 left (at byte 37)',
    )
  })
})

describe('decodeRequestHeader', () => {
  it('reads or refuses any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          decodeRequestHeader(bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError)
        }
      }),
      { numRuns: 3000 },
    )
  })
})
