// Transactions: committed, aborted, fenced, timed out, with offsets of a group.
import java.time.Duration;
import java.util.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.*;

class Transactions extends Probe {
  static void all() {
    check("a transaction is read when it is committed, and not when it is aborted", Transactions::commitAndAbort);
    check("the last stable offset is where an open transaction begins", Transactions::lastStableOffset);
    check("a second producer of a transactional id fences the first", Transactions::fences);
    check("a transaction that takes too long is aborted", Transactions::timesOut);
    check("offsets of a group are committed with a transaction, and not when it is aborted", Transactions::offsets);
    check("a chain of transactions copies each record once", Transactions::chain);
    check("transactions without records", Transactions::empty);
    check("a producer goes on after a transaction that failed", Transactions::goesOn);
  }

  static KafkaConsumer<String, String> committedReader(String topic, int partitions) {
    var consumer = consumer("isolation.level", "read_committed");
    consumer.assign(partitionsOf(topic, partitions));
    return consumer;
  }

  static void commitAndAbort() throws Exception {
    create("tx", 3);
    List<String> expected = new ArrayList<>();
    try (var producer = producer("transactional.id", "tx", "linger.ms", 2)) {
      producer.initTransactions();
      for (int transaction = 0; transaction < 20; transaction++) {
        producer.beginTransaction();
        boolean isCommitted = transaction % 3 != 1;
        for (int n = 0; n < 30; n++) {
          producer.send(new ProducerRecord<>("tx", n % 3, null, transaction + "-" + n));
          if (isCommitted) expected.add(transaction + "-" + n);
        }
        if (transaction % 2 == 0) producer.flush();
        if (isCommitted) producer.commitTransaction();
        else producer.abortTransaction();
      }
    }
    try (var consumer = committedReader("tx", 3)) {
      List<String> read = values(read(consumer, expected.size()));
      Collections.sort(read);
      Collections.sort(expected);
      equal(read, expected);
      equal(consumer.poll(Duration.ofMillis(500)).count(), 0);
    }
    try (var consumer = consumer()) {
      consumer.assign(partitionsOf("tx", 3));
      // Of what was aborted at least those that were flushed before; the client drops others, so far as it has not sent them.
      Set<String> seen = new HashSet<>();
      until("aborted records are read", () -> { consumer.poll(Duration.ofMillis(100)).forEach(record -> seen.add(record.value())); return seen.size() >= 480; });
    }
  }

  static void lastStableOffset() throws Exception {
    create("lso", 1);
    fill("lso", 0, 5);
    TopicPartition partition = new TopicPartition("lso", 0);
    try (var producer = producer("transactional.id", "lso"); var committed = committedReader("lso", 1); var any = consumer()) {
      any.assign(List.of(partition));
      producer.initTransactions();
      producer.beginTransaction();
      producer.send(new ProducerRecord<>("lso", 0, null, "open")).get();
      fill("lso", 0, 5);
      equal(committed.endOffsets(List.of(partition)).get(partition), 5L);
      equal(any.endOffsets(List.of(partition)).get(partition), 11L);
      equal(read(committed, 5).size(), 5);
      equal(committed.poll(Duration.ofMillis(300)).count(), 0);
      producer.commitTransaction();
      equal(values(read(committed, 6)).get(0), "open");
      equal(committed.endOffsets(List.of(partition)).get(partition), 12L);
    }
  }

  static void fences() throws Exception {
    create("fenced", 1);
    try (var first = producer("transactional.id", "fenced"); var second = producer("transactional.id", "fenced")) {
      first.initTransactions();
      first.beginTransaction();
      first.send(new ProducerRecord<>("fenced", 0, null, "lost")).get();
      second.initTransactions();
      second.beginTransaction();
      second.send(new ProducerRecord<>("fenced", 0, null, "kept"));
      var error = fails(KafkaException.class, () -> { first.send(new ProducerRecord<>("fenced", 0, null, "zombie")).get(); first.commitTransaction(); return null; });
      Throwable cause = error;
      while (!(cause instanceof ProducerFencedException || cause instanceof InvalidProducerEpochException) && cause.getCause() != null) cause = cause.getCause();
      that("it is told that it is fenced, not " + cause, cause instanceof ProducerFencedException || cause instanceof InvalidProducerEpochException);
      second.commitTransaction();
    }
    try (var consumer = committedReader("fenced", 1)) {
      equal(values(read(consumer, 1)), List.of("kept"));
    }
  }

  static void timesOut() throws Exception {
    create("late", 1);
    try (var producer = producer("transactional.id", "late", "transaction.timeout.ms", 2000); var consumer = committedReader("late", 1)) {
      producer.initTransactions();
      producer.beginTransaction();
      producer.send(new ProducerRecord<>("late", 0, null, "late")).get();
      fill("late", 0, 1);
      // Who reads is no longer held up.
      equal(values(read(consumer, 1)), List.of("0"));
      fails(KafkaException.class, () -> { producer.commitTransaction(); return null; });
    }
  }

