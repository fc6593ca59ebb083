/** Answers made up for any API: they can be written, read, and say the error where clients look for it. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ErrorCode } from '../../wire/errors'
import { ALL_APIS, findApi } from '../../wire/messages'
import { arbitraryMessage } from '../../wire/testing/arbitrary-message'
import { errorResponse } from './error-response'
import { type AnyStruct, elementFields, holdsErrors, isPresent } from './message-shape'

const CODE = ErrorCode.COORDINATOR_LOAD_IN_PROGRESS

/** Everything called an error in a decoded message. */
function errorsIn(value: unknown): number[] {
  if (Array.isArray(value)) return value.flatMap(errorsIn)
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return []
  return Object.entries(value).flatMap(([name, inner]) =>
    /errorCode$/i.test(name) && typeof inner === 'number' ? [inner] : errorsIn(inner),
  )
}

function answerTo(key: number, version: number, request: AnyStruct, options = {}): AnyStruct {
  const api = findApi(key)!
  const asked = api.request.complete(request, version) as AnyStruct
  return api.response.complete(errorResponse(api, version, asked, CODE, options), version) as AnyStruct
}

describe.each(ALL_APIS)('$name', (api) => {
  const versions = Array.from({ length: api.maxVersion - api.minVersion + 1 }, (_, index) => api.minVersion + index)

  it.each(versions)('can be answered with an error in version %i, whatever was asked', (version) => {
    fc.assert(
      fc.property(
        arbitraryMessage(api.request.fields, version, version >= api.flexibleFrom),
        fc.boolean(),
        (request, isWhole) => {
          const response = api.response.complete(errorResponse(api, version, request as AnyStruct, CODE, { isWhole }), version)
          const errors = errorsIn(response)
          // Produce and its like have no place for an error where no partition is asked for; then nobody is told of any.
          const inLists = errorsIn(Object.values(response as AnyStruct).filter((value) => Array.isArray(value)))
          const hasListsOfErrors = Object.values(api.response.fields).some((field) => {
            const element = field.type === 'array' ? elementFields(field) : null
            return element !== null && isPresent(field, version) && holdsErrors(element, version)
          })
          if (inLists.length > 0 || !hasListsOfErrors) expect(errors).toContain(CODE)
          expect(errors.every((code) => code === CODE || code === ErrorCode.NONE)).toBe(true)
        },
      ),
      { numRuns: 12 },
    )
  })
})

describe('the error stands', () => {
  const produce = {
    acks: -1,
    timeoutMs: 1,
    topicData: [
      { name: 'a', partitionData: [{ index: 0, records: null }] },
      { name: 'b', partitionData: [0, 1].map((index) => ({ index, records: null })) },
    ],
  }

  it('with each partition of a produce, which has no other place', () => {
    expect(answerTo(0, 9, produce)).toMatchObject({
      responses: [
        { name: 'a', partitionResponses: [{ index: 0, errorCode: CODE, baseOffset: -1 }] },
        {
          name: 'b',
          partitionResponses: [
            { index: 0, errorCode: CODE },
            { index: 1, errorCode: CODE },
          ],
        },
      ],
    })
  })

  it('with each partition of a fetch, by topic id where the version has ids, or at the top where that is wanted', () => {
    const fetch = {
      maxWaitMs: 0,
      minBytes: 0,
      topics: [
        { topic: 'a', topicId: 'BBBBBBBBBBBBBBBBBBBBBA', partitions: [{ partition: 3, fetchOffset: 7, partitionMaxBytes: 1 }] },
      ],
    }
    const partitions = [
      { partitionIndex: 3, errorCode: CODE, highWatermark: -1, preferredReadReplica: -1, currentLeader: { leaderId: -1 } },
    ]
    expect(answerTo(1, 11, fetch)).toMatchObject({ errorCode: 0, responses: [{ topic: 'a', partitions }] })
    expect(answerTo(1, 16, fetch)).toMatchObject({ errorCode: 0, responses: [{ topicId: 'BBBBBBBBBBBBBBBBBBBBBA', partitions }] })
    expect(answerTo(1, 16, fetch, { isWhole: true })).toMatchObject({ errorCode: CODE, responses: [] })
  })

  it('with all topics of Metadata where the request means all, beside the brokers', () => {
    const beside = { brokers: [{ nodeId: 1, host: 'h', port: 9 }], controllerId: 1 }
    const answer = answerTo(3, 9, { topics: null }, { allTopics: () => ['a', 'b'], beside })
    expect(answer).toMatchObject({
      controllerId: 1,
      brokers: [{ nodeId: 1 }],
      topics: [
        { name: 'a', errorCode: CODE },
        { name: 'b', errorCode: CODE },
      ],
    })
  })

  it('with each key of FindCoordinator from version 4 on, at the top before', () => {
    expect(answerTo(10, 4, { keyType: 0, coordinatorKeys: ['g', 'h'] })).toMatchObject({
      coordinators: [
        { key: 'g', errorCode: CODE, nodeId: -1 },
        { key: 'h', errorCode: CODE },
      ],
    })
    expect(answerTo(10, 2, { key: 'g', keyType: 0 })).toMatchObject({ errorCode: CODE, nodeId: -1, port: -1 })
  })

  it('with each resource of DescribeConfigs, and each topic of CreateTopics and DeleteTopics', () => {
    const resources = [{ resourceType: 2, resourceName: 'a', configurationKeys: null }]
    expect(answerTo(32, 4, { resources })).toMatchObject({ results: [{ resourceType: 2, resourceName: 'a', errorCode: CODE }] })
    const topics = [{ name: 'a', numPartitions: 1, replicationFactor: 1, assignments: [], configs: [{ name: 'x', value: 'y' }] }]
    expect(answerTo(19, 7, { topics, timeoutMs: 1 })).toMatchObject({
      topics: [{ name: 'a', errorCode: CODE, errorMessage: expect.any(String) }],
    })
    expect(answerTo(20, 3, { topicNames: ['a'], timeoutMs: 1 })).toMatchObject({ responses: [{ name: 'a', errorCode: CODE }] })
  })
})
