// Java's Admin on what is in topics and who may do how much: `java -cp CLASSPATH TopicProbe.java BOOTSTRAP topics|dead|elect|no-creation`. Prints "ok NAME" or
// "failed NAME: why" for each check. `dead` wants broker 2 dead, `elect` it back again, `no-creation` brokers that create nothing on demand.
import java.time.Duration;
import java.util.*;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.stream.*;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.*;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.*;
import org.apache.kafka.common.quota.*;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.serialization.*;

public class TopicProbe {
  static final String TOPIC = "java-topics";
  static final String ELECTED = "java-elected";
  static final String GROUP = "java-offsets";
  static final TopicPartition FIRST = new TopicPartition(TOPIC, 0);
  static final TopicPartition SECOND = new TopicPartition(TOPIC, 1);
  static String bootstrap;
  static Admin admin;

  interface Check { void run() throws Exception; }

  static void check(String name, Check check) {
    try {
      check.run();
      System.out.println("ok " + name);
    } catch (Throwable error) {
      System.out.println("failed " + name + ": " + error);
    }
  }

  static void equal(String what, Object actual, Object expected) {
    if (!Objects.equals(actual, expected)) throw new AssertionError(what + ": " + actual + " is not " + expected);
  }

  static void require(String what, boolean holds) {
    if (!holds) throw new AssertionError(what);
  }

  /** The message of the exception, which has to be of this class. */
  static String fails(Class<? extends Exception> expected, Callable<?> action) throws Exception {
    try {
      action.call();
    } catch (Exception error) {
      Throwable cause = error instanceof ExecutionException ? error.getCause() : error;
      if (expected.isInstance(cause)) return String.valueOf(cause.getMessage());
      throw new AssertionError(cause + " instead of " + expected.getSimpleName());
    }
    throw new AssertionError("succeeded instead of " + expected.getSimpleName());
  }

  static void until(String what, Callable<Boolean> condition) throws Exception {
    long deadline = System.currentTimeMillis() + 60_000;
    while (!condition.call()) {
      if (System.currentTimeMillis() > deadline) throw new AssertionError("not within 60 s: " + what);
      Thread.sleep(100);
    }
  }

  public static void main(String[] arguments) throws Exception {
    bootstrap = arguments[0];
    admin = Admin.create(Map.of("bootstrap.servers", (Object) bootstrap));
    switch (arguments[1]) {
      case "topics" -> topics();
      case "dead" -> dead();
      case "elect" -> elect();
      case "no-creation" -> noCreation();
      default -> throw new IllegalArgumentException(arguments[1]);
    }
    admin.close();
  }

