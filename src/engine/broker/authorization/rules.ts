/**
 * What each API needs, one line or a few: the operation on the resource, as Kafka's KafkaApis asks it. Every API that a broker serves stands here; a test
 * holds the table against the registry, and a broker with an authorizer closes the connection on an API that does not. Whole requests are judged
 * before parts of them.
 */
import { Operation, ResourceType } from '../../security/acl/acl'
import { ErrorCode } from '../../wire/errors'
import type { AnyStruct } from '../interception/message-shape'
import {
  allDescribable,
  allTopicsOfGroups,
  assignedTopics,
  createdConfigs,
  fetchAnswers,
  namedMetadata,
  offsetGroups,
  offsetTopics,
  ownedTopics,
  subscribedTopics,
  topicsOfTransactions,
  transactionalTopics,
  withoutNoTopic,
} from './special-steps'
import {
  allowsCluster,
  brokersOnly,
  cluster,
  eachGroupResource,
  eachOf,
  eachOtherResource,
  eachTopic,
  named,
  type Question,
  type Step,
  shownOnly,
  where,
} from './steps'

const { READ, WRITE, CREATE, DELETE, ALTER, DESCRIBE, CLUSTER_ACTION, DESCRIBE_CONFIGS, ALTER_CONFIGS, IDEMPOTENT_WRITE } =
  Operation
const { TOPIC, GROUP, TRANSACTIONAL_ID } = ResourceType

/** Anybody may ask it. */
const nothing: readonly Step[] = []

const isReplica = ({ request }: Question): boolean => {
  const state = request['replicaState'] as AnyStruct | undefined
  return Number(request['replicaId'] ?? -1) >= 0 || Number(state?.['replicaId'] ?? -1) >= 0
}
const isConsumer = (question: Question): boolean => !isReplica(question)
const mayReplicate = ({ authority }: Question): boolean => allowsCluster(authority, CLUSTER_ACTION)
const byTopic =
  (step: Step): Step =>
  (question) =>
    step(question) === null ? null : { kind: 'refused', errorCode: ErrorCode.TOPIC_AUTHORIZATION_FAILED, inEach: true }
const asksForGroup = ({ request }: Question): boolean => (request['keyType'] ?? 0) === 0
const isTransactional = ({ request }: Question): boolean => typeof request['transactionalId'] === 'string'
const asksForAllTopics = ({ request, version }: Question): boolean => {
  const topics: unknown = request['topics']
  return topics === null || (version === 0 && Array.isArray(topics) && topics.length === 0)
}
const namesNoTopic = ({ request }: Question): boolean => (request['topics'] as readonly unknown[]).length === 0
/** Producing idempotently needs nothing of its own where one may write to anything at all (KIP-679). */
const mayNotWriteAnywhere = ({ authority }: Question): boolean => !authority.allowsOnAny(WRITE, TOPIC)
const isBatched = ({ version }: Question): boolean => version >= 4
/** Of config resources of every kind. */
const eachResource = (operation: number): readonly Step[] => [
  eachTopic(operation, 'resources'),
  eachGroupResource(operation),
  eachOtherResource(operation),
]
const isSingle = ({ version }: Question): boolean => version < 4

