/** A real cluster, whose answers to produces are lost on the way: connections that are cut after the append, with and without the leader's death. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Connection, ConnectionHandler, ConnectOptions, Network } from '../platform'
import { TestCluster } from '../testing/cluster-kit'
import { Produce } from '../wire/messages'
import { decodeRecords } from '../wire/records'
import { Admin } from './admin'
import { KafkaClient } from './kafka-client'
import { latestOffset, listOffsets } from './offsets'
import { PartitionConsumer } from './partition-consumer'
import { Producer } from './producer'

const topic = 'orders'

/** Loses the answers to so many produces, and the connection with each: what a client sees when a broker dies after it has appended. */
class LossyNetwork implements Network {
  answersToLose = 0
  lost = 0
  onLost: () => void = () => undefined

  constructor(private readonly network: Network) {}

  listen: Network['listen'] = (options, onConnection) => this.network.listen(options, onConnection)

  connect(options: ConnectOptions, handler: ConnectionHandler): Connection {
    let isProducing = false
    const connection = this.network.connect(options, {
      onConnect: () => handler.onConnect?.(),
      receiveBuffer: () => handler.receiveBuffer(),
      onData: (buffer, length) => {
        if (!isProducing || this.answersToLose === 0) return handler.onData(buffer, length)
        this.answersToLose--
        this.lost++
        isProducing = false
        this.onLost()
        connection.destroy()
      },
      onClose: (error) => handler.onClose(error),
    })
    const { write } = connection
    connection.write = (parts, onFlushed) => {
      const frame = parts[0]!
      isProducing = ((frame[4]! << 8) | frame[5]!) === Produce.key
      return write.call(connection, parts, onFlushed)
    }
    return connection
  }
}

let cluster: TestCluster
let network: LossyNetwork
let client: KafkaClient

beforeEach(async () => {
  cluster = await TestCluster.start(3)
  network = new LossyNetwork(cluster.platform.network)
  const bootstrap = [...cluster.brokers.values()].map(({ port }) => ({ host: '127.0.0.1', port }))
  client = new KafkaClient({ platform: { ...cluster.platform, network }, bootstrap, clientId: 'test' })
  await new Admin(client).createTopic({
    name: topic,
    partitionCount: 1,
    replicationFactor: 3,
    configs: { 'min.insync.replicas': '2' },
  })
})

afterEach(async () => {
  client.close()
  await cluster.close()
})

async function readAll(): Promise<string[]> {
  const end = (await listOffsets(client, topic, [0], latestOffset)).get(0) ?? 0
  const values: string[] = []
  await new Promise<void>((resolve, reject) => {
    const consumer = new PartitionConsumer({
      client,
      topic,
      positions: new Map([[0, 0]]),
      onBatch: (_partition, batch) => {
        for (const { value } of decodeRecords(batch)) values.push(Buffer.from(value ?? []).toString())
        if (values.length < end) return true
        resolve()
        return false
      },
      onCaughtUp: () => undefined,
      onTrouble: () => undefined,
      onFailed: (_failed, error) => reject(error),
    })
    void consumer.run()
  })
  return values
}

function record(value: string) {
  return { topic, partition: 0, key: null, value: Buffer.from(value), headers: [], timestamp: null }
}

/** One after the other, each answer awaited; every third answer is lost. */
async function produce(isIdempotent: boolean, count: number): Promise<number[]> {
  const producer = new Producer({ client, acks: -1, isIdempotent })
  const offsets: number[] = []
  for (let index = 0; index < count; index++) {
    network.answersToLose = index % 3 === 1 ? 1 : 0
    offsets.push((await producer.send(record(String(index)))).offset)
  }
  return offsets
}

describe('answers that are lost after the append', () => {
  it('make a producer without idempotence write twice: the test does what it says', { timeout: 30_000 }, async () => {
    await produce(false, 6)
    expect(network.lost).toBe(2)
    expect(await readAll()).toEqual(['0', '1', '1', '2', '3', '4', '4', '5'])
  })

  it('make an idempotent producer write nothing twice, and it is told the offset of the first time', {
    timeout: 30_000,
  }, async () => {
    const offsets = await produce(true, 12)
    expect(network.lost).toBe(4)
    expect(offsets).toEqual(Array.from({ length: 12 }, (_, index) => index))
    expect(await readAll()).toEqual(offsets.map(String))
  })

  it('are known to the next leader, who has them from the one that died', { timeout: 60_000 }, async () => {
    const producer = new Producer({ client, acks: -1, isIdempotent: true })
    await producer.send(record('before'))
    const { leader } = client.leaderOf(topic, 0)!.partition
    let killed: Promise<void> | null = null
    network.onLost = () => {
      killed = cluster.killBroker(leader)
    }
    network.answersToLose = 1
    const delivery = await producer.send(record('lost with its leader'))
    await killed
    await producer.send(record('after'))
    expect([network.lost, delivery.offset, client.leaderOf(topic, 0)!.partition.leader !== leader]).toEqual([1, 1, true])
    expect(await readAll()).toEqual(['before', 'lost with its leader', 'after'])
  })
})
