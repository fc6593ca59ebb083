import { beforeEach, describe, expect, it } from 'vitest'
import { ErrorCode } from '../wire/errors'
import { UpdateMetadata } from '../wire/messages'
import { MetadataCache, UPDATE_OF_EVERYTHING } from './metadata-cache'

const ID = 'BBBBBBBBBBBBBBBBBBBBBA'
const OTHER_ID = 'CCCCCCCCCCCCCCCCCCCCCA'

let cache: MetadataCache
beforeEach(() => {
  cache = new MetadataCache()
})

function update(
  options: {
    epoch?: number
    brokerEpoch?: number
    brokers?: number[]
    topicId?: string
    leaders?: Record<number, number>
    type?: number
  } = {},
): number {
  const { epoch = 1, brokerEpoch = 1, brokers = [1, 2], topicId = ID, leaders = {}, type = 0 } = options
  const partitionStates = Object.entries(leaders).map(([partition, leader]) => ({
    partitionIndex: Number(partition),
    controllerEpoch: epoch,
    leader,
    leaderEpoch: 3,
    isr: [1, 2],
    zkVersion: 5,
    replicas: [1, 2],
  }))
  const body = {
    controllerId: 1,
    controllerEpoch: epoch,
    brokerEpoch,
    type,
    topicStates: partitionStates.length === 0 ? [] : [{ topicName: 'orders', topicId, partitionStates }],
    liveBrokers: brokers.map((id) => ({
      id,
      endpoints: [{ port: 9000 + id, host: 'h', listener: 'PLAINTEXT', securityProtocol: 0 }],
      rack: null,
    })),
  }
  return cache.update(UpdateMetadata.request.complete(body, 8))
}

describe('MetadataCache', () => {
  it('keeps partitions that an update does not name, and replaces the live brokers', () => {
    update({ leaders: { 1: 2, 0: 1 } })
    update({ leaders: { 1: 1 }, brokers: [1] })
    expect([...cache.topic('orders')!.partitions.values()].map(({ partition, leader }) => [partition, leader])).toEqual([
      [0, 1],
      [1, 1],
    ])
    expect(cache.liveBrokers()).toEqual([{ id: 1, host: 'h', port: 9001, rack: null }])
    expect([cache.isLive(2), cache.controller()?.id]).toEqual([false, 1])
    expect(cache.partition('orders', 1)).toMatchObject({ leaderEpoch: 3, partitionEpoch: 5, isr: [1, 2] })
  })

  it('refuses a controller that has been replaced', () => {
    update({ epoch: 5, leaders: { 0: 1 } })
    expect(update({ epoch: 4, leaders: { 0: 2 } })).toBe(ErrorCode.STALE_CONTROLLER_EPOCH)
    expect(cache.partition('orders', 0)?.leader).toBe(1)
  })

  it('forgets a topic that is being deleted, with its id', () => {
    update({ leaders: { 0: 1, 1: 2 } })
    expect(cache.topicName(ID)).toBe('orders')
    update({ leaders: { 0: -2, 1: -2 } })
    expect([cache.topic('orders'), cache.topicName(ID), cache.allTopics()]).toEqual([undefined, undefined, []])
  })

  it.each([
    ['while this broker had no session', { brokerEpoch: 2 }],
    ['while the controller changed', { epoch: 2 }],
  ])('forgets a topic that was deleted %s: whoever tells of everything does not name it', (_when, term) => {
    update({ leaders: { 0: 1 } })
    update(term)
    // The answer to that was lost, and it comes again.
    update(term)
    expect(cache.topic('orders')).toBeDefined()
    update({ ...term, type: UPDATE_OF_EVERYTHING })
    expect([cache.topic('orders'), cache.topicName(ID)]).toEqual([undefined, undefined])
  })

  it('keeps what is told anew in a new term, and what later updates of that term do not name', () => {
    update({ leaders: { 0: 1 } })
    update({ epoch: 2 })
    update({ epoch: 2, leaders: { 0: 2 } })
    update({ epoch: 2 })
    expect(cache.partition('orders', 0)?.leader).toBe(2)
  })

  it('takes nothing over from an earlier topic of the same name', () => {
    update({ leaders: { 0: 1, 1: 2 } })
    update({ leaders: { 0: 2 }, topicId: OTHER_ID })
    expect(cache.topic('orders')!.partitions.size).toBe(1)
    expect([cache.topicName(ID), cache.topicName(OTHER_ID)]).toEqual([undefined, 'orders'])
  })

  it('is ready when it knows topics, or knows that there are none', () => {
    const calls: string[] = []
    cache.whenReady(() => calls.push('waited'))
    update()
    update()
    expect(calls).toEqual([])
    update({ type: UPDATE_OF_EVERYTHING })
    expect(calls).toEqual(['waited'])
    cache.whenReady(() => calls.push('at once'))
    expect(calls).toEqual(['waited', 'at once'])
  })

  it('is not ready by the beginnings of two controllers, the first of which died before it had told of any topic', () => {
    const calls: string[] = []
    cache.whenReady(() => calls.push('ready'))
    update({ epoch: 1 })
    update({ epoch: 2 })
    expect(calls).toEqual([])
    update({ epoch: 2, leaders: { 0: 1 } })
    expect(calls).toEqual(['ready'])
  })

  it('tells its listeners of what it took only', () => {
    let count = 0
    const stop = cache.onDidChange(() => count++)
    update({ epoch: 2 })
    update({ epoch: 1 })
    expect(count).toBe(1)
    stop()
    update({ epoch: 3 })
    expect(count).toBe(1)
  })
})
