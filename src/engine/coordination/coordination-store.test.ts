import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CreateFlag, OpCode } from '../jute/op-codes'
import type { Txn } from '../jute/transaction-records'
import type { Random } from '../platform/random'
import { MemoryDisk } from '../testing/memory-disk'
import { RecordingLogger, seededRandom } from '../testing/storage-kit'
import { OPEN_ACL } from './access'
import type { CoordinationState } from './coordination-state'
import { CoordinationDataError, CoordinationStore } from './coordination-store'
import { KeeperError } from './keeper-error'
import { prepare, prepareMulti } from './preparation'
import { decodeSnapshot, encodeSnapshot } from './snapshot-file'

const directory = '/coordination'

function open(disk: MemoryDisk, snapshotIntervalTxns = 1000): { store: CoordinationStore; logger: RecordingLogger } {
  const logger = new RecordingLogger()
  return { store: CoordinationStore.open({ disk, random: seededRandom(7), logger, directory, snapshotIntervalTxns }), logger }
}

/** Everything that a client could ever see of a state. */
function describeState(state: CoordinationState): unknown {
  const nodes = [...state.tree.entries()].map(([path, { children, data, ...rest }]) => [
    path,
    data?.toString('hex'),
    [...(children ?? [])].sort(),
    rest,
  ])
  return {
    lastZxid: state.lastZxid,
    sessions: [...state.sessions].sort(),
    nodes: nodes.sort(([a], [b]) => String(a).localeCompare(String(b))),
  }
}

function apply(store: CoordinationStore, sessionId: bigint, txn: Txn): void {
  const { state } = store
  const header = { clientId: sessionId, cxid: 0, zxid: state.lastZxid + 1n, time: 1000 + Number(state.lastZxid), type: txn.type }
  state.apply(header, txn, [])
  store.add(header, txn)
}

/** One random change; what is refused becomes an error transaction, as in the server. */
function change(store: CoordinationStore, random: Random): void {
  const { state } = store
  const path = Array.from({ length: 1 + random.below(3) }, () => `/${'abc'[random.below(3)]}`).join('')
  const sessionId = BigInt(1 + random.below(4))
  const requester = { sessionId, identities: [] }
  const flags = [CreateFlag.PERSISTENT, CreateFlag.EPHEMERAL, CreateFlag.PERSISTENT_SEQUENTIAL, CreateFlag.EPHEMERAL_SEQUENTIAL][
    random.below(4)
  ] as number
  const create = { path, data: random.below(5) === 0 ? null : random.bytes(random.below(40)), acl: OPEN_ACL, flags }
  try {
    switch (random.below(8)) {
      case 0:
        return apply(store, sessionId, { type: OpCode.CREATE_SESSION, timeOut: 1000 + random.below(1000) })
      case 1:
        return apply(store, sessionId, { type: OpCode.CLOSE_SESSION, paths2Delete: [...state.tree.ephemeralsOf(sessionId)] })
      case 2:
        return apply(store, sessionId, prepare(state, requester, { type: OpCode.DELETE, path, version: -1 }))
      case 3:
        return apply(
          store,
          sessionId,
          prepare(state, requester, { type: OpCode.SET_DATA, path, data: random.bytes(9), version: -1 }),
        )
      case 4:
        return apply(
          store,
          sessionId,
          prepareMulti(state, requester, [
            { type: OpCode.CREATE, ...create },
            { type: OpCode.SET_DATA, path: '/a', data: null, version: -1 },
          ]),
        )
      case 5:
        return apply(store, sessionId, prepare(state, requester, { type: OpCode.CREATE_CONTAINER, ...create }))
      default:
        return apply(store, sessionId, prepare(state, requester, { type: OpCode.CREATE2, ...create }))
    }
  } catch (error) {
    if (!(error instanceof KeeperError)) throw error
    apply(store, sessionId, { type: OpCode.ERROR, err: error.code })
  }
}

