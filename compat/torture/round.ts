/**
 * One round: producers write while faults hit, then everything heals, the cluster must become whole, the producers must come to an end, and all that
 * is in the topics is read by two clients and from the files, and judged.
 */
import { type ProducerKind, type ProducerUnderTest, pause } from './clients/client'
import { createTopic, deleteTopic, openClient, readWithOwnClient } from './clients/own'
import { rdkafkaUnavailable, readWithRdkafka } from './clients/rdkafka'
import { type FaultKind, powerLossOfAll, powerLossOfBroker, processDeath, usualFaults } from './faults/catalogue'
import { healAndSettle } from './faults/heal'
import type { Target } from './faults/target'
import type { Ledger } from './history/ledger'
import { compareReplicas } from './history/replicas'

export type RoundKind = 'mixed' | 'deaths' | 'power'

const partitionCount = 3
const atOnceMax = 3
const settleTimeoutMs = 120_000
const producersTimeoutMs = 150_000
const equalTimeoutMs = 20_000

export interface RoundOptions {
  readonly number: number
  readonly kind: RoundKind
  readonly faultsForMs: number
  readonly isLast: boolean
  readonly recordsPerSecond: number
}

export interface RoundResult {
  readonly settledMs: number
  readonly readRecords: number
}

export class Rounds {
  /** Topic to its partitions. */
  private readonly topics = new Map<string, number>()
  private running: ProducerUnderTest[] = []
  readonly troubles = new Map<string, number>()

  constructor(
    private readonly target: Target,
    private readonly ledger: Ledger,
    private readonly kinds: readonly ProducerKind[],
  ) {}

  async play(options: RoundOptions): Promise<RoundResult> {
    const { target } = this
    const { timeline } = target
    timeline.note(`round ${options.number}: ${options.kind}`)
    await this.prepareTopics(options)
    this.startProducers(options.recordsPerSecond)
    await this.faultsFor(options.kind, options.faultsForMs)
    let settledMs = await healAndSettle(target, settleTimeoutMs)
    timeline.note(`whole after ${settledMs} ms`)
    await Promise.all(this.running.map((producer) => producer.stop(producersTimeoutMs)))
    this.running = []
    timeline.note('the producers have ended')
    settledMs += await healAndSettle(target, settleTimeoutMs)
    await this.requireEqualReplicas()
    return { settledMs, readRecords: await this.verify(options) }
  }

  kill(): void {
    for (const producer of this.running) producer.kill()
  }

  /**
   * What a power loss may take is what flush.messages=1 forbids it to take, so the topics without it are for rounds in which only processes die: they
   * are deleted before a power loss and made anew after it.
   */
  private async prepareTopics({ number, kind }: RoundOptions): Promise<void> {
    const client = openClient(this.target.topology.bootstrap)
    const common = { 'min.insync.replicas': '2', 'segment.bytes': '1048576' }
    try {
      for (const name of [...this.topics.keys()]) {
        if (kind !== 'power' || name.startsWith('durable')) continue
        await deleteTopic(client, name)
        this.topics.delete(name)
        this.target.timeline.note(`deleted ${name}`)
      }
      if (this.topics.size === 0) {
        for (const name of ['durable-a', 'durable-b']) {
          await createTopic(client, name, partitionCount, { ...common, 'flush.messages': '1' })
          this.topics.set(name, partitionCount)
        }
      }
      if (kind !== 'power' && this.topics.size < 3) {
        const name = `plain-${number}`
        await createTopic(client, name, partitionCount, common)
        this.topics.set(name, partitionCount)
      }
    } finally {
      client.close()
    }
  }

  private startProducers(recordsPerSecond: number): void {
    for (const kind of this.kinds) {
      const streams = [...this.topics].flatMap(([topic, partitions]) =>
        Array.from({ length: partitions }, (_, partition) => this.ledger.open(kind.name, kind.isIdempotent, topic, partition)),
      )
      this.running.push(
        kind.start({
          bootstrap: this.target.topology.bootstrap,
          ledger: this.ledger,
          streams,
          recordsPerSecond,
          onSaid: (line) => this.target.timeline.said(`${kind.name}: ${line}`),
          onTrouble: (what, text) => {
            const key = `${kind.name} ${what} (${reasonOf(text)})`
            this.troubles.set(key, (this.troubles.get(key) ?? 0) + 1)
            this.target.timeline.said(`${kind.name} ${what}: ${text}`)
          },
        }),
      )
    }
  }

