/** The znodes of the fake cluster, made from what it is at the moment of the question. Only what Kafka would keep there. */

import { WorkbenchError } from '../../../shared/ipc/errors'
import type { SessionView, ZnodeView } from '../../../shared/model/coordination'
import type { FakeCluster } from './fake-cluster'
import type { Handlers } from './fake-host'

type Name = Extract<keyof Handlers, `coordination.${string}`>

const sessionOf = (brokerId: number): string => `0x10000a2c4e1000${brokerId}`

export function coordinationHandlers(cluster: FakeCluster, now: () => number): Pick<Handlers, Name> {
  const startedAtMs = now() - 4_000_000
  const needService = (): void => {
    if (cluster.state === 'failed')
      throw new WorkbenchError(
        'expected',
        'COORDINATION_NOT_UP',
        'The coordination service is not up. It is started again by itself; brokers keep what they know until then.',
      )
  }
  const tree = (): ReadonlyMap<string, { readonly data: string; readonly owner: string | null }> => {
    const all = new Map<string, { readonly data: string; readonly owner: string | null }>()
    const add = (path: string, data = '', owner: string | null = null): void => void all.set(path, { data, owner })
    for (const path of [
      '/',
      '/admin',
      '/admin/delete_topics',
      '/brokers',
      '/brokers/ids',
      '/brokers/topics',
      '/cluster',
      '/config',
      '/config/brokers',
    ])
      add(path)
    for (const path of ['/config/changes', '/config/topics', '/isr_change_notification', '/zookeeper', '/zookeeper/quota'])
      add(path)
    add('/brokers/seqid')
    add('/cluster/id', '{"version":"1","id":"Qm8wN0xrRbu2kfFQnFYYkA"}')
    add('/controller_epoch', String(3))
    add('/latest_producer_id_block', '{"version":1,"broker":1,"block_start":"1000","block_end":"1999"}')
    for (const broker of cluster.brokers) {
      if (!broker.isRegistered) continue
      add(
        `/brokers/ids/${broker.id}`,
        `{"version":5,"host":"127.0.0.1","port":${broker.port},"jmx_port":-1,"endpoints":["PLAINTEXT://127.0.0.1:${broker.port}"],"rack":null}`,
        sessionOf(broker.id),
      )
    }
    if (cluster.controllerId !== null)
      add(
        '/controller',
        `{"version":2,"brokerid":${cluster.controllerId},"timestamp":"${startedAtMs}","kraftControllerEpoch":-1}`,
        sessionOf(cluster.controllerId),
      )
    for (const partition of cluster.partitionViews(null)) {
      const topic = `/brokers/topics/${partition.topic}`
      if (!all.has(topic)) {
        add(
          topic,
          '{"version":3,"topic_id":"u3sFJ2cVQmS2nRj0Yv3qLw","partitions":{"0":[1,2,3]},"adding_replicas":{},"removing_replicas":{}}',
        )
        add(`${topic}/partitions`)
        add(`/config/topics/${partition.topic}`, '{"version":1,"config":{}}')
      }
      add(`${topic}/partitions/${partition.partition}`)
      add(
        `${topic}/partitions/${partition.partition}/state`,
        `{"controller_epoch":3,"leader":${partition.leader ?? -1},"version":1,"leader_epoch":${partition.leaderEpoch},"isr":[${partition.isr.join(',')}]}`,
      )
    }
    return all
  }
  return {
    'coordination.znode': ({ path }): ZnodeView | null => {
      needService()
      const all = tree()
      const znode = all.get(path)
      if (!znode) return null
      const prefix = path === '/' ? '/' : `${path}/`
      const below = [...all.keys()].filter((each) => each !== '/' && each.startsWith(prefix))
      const names = below.map((each) => each.slice(prefix.length)).filter((name) => !name.includes('/'))
      const data = new TextEncoder().encode(znode.data)
      return {
        path,
        data,
        children: names.sort().map((name) => ({
          name,
          numChildren: below.filter(
            (each) => each.startsWith(`${prefix}${name}/`) && !each.slice(prefix.length + name.length + 1).includes('/'),
          ).length,
          isEphemeral: all.get(`${prefix}${name}`)?.owner != null,
        })),
        stat: {
          czxid: '0x1f',
          mzxid: '0x2a7',
          pzxid: '0x2a4',
          ctimeMs: startedAtMs,
          mtimeMs: startedAtMs + 61_000,
          version: znode.data === '' ? 0 : 4,
          cversion: names.length,
          aversion: 0,
          ephemeralOwner: znode.owner,
          dataLength: data.length,
          numChildren: names.length,
        },
      }
    },
    'coordination.overview': () => {
      needService()
      const all = tree()
      const sessions = cluster.brokers
        .filter((broker) => broker.isRegistered)
        .map((broker): SessionView => {
          const id = sessionOf(broker.id)
          const isUp = broker.state === 'running'
          return {
            id,
            address: isUp ? `127.0.0.1:${40_000 + broker.id * 17}` : null,
            timeoutMs: isUp ? 6_000 : null,
            sinceMs: isUp ? startedAtMs + broker.id * 40 : null,
            lastOperation: isUp ? 'PING' : null,
            receivedCount: isUp ? 2_841 + broker.id : null,
            sentCount: isUp ? 2_860 + broker.id : null,
            ephemerals: [...all].filter(([, znode]) => znode.owner === id).map(([path]) => path),
            watchedPaths:
              broker.id === cluster.controllerId ? ['/brokers/ids/1', '/brokers/ids/2', '/brokers/ids/3'] : ['/controller'],
            expiresAtMs: now() + 4_000,
            brokerId: broker.id,
            isController: broker.id === cluster.controllerId,
            isOurs: false,
          }
        })
      return {
        version: '3.8.0-broker-workbench',
        zxid: '0x2b1',
        znodeCount: all.size,
        watchCount: sessions.reduce((sum, session) => sum + session.watchedPaths.length, 0),
        ephemeralCount: [...all.values()].filter(({ owner }) => owner !== null).length,
        latencyMs: { min: 0, average: 0.31, max: 12 },
        uptimeMs: now() - startedAtMs,
        sessions,
        controller:
          cluster.controllerId === null
            ? null
            : {
                brokerId: cluster.controllerId,
                epoch: 3,
                sessionId: sessionOf(cluster.controllerId),
                sinceMs: startedAtMs,
                zxid: '0x21',
              },
      }
    },
  }
}
