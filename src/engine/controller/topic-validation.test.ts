import { describe, expect, it } from 'vitest'
import { ErrorCode } from '../wire/errors'
import {
  validateAddedCount,
  validateCounts,
  validateManualAssignment,
  validateMorePartitions,
  validateTopicIsNew,
  validateTopicName,
} from './topic-validation'

describe('a topic name', () => {
  it.each(['a', 'orders.v1', 'a_b-c', 'A9', 'x'.repeat(249), '...', '.a'])('may be %s', (name) => {
    expect(validateTopicName(name)).toBe(null)
  })

  it.each([
    ['', 'Topic name is invalid: the empty string is not allowed'],
    ['.', "Topic name is invalid: '.' is not allowed"],
    ['..', "Topic name is invalid: '..' is not allowed"],
    ['a b', "Topic name is invalid: 'a b' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'"],
    ['a/b', "Topic name is invalid: 'a/b' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'"],
    ['ä', "Topic name is invalid: 'ä' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'"],
    ['a\n', "Topic name is invalid: 'a\n' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'"],
  ])('may not be %j', (name, message) => {
    expect(validateTopicName(name)).toEqual({ errorCode: ErrorCode.INVALID_TOPIC_EXCEPTION, message })
  })

  it('may not be longer than 249 characters', () => {
    expect(validateTopicName('x'.repeat(250))?.message).toContain('is longer than the max allowed length 249')
  })
})

describe('a new topic', () => {
  const existing = new Map([
    ['a.b', 1],
    ['plain', 1],
  ])

  it('may not be there already', () => {
    expect(validateTopicIsNew('plain', existing)).toEqual({
      errorCode: ErrorCode.TOPIC_ALREADY_EXISTS,
      message: "Topic 'plain' already exists.",
    })
  })

  it('may not differ from another only in . and _', () => {
    expect(validateTopicIsNew('a_b', existing)).toEqual({
      errorCode: ErrorCode.INVALID_TOPIC_EXCEPTION,
      message: "Topic 'a_b' collides with existing topics: a.b",
    })
    expect(validateTopicIsNew('a-b', existing)).toBe(null)
  })

  it('needs partitions and replicas, and no more replicas than brokers', () => {
    expect(validateCounts(1, 3, 3)).toBe(null)
    expect(validateCounts(0, 1, 3)).toEqual({
      errorCode: ErrorCode.INVALID_PARTITIONS,
      message: 'Number of partitions must be larger than 0.',
    })
    expect(validateCounts(1, 0, 3)?.message).toBe('Replication factor must be larger than 0.')
    expect(validateCounts(1, 4, 3)).toEqual({
      errorCode: ErrorCode.INVALID_REPLICATION_FACTOR,
      message: 'Replication factor: 4 larger than available brokers: 3.',
    })
  })
})

describe('a manual assignment', () => {
  const live = new Set([1, 2, 3])
  const of = (...lists: [number, number[]][]) => lists.map(([partition, brokerIds]) => ({ partition, brokerIds }))

  it('is taken if it names live brokers, each once, and all partitions from 0', () => {
    expect(validateManualAssignment(of([1, [2, 3]], [0, [1, 2]]), live)).toBe(null)
  })

  it.each([
    ['of different lengths', of([0, [1, 2]], [1, [1]]), 'All partitions should have the same number of replicas'],
    ['without replicas', of([0, []]), 'Cannot have replication factor of 0 for partition id 0.'],
    ['with a broker twice', of([0, [1, 1]]), 'Duplicate replica assignment found'],
    ['with a gap', of([0, [1]], [2, [1]]), 'partitions should be a consecutive 0-based integer sequence'],
    ['with a partition twice', of([0, [1]], [0, [2]]), 'partitions should be a consecutive 0-based integer sequence'],
    ['with an unknown broker', of([0, [1, 7]]), 'Unknown broker(s) in replica assignment: 7.'],
  ])('%s is refused', (_, assignments, message) => {
    const refusal = validateManualAssignment(assignments, live)
    expect(refusal?.errorCode).toBe(ErrorCode.INVALID_REPLICA_ASSIGNMENT)
    expect(refusal?.message).toContain(message)
  })
})

describe('more partitions', () => {
  const live = new Set([1, 2, 3])

  it('is refused beyond what can be placed at once, since placing comes before writing', () => {
    expect(validateAddedCount(10_000)).toBe(null)
    const excess = { errorCode: ErrorCode.POLICY_VIOLATION, message: 'Excessively large number of partitions per request.' }
    expect(validateAddedCount(10_001)).toEqual(excess)
    expect(validateMorePartitions('t', 2, 2_147_483_647, 1, null, new Set([1]))).toEqual(excess)
  })

  it('are taken if there are more, and as many assignments as are added', () => {
    expect(validateMorePartitions('t', 2, 4, 2, null, live)).toBe(null)
    expect(
      validateMorePartitions(
        't',
        2,
        4,
        2,
        [
          [1, 2],
          [2, 3],
        ],
        live,
      ),
    ).toBe(null)
  })

  it.each([
    [
      'fewer',
      validateMorePartitions('t', 3, 2, 1, null, live),
      ErrorCode.INVALID_PARTITIONS,
      'Topic currently has 3 partitions, which is higher than the requested 2.',
    ],
    [
      'as many',
      validateMorePartitions('t', 3, 3, 1, null, live),
      ErrorCode.INVALID_PARTITIONS,
      'Topic already has 3 partitions.',
    ],
    [
      'with too few brokers',
      validateMorePartitions('t', 1, 2, 4, null, live),
      ErrorCode.INVALID_REPLICATION_FACTOR,
      'Replication factor: 4 larger than available brokers: 3.',
    ],
    [
      'with an unknown broker',
      validateMorePartitions('t', 1, 2, 1, [[9]], live),
      ErrorCode.INVALID_REPLICA_ASSIGNMENT,
      'Unknown broker(s) in replica assignment: 9.',
    ],
    [
      'with too few assignments',
      validateMorePartitions('t', 1, 3, 1, [[1]], live),
      ErrorCode.INVALID_REPLICA_ASSIGNMENT,
      'Increasing the number of partitions by 2 but 1 assignments provided.',
    ],
    [
      'with a broker twice',
      validateMorePartitions('t', 1, 2, 2, [[1, 1]], live),
      ErrorCode.INVALID_REPLICA_ASSIGNMENT,
      'Duplicate brokers not allowed',
    ],
    [
      'with another replication factor',
      validateMorePartitions('t', 1, 2, 2, [[1]], live),
      ErrorCode.INVALID_REPLICA_ASSIGNMENT,
      'Inconsistent replication factor',
    ],
    [
      'without replicas',
      validateMorePartitions('t', 1, 2, 2, [[]], live),
      ErrorCode.INVALID_REPLICA_ASSIGNMENT,
      'Cannot have replication factor of 0 for partition id 1.',
    ],
  ])('%s are refused', (_, refusal, errorCode, message) => {
    expect(refusal?.errorCode).toBe(errorCode)
    expect(refusal?.message).toContain(message)
  })
})
