/** The controller over the real coordination server and client: real sessions, sockets, watches and time-outs; brokers only pretend. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CoordinationClient } from '../coordination/coordination-client'
import { CoordinationServer } from '../coordination/coordination-server'
import type { Platform } from '../platform'
import { createNodePlatform } from '../platform/node'
import { FakeBroker, silentLogger } from '../testing/controller-kit'
import { ErrorCode } from '../wire/errors'
import { registerBroker } from './broker-registration'
import { allocateProducerIds, ensureClusterId, ensureClusterPaths } from './cluster-identity'
import { ConfigWatcher } from './config-watcher'
import { Controller } from './controller'
import type { ControllerEvent } from './events'
import type { TopicConfigs } from './znodes'

interface Member {
  readonly broker: FakeBroker
  readonly client: CoordinationClient
  readonly controller: Controller
}

let directory: string
let platform: Platform
let server: CoordinationServer
let members: Map<number, Member>
let events: ControllerEvent[]
let listeners: Set<() => void>
let sessionTimeoutMs: number

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'controller-'))
  platform = createNodePlatform({ logger: silentLogger })
  server = await startServer(0)
  members = new Map()
  events = []
  listeners = new Set()
  sessionTimeoutMs = 500
})

afterEach(async () => {
  for (const { controller, client } of members.values()) {
    await controller.stop()
    await client.close()
  }
  await server.stop()
  rmSync(directory, { recursive: true, force: true })
})

function startServer(port: number): Promise<CoordinationServer> {
  return CoordinationServer.start({
    platform,
    host: '127.0.0.1',
    port,
    dataDirectory: directory,
    tickTimeMs: 50,
    syncWrites: false,
  })
}

async function openSession(name: string): Promise<CoordinationClient> {
  const client = new CoordinationClient({
    platform,
    host: '127.0.0.1',
    port: server.port,
    sessionTimeoutMs,
    name,
  })
  const connected = new Promise<void>((resolve) => client.on('connected', resolve))
  client.connect()
  await connected
  return client
}

async function startBroker(id: number): Promise<FakeBroker> {
  const client = await openSession(`broker-${id}`)
  await ensureClusterPaths(client)
  const broker = new FakeBroker(id)
  const controller = new Controller({
    platform,
    brokerId: id,
    coordination: () => client,
    connectTo: (live) =>
      members.get(live.id)?.broker.connect() ?? { close: () => undefined, request: () => Promise.reject(new Error('gone')) },
    config: { autoLeaderRebalanceEnable: false },
  })
  controller.onDidEvent((event) => {
    events.push(event)
    for (const listener of [...listeners]) listener()
  })
  members.set(id, { broker, client, controller })
  const { clock } = platform
  await registerBroker({
    session: client,
    clock,
    logger: silentLogger,
    broker: { id, host: '127.0.0.1', port: 9000 + id, rack: null },
    timeoutMs: 5000,
  })
  await controller.start()
  return broker
}

/** Nothing is flushed and nobody is told: its session runs out. */
function kill(id: number): void {
  const member = members.get(id)!
  members.delete(id)
  member.controller.onSessionExpired()
  member.client.abandon()
}

function untilEvent(isWanted: (event: ControllerEvent) => boolean): Promise<ControllerEvent> {
  return new Promise((resolve) => {
    const check = () => {
      const found = events.find(isWanted)
      if (found === undefined) return
      listeners.delete(check)
      resolve(found)
    }
    listeners.add(check)
    check()
  })
}

const active = () => [...members.values()].find(({ controller }) => controller.isActive)!.controller
const elected = (epoch: number) => untilEvent((event) => event.type === 'controller-elected' && event.controllerEpoch === epoch)
/** The controller has so many brokers in its books, and has said so to the first. */
const known = (count: number) =>
  members.get(1)!.broker.until((told) => told.api === 'UpdateMetadata' && told.body.liveBrokers?.length === count)

