/**
 * A world that is put together by hand, for tests of checkers: brokers with a real memory disk and replicas whose state the test writes as it likes,
 * coordination as transactions that the test makes up, and connections on which it sends what it wants. Whatever is wrong in it, the test has put there.
 */
import { dirname } from 'node:path/posix'
import { OpCode } from '../../../jute/op-codes'
import type { Txn } from '../../../jute/transaction-records'
import { JuteWriter } from '../../../jute/writer'
import type { LeaderState, ReplicaState } from '../../../replication/core/types'
import { writeRequestHeader, writeResponseHeader } from '../../../wire/headers'
import { type BatchOptions, encodeBatch } from '../../../wire/records'
import type { Api, Encodable } from '../../../wire/schema'
import { Writer } from '../../../wire/writer'
import { MemoryDisk } from '../../memory-disk'
import { SeededRandom } from '../seeded-random'
import type { Send } from '../sim-network'
import { COORDINATION_HOST, COORDINATION_PORT, type SimBroker } from '../world'
import type { Checker, World } from './checker'
import { ClusterView, setView } from './cluster-view'
import type { EngineSight, LogSight, ReplicaSight } from './engine-sight'

export const TOPIC_ID = 'AAAAAAAAAAAAAAAAAAAAAQ'
const DIRECTORY = '/data/t-0'
const BROKER_ROUTE = { connectionId: 9, serverPort: 9001, toHost: '10.0.0.1' }
const CORRELATION_ID = 5

/** Replica 0 of topic t on one broker. */
export class HandMadeReplica implements ReplicaSight {
  readonly topic = 't'
  readonly partition = 0
  readonly topicId = TOPIC_ID
  state: ReplicaState
  readonly log: { -readonly [K in keyof LogSight]: LogSight[K] }

  constructor(readonly broker: HandMadeBroker) {
    this.state = {
      role: 'follower',
      localBrokerId: broker.machine.id,
      leaderId: -1,
      controllerEpoch: -1,
      leaderEpoch: -1,
      partitionEpoch: -1,
      replicas: [],
      highWatermark: 0,
    }
    const { topic, partition, topicId } = this
    this.log = { topic, partition, topicId, logStartOffset: 0, logEndOffset: 0, recoveryPoint: 0, epochEntries: [] }
  }

  get path(): string {
    return `${DIRECTORY}/00000000000000000000.log`
  }

  follow(leaderId: number, leaderEpoch: number): void {
    const { localBrokerId, ...known } = this.state
    const highWatermark = 'highWatermark' in known ? known.highWatermark : 0
    this.state = {
      ...{ role: 'follower', localBrokerId, leaderId, controllerEpoch: 1, leaderEpoch },
      ...{ partitionEpoch: leaderEpoch, replicas: [1, 2, 3], highWatermark },
    } as ReplicaState
  }

  lead(leaderEpoch: number, isr: readonly number[]): void {
    this.follow(this.state.localBrokerId, leaderEpoch)
    this.state = { ...this.state, role: 'leader', isr: { kind: 'committed', isr } } as LeaderState
  }

  set highWatermark(offset: number) {
    if (this.state.role !== 'offline') this.state.highWatermark = offset
  }

  /** One batch of `values`, at the log end. */
  append(leaderEpoch: number, values: readonly string[] = ['v'], options: Partial<BatchOptions> = {}): void {
    const { log } = this
    const records = values.map((value) => ({ timestamp: 0n, key: null, value: Buffer.from(value), headers: [] }))
    const bytes = encodeBatch({ records, baseOffset: log.logEndOffset, partitionLeaderEpoch: leaderEpoch, ...options })
    this.write(bytes)
    log.logEndOffset += values.length
    if ((log.epochEntries.at(-1)?.epoch ?? -1) < leaderEpoch)
      log.epochEntries = [...log.epochEntries, { epoch: leaderEpoch, startOffset: log.logEndOffset - values.length }]
  }

  /** Takes `bytes` of the file off its end. */
  cut(logEndOffset: number, size: number): void {
    const file = this.broker.machine.disk.open(this.path, 'write')
    file.truncate(size)
    file.close()
    this.log.logEndOffset = logEndOffset
    this.log.epochEntries = this.log.epochEntries.filter(({ startOffset }) => startOffset < logEndOffset)
  }

  get size(): number {
    return this.broker.machine.disk.peek(this.path)?.length ?? 0
  }

  sync(): void {
    const file = this.broker.machine.disk.open(this.path, 'write')
    file.syncNow()
    file.close()
  }

