// Consumers that are told what to read, without a group.
import java.time.Duration;
import java.util.*;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.TopicPartition;

class Consuming extends Probe {
  static final TopicPartition ONE = new TopicPartition("assigned", 0);
  static final long START_MS = 1_700_000_000_000L;

  static void all() {
    check("reads by assignment, from where it is told", Consuming::assigned);
    check("beginning and end offsets, and offsets for times", Consuming::offsets);
    check("records that were deleted are out of range", Consuming::outOfRange);
    check("pauses and resumes partitions", Consuming::pauses);
    check("small fetches bring everything", Consuming::smallFetches);
    check("waits for records to come", Consuming::waits);
    check("lists topics and partitions", Consuming::lists);
  }

  static void assigned() throws Exception {
    create("assigned", 3);
    try (var producer = producer("linger.ms", 5)) {
      for (int n = 0; n < 100; n++) producer.send(new ProducerRecord<>("assigned", 0, START_MS + n * 1000L, "k", String.valueOf(n)));
    }
    try (var consumer = consumer("max.poll.records", 7)) {
      consumer.assign(List.of(ONE));
      equal(values(read(consumer, 100)), numbers(0, 100));
      consumer.seek(ONE, 42);
      equal(values(read(consumer, 58)), numbers(42, 100));
      consumer.seekToBeginning(List.of(ONE));
      equal(consumer.position(ONE), 0L);
      consumer.seekToEnd(List.of(ONE));
      equal(consumer.position(ONE), 100L);
    }
    try (var consumer = consumer("auto.offset.reset", "latest")) {
      consumer.assign(List.of(ONE));
      equal(consumer.position(ONE), 100L);
    }
  }

  static void offsets() throws Exception {
    try (var consumer = consumer()) {
      equal(consumer.beginningOffsets(partitionsOf("assigned", 2)), Map.of(ONE, 0L, new TopicPartition("assigned", 1), 0L));
      equal(consumer.endOffsets(partitionsOf("assigned", 2)), Map.of(ONE, 100L, new TopicPartition("assigned", 1), 0L));
      Map<Long, OffsetAndTimestamp> found = new HashMap<>();
      for (long timeMs : List.of(0L, START_MS + 41_500, START_MS + 99_000, START_MS + 100_000)) found.put(timeMs - START_MS, consumer.offsetsForTimes(Map.of(ONE, timeMs)).get(ONE));
      equal(found.get(-START_MS).offset(), 0L);
      equal(found.get(41_500L).offset(), 42L);
      equal(found.get(41_500L).timestamp(), START_MS + 42_000);
      that("an epoch is told", found.get(41_500L).leaderEpoch().isPresent());
      equal(found.get(99_000L).offset(), 99L);
      equal(found.get(100_000L), null);
    }
  }

  static void outOfRange() throws Exception {
    create("shortened", 1);
    TopicPartition partition = new TopicPartition("shortened", 0);
    fill("shortened", 0, 50);
    equal(admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(20))).lowWatermarks().get(partition).get().lowWatermark(), 20L);
    try (var consumer = consumer("auto.offset.reset", "none")) {
      consumer.assign(List.of(partition));
      equal(consumer.beginningOffsets(List.of(partition)), Map.of(partition, 20L));
      consumer.seek(partition, 5);
      fails(OffsetOutOfRangeException.class, () -> { for (;;) consumer.poll(Duration.ofMillis(200)); });
      consumer.seek(partition, 60);
      fails(OffsetOutOfRangeException.class, () -> { for (;;) consumer.poll(Duration.ofMillis(200)); });
    }
    try (var consumer = consumer("auto.offset.reset", "earliest")) {
      consumer.assign(List.of(partition));
      consumer.seek(partition, 5);
      equal(values(read(consumer, 30)), numbers(20, 50));
    }
    equal(admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(-1))).lowWatermarks().get(partition).get().lowWatermark(), 50L);
    fails(org.apache.kafka.common.errors.OffsetOutOfRangeException.class, () -> admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(51))).all().get());
  }

  static void pauses() throws Exception {
    create("paused", 2);
    fill("paused", 0, 20);
    fill("paused", 1, 20);
    try (var consumer = consumer()) {
      consumer.assign(partitionsOf("paused", 2));
      consumer.pause(List.of(new TopicPartition("paused", 0)));
      for (var record : read(consumer, 20)) equal(record.partition(), 1);
      consumer.resume(consumer.paused());
      for (var record : read(consumer, 20)) equal(record.partition(), 0);
    }
  }

  static void smallFetches() throws Exception {
    create("fetched", 5);
    int count = 2000;
    try (var producer = producer("batch.size", 1000, "linger.ms", 1)) {
      for (int n = 0; n < count; n++) producer.send(new ProducerRecord<>("fetched", n % 5, null, n + " " + "z".repeat(90)));
    }
    try (var consumer = consumer("max.partition.fetch.bytes", 700, "fetch.max.bytes", 1500, "fetch.min.bytes", 500)) {
      consumer.assign(partitionsOf("fetched", 5));
      Map<Integer, Integer> next = new HashMap<>();
      for (var record : read(consumer, count)) {
        int expected = next.merge(record.partition(), 5, Integer::sum) - 5 + record.partition();
        that(record.value() + " comes instead of " + expected, record.value().startsWith(expected + " "));
      }
    }
  }

  static void waits() throws Exception {
    create("awaited", 1);
    try (var consumer = consumer("fetch.max.wait.ms", 20_000); var producer = producer()) {
      consumer.assign(partitionsOf("awaited", 1));
      consumer.poll(Duration.ofMillis(500));
      long startMs = System.currentTimeMillis();
      producer.send(new ProducerRecord<>("awaited", 0, null, "0")).get();
      read(consumer, 1);
      that("a fetch that waits is woken by a record", System.currentTimeMillis() - startMs < 15_000);
    }
  }

  static void lists() throws Exception {
    try (var consumer = consumer()) {
      that("there are topics", consumer.listTopics().containsKey("assigned"));
      var partitions = consumer.partitionsFor("assigned");
      equal(partitions.size(), 3);
      for (var partition : partitions) equal(partition.replicas().length + " " + partition.inSyncReplicas().length, "3 3");
    }
  }
}
