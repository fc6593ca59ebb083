/**
 * kafkajs as the judge, from its own protocol folder: what its encoders write our decoders must read, and the other way round. It was
 * written by others from Kafka itself, so a misunderstanding of ours cannot cancel out here as it does in a round trip.
 */
import { createRequire } from 'node:module'
import { beforeAll, describe, expect, it } from 'vitest'
import { decodeRequestHeader, encodeResponse } from '../frames'
import { decodeRecords, encodeBatch, forEachBatch, initCompression, isCrcValid, readBatchHeader } from '../records'
import type { AnyApi } from '../schema'
import { Writer } from '../writer'
import {
  AlterConfigs,
  ApiVersions,
  CreatePartitions,
  CreateTopics,
  DeleteRecords,
  DeleteTopics,
  DescribeConfigs,
  Fetch,
  FindCoordinator,
  InitProducerId,
  ListOffsets,
  Metadata,
  Produce,
} from './index'

interface KafkajsRequest {
  readonly request: { readonly apiKey: number; readonly apiVersion: number; encode(): Promise<unknown> }
  readonly response: { decode(body: Buffer): Promise<unknown> }
}

const load = createRequire(import.meta.url)
const { requests } = load('kafkajs/src/protocol/requests') as {
  requests: Record<string, { protocol(options: { version: number }): (args: object) => KafkajsRequest }>
}
const frameRequest = load('kafkajs/src/protocol/request') as (options: {
  correlationId: number
  clientId: string
  request: KafkajsRequest['request']
}) => Promise<{ buffer: Buffer }>

function kafkajs(name: string, version: number, args: object = {}): KafkajsRequest {
  return requests[name]!.protocol({ version })(args)
}

/** What our decoder makes of the request that kafkajs encodes. */
async function weRead(name: string, api: AnyApi, version: number, args: object): Promise<unknown> {
  const { request } = kafkajs(name, version, args)
  const { buffer } = await frameRequest({ correlationId: 42, clientId: 'judge', request })
  expect(buffer.readInt32BE(0)).toBe(buffer.length - 4)
  const header = decodeRequestHeader(buffer.subarray(4))
  expect(header).toMatchObject({ apiKey: api.key, apiVersion: version, correlationId: 42, clientId: 'judge' })
  const body = api.request.decode(header.body, version)
  expect(header.body.remaining).toBe(0)
  return body
}

/** What kafkajs makes of the response body that we encode. */
function kafkajsReads(name: string, version: number, encode: (writer: Writer) => void, args: object = {}): Promise<unknown> {
  const writer = new Writer()
  encode(writer)
  return kafkajs(name, version, args).response.decode(Buffer.from(writer.bytes()).subarray(8))
}

beforeAll(() => initCompression())