  write(bytes: Uint8Array): void {
    const { disk } = this.broker.machine
    disk.makeDirectory(DIRECTORY)
    const file = disk.open(this.path, 'create')
    file.write(bytes, file.size())
    file.close()
  }
}

export class HandMadeBroker implements EngineSight {
  readonly machine: SimBroker
  controllerEpoch: number | null = null
  replica: HandMadeReplica

  constructor(id: number) {
    const disk = new MemoryDisk({ random: new SeededRandom(1, `disk ${id}`) })
    this.machine = {
      id,
      name: `broker-${id}`,
      disk,
      dataDirectory: '/data',
      broker: this,
      process: {},
      host: `10.0.0.${id}`,
    } as unknown as SimBroker
    this.replica = new HandMadeReplica(this)
  }

  get logs(): LogSight[] {
    return [this.replica.log]
  }

  get replicas(): ReadonlyMap<string, ReadonlyMap<number, ReplicaSight>> {
    return new Map([['t', new Map([[0, this.replica]])]])
  }

  /** A new incarnation, which finds its log at `logEndOffset`. */
  restart(logEndOffset: number): void {
    const { epochEntries, recoveryPoint } = this.replica.log
    this.replica = new HandMadeReplica(this)
    this.replica.log.logEndOffset = logEndOffset
    this.replica.log.epochEntries = epochEntries.filter(({ startOffset }) => startOffset < logEndOffset)
    this.replica.log.recoveryPoint = Math.min(recoveryPoint, logEndOffset)
    this.machine.process = {} as SimBroker['process']
    this.machine.broker = Object.create(this) as NonNullable<SimBroker['broker']>
  }
}

type DiskListener = Parameters<World['onDidChangeDisk']>[0]

export class HandMadeWorld {
  nowMs = 1000
  readonly brokers: readonly HandMadeBroker[]
  readonly view: ClusterView
  readonly world: World
  readonly counts: string[] = []
  private readonly checkers: Checker[]
  private readonly diskListeners: DiskListener[] = []
  private readonly sendListeners: ((send: Send) => void)[] = []
  private zxid = 0n

  constructor(makers: readonly ((world: World) => Checker)[], brokerCount = 3) {
    this.brokers = Array.from({ length: brokerCount }, (_, index) => new HandMadeBroker(index + 1))
    const hand = this
    this.world = {
      get nowMs() {
        return hand.nowMs
      },
      config: { brokerConfigs: {} },
      brokers: new Map(this.brokers.map(({ machine }) => [machine.id, machine])),
      coordination: { server: null, host: COORDINATION_HOST, process: { incarnation: 1 } },
      trace: { isOn: false, line: () => undefined },
      count: (name: string) => this.counts.push(name),
      onDidChangeDisk: (listener: DiskListener) => this.diskListeners.push(listener),
      onDidSend: (listener: (send: Send) => void) => this.sendListeners.push(listener),
    } as unknown as World
    this.view = new ClusterView(this.world, (broker) => broker as unknown as EngineSight)
    setView(this.world, this.view)
    this.checkers = makers.map((make) => make(this.world))
  }

  /** The process of the broker cuts its log file; whether it lives to tell is another thing. */
  tellCut(id: number): void {
    for (const listener of this.diskListeners) listener(this.broker(id).machine, 'truncate', this.replica(id).path)
  }

  /** The process of the broker drops its log, and the folder waits under another name to be removed. */
  tellDrop(id: number): void {
    const folder = `${dirname(this.replica(id).path)}.0-delete`
    for (const listener of this.diskListeners) listener(this.broker(id).machine, 'rename', folder)
  }

  broker(id: number): HandMadeBroker {
    return this.brokers[id - 1] as HandMadeBroker
  }

  replica(id: number): HandMadeReplica {
    return this.broker(id).replica
  }

  /** An event of one broker, or of coordination, is over. */
  step(id: number | 'coordination'): void {
    const name = id === 'coordination' ? id : `broker-${id}`
    const event = { atMs: this.nowMs, what: 'test', process: { name, isAlive: true } } as never
    for (const checker of this.checkers) checker.afterEvent?.(event)
  }

  atEnd(): void {
    for (const checker of this.checkers) void checker.atEnd?.()
  }

  apply(txn: Txn, clientId = 7n, cxid = 1): void {
    this.view.stored.apply({ clientId, cxid, zxid: ++this.zxid, time: 0, type: txn.type }, txn)
  }

  skipZxid(): void {
    this.zxid++
  }

  create(path: string, data: string, isEphemeral = false, clientId = 7n): void {
    this.apply(
      { type: OpCode.CREATE, path, data: Buffer.from(data), acl: [], ephemeral: isEphemeral, parentCVersion: 0 },
      clientId,
    )
  }

