// Groups of the classic protocol, as every Java application has them.
import java.time.Duration;
import java.util.*;
import java.util.concurrent.*;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.*;

class Groups extends Probe {
  /** What the tests of both protocols set besides. */
  static Object[] with(Object[] more, Object... pairs) {
    Object[] all = Arrays.copyOf(pairs, pairs.length + more.length);
    System.arraycopy(more, 0, all, pairs.length, more.length);
    return all;
  }

  static void all() {
    for (Class<?> assignor : List.of(RangeAssignor.class, RoundRobinAssignor.class, StickyAssignor.class, CooperativeStickyAssignor.class))
      check("classic group shares with " + assignor.getSimpleName(), () -> shares("shared-" + assignor.getSimpleName(), "partition.assignment.strategy", assignor.getName()));
    check("classic group commits offsets, by hand and by itself", () -> commits("committed-classic"));
    check("classic group subscribes by a pattern", () -> pattern("pattern-classic", "metadata.max.age.ms", 500));
    check("classic group keeps a static member's place", Groups::staticMember);
    check("classic group fences a static member that comes twice", () -> fencesStatic("twice-classic", FencedInstanceIdException.class));
    check("classic group takes from who does not poll", Groups::doesNotPoll);
    check("classic group refuses commits of the generation before", Groups::stale);
  }

  /** A second member comes and takes half, the first goes and the second has all; every record is read. */
  static void shares(String topic, Object... more) throws Exception {
    create(topic, 6);
    for (int partition = 0; partition < 6; partition++) fill(topic, partition, 20);
    Set<String> seen = new HashSet<>();
    try (var first = consumer(with(more, "group.id", topic)); var second = consumer(with(more, "group.id", topic))) {
      first.subscribe(List.of(topic));
      until("the first has all", () -> { see(first, seen); return first.assignment().size() == 6; });
      second.subscribe(List.of(topic));
      until("each has half", () -> { see(first, seen); see(second, seen); return first.assignment().size() == 3 && second.assignment().size() == 3; });
      Set<TopicPartition> both = new HashSet<>(first.assignment());
      both.addAll(second.assignment());
      equal(both.size(), 6);
      first.close();
      until("the second has all", () -> { see(second, seen); return second.assignment().size() == 6; });
      until("all is read", () -> { see(second, seen); return seen.size() == 120; });
    }
  }

  static void see(Consumer<String, String> consumer, Set<String> seen) {
    for (var record : consumer.poll(Duration.ofMillis(100))) seen.add(record.partition() + "/" + record.offset());
  }

  static void commits(String topic, Object... more) throws Exception {
    create(topic, 2);
    fill(topic, 0, 50);
    TopicPartition zero = new TopicPartition(topic, 0), one = new TopicPartition(topic, 1);
    try (var consumer = consumer(with(more, "group.id", topic, "enable.auto.commit", false))) {
      consumer.subscribe(List.of(topic));
      read(consumer, 50);
      equal(consumer.committed(Set.of(zero)).get(zero), null);
      consumer.commitSync(Map.of(zero, new OffsetAndMetadata(10, Optional.of(0), "ten")));
      equal(consumer.committed(Set.of(zero)).get(zero), new OffsetAndMetadata(10, Optional.of(0), "ten"));
      CompletableFuture<Object> done = new CompletableFuture<>();
      consumer.commitAsync(Map.of(zero, new OffsetAndMetadata(20)), (offsets, error) -> done.complete(error == null ? offsets : error));
      until("committed", () -> { consumer.poll(Duration.ofMillis(50)); return done.isDone(); });
      equal(done.get(), Map.of(zero, new OffsetAndMetadata(20)));
      fails(OffsetMetadataTooLarge.class, () -> { consumer.commitSync(Map.of(zero, new OffsetAndMetadata(1, "x".repeat(5000)))); return null; });
      consumer.commitSync();
    }
    equal(admin.listConsumerGroupOffsets(topic).partitionsToOffsetAndMetadata().get().get(zero).offset(), 50L);
    fill(topic, 1, 30);
    try (var consumer = consumer(with(more, "group.id", topic, "enable.auto.commit", true, "auto.commit.interval.ms", 100))) {
      consumer.subscribe(List.of(topic));
      equal(values(read(consumer, 30)), numbers(0, 30));
    }
    equal(admin.listConsumerGroupOffsets(topic).partitionsToOffsetAndMetadata().get().get(one).offset(), 30L);
  }

