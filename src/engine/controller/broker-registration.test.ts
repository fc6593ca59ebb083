import { describe, expect, it } from 'vitest'
import { NodeClock } from '../platform/node/node-clock'
import { silentLogger } from '../testing/controller-kit'
import { FakeCoordination, type FakeSession } from '../testing/fake-coordination'
import { BrokerIdTakenError, registerBroker, SessionLostError, unregisterBroker } from './broker-registration'
import { ensureClusterPaths } from './cluster-identity'

async function newService() {
  const service = new FakeCoordination()
  await ensureClusterPaths(service.openSession())
  return service
}

const register = (session: FakeSession, timeoutMs = 1000, port = 9092) =>
  registerBroker({
    session,
    clock: new NodeClock(),
    logger: silentLogger,
    broker: { id: 1, host: 'h', port, rack: null },
    timeoutMs,
  })

describe('a registration', () => {
  it('is an ephemeral znode whose creation is the epoch, higher every time', async () => {
    const service = await newService()
    const first = service.openSession()
    const epoch = await register(first)
    expect(service.json('/brokers/ids/1')).toMatchObject({ host: 'h', port: 9092, endpoints: ['PLAINTEXT://h:9092'] })
    expect(service.read('/brokers/ids/1')?.stat).toMatchObject({ czxid: BigInt(epoch), ephemeralOwner: first.sessionId })
    await unregisterBroker(first, 1)
    expect(service.has('/brokers/ids/1')).toBe(false)
    expect(await register(first)).toBeGreaterThan(epoch)
  })

  it('waits for the end of the older session of a broker that was killed', async () => {
    const service = await newService()
    const killed = service.openSession()
    const before = await register(killed)
    const registered = register(service.openSession())
    killed.expire()
    expect(await registered).toBeGreaterThan(before)
  })

  it('fails if that does not end, and says who has the id', async () => {
    const service = await newService()
    await register(service.openSession())
    await expect(register(service.openSession(), 20, 9999)).rejects.toThrow(BrokerIdTakenError)
    await expect(register(service.openSession(), 20, 9999)).rejects.toThrow(
      'Broker id 1 is registered by another session (at h:9092)',
    )
  })

  it('waits as long as it takes where the address is its own: nobody else can be there', async () => {
    const service = await newService()
    const killed = service.openSession()
    const before = await register(killed)
    const registered = register(service.openSession(), 0)
    await expect(register(service.openSession(), 0, 9999)).rejects.toThrow(BrokerIdTakenError)
    killed.expire()
    expect(await registered).toBeGreaterThan(before)
  })

  it('does not wait for ever where its own session expires: nothing that it watches would be told to it', async () => {
    const service = await newService()
    await register(service.openSession())
    const waiting = service.openSession()
    const registered = register(waiting, 0)
    // Not before it waits.
    await new Promise((resolve) => setImmediate(resolve))
    waiting.expire()
    await expect(registered).rejects.toThrow(SessionLostError)
  })

  it('is the same when it is asked for twice, or its reply was lost', async () => {
    const service = await newService()
    const session = service.openSession()
    session.loseNextReply()
    const epoch = await register(session)
    expect(await register(session)).toBe(epoch)
  })

  it('is made anew when the address has changed', async () => {
    const service = await newService()
    const session = service.openSession()
    const epoch = await register(session)
    expect(await register(session, 1000, 9999)).toBeGreaterThan(epoch)
    expect(service.json('/brokers/ids/1')).toMatchObject({ port: 9999 })
  })
})
