/**
 * A consumer in a group, as an application's: it joins, reads what it is given from where the group has come to, "works" on each record for as long as it is
 * told, and commits. Can be paused (it stays a member and reads nothing), stopped (it commits and leaves) and killed (nobody is told). Used by the workbench
 * to watch groups with. Records are counted and not handed over.
 */
import { ErrorCode, errorName } from '../../wire/errors'
import { OffsetCommit, OffsetFetch } from '../../wire/messages'
import { type BatchHeader, decodeRecords } from '../../wire/records'
import { ClientError, protocolError } from '../errors'
import type { KafkaClient } from '../kafka-client'
import { earliestOffset, latestOffset, listOffsets } from '../offsets'
import { retrying } from '../retry'
import { CoordinatorLink, GROUP } from '../transaction-coordinator-link'
import type { AssignorName } from './assignors'
import { ClassicMembership } from './classic-membership'
import { ConsumerMembership } from './consumer-membership'
import { GroupFetcher } from './group-fetcher'
import { coordinatorError, type MemberIdentity, type Membership, type MembershipState, Nap } from './membership'
import { grouped, keyOf, type TopicPartition } from './topic-partitions'

export interface GroupConsumerOptions {
  /** For its siblings: the consumer has connections of its own. */
  readonly client: KafkaClient
  readonly clientId: string
  readonly groupId: string
  readonly topics: readonly string[]
  readonly protocol:
    | { readonly type: 'classic'; readonly assignor: AssignorName }
    | { readonly type: 'consumer'; readonly serverAssignor: string | null }
  readonly groupInstanceId: string | null
  /** Where to begin without a committed offset (auto.offset.reset). */
  readonly offsetReset: 'earliest' | 'latest' | 'none'
  /** Null: nothing is ever committed. */
  readonly autoCommitIntervalMs: number | null
  readonly sessionTimeoutMs: number
  /** Work on each record, so that lag builds up. */
  readonly processingMs: number
}

export interface GroupConsumerView {
  readonly state: GroupConsumerState
  readonly memberId: string
  /** Generation of a classic group, epoch of a member of the new protocol; -1, 0: none yet. */
  readonly generation: number
  readonly assignment: readonly {
    readonly topic: string
    readonly partition: number
    readonly position: number | null
    readonly committed: number | null
  }[]
  readonly recordCount: number
  readonly rebalanceCount: number
  readonly lastRebalanceMs: number | null
  readonly error: string | null
}

export type GroupConsumerState = MembershipState | 'stopped' | 'killed' | 'failed'

const heartbeatIntervalMs = 1_000
const rebalanceTimeoutMs = 30_000
const commitTimeoutMs = 5_000
/** Sleeps shorter than this are saved up: a timer is no finer. */
const sleepMs = 10
const idleMs = 50

interface Position {
  readonly topic: string
  readonly partition: number
  /** The next record's. Null until it is known. */
  offset: number | null
  committed: number | null
  leaderEpoch: number
}

export class GroupConsumer {
  private state: GroupConsumerState = 'joining'
  private isPaused = false
  private recordCount = 0
  private rebalanceCount = 0
  private lastRebalanceMs: number | null = null
  private error: string | null = null
  private commitError: string | null = null
  private workDebtMs = 0
  private processingMs: number
  private readonly positions = new Map<string, Position>()
  private readonly membership: Membership
  private readonly member: KafkaClient
  private readonly reader: KafkaClient
  /** For commits: on a connection that is answered in order they would wait behind the member's JoinGroup, or a fetch, and take it along when they time out. */
  private readonly committer: KafkaClient
  private readonly link: CoordinatorLink
  private readonly fetcher: GroupFetcher
  private readonly nap: Nap
  private commitTicker: { cancel(): void } | null = null
  private committing: Promise<void> | null = null

