import { describe, expect, it } from 'vitest'
import { seededRandom } from '../testing/controller-kit'
import { FakeCoordination } from '../testing/fake-coordination'
import { allocateProducerIds, ensureClusterId, ensureClusterPaths, newUuid, nextBrokerId } from './cluster-identity'
import { PERSISTENT_PATHS } from './znodes'

async function newService() {
  const service = new FakeCoordination()
  await ensureClusterPaths(service.openSession())
  return service
}

describe('what a cluster has once', () => {
  it('is the same paths however many brokers make them', async () => {
    const service = new FakeCoordination()
    await ensureClusterPaths(service.openSession())
    const before = service.writes.length
    await ensureClusterPaths(service.openSession())
    expect(PERSISTENT_PATHS.every((path) => service.has(path))).toBe(true)
    expect(service.writes.length).toBe(before)
  })

  it('is one cluster id, whoever asks first', async () => {
    const service = await newService()
    const ids = await Promise.all([1, 2, 3].map((seed) => ensureClusterId(service.openSession(), seededRandom(seed))))
    expect(new Set(ids).size).toBe(1)
    expect(ids[0]).toMatch(/^[\w-]{22}$/)
    expect(service.json('/cluster/id')).toEqual({ version: '1', id: ids[0] })
  })

  it('keeps the id that a data directory has already', async () => {
    const service = await newService()
    expect(await ensureClusterId(service.openSession(), seededRandom(1), 'older')).toBe('older')
  })

  it('gives every broker that is added an id of its own', async () => {
    const service = await newService()
    const session = service.openSession()
    expect([await nextBrokerId(session, 3), await nextBrokerId(session, 3)]).toEqual([4, 5])
  })

  it('gives producer ids out in blocks that do not overlap, also over lost replies', async () => {
    const service = await newService()
    const lossy = service.openSession()
    lossy.loseNextReply()
    const blocks = await Promise.all([
      allocateProducerIds(service.openSession(), 1),
      allocateProducerIds(service.openSession(), 2),
      allocateProducerIds(lossy, 3),
    ])
    const firsts = blocks.map(({ firstProducerId }) => firstProducerId)
    expect(new Set(firsts).size).toBe(3)
    expect(blocks.every(({ firstProducerId, size }) => firstProducerId % 1000n === 0n && size === 1000)).toBe(true)
    expect(service.json('/latest_producer_id_block')).toMatchObject({ version: 1 })
  })
})

describe('a new uuid', () => {
  it('is a random one of version 4 that never looks like an option', () => {
    const random = seededRandom(7)
    for (let count = 0; count < 500; count++) {
      const uuid = newUuid(random)
      expect(uuid).toMatch(/^[A-Za-z0-9_][\w-]{21}$/)
      const bytes = Buffer.from(uuid, 'base64url')
      expect(bytes[6]! >> 4).toBe(4)
      expect(bytes[8]! >> 6).toBe(2)
    }
  })
})