describe('requests that kafkajs writes', () => {
  it.each([0, 1, 2, 3, 4, 5, 6])('Metadata %i', async (version) => {
    const body = await weRead('Metadata', Metadata, version, { topics: ['a', 'b'], allowAutoTopicCreation: false })
    expect(body).toMatchObject({ topics: [{ name: 'a' }, { name: 'b' }], allowAutoTopicCreation: version < 4 })
  })

  it.each([4, 5, 6, 7, 8, 9, 10, 11])('Fetch %i', async (version) => {
    const partitions = [{ partition: 3, fetchOffset: '5000000000', maxBytes: 1_048_576 }]
    const args = { maxWaitTime: 100, minBytes: 1, maxBytes: 10_485_760, topics: [{ topic: 't', partitions }], rackId: 'r' }
    expect(await weRead('Fetch', Fetch, version, args)).toMatchObject({
      replicaId: -1,
      maxWaitMs: 100,
      minBytes: 1,
      maxBytes: 10_485_760,
      isolationLevel: 1,
      sessionId: 0,
      sessionEpoch: -1,
      topics: [{ topic: 't', partitions: [{ partition: 3, fetchOffset: 5_000_000_000, partitionMaxBytes: 1_048_576 }] }],
      rackId: version >= 11 ? 'r' : '',
    })
  })

  it.each([3, 4, 5, 6, 7])('Produce %i, with a batch of which every record arrives', async (version) => {
    for (const compression of [0, 1]) {
      const messages = [
        { key: 'k', value: 'v1', timestamp: 1_700_000_000_000, headers: { h: Buffer.from('x') } },
        { key: null, value: null, timestamp: 1_700_000_000_005 },
      ]
      const topicData = [{ topic: 't', partitions: [{ partition: 1, firstSequence: 0, messages }] }]
      const body = await weRead('Produce', Produce, version, { acks: -1, timeout: 30_000, compression, topicData })
      const produced = body as ReturnType<typeof Produce.request.decode>
      expect(produced).toMatchObject({ acks: -1, timeoutMs: 30_000, transactionalId: null })
      const partition = produced.topicData[0]!.partitionData[0]!
      expect(partition.index).toBe(1)
      const records = partition.records!
      expect(isCrcValid(records, 0)).toBe(true)
      expect(forEachBatch(records, () => true)).toBe(records.length)
      expect(readBatchHeader(records)).toMatchObject({ magic: 2, recordCount: 2, lastOffsetDelta: 1, producerId: -1n })
      expect(decodeRecords(records)).toMatchObject([
        {
          offset: 0,
          timestamp: 1_700_000_000_000n,
          key: Buffer.from('k'),
          value: Buffer.from('v1'),
          headers: [{ key: 'h', value: Buffer.from('x') }],
        },
        { offset: 1, timestamp: 1_700_000_000_005n, key: null, value: null, headers: [] },
      ])
    }
  })

  it.each([0, 1, 2, 3])('ListOffsets %i', async (version) => {
    const partitions = [{ partition: 2, timestamp: -2, maxNumOffsets: 7 }]
    const body = await weRead('ListOffsets', ListOffsets, version, { replicaId: -1, topics: [{ topic: 't', partitions }] })
    expect(body).toMatchObject({ replicaId: -1, topics: [{ name: 't', partitions: [{ partitionIndex: 2, timestamp: -2 }] }] })
  })

  it.each([2, 3])('CreateTopics %i', async (version) => {
    const replicaAssignment = [{ partition: 0, replicas: [1, 2, 3] }]
    const configEntries = [{ name: 'cleanup.policy', value: 'compact' }]
    const topics = [{ topic: 't', numPartitions: 3, replicationFactor: 2, replicaAssignment, configEntries }]
    expect(await weRead('CreateTopics', CreateTopics, version, { topics, validateOnly: true, timeout: 1234 })).toEqual({
      topics: [
        {
          name: 't',
          numPartitions: 3,
          replicationFactor: 2,
          assignments: [{ partitionIndex: 0, brokerIds: [1, 2, 3] }],
          configs: [{ name: 'cleanup.policy', value: 'compact' }],
        },
      ],
      timeoutMs: 1234,
      validateOnly: true,
    })
  })

  it('DeleteTopics 1', async () => {
    const body = await weRead('DeleteTopics', DeleteTopics, 1, { topics: ['a', 'b'], timeout: 9 })
    expect(body).toEqual({ topics: [], topicNames: ['a', 'b'], timeoutMs: 9 })
  })

  it.each([0, 1])('DeleteRecords %i', async (version) => {
    const topics = [{ topic: 'a', partitions: [{ partition: 0, offset: '77' }] }]
    expect(await weRead('DeleteRecords', DeleteRecords, version, { topics, timeout: 9 })).toEqual({
      topics: [{ name: 'a', partitions: [{ partitionIndex: 0, offset: 77 }] }],
      timeoutMs: 9,
    })
  })

  it.each([0, 1])('InitProducerId %i', async (version) => {
    const body = await weRead('InitProducerId', InitProducerId, version, { transactionalId: 'tx', transactionTimeout: 60_000 })
    expect(body).toEqual({ transactionalId: 'tx', transactionTimeoutMs: 60_000, producerId: -1n, producerEpoch: -1 })
  })

  it.each([1, 2])('FindCoordinator %i', async (version) => {
    const body = await weRead('GroupCoordinator', FindCoordinator, version, { groupId: 'g', coordinatorType: 1 })
    expect(body).toEqual({ key: 'g', keyType: 1, coordinatorKeys: [] })
  })

  it.each([1, 2])('DescribeConfigs %i', async (version) => {
    const resources = [{ type: 2, name: 't', configNames: ['retention.ms'] }]
    expect(await weRead('DescribeConfigs', DescribeConfigs, version, { resources, includeSynonyms: true })).toEqual({
      resources: [{ resourceType: 2, resourceName: 't', configurationKeys: ['retention.ms'] }],
      includeSynonyms: true,
      includeDocumentation: false,
    })
  })

  it.each([0, 1])('AlterConfigs %i', async (version) => {
    const resources = [{ type: 2, name: 't', configEntries: [{ name: 'retention.ms', value: '5' }] }]
    expect(await weRead('AlterConfigs', AlterConfigs, version, { resources, validateOnly: true })).toEqual({
      resources: [{ resourceType: 2, resourceName: 't', configs: [{ name: 'retention.ms', value: '5' }] }],
      validateOnly: true,
    })
  })

  it.each([0, 1])('CreatePartitions %i', async (version) => {
    const topicPartitions = [{ topic: 't', count: 4, assignments: [[1, 2]] }]
    expect(await weRead('CreatePartitions', CreatePartitions, version, { topicPartitions, timeout: 5 })).toEqual({
      topics: [{ name: 't', count: 4, assignments: [{ brokerIds: [1, 2] }] }],
      timeoutMs: 5,
      validateOnly: false,
    })
  })
})

