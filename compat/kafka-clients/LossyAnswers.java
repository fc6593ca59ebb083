// Java's client as an idempotent producer whose answers get lost, and as a reader that counts; with the verbs and the words of confluent_lossy.py.
//
//   java -cp CLASSPATH LossyAnswers.java produce|verify BOOTSTRAP TOPIC PARTITIONS COUNT
import java.time.Duration;
import java.util.*;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.*;

public class LossyAnswers {
  public static void main(String[] arguments) {
    String bootstrap = arguments[1], topic = arguments[2];
    int partitions = Integer.parseInt(arguments[3]), count = Integer.parseInt(arguments[4]);
    if (arguments[0].equals("produce")) produce(bootstrap, topic, partitions, count);
    else verify(bootstrap, topic, partitions, count);
  }

  static void produce(String bootstrap, String topic, int partitions, int count) {
    Map<String, Object> settings = new HashMap<>(Map.of("bootstrap.servers", bootstrap, "client.id", "lossy", "enable.idempotence", true, "linger.ms", 5));
    settings.putAll(Map.of("max.in.flight.requests.per.connection", 5, "batch.size", 4096, "delivery.timeout.ms", 1_200_000, "max.block.ms", 1_200_000L));
    // How long it waits for an answer that was lost.
    settings.putAll(Map.of("request.timeout.ms", 1000, "retry.backoff.ms", 10L, "reconnect.backoff.ms", 5L, "reconnect.backoff.max.ms", 20L));
    AtomicInteger acknowledged = new AtomicInteger();
    AtomicReference<Exception> failed = new AtomicReference<>();
    try (var producer = new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
      for (int sequence = 0; sequence < count; sequence++)
        producer.send(new ProducerRecord<>(topic, sequence % partitions, null, String.valueOf(sequence / partitions)), (written, error) -> {
          if (error == null) acknowledged.incrementAndGet();
          else failed.compareAndSet(null, error);
        });
      producer.flush();
    }
    System.out.println("acknowledged " + acknowledged);
    if (failed.get() != null) throw new IllegalStateException(failed.get());
  }

  static void verify(String bootstrap, String topic, int partitions, int count) {
    List<TopicPartition> all = IntStream.range(0, partitions).mapToObj(partition -> new TopicPartition(topic, partition)).toList();
    int read = 0, gaps = 0, duplicates = 0, reordered = 0;
    try (var consumer = new KafkaConsumer<>(Map.of("bootstrap.servers", bootstrap, "auto.offset.reset", "earliest"), new StringDeserializer(), new StringDeserializer())) {
      consumer.assign(all);
      Map<TopicPartition, Long> ends = consumer.endOffsets(all);
      Map<TopicPartition, List<Integer>> values = new HashMap<>();
      for (TopicPartition partition : all) values.put(partition, new ArrayList<>());
      while (all.stream().anyMatch(partition -> consumer.position(partition) < ends.get(partition)))
        for (var record : consumer.poll(Duration.ofMillis(500))) values.get(new TopicPartition(record.topic(), record.partition())).add(Integer.valueOf(record.value()));
      for (TopicPartition partition : all) {
        List<Integer> of = values.get(partition);
        Set<Integer> once = new HashSet<>(of);
        read += of.size();
        duplicates += of.size() - once.size();
        for (int value = 0; value * partitions + partition.partition() < count; value++) if (!once.contains(value)) gaps++;
        for (int index = 1; index < of.size(); index++) if (of.get(index) < of.get(index - 1)) reordered++;
      }
    }
    System.out.println("read " + read + " gaps " + gaps + " duplicates " + duplicates + " reordered " + reordered);
  }
}