  private async faultsFor(kind: RoundKind, forMs: number): Promise<void> {
    const { target } = this
    const { random, timeline } = target
    const endMs = Date.now() + forMs
    const active = new Set<Promise<void>>()
    const special: readonly (readonly [FaultKind, number])[] =
      kind === 'mixed'
        ? []
        : kind === 'deaths'
          ? [[processDeath, 8]]
          : [
              [powerLossOfAll, 8],
              [powerLossOfBroker, 10],
              [processDeath, 2],
            ]
    // A round of its kind has at least one of it.
    let isFirst = true
    await pause(random.between(500, 2_000))
    while (Date.now() < endMs) {
      const fault = isFirst && special[0] !== undefined ? special[0][0] : random.weighted([...usualFaults, ...special])
      isFirst = false
      const running = fault
        .run(target)
        .catch((error: unknown) => timeline.note(`${fault.name}: ${(error as Error).message}`))
        .finally(() => active.delete(running))
      active.add(running)
      await pause(random.chance(0.3) ? random.between(50, 500) : random.between(500, 4_000))
      while (active.size >= atOnceMax) await Promise.race(active)
    }
    await Promise.all(active)
  }

  private async requireEqualReplicas(): Promise<void> {
    const brokers = new Map(this.target.topology.brokerIds.map((id) => [id, this.target.brokerDirectory(id)]))
    const deadlineMs = Date.now() + equalTimeoutMs
    for (const [topic, partitions] of this.topics) {
      for (let partition = 0; partition < partitions; partition++) {
        for (;;) {
          const difference = compareReplicas(topic, partition, brokers)
          if (difference === null) break
          if (Date.now() > deadlineMs) throw new Error(difference)
          await pause(200)
        }
      }
    }
  }

  private async verify({ number, isLast }: RoundOptions): Promise<number> {
    const { topology } = this.target
    const ends = await this.verifyWithOwnClient()
    let readRecords = ends.reduce((sum, { end }) => sum + end, 0)
    if (rdkafkaUnavailable() !== null) return readRecords
    // The second reader looks at one partition of three a round, and at all of them in the end.
    const chosen = ends.filter((_, index) => isLast || index % 3 === number % 3)
    const second = await readWithRdkafka(topology.bootstrap, chosen)
    for (const { topic, partition } of chosen) {
      const read = second.get(`${topic}-${partition}`)!
      readRecords += read.offsets.length
      this.ledger.verify(topic, partition, read, 'librdkafka')
    }
    return readRecords
  }

  /** After a failure: all that is there as it is, once nobody writes any more. */
  async judge(): Promise<number> {
    this.kill()
    await pause(1_000)
    return (await this.verifyWithOwnClient()).reduce((sum, { end }) => sum + end, 0)
  }

  private async verifyWithOwnClient(): Promise<{ topic: string; partition: number; end: number }[]> {
    const ends: { topic: string; partition: number; end: number }[] = []
    const client = openClient(this.target.topology.bootstrap)
    try {
      const contents = await readWithOwnClient(client, this.topics)
      for (const [topic, partitions] of this.topics) {
        for (let partition = 0; partition < partitions; partition++) {
          const read = contents.get(`${topic}-${partition}`)!
          ends.push({ topic, partition, end: read.offsets.length })
          this.ledger.verify(topic, partition, read, 'our own reader')
        }
      }
    } finally {
      client.close()
    }
    return ends
  }
}

/** librdkafka's code where there is one; else the words without the numbers in them. */
function reasonOf(text: string): string {
  return /code=(\w+)/.exec(text)?.[1] ?? text.replaceAll(/[0-9]+/g, '#').slice(0, 80)
}
