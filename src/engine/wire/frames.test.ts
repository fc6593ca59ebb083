import { describe, expect, it } from 'vitest'
import { decodeCorrelationId, decodeRequestHeader, decodeResponse, encodeRequest, encodeResponse } from './frames'
import { ApiVersions, ControlledShutdown, Fetch, Metadata, Produce } from './messages/index'
import { Writer } from './writer'

/** The only frame in the writer, without its size, which is checked. */
function frameOf(writer: Writer): Uint8Array {
  const bytes = Buffer.from(writer.bytes())
  expect(bytes.readInt32BE(0)).toBe(bytes.length - 4)
  return bytes.subarray(4)
}

describe('a request', () => {
  it.each([
    [Metadata, 8, 1],
    [Metadata, 9, 2],
    [ApiVersions, 3, 2],
    [ControlledShutdown, 0, 0],
    [ControlledShutdown, 1, 1],
  ] as const)('of %o in version %i has header %i', (api, version, headerVersion) => {
    expect(api.requestHeaderVersion(version)).toBe(headerVersion)
  })

  it('comes back with its header and body', () => {
    const writer = new Writer()
    encodeRequest(writer, Metadata, 12, 77, 'a client', { topics: [{ name: 'orders' }] })
    const request = decodeRequestHeader(frameOf(writer))
    expect(request).toMatchObject({
      apiKey: 3,
      apiVersion: 12,
      correlationId: 77,
      clientId: 'a client',
      isVersionSupported: true,
    })
    expect(Metadata.request.decode(request.body, 12).topics).toEqual([{ name: 'orders', topicId: 'AAAAAAAAAAAAAAAAAAAAAA' }])
    expect(request.body.remaining).toBe(0)
  })

  it('is read as librdkafka 2.0.2 sends its first one, captured from kcat, and written as the same bytes', () => {
    const captured = '0012000300000001000772646b61666b61000b6c696272646b61666b6106322e302e3200'
    const request = decodeRequestHeader(Buffer.from(captured, 'hex'))
    const body = ApiVersions.request.decode(request.body, 3)
    expect(body).toEqual({ clientSoftwareName: 'librdkafka', clientSoftwareVersion: '2.0.2' })
    const writer = new Writer()
    encodeRequest(writer, ApiVersions, 3, 1, 'rdkafka', body)
    expect(Buffer.from(frameOf(writer)).toString('hex')).toBe(captured)
  })

  it('may have no client id', () => {
    const writer = new Writer()
    encodeRequest(writer, Metadata, 1, -5, null, { topics: null })
    expect(decodeRequestHeader(frameOf(writer))).toMatchObject({ correlationId: -5, clientId: null })
  })

  it('has no client id at all in ControlledShutdown 0', () => {
    const writer = new Writer()
    encodeRequest(writer, ControlledShutdown, 0, 3, 'ignored', { brokerId: 2 })
    expect(Buffer.from(frameOf(writer)).toString('hex')).toBe('0007' + '0000' + '00000003' + '00000002')
    const request = decodeRequestHeader(frameOf(writer))
    expect(request.clientId).toBeNull()
    expect(ControlledShutdown.request.decode(request.body, 0)).toEqual({ brokerId: 2, brokerEpoch: -1 })
  })

  it('has its tags in the header read over', () => {
    const header = Buffer.from('0003' + '0009' + '00000001' + '0001' + '61' + '01' + '05' + '02' + 'abcd', 'hex')
    const request = decodeRequestHeader(Buffer.concat([header, Buffer.from('0001000000', 'hex')]))
    expect(Metadata.request.decode(request.body, 9)).toMatchObject({ topics: null, allowAutoTopicCreation: true })
  })

  it('of an unknown API is recognised by its header', () => {
    const request = decodeRequestHeader(Buffer.from('03e7' + '0002' + '00000009' + '0002' + '6162', 'hex'))
    expect(request).toMatchObject({
      apiKey: 999,
      apiVersion: 2,
      correlationId: 9,
      clientId: 'ab',
      api: undefined,
      isVersionSupported: false,
    })
  })

  it('in a version that we do not serve is recognised by its header', () => {
    const request = decodeRequestHeader(Buffer.from('0012' + '0063' + '00000009' + '0002' + '6162' + '00' + 'ffff', 'hex'))
    expect(request).toMatchObject({ apiVersion: 99, clientId: 'ab', isVersionSupported: false })
    expect(request.api).toBe(ApiVersions)
    expect(decodeRequestHeader(Buffer.from('0000' + '0002' + '00000009' + 'ffff', 'hex')).isVersionSupported).toBe(false)
  })

  it('leaves nothing behind in the writer when it cannot be encoded', () => {
    const writer = new Writer()
    encodeRequest(writer, Metadata, 1, 1, 'c', { topics: null })
    const before = writer.length
    expect(() => encodeRequest(writer, Metadata, 0, 2, 'c', { topics: null })).toThrow('topics: null is not an array')
    expect(writer.length).toBe(before)
  })
})