  static void offsets() throws Exception {
    create("tx-offsets", 1);
    fill("tx-offsets", 0, 10);
    TopicPartition partition = new TopicPartition("tx-offsets", 0);
    try (var consumer = consumer("group.id", "tx-offsets", "enable.auto.commit", false); var producer = producer("transactional.id", "tx-offsets")) {
      consumer.subscribe(List.of("tx-offsets"));
      read(consumer, 10);
      producer.initTransactions();
      producer.beginTransaction();
      producer.sendOffsetsToTransaction(Map.of(partition, new OffsetAndMetadata(3)), consumer.groupMetadata());
      producer.abortTransaction();
      equal(consumer.committed(Set.of(partition)).get(partition), null);
      producer.beginTransaction();
      producer.sendOffsetsToTransaction(Map.of(partition, new OffsetAndMetadata(7, "seven")), consumer.groupMetadata());
      // Whoever asks for stable offsets waits for the end of the transaction.
      fails(org.apache.kafka.common.errors.TimeoutException.class, () -> consumer.committed(Set.of(partition), Duration.ofMillis(700)));
      producer.commitTransaction();
      equal(consumer.committed(Set.of(partition)).get(partition), new OffsetAndMetadata(7, "seven"));
    }
  }

  static void chain() throws Exception {
    create("chain-in", 4);
    create("chain-out", 4);
    for (int partition = 0; partition < 4; partition++) fill("chain-in", partition, 250);
    int copied = 0, turn = 0;
    while (copied < 1000) {
      // Each of them ends in the middle, with a transaction open.
      try (var consumer = consumer("group.id", "chain", "enable.auto.commit", false, "isolation.level", "read_committed", "max.poll.records", 40); var producer = producer("transactional.id", "chain")) {
        producer.initTransactions();
        consumer.subscribe(List.of("chain-in"));
        long endMs = System.currentTimeMillis() + PATIENCE_MS;
        for (int transactions = 0; transactions < 9 && copied < 1000; ) {
          var records = consumer.poll(Duration.ofMillis(200));
          that("records come", System.currentTimeMillis() < endMs);
          if (records.isEmpty()) continue;
          producer.beginTransaction();
          Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
          for (var record : records) {
            producer.send(new ProducerRecord<>("chain-out", record.partition(), record.key(), record.value()));
            offsets.put(new TopicPartition("chain-in", record.partition()), new OffsetAndMetadata(record.offset() + 1));
          }
          producer.sendOffsetsToTransaction(offsets, consumer.groupMetadata());
          transactions++;
          if (transactions == 9) break;
          if (transactions % 4 == 3) {
            producer.abortTransaction();
            for (var partition : consumer.assignment()) {
              OffsetAndMetadata committed = consumer.committed(Set.of(partition)).get(partition);
              consumer.seek(partition, committed == null ? 0 : committed.offset());
            }
          } else {
            producer.commitTransaction();
            copied += records.count();
          }
        }
      }
      that("it ends", ++turn < 50);
    }
    try (var consumer = committedReader("chain-out", 4)) {
      Map<Integer, List<String>> read = new HashMap<>();
      for (var record : read(consumer, 1000)) read.computeIfAbsent(record.partition(), p -> new ArrayList<>()).add(record.value());
      for (int partition = 0; partition < 4; partition++) equal(read.get(partition), numbers(0, 250));
      equal(consumer.poll(Duration.ofMillis(500)).count(), 0);
    }
  }

  static void empty() throws Exception {
    create("tx-empty", 1);
    try (var producer = producer("transactional.id", "tx-empty")) {
      producer.initTransactions();
      for (int n = 0; n < 5; n++) {
        producer.beginTransaction();
        if (n % 2 == 0) producer.commitTransaction();
        else producer.abortTransaction();
      }
      producer.beginTransaction();
      producer.send(new ProducerRecord<>("tx-empty", 0, null, "0"));
      producer.commitTransaction();
    }
    try (var consumer = committedReader("tx-empty", 1)) {
      equal(values(read(consumer, 1)), List.of("0"));
    }
  }

  static void goesOn() throws Exception {
    create("tx-small", 1, "max.message.bytes", "2000");
    try (var producer = producer("transactional.id", "tx-small", "max.request.size", 10_000_000); var consumer = committedReader("tx-small", 1)) {
      producer.initTransactions();
      producer.beginTransaction();
      producer.send(new ProducerRecord<>("tx-small", 0, null, "lost"));
      producer.flush();
      producer.send(new ProducerRecord<>("tx-small", 0, null, "x".repeat(5000)));
      fails(KafkaException.class, () -> { producer.commitTransaction(); return null; });
      producer.abortTransaction();
      producer.beginTransaction();
      producer.send(new ProducerRecord<>("tx-small", 0, null, "kept"));
      producer.commitTransaction();
      equal(values(read(consumer, 1)), List.of("kept"));
    }
  }
}
