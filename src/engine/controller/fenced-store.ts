/**
 * The active controller's only way to write. Every multi starts with a check of /controller_epoch's version: a controller that has been
 * replaced, and does not know it yet, can change nothing (it gets {@link ControllerMovedError}). Large writes go as several multis of
 * at most half a megabyte, all under way at once; each is atomic, all of them together are not.
 *
 * Partition states are written with the expected znode version. Where somebody else has written in between the write is taken back, and the caller
 * gets what is there now.
 */
import { assert } from '../../shared/lang/assert'
import { failedOperation, failureName, type MultiOp, type SteadyCoordination } from './coordination-port'
import { ControllerMovedError } from './errors'
import { NO_LEADER, type PartitionState } from './types'
import { CONTROLLER_EPOCH, decodeState, encodeState, partitionPath, partitionsPath, type StateZnode, statePath } from './znodes'

export interface StateWrite {
  readonly topic: string
  readonly partition: number
  /** Written if the znode's version is the one before `state.partitionEpoch`. */
  readonly state: PartitionState
}

export interface StateConflict<W extends StateWrite> {
  readonly write: W
  /** What is there instead; null if there is nothing. */
  readonly actual: StateZnode | null
}

export interface StateWriteResult<W extends StateWrite> {
  readonly written: readonly W[]
  readonly conflicts: readonly StateConflict<W>[]
}

const MULTI_BYTES_MAX = 512 * 1024
/** Headers, lengths and ACLs of one operation on the wire, generously. */
const OPERATION_OVERHEAD_BYTES = 64

export class FencedStore {
  constructor(
    readonly coordination: SteadyCoordination,
    readonly controllerEpoch: number,
    /** Of /controller_epoch, as this controller wrote it. */
    private readonly epochVersion: number,
  ) {}

  /** One atomic write. Rejects with ControllerMovedError, or as the operation at fault does. */
  async multi(ops: readonly MultiOp[]): Promise<void> {
    // Version -1 would be right for whoever is in office.
    assert(this.epochVersion >= 0, 'controller writes are fenced by the controller epoch')
    const check: MultiOp = { type: 'check', path: CONTROLLER_EPOCH, version: this.epochVersion }
    try {
      await this.coordination.multi([check, ...ops])
    } catch (error) {
      if (failureName(error) === 'BADVERSION' && (await this.isFenced(error)))
        throw new ControllerMovedError(undefined, { cause: error })
      throw error
    }
  }

  /** One write in as many multis as it takes, in order: what comes first is there first. Groups are never torn apart. */
  async multiInOrder(groups: readonly (readonly MultiOp[])[]): Promise<void> {
    for (const chunk of chunked(groups, bytesOf)) await this.multi(chunk.flat())
  }

  /** State znodes that are there already. */
  async updateStates<W extends StateWrite>(writes: readonly W[]): Promise<StateWriteResult<W>> {
    const results = await Promise.all(
      chunked(writes, (write) => bytesOf([this.updateOf(write)])).map((chunk) => this.updateChunk(chunk)),
    )
    return merge(results)
  }

  /** State znodes of new partitions, with their parents. One that is there already is a conflict. */
  async createStates<W extends StateWrite>(writes: readonly W[]): Promise<StateWriteResult<W>> {
    const chunks = chunked(writes, (write) => bytesOf(this.creationOf(write, new Set())))
    const results = await Promise.all(chunks.map((chunk) => this.createChunk(chunk)))
    return merge(results)
  }

  /** `zxid`: of the transaction that wrote it. */
  async readState(topic: string, partition: number): Promise<(StateZnode & { readonly zxid: number }) | null> {
    const found = await this.coordination.getData(statePath(topic, partition))
    const state = found === null ? null : decodeState(found.data, found.stat.version)
    return found === null || state === null ? null : { ...state, zxid: Number(found.stat.mzxid) }
  }

  private async updateChunk<W extends StateWrite>(chunk: readonly W[]): Promise<StateWriteResult<W>> {
    const results: StateWriteResult<W>[] = []
    for (let remaining = chunk; remaining.length > 0; ) {
      try {
        await this.multi(remaining.map((write) => this.updateOf(write)))
        results.push({ written: remaining, conflicts: [] })
        break
      } catch (error) {
        const name = failureName(error)
        if (name !== 'BADVERSION' && name !== 'NONODE') throw error
        const sorted = await this.compare(remaining)
        results.push(sorted)
        remaining = sorted.unwritten
      }
    }
    return merge(results)
  }

