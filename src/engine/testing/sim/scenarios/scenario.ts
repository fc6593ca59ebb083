/**
 * What a scenario test says: a small quiet cluster, faults made by hand, and records as short texts. Every step lets simulated time pass until it is done,
 * so a test reads from top to bottom as what happened. One partition is all that is needed: topic `t`, partition 0.
 */
import { KafkaClient } from '../../../client'
import { ClientError } from '../../../client/errors'
import type { PartitionStatus } from '../../../replication/outcomes'
import { errorName } from '../../../wire/errors'
import { Produce } from '../../../wire/messages/00-produce'
import { CreateTopics } from '../../../wire/messages/19-create-topics'
import { decodeRecords, encodeBatch, forEachBatch } from '../../../wire/records'
import { drawConfig, type SimConfig } from '../plan'
import type { SimProcess } from '../process'
import { COORDINATION_HOST, type CoordinationEvent, type SimBroker, World } from '../world'

export const topic = 't'
const logFile = `/data/${topic}-0/00000000000000000000.log`
const waitLimitMs = 60_000

/** What a producer was told. `error` is Kafka's name, 'NONE', or what kept the answer away. */
export interface Answer {
  readonly error: string
  readonly offset: number
}

export interface WriteOptions {
  readonly acks?: 0 | 1 | -1
  /** The broker to send to; without it the leader. */
  readonly to?: number
  readonly timeoutMs?: number
}

export interface ScenarioOptions {
  /** Three, if not said otherwise. */
  readonly brokerCount?: number
  /** The first controller: 1, if not said otherwise. */
  readonly controller?: number
  readonly seed?: number
}

export class Scenario {
  readonly coordinationEvents: CoordinationEvent[] = []
  readonly clientProcess: SimProcess
  readonly client: KafkaClient

  private constructor(readonly world: World) {
    world.onDidCoordinationEvent((event) => this.coordinationEvents.push(event))
    this.clientProcess = world.clientProcess('client')
    this.client = new KafkaClient({ platform: this.clientProcess.platform, bootstrap: this.hosts(), clientId: 'client' })
  }

  /** Topic `t` with one partition on `replicas`, led by the first of them. */
  static async start(
    replicas: readonly number[],
    configs: Readonly<Record<string, string>> = {},
    { brokerCount = 3, controller = 1, seed = 1 }: ScenarioOptions = {},
  ): Promise<Scenario> {
    const config: SimConfig = {
      ...drawConfig(seed),
      brokerCount,
      topics: [],
      producers: [],
      consumers: [],
      groups: [],
      transactions: [],
      pipelines: [],
      adminPerMinute: 0,
      reassignmentsPerMinute: 0,
      faultKinds: [],
      // Leaders change for no other reason than the scenario's.
      brokerConfigs: { 'leader.imbalance.check.interval.seconds': '300' },
      sessionTimeoutMs: 1_500,
      network: { latencyMs: [0.1, 0.5], slowOneIn: 0 },
      disk: { writeMs: 0, syncMs: [0.1, 0.5] },
      driftMax: 0,
      skewMsMax: 0,
      timerLateMsMax: 0.5,
    }
    const scenario = new Scenario(new World({ seed, config }))
    try {
      await scenario.#boot(controller)
      await scenario.#createTopic(replicas, configs)
      return scenario
    } catch (error) {
      scenario.close()
      throw error
    }
  }

  close(): void {
    this.world.close()
  }

  broker(id: number): SimBroker {
    return this.world.broker(id)
  }

  /** What the broker itself says of the partition; null where it is down or has none. */
  replica(id: number): PartitionStatus | null {
    for (const status of this.broker(id).broker?.partitionStates() ?? []) if (status.topic === topic) return status
    return null
  }

  /** Texts of all records in the broker's file, committed or not; also of a broker that is down. */
  log(id: number): string[] {
    const bytes = this.broker(id).disk.peek(logFile) ?? new Uint8Array(0)
    const texts: string[] = []
    forEachBatch(bytes, (header, position) => {
      for (const { value } of decodeRecords(bytes.subarray(position, position + header.sizeInBytes)))
        texts.push(Buffer.from(value ?? []).toString())
      return undefined
    })
    return texts
  }

  /** The part of the log that consumers may read, as its leader has it. */
  committed(): string[] {
    const leader = this.leader()
    return leader === null ? [] : this.log(leader).slice(0, this.replica(leader)?.highWatermark ?? 0)
  }

  /** As the cluster knows it: the one that leads in the latest epoch, if its broker lives. */
  leader(): number | null {
    let latest: PartitionStatus | null = null
    let leader: number | null = null
    for (const { id, isAlive, isFrozen } of this.world.brokers.values()) {
      const status = isAlive && !isFrozen ? this.replica(id) : null
      if (status?.role !== 'leader' || (latest !== null && status.leaderEpoch < latest.leaderEpoch)) continue
      latest = status
      leader = id
    }
    return leader
  }

  controller(): number {
    const found = [...this.world.brokers.values()].find(({ broker }) => broker?.statistics().isController)
    if (found === undefined) throw new Error('there is no controller now')
    return found.id
  }

