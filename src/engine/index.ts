/** The engine's public index: what a host of brokers needs. Clients are in ./client, whole; of the wire only what callers meet. */
export { Broker } from './broker/broker'
export { brokerConfigDefinitions } from './broker/broker-configs'
export type { BrokerEvent } from './broker/broker-events'
export {
  BrokerConfigError,
  type BrokerDetails,
  type BrokerMeasurements,
  type BrokerOptions,
  type BrokerStatistics,
} from './broker/broker-options'
export { type BrokerSecurity, type BrokerUser, interBrokerSecurity } from './broker/broker-security'
export type { ConfigDefinition } from './broker/config-definition'
export type { ConnectionView } from './broker/connection'
export type { ActivityView, ApiUse } from './broker/connection-activity'
export { CoordinationUnreachableError } from './broker/coordination-link'
export {
  type InterceptionAction,
  type InterceptionRule,
  type InterceptionView,
  parseRule as parseInterceptionRule,
  type RequestPattern,
} from './broker/interception/rule'
export { isInternalTopic } from './broker/internal-topics'
export { LATENCY_CELL_COUNT, percentileOf } from './broker/latency-histogram'
export type { MetadataCache, PartitionMetadata, TopicMetadata } from './broker/metadata-cache'
export { topicConfigDefinitions } from './broker/topic-configs'
export type { SaslCredentials } from './client/sasl-login'
export { BrokerIdTakenError } from './controller/broker-registration'
export type { ControllerEvent, IsrChange, LeaderChange, ReassignedPartition } from './controller/events'
export {
  CoordinationServer,
  type CoordinationServerOptions,
  type CoordinationStatistics,
} from './coordination/coordination-server'
export { NetworkError } from './platform'
export type { PartitionStatus } from './replication/outcomes'
export {
  contentTypeFor as registryContentTypeFor,
  errorResponse as registryErrorResponse,
  handleRequest as handleRegistryRequest,
  RegistryError,
  type RegistryEvent,
  type RegistryStatus,
  type RestRequest,
  type RestResponse,
  SchemaRegistry,
} from './schemas/registry'
export { isSaslMechanism } from './security/sasl/sasl'
export {
  createAuthority,
  isCertificateGood,
  isServerCertificateGood,
  issueClientCertificate,
  issueServerCertificate,
  type KeyAndCertificate,
} from './security/x509/authority'
export { DataDirectoryError } from './storage'
export { ErrorCode, errorMessage, errorName } from './wire/errors'
export { initCompression } from './wire/records'
