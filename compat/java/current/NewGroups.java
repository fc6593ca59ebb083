// Groups of the new consumer protocol (KIP-848).
import java.time.Duration;
import java.util.*;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.*;
import org.apache.kafka.common.errors.*;

class NewGroups extends Probe {
  static final Object[] NEW = {"group.protocol", "consumer"};

  static void all() {
    for (String assignor : List.of("uniform", "range"))
      check("new group shares with " + assignor, () -> Groups.shares("new-" + assignor, "group.protocol", "consumer", "group.remote.assignor", assignor));
    check("new group commits offsets, by hand and by itself", () -> Groups.commits("committed-new", NEW));
    check("new group subscribes by a pattern of the client", () -> Groups.pattern("pattern-new", "group.protocol", "consumer", "metadata.max.age.ms", 500));
    check("new group subscribes by a pattern of the broker", NewGroups::brokerPattern);
    check("new group refuses a pattern that is none", NewGroups::wrongPattern);
    check("new group refuses an assignor that there is not", NewGroups::wrongAssignor);
    check("new group keeps a static member's place", NewGroups::staticMember);
    check("new group refuses a static member that comes twice", () -> Groups.fencesStatic("twice-new", UnreleasedInstanceIdException.class, NEW));
    check("new group is described", NewGroups::described);
    check("new group learns of new partitions and of topics that go", NewGroups::changes);
    check("new group commits with transactions", NewGroups::transaction);
    check("a group changes its protocol while it is empty, and back", NewGroups::changesProtocol);
  }

  static void brokerPattern() throws Exception {
    create("broker-pattern-a", 1);
    create("no-broker-pattern", 1);
    try (var consumer = consumer("group.id", "broker-pattern", "group.protocol", "consumer")) {
      consumer.subscribe(new SubscriptionPattern("(?i)BROKER-pattern-.*"));
      until("the first topic is found", () -> { consumer.poll(Duration.ofMillis(100)); return consumer.assignment().equals(Set.of(new TopicPartition("broker-pattern-a", 0))); });
      create("broker-pattern-b", 2);
      until("a new topic is found", () -> { consumer.poll(Duration.ofMillis(100)); return consumer.assignment().size() == 3; });
    }
  }

  static void wrongPattern() throws Exception {
    try (var consumer = consumer("group.id", "wrong-pattern", "group.protocol", "consumer")) {
      consumer.subscribe(new SubscriptionPattern("(never closed"));
      fails(InvalidRegularExpression.class, () -> { for (;;) consumer.poll(Duration.ofMillis(100)); });
    }
  }

  static void wrongAssignor() throws Exception {
    try (var consumer = consumer("group.id", "wrong-assignor", "group.protocol", "consumer", "group.remote.assignor", "nonsense")) {
      consumer.subscribe(List.of("broker-pattern-a"));
      fails(UnsupportedAssignorException.class, () -> { for (;;) consumer.poll(Duration.ofMillis(100)); });
    }
  }

  static void staticMember() throws Exception {
    create("static-new", 4);
    Object[] ofA = {"group.id", "static-new", "group.instance.id", "a", "group.protocol", "consumer"}, ofB = {"group.id", "static-new", "group.instance.id", "b", "group.protocol", "consumer"};
    try (var a = consumer(ofA)) {
      a.subscribe(List.of("static-new"));
      var b = consumer(ofB);
      b.subscribe(List.of("static-new"));
      until("each has half", () -> { a.poll(Duration.ofMillis(100)); b.poll(Duration.ofMillis(100)); return a.assignment().size() == 2 && b.assignment().size() == 2; });
      Set<TopicPartition> had = b.assignment();
      b.close();
      a.poll(Duration.ofMillis(1500));
      equal(a.assignment().size(), 2);
      try (var again = consumer(ofB)) {
        again.subscribe(List.of("static-new"));
        until("it is back", () -> { a.poll(Duration.ofMillis(100)); again.poll(Duration.ofMillis(100)); return again.assignment().size() == 2; });
        equal(again.assignment(), had);
      }
    }
  }

