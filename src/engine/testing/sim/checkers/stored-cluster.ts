/**
 * What coordination has been told, transaction by transaction: a copy of its state that follows the server's own, so that each transaction can be looked
 * at with the state before and after it. Notes transactions while the server applies them and works them off after the event: nothing is thrown into
 * engine code. Tells listeners of transactions, of partition states written, and of restarts. Part of ClusterView.
 */
import { CoordinationState, type TreeChange } from '../../../coordination/coordination-state'
import { decodeSnapshot, encodeSnapshot } from '../../../coordination/snapshot-file'
import { OpCode } from '../../../jute/op-codes'
import type { Txn, TxnHeader } from '../../../jute/transaction-records'
import type { SimCoordination, World } from '../world'
import type { ClusterView } from './cluster-view'
import type { PartitionHistory, StoredState } from './partition-history'

export interface StoredTransaction {
  readonly header: TxnHeader
  readonly txn: Txn
  /** Empty when `before` listeners are called. */
  readonly changes: readonly TreeChange[]
}

export interface StateWrite {
  readonly history: PartitionHistory
  readonly before: StoredState | null
  readonly after: StoredState
  readonly transaction: StoredTransaction
}

/** A partition as its topic's znode has it. */
export interface StoredAssignment {
  readonly topic: string
  readonly topicId: string
  readonly partition: number
  readonly replicas: readonly number[]
  readonly onTheirWay: readonly number[]
}

type Server = NonNullable<SimCoordination['server']>

export const STATE_PATH = /^\/brokers\/topics\/([^/]+)\/partitions\/(\d+)\/state$/
const TOPIC_PATH = /^\/brokers\/topics\/([^/]+)$/
const TOPICS = '/brokers/topics'
const CONTROLLER_EPOCH = '/controller_epoch'

export class StoredCluster {
  /** As the server's is after its last transaction. */
  state = new CoordinationState()
  server: Server | null = null
  /** Transactions since coordination was last seen to be equal to this copy. */
  private readonly noted: { readonly header: TxnHeader; readonly txn: Txn }[] = []
  private readonly beforeListeners: ((transaction: StoredTransaction) => void)[] = []
  private readonly afterListeners: ((transaction: StoredTransaction) => void)[] = []
  private readonly stateListeners: ((write: StateWrite) => void)[] = []
  private readonly serverListeners: ((server: Server, isFirst: boolean) => void)[] = []
  private readonly topicIds = new Map<string, string | null>()

  constructor(
    private readonly world: World,
    private readonly view: ClusterView,
  ) {}

  /** With the state as it is before the transaction. */
  onWillApply(listener: (transaction: StoredTransaction) => void): void {
    this.beforeListeners.push(listener)
  }

  onDidApply(listener: (transaction: StoredTransaction) => void): void {
    this.afterListeners.push(listener)
  }

  onDidWriteState(listener: (write: StateWrite) => void): void {
    this.stateListeners.push(listener)
  }

  /** A server has started. Its state is not yet this copy. */
  onDidStart(listener: (server: Server, isFirst: boolean) => void): void {
    this.serverListeners.push(listener)
  }

  afterEvent(): void {
    this.workOff()
    const { server } = this.world.coordination
    if (server === null || server === this.server) return
    this.begin(server)
  }

  /** What the previous server did in its last event. */
  workOff(): void {
    if (this.noted.length === 0) return
    for (const { header, txn } of this.noted.splice(0)) this.apply(header, txn)
  }

  controllerEpoch(): number {
    const data = this.state.tree.get(CONTROLLER_EPOCH)?.data
    return data == null ? 0 : Number(data.toString())
  }

  isBeingDeleted(topic: string): boolean {
    return (
      this.state.tree.get(`/admin/delete_topics/${topic}`) !== undefined ||
      this.state.tree.get(`/brokers/topics/${topic}`) === undefined
    )
  }

  topicConfig(topic: string, name: string): string | null {
    const config = jsonOf(this.state.tree.get(`/config/topics/${topic}`)?.data)?.['config'] as Record<string, unknown> | undefined
    const value = config?.[name]
    return typeof value === 'string' ? value : null
  }

  replicasOf(topic: string, partition: number): readonly number[] {
    const partitions = jsonOf(this.state.tree.get(`/brokers/topics/${topic}`)?.data)?.['partitions'] as
      | Record<string, readonly number[]>
      | undefined
    return partitions?.[String(partition)] ?? []
  }

