/** The coordination server's files, and its sessions: any packets in any pieces, four-letter words, and what a client makes of any answers. */
import { adler32 } from '../../../coordination/adler32'
import { CoordinationClient } from '../../../coordination/coordination-client'
import { CoordinationServer } from '../../../coordination/coordination-server'
import { CoordinationState } from '../../../coordination/coordination-state'
import { CoordinationDataError, CoordinationStore } from '../../../coordination/coordination-store'
import { decodeSnapshot, encodeSnapshot, lastZxidOf, snapshotFileName } from '../../../coordination/snapshot-file'
import { firstZxidOf, readLog } from '../../../coordination/transaction-log-file'
import { OpCode } from '../../../jute/op-codes'
import { JuteError } from '../../../jute/reader'
import { ConnectResponse, GetDataResponse, ReplyHeader, WatcherEvent } from '../../../jute/records'
import { MemoryDisk } from '../../memory-disk'
import { DirectClock, type DirectConnection, DirectNetwork, settle } from '../direct-network'
import { FuzzRandom } from '../fuzz-random'
import { check, type FuzzTarget, orRefused, silentLogger } from '../fuzz-target'
import {
  connectPacket,
  entriesOf,
  logFileOf,
  packetOf,
  plainConnectPacket,
  plainExistsPacket,
  requestPacket,
  transactionEntry,
  transactions,
} from '../generate-jute'
import { mutateBytes } from '../mutations'
import { mutateParts, packParts, unpackParts } from '../parts'

const DIRECTORY = '/coordination'

/** In front of the checksums, or behind them. */
function mutateLog(input: Uint8Array, random: FuzzRandom, other: () => Uint8Array): Buffer {
  const entries = entriesOf(Buffer.from(input))
  if (random.chance(0.4) || entries.length === 0) return mutateBytes(input, random, other)
  const otherEntry = () => {
    const others = entriesOf(Buffer.from(other()))
    return others.length === 0 ? Buffer.alloc(0) : random.pick(others)
  }
  const index = random.below(entries.length)
  const way = random.below(10)
  if (way < 2) entries.splice(index, 1)
  else if (way < 4) entries.splice(index, 0, otherEntry())
  else entries[index] = mutateBytes(entries[index]!, random, otherEntry)
  return logFileOf(entries)
}

/** The checksum stands before the last five bytes, and counts what stands before it. */
const SNAPSHOT_END_BYTES = 13

function mutateSnapshot(input: Uint8Array, random: FuzzRandom, other: () => Uint8Array): Buffer {
  const changed = mutateBytes(input, random, other)
  const end = changed.length - SNAPSHOT_END_BYTES
  if (end >= 0 && random.chance(0.7)) changed.writeBigInt64BE(adler32(changed.subarray(0, end)), end)
  return changed
}

function stateOf(history: ReturnType<typeof transactions>): CoordinationState {
  const state = new CoordinationState()
  for (const { header, txn } of history) state.apply(header, txn, [])
  return state
}

const logFile: FuzzTarget = {
  name: 'coordination/log-file',
  share: 8,
  minimum: 50_000,
  seed: (random) => logFileOf(transactions(random, random.between(0, 12)).map(transactionEntry)),
  mutate: mutateLog,
  run(input) {
    orRefused(() => {
      const { endPosition, tornBytes } = readLog(input, () => undefined)
      check(endPosition + tornBytes <= input.length, 'what is whole and what is torn lie in the file')
    }, JuteError)
  },
}

const snapshotFile: FuzzTarget = {
  name: 'coordination/snapshot-file',
  share: 4,
  minimum: 50_000,
  seed: (random) => Buffer.from(encodeSnapshot(stateOf(transactions(random, random.between(0, 12))))),
  mutate: mutateSnapshot,
  run(input) {
    const state = orRefused(() => decodeSnapshot(input, 12n), JuteError)
    if (state === undefined) return
    const again = decodeSnapshot(Buffer.from(encodeSnapshot(state)), 12n)
    const isSame = again.tree.size === state.tree.size && again.sessions.size === state.sessions.size
    check(isSame, 'a snapshot that was read can be written again')
  },
  allocationMax: (length) => 256 * 1024 + length * 64,
}