describe('a response', () => {
  it('has tags in its header from the flexible versions on, ApiVersions never', () => {
    expect([Metadata.responseHeaderVersion(8), Metadata.responseHeaderVersion(9)]).toEqual([0, 1])
    expect([0, 1, 2, 3, 4].map((version) => ApiVersions.responseHeaderVersion(version))).toEqual([0, 0, 0, 0, 0])
  })

  it('comes back with its correlation id and body', () => {
    for (const version of [4, 12, 16]) {
      const writer = new Writer()
      const records = Buffer.from('not really records')
      const partitions = [{ partitionIndex: 3, errorCode: 0, highWatermark: 2 ** 40, abortedTransactions: null, records }]
      encodeResponse(writer, Fetch, version, 9, { responses: [{ topic: 't', partitions }] })
      const frame = frameOf(writer)
      expect(decodeCorrelationId(frame)).toBe(9)
      const { body } = decodeResponse(frame, Fetch, version)
      expect(body.responses[0]?.partitions[0]).toMatchObject({ partitionIndex: 3, highWatermark: 2 ** 40, records })
    }
  })

  it('takes records from a source straight into the frame', () => {
    const writer = new Writer(16)
    const source = {
      sizeInBytes: 100_000,
      readInto: (target: Uint8Array) => {
        expect(target.length).toBe(100_000)
        target.fill(7)
      },
    }
    const partition = { partitionIndex: 0, errorCode: 0, highWatermark: 1, abortedTransactions: null, records: source }
    encodeResponse(writer, Fetch, 16, 9, { responses: [{ partitions: [partition] }] })
    const { body } = decodeResponse(frameOf(writer), Fetch, 16)
    expect(body.responses[0]?.partitions[0]?.records).toEqual(Buffer.alloc(100_000, 7))
  })

  it('hands out records as views on the frame', () => {
    const writer = new Writer()
    encodeRequest(writer, Produce, 9, 1, null, {
      acks: 1,
      timeoutMs: 0,
      topicData: [{ name: 't', partitionData: [{ index: 0, records: Buffer.from('abc') }] }],
    })
    const frame = frameOf(writer)
    const records = Produce.request.decode(decodeRequestHeader(frame).body, 9).topicData[0]?.partitionData[0]?.records
    expect(records?.buffer).toBe(frame.buffer)
  })

  it('can stand behind another in one writer', () => {
    const writer = new Writer(8)
    encodeResponse(writer, ApiVersions, 0, 1, { errorCode: 35, apiKeys: [] })
    encodeResponse(writer, ApiVersions, 0, 2, { errorCode: 0, apiKeys: [] })
    expect(Buffer.from(writer.bytes()).toString('hex')).toBe('0000000a00000001002300000000' + '0000000a00000002000000000000')
  })
})
