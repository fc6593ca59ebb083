// Admin: everything in its interface that our brokers' ApiVersions offers, and a polite refusal of the rest. Configs are in compat/administration.
import java.time.Duration;
import java.util.*;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.*;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.*;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.*;

class AdminChecks extends Probe {
  static final String TOPIC = "administered";
  static final TopicPartition ZERO = new TopicPartition(TOPIC, 0);

  static void all() {
    check("Admin describes the cluster", AdminChecks::cluster);
    check("Admin describes features", AdminChecks::features);
    check("Admin creates topics, with assignments and only to try", AdminChecks::creates);
    check("Admin refuses what cannot be created", AdminChecks::refusesToCreate);
    check("Admin describes topics by name and by id, page by page", AdminChecks::describesTopics);
    check("Admin lists topics, internal ones where asked", AdminChecks::listsTopics);
    check("Admin adds partitions, with assignments and only to try", AdminChecks::addsPartitions);
    check("Admin lists offsets by every specification", AdminChecks::listsOffsets);
    check("Admin deletes records", AdminChecks::deletesRecords);
    check("Admin elects leaders", AdminChecks::elects);
    check("Admin describes log directories and replicas in them", AdminChecks::logDirs);
    check("Admin lists groups by state and type, and describes them", AdminChecks::groups);
    check("Admin alters and deletes offsets of a group, and the group", AdminChecks::groupOffsets);
    check("Admin removes members of a group", AdminChecks::removesMembers);
    check("Admin describes producers", AdminChecks::producers);
    check("Admin lists and describes transactions", AdminChecks::transactions);
    check("Admin aborts a transaction that hangs", AdminChecks::abortsTransaction);
    check("Admin fences producers", AdminChecks::fencesProducers);
    check("Admin describes and alters quotas", AdminChecks::quotas);
    check("Admin describes and alters configs of groups, brokers and client metrics, or is refused", AdminChecks::otherConfigs);
    check("Admin moves replicas from broker to broker", AdminChecks::reassigns);
    check("Admin is refused what is not served, by a word and not by silence", AdminChecks::refused);
    check("Admin deletes topics by name and by id", AdminChecks::deletesTopics);
  }

  static void cluster() throws Exception {
    DescribeClusterResult cluster = admin.describeCluster(new DescribeClusterOptions().includeAuthorizedOperations(true));
    equal(cluster.nodes().get().stream().map(Node::id).sorted().toList(), List.of(1, 2, 3));
    that("one of them is the controller", cluster.nodes().get().contains(cluster.controller().get()));
    that("the cluster has an id", !cluster.clusterId().get().isEmpty());
    cluster.authorizedOperations().get();
  }

  static void features() throws Exception {
    FeatureMetadata features = admin.describeFeatures().featureMetadata().get();
    equal(features.finalizedFeatures().get("group.version").maxVersionLevel(), (short) 1);
    that("what is finalized is supported", features.supportedFeatures().keySet().containsAll(features.finalizedFeatures().keySet()));
  }

  static void creates() throws Exception {
    var assigned = new NewTopic(TOPIC, Map.of(0, List.of(2, 3), 1, List.of(3, 1), 2, List.of(1, 3)));
    equal(admin.createTopics(List.of(assigned), new CreateTopicsOptions().validateOnly(true)).numPartitions(TOPIC).get(), 3);
    that("nothing was created", !admin.listTopics().names().get().contains(TOPIC));
    CreateTopicsResult created = admin.createTopics(List.of(assigned.configs(Map.of("min.insync.replicas", "1"))));
    equal(created.numPartitions(TOPIC).get(), 3);
    that("it has an id", !created.topicId(TOPIC).get().equals(Uuid.ZERO_UUID));
    until("all have leaders", () -> describe(TOPIC).partitions().stream().allMatch(p -> p.leader() != null && p.isr().size() == p.replicas().size()));
    equal(describe(TOPIC).partitions().stream().map(p -> p.replicas().stream().map(Node::id).toList()).toList(), List.of(List.of(2, 3), List.of(3, 1), List.of(1, 3)));
    equal(describe(TOPIC).partitions().stream().map(p -> p.leader().id()).toList(), List.of(2, 3, 1));
    CreateTopicsResult byDefault = admin.createTopics(List.of(new NewTopic("by-default", Optional.empty(), Optional.empty())));
    equal(byDefault.numPartitions("by-default").get(), describe("by-default").partitions().size());
  }

