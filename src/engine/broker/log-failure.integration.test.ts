/** A log that fails while its broker lives, over real sockets and files: one of its files cannot be written, or not be read, from some moment on. */
import { afterEach, expect, it } from 'vitest'
import { type Disk, DiskError, type DiskFile } from '../platform'
import { NodeDisk } from '../platform/node/node-disk'
import { TestCluster } from '../testing/cluster-kit'
import { ErrorCode } from '../wire/errors'
import { CreateTopics, Fetch, Produce } from '../wire/messages'
import { encodeBatch } from '../wire/records'

let cluster: TestCluster
afterEach(() => cluster.close())

type Operation = 'read' | 'write'

/** A disk whose log of orders-0 fails in `broken`'s way. */
function failingDisk(broken: () => Operation | null): Disk {
  const disk = new NodeDisk()
  const check = (path: string, operation: Operation) => {
    if (path.includes('/orders-0/') && broken() === operation) throw new DiskError('io', path, `${operation}: input/output error`)
  }
  const wrap = (file: DiskFile): DiskFile =>
    new Proxy(file, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name)
        if (typeof value !== 'function') return value
        return (...args: unknown[]) => {
          if (name === 'read' || name === 'write') check(target.path, name)
          return Reflect.apply(value, target, args) as unknown
        }
      },
    })
  return new Proxy(disk, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name)
      if (name === 'open') return (path: string, mode: 'read' | 'write' | 'create') => wrap(target.open(path, mode))
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

const produceBody = (topic: string) => {
  const records = encodeBatch({ records: [{ timestamp: 0n, key: null, value: Buffer.from('a'), headers: [] }] })
  return { acks: -1, timeoutMs: 5_000, topicData: [{ name: topic, partitionData: [{ index: 0, records }] }] }
}

const fetchBody = (topic: string) => ({
  maxWaitMs: 0,
  minBytes: 1,
  topics: [{ topic, partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1024 }] }],
})

it.each<Operation>(['write', 'read'])(
  'another replica takes over where the log of a leader fails to %s, and the broker goes on with its other partitions',
  async (operation) => {
    cluster = await TestCluster.start(1)
    let broken: Operation | null = null
    await cluster.startBroker(2, { platform: { ...cluster.platform, disk: failingDisk(() => broken) } })
    const assignments = [{ partitionIndex: 0, brokerIds: [2, 1] }]
    const topics = ['orders', 'others'].map((name) => ({
      name,
      numPartitions: -1,
      replicationFactor: -1,
      assignments,
      configs: [],
    }))
    const created = await cluster.connect(1).request(CreateTopics, { topics, timeoutMs: 10_000 })
    expect(created.topics).toMatchObject(topics.map(() => ({ errorCode: ErrorCode.NONE })))
    const leader = cluster.connect(2)
    for (const topic of ['orders', 'others']) {
      const answer = await leader.request(Produce, produceBody(topic))
      expect(answer.responses[0]?.partitionResponses[0]?.errorCode).toBe(ErrorCode.NONE)
    }

    broken = operation
    if (operation === 'write') {
      const answer = await leader.request(Produce, produceBody('orders'))
      expect(answer.responses[0]?.partitionResponses[0]?.errorCode).toBe(ErrorCode.KAFKA_STORAGE_ERROR)
    } else {
      await expect(leader.request(Fetch, fetchBody('orders'), { version: 12 })).rejects.toThrow('lost')
    }
    await cluster.until('broker 1 leads orders', async () => (await cluster.topic('orders')).partitions[0]?.leaderId === 1)

    const successor = cluster.connect(1)
    const read = await successor.request(Fetch, fetchBody('orders'), { version: 12 })
    expect(read.responses[0]?.partitions[0]).toMatchObject({ errorCode: ErrorCode.NONE, highWatermark: 1 })
    const written = await successor.request(Produce, produceBody('orders'))
    expect(written.responses[0]?.partitionResponses[0]).toMatchObject({ errorCode: ErrorCode.NONE, baseOffset: 1 })
    const other = await leader.request(Produce, produceBody('others'))
    expect(other.responses[0]?.partitionResponses[0]).toMatchObject({ errorCode: ErrorCode.NONE, baseOffset: 1 })
  },
)