  private async createChunk<W extends StateWrite>(chunk: readonly W[]): Promise<StateWriteResult<W>> {
    const results: StateWriteResult<W>[] = []
    try {
      const topics = new Set<string>()
      await this.multi(chunk.flatMap((write) => this.creationOf(write, topics)))
      return { written: chunk, conflicts: [] }
    } catch (error) {
      const name = failureName(error)
      if (name !== 'NODEEXISTS' && name !== 'NONODE') throw error
    }
    // A controller before this one has made a part of them, or a repeated write all. Parents hold nothing, so they need no fence.
    await Promise.all(chunk.map(({ topic, partition }) => this.coordination.ensurePath(partitionPath(topic, partition))))
    for (let remaining = chunk; remaining.length > 0; ) {
      const sorted = await this.compare(remaining)
      results.push(sorted)
      remaining = sorted.unwritten
      if (remaining.length === 0) break
      try {
        await this.multi(remaining.map((write) => this.stateCreationOf(write)))
        results.push({ written: remaining, conflicts: [] })
        break
      } catch (error) {
        if (failureName(error) !== 'NODEEXISTS') throw error
      }
    }
    return merge(results)
  }

  /** After a refused write: which of them are there after all (a repeated write), which have met another's, and which can be tried again. */
  private async compare<W extends StateWrite>(
    writes: readonly W[],
  ): Promise<StateWriteResult<W> & { readonly unwritten: readonly W[] }> {
    const written: W[] = []
    const conflicts: StateConflict<W>[] = []
    const unwritten: W[] = []
    const found = await Promise.all(writes.map(({ topic, partition }) => this.readState(topic, partition)))
    for (const [index, write] of writes.entries()) {
      const actual = found[index] ?? null
      if (actual !== null && actual.controllerEpoch > this.controllerEpoch) throw new ControllerMovedError()
      if (actual !== null && isWhatWasWritten(actual, write.state, this.controllerEpoch)) written.push(write)
      else if (isStillExpected(actual, write.state)) unwritten.push(write)
      else conflicts.push({ write, actual })
    }
    return { written, conflicts, unwritten }
  }

  private updateOf({ topic, partition, state }: StateWrite): MultiOp {
    checkMembers(state)
    // Nothing was read where the epoch is the first one, and version -1 would be right whatever is there.
    assert(state.partitionEpoch > 0, "a partition's state is written over the version that was read")
    const data = encodeState(state, this.controllerEpoch)
    return { type: 'setData', path: statePath(topic, partition), data, version: state.partitionEpoch - 1 }
  }

  private stateCreationOf({ topic, partition, state }: StateWrite): MultiOp {
    checkMembers(state)
    return { type: 'create', path: statePath(topic, partition), data: encodeState(state, this.controllerEpoch) }
  }

  private creationOf(write: StateWrite, topicsBegun: Set<string>): MultiOp[] {
    const { topic, partition } = write
    const ops: MultiOp[] = []
    // Partition 0 is always there first: partitions are only ever added behind it.
    if (partition === 0 && !topicsBegun.has(topic)) ops.push({ type: 'create', path: partitionsPath(topic), data: '' })
    topicsBegun.add(topic)
    ops.push({ type: 'create', path: partitionPath(topic, partition), data: '' }, this.stateCreationOf(write))
    return ops
  }

  /** Whether it was the check of the epoch that failed. */
  private async isFenced(error: unknown): Promise<boolean> {
    const index = failedOperation(error)
    if (index >= 0) return index === 0
    const epoch = await this.coordination.exists(CONTROLLER_EPOCH)
    return epoch?.version !== this.epochVersion
  }
}

function checkMembers({ isr, leader }: PartitionState): void {
  assert(isr.length > 0, 'the ISR is a subset of the replicas and never empty')
  assert(leader === NO_LEADER || isr.includes(leader), 'a leader is in its own ISR')
}

function isWhatWasWritten({ state, controllerEpoch }: StateZnode, wanted: PartitionState, ownEpoch: number): boolean {
  return (
    controllerEpoch === ownEpoch &&
    state.partitionEpoch === wanted.partitionEpoch &&
    state.leader === wanted.leader &&
    state.leaderEpoch === wanted.leaderEpoch &&
    state.isr.join() === wanted.isr.join()
  )
}

function isStillExpected(actual: StateZnode | null, wanted: PartitionState): boolean {
  return wanted.partitionEpoch === 0 ? actual === null : actual?.state.partitionEpoch === wanted.partitionEpoch - 1
}

function bytesOf(ops: readonly MultiOp[]): number {
  let bytes = 0
  for (const op of ops) bytes += OPERATION_OVERHEAD_BYTES + op.path.length + ('data' in op ? Buffer.byteLength(op.data) : 0)
  return bytes
}

function chunked<T>(items: readonly T[], sizeOf: (item: T) => number): T[][] {
  const chunks: T[][] = []
  let current: T[] = []
  let bytes = 0
  for (const item of items) {
    const size = sizeOf(item)
    if (current.length > 0 && bytes + size > MULTI_BYTES_MAX) {
      chunks.push(current)
      current = []
      bytes = 0
    }
    current.push(item)
    bytes += size
  }
  if (current.length > 0) chunks.push(current)
  return chunks
}

function merge<W extends StateWrite>(results: readonly StateWriteResult<W>[]): StateWriteResult<W> {
  return { written: results.flatMap(({ written }) => written), conflicts: results.flatMap(({ conflicts }) => conflicts) }
}
