/**
 * Every figure there is: its name, unit, words, and how samples are put together. The host records by it, the window draws by it; a figure that is not
 * here does not exist. A series is `<scope>/<of what>/<name>`, as the functions below write it.
 */
import type { MetricUnit } from './metrics'

/** `cluster`, `coordination` and `registry` are one thing each; the others are of a broker, a topic, an API or an error at a broker, or a group. */
export type MetricScope = 'cluster' | 'broker' | 'request' | 'error' | 'topic' | 'group' | 'coordination' | 'registry'

export interface MetricDefinition {
  readonly scope: MetricScope
  readonly name: string
  readonly unit: MetricUnit
  readonly title: string
  readonly words: string
  /** What several samples become: counted things are added up, states last said stand, and of extremes the largest is kept. */
  readonly rollup: 'average' | 'sum' | 'last' | 'max'
  /** What it means that a sample has no such figure: nothing happened, or nothing is known. Of what is at a broker, nothing is known while that is down. */
  readonly absent: 'zero' | 'unknown'
}

type Row = readonly [
  name: string,
  unit: MetricUnit,
  rollup: MetricDefinition['rollup'],
  absent: MetricDefinition['absent'],
  title: string,
  words: string,
]

const rows: Record<MetricScope, readonly Row[]> = {
  cluster: [
    ['brokers-up', 'count', 'last', 'unknown', 'Brokers up', 'Brokers that serve.'],
    [
      'under-replicated',
      'count',
      'max',
      'zero',
      'Under-replicated partitions',
      'Partitions with fewer replicas in sync than they have.',
    ],
    [
      'offline',
      'count',
      'max',
      'zero',
      'Offline partitions',
      'Partitions without a leader: nobody can write to or read from them.',
    ],
    ['elections', 'count', 'sum', 'zero', 'Leader elections', 'Partitions that got another leader.'],
    ['isr-shrinks', 'count', 'sum', 'zero', 'ISR shrinks', 'Partitions that lost a replica from their in-sync set.'],
    ['isr-expands', 'count', 'sum', 'zero', 'ISR expands', 'Partitions whose replica came back in sync.'],
    ['partitions', 'count', 'last', 'zero', 'Partitions', 'Of all topics.'],
  ],
  broker: [
    ['up', 'count', 'last', 'unknown', 'Up', 'One while the broker serves.'],
    ['messages-in', 'per-second', 'average', 'zero', 'Messages in', 'Records appended for producers.'],
    ['bytes-in', 'bytes-per-second', 'average', 'zero', 'Bytes in', 'Bytes of record batches from producers.'],
    ['bytes-out', 'bytes-per-second', 'average', 'zero', 'Bytes out', 'Bytes of record batches to consumers.'],
    [
      'replication-bytes-out',
      'bytes-per-second',
      'average',
      'zero',
      'Replication out',
      'Bytes of record batches to following brokers.',
    ],
    ['batch-bytes', 'bytes', 'average', 'unknown', 'Batch size', 'Average size of a batch that producers sent.'],
    [
      'batch-records',
      'count',
      'average',
      'unknown',
      'Records a batch',
      'Average number of records in a batch that producers sent.',
    ],
    ['produce-failures', 'per-second', 'average', 'zero', 'Failed produces', 'Batches that were refused.'],
    [
      'fetch-failures',
      'per-second',
      'average',
      'zero',
      'Failed fetches',
      'Partitions of fetches that were answered with an error.',
    ],
    ['requests', 'per-second', 'average', 'zero', 'Requests', 'Of all APIs, brokers\u2019 own included.'],
    ['waiting-produces', 'count', 'max', 'zero', 'Produces waiting', 'Produces that wait in purgatory for replicas.'],
    ['waiting-fetches', 'count', 'max', 'zero', 'Fetches waiting', 'Fetches that wait in purgatory for records.'],
    ['connections', 'count', 'last', 'zero', 'Connections', 'Open connections, other brokers\u2019 included.'],
    ['heap', 'bytes', 'last', 'unknown', 'Heap used', 'Memory that the broker\u2019s thread holds in JavaScript\u2019s heap.'],
    ['loop-delay', 'ms', 'max', 'unknown', 'Event-loop delay', 'How late the broker\u2019s thread came to its work, at most.'],
    ['disk', 'bytes', 'last', 'unknown', 'Disk', 'Bytes of its log segments.'],
  ],
  request: [
    ['count', 'per-second', 'average', 'zero', 'Requests', 'Answered a second.'],
    ['p50', 'ms', 'average', 'unknown', 'Latency p50', 'Half of the requests took no longer, from receipt to answer.'],
    ['p99', 'ms', 'average', 'unknown', 'Latency p99', '99 of 100 requests took no longer, from receipt to answer.'],
    ['max', 'ms', 'max', 'unknown', 'Latency max', 'The longest, from receipt to answer.'],
    ['queue', 'ms', 'average', 'unknown', 'Queue', 'Received, and not yet begun. Average.'],
    ['local', 'ms', 'average', 'unknown', 'Local', 'The broker\u2019s thread worked on it. Average.'],
    ['remote', 'ms', 'average', 'unknown', 'Remote', 'It waited in purgatory: for replicas, for records, for a quota. Average.'],
    ['send', 'ms', 'average', 'unknown', 'Send', 'Answered, and not yet taken by the system. Average.'],
  ],
  error: [['count', 'per-second', 'average', 'zero', 'Errors', 'Errors in answers, a second.']],
  topic: [
    ['messages-in', 'per-second', 'average', 'zero', 'Messages in', 'Records appended for producers.'],
    ['bytes-in', 'bytes-per-second', 'average', 'zero', 'Bytes in', 'Bytes of record batches from producers.'],
    ['bytes-out', 'bytes-per-second', 'average', 'zero', 'Bytes out', 'Bytes of record batches to consumers.'],
    ['batch-bytes', 'bytes', 'average', 'unknown', 'Batch size', 'Average size of a batch that producers sent.'],
    [
      'batch-records',
      'count',
      'average',
      'unknown',
      'Records a batch',
      'Average number of records in a batch that producers sent.',
    ],
    ['produce-failures', 'per-second', 'average', 'zero', 'Failed produces', 'Batches that were refused.'],
  ],
  group: [
    ['lag', 'count', 'last', 'unknown', 'Lag', 'Records between what the group has committed and the end of its partitions.'],
  ],
  coordination: [
    ['sessions', 'count', 'last', 'unknown', 'Sessions', 'Of brokers and of other ZooKeeper clients.'],
    ['znodes', 'count', 'last', 'unknown', 'Znodes', 'In the whole tree.'],
    ['requests', 'per-second', 'average', 'unknown', 'Requests', 'Answered a second, pings included.'],
    ['latency', 'ms', 'average', 'unknown', 'Latency', 'From receipt to answer, sync to disk included. Average.'],
    ['latency-max', 'ms', 'max', 'unknown', 'Latency max', 'The longest, from receipt to answer.'],
  ],
  registry: [
    ['requests', 'per-second', 'average', 'unknown', 'Requests', 'HTTP requests answered a second.'],
    ['errors', 'per-second', 'average', 'zero', 'Errors', 'Answers with a status of 400 or more, a second.'],
    ['latency', 'ms', 'average', 'unknown', 'Latency', 'From receipt to answer. Average.'],
    ['latency-max', 'ms', 'max', 'unknown', 'Latency max', 'The longest, from receipt to answer.'],
    ['subjects', 'count', 'last', 'zero', 'Subjects', 'Subjects with a version.'],
  ],
}

