/** What each event of the engine is called in the timeline, how grave it is, and who did it. A table, read by Timeline. */
import type { TimelineEvent, TimelineSeverity } from '../shared/model/cluster'
import type { EngineEvent } from './worker-protocol'

export interface EventWords {
  readonly severity: TimelineSeverity
  /** Absent: the cluster itself. */
  readonly actor?: TimelineEvent['actor']
  /** Nothing that the cluster did led to it: it stands as a cause of its own. */
  readonly isOwnCause?: boolean
  title(event: EngineEvent): string
}

const table: Readonly<Record<string, EventWords>> = {
  'session-expired': { severity: 'warn', title: ({ brokerId }) => `Session of broker ${brokerId} expired` },
  'controller-elected': { severity: 'info', title: ({ brokerId }) => `Broker ${brokerId} is the controller` },
  'broker-joined': { severity: 'ok', title: ({ brokerId }) => `Broker ${brokerId} joined the cluster` },
  'broker-left': { severity: 'warn', title: ({ brokerId }) => `Broker ${brokerId} left the cluster` },
  'leaders-elected': {
    severity: 'info',
    title: ({ count }) => `${partitions(count)} elected ${count === 1 ? 'a new leader' : 'new leaders'}`,
  },
  'preferred-election': {
    severity: 'info',
    isOwnCause: true,
    title: ({ count }) => `${partitions(count)} went back to ${count === 1 ? 'its preferred leader' : 'their preferred leaders'}`,
  },
  'isr-shrunk': { severity: 'warn', title: ({ count }) => `ISR shrank on ${partitions(count)}` },
  'isr-expanded': { severity: 'ok', title: ({ count }) => `${partitions(count)} took a replica back into the ISR` },
  'partitions-offline': { severity: 'error', title: ({ count }) => `${partitions(count)} ${count === 1 ? 'is' : 'are'} offline` },
  'topic-created': { severity: 'info', actor: 'client', isOwnCause: true, title: ({ topic }) => `Topic ${topic} created` },
  'topic-deletion-waiting': {
    severity: 'warn',
    actor: 'client',
    isOwnCause: true,
    title: ({ topic }) => `Topic ${topic} is deleted but for brokers that are down`,
  },
  'topic-deleted': { severity: 'info', actor: 'client', isOwnCause: true, title: ({ topic }) => `Topic ${topic} deleted` },
  'config-changed': {
    severity: 'info',
    actor: 'client',
    isOwnCause: true,
    title: ({ topic }) => `Config of ${topic ?? 'the cluster'} changed`,
  },
  'partitions-added': {
    severity: 'info',
    actor: 'client',
    isOwnCause: true,
    title: ({ count, topic }) => `${partitions(count)} added to ${topic}`,
  },
  'reassignment-begun': {
    severity: 'info',
    actor: 'client',
    isOwnCause: true,
    title: ({ count }) => `${partitions(count)} being moved to other brokers`,
  },
  'reassignment-ended': { severity: 'ok', title: ({ count }) => `${partitions(count)} moved as asked, or moved back` },
  'group-rebalanced': {
    severity: 'info',
    actor: 'client',
    isOwnCause: true,
    title: ({ group, count }) =>
      count === 0 ? `Group ${group} is empty` : `Group ${group} rebalanced: ${count} ${count === 1 ? 'member' : 'members'}`,
  },
  'segment-rolled': {
    severity: 'info',
    isOwnCause: true,
    title: ({ count }) => (count === 1 ? '1 log began a new segment' : `${count ?? 0} logs began new segments`),
  },
  'segments-deleted': {
    severity: 'info',
    isOwnCause: true,
    title: ({ count }) => (count === 1 ? 'Retention deleted 1 segment' : `Retention deleted ${count ?? 0} segments`),
  },
  'log-recovered': {
    severity: 'warn',
    title: ({ brokerId, count }) => `Broker ${brokerId} cut damaged bytes from ${partitions(count)}`,
  },
  'schema-registered': {
    severity: 'info',
    actor: 'client',
    isOwnCause: true,
    title: ({ count }) => (count === 1 ? 'Schema registered' : `${count} schemas registered`),
  },
  'schemas-deleted': {
    severity: 'warn',
    actor: 'client',
    isOwnCause: true,
    title: ({ count }) => (count === 1 ? 'Schema version deleted' : `${count} schema versions deleted`),
  },
  'log-dir-failed': { severity: 'error', title: ({ brokerId }) => `Broker ${brokerId} cannot write its data directory` },
}

/** What is not in the table is still told, by its own name. */
export function wordsFor(type: string): EventWords {
  return table[type] ?? { severity: 'info', title: () => type }
}

function partitions(count: number | null): string {
  return count === 1 ? '1 partition' : `${count ?? 0} partitions`
}
