/**
 * Puts the parts of a broker together: each is given the others as the narrow things that it needs. Broker runs them; nothing is started here.
 */
import { BrokerConnection } from '../client/broker-connection'
import { Controller } from '../controller/controller'
import { interBrokerAddressOf } from '../controller/types'
import { defaultReplicationConfig, ReplicaManager, type ReplicaObserver } from '../replication/replica-manager'
import type { LogManager } from '../storage'
import { ErrorCode } from '../wire/errors'
import { AlterPartition, CreateTopics, Metadata } from '../wire/messages'
import { installAdmissions } from './authorization/admission'
import type { BrokerListenerFunction } from './broker-events'
import type { BrokerOptions } from './broker-options'
import { interBrokerSecurity, type SecurityState } from './broker-security'
import type { ConfigStore } from './config-store'
import { ControlQueue } from './control-queue'
import { ControllerLink } from './controller-link'
import type { CoordinationLink } from './coordination-link'
import { Coordinators, coordinatorLog } from './coordinators'
import { FetchSessionCache } from './fetch-sessions/fetch-session-cache'
import { registerHandlers } from './handlers'
import { whoIsThere } from './handlers/03-metadata'
import { type InterceptionSight, Interceptor } from './interception/interceptor'
import { TRANSACTION_STATE, topicOnDemand } from './internal-topics'
import { LogFailureNotices } from './log-failure-notices'
import { interBrokerAddress, MetadataCache } from './metadata-cache'
import { ProducerIds } from './producer-ids'
import { Purgatory, partitionKey } from './purgatory'
import { ClientQuotas } from './quotas/client-quotas'
import { QuotaStore } from './quotas/quota-store'
import { HandlerRegistry } from './registry'
import type { BrokerServices } from './services'
import { whyTopicConfigsInvalid } from './topic-configs'
import { Traffic } from './traffic'
import { Transactions } from './transactions'

/** The value of `replica.selector.class` with which every consumer reads from the leader. */
const LEADER_SELECTOR = 'org.apache.kafka.common.replica.LeaderSelector'
/** How long a topic that somebody has asked for is given to come into being. */
const AUTO_CREATE_TIMEOUT_MS = 10_000

export interface BrokerPartsInput {
  readonly options: BrokerOptions
  readonly clusterId: string
  readonly logManager: LogManager
  readonly coordination: CoordinationLink
  readonly configs: ConfigStore
  readonly security: SecurityState
  brokerEpoch(): number
  emit: BrokerListenerFunction
}

export interface BrokerParts extends BrokerServices {
  readonly replicas: ReplicaManager
  readonly controller: Controller
  readonly controllerLink: ControllerLink
  readonly interceptor: Interceptor
}

