/** The host with real worker threads, sockets and files: what a person does to brokers, and what the view and the timeline then say. */
import { existsSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HostKit } from './testing/host-kit'

describe('a cluster of three brokers', () => {
  const kit = new HostKit()
  const acknowledged: string[] = []

  async function produce(count: number): Promise<void> {
    const values = Array.from({ length: count }, (_, index) => `value ${acknowledged.length + index}`)
    await kit.produce('orders', values, 0)
    acknowledged.push(...values)
  }

  beforeAll(async () => {
    await kit.start()
    await kit.createTopic('orders', 3, 3, { 'min.insync.replicas': '2' })
  })
  afterAll(() => kit.dispose())

  it('shows brokers, controller, topic and partitions as they are', async () => {
    await produce(10)
    await kit.untilWhole()
    await kit.until('the high watermark is in the view', () => kit.partition('orders').highWatermark === 10)
    const view = kit.view()
    expect(view).toMatchObject({ state: 'running', reason: null, topicCount: 1, partitionCount: 3, notices: [] })
    expect(view.bootstrapServers.split(',')).toEqual(view.brokers.map(({ host, port }) => `${host}:${port}`))
    expect(view.brokers.map(({ id, replicaCount }) => [id, replicaCount])).toEqual([
      [1, 3],
      [2, 3],
      [3, 3],
    ])
    expect(view.brokers.reduce((sum, broker) => sum + broker.leaderCount, 0)).toBe(3)
    expect(view.brokers.filter((broker) => broker.isController).map(({ id }) => id)).toEqual([view.controllerId])
    expect(view.coordination).toMatchObject({ state: 'running', reason: null })
    expect(view.coordination.sessionCount).toBeGreaterThanOrEqual(3)
    const [topic] = kit.cluster.topics()
    expect(topic).toMatchObject({ name: 'orders', partitionCount: 3, replicationFactor: 3, messageCount: 10, isInternal: false })
    expect(kit.partition('orders')).toMatchObject({ partition: 0, minInSyncReplicas: 2, logStartOffset: 0, logEndOffset: 10 })
    expect(kit.event('topic-created')).toMatchObject({ title: 'Topic orders created', topic: 'orders', actor: 'client' })
  })

  it('elects other leaders when a broker is killed, ties it to the kill, and takes it back when it is started', async () => {
    const victim = kit.partition('orders').leader ?? -1
    const other = kit.cluster.partitions('orders').filter((partition) => partition.leader === victim).length
    await kit.cluster.killBroker(victim)
    expect(kit.broker(victim)).toMatchObject({ state: 'killed', reason: null })
    await produce(5)
    await kit.until('no partition is led by the victim', () =>
      kit.cluster.partitions('orders').every(({ leader }) => leader !== victim && leader !== null),
    )
    await kit.until('the ISR is without it', () => kit.cluster.partitions('orders').every(({ isr }) => !isr.includes(victim)))
    expect(kit.view()).toMatchObject({ underReplicatedCount: 3, offlineCount: 0 })
    expect(kit.broker(victim)).toMatchObject({ isRegistered: false, leaderCount: 0 })
    expect(kit.partition('orders')).toMatchObject({ previousLeader: victim })
    const kill = kit.event('broker-killed', victim)
    expect(kill).toMatchObject({ kind: 'cause', actor: 'you', title: `Broker ${victim} killed`, severity: 'error' })
    for (const type of ['session-expired', 'leaders-elected', 'isr-shrunk']) {
      const effect = await kit.until(`${type} is told`, () => kit.event(type))
      expect(effect, type).toMatchObject({ kind: 'effect', causeId: kill?.id })
    }
    expect(kit.event('leaders-elected')?.title).toBe(
      `${other} partition${other === 1 ? ' elected a new leader' : 's elected new leaders'}`,
    )

    await kit.cluster.startBroker(victim)
    await kit.untilWhole()
    const started = kit.event('broker-started', victim)
    expect(started).toMatchObject({ kind: 'cause', title: `Broker ${victim} started` })
    expect(kit.event('isr-expanded')).toMatchObject({ kind: 'effect', causeId: started?.id })
    expect(await kit.readAll('orders')).toEqual(acknowledged)
  })

  it('hands leaderships over before a broker stops, and leaves a clean marker', async () => {
    const leader = kit.partition('orders').leader ?? -1
    await kit.cluster.stopBroker(leader)
    expect(kit.broker(leader)).toMatchObject({ state: 'stopped', reason: null })
    expect(existsSync(join(kit.directory, 'brokers', `broker-${leader}`, '.kafka_cleanshutdown'))).toBe(true)
    await kit.until('others lead', () =>
      kit.cluster.partitions('orders').every(({ leader: now }) => now !== leader && now !== null),
    )
    const stop = kit.event('broker-stopped', leader)
    expect(kit.event('leaders-elected')).toMatchObject({ causeId: stop?.id })
    // It said goodbye: nobody had to wait for its session to expire.
    expect(kit.event('session-expired', leader)?.causeId).not.toBe(stop?.id)
    await produce(5)
    await kit.cluster.startBroker(leader)
    expect(existsSync(join(kit.directory, 'brokers', `broker-${leader}`, '.kafka_cleanshutdown'))).toBe(false)
    await kit.untilWhole()
    expect(await kit.readAll('orders')).toEqual(acknowledged)
  })

  it('takes connections to a frozen broker and answers none, fences it, and lets it rejoin', async () => {
    const leader = kit.partition('orders').leader ?? -1
    const { port } = kit.broker(leader)
    kit.cluster.freezeBroker(leader)
    expect(kit.broker(leader).state).toBe('frozen')
    const socket = connect(port, '127.0.0.1')
    let received = 0
    socket.on('data', (data) => {
      received += data.length
    })
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject))
    // ApiVersions version 0, correlation id 7, no client id.
    socket.write(Buffer.from([0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 7, 0xff, 0xff]))
    await kit.until('others lead', () =>
      kit.cluster.partitions('orders').every(({ leader: now }) => now !== leader && now !== null),
    )
    await produce(5)
    expect(received).toBe(0)
    expect(kit.event('session-expired', leader)).toMatchObject({ causeId: kit.event('broker-frozen', leader)?.id })
    await expect(kit.cluster.stopBroker(leader)).rejects.toMatchObject({
      code: 'BROKER_STATE',
      message: expect.stringContaining('resume it first'),
    })
    kit.cluster.resumeBroker(leader)
    await new Promise<void>((resolve) => socket.once('data', () => resolve()))
    socket.destroy()
    await kit.untilWhole()
    expect(await kit.readAll('orders')).toEqual(acknowledged)
    expect(kit.event('broker-resumed', leader)).toMatchObject({ kind: 'cause' })
  })

  it('kills a frozen broker', async () => {
    kit.cluster.freezeBroker(2)
    await kit.cluster.killBroker(2)
    expect(kit.broker(2).state).toBe('killed')
    await kit.cluster.startBroker(2)
    await kit.untilWhole()
  })

  it('answers commands that come at the wrong time with what is wrong, and is never stuck', async () => {
    const { cluster } = kit
    expect(() => cluster.resumeBroker(1)).toThrow('Broker 1 is running: it cannot resume. It is not frozen.')
    await expect(cluster.startBroker(1)).rejects.toThrow('Broker 1 is running: it cannot start. It is not down.')
    await expect(cluster.killBroker(9)).rejects.toThrow('There is no broker 9. This cluster has 1, 2, 3.')

    const stop = cluster.stopBroker(1)
    await expect(cluster.stopBroker(1)).rejects.toThrow('Broker 1 is stopping: it cannot stop. It is on its way down already.')
    await expect(cluster.startBroker(1)).rejects.toThrow(
      'Broker 1 is stopping: it cannot start. Its thread is still ending; try again.',
    )
    expect(() => cluster.freezeBroker(1)).toThrow('Broker 1 is stopping: it cannot freeze.')
    await stop
    await expect(cluster.stopBroker(1)).rejects.toThrow('Broker 1 is stopped: it cannot stop. It is down already.')
    await expect(cluster.killBroker(1)).rejects.toThrow('Broker 1 is stopped: it cannot kill. It is down already.')

    const start = cluster.startBroker(1)
    await expect(cluster.startBroker(1)).rejects.toThrow('Broker 1 is starting: it cannot start. It is not down.')
    const refused = expect(start).rejects.toMatchObject({ kind: 'cancelled', message: 'Broker 1 was killed before it served.' })
    await cluster.killBroker(1)
    await refused
    expect(kit.broker(1).state).toBe('killed')

    // Stopped while it starts: it starts, and then stops.
    const again = expect(cluster.startBroker(1)).rejects.toThrow('Broker 1 was stopped before it served.')
    await cluster.stopBroker(1)
    await again
    expect(kit.broker(1).state).toBe('stopped')

    // Killed while it stops.
    await cluster.startBroker(1)
    const slow = expect(cluster.stopBroker(1)).rejects.toThrow('Broker 1 did not stop cleanly. It was killed meanwhile.')
    await cluster.killBroker(1)
    await slow
    await cluster.startBroker(1)
    await kit.untilWhole()
  })

  it('adds brokers, each with an id and a port of its own, and removes them with their data', async () => {
    const added = await Promise.all([kit.cluster.addBroker(), kit.cluster.addBroker()])
    expect(added).toEqual([4, 5])
    await kit.untilWhole()
    expect(new Set(kit.view().brokers.map(({ port }) => port)).size).toBe(5)
    expect(kit.event('broker-added', 4)).toMatchObject({ title: 'Broker 4 added' })
    await kit.createTopic('only-here', 5, 1)
    await kit.produce('only-here', ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'], null)
    const led = kit.cluster.partitions('only-here').find(({ leader }) => leader === 4)
    await expect(kit.cluster.removeBroker(4)).rejects.toMatchObject({
      code: 'WOULD_LOSE_DATA',
      message: expect.stringContaining(`only-here-${led?.partition}`),
    })
    expect(kit.broker(4).state).toBe('running')
    await kit.cluster.removeBroker(5).catch((error: Error) => expect(error.message).toContain('only-here'))
    const { Admin } = await import('../engine/client')
    await new Admin(kit.client).deleteTopic('only-here')
    await kit.until('the topic is gone', () => kit.cluster.topics().length === 1)
    await Promise.all([kit.cluster.removeBroker(4), kit.cluster.removeBroker(5)])
    expect(kit.view().brokers.map(({ id }) => id)).toEqual([1, 2, 3])
    expect(existsSync(join(kit.directory, 'brokers', 'broker-4'))).toBe(false)
    expect(await kit.cluster.addBroker()).toBe(6)
    const twice = await Promise.allSettled([kit.cluster.removeBroker(6), kit.cluster.removeBroker(6)])
    expect(twice).toMatchObject([{ status: 'fulfilled' }, { status: 'rejected', reason: { code: 'UNKNOWN_BROKER' } }])
    await kit.untilWhole()
  })

  it('does not count a killed broker that the ISR still names as a copy', async () => {
    await kit.createTopic('two', 1, 2)
    const [first, second] = kit.partition('two').isr
    await kit.cluster.killBroker(second ?? -1)
    await expect(kit.cluster.removeBroker(first ?? -1)).rejects.toMatchObject({ code: 'WOULD_LOSE_DATA' })
    await kit.cluster.startBroker(second ?? -1)
    await kit.untilWhole()
  })

  it('says that partitions are offline when every broker is killed, and is whole again when they are back', async () => {
    await produce(5)
    await Promise.all([1, 2, 3].map((id) => kit.cluster.killBroker(id)))
    await kit.until('nothing has a leader', () => kit.view().offlineCount === kit.view().partitionCount)
    // Each stays registered until its own session has ended.
    await kit.until('nobody is registered', () => kit.view().brokers.every(({ isRegistered }) => !isRegistered))
    expect(kit.view()).toMatchObject({ state: 'running', controllerId: null })
    await Promise.all([1, 2, 3].map((id) => kit.cluster.startBroker(id)))
    await kit.untilWhole()
    expect(await kit.readAll('orders')).toEqual(acknowledged)
  })

  it('keeps everything over a restart of the app, on the same ports', async () => {
    await produce(5)
    const { clusterId } = kit.view()
    await kit.stop()
    for (const id of [1, 2, 3])
      expect(existsSync(join(kit.directory, 'brokers', `broker-${id}`, '.kafka_cleanshutdown'))).toBe(true)
    expect(existsSync(join(kit.directory, '.lock'))).toBe(false)
    await kit.start()
    await kit.untilWhole()
    expect(kit.view().clusterId).toBe(clusterId)
    expect(kit.view().notices).toEqual([])
    expect(kit.cluster.topics().map(({ name }) => name)).toEqual(['orders', 'two'])
    expect(await kit.readAll('orders')).toEqual(acknowledged)
  })
})
