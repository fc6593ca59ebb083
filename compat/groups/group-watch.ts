/** What the cluster says of a group, asked several times a second with the engine's own client, as any tool of administration would ask. */
import { KafkaClient, latestOffset, listOffsets, Producer } from '../../src/engine/client'
import { createNodePlatform } from '../../src/engine/platform/node'
import { FindCoordinator } from '../../src/engine/wire/messages/10-find-coordinator'
import { DescribeGroups } from '../../src/engine/wire/messages/15-describe-groups'
import { ConsumerGroupDescribe } from '../../src/engine/wire/messages/69-consumer-group-describe'
import type { GroupSight } from './judge'
import type { Protocol } from './members'

const ignore = () => undefined

export function newClient(bootstrap: string, clientId: string): KafkaClient {
  const platform = createNodePlatform({ logger: { debug: ignore, info: ignore, warn: ignore, error: ignore } })
  const addresses = bootstrap.split(',').map((address) => {
    const [host = '', port = ''] = address.split(':')
    return { host, port: Number(port) }
  })
  return new KafkaClient({ platform, bootstrap: addresses, clientId })
}

/** Null while the group has no coordinator, or is not there. The time is that before it was asked. */
export async function sightOf(
  client: KafkaClient,
  group: string,
  protocol: Protocol,
  lateMs: number,
): Promise<GroupSight | null> {
  const found = await client.askAny((connection) => connection.request(FindCoordinator, { coordinatorKeys: [group] }))
  const coordinator = found.coordinators[0]
  if (coordinator === undefined || coordinator.errorCode !== 0) return null
  const connection = client.connectionTo(coordinator)
  const atMs = Date.now()
  if (protocol === 'consumer') {
    const described = (await connection.request(ConsumerGroupDescribe, { groupIds: [group], includeAuthorizedOperations: false }))
      .groups[0]
    if (described === undefined || described.errorCode !== 0) return null
    return {
      atMs,
      isStable: described.groupState === 'Stable',
      members: new Set(described.members.map(({ clientId }) => clientId)),
      lateMs,
    }
  }
  const described = (await connection.request(DescribeGroups, { groups: [group] })).groups[0]
  if (described === undefined || described.errorCode !== 0) return null
  return {
    atMs,
    isStable: described.groupState === 'Stable',
    members: new Set(described.members.map(({ clientId }) => clientId)),
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
