/** Which charts a choice in the list shows, and which series are in each. Pure; titles and words come from the table of figures. */
import { type MetricScope, metricDefinition, seriesOf } from '../../../shared/model/metric-table'
import type { MetricsCatalog } from '../../../shared/model/metrics'
import { brokerColor, type ChartUnit, seriesColor } from '../../ui'

export type Subject =
  | { readonly kind: 'cluster' }
  | { readonly kind: 'broker'; readonly id: number }
  | { readonly kind: 'topic'; readonly topic: string }
  | { readonly kind: 'api'; readonly api: string }
  | { readonly kind: 'group'; readonly group: string }
  | { readonly kind: 'services' }

export interface PaneSeries {
  /** As the host calls it. */
  readonly name: string
  readonly label: string
  readonly color: string
  readonly dash: readonly number[] | undefined
}

export interface Pane {
  readonly id: string
  readonly title: string
  /** What is drawn, in a sentence. */
  readonly words: string
  readonly unit: ChartUnit
  readonly isStacked: boolean
  readonly series: readonly PaneSeries[]
  readonly emptyText: string
}

/** In an answer at most; the host refuses more. */
const seriesMax = 200

export const subjectKey = (subject: Subject): string =>
  subject.kind === 'broker'
    ? `broker:${subject.id}`
    : subject.kind === 'topic'
      ? `topic:${subject.topic}`
      : subject.kind === 'api'
        ? `api:${subject.api}`
        : subject.kind === 'group'
          ? `group:${subject.group}`
          : subject.kind

export function subjectTitle(subject: Subject): string {
  switch (subject.kind) {
    case 'cluster':
      return 'Cluster'
    case 'broker':
      return `Broker ${subject.id}`
    case 'topic':
      return subject.topic
    case 'api':
      return `${subject.api} requests`
    case 'group':
      return subject.group
    case 'services':
      return 'Coordination and registry'
  }
}

export function panesOf(subject: Subject, catalog: MetricsCatalog): readonly Pane[] {
  const panes = {
    cluster: () => clusterPanes(catalog),
    broker: () => brokerPanes((subject as { id: number }).id, catalog),
    topic: () => topicPanes((subject as { topic: string }).topic),
    api: () => apiPanes((subject as { api: string }).api, catalog),
    group: () => [single('group', 'lag', seriesOf.group((subject as { group: string }).group, 'lag'))],
    services: servicePanes,
  }[subject.kind]()
  let left = seriesMax
  return panes.map((pane) => {
    const series = pane.series.slice(0, left)
    left -= series.length
    return { ...pane, series }
  })
}

function clusterPanes({ brokers }: MetricsCatalog): Pane[] {
  const each = (name: string, isStacked = false): Pane =>
    byBroker('broker', name, brokers, (id) => seriesOf.broker(id, name), isStacked)
  return [
    each('messages-in', true),
    each('bytes-in', true),
    each('bytes-out', true),
    each('replication-bytes-out', true),
    {
      ...byBroker('request', 'p99', brokers, (id) => seriesOf.request(id, 'Produce', 'p99')),
      id: 'produce-p99',
      title: 'Produce, p99',
      emptyText: 'Nobody has produced in this time.',
    },
    {
      ...byBroker('request', 'p99', brokers, (id) => seriesOf.request(id, 'Fetch', 'p99')),
      id: 'fetch-p99',
      title: 'Fetch, p99 with its wait for records',
      emptyText: 'Nobody has fetched in this time.',
    },
    several('health', 'Partitions in trouble', 'cluster', [
      ['under-replicated', 'lagging-line'],
      ['offline', 'error'],
    ]),
    several('elections', 'Elections and in-sync sets', 'cluster', [['elections'], ['isr-shrinks'], ['isr-expands']]),
    each('disk', true),
    each('heap'),
    each('loop-delay'),
    each('connections'),
  ]
}

function brokerPanes(id: number, { apis, errors }: MetricsCatalog): Pane[] {
  const one = (name: string): Pane => single('broker', name, seriesOf.broker(id, name), brokerColor(id).color)
  const latency = (api: string): Pane => ({
    ...severalOf(`${api}-latency`, `${api} latency`, 'request', ['p50', 'p99', 'max'], (name) => seriesOf.request(id, api, name)),
    emptyText: `No ${api} request was answered in this time.`,
  })
  return [
    one('messages-in'),
    several('bytes', 'Bytes in and out', 'broker', [['bytes-in'], ['bytes-out'], ['replication-bytes-out']], (name) =>
      seriesOf.broker(id, name),
    ),
    {
      ...named('request', 'count'),
      id: 'requests',
      title: 'Requests by API',
      isStacked: true,
      series: colored(apis, (api) => seriesOf.request(id, api, 'count')),
    },
    latency('Produce'),
    latency('Fetch'),
    latency('Metadata'),
    {
      ...named('error', 'count'),
      id: 'errors',
      title: 'Errors answered',
      isStacked: false,
      series: colored(errors, (error) => seriesOf.error(id, error)),
      emptyText: 'No error was answered in this time.',
    },
    one('batch-bytes'),
    several('waiting', 'Waiting in purgatory', 'broker', [['waiting-produces'], ['waiting-fetches']], (name) =>
      seriesOf.broker(id, name),
    ),
    one('loop-delay'),
    one('heap'),
    one('disk'),
    one('connections'),
  ]
}

