/** The engine's client library: what the workbench, test suites and later the registry speak to brokers with. */
export { Admin, type DescribedConfig, type NewTopic } from './admin'
export { BrokerConnection, type BrokerConnectionOptions } from './broker-connection'
export { ClientError, type ClientErrorKind, protocolError } from './errors'
export type { AssignorName } from './group/assignors'
export { decodeAssignment, decodeSubscription } from './group/consumer-protocol'
export * from './group/group-admin'
export { GroupConsumer, type GroupConsumerOptions, type GroupConsumerState, type GroupConsumerView } from './group/group-consumer'
export { flatten, grouped, keyOf, type TopicPartition, type TopicPartitions } from './group/topic-partitions'
export { KafkaClient, type KafkaClientOptions } from './kafka-client'
export type { BrokerEndpoint, MetadataSnapshot, PartitionMetadata, TopicMetadata } from './metadata'
export { earliestOffset, latestOffset, listOffsets } from './offsets'
export { PartitionConsumer, type PartitionConsumerOptions } from './partition-consumer'
export { type AppendedBatch, produceBatch } from './produce-batch'
export { type Delivery, Producer, type ProducerOptions, type ProducerRecord } from './producer'
export { pause, retrying } from './retry'
export type { ClientSecurity, SaslCredentials } from './sasl-login'
export { alterTopicConfigs, type ConfigChange, createPartitions, deleteRecords } from './topic-changes'
export {
  type GroupIdentity,
  type GroupPosition,
  TransactionalProducer,
  type TransactionalProducerOptions,
} from './transactional-producer'