  /** One record; resolves with what the broker says, or why nobody says anything. */
  async write(text: string, options: WriteOptions = {}): Promise<Answer> {
    return this.world.settle(this.send(text, options), waitLimitMs)
  }

  /** As write, but time stands still until the test lets it pass. */
  async send(text: string, { acks = -1, to, timeoutMs = 2_000 }: WriteOptions = {}): Promise<Answer> {
    const broker = this.broker(to ?? this.#requireLeader())
    const timestamp = BigInt(this.clientProcess.platform.clock.nowMs())
    const records = encodeBatch({ records: [{ timestamp, key: null, value: Buffer.from(text), headers: [] }] })
    const body = { acks, timeoutMs, topicData: [{ name: topic, partitionData: [{ index: 0, records }] }] }
    try {
      const response = await this.client.connectionTo(broker).request(Produce, body, { timeoutMs: timeoutMs + 10_000 })
      const answer = response.responses[0]?.partitionResponses[0]
      return { error: errorName(answer?.errorCode ?? -1), offset: answer?.baseOffset ?? -1 }
    } catch (error) {
      if (!(error instanceof ClientError)) throw error
      return { error: error.kind, offset: -1 }
    }
  }

  kill(...ids: readonly number[]): void {
    for (const id of ids) this.world.killBroker(id)
  }

  losePower(...ids: readonly number[]): void {
    for (const id of ids) this.world.powerLossOfBroker(id)
  }

  /** Starts brokers that are down, and waits until they serve. */
  async restart(...ids: readonly number[]): Promise<void> {
    for (const id of ids) this.world.startBroker(id)
    await this.until(() => ids.every((id) => this.broker(id).state === 'running'), `brokers ${ids} run`)
  }

  /** Two brokers do not reach each other, until the answer is called. */
  cut(id: number, ...others: readonly number[]): () => void {
    const undo = others.map((other) => this.world.partition(this.broker(id).host, this.broker(other).host))
    return () => {
      for (const each of undo) each()
    }
  }

  cutFromCoordination(id: number): () => void {
    return this.world.partition(this.broker(id).host, COORDINATION_HOST)
  }

  async pass(ms: number): Promise<void> {
    await this.world.runFor(ms)
  }

  async until(condition: () => boolean, what: string): Promise<void> {
    await this.world.runUntil(condition, waitLimitMs, what)
  }

  async untilLeads(...ids: readonly number[]): Promise<number> {
    await this.until(() => ids.includes(this.leader() ?? -1), `${ids} lead`)
    return this.#requireLeader()
  }

  /** As the leader says. */
  async untilInSync(...ids: readonly number[]): Promise<void> {
    const isSo = () => {
      const isr = this.replica(this.leader() ?? -1)?.isr ?? []
      return isr.length === ids.length && ids.every((id) => isr.includes(id))
    }
    await this.until(isSo, `${ids} are in sync`)
  }

  /** All brokers have all that the leader has, and know that it is committed. */
  async untilCaughtUp(...ids: readonly number[]): Promise<void> {
    const isSo = () => {
      const end = this.replica(this.leader() ?? -1)?.logEndOffset
      return (
        end !== undefined && ids.every((id) => this.replica(id)?.logEndOffset === end && this.replica(id)?.highWatermark === end)
      )
    }
    await this.until(isSo, `${ids} have caught up`)
  }

  hosts(): { host: string; port: number }[] {
    const { brokerCount } = this.world.config
    return Array.from({ length: brokerCount }, (_, index) => ({ host: `10.0.0.${index + 1}`, port: 9001 + index }))
  }

  #requireLeader(): number {
    const leader = this.leader()
    if (leader === null) throw new Error('nobody leads now')
    return leader
  }

  /** Whoever is there first becomes the controller. */
  async #boot(controller: number): Promise<void> {
    this.world.startCoordination()
    await this.restart(controller)
    await this.until(() => this.broker(controller).broker?.statistics().isController === true, `${controller} is the controller`)
    await this.restart(...this.hosts().map((_, index) => index + 1))
  }

  async #createTopic(replicas: readonly number[], configs: Readonly<Record<string, string>>): Promise<void> {
    const create = async (): Promise<string> => {
      const controller = await this.client.controller()
      const response = await controller.request(CreateTopics, {
        topics: [
          {
            name: topic,
            numPartitions: -1,
            replicationFactor: -1,
            assignments: [{ partitionIndex: 0, brokerIds: [...replicas] }],
            configs: Object.entries(configs).map(([name, value]) => ({ name, value })),
          },
        ],
        timeoutMs: 5_000,
      })
      return errorName(response.topics[0]?.errorCode ?? -1)
    }
    const error = await this.world.settle(create())
    if (error !== 'NONE') throw new Error(`the topic was not created: ${error}`)
    await this.untilLeads(replicas[0] ?? -1)
    await this.until(() => replicas.every((id) => this.replica(id) !== null), 'all replicas are there')
  }
}