function topicPanes(topic: string): Pane[] {
  const of = (name: string): string => seriesOf.topic(topic, name)
  return [
    single('topic', 'messages-in', of('messages-in')),
    several('bytes', 'Bytes in and out', 'topic', [['bytes-in'], ['bytes-out']], of),
    { ...single('topic', 'batch-bytes', of('batch-bytes')), emptyText: 'Nobody has produced to it in this time.' },
    { ...single('topic', 'batch-records', of('batch-records')), emptyText: 'Nobody has produced to it in this time.' },
    single('topic', 'produce-failures', of('produce-failures'), 'error'),
  ]
}

function apiPanes(api: string, { brokers, errors }: MetricsCatalog): Pane[] {
  const each = (name: string, isStacked = false): Pane =>
    byBroker('request', name, brokers, (id) => seriesOf.request(id, api, name), isStacked)
  return [
    each('count', true),
    each('p50'),
    each('p99'),
    each('max'),
    ...brokers.map((id) => ({
      ...severalOf(`phases-${id}`, `Where the time goes, broker ${id}`, 'request', ['queue', 'local', 'remote', 'send'], (name) =>
        seriesOf.request(id, api, name),
      ),
      isStacked: true,
    })),
    ...(errors.length === 0
      ? []
      : [
          {
            ...named('error', 'count'),
            id: 'errors',
            title: 'Errors of all APIs',
            isStacked: true,
            series: colored(
              errors.flatMap((error) => brokers.map((id) => [id, error] as const)),
              ([id, error]) => seriesOf.error(id, error),
              ([id, error]) => `${error}, broker ${id}`,
            ),
            emptyText: 'No error was answered in this time.',
          },
        ]),
  ]
}

function servicePanes(): Pane[] {
  return [
    single('coordination', 'requests', seriesOf.coordination('requests')),
    several(
      'coordination-latency',
      'Coordination latency',
      'coordination',
      [['latency'], ['latency-max']],
      seriesOf.coordination,
    ),
    single('coordination', 'sessions', seriesOf.coordination('sessions')),
    single('coordination', 'znodes', seriesOf.coordination('znodes')),
    several('registry-requests', 'Registry requests', 'registry', [['requests'], ['errors', 'error']], seriesOf.registry),
    {
      ...several('registry-latency', 'Registry latency', 'registry', [['latency'], ['latency-max']], seriesOf.registry),
      emptyText: 'Nobody has asked the registry in this time.',
    },
    single('registry', 'subjects', seriesOf.registry('subjects')),
  ].map((pane) =>
    pane.id.startsWith('coordination') && !pane.title.startsWith('Coordination')
      ? { ...pane, title: `Coordination, ${pane.title.toLowerCase()}` }
      : pane,
  )
}

function named(scope: MetricScope, name: string): Omit<Pane, 'series' | 'isStacked'> {
  const { title, words, unit } = metricDefinition(scope, name)
  return { id: `${scope}-${name}`, title, words, unit, emptyText: 'Nothing was measured in this time.' }
}

function single(scope: MetricScope, name: string, series: string, color: string = seriesColor(0).color): Pane {
  const pane = named(scope, name)
  return { ...pane, isStacked: false, series: [{ name: series, label: pane.title.toLowerCase(), color, dash: undefined }] }
}

function byBroker(
  scope: MetricScope,
  name: string,
  brokers: readonly number[],
  series: (id: number) => string,
  isStacked = false,
): Pane {
  return {
    ...named(scope, name),
    isStacked,
    series: brokers.map((id) => ({ name: series(id), label: `broker ${id}`, ...brokerColor(id) })),
  }
}

/** Figures of one unit in one chart, each with a colour of its own where it has a meaning. */
function several(
  id: string,
  title: string,
  scope: MetricScope,
  names: readonly (readonly [name: string, color?: string])[],
  series: (name: string) => string = (name) => `${scope}/${name}`,
): Pane {
  const definitions = names.map(([name]) => metricDefinition(scope, name))
  return {
    id,
    title,
    words: definitions.map(({ title: each, words }) => `${each}: ${words}`).join(' '),
    unit: definitions[0]!.unit,
    isStacked: false,
    emptyText: 'Nothing was measured in this time.',
    series: names.map(([name, color], index) => ({
      ...seriesColor(index),
      ...(color === undefined ? {} : { color }),
      name: series(name),
      label: definitions[index]!.title.toLowerCase(),
    })),
  }
}

function severalOf(
  id: string,
  title: string,
  scope: MetricScope,
  names: readonly string[],
  series: (name: string) => string,
): Pane {
  const pane = several(
    id,
    title,
    scope,
    names.map((name) => [name] as const),
    series,
  )
  return { ...pane, series: pane.series.map((each, index) => ({ ...each, label: names[index]! })) }
}

function colored<T>(things: readonly T[], series: (thing: T) => string, label: (thing: T) => string = String): PaneSeries[] {
  return things.map((thing, index) => ({ ...seriesColor(index), name: series(thing), label: label(thing) }))
}
