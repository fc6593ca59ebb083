/** Which events of the timeline are wanted. Pure. A group is kept where one of its events is; the rest of it stays for what it explains. */
import type { TimelineEvent, TimelineSeverity } from '../../../shared/model/cluster'
import type { TimelineGroup } from './timeline-groups'

export type TimelineScope = 'all' | 'cluster' | 'clients' | 'mine'

export const categories = {
  brokers: { label: 'Brokers', pattern: /^(broker|cluster|coordination)-/ },
  sessions: { label: 'Sessions, controller', pattern: /^(session|controller)-/ },
  leaders: { label: 'Leaders', pattern: /elect|offline/ },
  isr: { label: 'ISR', pattern: /^isr-/ },
  topics: { label: 'Topics, configs', pattern: /^(topic|config|partitions-added)/ },
  moves: { label: 'Reassignments', pattern: /^reassignment-/ },
  groups: { label: 'Groups', pattern: /^group-/ },
  storage: { label: 'Segments, retention', pattern: /^(segment|segments|log)-/ },
  registry: { label: 'Registry', pattern: /^(schema|schemas|registry)-/ },
  faults: { label: 'Faults', pattern: /^(fault|interception)-/ },
} as const

export type TimelineCategory = keyof typeof categories

export interface TimelineFilter {
  readonly scope: TimelineScope
  readonly category: TimelineCategory | 'any'
  readonly brokerId: number | null
  /** '': any. */
  readonly topic: string
  /** This grave or graver. */
  readonly severity: 'any' | 'warn' | 'error'
  readonly text: string
}

export const noFilter: TimelineFilter = { scope: 'all', category: 'any', brokerId: null, topic: '', severity: 'any', text: '' }

const gravity: Readonly<Record<TimelineSeverity, number>> = { info: 0, ok: 0, warn: 1, error: 2 }

export const isFiltering = (filter: TimelineFilter): boolean =>
  (Object.keys(noFilter) as (keyof TimelineFilter)[]).some((field) => field !== 'scope' && filter[field] !== noFilter[field])

export function matches(event: TimelineEvent, { scope, category, brokerId, topic, severity, text }: TimelineFilter): boolean {
  if (scope !== 'all' && event.actor !== { cluster: 'auto', clients: 'client', mine: 'you' }[scope]) return false
  if (category !== 'any' && !categories[category].pattern.test(event.type)) return false
  if (
    brokerId !== null &&
    event.brokerId !== brokerId &&
    !new RegExp(`\\bbroker ${brokerId}\\b`, 'i').test(`${event.title} ${event.detail ?? ''}`)
  )
    return false
  if (topic !== '' && event.topic !== topic && !event.partitions?.some((each) => each.topic === topic)) return false
  if (severity !== 'any' && gravity[event.severity] < gravity[severity]) return false
  const wanted = text.trim().toLowerCase()
  if (wanted === '') return true
  const said = `${event.title} ${event.detail ?? ''} ${event.topic ?? ''} ${event.group ?? ''}`.toLowerCase()
  return (
    said.includes(wanted) ||
    (event.partitions?.some((each) => `${each.topic}-${each.partition}`.toLowerCase().includes(wanted)) ?? false)
  )
}

export function keepGroups(groups: readonly TimelineGroup[], filter: TimelineFilter): readonly TimelineGroup[] {
  if (filter.scope === 'all' && !isFiltering(filter)) return groups
  return groups.filter(
    (group) => (group.cause !== null && matches(group.cause, filter)) || group.effects.some((effect) => matches(effect, filter)),
  )
}
