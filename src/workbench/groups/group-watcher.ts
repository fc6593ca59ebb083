/**
 * Looks at all groups every second while the window does, every five seconds otherwise, and keeps what single looks do not have: lag over the last hour, rates,
 * rebalances, and groups that nobody can tell of now because their coordinator is away. Tells of each look. One look at a time.
 */
import { type CommittedOffset, type KafkaClient, keyOf } from '../../engine/client'
import type { GroupMember, GroupPartition, GroupSummary, LagSeries, RebalanceView } from '../../shared/model/groups'
import { type GroupSample, partitionsOf, type SampledGroup, sampleGroups, topicsOf, whyUnheard } from './group-sample'
import { LagHistory } from './lag-history'
import { RebalanceLog } from './rebalances'

export interface OwnMember {
  readonly consumerId: number
  readonly generation: number
}

export interface GroupWatcherOptions {
  readonly client: KafkaClient
  /** The workbench's own consumers by member id. */
  readonly ownMembers: () => ReadonlyMap<string, OwnMember>
  readonly onSample: (groups: readonly GroupSummary[]) => void
}

const watchedMs = 1_000
const unwatchedMs = 5_000
/** Whoever looks asks again within this time. */
const lookMs = 4_000
const sparkPoints = 60
/** Rates are over so many looks. */
const ratePoints = 5
/** Beyond it new groups have no history: a thousand groups of ten topics would hold half a gigabyte. */
const historiesMax = 4_000
/** Beyond it new partitions have neither rate nor spark line: each holds a kilobyte. */
const tracksMax = 100_000

interface PartitionTrack {
  readonly lags: number[]
  readonly commits: { readonly atMs: number; readonly offset: bigint }[]
}

interface TrackedGroup {
  group: SampledGroup
  summary: GroupSummary
  readonly rebalances: RebalanceLog
  readonly lagByTopic: Map<string, LagHistory>
  readonly tracks: Map<string, PartitionTrack>
  readonly joinedAtMs: Map<string, number>
}

export class GroupWatcher {
  private readonly tracked = new Map<string, TrackedGroup>()
  private historyCount = 0
  private trackCount = 0
  private sample: GroupSample | null = null
  private lookedAtMs = Number.NEGATIVE_INFINITY
  private timer: { cancel(): void } | null = null
  private sampling: Promise<GroupSample> | null = null

  constructor(private readonly options: GroupWatcherOptions) {}

  /** Goes on by itself from here. */
  start(): void {
    this.schedule(unwatchedMs)
  }

  /** Somebody looks; they see what is newest, asked for where it is old. Rejects where nothing was ever read and no broker answers. */
  async look(): Promise<readonly GroupSummary[]> {
    const nowMs = this.now()
    const wasWatched = nowMs - this.lookedAtMs < lookMs
    this.lookedAtMs = nowMs
    if (this.sample === null || !wasWatched) await this.refresh()
    return this.summaries()
  }

  /** A new look, now; one that is under way may have begun before what somebody wants to see. */
  async refresh(): Promise<void> {
    if (this.sampling !== null) await this.sampling.catch(() => undefined)
    await this.sampleNow()
  }

  /** Something is known to have changed: soon. */
  poke(): void {
    this.schedule(100)
  }

  get metadata() {
    return this.sample?.metadata ?? null
  }

  group(groupId: string): SampledGroup | null {
    return this.tracked.get(groupId)?.group ?? null
  }

  summary(groupId: string): GroupSummary | null {
    return this.tracked.get(groupId)?.summary ?? null
  }

  rebalances(groupId: string): readonly RebalanceView[] {
    return this.tracked.get(groupId)?.rebalances.views ?? []
  }

  lagSince(groupId: string, sinceMs: number): LagSeries[] {
    const found = this.tracked.get(groupId)
    return [...(found?.lagByTopic ?? [])].map(([topic, history]) => ({ topic, ...history.since(sinceMs) }))
  }

  members(groupId: string): GroupMember[] {
    const found = this.tracked.get(groupId)
    if (found === undefined) return []
    const own = this.options.ownMembers()
    const commits = new Map(found.group.committed.map((each) => [keyOf(each), each]))
    return found.group.members.map((member) => {
      const lags = member.assignment.map((each) => this.lagOf(commits.get(keyOf(each))))
      const known = lags.filter((lag): lag is number => lag !== null)
      return {
        ...member,
        target: member.target !== null && sameKeys(member.target, member.assignment) ? null : member.target,
        lag: known.length === 0 && lags.length > 0 ? null : known.reduce((sum, lag) => sum + lag, 0),
        consumerId: own.get(member.memberId)?.consumerId ?? null,
        joinedAtMs: found.joinedAtMs.get(member.memberId) ?? 0,
      }
    })
  }

