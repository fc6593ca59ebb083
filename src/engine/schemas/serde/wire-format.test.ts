import { expect, test } from 'vitest'
import { referenceSubjectName, SubjectNameError, subjectName, subjectsOfTopic } from './subject-names'
import {
  readGuidHeader,
  readMark,
  readPrefix,
  readProtobufPrefix,
  WireFormatError,
  writeGuidHeader,
  writeMessageIndexes,
  writePrefix,
} from './wire-format'

const GUID = '01234567-89ab-cdef-0123-456789abcdef'
const never = (): never => {
  throw new Error('asked for a type without a prefix')
}

test('writes the prefix that both clients in JavaScript were seen to send', () => {
  expect(writePrefix(1, null, Buffer.from([2])).toString('hex')).toBe('000000000102')
  expect(readPrefix(Buffer.from('000000000102', 'hex'), false)).toEqual({
    mark: { kind: 'id', id: 1, messageIndexes: null },
    payload: Buffer.from([2]),
  })
})

test('bytes without the prefix are no schema’s', () => {
  for (const hex of ['', '00', '00000000', '7b22613122', '00ffffffff'])
    expect(readPrefix(Buffer.from(hex, 'hex'), false)).toBeNull()
})

test('message indexes: [0] is one zero byte, others are counted zigzag varints', () => {
  expect(writeMessageIndexes([0]).toString('hex')).toBe('00')
  expect(writeMessageIndexes([1, 0]).toString('hex')).toBe('040200')
  for (const indexes of [[0], [5], [1, 0], [0, 0, 300]]) {
    const value = writePrefix(7, indexes, Buffer.from([9]))
    expect(readPrefix(value, true)).toEqual({ mark: { kind: 'id', id: 7, messageIndexes: indexes }, payload: Buffer.from([9]) })
  }
  expect(() => readPrefix(Buffer.from('0000000007', 'hex'), true)).toThrow(WireFormatError)
  expect(() => readPrefix(Buffer.from('000000000704', 'hex'), true)).toThrow('cut short')
  expect(() => readPrefix(Buffer.from('0000000007feffffff0f', 'hex'), true)).toThrow('at most 100')
  expect(() => readPrefix(Buffer.from('0000000007ffffffffffff', 'hex'), true)).toThrow('longer than five bytes')
})

test('a GUID in a header comes before a prefix, for key and value apart, and the last header counts', () => {
  const header = { key: '__value_schema_id', value: writeGuidHeader(GUID, null) }
  const value = Buffer.from('000000000102', 'hex')
  expect(readMark('value', value, [header], never)).toEqual({
    mark: { kind: 'guid', guid: GUID, messageIndexes: null },
    payload: value,
  })
  expect(readMark('key', value, [header], () => false)?.mark).toEqual({ kind: 'id', id: 1, messageIndexes: null })
  expect(() => readMark('value', value, [header, { key: '__value_schema_id', value: Buffer.from('x') }], never)).toThrow(
    'holds no schema GUID',
  )
  expect(readMark('value', Buffer.from('{}'), [], never)).toBeNull()
})

test('a GUID header carries the message indexes of Protobuf', () => {
  expect(readGuidHeader(writeGuidHeader(GUID, [1, 2]))).toEqual({ kind: 'guid', guid: GUID, messageIndexes: [1, 2] })
  expect(() => readGuidHeader(Buffer.concat([writeGuidHeader(GUID, [0]), Buffer.from([1])]))).toThrow('1 bytes behind')
})

test('subjects are named by Confluent’s strategies', () => {
  const input = { topic: 'orders', part: 'value', recordName: 'shop.Order' } as const
  expect(subjectName('TopicNameStrategy', input)).toBe('orders-value')
  expect(subjectName('RecordNameStrategy', input)).toBe('shop.Order')
  expect(subjectName('TopicRecordNameStrategy', input)).toBe('orders-shop.Order')
  expect(subjectName('AssociatedNameStrategy', input)).toBe('orders-value')
  expect(subjectName('AssociatedNameStrategy', { ...input, associatedSubject: 'shop' })).toBe('shop')
  expect(() => subjectName('RecordNameStrategy', { ...input, recordName: null })).toThrow(SubjectNameError)
})

test('references are named as they stand or by path', () => {
  expect(referenceSubjectName('DefaultReferenceSubjectNameStrategy', { name: 'shop/order.proto' })).toBe('shop/order.proto')
  expect(referenceSubjectName('QualifiedReferenceSubjectNameStrategy', { name: 'shop/order.proto' })).toBe('shop.order')
})

test('a topic’s own subject comes first, those of its records after it', () => {
  const subjects = ['a', 'orders-key', 'orders-shop.Order', 'orders-value', 'orders2-value']
  expect(subjectsOfTopic('orders', 'value', subjects)).toEqual(['orders-value', 'orders-shop.Order'])
})

test('takes message indexes that lead nowhere for the payload of a client that writes none', () => {
  const hasMessage = (indexes: readonly number[]) => ['0', '0.1', '0.0.0.0'].includes(indexes.join('.'))
  const read = (hex: string) => {
    const { mark, payload } = readProtobufPrefix(Buffer.from(`0000000001${hex}`, 'hex'), hasMessage)!
    return [mark.messageIndexes, Buffer.from(payload).toString('hex')]
  }
  expect(read('000807')).toEqual([[0], '0807'])
  expect(read('0400020807')).toEqual([[0, 1], '0807'])
  expect(read('08000000000807')).toEqual([[0, 0, 0, 0], '0807'])
  for (const bare of ['', '0807', '0802100412020a00', '0a0568656c6c6f', '8a01020807', '0880808080808080808001'])
    expect(read(bare)).toEqual([null, bare])
  // What cannot begin a message is read by the book, and told where it is broken.
  expect(read('04040a')).toEqual([[2, 5], ''])
  expect(() => read('0400')).toThrow('the message indexes are cut short')
  expect(() => read('01')).toThrow(WireFormatError)
  expect(readProtobufPrefix(Buffer.from('7b7d7b7d7b7d', 'hex'), hasMessage)).toBeNull()
})