export const metricTable: readonly MetricDefinition[] = (Object.keys(rows) as MetricScope[]).flatMap((scope) =>
  rows[scope].map(([name, unit, rollup, absent, title, words]) => ({ scope, name, unit, rollup, absent, title, words })),
)

const byKey = new Map(metricTable.map((definition) => [`${definition.scope}/${definition.name}`, definition]))

export const seriesOf = {
  cluster: (name: string): string => `cluster/${name}`,
  coordination: (name: string): string => `coordination/${name}`,
  registry: (name: string): string => `registry/${name}`,
  broker: (id: number, name: string): string => `broker/${id}/${name}`,
  request: (id: number, api: string, name: string): string => `broker/${id}/request/${api}/${name}`,
  error: (id: number, error: string): string => `broker/${id}/error/${error}/count`,
  topic: (topic: string, name: string): string => `topic/${topic}/${name}`,
  /** Group ids may have slashes of their own. */
  group: (group: string, name: string): string => `group/${group}/${name}`,
}

export interface NamedSeries {
  readonly definition: MetricDefinition
  /** Whose it is: what has to be up for it to be known. */
  readonly brokerId: number | null
  /** The topic, the group, the API or the error; '' where there is but one. */
  readonly subject: string
}

/** null: no series is called so. */
export function parseSeries(series: string): NamedSeries | null {
  const first = series.indexOf('/')
  const last = series.lastIndexOf('/')
  if (first < 0) return null
  const scope = series.slice(0, first)
  const name = series.slice(last + 1)
  const between = series.slice(first + 1, Math.max(first + 1, last))
  if (scope !== 'broker') return named(scope, name, null, between)
  const [id = '', kind, ...subject] = between.split('/')
  if (!/^\d+$/.test(id)) return null
  return kind === undefined ? named('broker', name, Number(id), '') : named(kind, name, Number(id), subject.join('/'))
}

function named(scope: string, name: string, brokerId: number | null, subject: string): NamedSeries | null {
  const definition = byKey.get(`${scope}/${name}`)
  return definition === undefined ? null : { definition, brokerId, subject }
}

export function metricDefinition(scope: MetricScope, name: string): MetricDefinition {
  const definition = byKey.get(`${scope}/${name}`)
  if (definition === undefined) throw new Error(`There is no metric ${scope}/${name}.`)
  return definition
}
