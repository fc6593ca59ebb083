/** Checks of kafkajs: groups, their offsets, and transactions. */
import type { Consumer } from 'kafkajs'
import { type Checks, eventually, expectEqual, expectThat } from '../run/checks'
import { Client, errorOf, take, unique } from './client'

export async function checkGroups(checks: Checks, bootstrap: string): Promise<void> {
  const client = new Client(bootstrap)
  const fill = async (topic: string, count: number, partitions = 1) => {
    const messages = Array.from({ length: count }, (_, index) => ({ value: String(index), partition: index % partitions }))
    await client.withProducer((producer) => producer.send({ topic, messages }))
  }
  const read = (consumer: Consumer, topic: string, count: number) =>
    consumer.subscribe({ topics: [topic], fromBeginning: true }).then(() => take(consumer, count))

  await checks.check('reads in a group, commits, and goes on from there', async () => {
    const topic = await client.create(unique('grouped'), 2)
    await fill(topic, 40, 2)
    const groupId = unique('group')
    await client.withConsumer(
      async (consumer) => {
        await read(consumer, topic, 40)
        const offsets = [0, 1].map((partition) => ({ topic, partition, offset: String(15 + partition) }))
        await consumer.commitOffsets(offsets.map((offset) => ({ ...offset, metadata: 'note' })))
        // What it has processed is what it commits when it leaves; so the test ends it where it stands.
        await consumer.stop()
      },
      { groupId },
    )
    await client.withAdmin((admin) =>
      admin.setOffsets({
        groupId,
        topic,
        partitions: [
          { partition: 0, offset: '15' },
          { partition: 1, offset: '16' },
        ],
      }),
    )
    const rest = await client.withConsumer((consumer) => read(consumer, topic, 9), { groupId })
    expectEqual(
      'from there',
      rest.map(({ value }) => Number(value)).sort((a, b) => a - b),
      [30, 32, 33, 34, 35, 36, 37, 38, 39],
    )
  })

  await checks.check('seeks, pauses and resumes', async () => {
    const topic = await client.create(unique('sought'))
    await fill(topic, 30)
    await client.withConsumer(async (consumer) => {
      await consumer.subscribe({ topics: [topic], fromBeginning: true })
      const messages = await take(consumer, 5, () => consumer.seek({ topic, partition: 0, offset: '25' }))
      expectEqual('after the seek', messages.at(-1)?.offset, '29')
      consumer.pause([{ topic }])
      expectEqual('paused', consumer.paused().length, 1)
      consumer.resume([{ topic }])
      expectEqual('resumed', consumer.paused().length, 0)
    })
  })

  await checks.check('shares partitions with another member, and takes them over when it leaves', async () => {
    const topic = await client.create(unique('shared'), 6)
    const groupId = unique('group')
    await client.withConsumer(
      async (first) => {
        const owned = ownedOf(first, topic)
        await first.subscribe({ topics: [topic] })
        await first.run({ eachMessage: async () => undefined })
        await eventually('all six', () => (owned().length === 6 ? true : null), 40_000)
        await client.withConsumer(
          async (second) => {
            const others = ownedOf(second, topic)
            await second.subscribe({ topics: [topic] })
            await second.run({ eachMessage: async () => undefined })
            await eventually('three each', () => (owned().length === 3 && others().length === 3 ? true : null), 40_000)
            expectEqual('each once', [...owned(), ...others()].sort(), [0, 1, 2, 3, 4, 5])
          },
          { groupId },
        )
        await eventually('all six again', () => (owned().length === 6 ? true : null), 40_000)
      },
      { groupId },
    )
  })

  await checks.check('lists, describes, resets and deletes groups', async () => {
    const topic = await client.create(unique('listed'))
    await fill(topic, 10)
    const groupId = unique('group')
    await client.withAdmin(async (admin) => {
      await client.withConsumer(
        async (consumer) => {
          await read(consumer, topic, 10)
          const { groups } = await admin.listGroups()
          expectThat(
            'it is not listed',
            groups.some((group) => group.groupId === groupId),
          )
          const {
            groups: [described],
          } = await admin.describeGroups([groupId])
          expectEqual('described', [described?.state, described?.members.length], ['Stable', 1])
          expectEqual('not while it has members', await errorOf(() => admin.deleteGroups([groupId])), 'NON_EMPTY_GROUP')
        },
        { groupId },
      )
      const offset = async () => (await admin.fetchOffsets({ groupId, topics: [topic] }))[0]?.partitions[0]?.offset
      expectEqual('committed when it left', await offset(), '10')
      await admin.resetOffsets({ groupId, topic, earliest: true })
      const [again] = await client.withConsumer((consumer) => read(consumer, topic, 1), { groupId })
      expectEqual('from the beginning', again?.offset, '0')
      expectEqual('deleted', (await admin.deleteGroups([groupId]))[0]?.errorCode, 0)
      expectEqual('gone', await offset(), '-1')
    })
  })

  await checks.check('commits and aborts transactions, and readers see what is committed', async () => {
    const topic = await client.create(unique('transactions'))
    const config = { idempotent: true, maxInFlightRequests: 1, transactionalId: unique('id') }
    await client.withProducer(async (producer) => {
      for (let number = 0; number < 6; number++) {
        const transaction = await producer.transaction()
        await transaction.send({ topic, messages: [{ value: String(number) }] })
        await (number % 2 === 0 ? transaction.commit() : transaction.abort())
      }
    }, config)
    const committed = await client.read(topic, 3, { readUncommitted: false })
    expectEqual(
      'committed',
      committed.map(({ value }) => Number(value)),
      [0, 2, 4],
    )
    const every = await client.read(topic, 6, { readUncommitted: true })
    expectEqual(
      'uncommitted',
      every.map(({ value }) => Number(value)),
      [0, 1, 2, 3, 4, 5],
    )
  })

  await checks.check('commits offsets in transactions', async () => {
    const topic = await client.create(unique('source'))
    await fill(topic, 5)
    const consumerGroupId = unique('group')
    const committed = () =>
      client.withAdmin(
        async (admin) => (await admin.fetchOffsets({ groupId: consumerGroupId, topics: [topic] }))[0]?.partitions[0]?.offset,
      )
    const config = { idempotent: true, maxInFlightRequests: 1, transactionalId: unique('id') }
    await client.withProducer(async (producer) => {
      const topics = [{ topic, partitions: [{ partition: 0, offset: '5' }] }]
      const aborted = await producer.transaction()
      await aborted.sendOffsets({ consumerGroupId, topics })
      await aborted.abort()
      expectEqual('after the abort', await committed(), '-1')
      const transaction = await producer.transaction()
      await transaction.sendOffsets({ consumerGroupId, topics })
      await transaction.commit()
    }, config)
    // The answer comes when the outcome is certain, a moment before the group has heard of it.
    await eventually('committed', async () => ((await committed()) === '5' ? true : null))
  })

  await checks.check('fences an older producer of the same transactional id', async () => {
    const topic = await client.create(unique('fenced'))
    const config = { idempotent: true, maxInFlightRequests: 1, transactionalId: unique('id'), retry: { retries: 1 } }
    await client.withProducer(async (old) => {
      const first = await old.transaction()
      await first.send({ topic, messages: [{ value: 'old' }] })
      await client.withProducer(async (successor) => {
        const second = await successor.transaction()
        await second.send({ topic, messages: [{ value: 'new' }] })
        await second.commit()
      }, config)
      const error = await errorOf(() => first.commit())
      expectThat(`it was told ${error}`, ['INVALID_PRODUCER_EPOCH', 'PRODUCER_FENCED'].includes(error))
    }, config)
    const [read] = await client.read(topic, 1, { readUncommitted: false })
    expectEqual('only the new', read?.value?.toString(), 'new')
  })
}

function ownedOf(consumer: Consumer, topic: string): () => readonly number[] {
  let owned: readonly number[] = []
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    owned = payload.memberAssignment[topic] ?? []
  })
  return () => owned
}