  /** Without log start and last stable offset, which are asked for where they are shown. */
  partitions(groupId: string): GroupPartition[] {
    const found = this.tracked.get(groupId)
    const { sample } = this
    if (found === undefined || sample === null) return []
    const owners = new Map(
      found.group.members.flatMap(({ memberId, assignment }) => assignment.map((each) => [keyOf(each), memberId] as const)),
    )
    const commits = new Map(found.group.committed.map((each) => [keyOf(each), each]))
    return partitionsOf(found.group, sample.metadata).map((each) => {
      const key = keyOf(each)
      const commit = commits.get(key)
      const known = sample.metadata.topics.get(each.topic)?.partitions[each.partition]
      const track = found.tracks.get(key)
      return {
        ...each,
        committed: commit === undefined ? null : String(commit.offset),
        leaderEpoch: commit === undefined || commit.leaderEpoch < 0 ? null : commit.leaderEpoch,
        metadata: commit?.metadata ?? '',
        logStart: null,
        highWatermark: sample.ends.has(key) ? String(sample.ends.get(key)?.offset) : null,
        lastStableOffset: null,
        lag: this.lagOf(commit),
        leader: known === undefined || known.leader < 0 ? null : known.leader,
        isGone: known === undefined,
        memberId: owners.get(key) ?? null,
        rate: track === undefined ? null : rateOf(track),
        lagHistory: track?.lags ?? [],
      }
    })
  }

  private now(): number {
    return this.options.client.platform.clock.nowMs()
  }

  private schedule(delayMs: number): void {
    this.timer?.cancel()
    this.timer = this.options.client.platform.clock.setTimer(delayMs, () => {
      this.sampleNow().catch(() => undefined)
    })
  }

  private sampleNow(): Promise<GroupSample> {
    this.timer?.cancel()
    this.sampling ??= sampleGroups(this.options.client)
      .then(
        (sample) => {
          this.take(sample)
          return sample
        },
        (error: unknown) => {
          this.nobodyAnswers()
          throw error
        },
      )
      .finally(() => {
        this.sampling = null
        this.schedule(this.now() - this.lookedAtMs < lookMs ? watchedMs : unwatchedMs)
      })
    return this.sampling
  }

  private take(sample: GroupSample): void {
    this.sample = sample
    for (const group of sample.groups.values()) this.takeGroup(group, sample)
    for (const [groupId, found] of this.tracked) {
      if (sample.groups.has(groupId)) continue
      const problem = whyUnheard(groupId, found.summary.coordinator, sample)
      if (problem === null) {
        this.tracked.delete(groupId)
        this.historyCount -= found.lagByTopic.size
        this.trackCount -= found.tracks.size
      } else found.summary = { ...found.summary, coordinator: null, problem }
    }
    this.options.onSample(this.summaries())
  }

  private nobodyAnswers(): void {
    if (this.tracked.size === 0) return
    const problem = 'No broker answers. What is shown is from before.'
    for (const found of this.tracked.values()) found.summary = { ...found.summary, coordinator: null, problem }
    this.options.onSample(this.summaries())
  }

  private takeGroup(group: SampledGroup, sample: GroupSample): void {
    const { groupId } = group
    let found = this.tracked.get(groupId)
    if (found === undefined) {
      const summary = this.summaryOf(group, sample)
      found = { group, summary, rebalances: new RebalanceLog(), lagByTopic: new Map(), tracks: new Map(), joinedAtMs: new Map() }
      this.tracked.set(groupId, found)
    }
    found.group = group
    found.rebalances.add(group, sample.atMs, this.generationOf(group))
    const present = new Set(group.members.map(({ memberId }) => memberId))
    for (const id of found.joinedAtMs.keys()) if (!present.has(id)) found.joinedAtMs.delete(id)
    for (const id of present) if (!found.joinedAtMs.has(id)) found.joinedAtMs.set(id, sample.atMs)
    this.takeLag(found, group.committed, sample)
    found.summary = this.summaryOf(group, sample)
  }

