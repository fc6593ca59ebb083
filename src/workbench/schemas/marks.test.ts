import { describe, expect, it } from 'vitest'
import { schemaIdHeaders, writeGuidHeader } from '../../engine/schemas/serde'
import { markOf, payloadOf } from './marks'

const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'))
const guid = '00112233-4455-6677-8899-aabbccddeeff'
const record = (value: Uint8Array | null, headers: { key: string; value: Uint8Array | null }[] = []) => ({
  key: null,
  value,
  headers,
})

describe('markOf', () => {
  it('sees none in null, in text, in what is too short, and none of the key in a header of the value', () => {
    expect(markOf('value', record(null))).toBeNull()
    expect(markOf('value', record(Buffer.from('{"a":1}')))).toBeNull()
    expect(markOf('value', record(bytes('00000001')))).toBeNull()
    const header = { key: schemaIdHeaders.key, value: writeGuidHeader(guid, null) }
    expect(markOf('value', record(Buffer.from('x'), [header]))).toBeNull()
  })

  it('takes the id of the prefix, and the payload behind it with message indexes where it is Protobuf', () => {
    const mark = markOf('value', record(bytes('000000002a0202')))
    expect(mark).toMatchObject({ kind: 'id', id: 42 })
    if (mark?.kind !== 'id') throw new Error('no id')
    expect(payloadOf(mark, bytes('000000002a0202'), null)).toEqual({ payload: bytes('0202'), messageIndexes: null })
    expect(payloadOf(mark, bytes('000000002a0008'), () => true)).toEqual({ payload: bytes('08'), messageIndexes: [0] })
    // As @kafkajs/confluent-schema-registry writes it: field 1 is 7.
    expect(payloadOf(mark, bytes('000000002a0807'), () => false)).toEqual({ payload: bytes('0807'), messageIndexes: null })
  })

  it('takes a GUID header before the prefix, the last one, and leaves the payload whole', () => {
    const value = bytes('000000002a02')
    const header = (of: string) => ({ key: schemaIdHeaders.value, value: writeGuidHeader(of, null) })
    const mark = markOf('value', record(value, [header('ffffffff-ffff-ffff-ffff-ffffffffffff'), header(guid)]))
    expect(mark).toMatchObject({ kind: 'guid', guid })
    if (mark?.kind !== 'guid') throw new Error('no GUID')
    expect(payloadOf(mark, value, null)).toEqual({ payload: value, messageIndexes: null })
  })

  it('says what is wrong with a header that holds no GUID', () => {
    expect(markOf('value', record(bytes('01'), [{ key: schemaIdHeaders.value, value: bytes('0102') }]))).toMatchObject({
      kind: 'broken',
      reason: expect.stringContaining('__value_schema_id'),
    })
  })
})