describe('responses that we write', () => {
  it.each([0, 1, 2])('ApiVersions %i', async (version) => {
    const apiKeys = [{ apiKey: 3, minVersion: 0, maxVersion: 12 }]
    const read = kafkajsReads('ApiVersions', version, (writer) =>
      encodeResponse(writer, ApiVersions, version, 1, { errorCode: 0, apiKeys }),
    )
    expect(await read).toMatchObject({ errorCode: 0, apiVersions: apiKeys })
  })

  it.each([1, 2, 3, 4, 5, 6])('Metadata %i', async (version) => {
    const partition = {
      errorCode: 9,
      partitionIndex: 4,
      leaderId: 2,
      leaderEpoch: 6,
      replicaNodes: [2, 3],
      isrNodes: [2],
      offlineReplicas: [3],
    }
    const read = kafkajsReads('Metadata', version, (writer) =>
      encodeResponse(writer, Metadata, version, 1, {
        brokers: [{ nodeId: 2, host: '127.0.0.1', port: 19_092, rack: null }],
        clusterId: 'cluster',
        controllerId: 2,
        topics: [{ errorCode: 0, name: 't', isInternal: true, partitions: [partition] }],
      }),
    )
    expect(await read).toMatchObject({
      brokers: [{ nodeId: 2, host: '127.0.0.1', port: 19_092, rack: null }],
      controllerId: 2,
      ...(version >= 2 && { clusterId: 'cluster' }),
      topicMetadata: [
        {
          topicErrorCode: 0,
          topic: 't',
          isInternal: true,
          partitionMetadata: [{ partitionErrorCode: 9, partitionId: 4, leader: 2, replicas: [2, 3], isr: [2] }],
        },
      ],
    })
  })

  it.each([3, 4, 5, 6, 7])('Produce %i', async (version) => {
    const partition = { index: 1, errorCode: 0, baseOffset: 5_000_000_000, logAppendTimeMs: -1, logStartOffset: 12 }
    const read = kafkajsReads('Produce', version, (writer) =>
      encodeResponse(writer, Produce, version, 1, { responses: [{ name: 't', partitionResponses: [partition] }] }),
    )
    expect(await read).toMatchObject({
      topics: [
        {
          topicName: 't',
          partitions: [
            {
              partition: 1,
              errorCode: 0,
              baseOffset: '5000000000',
              logAppendTime: '-1',
              ...(version >= 5 && { logStartOffset: '12' }),
            },
          ],
        },
      ],
    })
  })

  it.each([4, 5, 6, 7, 8, 9, 10, 11])('Fetch %i, with records that kafkajs reads', async (version) => {
    const headers = [{ key: 'h', value: Buffer.from('x') }]
    for (const compression of ['none', 'gzip'] as const) {
      const records = encodeBatch({
        baseOffset: 90,
        compression,
        records: [
          { timestamp: 1_700_000_000_000n, key: Buffer.from('k'), value: Buffer.from('v'), headers },
          { timestamp: 1_700_000_000_900n, key: null, value: null, headers: [] },
        ],
      })
      const partition = {
        partitionIndex: 3,
        errorCode: 0,
        highWatermark: 92,
        lastStableOffset: 92,
        abortedTransactions: [],
        records,
      }
      const read = kafkajsReads(
        'Fetch',
        version,
        (writer) => encodeResponse(writer, Fetch, version, 1, { responses: [{ topic: 't', partitions: [partition] }] }),
        { maxWaitTime: 1 },
      )
      expect(await read).toMatchObject({
        responses: [
          {
            topicName: 't',
            partitions: [
              {
                partition: 3,
                errorCode: 0,
                highWatermark: '92',
                messages: [
                  {
                    offset: '90',
                    timestamp: '1700000000000',
                    key: Buffer.from('k'),
                    value: Buffer.from('v'),
                    headers: { h: Buffer.from('x') },
                  },
                  { offset: '91', timestamp: '1700000000900', key: null, value: null, headers: {} },
                ],
              },
            ],
          },
        ],
      })
    }
  })

  it.each([1, 2, 3])('ListOffsets %i', async (version) => {
    const partitions = [{ partitionIndex: 2, errorCode: 0, timestamp: -1, offset: 33, leaderEpoch: 4 }]
    const read = kafkajsReads('ListOffsets', version, (writer) =>
      encodeResponse(writer, ListOffsets, version, 1, { topics: [{ name: 't', partitions }] }),
    )
    expect(await read).toMatchObject({ responses: [{ topic: 't', partitions: [{ partition: 2, errorCode: 0, offset: '33' }] }] })
  })

  it.each([2, 3])('CreateTopics %i', async (version) => {
    const read = kafkajsReads('CreateTopics', version, (writer) =>
      encodeResponse(writer, CreateTopics, version, 1, {
        topics: [{ name: 't', errorCode: 36, errorMessage: 'exists', numPartitions: 3 }],
      }),
    )
    expect(await read).toMatchObject({ topicErrors: [{ topic: 't', errorCode: 36, errorMessage: 'exists' }] })
  })

  it('DeleteTopics 1', async () => {
    const read = kafkajsReads('DeleteTopics', 1, (writer) =>
      encodeResponse(writer, DeleteTopics, 1, 1, { responses: [{ name: 't', errorCode: 3 }] }),
    )
    expect(await read).toMatchObject({ topicErrors: [{ topic: 't', errorCode: 3 }] })
  })

  it.each([0, 1])('InitProducerId %i', async (version) => {
    const read = kafkajsReads('InitProducerId', version, (writer) =>
      encodeResponse(writer, InitProducerId, version, 1, {
        throttleTimeMs: 0,
        errorCode: 0,
        producerId: 2n ** 60n + 1n,
        producerEpoch: 2,
      }),
    )
    expect(await read).toMatchObject({ producerId: '1152921504606846977', producerEpoch: 2 })
  })

  it.each([1, 2])('FindCoordinator %i', async (version) => {
    const read = kafkajsReads('GroupCoordinator', version, (writer) =>
      encodeResponse(writer, FindCoordinator, version, 1, {
        errorCode: 15,
        errorMessage: 'none',
        nodeId: 1,
        host: 'h',
        port: 9092,
      }),
    )
    expect(await read).toMatchObject({ errorCode: 15, errorMessage: 'none', coordinator: { nodeId: 1, host: 'h', port: 9092 } })
  })

  it.each([1, 2])('DescribeConfigs %i', async (version) => {
    const synonyms = [{ name: 'log.retention.ms', value: '6', source: 4 }]
    const config = { name: 'retention.ms', value: '5', readOnly: false, configSource: 1, isSensitive: false, synonyms }
    const result = { errorCode: 0, errorMessage: null, resourceType: 2, resourceName: 't', configs: [config] }
    const read = kafkajsReads('DescribeConfigs', version, (writer) =>
      encodeResponse(writer, DescribeConfigs, version, 1, { throttleTimeMs: 0, results: [result] }),
    )
    expect(await read).toMatchObject({
      resources: [
        {
          errorCode: 0,
          errorMessage: null,
          resourceName: 't',
          configEntries: [
            {
              configName: 'retention.ms',
              configValue: '5',
              configSource: 1,
              configSynonyms: [{ configName: 'log.retention.ms', configValue: '6', configSource: 4 }],
            },
          ],
        },
      ],
    })
  })
})