  private takeLag(found: TrackedGroup, committed: readonly CommittedOffset[], sample: GroupSample): void {
    const byTopic = new Map<string, number>()
    const topics = new Set(committed.map((each) => each.topic))
    this.forgetUncommitted(found, committed, topics)
    for (const each of committed) {
      const lag = lagBetween(each, sample)
      this.track(found, each, lag, sample.atMs)
      if (lag !== null) byTopic.set(each.topic, (byTopic.get(each.topic) ?? 0) + lag)
    }
    for (const topic of topics) {
      let history = found.lagByTopic.get(topic)
      if (history === undefined) {
        if (this.historyCount >= historiesMax) continue
        this.historyCount++
        history = new LagHistory()
        found.lagByTopic.set(topic, history)
      }
      history.add(sample.atMs, byTopic.get(topic) ?? Number.NaN)
    }
  }

  /** Offsets that were deleted or have expired, and topics that are gone: else a group that goes from topic to topic would hold all of them. */
  private forgetUncommitted(found: TrackedGroup, committed: readonly CommittedOffset[], topics: ReadonlySet<string>): void {
    const keys = new Set(committed.map(keyOf))
    for (const key of found.tracks.keys()) if (!keys.has(key) && found.tracks.delete(key)) this.trackCount--
    for (const topic of found.lagByTopic.keys()) if (!topics.has(topic) && found.lagByTopic.delete(topic)) this.historyCount--
  }

  private track(found: TrackedGroup, each: CommittedOffset, lag: number | null, atMs: number): void {
    const key = keyOf(each)
    let track = found.tracks.get(key)
    if (track === undefined) {
      if (this.trackCount >= tracksMax) return
      this.trackCount++
      track = { lags: [], commits: [] }
      found.tracks.set(key, track)
    }
    track.commits.push({ atMs, offset: each.offset })
    if (track.commits.length > ratePoints) track.commits.shift()
    if (lag === null) return
    track.lags.push(lag)
    if (track.lags.length > sparkPoints) track.lags.shift()
  }

  /** Of a classic group only its members know it; ours say. */
  private generationOf(group: SampledGroup): number | null {
    if (group.groupEpoch !== null) return group.groupEpoch
    const own = this.options.ownMembers()
    const known = group.members.map(({ memberId }) => own.get(memberId)?.generation ?? -1).filter((generation) => generation > 0)
    return known.length === 0 ? null : Math.max(...known)
  }

  generation(groupId: string): number | null {
    const found = this.tracked.get(groupId)
    return found === undefined ? null : this.generationOf(found.group)
  }

  private summaryOf(group: SampledGroup, sample: GroupSample): GroupSummary {
    const own = this.options.ownMembers()
    const lags = group.committed.map((each) => lagBetween(each, sample))
    const known = lags.filter((lag): lag is number => lag !== null)
    return {
      groupId: group.groupId,
      type: group.type,
      state: group.state,
      protocolType: group.protocolType,
      assignor: group.assignor,
      memberCount: group.members.length,
      ownMemberCount: group.members.filter(({ memberId }) => own.has(memberId)).length,
      topics: topicsOf(group),
      totalLag: known.length === 0 ? null : known.reduce((sum, lag) => sum + lag, 0),
      unknownLagCount: lags.length - known.length,
      coordinator: group.coordinator,
      problem: null,
      sampledAtMs: sample.atMs,
    }
  }

  private summaries(): GroupSummary[] {
    return [...this.tracked.values()].map(({ summary }) => summary).sort((a, b) => (a.groupId < b.groupId ? -1 : 1))
  }

  private lagOf(commit: CommittedOffset | undefined): number | null {
    return commit === undefined || this.sample === null ? null : lagBetween(commit, this.sample)
  }
}

/** Records between commit and high watermark; 0 where the log was cut back behind the commit. Null: the end is not known now. */
function lagBetween(commit: CommittedOffset, { ends }: GroupSample): number | null {
  const end = ends.get(keyOf(commit))
  if (end === undefined) return null
  const lag = BigInt(end.offset) - commit.offset
  return lag < 0n ? 0 : Number(lag)
}

function rateOf({ commits }: PartitionTrack): number | null {
  const [first] = commits
  const last = commits[commits.length - 1]
  if (first === undefined || last === undefined || last.atMs === first.atMs) return null
  return (Number(last.offset - first.offset) * 1_000) / (last.atMs - first.atMs)
}

function sameKeys(
  a: readonly { topic: string; partition: number }[],
  b: readonly { topic: string; partition: number }[],
): boolean {
  const keys = new Set(a.map(keyOf))
  return a.length === b.length && b.every((each) => keys.has(keyOf(each)))
}