export function assembleBroker(input: BrokerPartsInput): BrokerParts {
  const { options, clusterId, logManager, coordination, configs, brokerEpoch, emit } = input
  const { platform, brokerId } = options
  const { clock, logger } = platform
  const metadata = new MetadataCache()
  const produces = new Purgatory(clock)
  const fetches = new Purgatory(clock)
  const deletions = new Purgatory(clock)
  const controllerTimeoutMs = configs.brokerNumber('controller.socket.timeout.ms')
  const credentials = interBrokerSecurity(options.security)
  const controllerLink = new ControllerLink({
    platform,
    brokerId,
    metadata,
    requestTimeoutMs: controllerTimeoutMs,
    security: credentials,
  })
  const connectTo = (address: { readonly host: string; readonly port: number }, purpose: string) =>
    new BrokerConnection({ platform, ...address, clientId: `broker-${brokerId}-${purpose}`, security: credentials })

  const logFailures = new LogFailureNotices({ brokerId, clock, logger, coordination: () => coordination.steady })

  const readsFromFollowers = configs.brokerValue('replica.selector.class') !== LEADER_SELECTOR
  const replicas = new ReplicaManager({
    platform,
    brokerId,
    logManager,
    config: {
      ...defaultReplicationConfig,
      replicaLagTimeMaxMs: configs.brokerNumber('replica.lag.time.max.ms'),
      fetchWaitMaxMs: configs.brokerNumber('replica.fetch.wait.max.ms'),
      replicaFetchMaxBytes: configs.brokerNumber('replica.fetch.max.bytes'),
    },
    minInSyncReplicas: (topic) => configs.minInSyncReplicas(topic),
    connectTo: (id) => {
      const broker = metadata.broker(id)
      return broker === undefined ? null : connectTo(interBrokerAddress(broker), `fetcher-${id}`)
    },
    alterPartition: (request) => controllerLink.request(AlterPartition, request),
    brokerEpoch,
    isBrokerLive: (id) => metadata.isLive(id),
    isPartitionKnown: (topic, partition) => metadata.partition(topic, partition) !== undefined,
    rackOf: (id) => (readsFromFollowers ? (metadata.broker(id)?.rack ?? null) : null),
    observer: observerOf(produces, fetches, deletions, logFailures, () => coordinators, emit),
  })
  const coordinators: Coordinators = new Coordinators({
    clock,
    logger,
    random: platform.random,
    replicas,
    metadata,
    configs,
    onDidRebalance: (group) => emit({ type: 'group-rebalanced', ...group }),
  })

  const producerIds = new ProducerIds(brokerId, () => coordination.session)
  const transactions = new Transactions({
    clock,
    logger,
    metadata,
    configs,
    log: coordinatorLog(TRANSACTION_STATE, replicas),
    addressOf: (id) => {
      const broker = metadata.broker(id)
      return broker === undefined ? undefined : interBrokerAddress(broker)
    },
    connectTo: (address, purpose) => connectTo(address, purpose),
    takeProducerId: () => producerIds.take(),
  })
  coordinators.add(TRANSACTION_STATE, transactions.coordinator.runtime)

  metadata.onDidChange(() => replicas.onBrokersChanged())

  const quotaStore: QuotaStore = new QuotaStore({
    logger,
    coordination: () => coordination.steady,
    onDidChange: () => quotas.onDidChange(),
  })
  const quotaWindow = {
    count: configs.brokerNumber('quota.window.num'),
    seconds: configs.brokerNumber('quota.window.size.seconds'),
  }
  const quotas: ClientQuotas = new ClientQuotas(clock, quotaStore, () => quotaWindow)

  const controller = new Controller({
    platform,
    brokerId,
    coordination: () => coordination.session,
    connectTo: (broker) => connectTo(interBrokerAddressOf(broker), `controller-to-${broker.id}`),
    config: {
      defaultPartitionCount: configs.brokerNumber('num.partitions'),
      defaultReplicationFactor: configs.brokerNumber('default.replication.factor'),
      autoLeaderRebalanceEnable: configs.brokerValue('auto.leader.rebalance.enable') === 'true',
      leaderImbalanceCheckIntervalMs: configs.brokerNumber('leader.imbalance.check.interval.seconds') * 1000,
      uncleanLeaderElectionEnable: configs.brokerValue('unclean.leader.election.enable') === 'true',
      deleteTopicEnable: configs.brokerValue('delete.topic.enable') === 'true',
    },
    topicConfigRules: {
      validate: (own) => whyTopicConfigsInvalid(new Map(Object.entries(own))),
    },
  })
  controller.onDidEvent(emit)

  const registry = new HandlerRegistry()
  const parts: BrokerParts = {
    brokerId,
    clusterId,
    clock,
    logger,
    registry,
    metadata,
    replicas,
    controller,
    controllerLink,
    interceptor: new Interceptor(platform.random, sightOf(clusterId, metadata)),
    configs,
    security: input.security,
    producerIds,
    controlQueue: new ControlQueue(),
    produces,
    fetches,
    deletions,
    coordinators,
    transactions,
    quotas,
    quotaStore,
    volumeSpace: () => platform.disk.space?.(options.dataDirectory) ?? null,
    fetchSessions: new FetchSessionCache(platform.random, () =>
      configs.brokerNumber('max.incremental.fetch.session.cache.slots'),
    ),
    traffic: new Traffic(),
    brokerEpoch,
    autoCreateTopic: autoCreator(controllerLink, configs, metadata, (name, reason) =>
      logger.warn('A topic that a client asked for could not be created', { topic: name, reason }),
    ),
  }
  registerHandlers(registry, parts)
  installAdmissions(registry, input.security.authorizer, {
    nameOfTopic: (topicId) => metadata.topicName(topicId),
    allTopics: () => metadata.allTopics().map(({ name }) => name),
    wouldCreate: (topic) => metadata.topic(topic) === undefined && configs.brokerValue('auto.create.topics.enable') === 'true',
  })
  return parts
}

