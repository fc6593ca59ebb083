/** All handlers of a broker, registered. What is advertised and what docs/protocol-support.md says follow from this list. */
import type { HandlerRegistry } from '../registry'
import type { BrokerServices } from '../services'
import { produceHandler } from './00-produce'
import { fetchHandler } from './01-fetch'
import { listOffsetsHandler } from './02-list-offsets'
import { metadataHandler } from './03-metadata'
import { leaderAndIsrHandler } from './04-leader-and-isr'
import { stopReplicaHandler } from './05-stop-replica'
import { updateMetadataHandler } from './06-update-metadata'
import { controlledShutdownHandler } from './07-controlled-shutdown'
import { offsetCommitHandler } from './08-offset-commit'
import { offsetFetchHandler } from './09-offset-fetch'
import { findCoordinatorHandler } from './10-find-coordinator'
import { joinGroupHandler } from './11-join-group'
import { heartbeatHandler } from './12-heartbeat'
import { leaveGroupHandler } from './13-leave-group'
import { syncGroupHandler } from './14-sync-group'
import { describeGroupsHandler } from './15-describe-groups'
import { listGroupsHandler } from './16-list-groups'
import { saslHandshakeHandler } from './17-sasl-handshake'
import { apiVersionsHandler } from './18-api-versions'
import { createTopicsHandler } from './19-create-topics'
import { deleteTopicsHandler } from './20-delete-topics'
import { deleteRecordsHandler } from './21-delete-records'
import { initProducerIdHandler } from './22-init-producer-id'
import { offsetForLeaderEpochHandler } from './23-offset-for-leader-epoch'
import { addPartitionsToTxnHandler } from './24-add-partitions-to-txn'
import { addOffsetsToTxnHandler } from './25-add-offsets-to-txn'
import { endTxnHandler } from './26-end-txn'
import { writeTxnMarkersHandler } from './27-write-txn-markers'
import { txnOffsetCommitHandler } from './28-txn-offset-commit'
import { describeAclsHandler } from './29-describe-acls'
import { createAclsHandler } from './30-create-acls'
import { deleteAclsHandler } from './31-delete-acls'
import { describeConfigsHandler } from './32-describe-configs'
import { alterConfigsHandler } from './33-alter-configs'
import { describeLogDirsHandler } from './35-describe-log-dirs'
import { saslAuthenticateHandler } from './36-sasl-authenticate'
import { createPartitionsHandler } from './37-create-partitions'
import { deleteGroupsHandler } from './42-delete-groups'
import { electLeadersHandler } from './43-elect-leaders'
import { incrementalAlterConfigsHandler } from './44-incremental-alter-configs'
import { alterPartitionReassignmentsHandler } from './45-alter-partition-reassignments'
import { listPartitionReassignmentsHandler } from './46-list-partition-reassignments'
import { offsetDeleteHandler } from './47-offset-delete'
import { describeClientQuotasHandler } from './48-describe-client-quotas'
import { alterClientQuotasHandler } from './49-alter-client-quotas'
import { describeUserScramCredentialsHandler } from './50-describe-user-scram-credentials'
import { alterUserScramCredentialsHandler } from './51-alter-user-scram-credentials'
import { alterPartitionHandler } from './56-alter-partition'
import { describeClusterHandler } from './60-describe-cluster'
import { describeProducersHandler } from './61-describe-producers'
import { describeTransactionsHandler } from './65-describe-transactions'
import { listTransactionsHandler } from './66-list-transactions'
import { consumerGroupHeartbeatHandler } from './68-consumer-group-heartbeat'
import { consumerGroupDescribeHandler } from './69-consumer-group-describe'
import { listClientMetricsResourcesHandler } from './74-list-client-metrics-resources'
import { describeTopicPartitionsHandler } from './75-describe-topic-partitions'

/** Fills the registry that ApiVersions, one of the handlers, is computed from. */
export function registerHandlers(registry: HandlerRegistry, services: BrokerServices): void {
  registry
    .register(produceHandler(services))
    .register(fetchHandler(services))
    .register(listOffsetsHandler(services))
    .register(metadataHandler(services))
    .register(leaderAndIsrHandler(services))
    .register(stopReplicaHandler(services))
    .register(updateMetadataHandler(services))
    .register(controlledShutdownHandler(services))
    .register(offsetCommitHandler(services))
    .register(offsetFetchHandler(services))
    .register(findCoordinatorHandler(services))
    .register(joinGroupHandler(services))
    .register(heartbeatHandler(services))
    .register(leaveGroupHandler(services))
    .register(syncGroupHandler(services))
    .register(describeGroupsHandler(services))
    .register(listGroupsHandler(services))
    .register(saslHandshakeHandler())
    .register(apiVersionsHandler(services))
    .register(createTopicsHandler(services))
    .register(deleteTopicsHandler(services))
    .register(deleteRecordsHandler(services))
    .register(initProducerIdHandler(services))
    .register(offsetForLeaderEpochHandler(services))
    .register(addPartitionsToTxnHandler(services))
    .register(addOffsetsToTxnHandler(services))
    .register(endTxnHandler(services))
    .register(writeTxnMarkersHandler(services))
    .register(txnOffsetCommitHandler(services))
    .register(describeAclsHandler(services))
    .register(createAclsHandler(services))
    .register(deleteAclsHandler(services))
    .register(describeConfigsHandler(services))
    .register(alterConfigsHandler(services))
    .register(saslAuthenticateHandler())
    .register(describeLogDirsHandler(services))
    .register(createPartitionsHandler(services))
    .register(describeClientQuotasHandler(services))
    .register(alterClientQuotasHandler(services))
    .register(consumerGroupHeartbeatHandler(services))
    .register(consumerGroupDescribeHandler(services))
    .register(listClientMetricsResourcesHandler())
    .register(deleteGroupsHandler(services))
    .register(electLeadersHandler(services))
    .register(incrementalAlterConfigsHandler(services))
    .register(alterPartitionReassignmentsHandler(services))
    .register(listPartitionReassignmentsHandler(services))
    .register(offsetDeleteHandler(services))
    .register(describeUserScramCredentialsHandler(services))
    .register(alterUserScramCredentialsHandler(services))
    .register(alterPartitionHandler(services))
    .register(describeClusterHandler(services))
    .register(describeProducersHandler(services))
    .register(describeTransactionsHandler(services))
    .register(listTransactionsHandler(services))
    .register(describeTopicPartitionsHandler(services))
}