  /** Of all partitions of all topics. `onTheirWay`: replicas that are being added or removed, or that a removal has left behind. */
  *assignments(): IterableIterator<StoredAssignment> {
    for (const topic of this.state.tree.get(TOPICS)?.children ?? []) {
      const json = jsonOf(this.state.tree.get(`${TOPICS}/${topic}`)?.data)
      const lists = (field: string) => (json?.[field] ?? {}) as Record<string, readonly number[]>
      const moving = ['adding_replicas', 'removing_replicas', 'stray_replicas'].map(lists)
      for (const [partition, replicas] of Object.entries(lists('partitions'))) {
        const onTheirWay = moving.flatMap((list) => list[partition] ?? [])
        yield { topic, topicId: stringOf(json?.['topic_id']) ?? '', partition: Number(partition), replicas, onTheirWay }
      }
    }
  }

  /** What was not answered may be forgotten by a restart: what is known from here on is what `state` holds. */
  private reset(state: CoordinationState): void {
    this.state = decodeSnapshot(encodeSnapshot(state), state.lastZxid)
    for (const history of this.view.allHistories()) {
      const path = `/brokers/topics/${history.topic}/partitions/${history.partition}/state`
      if (this.topicIds.get(history.topic) === history.topicId) history.revertTo(storedState(this.state, path))
      for (const [epoch, { zxid }] of history.elected) if (zxid > state.lastZxid) history.elected.delete(epoch)
    }
  }

  /** Applies what a server is about to apply, or would have. */
  apply(header: TxnHeader, txn: Txn): void {
    for (const listener of this.beforeListeners) listener({ header, txn, changes: [] })
    const changes: TreeChange[] = []
    this.state.apply(header, txn, changes)
    const transaction = { header, txn, changes }
    for (const change of changes) this.noteChange(change, transaction)
    for (const listener of this.afterListeners) listener(transaction)
  }

  private begin(server: Server): void {
    const isFirst = this.server === null
    this.server = server
    for (const listener of this.serverListeners) listener(server, isFirst)
    const state = server['state']
    if (isFirst || state.lastZxid !== this.state.lastZxid) this.reset(state)
    const apply = state.apply.bind(state)
    state.apply = (header, txn, changes) => {
      this.noted.push({ header, txn: copyOf(txn) })
      return apply(header, txn, changes)
    }
  }

  private noteChange({ kind, path }: TreeChange, transaction: StoredTransaction): void {
    const state = STATE_PATH.exec(path)
    if (state !== null) return this.noteState(state[1] as string, Number(state[2]), kind, path, transaction)
    const topic = TOPIC_PATH.exec(path)?.[1]
    if (topic === undefined) return
    if (kind === 'deleted') this.noteDeletion(topic)
    else this.topicIds.set(topic, stringOf(jsonOf(this.state.tree.get(path)?.data)?.['topic_id']))
  }

  private noteState(
    topic: string,
    partition: number,
    kind: TreeChange['kind'],
    path: string,
    transaction: StoredTransaction,
  ): void {
    const history = this.view.history(topic, partition, this.topicIds.get(topic) ?? null)
    const before = history.stored
    history.stored = kind === 'deleted' ? null : storedState(this.state, path)
    if (history.stored === null) return
    for (const listener of this.stateListeners) listener({ history, before, after: history.stored, transaction })
  }

  private noteDeletion(topic: string): void {
    const topicId = this.topicIds.get(topic) ?? null
    for (const history of this.view.allHistories())
      if (history.topic === topic && history.topicId === topicId) history.deletedAtMs = this.world.nowMs
  }
}

function storedState({ tree }: CoordinationState, path: string): StoredState | null {
  const node = tree.get(path)
  const json = jsonOf(node?.data)
  if (node === undefined || json === null) return null
  return {
    leader: Number(json['leader']),
    leaderEpoch: Number(json['leader_epoch']),
    isr: json['isr'] as readonly number[],
    controllerEpoch: Number(json['controller_epoch']),
    version: node.version,
  }
}

/** A transaction's bytes are views on a packet that is gone when it is looked at. */
function copyOf(txn: Txn): Txn {
  if (txn.type === OpCode.MULTI) return { ...txn, txns: txn.txns.map(copyOf) }
  return 'data' in txn && txn.data !== null ? { ...txn, data: Buffer.from(txn.data) } : txn
}

export function jsonOf(data: Uint8Array | null | undefined): Record<string, unknown> | null {
  if (data == null || data.length === 0) return null
  try {
    const value: unknown = JSON.parse(Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString())
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null
  } catch {
    return null
  }
}

function stringOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}