  constructor(
    private readonly options: GroupConsumerOptions,
    private readonly onChange: () => void,
  ) {
    const { client, clientId, groupId, protocol } = options
    this.processingMs = options.processingMs
    this.member = client.sibling(clientId)
    this.reader = client.sibling(clientId)
    this.committer = client.sibling(clientId)
    this.link = new CoordinatorLink(this.committer, GROUP, groupId, () => undefined)
    this.fetcher = new GroupFetcher(this.reader)
    this.nap = new Nap(this.reader)
    const shared = {
      client: this.member,
      groupId,
      topics: options.topics,
      groupInstanceId: options.groupInstanceId,
      sessionTimeoutMs: options.sessionTimeoutMs,
      rebalanceTimeoutMs,
      heartbeatIntervalMs: Math.min(heartbeatIntervalMs, options.sessionTimeoutMs / 3),
      events: {
        onState: (state: MembershipState) => this.become(state),
        onRevoked: (partitions: readonly TopicPartition[]) => this.giveUp(partitions),
        onAssigned: (added: readonly TopicPartition[]) => this.takeOn(added),
        onLost: () => this.lose(),
        onRebalanced: (durationMs: number) => {
          this.rebalanceCount++
          this.lastRebalanceMs = durationMs
        },
        onTrouble: (error: ClientError | null) => this.note(error),
      },
    }
    this.membership =
      protocol.type === 'classic'
        ? new ClassicMembership({ ...shared, assignor: protocol.assignor })
        : new ConsumerMembership({ ...shared, serverAssignor: protocol.serverAssignor })
  }

  /** Until it is stopped, killed, or the group refuses it; never rejects. */
  async run(): Promise<void> {
    const { autoCommitIntervalMs } = this.options
    const { clock } = this.reader.platform
    if (autoCommitIntervalMs !== null)
      this.commitTicker = clock.setTicker(autoCommitIntervalMs, () => void this.tryToCommit([...this.positions.values()]))
    const reading = this.read()
    try {
      await this.membership.run()
    } catch (error) {
      this.fail(error as Error)
    }
    if (!this.hasEnded) this.close('stopped')
    await reading
  }

  setPaused(isPaused: boolean): void {
    this.isPaused = isPaused
    this.onChange()
  }

  /** Of what comes from now on. */
  setProcessingMs(processingMs: number): void {
    this.processingMs = processingMs
    this.workDebtMs = 0
  }

  /** Commits what was read and leaves the group. */
  async stop(): Promise<void> {
    if (this.hasEnded) return
    await this.membership.leave()
    this.close('stopped')
  }

  /** Its connections drop and nothing is said, as when its process dies. */
  kill(): void {
    if (this.hasEnded) return
    this.membership.abandon()
    this.close('killed')
  }

  view(): GroupConsumerView {
    const { memberId, generationIdOrMemberEpoch } = this.membership.identity
    return {
      state: this.state,
      memberId,
      generation: generationIdOrMemberEpoch,
      assignment: [...this.positions.values()].map(({ topic, partition, offset, committed }) => ({
        topic,
        partition,
        position: offset,
        committed,
      })),
      recordCount: this.recordCount,
      rebalanceCount: this.rebalanceCount,
      lastRebalanceMs: this.lastRebalanceMs,
      error: this.error ?? this.commitError,
    }
  }

  private get hasEnded(): boolean {
    return this.state === 'stopped' || this.state === 'killed' || this.state === 'failed'
  }

  private become(state: GroupConsumerState): void {
    if (this.hasEnded || this.state === state) return
    this.state = state
    this.onChange()
  }

  private note(error: ClientError | null): void {
    const text = error === null ? null : `${error.message}. Trying again.`
    if (text === this.error || this.hasEnded) return
    this.error = text
    this.onChange()
  }

  /** Kept apart from other troubles: a heartbeat that is answered says nothing about commits. */
  private noteCommit(error: ClientError | null): void {
    const text = error === null ? null : `${error.message}. Trying again.`
    if (text === this.commitError || this.hasEnded) return
    this.commitError = text
    this.onChange()
  }

  private fail(error: Error): void {
    if (this.hasEnded) return
    this.error = error.message
    this.close('failed')
  }

  private close(state: 'stopped' | 'killed' | 'failed'): void {
    this.state = state
    if (state !== 'failed') this.error = null
    this.commitError = null
    this.positions.clear()
    this.commitTicker?.cancel()
    this.nap.wake()
    this.member.close()
    this.reader.close()
    this.committer.close()
    this.onChange()
  }

  private takeOn(added: readonly TopicPartition[]): void {
    for (const each of added) this.positions.set(keyOf(each), { ...each, offset: null, committed: null, leaderEpoch: -1 })
    this.onChange()
  }

