import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Java's client as a chain that reads, transforms and writes in transactions (KIP-447): each input once, whatever dies. The verbs, and what they print, are those of
 * confluent_exactly_once.py:
 *
 *   feed BOOTSTRAP                writes numbered records to "eos-in" until a line comes on standard input; prints how many
 *   chain BOOTSTRAP NAME COUNT    "eos-in" to "eos-out" until all COUNT inputs are behind it; prints "transactions N aborted N begun anew N"
 *   verify BOOTSTRAP COUNT        reads committed records of "eos-out"; prints "read N missing N twice N out of order N"
 */
public class ExactlyOnce {
    static final int PARTITIONS = 3;
    static final int KEYS = 12;
    static String bootstrap;

    public static void main(String[] arguments) throws Exception {
        bootstrap = arguments[1];
        switch (arguments[0]) {
            case "feed" -> feed();
            case "chain" -> new Chain(arguments[2], Long.parseLong(arguments[3])).run();
            case "verify" -> verify(Integer.parseInt(arguments[2]));
            default -> throw new IllegalArgumentException(arguments[0]);
        }
    }

    static KafkaProducer<String, String> producer(Map<String, Object> more) {
        Map<String, Object> settings = new HashMap<>(Map.of("bootstrap.servers", bootstrap, "acks", "all", "linger.ms", 5, "request.timeout.ms", 10_000));
        settings.putAll(more);
        return new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer());
    }

    static KafkaConsumer<String, String> consumer(String group) {
        Map<String, Object> settings = Map.of(
            "bootstrap.servers", bootstrap, "group.id", group, "isolation.level", "read_committed", "enable.auto.commit", false,
            "auto.offset.reset", "earliest", "session.timeout.ms", 10_000, "max.poll.records", 50);
        return new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer());
    }

    static Set<TopicPartition> partitionsOf(String topic) {
        return IntStream.range(0, PARTITIONS).mapToObj(index -> new TopicPartition(topic, index)).collect(Collectors.toSet());
    }

    static void feed() throws Exception {
        AtomicBoolean isStopped = new AtomicBoolean();
        Thread listener = new Thread(() -> {
            try {
                System.in.read();
            } catch (java.io.IOException closed) {
                // As good as a line.
            }
            isStopped.set(true);
        });
        listener.setDaemon(true);
        listener.start();
        AtomicReference<Exception> failure = new AtomicReference<>();
        int count = 0;
        try (KafkaProducer<String, String> producer = producer(Map.of("delivery.timeout.ms", 600_000, "max.block.ms", 120_000))) {
            for (; !isStopped.get(); count++) {
                ProducerRecord<String, String> record =
                    new ProducerRecord<>("eos-in", count % KEYS % PARTITIONS, String.valueOf(count % KEYS), String.valueOf(count));
                producer.send(record, (metadata, error) -> {
                    if (error != null) failure.set(error);
                });
                Thread.sleep(2);
            }
            producer.flush();
        }
        if (failure.get() != null) throw failure.get();
        System.out.println(count);
    }

    static final class Chain {
        private final String name;
        private final long count;
        private final KafkaConsumer<String, String> consumer = consumer("eos-chain");
        private KafkaProducer<String, String> producer;
        private int transactions, aborted, anew;

        Chain(String name, long count) {
            this.name = name;
            this.count = count;
            this.producer = transactional();
        }

        void run() {
            consumer.subscribe(List.of("eos-in"));
            long end = System.currentTimeMillis() + 600_000;
            while (System.currentTimeMillis() < end) {
                ConsumerRecords<String, String> records = consumer.poll(Duration.ofMillis(500));
                if (!records.isEmpty()) transfer(records);
                else if (isBehind()) break;
            }
            consumer.close();
            producer.close(Duration.ofSeconds(10));
            System.out.printf("transactions %d aborted %d begun anew %d%n", transactions, aborted, anew);
        }

        private void transfer(ConsumerRecords<String, String> records) {
            try {
                producer.beginTransaction();
                Map<TopicPartition, OffsetAndMetadata> offsets = new TreeMap<>(java.util.Comparator.comparing(TopicPartition::toString));
                for (ConsumerRecord<String, String> record : records) {
                    producer.send(new ProducerRecord<>("eos-out", record.partition(), record.key(), record.value()));
                    offsets.put(new TopicPartition(record.topic(), record.partition()), new OffsetAndMetadata(record.offset() + 1));
                }
                producer.sendOffsetsToTransaction(offsets, consumer.groupMetadata());
                commit();
                transactions++;
            } catch (KafkaException failure) {
                try {
                    producer.abortTransaction();
                    aborted++;
                } catch (KafkaException | IllegalStateException fatal) {
                    producer.close(Duration.ZERO);
                    producer = transactional();
                    anew++;
                }
                rewind();
            }
        }

        /** A commit that was not answered in time may only be asked for again. */
        private void commit() {
            while (true) {
                try {
                    producer.commitTransaction();
                    return;
                } catch (TimeoutException again) {
                    // The same commit.
                }
            }
        }

        private KafkaProducer<String, String> transactional() {
            while (true) {
                KafkaProducer<String, String> next =
                    producer(Map.of("transactional.id", name, "transaction.timeout.ms", 20_000, "max.block.ms", 15_000, "delivery.timeout.ms", 30_000));
                try {
                    next.initTransactions();
                    return next;
                } catch (KafkaException failure) {
                    next.close(Duration.ZERO);
                    pause();
                }
            }
        }

        private boolean isBehind() {
            try {
                return consumer.committed(partitionsOf("eos-in"), Duration.ofSeconds(10)).values().stream()
                    .mapToLong(position -> position == null ? 0 : position.offset()).sum() >= count;
            } catch (KafkaException failure) {
                return false;
            }
        }

        /** To where the group is: what was read since was not committed. */
        private void rewind() {
            while (true) {
                try {
                    Collection<TopicPartition> mine = consumer.assignment();
                    consumer.committed(Set.copyOf(mine), Duration.ofSeconds(10))
                        .forEach((partition, position) -> consumer.seek(partition, position == null ? 0 : position.offset()));
                    return;
                } catch (KafkaException failure) {
                    pause();
                }
            }
        }

        private static void pause() {
            try {
                Thread.sleep(200);
            } catch (InterruptedException interrupted) {
                throw new IllegalStateException(interrupted);
            }
        }
    }

    static void verify(int count) {
        Set<Integer> seen = new HashSet<>();
        Map<String, Integer> last = new HashMap<>();
        int twice = 0, disordered = 0;
        try (KafkaConsumer<String, String> consumer = consumer("unused")) {
            Set<TopicPartition> partitions = partitionsOf("eos-out");
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            long limit = System.currentTimeMillis() + 120_000;
            while (partitions.stream().anyMatch(each -> consumer.position(each) < ends.get(each)) && System.currentTimeMillis() < limit) {
                for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(500))) {
                    int number = Integer.parseInt(record.value());
                    if (!seen.add(number)) twice++;
                    if (number < last.getOrDefault(record.key(), -1)) disordered++;
                    last.merge(record.key(), number, Math::max);
                }
            }
        }
        System.out.printf("read %d missing %d twice %d out of order %d%n", seen.size(), count - seen.size(), twice, disordered);
    }
}