/** Five pieces: a name each for the log and the snapshot, the two files, and the secret. */
const store: FuzzTarget = {
  name: 'coordination/store',
  share: 1,
  minimum: 40_000,
  seed(random) {
    const history = transactions(random, random.between(1, 14))
    const split = random.below(history.length)
    return packParts([
      Buffer.from(`log.${(split + 1).toString(16)}`),
      Buffer.from(snapshotFileName(BigInt(split))),
      logFileOf(history.slice(random.chance(0.7) ? split : 0).map(transactionEntry)),
      Buffer.from(encodeSnapshot(stateOf(history.slice(0, split)))),
      random.bytes(32),
    ])
  },
  mutate: (input, random, other) =>
    mutateParts(input, random, other, (part, index, partRandom, otherPart) => {
      if (index === 2) return mutateLog(part, partRandom, otherPart)
      return index === 3 ? mutateSnapshot(part, partRandom, otherPart) : mutateBytes(part, partRandom, otherPart)
    }),
  run(input) {
    const random = FuzzRandom.of('store', input.length)
    const [logName, snapshotName, log, snapshot, secret] = unpackParts(input, 5)
    const disk = new MemoryDisk({ random })
    disk.makeDirectory(`${DIRECTORY}/version-2`)
    const put = (name: string | null, contents: Buffer | undefined) => {
      if (name !== null && contents !== undefined) disk.writeFileAtomic(`${DIRECTORY}/${name}`, contents)
    }
    put(nameIn(logName, firstZxidOf), log)
    put(nameIn(snapshotName, lastZxidOf), snapshot)
    put('session-secret', secret)
    const options = { disk, random, logger: silentLogger, directory: DIRECTORY, snapshotIntervalTxns: 1000 }
    const opened = orRefused(() => CoordinationStore.open(options), CoordinationDataError)
    if (opened === undefined) return
    // What opened can be written to, and gives the same when it is opened again.
    const zxid = opened.state.lastZxid + 1n
    const header = { clientId: 7n, cxid: 0, zxid, time: 1, type: OpCode.CREATE_SESSION }
    opened.state.apply(header, { type: OpCode.CREATE_SESSION, timeOut: 1500 }, [])
    opened.add(header, { type: OpCode.CREATE_SESSION, timeOut: 1500 })
    if (random.chance(0.3)) opened.takeSnapshot()
    opened.close()
    const again = CoordinationStore.open(options)
    const isKept = again.state.lastZxid === zxid && again.state.tree.size === opened.state.tree.size
    check(isKept, 'a store that opened keeps what is written to it')
    check(again.secret.equals(opened.secret), 'the secret of the sessions stays')
    again.close()
  },
  allocationMax: (length) => 1024 * 1024 + length * 64,
}

function nameIn(bytes: Buffer | undefined, zxidOf: (name: string) => bigint | null): string | null {
  const name = bytes?.toString('latin1') ?? ''
  return name.length < 200 && zxidOf(name) !== null ? `version-2/${name}` : null
}

interface Served {
  readonly server: CoordinationServer
  readonly clock: DirectClock
  readonly network: DirectNetwork
  readonly failures: unknown[]
}

async function serve(random: FuzzRandom): Promise<Served> {
  const clock = new DirectClock()
  const network = new DirectNetwork()
  const failures: unknown[] = []
  const server = await CoordinationServer.start({
    platform: { clock, network, disk: new MemoryDisk({ random }), random, logger: silentLogger },
    ...{ host: '127.0.0.1', port: 1, dataDirectory: DIRECTORY, syncWrites: false },
    onFailure: (error) => failures.push(error),
  })
  return { server, clock, network, failures }
}

function talk({ clock, network }: Served, connection: DirectConnection, bytes: Uint8Array, random: FuzzRandom): void {
  for (let at = 0, idle = 0; at < bytes.length && !connection.isDestroyed && idle < 3; ) {
    const taken = connection.deliver(bytes.subarray(at), random)
    at += taken
    idle = taken === 0 ? idle + 1 : 0
    settle(clock, network)
  }
}

const ANSWER_BYTES_MAX = 24 * 1024 * 1024
const CONNECT_ANSWER_BYTES = 41