  private async giveUp(partitions: readonly TopicPartition[]): Promise<void> {
    const given = partitions.flatMap((each) => this.positions.get(keyOf(each)) ?? [])
    for (const each of partitions) this.positions.delete(keyOf(each))
    this.onChange()
    if (this.options.autoCommitIntervalMs !== null) await this.tryToCommit(given)
  }

  private lose(): void {
    this.positions.clear()
    this.onChange()
  }

  private async read(): Promise<void> {
    while (!this.hasEnded) {
      try {
        await this.findPositions()
        const ready = [...this.positions.values()].filter(({ offset }) => offset !== null)
        if (this.isPaused || ready.length === 0) {
          await this.nap.wait(idleMs)
          continue
        }
        const asked = ready.map(({ topic, partition, offset }) => ({ topic, partition, offset: offset ?? 0 }))
        const { batches, outOfRange } = await this.fetcher.fetch(asked)
        for (const { topic, partition, header, bytes } of batches) {
          if (this.isPaused || this.hasEnded) break
          const position = this.positions.get(keyOf({ topic, partition }))
          if (position !== undefined) await this.workOn(position, header, bytes)
        }
        for (const each of outOfRange) await this.onOutOfRange(each)
      } catch (error) {
        if (this.hasEnded) return
        if (!(error instanceof ClientError)) {
          this.fail(error as Error)
          this.membership.abandon()
          return
        }
        this.note(error)
        await this.nap.wait(idleMs * 4)
        await this.reader.refresh().catch(() => undefined)
      }
    }
  }

  /** From the group's committed offset, or where auto.offset.reset says; once for each partition that is given to it. */
  private async findPositions(): Promise<void> {
    const unknown = [...this.positions.values()].filter(({ offset }) => offset === null)
    if (unknown.length === 0) return
    const committed = await this.fetchCommitted(unknown)
    const without: Position[] = []
    for (const position of unknown) {
      const found = committed.get(keyOf(position))
      if (found === undefined) without.push(position)
      else Object.assign(position, { offset: found, committed: found })
    }
    await this.resetPositions(without)
    this.onChange()
  }

  private async resetPositions(positions: readonly Position[]): Promise<void> {
    if (positions.length === 0) return
    const { offsetReset } = this.options
    const [first] = positions
    if (offsetReset === 'none')
      throw new ClientError(
        'protocol',
        `${first?.topic}-${first?.partition} has no committed offset and auto.offset.reset is none`,
        false,
      )
    await this.reader.refresh()
    for (const { topic, partitions } of grouped(positions)) {
      const found = await listOffsets(this.reader, topic, partitions, offsetReset === 'earliest' ? earliestOffset : latestOffset)
      for (const partition of partitions) {
        const position = this.positions.get(keyOf({ topic, partition }))
        if (position !== undefined) position.offset = found.get(partition) ?? 0
      }
    }
  }

  private async fetchCommitted(positions: readonly Position[]): Promise<Map<string, number>> {
    const { groupId, protocol } = this.options
    const { memberId, generationIdOrMemberEpoch } = this.membership.identity
    const isNew = protocol.type === 'consumer'
    const topics = grouped(positions).map(({ topic, partitions }) => ({ name: topic, partitionIndexes: [...partitions] }))
    const answer = await this.link.request({
      api: OffsetFetch,
      body: {
        groups: [{ groupId, ...(isNew ? { memberId, memberEpoch: generationIdOrMemberEpoch } : {}), topics }],
        requireStable: true,
      },
      version: isNew ? 9 : 8,
      errorCodeOf: ({ groups }) => coordinatorError(groups[0] ?? { errorCode: 0 }),
      timeoutMs: commitTimeoutMs,
    })
    const [group] = answer.groups
    if (group === undefined || group.errorCode !== ErrorCode.NONE) throw protocolError(group?.errorCode ?? -1)
    const found = new Map<string, number>()
    for (const { name, partitions } of group.topics) {
      for (const { partitionIndex, committedOffset, errorCode } of partitions) {
        if (errorCode !== ErrorCode.NONE) throw protocolError(errorCode)
        if (committedOffset >= 0n) found.set(keyOf({ topic: name, partition: partitionIndex }), Number(committedOffset))
      }
    }
    return found
  }