export const RULES: ReadonlyMap<number, readonly Step[]> = new Map<number, readonly Step[]>([
  /* Produce */ [0, [named('transactionalId', WRITE, TRANSACTIONAL_ID), eachTopic(WRITE, 'topicData')]],
  /* Fetch */ [1, [where(isReplica, byTopic(brokersOnly)), where(isConsumer, eachTopic(READ)), where(isConsumer, fetchAnswers)]],
  /* ListOffsets */ [2, [eachTopic(DESCRIBE)]],
  /* Metadata */ [
    3,
    [
      where((question) => !asksForAllTopics(question), namedMetadata),
      where((question) => !asksForAllTopics(question), withoutNoTopic),
      where(asksForAllTopics, shownOnly('topics', 'name', TOPIC)),
    ],
  ],
  /* LeaderAndIsr */ [4, [brokersOnly]],
  /* StopReplica */ [5, [brokersOnly]],
  /* UpdateMetadata */ [6, [brokersOnly]],
  /* ControlledShutdown */ [7, [brokersOnly]],
  /* OffsetCommit */ [8, [named('groupId', READ, GROUP), eachTopic(READ)]],
  /* OffsetFetch */ [9, [offsetGroups, offsetTopics, allTopicsOfGroups]],
  /* FindCoordinator */ [
    10,
    [
      where(asksForGroup, where(isSingle, named('key', DESCRIBE, GROUP))),
      where(asksForGroup, where(isBatched, eachOf('coordinatorKeys', DESCRIBE, GROUP))),
      where((question) => !asksForGroup(question) && isSingle(question), named('key', DESCRIBE, TRANSACTIONAL_ID)),
      where((question) => !asksForGroup(question) && isBatched(question), eachOf('coordinatorKeys', DESCRIBE, TRANSACTIONAL_ID)),
    ],
  ],
  /* JoinGroup */ [11, [named('groupId', READ, GROUP)]],
  /* Heartbeat */ [12, [named('groupId', READ, GROUP)]],
  /* LeaveGroup */ [13, [named('groupId', READ, GROUP)]],
  /* SyncGroup */ [14, [named('groupId', READ, GROUP)]],
  /* DescribeGroups */ [15, [eachOf('groups', DESCRIBE, GROUP)]],
  /* ListGroups */ [16, [where(({ authority }) => !allowsCluster(authority, DESCRIBE), shownOnly('groups', 'groupId', GROUP))]],
  /* SaslHandshake */ [17, nothing],
  /* ApiVersions */ [18, nothing],
  /* CreateTopics */ [19, [where(({ authority }) => !allowsCluster(authority, CREATE), eachTopic(CREATE)), createdConfigs]],
  /* DeleteTopics */ [20, [eachTopic(DELETE), eachTopic(DELETE, 'topicNames')]],
  /* DeleteRecords */ [21, [eachTopic(DELETE)]],
  /* InitProducerId */ [
    22,
    [
      named('transactionalId', WRITE, TRANSACTIONAL_ID),
      where((question) => !isTransactional(question) && mayNotWriteAnywhere(question), cluster(IDEMPOTENT_WRITE)),
    ],
  ],
  /* OffsetForLeaderEpoch */ [23, [where((question) => !mayReplicate(question), eachTopic(DESCRIBE))]],
  /* AddPartitionsToTxn */ [
    24,
    [
      where(isBatched, brokersOnly),
      where(isSingle, named('v3AndBelowTransactionalId', WRITE, TRANSACTIONAL_ID)),
      transactionalTopics,
    ],
  ],
  /* AddOffsetsToTxn */ [25, [named('transactionalId', WRITE, TRANSACTIONAL_ID), named('groupId', READ, GROUP)]],
  /* EndTxn */ [26, [named('transactionalId', WRITE, TRANSACTIONAL_ID)]],
  /* WriteTxnMarkers */ [27, [brokersOnly]],
  /* TxnOffsetCommit */ [28, [named('transactionalId', WRITE, TRANSACTIONAL_ID), named('groupId', READ, GROUP), eachTopic(READ)]],
  /* DescribeAcls */ [29, [cluster(DESCRIBE)]],
  /* CreateAcls */ [30, [cluster(ALTER)]],
  /* DeleteAcls */ [31, [cluster(ALTER)]],
  /* DescribeConfigs */ [32, eachResource(DESCRIBE_CONFIGS)],
  /* AlterConfigs */ [33, eachResource(ALTER_CONFIGS)],
  /* DescribeLogDirs */ [35, [cluster(DESCRIBE)]],
  /* SaslAuthenticate */ [36, nothing],
  /* CreatePartitions */ [37, [eachTopic(ALTER)]],
  /* DeleteGroups */ [42, [eachOf('groupsNames', DELETE, GROUP)]],
  /* ElectLeaders */ [43, [cluster(ALTER)]],
  /* IncrementalAlterConfigs */ [44, eachResource(ALTER_CONFIGS)],
  /* AlterPartitionReassignments */ [45, [cluster(ALTER)]],
  /* ListPartitionReassignments */ [46, [cluster(DESCRIBE)]],
  /* OffsetDelete */ [47, [named('groupId', DELETE, GROUP), eachTopic(READ)]],
  /* DescribeClientQuotas */ [48, [cluster(DESCRIBE_CONFIGS)]],
  /* AlterClientQuotas */ [49, [cluster(ALTER_CONFIGS)]],
  /* DescribeUserScramCredentials */ [50, [cluster(DESCRIBE)]],
  /* AlterUserScramCredentials */ [51, [cluster(ALTER)]],
  /* AlterPartition */ [56, [brokersOnly]],
  /* DescribeCluster */ [60, nothing],
  /* DescribeProducers */ [61, [eachTopic(READ)]],
  /* DescribeTransactions */ [65, [eachOf('transactionalIds', DESCRIBE, TRANSACTIONAL_ID), topicsOfTransactions]],
  /* ListTransactions */ [66, [shownOnly('transactionStates', 'transactionalId', TRANSACTIONAL_ID)]],
  /* ConsumerGroupHeartbeat */ [68, [named('groupId', READ, GROUP), subscribedTopics, assignedTopics]],
  /* ConsumerGroupDescribe */ [69, [eachOf('groupIds', DESCRIBE, GROUP), ownedTopics]],
  /* ListConfigResources */ [74, [cluster(DESCRIBE_CONFIGS)]],
  /* DescribeTopicPartitions */ [75, [where(namesNoTopic, allDescribable), eachTopic(DESCRIBE)]],
])
