/** Rebalances of one group as two looks at it show them: who came and went, which partitions moved from whom to whom, how long it took. Pure. */
import { keyOf, type TopicPartition } from '../../engine/client'
import type { RebalanceView } from '../../shared/model/groups'
import type { SampledGroup, SampledMember } from './group-sample'

const keptMax = 50
const settledStates: ReadonlySet<string> = new Set(['Stable', 'Empty', 'Dead'])

export class RebalanceLog {
  private entries: RebalanceView[] = []
  private nextId = 1
  /** Before what is under way now began. */
  private before: SampledGroup | null = null
  private last: SampledGroup | null = null

  /** Newest first. */
  get views(): readonly RebalanceView[] {
    return this.entries
  }

  /** `generation` where somebody knows it: DescribeGroups does not tell it. */
  add(group: SampledGroup, atMs: number, generation: number | null): void {
    const { last } = this
    this.last = group
    if (last === null) return
    const isSettled = settledStates.has(group.state)
    const [open] = this.entries
    if (open?.isOngoing) {
      const { why, moved } = changesBetween(this.before ?? last, group)
      const durationMs = isSettled ? atMs - open.atMs : null
      this.entries[0] = { ...open, isOngoing: !isSettled, durationMs, why: why || open.why, generation, moved }
      if (isSettled) this.before = null
      return
    }
    const { why, moved } = changesBetween(last, group)
    if (isSettled && why === '') return
    this.before = last
    const entry = {
      id: this.nextId++,
      atMs,
      isOngoing: !isSettled,
      durationMs: null,
      why: why || 'members join anew',
      generation,
      moved,
    }
    this.entries = [entry, ...this.entries].slice(0, keptMax)
  }
}

/** `why` is '' where members and assignment are the same. */
export function changesBetween(
  before: SampledGroup,
  after: SampledGroup,
): { readonly why: string; readonly moved: RebalanceView['moved'] } {
  const idsBefore = new Set(before.members.map(({ memberId }) => memberId))
  const idsAfter = new Set(after.members.map(({ memberId }) => memberId))
  const joined = after.members.filter(({ memberId }) => !idsBefore.has(memberId))
  const left = before.members.filter(({ memberId }) => !idsAfter.has(memberId))
  const ownersBefore = ownersOf(before.members)
  const ownersAfter = ownersOf(after.members)
  const moved: RebalanceView['moved'][number][] = []
  for (const [key, { member, at }] of ownersAfter) {
    const from = ownersBefore.get(key)?.member ?? null
    if (from !== member) moved.push({ ...at, from, to: member })
  }
  for (const [key, { member, at }] of ownersBefore) if (!ownersAfter.has(key)) moved.push({ ...at, from: member, to: null })
  const words = [
    joined.length > 0 ? `${named(joined)} joined` : '',
    left.length > 0 ? `${named(left)} left` : '',
    joined.length + left.length === 0 && moved.length > 0 ? 'partitions were assigned anew' : '',
  ]
  return { why: words.filter((each) => each !== '').join(', '), moved }
}

function named(members: readonly SampledMember[]): string {
  const [first] = members
  return members.length === 1 && first !== undefined ? (first.instanceId ?? first.clientId) : `${members.length} members`
}

function ownersOf(members: readonly SampledMember[]): Map<string, { readonly member: string; readonly at: TopicPartition }> {
  return new Map(
    members.flatMap(({ memberId, assignment }) =>
      assignment.map(
        ({ topic, partition }) => [keyOf({ topic, partition }), { member: memberId, at: { topic, partition } }] as const,
      ),
    ),
  )
}
