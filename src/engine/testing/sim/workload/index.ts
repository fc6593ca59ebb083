/**
 * The work that a simulated cluster is given: producers, consumers and an administrator as the seed's config says, each a client in a process of its
 * own, and the history of it all. Whatever breaks a rule fails the world at once; what Kafka's rules excuse is counted. Made by simulate.ts.
 */
import { ClientError, KafkaClient } from '../../../client'
import { pause } from '../../../client/retry'
import type { Clock } from '../../../platform'
import { promises } from '../checkers'
import { InvariantViolation, type World } from '../world'
import { AdminClient } from './admin-client'
import { ConsumerClient } from './consumer-client'
import { GroupWorkload } from './group-workload'
import { History } from './history'
import type { BrokenRule } from './partition-history'
import { PipeliningClient } from './pipelining-client'
import { ProducerClient } from './producer-client'
import { Reassigner } from './reassigner'
import { rules } from './rules'
import { TransactionWorkload } from './transaction-workload'
import { readWholePartition } from './whole-partition'
import { WorkloadContext } from './workload-context'

export interface Workload {
  /** When the cluster serves and the topics of the config are there. */
  start(): void
  /** No new work; what is under way is finished. */
  stop(): void
  /** Why a partition of a healed cluster is on other brokers than it was asked to be on; null where it is on these. */
  whatIsWrong(topicId: string, partition: number, replicas: readonly number[]): string | null
  /** All is answered, and consumers have caught up. */
  readonly isIdle: boolean
  /** Reads every partition from its start and holds it against the history. Throws InvariantViolation. */
  verify(): Promise<void>
  readonly history: History
}

const verifyAttempts = 20

export function startWorkload(world: World): Workload {
  const context = contextFor(world)
  const { config } = world
  const producers = config.producers.map((plan) => new ProducerClient(context, plan))
  const consumers = config.consumers.map((plan) => new ConsumerClient(context, plan))
  const pipelines = config.pipelines.map(
    (plan) =>
      new PipeliningClient({
        context,
        plan,
        isAnyLost: () => promises(world).isAnyLost(plan.topic, 0),
        isTakenUpBehind: (id, sequence) => promises(world).isTakenUpBehind(plan.topic, 0, Number(id), sequence),
        violate: (rule, message) => {
          const violation = new InvariantViolation(rule, message)
          world.failWith(violation)
          throw violation
        },
      }),
  )
  const groups = new GroupWorkload(world, context)
  const transactions = new TransactionWorkload(world, context)
  const admin = config.adminPerMinute > 0 ? new AdminClient(context) : null
  const reassigner = config.reassignmentsPerMinute > 0 ? new Reassigner(context) : null
  return {
    history: context.history,
    start() {
      for (const client of [...producers, ...pipelines, ...consumers, ...groups.members]) client.start()
      transactions.start()
      admin?.start()
      reassigner?.start()
    },
    stop() {
      context.isStopped = true
      admin?.restore()
      reassigner?.restore()
    },
    get isIdle() {
      return (
        [...producers, ...pipelines, ...consumers, ...groups.members, ...transactions.clients].every(({ isIdle }) => isIdle) &&
        (admin?.isIdle ?? true) &&
        (reassigner?.isIdle ?? true)
      )
    },
    whatIsWrong: (topicId, partition, replicas) => reassigner?.whatIsWrong(topicId, partition, replicas) ?? null,
    async verify() {
      for (const client of [...producers, ...pipelines, ...consumers, ...groups.members]) client.close()
      admin?.close()
      reassigner?.close()
      await verify(world, context)
      await groups.verify()
      await transactions.verify()
    },
  }
}

function contextFor(world: World): WorkloadContext {
  const violate = (broken: BrokenRule): never => {
    const { topic, partition, offset, message } = broken
    const violation = new InvariantViolation(broken.rule, `${topic}-${partition} at offset ${offset}: ${message}`)
    world.failWith(violation)
    throw violation
  }
  const reusedTopics = new Set<string>()
  const promised = promises(world)
  const history = new History({
    nowMs: () => world.nowMs,
    count: (name, by) => world.count(name, by),
    violate,
    excuse: ({ topic, partition, offset, promisedAtMs }) => {
      // A client with old metadata may have written to the one before.
      if (reusedTopics.has(topic)) return 'a topic of this name was there before'
      return promised.whyLost(topic, partition, offset, promisedAtMs)
    },
    onDidExcuse: (broken, excuse) => {
      if (world.trace.isOn) world.trace.line('history', `excuses "${broken.rule}" by ${excuse}: ${broken.message}`)
    },
  })
  for (const { name, configs } of world.config.topics) history.onTopic(name, configs)
  return new WorkloadContext(world, history, reusedTopics, (error) => world.failWith(error))
}

async function verify(world: World, context: WorkloadContext): Promise<void> {
  const process = world.clientProcess('verifier')
  const client = new KafkaClient({ platform: process.platform, bootstrap: world.bootstrap, clientId: process.name })
  const { history } = context
  const { clock } = process.platform
  const { topics } = await again(clock, () => client.refresh())
  for (const held of history.partitions) {
    const { topic, partition, sentRecords } = held
    if ((topics.get(topic)?.partitions.length ?? 0) > partition) {
      await again(clock, () => readWholePartition(client, history, 'verifier', topic, partition, true))
      continue
    }
    const lost = sentRecords.find(({ acks, outcome }) => acks === -1 && outcome === 'acknowledged')
    if (lost !== undefined && !context.reusedTopics.has(topic))
      throw new InvariantViolation(
        rules.acknowledgedStays,
        `${topic}-${partition} is not there, and record ${lost.id.counter} of ${lost.id.producer} was acknowledged`,
      )
  }
  client.close()
}

/** The world is whole, but an answer may still be late. */
async function again<T>(clock: Clock, attempt: () => Promise<T>): Promise<T> {
  for (let left = verifyAttempts; ; left--) {
    try {
      return await attempt()
    } catch (error) {
      if (!(error instanceof ClientError) || left === 0) throw error
      await pause(clock, 500)
    }
  }
}
