/**
 * Judges a group by what its members told and what the cluster said of it: who owned what at which time, whether all was processed, how long each rebalance took.
 * Pure; fed and asked by run.ts.
 *
 * A member owns a partition from when it heard so until it heard, or said, that it does not any more, or was killed. Where two own one at the same time, one of
 * them may have been put out by the cluster and not have heard of it: frozen, or starved by a busy machine. Then they are not of one generation.
 */

export interface MemberLine {
  readonly atMs: number
  readonly event: 'started' | 'assigned' | 'revoked' | 'lost' | 'processed' | 'left' | 'refused'
  readonly partitions: readonly number[]
  /** Of `processed`: first and last, both included. */
  readonly offsets?: readonly (readonly [number, number])[]
}

/** What the cluster said of the group when it was asked. */
export interface GroupSight {
  readonly atMs: number
  /** Which of the two kinds of group the cluster calls it. */
  readonly protocol: 'classic' | 'consumer'
  /** All members are in the epoch or generation of the group, and have what they are to have. */
  readonly isStable: boolean
  /** By client id. */
  readonly members: ReadonlySet<string>
  /** How much later than it was due this was asked: for so long the machine was busy with something else. */
  readonly lateMs: number
}

export interface Overlap {
  readonly partition: number
  readonly atMs: number
  readonly owner: string
  readonly other: string
}

export interface Rebalance {
  /** Who came or went. */
  readonly what: string
  readonly atMs: number
  /** null: it did not end. */
  readonly tookMs: number | null
  /** For so long of it the machine gave the judge no time, nor, most likely, anybody else. */
  readonly stalledMs: number
  /** Somebody else came or went before it had ended: its end is that of the next one, and counts there. */
  readonly isInterrupted: boolean
}

interface Interval {
  readonly member: string
  readonly fromMs: number
  toMs: number
}

export class GroupJudge {
  private readonly sights: GroupSight[] = []
  private readonly intervals = new Map<number, Interval[]>()
  private readonly processed = new Map<number, Set<number>>()
  private readonly ended = new Map<string, number>()
  processedTwice = 0

  constructor(private readonly partitionCount: number) {}

  onLine(member: string, { atMs, event, partitions, offsets }: MemberLine): void {
    if (event === 'processed') {
      for (const [index, partition] of partitions.entries()) this.process(partition, offsets?.[index] ?? [0, -1])
      return
    }
    if (event === 'assigned') for (const partition of partitions) this.own(member, partition, atMs)
    else if (event === 'left') this.disownAll(member, atMs)
    else if (event !== 'started' && event !== 'refused') for (const partition of partitions) this.disown(member, partition, atMs)
  }

  /** The process was ended at that moment, whatever it had told. */
  onKilled(member: string, atMs: number): void {
    this.ended.set(member, atMs)
    this.disownAll(member, atMs)
  }

  onSight(sight: GroupSight): void {
    this.sights.push(sight)
  }

  /** Of which kind the group has been, one after the other. */
  get protocols(): readonly GroupSight['protocol'][] {
    return this.sights.map(({ protocol }) => protocol).filter((protocol, index, all) => protocol !== all[index - 1])
  }

  /** As the cluster was last heard to say. */
  get lastSight(): GroupSight | undefined {
    return this.sights.at(-1)
  }

  /** Two owners at once, both of them members in the eyes of the cluster. `excused`: how many were not. */
  overlaps(): { readonly found: readonly Overlap[]; readonly excused: number } {
    const found: Overlap[] = []
    let excused = 0
    for (const [partition, intervals] of this.intervals) {
      const sorted = [...intervals].sort((a, b) => a.fromMs - b.fromMs)
      for (const [index, later] of sorted.entries()) {
        for (const earlier of sorted.slice(0, index)) {
          if (earlier.member === later.member || earlier.toMs <= later.fromMs) continue
          const overlap = { partition, atMs: later.fromMs, owner: earlier.member, other: later.member }
          if (this.isMemberAt(earlier.member, later.fromMs)) found.push(overlap)
          else excused++
        }
      }
    }
    return { found, excused }
  }

  /** Offsets below `ends` that nobody has processed, by partition. */
  missing(ends: ReadonlyMap<number, number>): number {
    let missing = 0
    for (const [partition, end] of ends) {
      const seen = this.processed.get(partition)
      for (let offset = 0; offset < end; offset++) if (seen?.has(offset) !== true) missing++
    }
    return missing
  }

  /**
   * Each change of who is a member, from the last moment in which the cluster did not know of it yet, to when the cluster called the group stable and the members
   * themselves owned all partitions.
   */
  rebalances(): readonly Rebalance[] {
    const changes: { readonly what: string; readonly index: number; readonly sinceMs: number }[] = []
    for (const [index, { members }] of this.sights.entries()) {
      const before = this.sights[index - 1]
      if (before === undefined) continue
      const come = [...members].filter((member) => !before.members.has(member)).map((member) => `${member} came`)
      const gone = [...before.members].filter((member) => !members.has(member)).map((member) => `${member} went`)
      if (come.length + gone.length > 0) changes.push({ what: [...come, ...gone].join(', '), index, sinceMs: before.atMs })
    }
    return changes.map(({ what, index, sinceMs }, at) => {
      const next = changes[at + 1]?.index ?? this.sights.length
      const during = this.sights.slice(index, next)
      const endIndex = during.findIndex(
        ({ isStable, members, atMs }) => isStable && (members.size === 0 || this.coveredAt(atMs) === this.partitionCount),
      )
      const end = during[endIndex]
      const stalledMs = during.slice(0, endIndex + 1).reduce((sum, { lateMs }) => sum + lateMs, 0)
      const isInterrupted = end === undefined && next < this.sights.length
      return { what, atMs: sinceMs, tookMs: end === undefined ? null : end.atMs - sinceMs, stalledMs, isInterrupted }
    })
  }

  private process(partition: number, [first, last]: readonly [number, number]): void {
    const seen = this.processed.get(partition) ?? new Set()
    this.processed.set(partition, seen)
    for (let offset = first; offset <= last; offset++) {
      if (seen.has(offset)) this.processedTwice++
      seen.add(offset)
    }
  }

  private own(member: string, partition: number, atMs: number): void {
    const intervals = this.intervals.get(partition) ?? []
    this.intervals.set(partition, intervals)
    if (intervals.some((interval) => interval.member === member && interval.toMs === Number.POSITIVE_INFINITY)) return
    intervals.push({ member, fromMs: atMs, toMs: this.ended.get(member) ?? Number.POSITIVE_INFINITY })
  }

  private disown(member: string, partition: number, atMs: number): void {
    for (const interval of this.intervals.get(partition) ?? []) {
      if (interval.member === member) interval.toMs = Math.min(interval.toMs, atMs)
    }
  }

  private disownAll(member: string, atMs: number): void {
    for (const partition of this.intervals.keys()) this.disown(member, partition, atMs)
  }

  private coveredAt(atMs: number): number {
    let count = 0
    for (const intervals of this.intervals.values())
      if (intervals.some(({ fromMs, toMs }) => fromMs <= atMs && atMs < toMs)) count++
    return count
  }

  /** As the cluster was last heard to say before. */
  private isMemberAt(member: string, atMs: number): boolean {
    const after = this.sights.find((sight) => sight.atMs >= atMs)
    const before = this.sights.filter((sight) => sight.atMs < atMs).at(-1)
    return (before?.members.has(member) ?? true) && (after?.members.has(member) ?? true)
  }
}