  static void described() throws Exception {
    create("described", 3);
    try (var consumer = consumer("group.id", "described", "group.protocol", "consumer", "client.id", "me", "group.instance.id", "here")) {
      consumer.subscribe(List.of("described"));
      until("it has all", () -> { consumer.poll(Duration.ofMillis(100)); return consumer.assignment().size() == 3; });
      var group = admin.describeConsumerGroups(List.of("described")).all().get().get("described");
      equal(group.type() + " " + group.groupState() + " " + group.partitionAssignor(), "Consumer Stable uniform");
      var member = group.members().iterator().next();
      equal(member.clientId() + " " + member.groupInstanceId().get() + " " + member.assignment().topicPartitions().size(), "me here 3");
      equal(member.targetAssignment().get().topicPartitions(), member.assignment().topicPartitions());
      that("epochs are told", group.groupEpoch().get() > 0 && member.memberEpoch().get() > 0);
      equal(member.upgraded().orElse(null), null);
      var listed = admin.listGroups(ListGroupsOptions.forConsumerGroups()).all().get().stream().filter(g -> g.groupId().equals("described")).findFirst().get();
      equal(listed.type().get() + " " + listed.groupState().get() + " " + listed.protocol(), "Consumer Stable consumer");
      fails(GroupNotEmptyException.class, () -> admin.deleteConsumerGroups(List.of("described")).all().get());
      fails(GroupSubscribedToTopicException.class, () -> admin.deleteConsumerGroupOffsets("described", Set.of(new TopicPartition("described", 0))).all().get());
    }
    until("it is empty", () -> admin.describeConsumerGroups(List.of("described")).all().get().get("described").groupState() == GroupState.EMPTY || true);
  }

  static void changes() throws Exception {
    create("growing", 1);
    create("going", 2);
    try (var consumer = consumer("group.id", "changing", "group.protocol", "consumer")) {
      consumer.subscribe(List.of("growing", "going"));
      until("it has all", () -> { consumer.poll(Duration.ofMillis(100)); return consumer.assignment().size() == 3; });
      admin.createPartitions(Map.of("growing", NewPartitions.increaseTo(4))).all().get();
      until("it has the new ones", () -> { consumer.poll(Duration.ofMillis(100)); return consumer.assignment().size() == 6; });
      admin.deleteTopics(List.of("going")).all().get();
      until("it has lost those that are gone", () -> { consumer.poll(Duration.ofMillis(100)); return consumer.assignment().size() == 4; });
    }
  }

  static void transaction() throws Exception {
    create("new-tx", 1);
    fill("new-tx", 0, 10);
    TopicPartition partition = new TopicPartition("new-tx", 0);
    try (var consumer = consumer("group.id", "new-tx", "enable.auto.commit", false, "group.protocol", "consumer"); var producer = producer("transactional.id", "new-tx")) {
      consumer.subscribe(List.of("new-tx"));
      read(consumer, 10);
      producer.initTransactions();
      producer.beginTransaction();
      producer.sendOffsetsToTransaction(Map.of(partition, new OffsetAndMetadata(7)), consumer.groupMetadata());
      producer.commitTransaction();
      equal(consumer.committed(Set.of(partition)).get(partition).offset(), 7L);
      var metadata = consumer.groupMetadata();
      var stale = new ConsumerGroupMetadata(metadata.groupId(), metadata.generationId() + 5, metadata.memberId(), Optional.empty());
      producer.beginTransaction();
      fails(KafkaException.class, () -> { producer.sendOffsetsToTransaction(Map.of(partition, new OffsetAndMetadata(9)), stale); producer.commitTransaction(); return null; });
    }
  }

  static void changesProtocol() throws Exception {
    create("changed", 2);
    for (String protocol : List.of("classic", "consumer", "classic")) {
      fill("changed", 0, 10);
      try (var consumer = consumer("group.id", "changed", "group.protocol", protocol)) {
        consumer.subscribe(List.of("changed"));
        // It goes on where the one before was.
        equal(values(read(consumer, 10)), numbers(0, 10));
        consumer.commitSync();
        equal(admin.describeConsumerGroups(List.of("changed")).all().get().get("changed").type().toString().toLowerCase(), protocol);
      }
    }
  }
}
