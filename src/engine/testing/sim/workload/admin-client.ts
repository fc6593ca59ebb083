/**
 * The administrator of the workload: at every step one change of the cluster, drawn by lot: topics that come and go, configs, more partitions, preferred
 * leaders, deleted records, a broker more or less. What the cluster refuses or leaves unanswered is counted, not judged: the rules judge what follows.
 */
import { Admin, ClientError, type KafkaClient, protocolError } from '../../../client'
import { ErrorCode } from '../../../wire/errors'
import { DeleteRecords } from '../../../wire/messages/21-delete-records'
import { CreatePartitions } from '../../../wire/messages/37-create-partitions'
import { ElectLeaders } from '../../../wire/messages/43-elect-leaders'
import { IncrementalAlterConfigs } from '../../../wire/messages/44-incremental-alter-configs'
import type { SimProcess } from '../process'
import type { SeededRandom } from '../seeded-random'
import { ScratchTopic } from './scratch-topic'
import { every, type WorkloadContext } from './workload-context'

const topicResource = 2
const partitionsMax = 4
/** The scratch topic takes several steps from its creation to its end, so it is taken up most often. */
const actions = [
  'scratch',
  'scratch',
  'scratch',
  'alter',
  'add-partitions',
  'elect-preferred',
  'delete-records',
  'add-or-remove-broker',
] as const
/** None of them touches what the rules promise. */
const alterations: readonly (readonly [string, string])[] = [
  ['segment.bytes', '4000'],
  ['segment.bytes', '1000000'],
  ['max.message.bytes', '1500'],
  ['max.message.bytes', '1048588'],
  ['min.insync.replicas', '1'],
  ['min.insync.replicas', '2'],
  ['flush.ms', '50'],
]

export class AdminClient {
  readonly #process: SimProcess
  readonly #random: SeededRandom
  readonly #client: KafkaClient
  readonly #scratch: ScratchTopic
  #isBusy = false

  constructor(private readonly context: WorkloadContext) {
    this.#process = context.world.clientProcess('admin')
    this.#random = context.random('admin')
    this.#client = context.newClient(this.#process)
    this.#scratch = new ScratchTopic(context, this.#client, new Admin(this.#client))
  }

  get isIdle(): boolean {
    return !this.#isBusy && this.#scratch.isIdle
  }

  start(): void {
    const { adminPerMinute } = this.context.world.config
    if (adminPerMinute <= 0) return
    const meanPauseMs = 60_000 / adminPerMinute
    every(
      this.#process.platform.clock,
      () => this.#random.within(0, 2 * meanPauseMs),
      async () => {
        if (this.context.isStopped) return false
        this.#isBusy = true
        await this.#act().finally(() => {
          this.#isBusy = false
        })
        return true
      },
      this.context.onBug,
    )
  }

  /** Brokers that were taken out come back: a topic may have been placed on it in the same moment. */
  restore(): void {
    this.#scratch.restore()
    const { id, isThere } = this.#addedBroker()
    if (!isThere && this.context.world.brokers.has(id)) this.context.world.startBroker(id)
  }

  close(): void {
    this.#client.close()
  }

  async #act(): Promise<void> {
    const action = this.#random.pick(actions)
    const { world } = this.context
    try {
      switch (action) {
        case 'scratch':
          await this.#scratch.step()
          break
        case 'alter':
          await this.#alter()
          break
        case 'add-partitions':
          await this.#addPartitions()
          break
        case 'elect-preferred':
          await this.#electPreferred()
          break
        case 'delete-records':
          await this.#deleteRecords()
          break
        case 'add-or-remove-broker':
          await this.#addOrRemoveBroker()
          break
      }
      world.count(`admin/${action}`)
    } catch (error) {
      if (!(error instanceof ClientError)) throw error
      this.context.note('admin', () => `fails to ${action}: ${error.message}`)
      world.count('admin/failed')
    }
  }

  async #alter(): Promise<void> {
    const topic = this.#anyTopic()
    const [name, value] = this.#random.pick(alterations)
    const controller = await this.#client.controller()
    const response = await controller.request(IncrementalAlterConfigs, {
      resources: [{ resourceType: topicResource, resourceName: topic, configs: [{ name, configOperation: 0, value }] }],
      validateOnly: false,
    })
    throwOn(response.responses[0]?.errorCode)
  }

  async #addPartitions(): Promise<void> {
    const topic = this.#anyTopic()
    const controller = await this.#client.controller()
    const count = (this.#client.known?.topics.get(topic)?.partitions.length ?? 0) + 1
    if (count > partitionsMax) return
    const response = await controller.request(CreatePartitions, {
      topics: [{ name: topic, count, assignments: null }],
      timeoutMs: 3_000,
      validateOnly: false,
    })
    throwOn(response.results[0]?.errorCode)
  }

  async #electPreferred(): Promise<void> {
    const controller = await this.#client.controller()
    const response = await controller.request(ElectLeaders, { electionType: 0, topicPartitions: null, timeoutMs: 3_000 })
    throwOn(response.errorCode)
  }

  async #deleteRecords(): Promise<void> {
    const topic = this.#anyTopic()
    await this.#client.refresh()
    const count = this.#client.known?.topics.get(topic)?.partitions.length ?? 0
    if (count === 0) return
    const partition = this.#random.below(count)
    const leader = this.#client.leaderOf(topic, partition)
    if (leader === null) return
    const { history } = this.context
    const offset = Math.floor(history.partition(topic, partition).knownEnd * this.#random.within(0.1, 0.9))
    history.onDeleteRecords(topic, partition, offset)
    const response = await this.#client.connectionTo(leader.broker).request(DeleteRecords, {
      topics: [{ name: topic, partitions: [{ partitionIndex: partition, offset }] }],
      timeoutMs: 3_000,
    })
    throwOn(response.topics[0]?.partitions[0]?.errorCode)
  }

  /** One beyond those of the config. It goes again only while no replica is on it, or on its way there, as far as this client knows. */
  async #addOrRemoveBroker(): Promise<void> {
    const { world } = this.context
    const { id, isThere } = this.#addedBroker()
    if (!isThere) return world.startBroker(id)
    const metadata = await this.#client.refresh()
    const isUsed = [...metadata.topics.values()].some(({ partitions }) =>
      partitions.some(({ replicas }) => replicas.includes(id)),
    )
    if (!isUsed && world.brokers.get(id)?.state === 'running') world.shutdownBroker(id)
  }

  #addedBroker(): { readonly id: number; readonly isThere: boolean } {
    const { config, brokers } = this.context.world
    const id = config.brokerCount + 1
    return { id, isThere: brokers.get(id)?.isWanted === true }
  }

  #anyTopic(): string {
    return this.#random.pick(this.context.world.config.topics).name
  }
}

function throwOn(errorCode: number | undefined): void {
  if (errorCode !== undefined && errorCode !== ErrorCode.NONE) throw protocolError(errorCode)
}
