/**
 * Which of the cluster's events a call of the window is going to lead to, so that the timeline can say who asked. Read by the services before a call
 * goes to the clients worker: to a broker the workbench is a client like any other.
 */
import type { CallName } from '../../shared/ipc/contract'

export interface Ask {
  readonly types: readonly string[]
  /** null: whichever. */
  readonly topic: string | null
}

/** By the call's name; the topic is looked for in its argument. */
const led: Readonly<Partial<Record<CallName | `topics.${string}`, readonly string[]>>> = {
  'topics.create': ['topic-created'],
  'topics.clone': ['topic-created'],
  'topics.delete': ['topic-deleted', 'topic-deletion-waiting'],
  'topics.addPartitions': ['partitions-added'],
  'topics.alterConfigs': ['config-changed'],
  'replicas.elect': ['preferred-election', 'leaders-elected'],
  'replicas.moveLeadership': ['preferred-election', 'reassignment-begun', 'reassignment-ended'],
  'replicas.reassign': ['reassignment-begun'],
  'replicas.cancelReassignments': ['reassignment-ended'],
}

/** Where many partitions are meant the events of each may name none. */
const ofAny: ReadonlySet<string> = new Set([
  'replicas.elect',
  'replicas.moveLeadership',
  'replicas.reassign',
  'replicas.cancelReassignments',
])

export function askOf(name: string, argument: unknown): Ask | null {
  const types = led[name as CallName]
  if (types === undefined) return null
  const given = (argument ?? {}) as { readonly topic?: unknown; readonly name?: unknown }
  const topic = ofAny.has(name) ? undefined : (given.topic ?? given.name)
  return { types, topic: typeof topic === 'string' ? topic : null }
}
