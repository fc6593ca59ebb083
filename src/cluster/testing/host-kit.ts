/**
 * A cluster with real worker threads on a temporary folder and free ports, and clients of it. Imported by integration tests only. Waiting
 * is for events of the host, never for time.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Admin, type Delivery, KafkaClient, PartitionConsumer, Producer } from '../../engine/client'
import { createNodePlatform } from '../../engine/platform/node'
import { decodeRecords } from '../../engine/wire/records'
import type { BrokerView, ClusterView, PartitionView, TimelineEvent } from '../../shared/model/cluster'
import { Cluster } from '../cluster'
import type { ClusterOptions, LogEntry } from '../options'

/** Where the bundled workers stand; the global set-up of the integration tests builds them. */
export const builtWorkers = join(__dirname, '../../../out/main')

const waitTimeoutMs = 20_000

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }

export function temporaryDirectory(): string {
  return mkdtempSync(join(tmpdir(), 'broker-workbench-host-'))
}

export class HostKit {
  readonly directory: string
  readonly logged: LogEntry[] = []
  private running: Cluster | null = null
  private openClient: KafkaClient | null = null

  constructor(
    private readonly overrides: Partial<ClusterOptions> = {},
    directory: string | null = null,
  ) {
    this.directory = directory ?? temporaryDirectory()
  }

  get options(): ClusterOptions {
    return {
      dataDirectory: this.directory,
      workerDirectory: builtWorkers,
      brokerCount: 3,
      brokerPorts: [0],
      coordinationPort: 0,
      sessionTimeoutMs: 800,
      onLog: (entry) => this.logged.push(entry),
      ...this.overrides,
    }
  }

  get cluster(): Cluster {
    if (this.running === null) throw new Error('the cluster was not started')
    return this.running
  }

  async start(): Promise<Cluster> {
    this.running = await Cluster.start(this.options)
    return this.running
  }

  open(): Cluster {
    this.running = Cluster.open(this.options)
    return this.running
  }

  /** Stops it and keeps the data. */
  async stop(): Promise<void> {
    this.openClient?.close()
    this.openClient = null
    await this.running?.stop()
    this.running = null
  }

  async dispose(): Promise<void> {
    await this.stop()
    rmSync(this.directory, { recursive: true, force: true })
  }

  get client(): KafkaClient {
    this.openClient ??= new KafkaClient({
      platform: createNodePlatform({ logger: silent }),
      bootstrap: this.cluster.bootstrapServers.split(',').map((address) => {
        const [host = '', port = ''] = address.split(':')
        return { host, port: Number(port) }
      }),
      clientId: 'host-test',
    })
    return this.openClient
  }

  /** Resolves when the view that holds every partition with its leader is there. */
  async createTopic(
    name: string,
    partitionCount: number,
    replicationFactor: number,
    configs: Record<string, string> = {},
  ): Promise<void> {
    await new Admin(this.client).createTopic({ name, partitionCount, replicationFactor, configs })
    await this.until(`${name} is in the view`, () => {
      const partitions = this.cluster.partitions(name)
      return partitions.length === partitionCount && partitions.every((partition) => partition.isr.length === replicationFactor)
    })
  }

  /** With acks=all, one after the other of a partition; answers when all are acknowledged. */
  async produce(topic: string, values: readonly string[], partition: number | null = 0): Promise<Delivery[]> {
    await this.client.metadata([topic])
    const producer = new Producer({ client: this.client, acks: -1, lingerMs: 1 })
    try {
      return await Promise.all(
        values.map((value) =>
          producer.send({ topic, partition, key: null, value: Buffer.from(value), headers: [], timestamp: null }),
        ),
      )
    } finally {
      producer.close()
    }
  }

  /** The least that shows that it serves. */
  async produceOnce(): Promise<void> {
    await this.createTopic('once', 1, 1)
    await this.produce('once', ['x'])
  }

  /** All values of a partition, from its beginning to its high watermark. */
  async readAll(topic: string, partition = 0): Promise<string[]> {
    const values: string[] = []
    let failure: Error | null = null
    await this.client.metadata([topic])
    const consumer = new PartitionConsumer({
      client: this.client,
      topic,
      positions: new Map([[partition, 0]]),
      onBatch: (_partition, batch) => {
        for (const record of decodeRecords(batch)) values.push(Buffer.from(record.value ?? []).toString())
        return true
      },
      onCaughtUp: () => consumer.stop(),
      onTrouble: () => undefined,
      onFailed: (_partition, error) => {
        failure = error
      },
    })
    await consumer.run()
    if (failure !== null) throw failure
    return values
  }

  broker(brokerId: number): BrokerView {
    const found = this.view().brokers.find((broker) => broker.id === brokerId)
    if (found === undefined) throw new Error(`there is no broker ${brokerId}`)
    return found
  }

  view(): ClusterView {
    return this.cluster.view()
  }

  partition(topic: string, partition = 0): PartitionView {
    const found = this.cluster.partitions(topic)[partition]
    if (found === undefined) throw new Error(`the view has no ${topic}-${partition}`)
    return found
  }

  event(type: string, brokerId: number | null = null): TimelineEvent | undefined {
    return this.cluster.timeline().findLast((event) => event.type === type && (brokerId === null || event.brokerId === brokerId))
  }

  /** Looks now and at every change of the cluster and every event of its timeline, until `condition` answers something. */
  async until<T>(what: string, condition: () => T | false | null | undefined): Promise<T> {
    const { cluster } = this
    let stop = (): void => undefined
    try {
      return await new Promise<T>((resolve, reject) => {
        const look = (): void => {
          const found = condition()
          if (found !== false && found !== null && found !== undefined) resolve(found)
        }
        const timer = setTimeout(() => {
          reject(new Error(`not within ${waitTimeoutMs} ms: ${what}. The cluster: ${JSON.stringify(summary(cluster))}`))
        }, waitTimeoutMs)
        const ends = [cluster.on('change', look), cluster.on('timeline', look)]
        stop = () => {
          clearTimeout(timer)
          for (const end of ends) end()
        }
        look()
      })
    } finally {
      stop()
    }
  }

  untilState(brokerId: number, state: BrokerView['state']): Promise<true> {
    return this.until(`broker ${brokerId} is ${state}`, () => this.broker(brokerId).state === state)
  }

  /** Every partition has all its replicas in sync, and all brokers run. */
  untilWhole(): Promise<true> {
    return this.until('the cluster is whole', () => {
      const view = this.view()
      const areUp = view.brokers.every((broker) => broker.state === 'running' && broker.isRegistered)
      return areUp && view.controllerId !== null && view.underReplicatedCount === 0 && view.offlineCount === 0
    })
  }
}

function summary(cluster: Cluster): unknown {
  return {
    state: cluster.view().state,
    reason: cluster.view().reason,
    brokers: cluster.view().brokers.map(({ id, state, reason, isRegistered }) => ({ id, state, reason, isRegistered })),
    coordination: cluster.view().coordination.state,
    partitions: cluster
      .partitions()
      .map(({ topic, partition, leader, isr }) => `${topic}-${partition}: ${leader} of ${isr.join(' ')}`),
    timeline: cluster
      .timeline()
      .slice(-8)
      .map((event) => event.title),
  }
}