  static void topics() throws Exception {
    create(TOPIC, 2, 3, Map.of());
    create(ELECTED, 6, 3, Map.of());
    check("each config of a topic is taken, or refused with a reason", TopicProbe::eachConfig);
    check("max.message.bytes is honoured", () -> {
      String topic = create("java-small", 1, 1, Map.of("max.message.bytes", "2000"));
      fails(RecordTooLargeException.class, () -> send(topic, 0, "x".repeat(4000), null));
      send(topic, 0, "x".repeat(100), null);
    });
    check("message.timestamp.type and the limits of timestamps are honoured", () -> {
      String topic = create("java-times", 1, 1, Map.of("message.timestamp.after.max.ms", "60000", "message.timestamp.before.max.ms", "60000"));
      long now = System.currentTimeMillis();
      fails(InvalidTimestampException.class, () -> send(topic, 0, "late", now + 600_000));
      fails(InvalidTimestampException.class, () -> send(topic, 0, "early", now - 600_000));
      send(topic, 0, "timely", now - 1);
      String appended = create("java-appended", 1, 1, Map.of("message.timestamp.type", "LogAppendTime"));
      send(appended, 0, "old", now - 600_000);
      ConsumerRecord<String, String> record = read(new TopicPartition(appended, 0), 1).get(0);
      equal("type", record.timestampType(), TimestampType.LOG_APPEND_TIME);
      require("the broker's time", record.timestamp() >= now);
    });
    check("segment.bytes and retention are honoured", () -> {
      String topic = create("java-short", 1, 1, Map.of("segment.bytes", "10000", "retention.bytes", "20000"));
      sendAll(topic, 0, Collections.nCopies(20, "x".repeat(5000)), null, Map.of());
      until("old segments were dropped", () -> earliest(new TopicPartition(topic, 0)) > 0);
      ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
      alter(resource, "retention.ms", "1");
      until("all were", () -> earliest(new TopicPartition(topic, 0)) >= 18);
    });
    check("create partitions: assigned, only judged, and refused", () -> {
      String topic = create("java-more", 2, 1, Map.of());
      admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(9)), new CreatePartitionsOptions().validateOnly(true)).all().get();
      equal("only judged", describe(topic).partitions().size(), 2);
      admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(4, List.of(List.of(3), List.of(2))))).all().get();
      until("there", () -> describe(topic).partitions().size() == 4 && describe(topic).partitions().stream().allMatch(p -> p.leader() != null));
      equal("assigned", describe(topic).partitions().get(2).replicas().get(0).id() * 10 + describe(topic).partitions().get(3).replicas().get(0).id(), 32);
      fails(InvalidPartitionsException.class, () -> admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(3))).all().get());
      fails(InvalidReplicaAssignmentException.class, () -> admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(5, List.of(List.of(1, 2))))).all().get());
      fails(UnknownTopicOrPartitionException.class, () -> admin.createPartitions(Map.of("java-none", NewPartitions.increaseTo(3))).all().get());
    });
    check("delete records", () -> {
      sendAll(TOPIC, 0, IntStream.range(0, 10).mapToObj(n -> "record " + n).toList(), null, Map.of());
      equal("low watermark", delete(FIRST, 4), 4L);
      equal("earliest", earliest(FIRST), 4L);
      equal("first read", read(FIRST, 1).get(0).value(), "record 4");
      fails(org.apache.kafka.common.errors.OffsetOutOfRangeException.class, () -> delete(FIRST, 11));
      equal("all of them", delete(FIRST, -1), 10L);
      fails(PolicyViolationException.class, () -> delete(new TopicPartition(create("java-compact", 1, 1, Map.of("cleanup.policy", "compact")), 0), 0));
      fails(UnknownTopicOrPartitionException.class, () -> {
        var ofNone = new DeleteRecordsOptions().timeoutMs(5000);
        return admin.deleteRecords(Map.of(new TopicPartition(TOPIC, 77), RecordsToDelete.beforeOffset(0)), ofNone).all().get();
      }, TimeoutException.class);
    });
    check("delete offsets of a group", TopicProbe::offsets);
    check("describe producers", () -> {
      send(TOPIC, 1, "of somebody", null);
      List<ProducerState> producers = admin.describeProducers(List.of(SECOND)).partitionResult(SECOND).get().activeProducers();
      require("the producer is there", !producers.isEmpty());
      ProducerState last = producers.get(producers.size() - 1);
      require("its id and its last sequence", last.producerId() >= 0 && last.lastSequence() == 0 && last.producerEpoch() == 0);
      require("no transaction", last.currentTransactionStartOffset().isEmpty());
    });
    check("elections that are not needed are refused one by one", () -> {
      var outcome = admin.electLeaders(ElectionType.PREFERRED, Set.of(FIRST, new TopicPartition("java-none", 0))).partitions().get();
      require("not needed: " + outcome, outcome.get(FIRST).orElseThrow() instanceof ElectionNotNeededException);
      require("unknown: " + outcome, outcome.get(new TopicPartition("java-none", 0)).orElseThrow() instanceof UnknownTopicOrPartitionException);
    });
    check("sizes of log directories grow with what is written", () -> {
      long before = sizeOf(FIRST);
      sendAll(TOPIC, 0, Collections.nCopies(20, "x".repeat(1000)), null, Map.of());
      until("all three have it", () -> sizeOf(FIRST) >= before + 60_000);
    });
    check("a quota of bytes in silences a producer, whose own metric says so", () -> throttledProducer("java-slow-in"));
    check("a quota of bytes out silences a consumer, whose own metric says so", () -> throttledConsumer("java-slow-out"));
    check("a quota of changes refuses topics, and says for how long", TopicProbe::throttledChanges);
    check("a topic that is asked for comes into being with 4 partitions", () -> {
      try (var producer = new KafkaProducer<>(producing("java-creator"), new StringSerializer(), new StringSerializer())) {
        equal("partitions", producer.partitionsFor("java-wanted").size(), 4);
      }
    });
  }

  static final Map<String, String> OTHERS = Map.of(
    "cleanup.policy", "compact", "compression.type", "gzip", "message.timestamp.type", "LogAppendTime", "min.cleanable.dirty.ratio", "0.25",
    "message.format.version", "2.8-IV0", "leader.replication.throttled.replicas", "*", "follower.replication.throttled.replicas", "*");

  /** Another value than the present one, which is valid by its type. */
  static String otherValue(ConfigEntry entry) {
    if (OTHERS.containsKey(entry.name())) return OTHERS.get(entry.name());
    return switch (entry.type()) {
      case BOOLEAN -> entry.value().equals("true") ? "false" : "true";
      case INT, LONG -> entry.name().equals("segment.bytes") || entry.name().equals("segment.index.bytes") ? "1048577" : "7";
      default -> throw new AssertionError("no other value is known of " + entry.name());
    };
  }

  static void eachConfig() throws Exception {
    String topic = create("java-configs", 1, 1, Map.of());
    ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
    int taken = 0, refused = 0;
    for (ConfigEntry entry : admin.describeConfigs(List.of(resource), new DescribeConfigsOptions().includeDocumentation(true)).all().get().get(resource).entries()) {
      String other = otherValue(entry);
      if (entry.isReadOnly()) {
        String said = fails(InvalidConfigurationException.class, () -> alter(resource, entry.name(), other));
        require(entry.name() + " says why: " + said, said.contains(entry.documentation()));
        require(entry.name() + " is documented as such: " + entry.documentation(), entry.documentation().contains("annot be changed"));
        refused++;
      } else {
        alter(resource, entry.name(), other);
        until(entry.name() + " is " + other, () -> {
          ConfigEntry now = admin.describeConfigs(List.of(resource)).all().get().get(resource).get(entry.name());
          return now.value().equals(other) && now.source() == ConfigEntry.ConfigSource.DYNAMIC_TOPIC_CONFIG;
        });
        admin.incrementalAlterConfigs(Map.of(resource, List.of(new AlterConfigOp(new ConfigEntry(entry.name(), ""), AlterConfigOp.OpType.DELETE)))).all().get();
        taken++;
      }
    }
    require(taken + " taken and " + refused + " refused", taken >= 19 && refused >= 10);
  }

  static void offsets() throws Exception {
    admin.alterConsumerGroupOffsets(GROUP, Map.of(FIRST, new OffsetAndMetadata(3, "of the first"), SECOND, new OffsetAndMetadata(5))).all().get();
    Callable<Map<TopicPartition, OffsetAndMetadata>> committed = () -> admin.listConsumerGroupOffsets(GROUP).partitionsToOffsetAndMetadata().get();
    equal("committed", committed.call().get(FIRST), new OffsetAndMetadata(3, "of the first"));
    DeleteConsumerGroupOffsetsResult deleted = admin.deleteConsumerGroupOffsets(GROUP, Set.of(SECOND, new TopicPartition("java-none", 0)));
    deleted.partitionResult(SECOND).get();
    fails(UnknownTopicOrPartitionException.class, () -> deleted.partitionResult(new TopicPartition("java-none", 0)).get());
    equal("left", committed.call().keySet(), Set.of(FIRST));
    Map<String, Object> reading = Map.of("bootstrap.servers", bootstrap, "group.id", GROUP, "auto.offset.reset", "earliest");
    try (var consumer = new KafkaConsumer<>(reading, new StringDeserializer(), new StringDeserializer())) {
      consumer.subscribe(List.of(TOPIC));
      until("assigned", () -> {
        consumer.poll(Duration.ofMillis(100));
        return consumer.assignment().size() == 2;
      });
      fails(GroupSubscribedToTopicException.class, () -> admin.deleteConsumerGroupOffsets(GROUP, Set.of(FIRST)).partitionResult(FIRST).get());
      fails(GroupNotEmptyException.class, () -> admin.deleteConsumerGroups(List.of(GROUP)).all().get());
    }
    admin.deleteConsumerGroups(List.of(GROUP)).all().get();
    fails(GroupIdNotFoundException.class, () -> admin.deleteConsumerGroups(List.of(GROUP)).all().get());
  }

  static void throttledProducer(String clientId) throws Exception {
    String topic = create(clientId, 1, 1, Map.of());
    quota(clientId, "producer_byte_rate", 40_000.0);
    long startedAt = System.currentTimeMillis();
    double silence;
    try (var producer = new KafkaProducer<>(producing(clientId), new StringSerializer(), new StringSerializer())) {
      for (int n = 0; n < 40; n++) producer.send(new ProducerRecord<>(topic, 0, null, "x".repeat(10_000))).get();
      silence = metric(producer.metrics(), "produce-throttle-time-max");
    }
    long took = System.currentTimeMillis() - startedAt;
    quota(clientId, "producer_byte_rate", null);
    require("the metric says " + silence + " ms", silence > 0);
    // Two windows of a second may pass at once.
    require("400 KB took " + took + " ms", took >= 400_000 / 40 - 3_000);
  }

  static void throttledConsumer(String clientId) throws Exception {
    String topic = create(clientId, 1, 1, Map.of());
    sendAll(topic, 0, Collections.nCopies(40, "x".repeat(10_000)), null, Map.of());
    quota(clientId, "consumer_byte_rate", 40_000.0);
    Map<String, Object> reading = Map.of("bootstrap.servers", bootstrap, "client.id", clientId, "auto.offset.reset", "earliest", "max.partition.fetch.bytes", 20_000, "request.timeout.ms", 60_000);
    long startedAt = System.currentTimeMillis();
    double silence;
    int count = 0;
    try (var consumer = new KafkaConsumer<>(reading, new StringDeserializer(), new StringDeserializer())) {
      consumer.assign(List.of(new TopicPartition(topic, 0)));
      while (count < 40 && System.currentTimeMillis() < startedAt + 90_000) count += consumer.poll(Duration.ofMillis(500)).count();
      silence = metric(consumer.metrics(), "fetch-throttle-time-max");
    }
    long took = System.currentTimeMillis() - startedAt;
    quota(clientId, "consumer_byte_rate", null);
    equal("read", count, 40);
    require("the metric says " + silence + " ms", silence > 0);
    require("400 KB took " + took + " ms", took >= 400_000 / 40 - 3_000);
  }

  static void throttledChanges() throws Exception {
    String clientId = "java-changer";
    quota(clientId, "controller_mutation_rate", 1.0);
    try (Admin changer = Admin.create(Map.of("bootstrap.servers", (Object) bootstrap, "client.id", clientId))) {
      CreateTopicsOptions once = new CreateTopicsOptions().retryOnQuotaViolation(false);
      changer.createTopics(List.of(new NewTopic("java-change-0", 40, (short) 1)), once).all().get();
      try {
        changer.createTopics(List.of(new NewTopic("java-change-1", 1, (short) 1)), once).all().get();
        throw new AssertionError("more partitions were created than the quota allows");
      } catch (ExecutionException error) {
        require(String.valueOf(error.getCause()), error.getCause() instanceof ThrottlingQuotaExceededException quota && quota.throttleTimeMs() > 0);
      }
    } finally {
      quota(clientId, "controller_mutation_rate", null);
    }
  }

  static void dead() throws Exception {
    check("min.insync.replicas is honoured", () -> {
      until("broker 2 has left the in-sync replicas", () -> describe(ELECTED).partitions().stream().allMatch(p -> p.isr().size() == 2 && p.leader() != null));
      alter(new ConfigResource(ConfigResource.Type.TOPIC, ELECTED), "min.insync.replicas", "3");
      Thread.sleep(1_000);
      fails(NotEnoughReplicasException.class, () -> sendAll(ELECTED, 0, List.of("x"), null, Map.of("enable.idempotence", false, "retries", 0)));
      sendAll(ELECTED, 0, List.of("x"), null, Map.of("enable.idempotence", false, "acks", "1"));
    });
  }

  static void elect() throws Exception {
    check("preferred leaders are elected when they are asked for", () -> {
      Callable<Long> strays = () -> describe(ELECTED).partitions().stream().filter(p -> p.leader() == null || p.leader().id() != p.replicas().get(0).id()).count();
      require("there are leaders that are not the preferred ones", strays.call() > 0);
      var outcome = admin.electLeaders(ElectionType.PREFERRED, null).partitions().get();
      for (var one : outcome.entrySet()) require(one.getKey() + ": " + one.getValue(), one.getValue().isEmpty());
      until("all lead", () -> strays.call() == 0);
    });
  }

  static void noCreation() throws Exception {
    check("no topic comes into being by itself where nobody asked for that", () -> {
      Map<String, Object> settings = new HashMap<>(producing("java-creator"));
      settings.put("max.block.ms", 3_000);
      try (var producer = new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
        fails(TimeoutException.class, () -> producer.partitionsFor("java-unwanted"));
      }
      require("nothing was created", !admin.listTopics().names().get().contains("java-unwanted"));
      ConfigResource broker = new ConfigResource(ConfigResource.Type.BROKER, "1");
      equal("the config", admin.describeConfigs(List.of(broker)).all().get().get(broker).get("auto.create.topics.enable").value(), "false");
    });
  }

  static void fails(Class<? extends Exception> expected, Callable<?> action, Class<? extends Exception> orElse) throws Exception {
    try {
      action.call();
    } catch (ExecutionException error) {
      if (expected.isInstance(error.getCause()) || orElse.isInstance(error.getCause())) return;
      throw error;
    }
    throw new AssertionError("succeeded instead of " + expected.getSimpleName());
  }

  static Map<String, Object> producing(String clientId) {
    return Map.of("bootstrap.servers", bootstrap, "client.id", clientId, "retries", 0, "enable.idempotence", false, "delivery.timeout.ms", 90_000, "request.timeout.ms", 60_000);
  }

  /** One record, by an idempotent producer of its own, which tries again for a while where the error is one to try again at. */
  static Void send(String topic, int partition, String value, Long timestamp) throws Exception {
    return sendAll(topic, partition, List.of(value), timestamp, Map.of("delivery.timeout.ms", 60_000));
  }

  static Void sendAll(String topic, int partition, List<String> values, Long timestamp, Map<String, Object> more) throws Exception {
    Map<String, Object> settings = new HashMap<>(Map.of("bootstrap.servers", bootstrap, "linger.ms", 0));
    settings.putAll(more);
    try (var producer = new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
      for (String value : values) producer.send(new ProducerRecord<>(topic, partition, timestamp, null, value)).get();
    }
    return null;
  }

  static List<ConsumerRecord<String, String>> read(TopicPartition partition, int count) {
    Map<String, Object> reading = Map.of("bootstrap.servers", bootstrap, "auto.offset.reset", "earliest");
    List<ConsumerRecord<String, String>> records = new ArrayList<>();
    try (var consumer = new KafkaConsumer<>(reading, new StringDeserializer(), new StringDeserializer())) {
      consumer.assign(List.of(partition));
      long deadline = System.currentTimeMillis() + 60_000;
      while (records.size() < count && System.currentTimeMillis() < deadline) consumer.poll(Duration.ofMillis(200)).forEach(records::add);
    }
    return records;
  }

  static String create(String topic, int partitions, int replicas, Map<String, String> configs) throws Exception {
    admin.createTopics(List.of(new NewTopic(topic, partitions, (short) replicas).configs(configs))).all().get();
    until("leaders", () -> describe(topic).partitions().stream().allMatch(p -> p.leader() != null && p.isr().size() == replicas));
    return topic;
  }

  static TopicDescription describe(String topic) throws Exception {
    return admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic);
  }

  static long earliest(TopicPartition partition) throws Exception {
    return admin.listOffsets(Map.of(partition, OffsetSpec.earliest())).partitionResult(partition).get().offset();
  }

  static long delete(TopicPartition partition, long before) throws Exception {
    return admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(before))).lowWatermarks().get(partition).get().lowWatermark();
  }

  static Void alter(ConfigResource resource, String name, String value) throws Exception {
    admin.incrementalAlterConfigs(Map.of(resource, List.of(new AlterConfigOp(new ConfigEntry(name, value), AlterConfigOp.OpType.SET)))).all().get();
    return null;
  }

  /** Of all replicas. */
  static long sizeOf(TopicPartition partition) throws Exception {
    return admin.describeLogDirs(List.of(1, 2, 3)).allDescriptions().get().values().stream()
      .flatMap(folders -> folders.values().stream()).mapToLong(folder -> folder.replicaInfos().get(partition).size()).sum();
  }

  static void quota(String clientId, String key, Double value) throws Exception {
    ClientQuotaEntity entity = new ClientQuotaEntity(Map.of(ClientQuotaEntity.CLIENT_ID, clientId));
    admin.alterClientQuotas(List.of(new ClientQuotaAlteration(entity, List.of(new ClientQuotaAlteration.Op(key, value))))).all().get();
    // Every broker hears of it by itself; one that is asked a little later has.
    until("told", () -> admin.describeClientQuotas(ClientQuotaFilter.all()).entities().get().containsKey(entity) == (value != null));
    Thread.sleep(500);
  }

  static double metric(Map<MetricName, ? extends Metric> metrics, String name) {
    return metrics.values().stream().filter(metric -> metric.metricName().name().equals(name)).mapToDouble(metric -> (double) metric.metricValue()).filter(Double::isFinite).max().orElse(0);
  }
}
