import { describe, expect, it } from 'vitest'
import type { Controller } from '../../controller/controller'
import type { AskedReassignment } from '../../controller/reassignments'
import { handleAsync } from '../../testing/handler-kit'
import { ErrorCode } from '../../wire/errors'
import { alterPartitionReassignmentsHandler } from './45-alter-partition-reassignments'
import { listPartitionReassignmentsHandler } from './46-list-partition-reassignments'

/** Refuses every partition 1 in its own way, or everything as a broker that is not the controller. */
function controllerOf(isActive: boolean) {
  const calls: { asked: readonly AskedReassignment[]; timeoutMs: number; mayChangeFactor: boolean }[] = []
  const listed: unknown[] = []
  const controller = {
    isActive,
    alterPartitionReassignments(asked: readonly AskedReassignment[], timeoutMs: number, mayChangeFactor: boolean) {
      calls.push({ asked, timeoutMs, mayChangeFactor })
      const refusal = { errorCode: ErrorCode.INVALID_REPLICA_ASSIGNMENT, errorMessage: 'no' }
      const moved = { errorCode: ErrorCode.NOT_CONTROLLER, errorMessage: 'moved' }
      return Promise.resolve(
        asked.map(({ topic, partition }) => {
          const fine = partition === 1 ? refusal : { errorCode: ErrorCode.NONE, errorMessage: null }
          return { topic, partition, ...(isActive ? fine : moved) }
        }),
      )
    },
    listPartitionReassignments(asked: unknown) {
      listed.push(asked)
      if (!isActive) return Promise.resolve({ errorCode: ErrorCode.NOT_CONTROLLER, errorMessage: 'moved', partitions: [] })
      const lists = { replicas: [3, 1], addingReplicas: [3], removingReplicas: [1] }
      const partitions = [
        { topic: 'a', partition: 0, ...lists },
        { topic: 'b', partition: 2, ...lists },
        { topic: 'a', partition: 1, ...lists },
      ]
      return Promise.resolve({ errorCode: ErrorCode.NONE, errorMessage: null, partitions })
    },
  }
  return { controller: controller as unknown as Controller, calls, listed }
}

const topics = [
  { name: 'a', partitions: [{ partitionIndex: 0, replicas: [2, 3] }] },
  {
    name: 'b',
    partitions: [
      { partitionIndex: 1, replicas: [9] },
      { partitionIndex: 2, replicas: null },
    ],
  },
]

describe('AlterPartitionReassignments', () => {
  it('answers each partition by itself', async () => {
    const { controller, calls } = controllerOf(true)
    const handler = alterPartitionReassignmentsHandler({ controller })
    const response = await handleAsync(handler, { timeoutMs: 700, allowReplicationFactorChange: false, topics })
    expect(calls).toEqual([
      {
        asked: [
          { topic: 'a', partition: 0, replicas: [2, 3] },
          { topic: 'b', partition: 1, replicas: [9] },
          { topic: 'b', partition: 2, replicas: null },
        ],
        timeoutMs: 700,
        mayChangeFactor: false,
      },
    ])
    expect(response).toMatchObject({ errorCode: ErrorCode.NONE, errorMessage: null, allowReplicationFactorChange: false })
    expect(response.responses).toEqual([
      { name: 'a', partitions: [{ partitionIndex: 0, errorCode: ErrorCode.NONE, errorMessage: null }] },
      {
        name: 'b',
        partitions: [
          { partitionIndex: 1, errorCode: ErrorCode.INVALID_REPLICA_ASSIGNMENT, errorMessage: 'no' },
          { partitionIndex: 2, errorCode: ErrorCode.NONE, errorMessage: null },
        ],
      },
    ])
  })

  it('lets version 0 change the replication factor, which cannot say otherwise', async () => {
    const { controller, calls } = controllerOf(true)
    await handleAsync(alterPartitionReassignmentsHandler({ controller }), { topics }, 0)
    expect(calls[0]?.mayChangeFactor).toBe(true)
  })

  it('says at its top that this is not the controller, also where nothing is asked for', async () => {
    const handler = alterPartitionReassignmentsHandler({ controller: controllerOf(false).controller })
    expect((await handleAsync(handler, { topics })).errorCode).toBe(ErrorCode.NOT_CONTROLLER)
    expect((await handleAsync(handler, { topics: [] })).errorCode).toBe(ErrorCode.NOT_CONTROLLER)
  })
})

describe('ListPartitionReassignments', () => {
  it('answers by topic, of those that are named or of all', async () => {
    const { controller, listed } = controllerOf(true)
    const handler = listPartitionReassignmentsHandler({ controller })
    const response = await handleAsync(handler, { topics: [{ name: 'a', partitionIndexes: [0, 1] }] })
    const lists = { replicas: [3, 1], addingReplicas: [3], removingReplicas: [1] }
    expect(response.topics).toEqual([
      {
        name: 'a',
        partitions: [
          { partitionIndex: 0, ...lists },
          { partitionIndex: 1, ...lists },
        ],
      },
      { name: 'b', partitions: [{ partitionIndex: 2, ...lists }] },
    ])
    await handleAsync(handler, { topics: null })
    expect(listed).toEqual([
      [
        { topic: 'a', partition: 0 },
        { topic: 'a', partition: 1 },
      ],
      null,
    ])
  })

  it('is not answered by a broker that is not the controller', async () => {
    const handler = listPartitionReassignmentsHandler({ controller: controllerOf(false).controller })
    expect(await handleAsync(handler, { topics: null })).toMatchObject({ errorCode: ErrorCode.NOT_CONTROLLER, topics: [] })
  })
})
