/** What befalls a cluster from outside or from within: workers that die, folders that are broken, ports and folders that are another's. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { Cluster } from './cluster'
import { HostKit } from './testing/host-kit'
import { MortalWorkers } from './testing/mortal-workers'

describe('workers that die by themselves', () => {
  const workers = new MortalWorkers()
  const kit = new HostKit({ workerDirectory: workers.directory })
  const brokerDirectory = (id: number) => join(kit.directory, 'brokers', `broker-${id}`)

  beforeAll(async () => {
    await kit.start()
    await kit.createTopic('orders', 3, 3, { 'min.insync.replicas': '2' })
    await kit.produce('orders', ['a', 'b'])
  })
  afterAll(async () => {
    await kit.dispose()
    workers.dispose()
  })

  it('shows a crashed broker with its reason, and the rest goes on', async () => {
    const victim = kit.partition('orders').leader ?? -1
    workers.die(brokerDirectory(victim), 'planted in a broker')
    await kit.untilState(victim, 'crashed')
    expect(kit.broker(victim)).toMatchObject({ reason: 'planted in a broker', connectionCount: 0 })
    const crash = kit.event('broker-crashed', victim)
    expect(crash).toMatchObject({ kind: 'cause', actor: 'auto', severity: 'error', detail: 'planted in a broker' })
    await kit.produce('orders', ['c'])
    const elected = await kit.until('leaders are elected', () => kit.event('leaders-elected'))
    expect(elected.causeId).toBe(crash?.id)
    expect(kit.view().state).toBe('running')
    expect(kit.logged.some(({ level, message }) => level === 'error' && message.includes('planted in a broker'))).toBe(true)
    expect(readFileSync(join(kit.directory, 'logs', 'cluster.log'), 'utf8')).toContain('planted in a broker')
    await kit.cluster.startBroker(victim)
    await kit.untilWhole()
    expect(kit.broker(victim).reason).toBeNull()
  })

  it('starts the coordination service again when it dies, and brokers and clients notice nothing', async () => {
    const { port } = kit.view().coordination
    const epochs = kit.cluster.partitions('orders').map(({ leaderEpoch }) => leaderEpoch)
    workers.die(join(kit.directory, 'coordination'), 'planted in coordination')
    await kit.until('its death is told', () => kit.event('coordination-crashed'))
    expect(kit.event('coordination-crashed')?.detail).toBe('planted in coordination')
    await kit.until('it is back', () => kit.event('coordination-restarted'))
    expect(kit.view().coordination).toMatchObject({ state: 'running', port, reason: null })
    await kit.produce('orders', ['d'])
    await kit.until('every broker has a session again', () => kit.view().coordination.sessionCount >= 3)
    // It answers, not only stands there: this needs the controller's session and writes.
    await kit.createTopic('afterwards', 1, 3)
    expect(kit.view().brokers.map(({ state }) => state)).toEqual(['running', 'running', 'running'])
    expect(kit.cluster.partitions('orders').map(({ leaderEpoch }) => leaderEpoch)).toEqual(epochs)
    await kit.untilWhole()
    expect(await kit.readAll('orders')).toEqual(['a', 'b', 'c', 'd'])
  })
})

describe('what stands in the way of a start', () => {
  let kit: HostKit | null = null
  const servers: Server[] = []

  async function takenPort(): Promise<number> {
    const server = createServer()
    servers.push(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return (server.address() as AddressInfo).port
  }

  afterEach(async () => {
    await kit?.dispose()
    kit = null
    for (const server of servers.splice(0)) server.close()
  })

  it('names a broken meta.properties, lets the other brokers serve, and the mended one start', async () => {
    kit = new HostKit({ brokerCount: 2 })
    await kit.start()
    await kit.stop()
    const path = join(kit.directory, 'brokers', 'broker-1', 'meta.properties')
    const good = readFileSync(path)
    writeFileSync(path, 'version=0\nbroker.id=seven\n')
    const cluster = kit.open()
    await expect(cluster.whenServing()).rejects.toMatchObject({ kind: 'expected', code: 'BROKER_START_FAILED' })
    expect(kit.view().state).toBe('running')
    expect(kit.broker(2).state).toBe('running')
    expect(kit.broker(1)).toMatchObject({ state: 'crashed', reason: expect.stringContaining('meta.properties') })
    writeFileSync(path, good)
    await cluster.startBroker(1)
    await kit.untilWhole()
  })

  it('fails with the reason where no broker can start, and runs once one could', async () => {
    kit = new HostKit({ brokerCount: 1 })
    const folder = join(kit.directory, 'brokers', 'broker-1')
    mkdirSync(dirname(folder), { recursive: true })
    writeFileSync(folder, 'a file where a folder should be')
    const cluster = kit.open()
    await expect(cluster.whenServing()).rejects.toThrow()
    expect(kit.view()).toMatchObject({ state: 'failed', reason: expect.stringContaining('broker-1') })
    await expect(cluster.addBroker()).rejects.toThrow('The cluster is failed: it cannot add a broker now.')
    rmSync(folder)
    await cluster.startBroker(1)
    expect(kit.view()).toMatchObject({ state: 'running', reason: null })
    expect(await cluster.addBroker()).toBe(2)
  })

  it('fails where the coordination service cannot start, and ends what it had started', async () => {
    kit = new HostKit({ brokerCount: 1 })
    const cluster = kit.open()
    // Beneath it, before its worker looks: the folder was made by open.
    rmSync(join(kit.directory, 'coordination'), { recursive: true })
    writeFileSync(join(kit.directory, 'coordination'), '')
    await expect(cluster.whenServing()).rejects.toThrow()
    expect(kit.view()).toMatchObject({ state: 'failed', coordination: { state: 'crashed' } })
    expect(kit.view().reason).toBe(kit.view().coordination.reason)
    await kit.stop()
  })

  it('refuses a taken port, or moves to another one and says so', async () => {
    const port = await takenPort()
    kit = new HostKit({ brokerCount: 1, brokerPorts: [port] })
    await expect(kit.start()).rejects.toMatchObject({
      kind: 'expected',
      code: 'PORT_TAKEN',
      message: expect.stringContaining(`Port ${port} for broker 1 is taken`),
    })
    await kit.dispose()
    kit = new HostKit({ brokerCount: 1, brokerPorts: [port], onTakenPort: 'move' })
    await kit.start()
    const moved = kit.broker(1).port
    expect(moved).toBeGreaterThan(port)
    expect(kit.view().notices).toEqual([`Port ${port} is taken. ${moved} is used instead.`])
    await kit.produceOnce()
  })

  it('says whose a port is that is wished for twice', async () => {
    const port = await takenPort()
    servers[0]?.close()
    kit = new HostKit({ brokerCount: 1, brokerPorts: [port], coordinationPort: port })
    await expect(kit.start()).rejects.toThrow(`Port ${port} is wanted for broker 1 and for the coordination service.`)
  })

  it('refuses a folder that is in use, and gives it free when it has stopped', async () => {
    kit = new HostKit({ brokerCount: 1 })
    await kit.start()
    expect(() => Cluster.open(kit?.options ?? neverUsed())).toThrow(`is in use by process ${process.pid}`)
    await kit.produceOnce()
    await kit.stop()
    await kit.start()
  })

  it('can be told to stop while it starts, at any moment, and leaves the folder free', async () => {
    kit = new HostKit({ brokerCount: 2 })
    for (const moment of ['at once', 'when coordination serves', 'when a broker starts'] as const) {
      const cluster = kit.open()
      const served = cluster.whenServing().then(
        () => 'served',
        (error: Error) => error.message,
      )
      if (moment === 'when coordination serves') await kit.until(moment, () => cluster.view().coordination.state === 'running')
      if (moment === 'when a broker starts')
        await kit.until(moment, () => cluster.view().brokers.some(({ state }) => state === 'starting'))
      await cluster.stop()
      expect(await served, moment).not.toBe('served')
      expect(cluster.view().state).toBe('stopped')
      expect(cluster.view().brokers.every(({ state }) => state !== 'running' && state !== 'starting')).toBe(true)
    }
    await kit.start()
  })
})

function neverUsed(): never {
  throw new Error('the kit is gone')
}
