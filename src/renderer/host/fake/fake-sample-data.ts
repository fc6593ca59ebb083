/** Sample data in the fake host: topics that appear in the fake cluster one after another, a generator that only counts. */
import type { SampleDataView, SampleTopicView } from '../../../shared/model/sample-data'
import type { FakeCluster } from './fake-cluster'
import type { Handlers } from './fake-host'

const topic = (
  name: string,
  partitionCount: number,
  replicationFactor: number,
  recordCount: number,
  valueFormat: SampleTopicView['valueFormat'],
  description: string,
  isCompacted = false,
) => ({ name, partitionCount, replicationFactor, recordCount, valueFormat, isCompacted, description })

const sample = [
  topic('customers', 3, 3, 710, 'Avro', 'Compacted: the newest record of each customer, tombstones of those who left', true),
  topic('orders', 6, 3, 4_980, 'Avro', 'Each step of an order, by its id; decimals and 64-bit ids'),
  topic('payments', 6, 3, 1_770, 'JSON Schema', 'What was paid, declined and given back, by order'),
  topic('shipments', 3, 2, 4_860, 'Protobuf', 'Parcels on their way, by order'),
  topic('clickstream', 24, 2, 4_980, 'JSON', 'Page views by visitor, JSON without a schema, over many partitions'),
  topic('shop.log', 1, 1, 2_670, 'text', 'Lines of a log, without keys'),
]

type SampleHandlers = { readonly [N in Extract<keyof Handlers, `sampleData.${string}`>]: Handlers[N] }

export class FakeSampleData {
  private readonly made = new Set<string>()
  private perSecond = 20
  private isRunning = false
  private sentCount = 0

  constructor(
    private readonly cluster: FakeCluster,
    private readonly tell: (view: SampleDataView) => void,
  ) {}

  tick(): void {
    if (!this.isRunning) return
    this.sentCount += Math.ceil(this.perSecond / 4)
    this.tell(this.view())
  }

  readonly handlers: SampleHandlers = {
    'sampleData.view': () => this.view(),
    'sampleData.install': ({ generatorPerSecond }) => {
      for (const { name, partitionCount, replicationFactor, recordCount } of sample) {
        if (this.cluster.topics.has(name)) continue
        this.made.add(name)
        this.cluster.addTopic(
          {
            name,
            partitionCount,
            replicationFactor,
            configs: {},
            logEndOffset: Math.round(recordCount / partitionCount),
            messagesPerSecond: 0,
            recordBytes: 240,
          },
          true,
        )
      }
      if (generatorPerSecond !== null) this.go(generatorPerSecond)
      return this.told()
    },
    'sampleData.setGenerator': ({ perSecond }) => {
      if (perSecond === null) this.isRunning = false
      else this.go(perSecond)
      return this.told()
    },
    'sampleData.remove': () => {
      for (const name of this.made) if (this.cluster.topics.has(name)) this.cluster.deleteTopic(name)
      this.made.clear()
      this.isRunning = false
      return this.told()
    },
  }

  private go(perSecond: number): void {
    this.perSecond = perSecond
    this.isRunning = true
    this.sentCount = 0
  }

  private told(): SampleDataView {
    const view = this.view()
    this.tell(view)
    return view
  }

  private view(): SampleDataView {
    return {
      state: this.made.size > 0 ? 'installed' : 'absent',
      topics: sample.map((each) => ({
        ...each,
        state: this.made.has(each.name) ? 'filled' : this.cluster.topics.has(each.name) ? 'foreign' : 'absent',
      })),
      groups: ['billing', 'warehouse'],
      progress: null,
      generator: { isRunning: this.isRunning, perSecond: this.perSecond, sentCount: this.sentCount, problem: null },
      problem: null,
    }
  }
}
