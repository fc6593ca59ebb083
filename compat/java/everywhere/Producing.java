// Producers: codecs, acknowledgements, what a record may be made of, and what is refused.
import java.util.*;
import java.util.concurrent.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.*;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.*;
import org.apache.kafka.common.utils.Utils;

class Producing extends Probe {
  static void all() {
    for (String codec : List.of("none", "gzip", "snappy", "lz4", "zstd")) check("produce with codec " + codec, () -> codec(codec));
    for (String acks : List.of("0", "1", "all")) check("produce with acks=" + acks, () -> acks(acks));
    check("records with headers, null and empty", Producing::shapes);
    check("partitions are chosen by the hash of the key", Producing::partitioned);
    check("times of records, by producer and by broker", Producing::timestamps);
    check("a record larger than the topic allows is refused", Producing::tooLarge);
    check("a batch larger than the topic allows is split", Producing::splits);
    check("a record without key is refused by a compacted topic", Producing::withoutKey);
    check("a topic that is not there is not waited for beyond the limit", Producing::noTopic);
    check("many idempotent producers at once write each record once and in order", Producing::idempotent);
  }

  static void codec(String codec) throws Exception {
    String topic = "codec-" + codec;
    create(topic, 1);
    int count = 3000;
    try (var producer = producer("compression.type", codec, "linger.ms", 20)) {
      for (int n = 0; n < count; n++) producer.send(new ProducerRecord<>(topic, 0, null, "value number " + n));
      producer.flush();
      double rate = (double) producer.metrics().values().stream().filter(m -> m.metricName().name().equals("compression-rate-avg") && m.metricName().group().equals("producer-metrics")).findFirst().get().metricValue();
      that("the rate of compression is " + rate, codec.equals("none") ? rate == 1 : rate < 0.8);
    }
    try (var consumer = consumer("check.crcs", true)) {
      consumer.assign(partitionsOf(topic, 1));
      int n = 0;
      for (var record : read(consumer, count)) {
        equal(record.offset(), (long) n);
        equal(record.value(), "value number " + n++);
      }
    }
  }

  static void acks(String acks) throws Exception {
    String topic = "acks-" + acks;
    create(topic, 1);
    try (var producer = acks.equals("all") ? producer("acks", acks) : producer("acks", acks, "enable.idempotence", false)) {
      for (int n = 0; n < 50; n++) {
        RecordMetadata metadata = producer.send(new ProducerRecord<>(topic, null, String.valueOf(n))).get();
        equal(metadata.offset(), acks.equals("0") ? -1L : n);
      }
    }
    try (var consumer = consumer()) {
      consumer.assign(partitionsOf(topic, 1));
      equal(values(read(consumer, 50)), numbers(0, 50));
    }
  }

