import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { ClientError, deleteRecords, type KafkaClient, latestOffset } from '../../engine/client'
import { ErrorCode } from '../../engine/wire/errors'
import { topicsArguments } from '../../shared/ipc/calls/topics'
import { purgeOffsets } from './topics-service'

interface Asked {
  readonly topics: readonly { readonly partitions: readonly { readonly partitionIndex: number; readonly timestamp: number }[] }[]
}

/** A cluster of one topic that each broker, numbered as its one partition, leads. */
function clientOf(partitionCount: number, answer: (partition: number, body: Asked) => Promise<unknown>): KafkaClient {
  const partitions = Array.from({ length: partitionCount }, (_, partition) => ({ partition }))
  const brokers = partitions.map(({ partition }) => ({ id: partition }))
  const known = { topics: new Map([['orders', { partitions }]]) }
  const client = {
    platform: { clock: { monotonicMs: () => performance.now(), setTimer: (_ms: number, run: () => void) => setTimeout(run) } },
    refresh: () => Promise.resolve(known),
    leaderOf: (_topic: string, partition: number) => ({ broker: brokers[partition] }),
    connectionTo: ({ id }: { readonly id: number }) => ({ request: (_api: unknown, body: Asked) => answer(id, body) }),
  }
  return client as unknown as KafkaClient
}

describe('Purging a topic', () => {
  const firstOf = new Map([
    [0, 40],
    [1, -1],
    [2, 75],
  ])
  const times: number[] = []
  const client = clientOf(3, (partition, { topics }) => {
    const timestamp = topics[0]!.partitions[0]!.timestamp
    times.push(timestamp)
    const offset = timestamp === latestOffset ? 70 : firstOf.get(partition)
    return Promise.resolve({ topics: [{ partitions: [{ partitionIndex: partition, errorCode: 0, offset }] }] })
  })

  it('goes no further than the logs went when it was asked, and never to wherever they end by then', async () => {
    expect(await purgeOffsets(client, 'orders', { kind: 'end' })).toEqual(
      new Map([
        [0, 70],
        [1, 70],
        [2, 70],
      ]),
    )
    times.length = 0
    const upTo = await purgeOffsets(client, 'orders', { kind: 'time', timestampMs: 5_000 })
    expect([...upTo.values()]).toEqual([40, 70, 70])
    expect(times).toEqual([latestOffset, latestOffset, latestOffset, 5_000, 5_000, 5_000])
    await expect(deleteRecords(client, 'orders', new Map([[0, -1]]))).rejects.toThrow(RangeError)
  })

  it('takes no special time of ListOffsets for a moment', () => {
    const at = (timestampMs: number) => ({ topic: 'orders', before: { kind: 'time', timestampMs } })
    expect([-2, -1, 0].map((ms) => v.safeParse(topicsArguments['topics.purge'], at(ms)).success)).toEqual([false, false, true])
  })

  it('says what is deleted already where one of the leaders fails', async () => {
    const failing = clientOf(3, (partition) =>
      partition === 1
        ? Promise.reject(new ClientError('timeout', 'broker 1 did not answer', false, null, { isUnknownOutcome: true }))
        : Promise.resolve({
            topics: [{ partitions: [{ partitionIndex: partition, lowWatermark: 70, errorCode: ErrorCode.NONE }] }],
          }),
    )
    const all = new Map([0, 1, 2].map((partition) => [partition, 70]))
    await expect(deleteRecords(failing, 'orders', all)).rejects.toMatchObject({
      message: 'broker 1 did not answer; done are the partitions 0 (now from 70), 2 (now from 70)',
      isUnknownOutcome: true,
    })
  })
})