  static void pattern(String name, Object... more) throws Exception {
    create(name + "-a", 1);
    create("other-" + name, 1);
    try (var consumer = consumer(with(more, "group.id", name))) {
      consumer.subscribe(Pattern.compile(name + "-.*"));
      until("the first topic is found", () -> { consumer.poll(Duration.ofMillis(100)); return consumer.assignment().equals(Set.of(new TopicPartition(name + "-a", 0))); });
      create(name + "-b", 1);
      until("a new topic is found", () -> { consumer.poll(Duration.ofMillis(100)); return consumer.assignment().size() == 2; });
    }
  }

  static void staticMember() throws Exception {
    create("static-classic", 4);
    Object[] ofA = {"group.id", "static-classic", "group.instance.id", "a"}, ofB = {"group.id", "static-classic", "group.instance.id", "b"};
    try (var a = consumer(ofA)) {
      a.subscribe(List.of("static-classic"));
      var b = consumer(ofB);
      b.subscribe(List.of("static-classic"));
      until("each has half", () -> { a.poll(Duration.ofMillis(100)); b.poll(Duration.ofMillis(100)); return a.assignment().size() == 2 && b.assignment().size() == 2; });
      Set<TopicPartition> had = b.assignment();
      int generation = a.groupMetadata().generationId();
      b.close();
      try (var again = consumer(ofB)) {
        again.subscribe(List.of("static-classic"));
        until("it is back", () -> { a.poll(Duration.ofMillis(100)); again.poll(Duration.ofMillis(100)); return again.assignment().size() == 2; });
        equal(again.assignment(), had);
        equal(a.groupMetadata().generationId(), generation);
      }
    }
    admin.removeMembersFromConsumerGroup("static-classic", new RemoveMembersFromConsumerGroupOptions(List.of(new MemberToRemove("a"), new MemberToRemove("b")))).all().get();
    until("nobody is left", () -> admin.describeConsumerGroups(List.of("static-classic")).all().get().get("static-classic").members().isEmpty());
  }

  static void fencesStatic(String name, Class<? extends Throwable> expected, Object... more) throws Exception {
    create(name, 2);
    try (var first = consumer(with(more, "group.id", name, "group.instance.id", "one")); var second = consumer(with(more, "group.id", name, "group.instance.id", "one"))) {
      first.subscribe(List.of(name));
      until("it has all", () -> { first.poll(Duration.ofMillis(100)); return first.assignment().size() == 2; });
      second.subscribe(List.of(name));
      // The classic protocol gives the newer its place, the new one keeps the older.
      fails(expected, () -> { for (;;) { second.poll(Duration.ofMillis(100)); first.poll(Duration.ofMillis(100)); } });
    }
  }

  static void doesNotPoll() throws Exception {
    create("idle", 2);
    try (var idle = consumer("group.id", "idle", "max.poll.interval.ms", 3000, "session.timeout.ms", 6000); var busy = consumer("group.id", "idle")) {
      idle.subscribe(List.of("idle"));
      until("it has all", () -> { idle.poll(Duration.ofMillis(100)); return idle.assignment().size() == 2; });
      busy.subscribe(List.of("idle"));
      until("the other has all", () -> { busy.poll(Duration.ofMillis(100)); return busy.assignment().size() == 2; });
      fails(CommitFailedException.class, () -> { idle.commitSync(Map.of(new TopicPartition("idle", 0), new OffsetAndMetadata(0))); return null; });
    }
  }

  static void stale() throws Exception {
    create("stale", 1);
    fill("stale", 0, 5);
    try (var consumer = consumer("group.id", "stale", "enable.auto.commit", false)) {
      consumer.subscribe(List.of("stale"));
      read(consumer, 5);
      ConsumerGroupMetadata metadata = consumer.groupMetadata();
      ConsumerGroupMetadata before = new ConsumerGroupMetadata(metadata.groupId(), metadata.generationId() - 1, metadata.memberId(), Optional.empty());
      try (var producer = producer("transactional.id", "stale")) {
        producer.initTransactions();
        producer.beginTransaction();
        fails(CommitFailedException.class, () -> { producer.sendOffsetsToTransaction(Map.of(new TopicPartition("stale", 0), new OffsetAndMetadata(5)), before); producer.commitTransaction(); return null; });
        producer.abortTransaction();
      }
      equal(consumer.committed(Set.of(new TopicPartition("stale", 0))).get(new TopicPartition("stale", 0)), null);
    }
    fails(UnknownMemberIdException.class, () -> {
      try (var consumer = consumer("group.id", "stale")) {
        consumer.subscribe(List.of("stale"));
        until("it has all", () -> { consumer.poll(Duration.ofMillis(100)); return consumer.assignment().size() == 1; });
        return admin.alterConsumerGroupOffsets("stale", Map.of(new TopicPartition("stale", 0), new OffsetAndMetadata(1))).all().get();
      }
    });
  }
}
