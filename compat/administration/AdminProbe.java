// Java's own clients against the brokers given: `java -cp CLASSPATH AdminProbe.java BOOTSTRAP`. Prints "ok NAME" or "failed NAME: why" for each check.
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
import org.apache.kafka.common.serialization.*;

public class AdminProbe {
  static final String TOPIC = "java-admin";
  static String bootstrap;

  interface Check { void run() throws Exception; }

  static void check(String name, Check check) {
    try {
      check.run();
      System.out.println("ok " + name);
    } catch (Throwable error) {
      System.out.println("failed " + name + ": " + error);
    }
  }

  static void equal(Object actual, Object expected) {
    if (!Objects.equals(actual, expected)) throw new AssertionError(actual + " is not " + expected);
  }

  static void fails(Class<? extends Exception> expected, Callable<?> action) throws Exception {
    try {
      action.call();
    } catch (ExecutionException error) {
      if (expected.isInstance(error.getCause())) return;
      throw error;
    }
    throw new AssertionError("succeeded instead of " + expected.getSimpleName());
  }

  static void until(String what, Callable<Boolean> condition) throws Exception {
    long deadline = System.currentTimeMillis() + 20_000;
    while (!condition.call()) {
      if (System.currentTimeMillis() > deadline) throw new AssertionError("not within 20 s: " + what);
      Thread.sleep(50);
    }
  }

