/** Timeline events as groups: one cause and everything traced to it, newest group first. Pure. Nothing is grouped by closeness in time. */
import type { TimelineEvent } from '../../../shared/model/cluster'

export interface TimelineGroup {
  readonly id: number
  /** null: the cause of these effects is not known. */
  readonly cause: TimelineEvent | null
  readonly effects: readonly TimelineEvent[]
  readonly atMs: number
  /** From the cause to the last election it led to: how long the partitions it took down had no leader. */
  readonly leaderlessMs: number | null
  /** Whether one of its elections took a replica that was not in sync: acked records may be gone. */
  readonly isUnclean: boolean
}

const takesDown = new Set(['broker-killed', 'broker-crashed', 'broker-frozen'])

export function groupTimeline(events: readonly TimelineEvent[]): TimelineGroup[] {
  const effectsByCause = new Map<number, TimelineEvent[]>()
  const roots: TimelineEvent[] = []
  const byId = new Map(events.map((event) => [event.id, event]))
  for (const event of events) {
    const root = rootOf(event, byId)
    if (root === event) roots.push(event)
    else {
      const list = effectsByCause.get(root.id)
      if (list) list.push(event)
      else effectsByCause.set(root.id, [event])
    }
  }
  return roots
    .map((root): TimelineGroup => {
      const effects = effectsByCause.get(root.id) ?? []
      const isCause = root.kind === 'cause'
      const elected = effects.filter((effect) => effect.type === 'leaders-elected' || effect.type === 'leader-elected')
      const last = elected[elected.length - 1]
      return {
        id: root.id,
        cause: isCause ? root : null,
        effects: isCause ? effects : [root, ...effects],
        atMs: root.atMs,
        isUnclean: effects.some((effect) => /unclean/.test(effect.detail ?? '')),
        leaderlessMs: isCause && last && takesDown.has(root.type) ? last.atMs - root.atMs : null,
      }
    })
    .sort((left, right) => right.atMs - left.atMs || right.id - left.id)
}

function rootOf(event: TimelineEvent, byId: ReadonlyMap<number, TimelineEvent>): TimelineEvent {
  let at = event
  for (let depth = 0; depth < 32; depth++) {
    const cause = at.causeId === null ? undefined : byId.get(at.causeId)
    if (!cause || cause === at) return at
    at = cause
  }
  return at
}