  /** The topic with replicas 1, 2 and 3, and the first controller. */
  createTopic(): void {
    for (const path of ['/brokers', '/brokers/topics', '/config', '/config/topics']) this.create(path, '')
    this.create('/controller_epoch', '1')
    this.create('/brokers/topics/t', JSON.stringify({ topic_id: TOPIC_ID, partitions: { 0: [1, 2, 3] } }))
    this.create('/brokers/topics/t/partitions', '')
    this.create('/brokers/topics/t/partitions/0', '')
  }

  /** The controller of `controllerEpoch` writes the partition's state. */
  writeState(leader: number, leaderEpoch: number, isr: readonly number[], { controllerEpoch = 1, isFenced = true } = {}): void {
    const path = '/brokers/topics/t/partitions/0/state'
    const data = Buffer.from(JSON.stringify({ controller_epoch: controllerEpoch, leader, leader_epoch: leaderEpoch, isr }))
    const node = this.view.stored.state.tree.get(path)
    const write: Txn =
      node === undefined
        ? { type: OpCode.CREATE, path, data, acl: [], ephemeral: false, parentCVersion: 0 }
        : { type: OpCode.SET_DATA, path, data, version: node.version + 1 }
    const check: Txn = { type: OpCode.CHECK, path: '/controller_epoch', version: 0 }
    this.apply({ type: OpCode.MULTI, txns: isFenced ? [check, write] : [write] })
  }

  /** Bytes on a connection, framed. */
  send(send: Partial<Send>, ...frames: readonly Uint8Array[]): void {
    const bytes = Buffer.concat(frames.flatMap((frame) => [Buffer.from(Uint32Array.of(frame.length).buffer).swap32(), frame]))
    const whole = {
      ...{
        connectionId: 1,
        serverPort: COORDINATION_PORT,
        isFromOpener: false,
        toHost: COORDINATION_HOST,
        from: { name: 'client' },
      },
      ...send,
      bytes,
    }
    for (const listener of this.sendListeners) listener(whole as Send)
  }

  /** A request to broker 1. */
  ask<Request, Response>(api: Api<Request, Response>, version: number, request: Encodable<Request>): void {
    const writer = new Writer()
    writeRequestHeader(writer, api.requestHeaderVersion(version), {
      ...{ apiKey: api.key, apiVersion: version, correlationId: CORRELATION_ID, clientId: 'test' },
    })
    api.request.encode(writer, request, version)
    this.send({ ...BROKER_ROUTE, isFromOpener: true }, writer.bytes())
  }

  /** Its answer to the last one. */
  answer<Request, Response>(api: Api<Request, Response>, version: number, response: Encodable<Response>): void {
    const writer = new Writer()
    writeResponseHeader(writer, api.responseHeaderVersion(version), CORRELATION_ID)
    api.response.encode(writer, response, version)
    this.send({ ...BROKER_ROUTE, from: { name: 'broker-1' } as never }, writer.bytes())
  }

  /** A client of coordination that has a session. */
  connect(connectionId = 1): HandMadeClient {
    return new HandMadeClient(this, connectionId)
  }
}

export class HandMadeClient {
  constructor(
    private readonly hand: HandMadeWorld,
    private readonly connectionId: number,
  ) {
    hand.send({ connectionId, isFromOpener: true }, Buffer.alloc(44))
    hand.send({ connectionId }, Buffer.alloc(37))
  }

  asks(xid: number, type: number, write: (writer: JuteWriter) => void = () => undefined): void {
    const writer = new JuteWriter()
    writer.int(xid)
    writer.int(type)
    write(writer)
    this.hand.send({ connectionId: this.connectionId, isFromOpener: true }, Buffer.from(writer.bytes()))
  }

  isTold(xid: number, zxid: bigint, write: (writer: JuteWriter) => void = () => undefined): void {
    const writer = new JuteWriter()
    writer.int(xid)
    writer.long(zxid)
    writer.int(0)
    write(writer)
    this.hand.send({ connectionId: this.connectionId }, Buffer.from(writer.bytes()))
  }

  /** 1: created, 2: deleted, 3: data changed, 4: children changed. */
  hasEvent(type: number, path: string): void {
    this.isTold(-1, -1n, (writer) => {
      writer.int(type)
      writer.int(3)
      writer.ustring(path)
    })
  }
}

/** The rule that `action` finds broken, or null. */
export function brokenBy(action: () => void): string | null {
  try {
    action()
    return null
  } catch (error) {
    const { invariant } = error as { invariant?: string }
    if (invariant === undefined) throw error
    return invariant
  }
}