  public static void main(String[] arguments) throws Exception {
    bootstrap = arguments[0];
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", (Object) bootstrap))) {
      ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, TOPIC);
      check("create", () -> {
        CreateTopicsResult created = admin.createTopics(List.of(new NewTopic(TOPIC, 12, (short) 3).configs(Map.of("retention.ms", "5000000"))));
        equal(created.numPartitions(TOPIC).get(), 12);
        equal(created.config(TOPIC).get().get("retention.ms").value(), "5000000");
        until("described", () -> admin.describeTopics(List.of(TOPIC)).allTopicNames().get().get(TOPIC).partitions().stream().allMatch(p -> p.leader() != null && p.isr().size() == 3));
      });
      check("describe configs", () -> {
        DescribeConfigsOptions all = new DescribeConfigsOptions().includeSynonyms(true).includeDocumentation(true);
        Config config = admin.describeConfigs(List.of(topic), all).all().get().get(topic);
        ConfigEntry retention = config.get("retention.ms");
        equal(retention.source(), ConfigEntry.ConfigSource.DYNAMIC_TOPIC_CONFIG);
        equal(retention.type(), ConfigEntry.ConfigType.LONG);
        equal(retention.synonyms().stream().map(ConfigEntry.ConfigSynonym::name).toList(), List.of("retention.ms", "log.retention.ms"));
        for (ConfigEntry entry : config.entries()) if (entry.documentation() == null || entry.documentation().isEmpty()) throw new AssertionError(entry.name() + " has no documentation");
        Set<String> known = config.entries().stream().map(ConfigEntry::name).collect(Collectors.toSet());
        for (var field : org.apache.kafka.common.config.TopicConfig.class.getFields()) {
          if (!field.getName().endsWith("_CONFIG")) continue;
          String name = (String) field.get(null);
          // Newer than the brokers are, or of Kafka's own test code.
          if (!known.contains(name) && !NEWER.contains(name)) throw new AssertionError("there is no " + name);
        }
      });
      check("alter configs one by one", () -> {
        alter(admin, topic, false, AlterConfigOp.OpType.SET, "cleanup.policy", "delete");
        alter(admin, topic, false, AlterConfigOp.OpType.APPEND, "cleanup.policy", "compact");
        until("appended", () -> valueOf(admin, topic, "cleanup.policy").equals("delete,compact"));
        alter(admin, topic, false, AlterConfigOp.OpType.SUBTRACT, "cleanup.policy", "compact");
        until("subtracted", () -> valueOf(admin, topic, "cleanup.policy").equals("delete"));
        alter(admin, topic, true, AlterConfigOp.OpType.SET, "retention.ms", "7");
        equal(valueOf(admin, topic, "retention.ms"), "5000000");
        alter(admin, topic, false, AlterConfigOp.OpType.DELETE, "retention.ms", "");
        until("deleted", () -> valueOf(admin, topic, "retention.ms").equals("604800000"));
        fails(InvalidConfigurationException.class, () -> alter(admin, topic, false, AlterConfigOp.OpType.SET, "retention.ms", "soon"));
        fails(InvalidConfigurationException.class, () -> alter(admin, topic, false, AlterConfigOp.OpType.APPEND, "retention.ms", "1"));
      });
      check("alter configs of brokers, one and all", () -> {
        ConfigResource one = new ConfigResource(ConfigResource.Type.BROKER, "2");
        ConfigResource every = new ConfigResource(ConfigResource.Type.BROKER, "");
        alter(admin, every, false, AlterConfigOp.OpType.SET, "log.segment.bytes", "2097152");
        until("everywhere", () -> valueOf(admin, one, "log.segment.bytes").equals("2097152"));
        equal(admin.describeConfigs(List.of(every)).all().get().get(every).entries().stream().map(ConfigEntry::name).toList(), List.of("log.segment.bytes"));
        alter(admin, one, false, AlterConfigOp.OpType.SET, "log.segment.bytes", "3145728");
        ConfigEntry entry = admin.describeConfigs(List.of(one)).all().get().get(one).get("log.segment.bytes");
        equal(entry.value() + " " + entry.source(), "3145728 DYNAMIC_BROKER_CONFIG");
        for (ConfigResource resource : List.of(one, every)) alter(admin, resource, false, AlterConfigOp.OpType.DELETE, "log.segment.bytes", "");
        fails(InvalidConfigurationException.class, () -> alter(admin, one, false, AlterConfigOp.OpType.SET, "num.io.threads", "4"));
      });
      check("quotas", () -> {
        ClientQuotaEntity entity = new ClientQuotaEntity(Map.of(ClientQuotaEntity.USER, "alice", ClientQuotaEntity.CLIENT_ID, "app"));
        admin.alterClientQuotas(List.of(new ClientQuotaAlteration(entity, List.of(new ClientQuotaAlteration.Op("consumer_byte_rate", 12345.0))))).all().get();
        ClientQuotaFilter ofAlice = ClientQuotaFilter.contains(List.of(ClientQuotaFilterComponent.ofEntity(ClientQuotaEntity.USER, "alice")));
        until("told", () -> admin.describeClientQuotas(ofAlice).entities().get().equals(Map.of(entity, Map.of("consumer_byte_rate", 12345.0))));
        admin.alterClientQuotas(List.of(new ClientQuotaAlteration(entity, List.of(new ClientQuotaAlteration.Op("consumer_byte_rate", null))))).all().get();
        until("gone", () -> admin.describeClientQuotas(ClientQuotaFilter.all()).entities().get().isEmpty());
        ClientQuotaEntity wrong = new ClientQuotaEntity(Map.of(ClientQuotaEntity.IP, "127.0.0.1"));
        fails(InvalidRequestException.class, () -> admin.alterClientQuotas(List.of(new ClientQuotaAlteration(wrong, List.of(new ClientQuotaAlteration.Op("consumer_byte_rate", 1.0))))).all().get());
      });
      check("log directories", () -> {
        var folders = admin.describeLogDirs(List.of(1, 2, 3)).allDescriptions().get();
        equal(folders.size(), 3);
        for (var ofBroker : folders.values()) for (var folder : ofBroker.values()) {
          equal(folder.error(), null);
          equal(folder.replicaInfos().keySet().stream().filter(p -> p.topic().equals(TOPIC)).count(), 12L);
          if (folder.totalBytes().isEmpty()) throw new AssertionError("no size of the volume");
        }
      });
      check("produce and read in one's rack, by fetch sessions", AdminProbe::produceAndRead);
      check("add partitions", () -> {
        admin.createPartitions(Map.of(TOPIC, NewPartitions.increaseTo(14))).all().get();
        until("there", () -> admin.describeTopics(List.of(TOPIC)).allTopicNames().get().get(TOPIC).partitions().size() == 14);
      });
      check("delete", () -> {
        admin.deleteTopics(List.of(TOPIC)).all().get();
        until("gone", () -> !admin.listTopics().names().get().contains(TOPIC));
      });
    }
  }

  static final Set<String> NEWER = Set.of("errors.deadletterqueue.topic.enable");

  static void produceAndRead() throws Exception {
    int count = 3000;
    Map<String, Object> producing = Map.of("bootstrap.servers", bootstrap, "linger.ms", 5, "enable.idempotence", true);
    try (var producer = new KafkaProducer<>(producing, new StringSerializer(), new StringSerializer())) {
      for (int n = 0; n < count; n++) producer.send(new ProducerRecord<>(TOPIC, n % 12, null, n + "x".repeat(100)));
    }
    Map<String, Object> reading = Map.of("bootstrap.servers", bootstrap, "client.rack", "b", "client.id", "java-racked", "max.partition.fetch.bytes", 3000, "auto.offset.reset", "earliest");
    try (var consumer = new KafkaConsumer<>(reading, new StringDeserializer(), new StringDeserializer())) {
      consumer.assign(IntStream.range(0, 12).mapToObj(partition -> new TopicPartition(TOPIC, partition)).toList());
      Map<Integer, Integer> next = new HashMap<>();
      int read = 0;
      long deadline = System.currentTimeMillis() + 60_000;
      while (read < count && System.currentTimeMillis() < deadline) {
        for (var record : consumer.poll(Duration.ofMillis(200))) {
          int expected = next.merge(record.partition(), 12, Integer::sum) - 12 + record.partition();
          equal(record.value(), expected + "x".repeat(100));
          read++;
        }
      }
      equal(read, count);
      double incremental = consumer.metrics().values().stream().filter(m -> m.metricName().name().equals("fetch-total") && m.metricName().tags().size() == 1).mapToDouble(m -> (double) m.metricValue()).sum();
      if (incremental < 3) throw new AssertionError("only " + incremental + " fetches: no session was continued");
    }
  }

  static Void alter(Admin admin, ConfigResource resource, boolean validateOnly, AlterConfigOp.OpType op, String name, String value) throws Exception {
    admin.incrementalAlterConfigs(Map.of(resource, List.of(new AlterConfigOp(new ConfigEntry(name, value), op))), new AlterConfigsOptions().validateOnly(validateOnly)).all().get();
    return null;
  }

  static String valueOf(Admin admin, ConfigResource resource, String name) throws Exception {
    return admin.describeConfigs(List.of(resource)).all().get().get(resource).get(name).value();
  }
}
