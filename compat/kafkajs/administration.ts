/** Checks of kafkajs: its admin. */
import { ConfigResourceTypes } from 'kafkajs'
import { type Checks, eventually, expectEqual, expectThat } from '../run/checks'
import { Client, errorOf, unique } from './client'

export async function checkAdministration(checks: Checks, bootstrap: string): Promise<void> {
  const client = new Client(bootstrap)

  await checks.check('tells the cluster: brokers, controller, its id', () =>
    client.withAdmin(async (admin) => {
      const { brokers, controller, clusterId } = await admin.describeCluster()
      expectEqual('brokers', brokers.map(({ nodeId }) => nodeId).sort(), [1, 2, 3])
      expectThat(
        'the controller is no broker',
        brokers.some(({ nodeId }) => nodeId === controller),
      )
      expectThat('no cluster id', clusterId.length > 10)
    }),
  )

  await checks.check('creates topics, and is refused twice the same and too many replicas', () =>
    client.withAdmin(async (admin) => {
      const topic = await client.create(unique('created'), 4)
      const { topics } = await admin.fetchTopicMetadata({ topics: [topic] })
      expectEqual(
        'replicas',
        topics[0]?.partitions.map(({ replicas }) => replicas.length),
        [3, 3, 3, 3],
      )
      // kafkajs answers false where the topic is there already.
      expectEqual('again', await admin.createTopics({ topics: [{ topic }] }), false)
      const wide = () => admin.createTopics({ topics: [{ topic: unique('wide'), replicationFactor: 9 }] })
      expectEqual('replicas', await errorOf(wide), 'INVALID_REPLICATION_FACTOR')
    }),
  )

  await checks.check('only validates a topic when asked to', () =>
    client.withAdmin(async (admin) => {
      const topic = unique('validated')
      await admin.createTopics({ validateOnly: true, waitForLeaders: false, topics: [{ topic }] })
      expectThat('it was created', !(await admin.listTopics()).includes(topic))
    }),
  )

  await checks.check('adds partitions, deletes topics, and is refused what there is not', () =>
    client.withAdmin(async (admin) => {
      const topic = await client.create(unique('grown'), 2)
      await admin.createPartitions({ topicPartitions: [{ topic, count: 5 }] })
      await eventually('five', async () => ((await admin.fetchTopicOffsets(topic)).length === 5 ? true : null))
      const fewer = () => admin.createPartitions({ topicPartitions: [{ topic, count: 3 }] })
      expectEqual('fewer', await errorOf(fewer), 'INVALID_PARTITIONS')
      await admin.deleteTopics({ topics: [topic] })
      await eventually('gone', async () => ((await admin.listTopics()).includes(topic) ? null : true))
      expectEqual(
        'again',
        await errorOf(() => admin.deleteTopics({ topics: [topic], timeout: 1_000 })),
        'UNKNOWN_TOPIC_OR_PARTITION',
      )
    }),
  )

  await checks.check('describes and alters configs', () =>
    client.withAdmin(async (admin) => {
      const topic = await client.create(unique('configured'), 1, { 'retention.ms': '5000' })
      const configOf = async (type: ConfigResourceTypes, name: string, config: string) => {
        const resources = [{ type, name, configNames: [config] }]
        const described = await admin.describeConfigs({ includeSynonyms: true, resources })
        return described.resources[0]?.configEntries[0]?.configValue
      }
      expectEqual('set', await configOf(ConfigResourceTypes.TOPIC, topic, 'retention.ms'), '5000')
      expectEqual('of a broker', await configOf(ConfigResourceTypes.BROKER, '2', 'broker.id'), '2')
      const configEntries = [{ name: 'retention.ms', value: '7000' }]
      await admin.alterConfigs({
        validateOnly: false,
        resources: [{ type: ConfigResourceTypes.TOPIC, name: topic, configEntries }],
      })
      await eventually('altered', async () =>
        (await configOf(ConfigResourceTypes.TOPIC, topic, 'retention.ms')) === '7000' ? true : null,
      )
    }),
  )

  await checks.check('deletes records', () =>
    client.withAdmin(async (admin) => {
      const topic = await client.create(unique('shortened'))
      const messages = Array.from({ length: 10 }, (_, index) => ({ value: String(index) }))
      await client.withProducer((producer) => producer.send({ topic, messages }))
      // It asks for the leader before it has any metadata: its users have to make it fetch some first.
      await admin.fetchTopicOffsets(topic)
      await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '6' }] })
      expectEqual('low', (await admin.fetchTopicOffsets(topic))[0]?.low, '6')
      expectEqual('first', (await client.read(topic, 1))[0]?.offset, '6')
    }),
  )

  await checks.check('moves replicas from broker to broker', () =>
    client.withAdmin(async (admin) => {
      const topic = await client.create(unique('moved'), 1, {}, 1)
      const replicasOf = async () =>
        (await admin.fetchTopicMetadata({ topics: [topic] })).topics[0]?.partitions[0]?.replicas ?? []
      const [from = 0] = await replicasOf()
      const to = (from % 3) + 1
      await admin.alterPartitionReassignments({ topics: [{ topic, partitionAssignment: [{ partition: 0, replicas: [to] }] }] })
      await eventually('moved', async () => (JSON.stringify(await replicasOf()) === JSON.stringify([to]) ? true : null), 30_000)
      const { topics } = await admin.listPartitionReassignments({ topics: [{ topic, partitions: [0] }] })
      expectEqual('under way', topics, [])
    }),
  )
}