  static void refusesToCreate() throws Exception {
    fails(TopicExistsException.class, () -> admin.createTopics(List.of(new NewTopic(TOPIC, 1, (short) 1))).all().get());
    fails(InvalidTopicException.class, () -> admin.createTopics(List.of(new NewTopic("not allowed!", 1, (short) 1))).all().get());
    fails(InvalidReplicationFactorException.class, () -> admin.createTopics(List.of(new NewTopic("too-many", 1, (short) 4))).all().get());
    fails(InvalidPartitionsException.class, () -> admin.createTopics(List.of(new NewTopic("none", 0, (short) 1))).all().get());
    fails(InvalidConfigurationException.class, () -> admin.createTopics(List.of(new NewTopic("wrong", 1, (short) 1).configs(Map.of("retention.ms", "soon")))).all().get());
    fails(InvalidConfigurationException.class, () -> admin.createTopics(List.of(new NewTopic("wrong", 1, (short) 1).configs(Map.of("no.such.config", "1")))).all().get());
    fails(InvalidReplicaAssignmentException.class, () -> admin.createTopics(List.of(new NewTopic("wrong", Map.of(0, List.of(1, 1))))).all().get());
    fails(InvalidReplicaAssignmentException.class, () -> admin.createTopics(List.of(new NewTopic("wrong", Map.of(1, List.of(1))))).all().get());
    fails(InvalidReplicaAssignmentException.class, () -> admin.createTopics(List.of(new NewTopic("wrong", Map.of(0, List.of(1, 2), 1, List.of(1))))).all().get());
    fails(UnknownTopicOrPartitionException.class, () -> admin.describeTopics(List.of("wrong")).allTopicNames().get());
  }