describe('over a real coordination server', () => {
  it('elects, creates, survives the death of the controller and of leaders, and takes the dead back', async () => {
    for (const id of [1, 2, 3]) await startBroker(id)
    await elected(1)
    await known(3)
    const [created] = await active().createTopics([{ name: 't', partitionCount: 6, replicationFactor: 3 }], 5000)
    expect(created?.errorCode).toBe(ErrorCode.NONE)
    const before = [0, 1, 2, 3, 4, 5].map((partition) => members.get(3)!.broker.lastMetadata('t', partition)!)
    kill(1)
    await elected(2)
    await untilEvent((event) => event.type === 'leaders-elected')
    await members.get(3)!.broker.until((told) => told.api === 'LeaderAndIsr' && told.body.controllerEpoch === 2)
    for (const [partition, { leader, leaderEpoch = -1 }] of before.entries()) {
      const state = members.get(3)!.broker.lastLeaderAndIsr('t', partition)
      expect(state?.isr).not.toContain(1)
      expect(state?.leaderEpoch).toBe(leader === 1 ? leaderEpoch + 1 : leaderEpoch)
    }
    const returned = await startBroker(1)
    await returned.until((told) => told.api === 'LeaderAndIsr')
    expect(returned.lastLeaderAndIsr('t', 0)?.leader).not.toBe(1)
    expect((await active().deleteTopics(['t'], 5000))[0]?.errorCode).toBe(ErrorCode.NONE)
    await untilEvent((event) => event.type === 'topic-deleted')
    const session = members.get(1)!.client
    expect(await session.exists('/brokers/topics/t')).toBe(null)
    expect((await session.getChildren('/admin/delete_topics'))?.children).toEqual([])
  }, 15_000)

  it('has told the brokers of a thousand new leaders within a few hundred milliseconds of work after a death', async () => {
    // All of a cluster on one thread is busy for longer than a short session would allow; so the session is ended, not waited out.
    sessionTimeoutMs = 10_000
    for (const id of [1, 2, 3]) await startBroker(id)
    await elected(1)
    await known(3)
    const assignments = Array.from({ length: 1000 }, (_, partition) => ({ partition, brokerIds: [3, 1, 2] }))
    await active().createTopics([{ name: 'wide', partitionCount: -1, replicationFactor: -1, assignments }], 10_000)
    const dead = members.get(3)!
    members.delete(3)
    await dead.controller.stop()
    const before = process.cpuUsage()
    await dead.client.close()
    const event = await untilEvent(({ type }) => type === 'leaders-elected')
    if (event.type !== 'leaders-elected') throw new Error('not the event that was waited for')
    expect(event.changes).toHaveLength(1000)
    // Processor time of all three brokers and the coordination server together: the wall clock depends on who else uses the machine.
    const { user, system } = process.cpuUsage(before)
    expect((user + system) / 1000).toBeLessThan(600)
    await members.get(2)!.broker.until((told) => told.api === 'UpdateMetadata' && told.body.liveBrokers?.length === 2)
    expect(members.get(2)!.broker.lastLeaderAndIsr('wide', 999)).toMatchObject({ leader: 1, leaderEpoch: 1, isr: [1, 2] })
  }, 20_000)

  it('goes on over a restart of the coordination server, within the sessions', async () => {
    sessionTimeoutMs = 10_000
    for (const id of [1, 2]) await startBroker(id)
    await elected(1)
    await known(2)
    const { port } = server
    await server.stop()
    const asked = active().createTopics([{ name: 'meanwhile', partitionCount: 1, replicationFactor: 2 }], 10_000)
    server = await startServer(port)
    expect((await asked)[0]?.errorCode).toBe(ErrorCode.NONE)
    expect(active().controllerEpoch).toBe(1)
  }, 15_000)

  it('gives brokers the cluster id, producer ids and the changes of configurations', async () => {
    await startBroker(1)
    await elected(1)
    const session = members.get(1)!.client
    const other = await openSession('other')
    const [first, second] = await Promise.all([
      ensureClusterId(session, platform.random),
      ensureClusterId(other, platform.random),
    ])
    expect(first).toBe(second)
    const blocks = await Promise.all([allocateProducerIds(session, 1), allocateProducerIds(other, 2)])
    expect(blocks.map(({ firstProducerId }) => firstProducerId).sort()).toEqual([0n, 1000n])
    const watcher = new ConfigWatcher(other, silentLogger)
    await watcher.start()
    const changed = new Promise<[string, TopicConfigs]>((resolve) =>
      watcher.onDidChange((topic, configs) => resolve([topic, configs])),
    )
    await active().createTopics([{ name: 'c', partitionCount: 1, replicationFactor: 1, configs: { 'retention.ms': '7' } }], 5000)
    expect(await changed).toEqual(['c', { 'retention.ms': '7' }])
    watcher.stop()
    await other.close()
  }, 15_000)
})