describe('a coordination store', () => {
  it('opened again has the state it was closed with, over any number of logs and snapshots', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({ min: 1, max: 60 }),
        fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 6 }),
        (seed, snapshotIntervalTxns, lives) => {
          const random = seededRandom(seed)
          const disk = new MemoryDisk({ random })
          for (const changes of lives) {
            const { store } = open(disk, snapshotIntervalTxns)
            for (let count = 0; count < changes; count++) {
              change(store, random)
              store.writeOut()
              store.maybeTakeSnapshot()
            }
            const before = describeState(store.state)
            store.close()
            expect(describeState(open(disk, snapshotIntervalTxns).store.state)).toEqual(before)
          }
        },
      ),
      { numRuns: 60 },
    )
  })

  it('has all that was synced after a loss of power, and of the rest a beginning', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), fc.integer({ min: 3, max: 40 }), async (seed, snapshotIntervalTxns) => {
        const random = seededRandom(seed)
        const disk = new MemoryDisk({ random })
        for (let life = 0; life < 4; life++) {
          const { store } = open(disk, snapshotIntervalTxns)
          const states = new Map<bigint, unknown>([[store.state.lastZxid, describeState(store.state)]])
          let synced = store.state.lastZxid
          for (let batch = random.below(12); batch > 0; batch--) {
            for (let count = 1 + random.below(4); count > 0; count--) {
              change(store, random)
              states.set(store.state.lastZxid, describeState(store.state))
            }
            store.writeOut()
            if (batch > 1) {
              await store.sync()
              synced = store.state.lastZxid
              store.maybeTakeSnapshot()
            }
          }
          disk.crash()
          const recovered = open(disk, snapshotIntervalTxns).store.state
          expect(recovered.lastZxid).toBeGreaterThanOrEqual(synced)
          expect(describeState(recovered)).toEqual(states.get(recovered.lastZxid))
        }
      }),
      { numRuns: 60 },
    )
  })

  it('cuts off a torn tail, says so, and goes on behind it', () => {
    const disk = new MemoryDisk({ random: seededRandom(1) })
    const first = open(disk).store
    for (let count = 0; count < 10; count++) change(first, seededRandom(count))
    first.close()
    const [log] = disk.list(`${directory}/version-2`).filter(({ name }) => name.startsWith('log.'))
    const path = `${directory}/version-2/${log?.name}`
    const file = disk.open(path, 'write')
    file.truncate(file.size() - 3)
    file.close()
    const { store, logger } = open(disk)
    expect(store.state.lastZxid).toBe(9n)
    expect(logger.problems.map(({ message }) => message)).toEqual(['The tail of a coordination log was torn and is cut off'])
    change(store, seededRandom(99))
    const before = describeState(store.state)
    store.close()
    const again = open(disk)
    expect(describeState(again.store.state)).toEqual(before)
    expect(again.logger.problems).toEqual([])
  })

  it('uses an older snapshot where the newest is damaged', () => {
    const disk = new MemoryDisk({ random: seededRandom(1) })
    const { store } = open(disk)
    for (let count = 0; count < 30; count++) {
      change(store, seededRandom(count))
      if (count === 9 || count === 19) store.takeSnapshot()
    }
    const before = describeState(store.state)
    store.close()
    const file = disk.open(`${directory}/version-2/snapshot.14`, 'write')
    file.write(Buffer.of(1, 2, 3), 40)
    file.close()
    const { store: recovered, logger } = open(disk)
    expect(describeState(recovered.state)).toEqual(before)
    expect(logger.problems).toHaveLength(1)
  })

  it('keeps two snapshots and the logs behind the older one', () => {
    const disk = new MemoryDisk({ random: seededRandom(1) })
    const { store } = open(disk, 10)
    for (let count = 0; count < 55; count++) {
      change(store, seededRandom(count))
      store.maybeTakeSnapshot()
    }
    store.close()
    const names = disk.list(`${directory}/version-2`).map(({ name }) => name)
    expect(names).toEqual(['log.29', 'log.33', 'snapshot.28', 'snapshot.32'])
  })

  it('refuses to start where a damaged log has a successor: acknowledged changes would be lost', () => {
    const disk = new MemoryDisk({ random: seededRandom(1) })
    const { store } = open(disk)
    for (let count = 0; count < 20; count++) {
      change(store, seededRandom(count))
      if (count === 9) store.takeSnapshot()
    }
    store.close()
    const folder = `${directory}/version-2`
    disk.removeFile(`${folder}/snapshot.a`)
    const file = disk.open(`${folder}/log.1`, 'write')
    file.write(Buffer.of(0x55), 60)
    file.close()
    expect(() => open(disk)).toThrow(CoordinationDataError)
  })

  it('keeps the secret of the sessions', () => {
    const disk = new MemoryDisk({ random: seededRandom(1) })
    const first = open(disk).store
    first.close()
    expect(open(disk).store.secret).toEqual(first.secret)
  })
})

describe('a snapshot', () => {
  it('is refused when any byte of it is changed', () => {
    const disk = new MemoryDisk({ random: seededRandom(1) })
    const { store } = open(disk)
    for (let count = 0; count < 40; count++) change(store, seededRandom(count))
    const bytes = encodeSnapshot(store.state)
    expect(describeState(decodeSnapshot(bytes, store.state.lastZxid))).toEqual(describeState(store.state))
    fc.assert(
      fc.property(fc.nat({ max: bytes.length - 1 - 5 }), fc.integer({ min: 1, max: 255 }), (position, flip) => {
        const damaged = Buffer.from(bytes)
        damaged[position] = (damaged[position] as number) ^ flip
        expect(() => decodeSnapshot(damaged, store.state.lastZxid)).toThrow()
      }),
    )
  })
})
