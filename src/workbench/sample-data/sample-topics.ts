/** The topics of the sample data: what a small shop has, with each kind of value that a reader should meet once. */
import type { SampleTopicView } from '../../shared/model/sample-data'
import type { SchemaLanguage } from '../../shared/model/schemas'
import { customerSchema, orderSchema, paymentSchema, shipmentSchema } from './sample-schemas'

export interface SampleTopic {
  readonly name: string
  readonly partitionCount: number
  readonly replicationFactor: number
  readonly configs: Readonly<Record<string, string>>
  readonly valueFormat: SampleTopicView['valueFormat']
  readonly schema: { readonly language: SchemaLanguage; readonly text: string } | null
  readonly description: string
}

const avro = (text: string) => ({ language: 'avro' as const, text })

export const sampleTopics = [
  {
    name: 'customers',
    partitionCount: 3,
    replicationFactor: 3,
    configs: { 'cleanup.policy': 'compact', 'min.insync.replicas': '2' },
    valueFormat: 'Avro',
    schema: avro(customerSchema),
    description: 'Compacted: the newest record of each customer, tombstones of those who left',
  },
  {
    name: 'orders',
    partitionCount: 6,
    replicationFactor: 3,
    configs: { 'min.insync.replicas': '2' },
    valueFormat: 'Avro',
    schema: avro(orderSchema),
    description: 'Each step of an order, by its id; decimals and 64-bit ids',
  },
  {
    name: 'payments',
    partitionCount: 6,
    replicationFactor: 3,
    configs: { 'min.insync.replicas': '2' },
    valueFormat: 'JSON Schema',
    schema: { language: 'json-schema' as const, text: paymentSchema },
    description: 'What was paid, declined and given back, by order',
  },
  {
    name: 'shipments',
    partitionCount: 3,
    replicationFactor: 2,
    configs: {},
    valueFormat: 'Protobuf',
    schema: { language: 'protobuf' as const, text: shipmentSchema },
    description: 'Parcels on their way, by order',
  },
  {
    name: 'clickstream',
    partitionCount: 24,
    replicationFactor: 2,
    configs: { 'retention.ms': '86400000' },
    valueFormat: 'JSON',
    schema: null,
    description: 'Page views by visitor, JSON without a schema, over many partitions',
  },
  {
    name: 'shop.log',
    partitionCount: 1,
    replicationFactor: 1,
    configs: {},
    valueFormat: 'text',
    schema: null,
    description: 'Lines of a log, without keys',
  },
] as const satisfies readonly SampleTopic[]

export type SampleTopicName = (typeof sampleTopics)[number]['name']

/** Groups with what they read and how far they are behind: of a thousand records that many are not yet read. */
export const sampleGroups = [
  { groupId: 'billing', topics: ['orders', 'payments'], behindPerMille: 12, readsAlong: true },
  { groupId: 'warehouse', topics: ['orders', 'shipments'], behindPerMille: 180, readsAlong: false },
] as const satisfies readonly {
  readonly groupId: string
  readonly topics: readonly SampleTopicName[]
  readonly behindPerMille: number
  readonly readsAlong: boolean
}[]
