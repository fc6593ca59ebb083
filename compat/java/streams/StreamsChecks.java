// Kafka Streams, the strictest client of all: words are counted exactly once, by instances that come and go. `java -cp CLASSPATH StreamsChecks BOOTSTRAP`.
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.*;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.serialization.*;
import org.apache.kafka.streams.*;
import org.apache.kafka.streams.kstream.*;
import org.apache.kafka.streams.state.Stores;

public class StreamsChecks extends Probe {
  static final int PARTITIONS = 3;
  static Path directory;

  public static void main(String[] arguments) throws Exception {
    bootstrap = arguments[0];
    directory = Path.of(arguments[1]);
    admin = Admin.create(settings());
    check("Streams counts words exactly once while its instances come and go", StreamsChecks::counts);
    check("Streams goes on from its offsets and its changelog when it starts anew", StreamsChecks::goesOn);
    System.out.flush();
    Runtime.getRuntime().halt(0);
  }

  static final Map<String, Integer> written = new TreeMap<>();

  static KafkaStreams start(String name) throws Exception {
    StreamsBuilder builder = new StreamsBuilder();
    builder.<String, String>stream("lines")
        .flatMapValues(line -> List.of(line.split(" ")))
        .groupBy((key, word) -> word)
        .count(Materialized.<String, Long>as(Stores.inMemoryKeyValueStore("counts")).withCachingDisabled())
        .toStream().to("word-counts", Produced.with(Serdes.String(), Serdes.Long()));
    Properties properties = new Properties();
    properties.putAll(settings("application.id", "word-count", "processing.guarantee", "exactly_once_v2", "commit.interval.ms", 150, "num.stream.threads", 2,
        // An instance that is closed stays a member until its session ends: so Streams has it.
        "session.timeout.ms", 8000, "heartbeat.interval.ms", 1000,
        "state.dir", Files.createDirectories(directory.resolve(name)).toString(), "statestore.cache.max.bytes", 0,
        "default.key.serde", Serdes.StringSerde.class, "default.value.serde", Serdes.StringSerde.class, "client.id", name));
    KafkaStreams streams = new KafkaStreams(builder.build(), properties);
    streams.setUncaughtExceptionHandler(error -> {
      System.err.println(name + ": " + error);
      return org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse.REPLACE_THREAD;
    });
    streams.start();
    return streams;
  }

  static void write(int lines, int seed) throws Exception {
    Random random = new Random(seed);
    try (var producer = producer("linger.ms", 5)) {
      for (int n = 0; n < lines; n++) {
        StringJoiner line = new StringJoiner(" ");
        for (int word = 0; word < 5; word++) {
          String chosen = "word" + random.nextInt(40);
          written.merge(chosen, 1, Integer::sum);
          line.add(chosen);
        }
        producer.send(new ProducerRecord<>("lines", n % PARTITIONS, null, line.toString()));
      }
    }
  }

  /** Every word is counted from 1 on without a gap and without a repetition: whatever was done twice or not at all would show. */
  static void verify() throws Exception {
    int total = written.values().stream().mapToInt(n -> n).sum();
    Map<String, Object> reading = settings("auto.offset.reset", "earliest", "isolation.level", "read_committed");
    try (var consumer = new org.apache.kafka.clients.consumer.KafkaConsumer<>(reading, new StringDeserializer(), new LongDeserializer())) {
      consumer.assign(partitionsOf("word-counts", PARTITIONS));
      Map<String, Integer> counted = new TreeMap<>();
      for (var record : read(consumer, total)) {
        int expected = counted.merge(record.key(), 1, Integer::sum);
        equal(record.key() + " " + record.value(), record.key() + " " + expected);
      }
      equal(counted, written);
      equal(consumer.poll(Duration.ofMillis(700)).count(), 0);
    }
  }

  static void counts() throws Exception {
    create("lines", PARTITIONS);
    create("word-counts", PARTITIONS);
    KafkaStreams first = start("first");
    until("the first runs", () -> first.state() == KafkaStreams.State.RUNNING);
    write(150, 1);
    KafkaStreams second = start("second");
    write(150, 2);
    until("both run", () -> first.state() == KafkaStreams.State.RUNNING && second.state() == KafkaStreams.State.RUNNING);
    write(150, 3);
    first.close(Duration.ofSeconds(20));
    write(150, 4);
    verify();
    second.close(Duration.ofSeconds(20));
    equal(admin.describeConfigs(List.of(new org.apache.kafka.common.config.ConfigResource(org.apache.kafka.common.config.ConfigResource.Type.TOPIC, "word-count-counts-changelog"))).all().get().values().iterator().next().get(TopicConfig.CLEANUP_POLICY_CONFIG).value(), "compact");
  }

  static void goesOn() throws Exception {
    KafkaStreams third = start("third");
    write(100, 5);
    verify();
    third.close(Duration.ofSeconds(20));
  }
}
