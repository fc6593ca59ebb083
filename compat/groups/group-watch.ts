/** What the cluster says of a group, asked several times a second with the engine's own client, as any tool of administration would ask. */
import { setTimeout as pause } from 'node:timers/promises'
import { KafkaClient, latestOffset, listOffsets, Producer } from '../../src/engine/client'
import { createNodePlatform } from '../../src/engine/platform/node'
import { FindCoordinator } from '../../src/engine/wire/messages/10-find-coordinator'
import { DescribeGroups } from '../../src/engine/wire/messages/15-describe-groups'
import { ConsumerGroupDescribe } from '../../src/engine/wire/messages/69-consumer-group-describe'
import type { GroupJudge, GroupSight } from './judge'

const sightEveryMs = 100
const ignore = () => undefined

export function newClient(bootstrap: string, clientId: string): KafkaClient {
  const platform = createNodePlatform({ logger: { debug: ignore, info: ignore, warn: ignore, error: ignore } })
  const addresses = bootstrap.split(',').map((address) => {
    const [host = '', port = ''] = address.split(':')
    return { host, port: Number(port) }
  })
  return new KafkaClient({ platform, bootstrap: addresses, clientId })
}

/** What members told and the cluster said, as it came. */
export type Trace = (who: string, what: object) => void

/** Asks after the group all the time and tells the judge, until it is stopped; answers then by how much this program was late at the most. */
export function watchGroup(client: KafkaClient, group: string, judge: GroupJudge, trace: Trace): { stop(): Promise<number> } {
  let isWatching = true
  let latestMs = 0
  const watching = (async () => {
    for (let lateMs = 0; isWatching; ) {
      const sight = await sightOf(client, group, lateMs).catch(() => null)
      if (sight !== null) {
        trace('cluster', { ...sight, members: [...sight.members] })
        judge.onSight(sight)
      }
      const dueMs = Date.now() + sightEveryMs
      await pause(sightEveryMs)
      lateMs = Math.max(0, Date.now() - dueMs)
      latestMs = Math.max(latestMs, lateMs)
    }
  })()
  return {
    async stop() {
      isWatching = false
      await watching
      return latestMs
    },
  }
}

/** Of whichever protocol it is. Null while the group has no coordinator, or is not there. The time is that before it was asked. */
async function sightOf(client: KafkaClient, group: string, lateMs: number): Promise<GroupSight | null> {
  const found = await client.askAny((connection) => connection.request(FindCoordinator, { coordinatorKeys: [group] }))
  const coordinator = found.coordinators[0]
  if (coordinator === undefined || coordinator.errorCode !== 0) return null
  const connection = client.connectionTo(coordinator)
  const atMs = Date.now()
  const asked = { groupIds: [group], includeAuthorizedOperations: false }
  const [modern] = (await connection.request(ConsumerGroupDescribe, asked)).groups
  const [classic] = modern?.errorCode === 0 ? [] : (await connection.request(DescribeGroups, { groups: [group] })).groups
  const described = classic ?? modern
  if (described === undefined || described.errorCode !== 0 || described.groupState === 'Dead') return null
  const members: readonly { readonly clientId: string }[] = described.members
  return {
    atMs,
    protocol: described === classic ? 'classic' : 'consumer',
    isStable: described.groupState === 'Stable',
    members: new Set(members.map(({ clientId }) => clientId)),
    lateMs,
  }
}

/** Writes a record to each partition, again and again, until it is stopped; answers then how far each partition goes. */
export function feed(client: KafkaClient, topic: string, partitionCount: number, pauseMs: number) {
  const producer = new Producer({ client, acks: -1, isIdempotent: true, lingerMs: 2, deliveryTimeoutMs: 60_000 })
  let isStopping = false
  const running = (async () => {
    for (let sequence = 0; !isStopping; sequence++) {
      for (let partition = 0; partition < partitionCount; partition++) {
        const value = Buffer.from(String(sequence))
        producer.append({ topic, partition, key: null, value, headers: [], timestamp: null }, ignore)
      }
      await new Promise((resolve) => setTimeout(resolve, pauseMs))
    }
    await producer.flush()
    producer.close()
  })()
  return async (): Promise<ReadonlyMap<number, number>> => {
    isStopping = true
    await running
    await client.refresh()
    const partitions = Array.from({ length: partitionCount }, (_, partition) => partition)
    return await listOffsets(client, topic, partitions, latestOffset)
  }
}
