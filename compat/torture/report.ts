/** The words at the end: what was done and counted, and for a failure all that is needed to look into it. */
import type { Target } from './faults/target'
import type { Ledger } from './history/ledger'
import { whereabouts } from './history/replicas'
import type { RunTimeline } from './timeline'

const violationsShown = 20
const faultsShown = 60

export interface Summary {
  readonly seed: number
  readonly timeline: RunTimeline
  readonly ledger: Ledger
  readonly troubles: ReadonlyMap<string, number>
  readonly recordsRead: number
}

export function summary({ seed, timeline, ledger, troubles, recordsRead }: Summary): string {
  const count = (kind: Parameters<typeof ledger.counts.get>[0]): number => ledger.counts.get(kind) ?? 0
  return [
    '',
    `${timeline.faultTotal} faults: ${list(timeline.faultCounts)}`,
    `${ledger.acknowledgedTotal} records acknowledged (acks=all): ${list(ledger.acknowledgedBy())}`,
    `${recordsRead} records read`,
    `written twice by producers without idempotence, as they may: ${list(ledger.permittedDuplicates())}`,
    `put out of order by such clients themselves: ${list(ledger.permittedPasses())}`,
    ...(troubles.size === 0 ? [] : [`given up by clients, never acknowledged: ${list(troubles)}`]),
    ...[...timeline.crashes].map(([reason, times]) => `crashed${times > 1 ? ` ${times} times` : ''}: ${reason.split('\n')[0]}`),
    `lost ${count('lost')}, duplicated ${count('duplicated')}, reordered ${count('reordered')}, holes ${count('hole')}, foreign ${count('foreign')} (seed ${seed})`,
  ].join('\n')
}

export interface Failure {
  readonly seed: number
  readonly minutes: number
  readonly directory: string
  readonly failure: string | null
  readonly ledger: Ledger
  readonly timeline: RunTimeline
  readonly target: Target
}

export function describeFailure({ seed, minutes, directory, failure, ledger, timeline, target }: Failure): string {
  const lines = ['', `FAILED, seed ${seed}: npm run torture -- --minutes ${minutes} --seed ${seed}`]
  if (failure !== null) lines.push(failure)
  const brokers = new Map(target.topology.brokerIds.map((id) => [id, target.brokerDirectory(id)]))
  for (const { kind, topic, partition, stream, sequence, text } of ledger.violations.slice(0, violationsShown)) {
    lines.push(`${kind.toUpperCase()} ${text}`)
    if (stream === null || sequence === null) continue
    for (const where of whereabouts(topic, partition, stream, sequence, brokers)) lines.push(`    ${where}`)
  }
  const more = ledger.violations.length - violationsShown
  if (more > 0) lines.push(`… and ${more} more`)
  lines.push('', `the last faults (all of them, and what the cluster said, in ${timeline.path}):`)
  lines.push(...timeline.last(faultsShown), '', `kept: ${directory}`)
  return lines.join('\n')
}

function list(counts: ReadonlyMap<string, number>): string {
  if (counts.size === 0) return 'none'
  return [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, count]) => `${name} ${count}`)
    .join(', ')
}
