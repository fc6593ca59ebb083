/** How groups are put into words, and their figures into what charts and matrices draw. Pure. */
import type { GroupMember, GroupSummary, GroupView, LagSeries, ResetRow } from '../../../shared/model/groups'
import { formatCount, plural } from '../../ui'
import { parseTime } from '../messages/timestamps'

export type StateTone = 'ok' | 'warn' | 'plain' | 'error'

/** Kafka's word in the words of a sentence: 'PreparingRebalance' is 'preparing rebalance'. */
export function stateWord({ state, problem }: Pick<GroupSummary, 'state' | 'problem'>): string {
  if (problem !== null) return 'not known'
  return state.replace(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase()
}

export function stateTone({ state, problem }: Pick<GroupSummary, 'state' | 'problem'>): StateTone {
  if (problem !== null) return 'error'
  if (state === 'Stable') return 'ok'
  return state === 'Empty' || state === 'Dead' ? 'plain' : 'warn'
}

export function protocolWord({ type, assignor }: Pick<GroupSummary, 'type' | 'assignor'>): string {
  const name = type === 'consumer' ? 'consumer (KIP-848)' : type
  return assignor === '' ? name : `${name}, ${assignor}`
}

export const lagWord = (lag: number | null): string => (lag === null ? '–' : formatCount(lag))

/** What a person tells members apart by: the instance id, else the client id, with the end of the member id where that is not enough. */
export function memberNames(members: readonly GroupMember[]): ReadonlyMap<string, string> {
  const counts = new Map<string, number>()
  for (const { instanceId, clientId } of members) {
    const name = instanceId ?? clientId
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  return new Map(
    members.map(({ memberId, instanceId, clientId }) => {
      const name = instanceId ?? clientId
      return [memberId, (counts.get(name) ?? 0) > 1 ? `${name}-${memberId.slice(-4)}` : name]
    }),
  )
}

/** What was moved by the newest rebalance, for a minute: by `topic/partition`, where it is and where it was. */
export function freshMoves(
  view: GroupView,
  nowMs: number,
): ReadonlyMap<string, { readonly from: string | null; readonly to: string | null }> {
  const [newest] = view.rebalances
  if (newest === undefined || nowMs - newest.atMs > 60_000) return new Map()
  return new Map(newest.moved.map(({ topic, partition, from, to }) => [`${topic}/${partition}`, { from, to }]))
}

/** One row of times for all topics, as a chart takes them; a topic that came later has gaps before. */
export function alignSeries(series: readonly LagSeries[]): {
  readonly times: Float64Array
  readonly values: readonly Float64Array[]
} {
  const all = new Set<number>()
  for (const { times } of series) for (const time of times) all.add(time)
  const times = Float64Array.from(all).sort()
  const values = series.map((each) => {
    const row = new Float64Array(times.length).fill(Number.NaN)
    let at = 0
    for (let index = 0; index < times.length && at < each.times.length; index++) {
      if (each.times[at] === times[index]) row[index] = each.values[at++] ?? Number.NaN
    }
    return row
  })
  return { times, values }
}

export interface ResetOutcome {
  /** Rows that change something. */
  readonly changes: readonly ResetRow[]
  readonly readAgain: number
  readonly skipped: number
  /** Where a person has to look twice: which partitions skip. */
  readonly skippedOn: readonly string[]
}

export function outcomeOf(rows: readonly ResetRow[]): ResetOutcome {
  const changes = rows.filter(({ next, committed }) => next !== null && next !== committed)
  const sum = (list: readonly ResetRow[]) => list.reduce((total, { change }) => total + Math.abs(change ?? 0), 0)
  const back = changes.filter(({ change }) => (change ?? 0) < 0)
  const ahead = changes.filter(({ change }) => (change ?? 0) > 0)
  return {
    changes,
    readAgain: sum(back),
    skipped: sum(ahead),
    skippedOn: ahead.map(({ topic, partition }) => `${topic}-${partition}`),
  }
}

export function skippedSentence({ skipped, skippedOn }: ResetOutcome): string {
  const where = skippedOn.length === 1 ? (skippedOn[0] ?? '') : plural(skippedOn.length, 'partition')
  return `${plural(skipped, 'record')} on ${where} will be skipped.`
}

/** What a Date can hold, ms. */
const dateMax = 8_640_000_000_000_000

/** As parseTime reads it, in the zone that the window's times are written in, or a day alone; null where it is neither, or no time that a record has. */
export function parseMoment(text: string): number | null {
  const typed = text.trim()
  const parsed = parseTime(/^\d{4}-\d\d-\d\d$/.test(typed) ? `${typed} 00:00` : typed, Date.now())
  return parsed.ok && parsed.ms >= 0 && parsed.ms <= dateMax ? parsed.ms : null
}