  static void shapes() throws Exception {
    create("shapes", 1);
    byte[] some = bytes("some"), none = new byte[0];
    List<byte[]> kinds = Arrays.asList(some, none, null);
    List<Header> headers = List.of(new RecordHeader("a", some), new RecordHeader("a", none), new RecordHeader("", null), new RecordHeader("ünïcode", bytes("ü")));
    try (var producer = new KafkaProducer<>(settings("linger.ms", 50), new ByteArraySerializer(), new ByteArraySerializer())) {
      for (byte[] key : kinds) for (byte[] value : kinds) producer.send(new ProducerRecord<>("shapes", 0, key, value, headers));
    }
    try (var consumer = new KafkaConsumer<>(settings("auto.offset.reset", "earliest"), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      consumer.assign(partitionsOf("shapes", 1));
      var records = read(consumer, 9).iterator();
      for (byte[] key : kinds) for (byte[] value : kinds) {
        var record = records.next();
        that("key of " + record.offset(), Arrays.equals(record.key(), key));
        that("value of " + record.offset(), Arrays.equals(record.value(), value));
        equal(List.of(record.headers().toArray()), headers);
      }
    }
  }

  static void partitioned() throws Exception {
    create("partitioned", 7);
    try (var producer = producer()) {
      for (int n = 0; n < 100; n++) {
        String key = "key " + n;
        equal(producer.send(new ProducerRecord<>("partitioned", key, "")).get().partition(), Utils.toPositive(Utils.murmur2(bytes(key))) % 7);
      }
      equal(producer.partitionsFor("partitioned").size(), 7);
    }
  }

  static void timestamps() throws Exception {
    create("create-time", 1);
    create("append-time", 1, "message.timestamp.type", "LogAppendTime");
    long longAgoMs = 1_000_000_000_000L, startMs = System.currentTimeMillis();
    try (var producer = producer()) {
      equal(producer.send(new ProducerRecord<>("create-time", 0, longAgoMs, "k", "v")).get().timestamp(), longAgoMs);
      that("the broker's time", producer.send(new ProducerRecord<>("append-time", 0, longAgoMs, "k", "v")).get().timestamp() >= startMs);
    }
    try (var consumer = consumer()) {
      consumer.assign(List.of(new TopicPartition("create-time", 0), new TopicPartition("append-time", 0)));
      for (var record : read(consumer, 2)) {
        boolean isOfProducer = record.topic().equals("create-time");
        equal(record.timestampType().name, isOfProducer ? "CreateTime" : "LogAppendTime");
        that("time of " + record.topic(), isOfProducer ? record.timestamp() == longAgoMs : record.timestamp() >= startMs);
      }
    }
  }

  static void tooLarge() throws Exception {
    create("small", 1, "max.message.bytes", "2000");
    try (var producer = producer("max.request.size", 10_000_000, "batch.size", 0)) {
      fails(RecordTooLargeException.class, () -> producer.send(new ProducerRecord<>("small", 0, null, "x".repeat(3000))).get());
      equal(producer.send(new ProducerRecord<>("small", 0, null, "x".repeat(1000))).get().offset(), 0L);
      create("large", 1, "max.message.bytes", "9000000");
      equal(producer.send(new ProducerRecord<>("large", 0, null, "x".repeat(8_000_000))).get().offset(), 0L);
    }
    try (var consumer = consumer("max.partition.fetch.bytes", 1000)) {
      consumer.assign(List.of(new TopicPartition("large", 0)));
      equal(read(consumer, 1).get(0).value().length(), 8_000_000);
    }
  }

  /** The client does it, when it is told that a batch of many is too large, until the parts are small enough. */
  static void splits() throws Exception {
    create("split", 1, "max.message.bytes", "2000");
    List<Future<RecordMetadata>> sent = new ArrayList<>();
    var producer = producer("linger.ms", 200, "batch.size", 100_000);
    for (int n = 0; n < 40; n++) sent.add(producer.send(new ProducerRecord<>("split", 0, null, "y".repeat(200))));
    try {
      for (var future : sent) future.get(PATIENCE_MS / 2, TimeUnit.MILLISECONDS);
    } finally {
      producer.close(java.time.Duration.ZERO);
    }
  }

  static void withoutKey() throws Exception {
    create("compacted", 1, "cleanup.policy", "compact");
    try (var producer = producer()) {
      fails(org.apache.kafka.common.InvalidRecordException.class, () -> producer.send(new ProducerRecord<>("compacted", 0, null, "v")).get());
      producer.send(new ProducerRecord<>("compacted", 0, "k", null)).get();
    }
  }

  static void noTopic() throws Exception {
    try (var producer = producer("max.block.ms", 1500)) {
      fails(org.apache.kafka.common.errors.TimeoutException.class, () -> producer.send(new ProducerRecord<>("not-there", "v")).get());
      fails(InvalidTopicException.class, () -> producer.send(new ProducerRecord<>("not allowed!", "v")).get());
    }
  }

  static void idempotent() throws Exception {
    create("idempotent", 3);
    int writers = 4, count = 2000;
    List<Thread> threads = new ArrayList<>();
    for (int writer = 0; writer < writers; writer++) {
      String name = "w" + writer;
      Thread thread = new Thread(() -> {
        try (var producer = producer("enable.idempotence", true, "acks", "all", "linger.ms", 1, "batch.size", 500)) {
          for (int n = 0; n < count; n++) producer.send(new ProducerRecord<>("idempotent", n % 3, name, String.valueOf(n)));
        }
      });
      thread.start();
      threads.add(thread);
    }
    for (Thread thread : threads) thread.join();
    Map<String, Integer> next = new HashMap<>();
    try (var consumer = consumer()) {
      consumer.assign(partitionsOf("idempotent", 3));
      for (var record : read(consumer, writers * count)) {
        int expected = next.merge(record.key() + record.partition(), 3, Integer::sum) - 3 + record.partition();
        equal(record.value(), String.valueOf(expected));
      }
    }
  }
}