  static TopicDescription describe(String topic) throws Exception {
    return admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic);
  }

  static void describesTopics() throws Exception {
    TopicDescription byName = describe(TOPIC);
    TopicDescription byId = admin.describeTopics(TopicCollection.ofTopicIds(List.of(byName.topicId()))).allTopicIds().get().get(byName.topicId());
    equal(byId.name() + byId.partitions().stream().map(p -> p.replicas()).toList(), TOPIC + byName.partitions().stream().map(p -> p.replicas()).toList());
    fails(UnknownTopicIdException.class, () -> admin.describeTopics(TopicCollection.ofTopicIds(List.of(Uuid.randomUuid()))).allTopicIds().get());
    create("wide", 30);
    var paged = admin.describeTopics(List.of("wide", TOPIC), new DescribeTopicsOptions().partitionSizeLimitPerResponse(7)).allTopicNames().get();
    equal(paged.get("wide").partitions().size() + " " + paged.get(TOPIC).partitions().size(), "30 3");
  }

  static void listsTopics() throws Exception {
    equal(admin.listTopics().namesToListings().get().get(TOPIC).topicId(), describe(TOPIC).topicId());
    try (var consumer = consumer("group.id", "makes-internal-topics")) {
      consumer.committed(Set.of(ZERO));
    }
    that("not the internal ones", !admin.listTopics().names().get().contains("__consumer_offsets"));
    that("the internal ones", admin.listTopics(new ListTopicsOptions().listInternal(true)).namesToListings().get().get("__consumer_offsets").isInternal());
  }

  static void addsPartitions() throws Exception {
    create("grown", 1);
    admin.createPartitions(Map.of("grown", NewPartitions.increaseTo(3, List.of(List.of(3, 1, 2), List.of(1, 2, 3)))), new CreatePartitionsOptions().validateOnly(true)).all().get();
    equal(describe("grown").partitions().size(), 1);
    admin.createPartitions(Map.of("grown", NewPartitions.increaseTo(3, List.of(List.of(3, 1, 2), List.of(1, 2, 3))))).all().get();
    until("they are there", () -> describe("grown").partitions().size() == 3 && describe("grown").partitions().get(1).leader() != null);
    equal(describe("grown").partitions().get(1).replicas().stream().map(Node::id).toList(), List.of(3, 1, 2));
    fails(InvalidPartitionsException.class, () -> admin.createPartitions(Map.of("grown", NewPartitions.increaseTo(2))).all().get());
    fails(UnknownTopicOrPartitionException.class, () -> admin.createPartitions(Map.of("not-there", NewPartitions.increaseTo(2))).all().get());
  }

  static void listsOffsets() throws Exception {
    try (var producer = producer()) {
      for (int n = 0; n < 10; n++) producer.send(new ProducerRecord<>(TOPIC, 0, 1_700_000_000_000L + (n == 4 ? 90_000 : n * 1000), null, String.valueOf(n))).get();
    }
    record Expected(OffsetSpec spec, long offset) {}
    for (var expected : List.of(new Expected(OffsetSpec.earliest(), 0), new Expected(OffsetSpec.latest(), 10), new Expected(OffsetSpec.maxTimestamp(), 4),
        new Expected(OffsetSpec.forTimestamp(1_700_000_003_000L), 3), new Expected(OffsetSpec.forTimestamp(1_800_000_000_000L), -1),
        new Expected(OffsetSpec.earliestLocal(), 0), new Expected(OffsetSpec.latestTiered(), -1))) {
      var found = admin.listOffsets(Map.of(ZERO, expected.spec())).partitionResult(ZERO).get();
      equal(expected.spec().getClass().getSimpleName() + " " + found.offset(), expected.spec().getClass().getSimpleName() + " " + expected.offset());
    }
    fails(UnknownTopicOrPartitionException.class, () -> admin.listOffsets(Map.of(new TopicPartition("not-there", 0), OffsetSpec.latest()), new ListOffsetsOptions().timeoutMs(3000)).all().get());
  }

  static void deletesRecords() throws Exception {
    equal(admin.deleteRecords(Map.of(ZERO, RecordsToDelete.beforeOffset(4))).lowWatermarks().get(ZERO).get().lowWatermark(), 4L);
    equal(admin.listOffsets(Map.of(ZERO, OffsetSpec.earliest())).partitionResult(ZERO).get().offset(), 4L);
  }

  static void elects() throws Exception {
    fails(ElectionNotNeededException.class, () -> { admin.electLeaders(ElectionType.PREFERRED, Set.of(ZERO)).partitions().get().get(ZERO).ifPresent(AdminChecks::sneak); return null; });
    fails(ElectionNotNeededException.class, () -> { admin.electLeaders(ElectionType.UNCLEAN, Set.of(ZERO)).partitions().get().get(ZERO).ifPresent(AdminChecks::sneak); return null; });
    admin.electLeaders(ElectionType.PREFERRED, null).all().get();
  }

  @SuppressWarnings("unchecked")
  static <E extends Throwable> void sneak(Throwable error) throws E {
    throw (E) error;
  }

  static void logDirs() throws Exception {
    var folders = admin.describeLogDirs(List.of(1, 2, 3)).allDescriptions().get();
    var ofTwo = folders.get(2).values().iterator().next();
    that("the replica is told of, with its size", ofTwo.replicaInfos().get(ZERO).size() > 0 && !ofTwo.replicaInfos().get(ZERO).isFuture());
    that("broker 2 has no replica of partition 2", !ofTwo.replicaInfos().containsKey(new TopicPartition(TOPIC, 2)));
    that("the size of the volume", ofTwo.totalBytes().getAsLong() > 0 && ofTwo.usableBytes().getAsLong() > 0);
    var replica = new TopicPartitionReplica(TOPIC, 0, 2);
    equal(admin.describeReplicaLogDirs(List.of(replica)).all().get().get(replica).getCurrentReplicaLogDir(), folders.get(2).keySet().iterator().next());
  }

  static void groups() throws Exception {
    create("grouped", 2);
    fill("grouped", 0, 3);
    try (var consumer = consumer("group.id", "grouped", "client.id", "me"); var fresh = consumer("group.id", "grouped-new", "group.protocol", "consumer")) {
      consumer.subscribe(List.of("grouped"));
      fresh.subscribe(List.of("grouped"));
      until("both have all", () -> { consumer.poll(Duration.ofMillis(50)); fresh.poll(Duration.ofMillis(50)); return consumer.assignment().size() == 2 && fresh.assignment().size() == 2; });
      consumer.commitSync();
      equal(names(new ListGroupsOptions().inGroupStates(Set.of(GroupState.STABLE)).withTypes(Set.of(GroupType.CLASSIC)), "grouped"), Set.of("grouped"));
      equal(names(new ListGroupsOptions().withTypes(Set.of(GroupType.CONSUMER)), "grouped"), Set.of("grouped-new"));
      equal(names(new ListGroupsOptions().inGroupStates(Set.of(GroupState.EMPTY)), "grouped"), Set.of());
      equal(names(ListGroupsOptions.forConsumerGroups(), "grouped"), Set.of("grouped", "grouped-new"));
      var group = admin.describeConsumerGroups(List.of("grouped"), new DescribeConsumerGroupsOptions().includeAuthorizedOperations(true)).all().get().get("grouped");
      equal(group.groupState() + " " + group.partitionAssignor() + " " + group.type(), "Stable range Classic");
      equal(group.members().iterator().next().clientId() + " " + group.members().iterator().next().assignment().topicPartitions().size(), "me 2");
      equal(admin.describeClassicGroups(List.of("grouped")).all().get().get("grouped").protocol(), "consumer");
      // DescribeGroups says so up to its version 5.
      // KIP-1043: an error since version 6 of DescribeGroups, a group that is dead before.
      fails(GroupIdNotFoundException.class, () -> admin.describeConsumerGroups(List.of("no-such-group")).all().get());
    }
  }

  static Set<String> names(ListGroupsOptions options, String prefix) throws Exception {
    return admin.listGroups(options).all().get().stream().map(GroupListing::groupId).filter(name -> name.startsWith(prefix)).collect(Collectors.toSet());
  }

  static void groupOffsets() throws Exception {
    var partition = new TopicPartition("grouped", 0);
    until("nobody is left", () -> admin.describeConsumerGroups(List.of("grouped")).all().get().get("grouped").members().isEmpty());
    admin.alterConsumerGroupOffsets("grouped", Map.of(partition, new OffsetAndMetadata(2, Optional.of(0), "two"), new TopicPartition("grouped", 1), new OffsetAndMetadata(0))).all().get();
    equal(admin.listConsumerGroupOffsets("grouped").partitionsToOffsetAndMetadata().get().get(partition), new OffsetAndMetadata(2, Optional.of(0), "two"));
    admin.deleteConsumerGroupOffsets("grouped", Set.of(partition)).all().get();
    equal(admin.listConsumerGroupOffsets("grouped").partitionsToOffsetAndMetadata().get().keySet(), Set.of(new TopicPartition("grouped", 1)));
    var several = admin.listConsumerGroupOffsets(Map.of("grouped", new ListConsumerGroupOffsetsSpec(), "grouped-new", new ListConsumerGroupOffsetsSpec())).all().get();
    equal(several.keySet(), Set.of("grouped", "grouped-new"));
    fails(UnknownTopicOrPartitionException.class, () -> admin.alterConsumerGroupOffsets("grouped", Map.of(new TopicPartition("not-there", 0), new OffsetAndMetadata(1))).all().get());
    // A group of offsets alone is made by them.
    admin.alterConsumerGroupOffsets("only-offsets", Map.of(partition, new OffsetAndMetadata(1))).all().get();
    that("it is listed", names(new ListGroupsOptions(), "only-offsets").contains("only-offsets"));
    admin.deleteConsumerGroups(List.of("grouped", "only-offsets")).all().get();
    fails(GroupIdNotFoundException.class, () -> admin.deleteConsumerGroups(List.of("grouped")).all().get());
  }

  static void removesMembers() throws Exception {
    try (var consumer = consumer("group.id", "removed", "heartbeat.interval.ms", 500, "session.timeout.ms", 6000)) {
      consumer.subscribe(List.of("grouped"));
      until("it has all", () -> { consumer.poll(Duration.ofMillis(50)); return consumer.assignment().size() == 2; });
      fails(GroupNotEmptyException.class, () -> admin.deleteConsumerGroups(List.of("removed")).all().get());
      admin.removeMembersFromConsumerGroup("removed", new RemoveMembersFromConsumerGroupOptions()).all().get();
      equal(admin.describeConsumerGroups(List.of("removed")).all().get().get("removed").members().size(), 0);
    }
  }

  static void producers() throws Exception {
    try (var producer = producer("transactional.id", "described")) {
      producer.initTransactions();
      producer.beginTransaction();
      producer.send(new ProducerRecord<>(TOPIC, 0, null, "open")).get();
      var states = admin.describeProducers(List.of(ZERO)).partitionResult(ZERO).get().activeProducers();
      var open = states.stream().filter(s -> s.currentTransactionStartOffset().isPresent()).toList();
      equal(open.size(), 1);
      equal(open.get(0).lastSequence() + " " + open.get(0).currentTransactionStartOffset().getAsLong(), "0 10");
      producer.commitTransaction();
      until("none is open", () -> admin.describeProducers(List.of(ZERO)).partitionResult(ZERO).get().activeProducers().stream().noneMatch(s -> s.currentTransactionStartOffset().isPresent()));
      equal(admin.describeProducers(List.of(ZERO), new DescribeProducersOptions().brokerId(2)).partitionResult(ZERO).get().activeProducers().isEmpty(), false);
    }
  }

  static void transactions() throws Exception {
    try (var producer = producer("transactional.id", "listed", "transaction.timeout.ms", 45_000)) {
      producer.initTransactions();
      producer.beginTransaction();
      producer.send(new ProducerRecord<>(TOPIC, 0, null, "open")).get();
      var described = admin.describeTransactions(List.of("listed")).description("listed").get();
      equal(described.state() + " " + described.transactionTimeoutMs() + " " + described.topicPartitions(), "Ongoing 45000 " + Set.of(ZERO));
      that("since when", described.transactionStartTimeMs().getAsLong() > 0);
      var ongoing = admin.listTransactions(new ListTransactionsOptions().filterStates(Set.of(TransactionState.ONGOING))).all().get();
      equal(ongoing.stream().map(TransactionListing::transactionalId).toList(), List.of("listed"));
      equal(ongoing.iterator().next().producerId(), described.producerId());
      that("by producer", admin.listTransactions(new ListTransactionsOptions().filterProducerIds(Set.of(described.producerId()))).all().get().size() == 1);
      that("none is as old as that", admin.listTransactions(new ListTransactionsOptions().filterOnDuration(1_000_000)).all().get().isEmpty());
      producer.abortTransaction();
      until("it is over", () -> admin.describeTransactions(List.of("listed")).description("listed").get().state() == TransactionState.COMPLETE_ABORT);
    }
    fails(TransactionalIdNotFoundException.class, () -> admin.describeTransactions(List.of("no-such-id")).all().get());
  }

  static void abortsTransaction() throws Exception {
    create("hanging", 1);
    var partition = new TopicPartition("hanging", 0);
    try (var producer = producer("transactional.id", "hanging")) {
      producer.initTransactions();
      producer.beginTransaction();
      producer.send(new ProducerRecord<>("hanging", 0, null, "open")).get();
      var state = admin.describeProducers(List.of(partition)).partitionResult(partition).get().activeProducers().get(0);
      admin.abortTransaction(new AbortTransactionSpec(partition, state.producerId(), (short) state.producerEpoch(), state.coordinatorEpoch().orElse(0))).all().get();
      equal(admin.listOffsets(Map.of(partition, OffsetSpec.latest()), new ListOffsetsOptions(IsolationLevel.READ_COMMITTED)).partitionResult(partition).get().offset(), 2L);
    }
  }

  static void fencesProducers() throws Exception {
    try (var producer = producer("transactional.id", "fenced-by-admin")) {
      producer.initTransactions();
      producer.beginTransaction();
      producer.send(new ProducerRecord<>(TOPIC, 0, null, "open")).get();
      var fenced = admin.fenceProducers(List.of("fenced-by-admin"));
      fenced.all().get();
      that("its epoch has grown", fenced.epochId("fenced-by-admin").get() > 0);
      fails(KafkaException.class, () -> { producer.commitTransaction(); return null; });
    }
  }

  static void quotas() throws Exception {
    var entity = new org.apache.kafka.common.quota.ClientQuotaEntity(Map.of("client-id", "some-app"));
    admin.alterClientQuotas(List.of(new org.apache.kafka.common.quota.ClientQuotaAlteration(entity, List.of(new org.apache.kafka.common.quota.ClientQuotaAlteration.Op("request_percentage", 50.0))))).all().get();
    var all = org.apache.kafka.common.quota.ClientQuotaFilter.all();
    until("told", () -> admin.describeClientQuotas(all).entities().get().equals(Map.of(entity, Map.of("request_percentage", 50.0))));
    admin.alterClientQuotas(List.of(new org.apache.kafka.common.quota.ClientQuotaAlteration(entity, List.of(new org.apache.kafka.common.quota.ClientQuotaAlteration.Op("request_percentage", null))))).all().get();
    until("gone", () -> admin.describeClientQuotas(all).entities().get().isEmpty());
  }

  static void otherConfigs() throws Exception {
    var broker = new ConfigResource(ConfigResource.Type.BROKER, "1");
    equal(admin.describeConfigs(List.of(broker)).all().get().get(broker).get("node.id") != null || admin.describeConfigs(List.of(broker)).all().get().get(broker).get("broker.id") != null, true);
    fails(UnknownTopicOrPartitionException.class, () -> admin.describeConfigs(List.of(new ConfigResource(ConfigResource.Type.TOPIC, "not-there"))).all().get());
    equal(admin.listConfigResources(Set.of(ConfigResource.Type.CLIENT_METRICS), new ListConfigResourcesOptions()).all().get(), List.of());
  }

  static void reassigns() throws Exception {
    admin.createTopics(List.of(new NewTopic("moved", Map.of(0, List.of(1))))).all().get();
    var moved = new TopicPartition("moved", 0);
    Callable<List<Integer>> replicas = () -> describe("moved").partitions().get(0).replicas().stream().map(Node::id).toList();
    admin.alterPartitionReassignments(Map.of(moved, Optional.of(new NewPartitionReassignment(List.of(3, 2))))).all().get();
    until("it is moved", () -> replicas.call().equals(List.of(3, 2)));
    equal(admin.listPartitionReassignments().reassignments().get(), Map.of());
    equal(admin.listPartitionReassignments(Set.of(moved)).reassignments().get(), Map.of());
    fails(NoReassignmentInProgressException.class, () -> admin.alterPartitionReassignments(Map.of(moved, Optional.empty())).all().get());
    fails(InvalidReplicaAssignmentException.class, () -> admin.alterPartitionReassignments(Map.of(moved, Optional.of(new NewPartitionReassignment(List.of(9))))).all().get());
    var sameFactor = new AlterPartitionReassignmentsOptions().allowReplicationFactorChange(false);
    fails(InvalidReplicationFactorException.class, () -> admin.alterPartitionReassignments(Map.of(moved, Optional.of(new NewPartitionReassignment(List.of(1)))), sameFactor).all().get());
    fails(UnknownTopicOrPartitionException.class, () -> admin.alterPartitionReassignments(Map.of(new TopicPartition("moved", 9), Optional.of(new NewPartitionReassignment(List.of(1))))).all().get());
  }

  static void refused() throws Exception {
    var replica = new TopicPartitionReplica(TOPIC, 0, 2);
    fails(UnsupportedVersionException.class, () -> admin.alterReplicaLogDirs(Map.of(replica, "/elsewhere")).all().get());
    fails(UnsupportedVersionException.class, () -> admin.createDelegationToken().delegationToken().get());
    fails(UnsupportedVersionException.class, () -> admin.updateFeatures(Map.of("group.version", new FeatureUpdate((short) 1, FeatureUpdate.UpgradeType.UPGRADE)), new UpdateFeaturesOptions()).all().get());
    fails(UnsupportedVersionException.class, () -> admin.describeMetadataQuorum().quorumInfo().get());
    fails(SecurityDisabledException.class, () -> admin.describeAcls(org.apache.kafka.common.acl.AclBindingFilter.ANY).values().get());
    admin.describeUserScramCredentials().all().get();
  }

  static void deletesTopics() throws Exception {
    Uuid id = describe("wide").topicId();
    admin.deleteTopics(TopicCollection.ofTopicIds(List.of(id))).all().get();
    admin.deleteTopics(List.of("grown", "by-default")).all().get();
    until("they are gone", () -> Collections.disjoint(admin.listTopics().names().get(), Set.of("wide", "grown", "by-default")));
    fails(UnknownTopicOrPartitionException.class, () -> admin.deleteTopics(List.of("grown")).all().get());
    fails(UnknownTopicIdException.class, () -> admin.deleteTopics(TopicCollection.ofTopicIds(List.of(id))).all().get());
  }
}
