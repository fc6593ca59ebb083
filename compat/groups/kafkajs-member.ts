/** A member of a group with kafkajs, in a process of its own: same command line and same lines as confluent_member.py. Classic protocol only. */
import { createInterface } from 'node:readline'
import { type Assigner, AssignerProtocol, Kafka, logLevel, type PartitionAssigner } from 'kafkajs'

const [bootstrap = '', topic = '', group = '', name = ''] = process.argv.slice(2)

function tell(event: string, partitions: readonly number[], more: object = {}): void {
  process.stdout.write(`${JSON.stringify({ atMs: Date.now(), event, partitions, ...more })}\n`)
}

/** As everybody's `roundrobin`, so that members of other clients can be in the group; kafkajs's own has a name that only kafkajs knows. */
const roundRobin: PartitionAssigner = ({ cluster }): Assigner => ({
  name: 'roundrobin',
  version: 0,
  protocol: ({ topics }) => ({
    name: 'roundrobin',
    metadata: AssignerProtocol.MemberMetadata.encode({ version: 0, topics, userData: Buffer.alloc(0) }),
  }),
  async assign({ members, topics }) {
    const sorted = members.map(({ memberId }) => memberId).sort()
    const partitions = topics.flatMap((each) =>
      cluster.findTopicPartitionMetadata(each).map(({ partitionId }) => ({ topic: each, partitionId })),
    )
    return sorted.map((memberId, index) => {
      const assignment: Record<string, number[]> = {}
      for (const [at, { topic: each, partitionId }] of partitions.entries()) {
        if (at % sorted.length !== index) continue
        assignment[each] = [...(assignment[each] ?? []), partitionId]
      }
      return {
        memberId,
        memberAssignment: AssignerProtocol.MemberAssignment.encode({ version: 0, assignment, userData: Buffer.alloc(0) }),
      }
    })
  },
})

async function main(): Promise<void> {
  const kafka = new Kafka({
    clientId: name,
    brokers: bootstrap.split(','),
    logLevel: logLevel.NOTHING,
    retry: { initialRetryTime: 50, maxRetryTime: 500, retries: 60 },
  })
  const consumer = kafka.consumer({
    groupId: group,
    sessionTimeout: 6_000,
    rebalanceTimeout: 6_000,
    heartbeatInterval: 500,
    maxWaitTimeInMs: 200,
    partitionAssigners: [roundRobin],
  })
  let owned: number[] = []
  const revoke = (event: string) => {
    if (owned.length > 0) tell(event, owned)
    owned = []
  }
  consumer.on(consumer.events.REBALANCING, () => revoke('revoked'))
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    // Without a word before it where its membership had ended.
    revoke('lost')
    owned = payload.memberAssignment[topic] ?? []
    tell('assigned', owned)
  })
  consumer.on(consumer.events.CRASH, () => revoke('lost'))
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  tell('started', [])
  await consumer.run({
    autoCommit: false,
    eachBatch: async ({ batch, isRunning, isStale }) => {
      const last = batch.messages.at(-1)
      if (last === undefined || !isRunning() || isStale()) return
      const { partition } = batch
      tell('processed', [partition], { offsets: [[Number(batch.messages[0]?.offset), Number(last.offset)]] })
      // Not its own any more: whoever has it reads it again.
      await consumer.commitOffsets([{ topic, partition, offset: String(Number(last.offset) + 1) }]).catch(() => undefined)
    },
  })
  createInterface({ input: process.stdin }).once('line', () => {
    consumer.disconnect().then(
      () => {
        revoke('revoked')
        tell('left', [])
        process.exit(0)
      },
      () => process.exit(1),
    )
  })
}

main().catch((error: unknown) => {
  console.error(error)
  process.exit(1)
})