  private async onOutOfRange({ topic, partition, logStartOffset }: TopicPartition & { logStartOffset: number }): Promise<void> {
    const position = this.positions.get(keyOf({ topic, partition }))
    if (position === undefined) return
    if (position.offset !== null && logStartOffset > position.offset && this.options.offsetReset === 'earliest')
      position.offset = logStartOffset
    else {
      position.offset = null
      await this.resetPositions([position])
    }
  }

  /** Counts the batch's records, or works through them one after the other as long as they are its own. */
  private async workOn(position: Position, header: BatchHeader, bytes: Uint8Array): Promise<void> {
    const { processingMs } = this
    const key = keyOf(position)
    const from = position.offset ?? 0
    position.leaderEpoch = header.partitionLeaderEpoch
    const isPlain = processingMs === 0 && header.baseOffset >= from
    if (header.isControl || isPlain) {
      if (!header.isControl) this.recordCount += header.recordCount
      position.offset = header.lastOffset + 1
      return
    }
    for (const { offset } of decodeRecords(bytes)) {
      if (offset < from) continue
      if (this.positions.get(key) !== position || this.isPaused || this.hasEnded) return
      await this.work(processingMs)
      // It may have been taken away meanwhile: then it is somebody else's to read again.
      if (this.positions.get(key) !== position) return
      position.offset = offset + 1
      this.recordCount++
    }
    position.offset = header.lastOffset + 1
  }

  private async work(processingMs: number): Promise<void> {
    this.workDebtMs += processingMs
    if (this.workDebtMs < sleepMs) return
    const debtMs = this.workDebtMs
    this.workDebtMs = 0
    await this.nap.wait(debtMs)
  }

  /** What cannot be committed now is read on all the same, and by whoever is given it next from where the group had come to. */
  private async tryToCommit(positions: readonly Position[]): Promise<void> {
    try {
      await this.commit(positions)
      this.noteCommit(null)
    } catch (error) {
      if (error instanceof ClientError) this.noteCommit(error)
      else {
        this.fail(error as Error)
        this.membership.abandon()
      }
    }
  }

  private async commit(positions: readonly Position[]): Promise<void> {
    const changed = positions.filter(({ offset, committed }) => offset !== null && offset !== committed)
    if (changed.length === 0) return
    // Whose they are now. In a generation that begins while this waits or is tried again they may be another member's, and the group would take them from us.
    const { identity } = this.membership
    // One after the other: an older one that is carried out later would take a newer one back. Several may have waited for the same one.
    while (this.committing !== null) await this.committing.catch(() => undefined)
    this.committing = this.sendCommit(changed, identity).finally(() => {
      this.committing = null
    })
    await this.committing
  }

  private async sendCommit(changed: readonly Position[], identity: MemberIdentity): Promise<void> {
    const { clock } = this.reader.platform
    const offsets = new Map(changed.map((position) => [keyOf(position), position.offset ?? 0]))
    const topics = grouped(changed).map(({ topic, partitions }) => ({
      name: topic,
      partitions: partitions.map((partition) => {
        const key = keyOf({ topic, partition })
        const position = changed.find((each) => keyOf(each) === key)
        return {
          partitionIndex: partition,
          committedOffset: BigInt(offsets.get(key) ?? 0),
          committedLeaderEpoch: position?.leaderEpoch ?? -1,
          committedMetadata: '',
        }
      }),
    }))
    await retrying({ clock, timeoutMs: commitTimeoutMs }, async () => {
      const answer = await this.link.request({
        api: OffsetCommit,
        body: { groupId: this.options.groupId, ...identity, topics },
        version: this.options.protocol.type === 'consumer' ? 9 : 8,
        errorCodeOf: ({ topics: answered }) => coordinatorError(answered[0]?.partitions[0] ?? { errorCode: 0 }),
        timeoutMs: commitTimeoutMs,
      })
      for (const { name, partitions } of answer.topics) {
        for (const { partitionIndex, errorCode } of partitions) {
          if (errorCode !== ErrorCode.NONE)
            throw new ClientError('protocol', `committing ${name}-${partitionIndex}: ${errorName(errorCode)}`, false, errorCode)
        }
      }
    })
    for (const position of changed) position.committed = offsets.get(keyOf(position)) ?? null
    this.onChange()
  }
}
