import { afterEach, describe, expect, it } from 'vitest'
import { FakeCluster, manualTopic as manual, type StateJson } from '../testing/controller-kit'
import { ErrorCode } from '../wire/errors'
import { encodeLogDirEvent, LOG_DIR_EVENT_PREFIX, LOG_DIR_EVENTS, statePath } from './znodes'

let cluster: FakeCluster
afterEach(() => cluster.stop())

const stateOf = (topic: string, partition: number) => cluster.coordination.json(statePath(topic, partition)) as StateJson

const giveNotice = (brokerId: number) =>
  cluster.session(brokerId).create(`${LOG_DIR_EVENTS}/${LOG_DIR_EVENT_PREFIX}`, encodeLogDirEvent(brokerId), { sequential: true })

describe('a broker that gives notice of a failed log', () => {
  it('loses the leaderships of the partitions that it cannot serve any more, and only those', async () => {
    cluster = await FakeCluster.start(2)
    await cluster.active.createTopics([manual('t', [2, 1], [2, 1])], 1000)
    cluster.broker(2).partitionErrors.set('t/0', ErrorCode.KAFKA_STORAGE_ERROR)
    await giveNotice(2)
    await cluster.untilEvent((event) => event.type === 'leaders-elected')
    await cluster.quiet()
    expect([0, 1].map((partition) => stateOf('t', partition))).toMatchObject([
      { leader: 1, isr: [1] },
      { leader: 2, isr: [2, 1] },
    ])
    expect(await cluster.session(1).getChildren(LOG_DIR_EVENTS)).toEqual({ children: [] })
  })

  it('is asked for its replicas by each notice, also after one from an outside hand that makes no sense', async () => {
    cluster = await FakeCluster.start(2)
    await cluster.active.createTopics([manual('t', [2, 1])], 1000)
    await cluster.session(1).create(`${LOG_DIR_EVENTS}/garbage`, 'no json')
    await cluster.quiet()
    const timesAsked = () => cluster.broker(2).told.filter(({ api }) => api === 'LeaderAndIsr').length
    const before = timesAsked()
    for (const expected of [before + 1, before + 2]) {
      await giveNotice(2)
      await cluster.quiet()
      expect(timesAsked()).toBe(expected)
    }
    expect(cluster.broker(2).lastLeaderAndIsr('t', 0)).toMatchObject({ leader: 2, leaderEpoch: 0, partitionEpoch: 0 })
  })
})
