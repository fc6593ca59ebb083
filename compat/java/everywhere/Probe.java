// What the checks of Java's clients have in common. Every check prints one line: "ok NAME" or "failed NAME: why".
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.*;
import java.util.concurrent.*;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.*;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.*;

class Probe {
  static final long PATIENCE_MS = 60_000;
  static String bootstrap;
  static Admin admin;

  interface Check { void run() throws Exception; }

  static void check(String name, Check check) {
    FutureTask<Void> task = new FutureTask<>(() -> { check.run(); return null; });
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    thread.start();
    try {
      task.get(2 * PATIENCE_MS, TimeUnit.MILLISECONDS);
      System.out.println("ok " + name);
    } catch (TimeoutException late) {
      System.out.println("failed " + name + ": did not end; it waits at " + Arrays.stream(thread.getStackTrace()).skip(2).limit(6).toList());
      thread.interrupt();
    } catch (Throwable error) {
      Throwable cause = error instanceof ExecutionException ? error.getCause() : error;
      String where = Arrays.stream(cause.getStackTrace()).filter(f -> f.getModuleName() == null && !f.getClassName().contains(".") && !f.getClassName().equals("Probe")).limit(1).map(f -> " at " + f.getFileName() + ":" + f.getLineNumber()).findFirst().orElse("");
      Throwable root = cause;
      while (root.getCause() != null) root = root.getCause();
      String because = root == cause ? "" : ", because of " + root;
      System.out.println("failed " + name + ": " + (cause + where + because).replace('\n', ' '));
    }
    System.out.flush();
  }

  static void equal(Object actual, Object expected) {
    if (!Objects.equals(actual, expected)) throw new AssertionError(actual + " is not " + expected);
  }

  static void that(String what, boolean holds) {
    if (!holds) throw new AssertionError(what);
  }

  /** Answers what it failed with, which may be wrapped. */
  static <E extends Throwable> E fails(Class<E> expected, Callable<?> action) throws Exception {
    Object result;
    try {
      result = action.call();
    } catch (Exception error) {
      for (Throwable cause = error; cause != null; cause = cause.getCause()) if (expected.isInstance(cause)) return expected.cast(cause);
      throw error;
    }
    throw new AssertionError("there was " + result + " instead of " + expected.getSimpleName());
  }

  static void until(String what, Callable<Boolean> condition) throws Exception {
    long deadline = System.currentTimeMillis() + PATIENCE_MS;
    while (!condition.call()) {
      if (System.currentTimeMillis() > deadline) throw new AssertionError("not within " + PATIENCE_MS / 1000 + " s: " + what);
      Thread.sleep(30);
    }
  }

  /** The settings that every developer makes, and these. */
  static Map<String, Object> settings(Object... pairs) {
    Map<String, Object> all = new HashMap<>();
    all.put("bootstrap.servers", bootstrap);
    for (int at = 0; at < pairs.length; at += 2) all.put((String) pairs[at], pairs[at + 1]);
    return all;
  }

  static KafkaProducer<String, String> producer(Object... pairs) {
    return new KafkaProducer<>(settings(pairs), new StringSerializer(), new StringSerializer());
  }

  static KafkaConsumer<String, String> consumer(Object... pairs) {
    Map<String, Object> all = settings("auto.offset.reset", "earliest");
    for (int at = 0; at < pairs.length; at += 2) all.put((String) pairs[at], pairs[at + 1]);
    return new KafkaConsumer<>(all, new StringDeserializer(), new StringDeserializer());
  }

  static void create(String topic, int partitions, String... configs) throws Exception {
    Map<String, String> ofTopic = new HashMap<>();
    for (int at = 0; at < configs.length; at += 2) ofTopic.put(configs[at], configs[at + 1]);
    admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 3).configs(ofTopic))).all().get();
  }

  /** `count` records "0", "1", … to a partition. */
  static void fill(String topic, int partition, int count) throws Exception {
    try (var producer = producer("linger.ms", 5)) {
      for (int n = 0; n < count; n++) producer.send(new ProducerRecord<>(topic, partition, "k" + n, String.valueOf(n)));
      producer.flush();
    }
  }

  static <K, V> List<ConsumerRecord<K, V>> read(Consumer<K, V> consumer, int count) {
    List<ConsumerRecord<K, V>> records = new ArrayList<>();
    long deadline = System.currentTimeMillis() + PATIENCE_MS;
    while (records.size() < count && System.currentTimeMillis() < deadline) consumer.poll(Duration.ofMillis(200)).forEach(records::add);
    equal(records.size(), count);
    return records;
  }

  static List<String> values(Collection<? extends ConsumerRecord<?, String>> records) {
    List<String> values = new ArrayList<>();
    for (var record : records) values.add(record.value());
    return values;
  }

  static List<String> numbers(int from, int to) {
    List<String> numbers = new ArrayList<>();
    for (int n = from; n < to; n++) numbers.add(String.valueOf(n));
    return numbers;
  }

  static List<TopicPartition> partitionsOf(String topic, int count) {
    List<TopicPartition> partitions = new ArrayList<>();
    for (int n = 0; n < count; n++) partitions.add(new TopicPartition(topic, n));
    return partitions;
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
