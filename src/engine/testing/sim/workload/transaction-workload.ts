/**
 * The transactions of a simulated cluster: their producers, a reader of committed records that runs along, and at the end the whole of it read anew, in a
 * cluster that is healed: by then every transaction must have ended. Made by startWorkload. The topic is its own, made here, since records of transactions
 * that were aborted are in no other history.
 */
import { CONSUMER_OFFSETS, TRANSACTION_STATE } from '../../../broker/internal-topics'
import { Admin, ClientError, type KafkaClient, PartitionConsumer } from '../../../client'
import { pause } from '../../../client/retry'
import { partitionFor } from '../../../coordinator'
import type { Clock } from '../../../platform'
import { ErrorCode } from '../../../wire/errors'
import { FindCoordinator, ListOffsets, OffsetFetch } from '../../../wire/messages'
import { decodeRecords } from '../../../wire/records'
import { promises } from '../checkers'
import { lateMarkersOf } from '../checkers/late-markers'
import { InvariantViolation, type World } from '../world'
import { type BrokenTransactionRule, TransactionHistory, transactionRules } from './transaction-history'
import { TransactionalClient } from './transactional-client'
import { every, type WorkloadContext } from './workload-context'

const attempts = 60
const attemptPauseMs = 1_000
const latest = -1
const readCommitted = 1
const readUncommitted = 0

interface ReadRecord {
  readonly offset: number
  readonly value: string
}

export class TransactionWorkload {
  readonly clients: readonly TransactionalClient[]
  readonly #history: TransactionHistory
  readonly #topic: string | null
  readonly #partitions: number
  #isClosed = false
  #live: PartitionConsumer | null = null