/** What answers that interception makes up hold of the cluster. */
function sightOf(clusterId: string, metadata: MetadataCache): InterceptionSight {
  return {
    topicName: (topicId) => metadata.topicName(topicId),
    allTopics: () => metadata.allTopics().map(({ name }) => name),
    beside: (api) => (api.key === Metadata.key ? { clusterId, ...whoIsThere(metadata) } : {}),
  }
}

/** Whoever waits at a partition looks again when it has changed: producers for replicas, fetches for records. */
function observerOf(
  produces: Purgatory,
  fetches: Purgatory,
  deletions: Purgatory,
  logFailures: LogFailureNotices,
  coordinators: () => Coordinators,
  emit: BrokerListenerFunction,
): ReplicaObserver {
  return {
    onDidAppend: (topic, partition) => fetches.onDidChange(partitionKey(topic, partition)),
    onDidAdvanceHighWatermark: (topic, partition) => {
      const key = partitionKey(topic, partition)
      produces.onDidChange(key)
      fetches.onDidChange(key)
      coordinators().onDidAdvanceHighWatermark(topic, partition)
    },
    onDidChangeRole: (topic, partition, role) => {
      const key = partitionKey(topic, partition)
      produces.onDidChange(key)
      fetches.onDidChange(key)
      deletions.onDidChange(key)
      coordinators().onDidChangeRole(topic, partition)
      if (role === 'offline') logFailures.onDidFail()
      emit({ type: 'role-changed', topic, partition, role })
    },
    onDidChangeIsr: (topic, partition, isr) => {
      produces.onDidChange(partitionKey(topic, partition))
      emit({ type: 'isr-changed-here', topic, partition, isr: [...isr] })
    },
    onDidChangeLeaderEpoch: (topic, partition) => {
      fetches.onDidChange(partitionKey(topic, partition))
      coordinators().onDidChangeRole(topic, partition)
    },
  }
}

/** Asks the controller, once at a time for each topic. Clients that find it missing ask again, so a failure is only logged. */
function autoCreator(
  link: ControllerLink,
  configs: ConfigStore,
  metadata: MetadataCache,
  onFailure: (name: string, reason: string) => void,
) {
  const underway = new Set<string>()
  return (name: string): void => {
    if (underway.has(name)) return
    underway.add(name)
    const topic = topicOnDemand(name, configs, metadata.liveBrokers().length)
    link
      .request(CreateTopics, { topics: [topic], timeoutMs: AUTO_CREATE_TIMEOUT_MS })
      .then(({ topics: [outcome] }) => {
        if (outcome !== undefined && outcome.errorCode !== ErrorCode.NONE && outcome.errorCode !== ErrorCode.TOPIC_ALREADY_EXISTS)
          onFailure(name, outcome.errorMessage ?? String(outcome.errorCode))
      })
      .catch((error: unknown) => onFailure(name, String(error)))
      .finally(() => underway.delete(name))
  }
}