/** Two clients: the second one comes after the first has done its worst, and must be served as ever. */
function sessionTarget(name: string, share: number, seed: (random: FuzzRandom) => Uint8Array): FuzzTarget {
  return {
    name,
    share,
    minimum: 40_000,
    seed,
    mutate: mutateParts,
    async run(input) {
      const random = FuzzRandom.of('session', input.length, input[input.length - 1] ?? 0)
      const served = await serve(random)
      const first = served.network.accept()
      for (const part of unpackParts(input, 64)) {
        talk(served, first, part, random)
        if (random.chance(0.1)) served.clock.advance(random.pick([100, 700, 2000, 61_000]))
        settle(served.clock, served.network)
      }
      if (served.failures.length > 0) throw served.failures[0]
      check(first.writtenBytes <= ANSWER_BYTES_MAX, 'answers are bounded')
      const second = served.network.accept()
      talk(served, second, Buffer.concat([plainConnectPacket, plainExistsPacket]), random)
      check(second.writtenBytes > CONNECT_ANSWER_BYTES && !second.isDestroyed, 'the next client is served')
      for (const word of ['dump', 'cons', 'wchc', 'wchp', 'mntr']) {
        const asking = served.network.accept()
        talk(served, asking, Buffer.from(word), random)
        check(asking.writtenBytes > 0 && asking.isDestroyed, 'four-letter words are answered')
      }
      await served.server.stop()
      settle(served.clock, served.network)
      if (served.failures.length > 0) throw served.failures[0]
    },
    allocationMax: (length) => 4 * 1024 * 1024 + length * 4096,
  }
}

const session = sessionTarget('coordination/session', 1, (random) =>
  packParts([
    random.chance(0.9) ? plainConnectPacket : connectPacket(random),
    ...Array.from({ length: random.between(1, 8) }, (_, xid) => requestPacket(random, xid + 1)),
  ]),
)

const WORDS = [
  'ruok',
  'isro',
  'srvr',
  'stat',
  'mntr',
  'dump',
  'cons',
  'wchs',
  'wchc',
  'wchp',
  'conf',
  'envi',
  'crst',
  'srst',
  'kill',
]
const fourLetterWords = sessionTarget('coordination/four-letter-words', 1, (random) => {
  const word = () => Buffer.from(`${random.pick(WORDS)}${random.chance(0.3) ? '\r\n' : ''}`)
  return packParts(random.chance(0.3) ? [word(), word()] : [word()])
})

const STAT = {
  ...{ czxid: 1n, mzxid: 1n, ctime: 0, mtime: 0, version: 0, cversion: 0, aversion: 0 },
  ...{ ephemeralOwner: 0n, dataLength: 1, numChildren: 0, pzxid: 1n },
}

function answerPacket(random: FuzzRandom, xid: number): Buffer {
  return packetOf((writer) => {
    const isEvent = random.chance(0.2)
    const err = random.chance(0.8) ? 0 : random.pick([-101, -110, -112, -4])
    ReplyHeader.write(writer, { xid: isEvent ? -1 : xid, zxid: BigInt(xid), err })
    if (isEvent) WatcherEvent.write(writer, { type: random.between(1, 4), state: 3, path: '/a' })
    else if (err === 0) GetDataResponse.write(writer, { data: random.bytes(random.size(100)), stat: STAT })
  })
}

/** A server that answers anything: the client's calls come to an end, and it goes on or ends its session. */
const client: FuzzTarget = {
  name: 'coordination/client',
  share: 1,
  minimum: 40_000,
  seed(random) {
    const timeOut = random.pick([1500, 0, 60_000])
    const connected = { protocolVersion: 0, timeOut, sessionId: 5n, passwd: random.bytes(16), readOnly: false }
    const answers = Array.from({ length: random.between(1, 4) }, (_, index) => answerPacket(random, index + 1))
    return packParts([packetOf((writer) => ConnectResponse.write(writer, connected)), ...answers])
  },
  mutate: mutateParts,
  async run(input) {
    const random = FuzzRandom.of('client', input.length)
    const clock = new DirectClock()
    const network = new DirectNetwork()
    const platform = { clock, network, random, logger: silentLogger, disk: new MemoryDisk({ random }) }
    const coordination = new CoordinationClient({ platform, host: 'h', port: 1, sessionTimeoutMs: 1500, name: 'fuzz' })
    coordination.connect()
    let unsettled = 3
    const end = () => void unsettled--
    coordination.getData('/a').then(end, end)
    coordination.exists('/a').then(end, end)
    coordination.getChildren('/a').then(end, end)
    for (const part of unpackParts(input, 32)) {
      const connection = network.connections.at(-1)!
      if (connection.written.length === 0) connection.open()
      await Promise.resolve()
      connection.deliver(part, random)
      settle(clock, network)
      await Promise.resolve()
      if (connection.isDestroyed) clock.advance(1000)
    }
    // The server may have granted a session of years: giving it up ends all calls.
    coordination.abandon()
    settle(clock, network)
    for (let turn = 0; turn < 8 && unsettled > 0; turn++) await Promise.resolve()
    check(unsettled === 0, 'every call comes to an end, once')
  },
  allocationMax: (length) => 1024 * 1024 + length * 256,
}

export const coordinationTargets: readonly FuzzTarget[] = [logFile, snapshotFile, store, session, fourLetterWords, client]