  constructor(
    private readonly world: World,
    private readonly context: WorkloadContext,
  ) {
    const [first] = world.config.transactions
    this.#topic = first?.topic ?? null
    this.#partitions = first?.partitions ?? 0
    this.#history = new TransactionHistory({
      nowMs: () => world.nowMs,
      count: (name) => world.count(name),
      excuse: (broken) => this.#excuse(broken),
      violate: ({ rule, transactionalId, message }) => {
        const violation = new InvariantViolation(rule, `${transactionalId}: ${message}`)
        world.failWith(violation)
        throw violation
      },
    })
    lateMarkersOf(world)
    this.clients = world.config.transactions.map((plan) => new TransactionalClient(context, this.#history, plan))
  }

  start(): void {
    if (this.#topic === null) return
    const process = this.world.clientProcess('transaction-reader')
    const client = this.context.newClient(process)
    const { clock } = process.platform
    this.#create(client, clock, this.#topic).then((isThere) => {
      if (!isThere) return
      for (const each of this.clients) each.start()
      every(
        clock,
        () => 200,
        async () => {
          if (!this.#isClosed)
            await this.#read(client, 'the reader', 500, (partition, { offset, value }) =>
              this.#history.onRead('the reader', partition, offset, value),
            )
          return !this.#isClosed
        },
        (error) => {
          if (!(error instanceof ClientError)) this.context.onBug(error)
        },
      )
    }, this.context.onBug)
  }

  /** The world is whole, and nobody begins anything any more. */
  async verify(): Promise<void> {
    this.#isClosed = true
    this.#live?.stop()
    for (const client of this.clients) client.close()
    if (this.#topic === null || this.#history.transactionalIds.length === 0) return
    const process = this.world.clientProcess('transaction-verifier')
    const client = this.context.newClient(process)
    const { clock } = process.platform
    const heldUp = await this.#untilAllHaveEnded(client, clock, this.#topic)
    const partitions = await again(clock, async () => {
      await client.refresh()
      const read = new Map<number, ReadRecord[]>(Array.from({ length: this.#partitions }, (_, index) => [index, []]))
      await this.#read(client, 'the verifier', 60_000, (partition, record) => void read.get(partition)?.push(record), true)
      return read
    })
    for (const [partition, records] of partitions) {
      for (const { offset, value } of records) this.#history.onRead('the verifier', partition, offset, value)
    }
    this.#history.onReadToEnd(partitions, heldUp)
    for (const transactionalId of this.#history.transactionalIds) {
      const offset = await this.#untilStable(client, clock, transactionalId)
      if (offset !== null) this.#history.onOffsetRead(transactionalId, offset)
    }
    client.close()
  }

  /** False where the run was over before there was one, as it may be of a short one: then there is nothing to work on, and nobody begins. */
  async #create(client: KafkaClient, clock: Clock, name: string): Promise<boolean> {
    const { brokerCount, brokerConfigs } = this.world.config
    const replicationFactor = Math.min(3, brokerCount)
    const configs = {
      'min.insync.replicas': String(Math.min(2, replicationFactor)),
      'segment.bytes': brokerConfigs['log.segment.bytes'] ?? '4000',
    }
    while (!this.#isClosed && !this.context.isStopped) {
      try {
        await client.refresh()
        if ((client.known?.topics.get(name)?.partitions.length ?? 0) > 0) return true
        await new Admin(client).createTopic({ name, partitionCount: this.#partitions, replicationFactor, configs })
      } catch (error) {
        if (!(error instanceof ClientError)) throw error
      }
      await pause(clock, 300)
    }
    return false
  }

  /** From the start of each partition, to the end of what is committed where `isToEnd`, else for as long as it is given. */
  async #read(
    client: KafkaClient,
    who: string,
    timeMs: number,
    onRecord: (partition: number, record: ReadRecord) => void,
    isToEnd = false,
  ): Promise<void> {
    const positions = new Map(Array.from({ length: this.#partitions }, (_, index) => [index, 0]))
    let failure: unknown = null
    const consumer: PartitionConsumer = new PartitionConsumer({
      ...{ client, topic: this.#topic ?? '', positions, isolation: 'read_committed', partitionBytesMax: 20_000, waitMs: 300 },
      onBatch: (partition, batch) => {
        try {
          for (const { offset, value } of decodeRecords(batch))
            onRecord(partition, { offset, value: Buffer.from(value ?? []).toString() })
        } catch (error) {
          this.context.onBug(error)
          failure = error
        }
        return failure === null
      },
      onCaughtUp: (partition) => {
        if (isToEnd) consumer.leave(partition)
      },
      onTrouble: (error) => {
        if (error !== null) this.context.note(who, () => `has trouble: ${error.message}`)
      },
      onFailed: (_partition, error) => {
        failure = error
      },
    })
    if (!isToEnd) this.#live = consumer
    const timer = client.platform.clock.setTimer(timeMs, () => consumer.stop())
    await consumer.run()
    timer.cancel()
    if (failure !== null) throw failure
  }

  /**
   * Those that were left lying are aborted by their time-outs. Answers, by partition, from which offset on nothing can be read: of a transaction whose
   * decision or marker was lost, as the rules allow.
   */
  async #untilAllHaveEnded(client: KafkaClient, clock: Clock, topic: string): Promise<ReadonlyMap<number, number>> {
    let open: ReadonlyMap<number, number> | null = null
    let trouble = 'nobody answers'
    for (let left = attempts; left >= 0; left--) {
      try {
        await client.refresh()
        open = await this.#openPartitions(client, topic)
        if (open.size === 0) return open
      } catch (error) {
        if (!(error instanceof ClientError)) throw error
        trouble = error.message
      }
      await pause(clock, attemptPauseMs)
    }
    const words = Array.from(open ?? [], ([partition, offset]) => `${topic}-${partition} is stable to ${offset}`).join(', ')
    this.#history.report(transactionRules.endsInTime, '*', `a minute after all is well: ${open === null ? trouble : words}`)
    return open ?? new Map()
  }

  /** By partition how far it is stable, where that is not its end. */
  async #openPartitions(client: KafkaClient, topic: string): Promise<ReadonlyMap<number, number>> {
    const open = new Map<number, number>()
    for (let partition = 0; partition < this.#partitions; partition++) {
      const end = await endOf(client, topic, partition, readUncommitted)
      const stable = await endOf(client, topic, partition, readCommitted)
      if (stable < end) open.set(partition, stable)
    }
    return open
  }

  /** Null where a transaction has never said what becomes of it, as the rules allow. */
  async #untilStable(client: KafkaClient, clock: Clock, transactionalId: string): Promise<number | null> {
    const groupId = `${transactionalId}-group`
    try {
      return await again(clock, () => committedOffset(client, groupId, this.#topic ?? ''))
    } catch (error) {
      if (!(error instanceof ClientError)) throw error
      this.#history.report(transactionRules.endsInTime, transactionalId, `a minute after all is well: ${error.message}`)
      return null
    }
  }

  #excuse({ transactionalId, promised }: BrokenTransactionRule): string | null {
    const lost = promises(this.world)
    const { brokerConfigs } = this.world.config
    const ids = transactionalId === '*' ? this.#history.transactionalIds : [transactionalId]
    const own =
      promised === null || this.#topic === null
        ? null
        : lost.whyLost(this.#topic, Math.max(0, promised.partition), promised.offset, promised.atMs)
    if (own !== null) return own
    const isHaunted = (id: string): boolean =>
      this.clients.some(
        ({ name, producerIds }) => name === id && producerIds.some((each) => lateMarkersOf(this.world).isHaunted(each)),
      )
    if (ids.some(isHaunted)) return 'a marker of the transaction before may have ended it (version 1)'
    for (const id of ids) {
      const state = partitionFor(id, Number(brokerConfigs['transaction.state.log.num.partitions'] ?? 50))
      const group = partitionFor(`${id}-group`, Number(brokerConfigs['offsets.topic.num.partitions'] ?? 50))
      // A decision that was forgotten, or a marker: what follows is nobody's promise.
      if (lost.isAnyLost(TRANSACTION_STATE, state)) return 'decisions of its coordinator were lost'
      if (lost.isAnyLost(CONSUMER_OFFSETS, group)) return 'offsets of its group were lost'
    }
    for (let partition = 0; partition < this.#partitions; partition++) {
      if (lost.isAnyLost(this.#topic ?? '', partition)) return 'markers may have been lost'
    }
    return null
  }
}

async function endOf(client: KafkaClient, topic: string, partition: number, isolationLevel: number): Promise<number> {
  const leader = client.leaderOf(topic, partition)
  if (leader === null) throw new ClientError('protocol', `${topic}-${partition} has no leader now`, true)
  const response = await client.connectionTo(leader.broker).request(ListOffsets, {
    ...{ replicaId: -1, isolationLevel },
    topics: [{ name: topic, partitions: [{ partitionIndex: partition, timestamp: latest }] }],
  })
  const answer = response.topics[0]?.partitions[0]
  if (answer?.errorCode !== ErrorCode.NONE) throw new ClientError('protocol', `${topic}-${partition} is not told`, true)
  return answer.offset
}

async function committedOffset(client: KafkaClient, groupId: string, topic: string): Promise<number> {
  const found = await client.askAny((connection) => connection.request(FindCoordinator, { coordinatorKeys: [groupId] }))
  const coordinator = found.coordinators[0]
  if (coordinator?.errorCode !== ErrorCode.NONE) throw new ClientError('protocol', `${groupId} has no coordinator now`, true)
  const asked = { groupId, topics: [{ name: topic, partitionIndexes: [0] }] }
  const { groups } = await client.connectionTo(coordinator).request(OffsetFetch, { groups: [asked], requireStable: true })
  const partition = groups[0]?.topics[0]?.partitions[0]
  if (groups[0]?.errorCode !== ErrorCode.NONE || partition === undefined || partition.errorCode !== ErrorCode.NONE) {
    throw new ClientError('protocol', `the offset of ${groupId} is not stable`, true)
  }
  return Number(partition.committedOffset)
}

/** The world is whole, but an answer may still be late. */
async function again<T>(clock: Clock, attempt: () => Promise<T>): Promise<T> {
  for (let left = attempts; ; left--) {
    try {
      return await attempt()
    } catch (error) {
      if (!(error instanceof ClientError) || left === 0) throw error
      await pause(clock, attemptPauseMs)
    }
  }
}
