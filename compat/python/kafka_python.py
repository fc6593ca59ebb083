"""kafka-python, old (Debian's 2.0) and new (3): what its users do, each as a check. The command line is harness.py's."""
import threading
import time

import kafka
import kafka.codec
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition, errors
from kafka.admin import ConfigResource, ConfigResourceType, NewPartitions, NewTopic
from kafka.structs import OffsetAndMetadata

from harness import Harness, Skip, eventually, expect, main, unique

IS_NEW = int(kafka.__version__.split(".")[0]) >= 3
LIMIT = 20
# Records as old as theirs are beyond the default retention, and go when it next looks.
KEPT = {"retention.ms": "-1"}


def offset_and_metadata(offset, metadata=""):
    return OffsetAndMetadata(offset, metadata, -1) if IS_NEW else OffsetAndMetadata(offset, metadata)


class Client:
    """Makes producers and consumers and closes them, for a check of which one fails leaves threads behind otherwise."""

    def __init__(self, bootstrap):
        self.bootstrap = bootstrap.split(",")
        self.admin = KafkaAdminClient(bootstrap_servers=self.bootstrap)

    def create(self, topic, partitions=1, replication=3, config=None):
        self.admin.create_topics([NewTopic(topic, partitions, replication, topic_configs=config or {})], timeout_ms=LIMIT * 1000)
        eventually("topic is told", lambda: topic in self.topics())
        return topic

    def topics(self):
        return self.admin.list_topics()

    def partitions(self, topic):
        [told] = self.admin.describe_topics([topic])
        return sorted(told["partitions"], key=lambda entry: entry.get("partition", entry.get("partition_index")))

    def producer(self, **more):
        return KafkaProducer(bootstrap_servers=self.bootstrap, **more)

    def consumer(self, *topics, **more):
        options = dict({"auto_offset_reset": "earliest", "enable_auto_commit": False}, **more)
        return KafkaConsumer(*topics, bootstrap_servers=self.bootstrap, **options)

    def produce(self, topic, records, **more):
        """Records as keywords of send(); answers what was told of each."""
        producer = self.producer(**dict({"linger_ms": 5, "acks": "all"}, **more))
        try:
            return [future.get(LIMIT) for future in [producer.send(topic, **record) for record in records]]
        finally:
            producer.close(5)

    def read(self, topic, count, partition=0, offset=None, **more):
        consumer = self.consumer(**more)
        try:
            where = TopicPartition(topic, partition)
            consumer.assign([where])
            if offset is None:
                consumer.seek_to_beginning(where)
            else:
                consumer.seek(where, offset)
            return take(consumer, count)
        finally:
            consumer.close()


class Member(threading.Thread):
    """A consumer that polls in its own thread until it is stopped, and tells what it owns."""

    def __init__(self, consumer):
        super().__init__(daemon=True)
        self.consumer = consumer
        self.owned = set()
        self.is_stopping = False
        self.start()

    def run(self):
        while not self.is_stopping:
            self.consumer.poll(100)
            self.owned = set(self.consumer.assignment())
        self.consumer.close()

    def stop(self):
        self.is_stopping = True
        self.join(LIMIT)


def take(consumer, count, seconds=LIMIT):
    messages = []
    deadline = time.time() + seconds
    while len(messages) < count and time.time() < deadline:
        for batch in consumer.poll(timeout_ms=500, max_records=count - len(messages)).values():
            messages.extend(batch)
    expect("messages read", len(messages), count)
    return messages


def error_of(action):
    """The class of the error that an action ends with; None where it ends well."""
    try:
        action()
        return None
    except errors.KafkaError as error:
        return type(error)


def check(bootstrap, is_quick):
    harness = Harness(bootstrap, is_quick)
    client = Client(bootstrap)
    admin = client.admin

    def needs_new(what):
        if not IS_NEW:
            raise Skip("kafka-python %s has no %s" % (kafka.__version__, what))

    @harness.check("tells the cluster: brokers, controller, its id", in_quick=True)
    def _():
        told = admin.describe_cluster()
        expect("brokers", sorted(broker["broker_id" if IS_NEW else "node_id"] for broker in told["brokers"]), [1, 2, 3])
        expect("controller is a broker", told["controller_id"] in (1, 2, 3), True)
        expect("cluster id", len(told["cluster_id"]) > 10, True)

    @harness.check("creates topics, and is refused twice the same and too many replicas", in_quick=True)
    def _():
        topic = client.create(unique("created"), 4)
        expect("replicas", [len(entry.get("replicas") or entry["replica_nodes"]) for entry in client.partitions(topic)], [3] * 4)
        expect("again", error_of(lambda: client.create(topic)), errors.TopicAlreadyExistsError)
        expect("replicas", error_of(lambda: client.create(unique("wide"), 1, 9)), errors.InvalidReplicationFactorError)
        expect("name", error_of(lambda: client.create("no such/name")), errors.InvalidTopicError)

    @harness.check("only validates a topic when asked to")
    def _():
        topic = unique("validated")
        admin.create_topics([NewTopic(topic, 1, 3)], validate_only=True)
        expect("exists", topic in client.topics(), False)

    @harness.check("adds partitions and is refused fewer")
    def _():
        topic = client.create(unique("grown"), 2)
        admin.create_partitions({topic: NewPartitions(5)})
        eventually("five", lambda: len(client.partitions(topic)) == 5)
        expect("fewer", error_of(lambda: admin.create_partitions({topic: NewPartitions(3)})), errors.InvalidPartitionsError)

    @harness.check("deletes topics, and is refused one that there is not")
    def _():
        topic = client.create(unique("deleted"))
        admin.delete_topics([topic])
        eventually("gone", lambda: topic not in client.topics())
        expect("again", error_of(lambda: admin.delete_topics([topic])), errors.UnknownTopicOrPartitionError)

    def config_of(kind, name, config):
        resource = ConfigResource(kind, name, configs={config: ""} if not IS_NEW else {config: None})
        if IS_NEW:
            told = admin.describe_configs([resource], config_filter="all")
            return told[kind.name.lower()][name][config]["value"]
        [response] = admin.describe_configs([resource])
        # (error, message, type, name, [(config, value, …), …])
        expect("error", response.resources[0][0], 0)
        return next(entry[1] for entry in response.resources[0][4] if entry[0] == config)

    @harness.check("describes and alters configs of a topic")
    def _():
        topic = client.create(unique("configured"), config={"retention.ms": "5000"})
        expect("set", config_of(ConfigResourceType.TOPIC, topic, "retention.ms"), "5000")
        expect("default", config_of(ConfigResourceType.TOPIC, topic, "cleanup.policy"), "delete")
        admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, configs={"retention.ms": "7000"})])
        eventually("altered", lambda: config_of(ConfigResourceType.TOPIC, topic, "retention.ms") == "7000")

    @harness.check("describes configs of a broker")
    def _():
        expect("broker.id", config_of(ConfigResourceType.BROKER, "2", "broker.id"), "2")

    for acks in (0, 1, "all"):

        @harness.check("writes with acks=%s" % acks, in_quick=acks == "all")
        def _(acks=acks):
            topic = client.create(unique("acks"))
            client.produce(topic, [{"value": b"%d" % index} for index in range(50)], acks=acks, **({"enable_idempotence": False} if IS_NEW else {}))
            expect("values", [message.value for message in client.read(topic, 50)], [b"%d" % index for index in range(50)])

    for codec in (None, "gzip", "snappy", "lz4", "zstd"):

        @harness.check("writes and reads %s" % codec, in_quick=codec == "snappy")
        def _(codec=codec):
            if codec is not None and not getattr(kafka.codec, "has_" + codec)():
                raise Skip("the Python package for %s is not installed" % codec)
            topic = client.create(unique("codec"))
            values = [b"%d " % index + b"compress me " * 20 for index in range(300)]
            client.produce(topic, [{"value": value} for value in values], compression_type=codec)
            expect("values", [message.value for message in client.read(topic, 300)], values)

    @harness.check("writes as an idempotent producer")
    def _():
        needs_new("idempotent producer")
        topic = client.create(unique("idempotent"), 3)
        client.produce(topic, [{"value": b"%d" % index, "partition": index % 3} for index in range(900)], enable_idempotence=True)
        for partition in range(3):
            values = [int(message.value) for message in client.read(topic, 300, partition)]
            expect("values", values, list(range(partition, 900, 3)))

    @harness.check("tells null from empty in keys and values", in_quick=True)
    def _():
        topic = client.create(unique("nulls"))
        # It refuses to send a message that has neither.
        pairs = [(b"", b""), (None, b""), (b"", None), (b"k", None), (None, b"v")]
        client.produce(topic, [{"key": key, "value": value, "partition": 0} for key, value in pairs])
        expect("pairs", [(message.key, message.value) for message in client.read(topic, len(pairs))], pairs)

    @harness.check("keeps headers: repeated names, empty values, bytes")
    def _():
        topic = client.create(unique("headers"))
        headers = [("a", b"1"), ("a", b"2"), ("empty", b""), ("bytes", bytes(range(256))), ("\u00fcml\u00e4ut", b"x")]
        client.produce(topic, [{"value": b"v", "headers": headers}, {"value": b"w"}])
        first, second = client.read(topic, 2)
        expect("headers", list(first.headers), headers)
        expect("no headers", list(second.headers), [])

    @harness.check("keeps the producer's timestamps, and the broker's own where the topic says so")
    def _():
        topic = client.create(unique("stamped"), config=KEPT)
        client.produce(topic, [{"value": b"v", "timestamp_ms": 1_600_000_000_123}])
        [message] = client.read(topic, 1)
        expect("timestamp", (message.timestamp_type, message.timestamp), (0, 1_600_000_000_123))
        topic = client.create(unique("appended"), config={"message.timestamp.type": "LogAppendTime"})
        before = int(time.time() * 1000)
        [told] = client.produce(topic, [{"value": b"v", "timestamp_ms": 1_600_000_000_123}])
        [message] = client.read(topic, 1)
        expect("kind", message.timestamp_type, 1)
        expect("is now", before - 1000 <= message.timestamp <= time.time() * 1000 + 1000, True)
        expect("told the producer", told.timestamp, message.timestamp)

    @harness.check("finds offsets by timestamp, tells the first and the last, seeks")
    def _():
        topic = client.create(unique("times"), config=KEPT)
        client.produce(topic, [{"value": b"%d" % index, "timestamp_ms": 1_600_000_000_000 + index * 1000} for index in range(20)])
        consumer = client.consumer()
        where = TopicPartition(topic, 0)
        consumer.assign([where])
        expect("middle", consumer.offsets_for_times({where: 1_600_000_007_500})[where].offset, 8)
        expect("early", consumer.offsets_for_times({where: 1_500_000_000_000})[where].offset, 0)
        expect("late", consumer.offsets_for_times({where: 1_900_000_000_000})[where], None)
        expect("ends", (consumer.beginning_offsets([where])[where], consumer.end_offsets([where])[where]), (0, 20))
        consumer.seek(where, 8)
        expect("from there", take(consumer, 1)[0].value, b"8")
        consumer.close()

    @harness.check("goes on after a pause")
    def _():
        topic = client.create(unique("paused"))
        client.produce(topic, [{"value": b"%d" % index} for index in range(20)])
        consumer = client.consumer()
        where = TopicPartition(topic, 0)
        consumer.assign([where])
        consumer.seek(where, 8)
        take(consumer, 1)
        consumer.pause(where)
        expect("paused", consumer.poll(500), {})
        consumer.resume(where)
        expect("resumed", take(consumer, 1)[0].value, b"9")
        consumer.close()

    @harness.check("starts at the earliest when its offset is out of range")
    def _():
        topic = client.create(unique("range"))
        client.produce(topic, [{"value": b"%d" % index} for index in range(10)])
        expect("earliest", client.read(topic, 1, offset=1000)[0].value, b"0")
        expect("none", error_of(lambda: client.read(topic, 1, offset=1000, auto_offset_reset="none")), errors.OffsetOutOfRangeError)

    @harness.check("writes and reads messages of almost a megabyte")
    def _():
        topic = client.create(unique("big"))
        values = [bytes([index]) * 900_000 for index in range(5)]
        client.produce(topic, [{"value": value} for value in values])
        expect("values", [message.value for message in client.read(topic, 5)] == values, True)

    @harness.check("is told of a message that is too large", in_quick=True)
    def _():
        topic = client.create(unique("large"))
        more = {"max_request_size": 5_000_000}
        expect("error", error_of(lambda: client.produce(topic, [{"value": b"x" * 2_000_000}], **more)), errors.MessageSizeTooLargeError)
        wide = client.create(unique("wide"), config={"max.message.bytes": "5000000"})
        client.produce(wide, [{"value": b"x" * 2_000_000}], **more)
        expect("read", len(client.read(wide, 1)[0].value), 2_000_000)

    @harness.check("is told of a topic that there is not", in_quick=True)
    def _():
        expected = (errors.KafkaTimeoutError, errors.UnknownTopicOrPartitionError)
        error = error_of(lambda: client.produce(unique("unknown"), [{"value": b"v"}], max_block_ms=3000))
        expect("error", error in expected, True)

    @harness.check("is told that a compacted topic takes no record without a key")
    def _():
        topic = client.create(unique("compacted"), config={"cleanup.policy": "compact"})
        error = error_of(lambda: client.produce(topic, [{"value": b"v"}]))
        expect("error", error is not None, True)
        client.produce(topic, [{"key": b"k", "value": b"v"}])

    @harness.check("reads in a group, commits, and goes on from there", in_quick=True)
    def _():
        topic = client.create(unique("grouped"), 2)
        client.produce(topic, [{"value": b"%d" % index, "partition": index % 2} for index in range(40)])
        group = unique("group")
        first = client.consumer(topic, group_id=group)
        messages = take(first, 20)
        offsets = {}
        for message in messages:
            offsets[TopicPartition(topic, message.partition)] = offset_and_metadata(message.offset + 1, "note")
        first.commit(offsets)
        for where, entry in offsets.items():
            expect("committed", first.committed(where), entry.offset)
            expect("metadata", first.committed(where, metadata=True).metadata, "note")
        first.close()
        second = client.consumer(topic, group_id=group)
        rest = take(second, 20)
        expect("each once", sorted(int(message.value) for message in messages + rest), list(range(40)))
        second.close()

    @harness.check("commits by itself every while and when it leaves")
    def _():
        topic = client.create(unique("auto"))
        client.produce(topic, [{"value": b"%d" % index} for index in range(10)])
        group = unique("group")
        consumer = client.consumer(topic, group_id=group, enable_auto_commit=True, auto_commit_interval_ms=200)
        take(consumer, 10)
        consumer.close()
        reader = client.consumer(group_id=group)
        expect("committed", reader.committed(TopicPartition(topic, 0)), 10)
        reader.close()

    @harness.check("shares partitions with another member, and takes them over when it leaves")
    def _():
        topic = client.create(unique("shared"), 6)
        group = unique("group")
        # A poll of it waits until the group has agreed, so each member needs a thread of its own.
        members = [Member(client.consumer(topic, group_id=group, heartbeat_interval_ms=300, session_timeout_ms=10_000)) for _ in range(2)]
        owned = lambda: [member.owned for member in members]
        eventually("three each", lambda: [len(part) for part in owned()] == [3, 3], 40)
        expect("each once", len(set().union(*owned())), 6)
        members.pop().stop()
        eventually("all six", lambda: [len(part) for part in owned()] == [6], 40)
        members.pop().stop()

    @harness.check("subscribes to a pattern")
    def _():
        prefix = unique("pattern")
        client.create(prefix + "-a")
        consumer = client.consumer(group_id=unique("group"), metadata_max_age_ms=1000, heartbeat_interval_ms=300)
        consumer.subscribe(pattern="^%s-.*" % prefix)
        eventually("one", lambda: (consumer.poll(500), len(consumer.assignment()) == 1)[1], 30)
        client.create(prefix + "-b")
        eventually("two", lambda: (consumer.poll(500), len(consumer.assignment()) == 2)[1], 30)
        consumer.close()

    @harness.check("lists, describes and deletes groups, and tells their offsets")
    def _():
        topic = client.create(unique("listed"))
        client.produce(topic, [{"value": b"%d" % index} for index in range(10)])
        group = unique("group")
        consumer = client.consumer(topic, group_id=group, client_id="lister")
        take(consumer, 10)
        consumer.commit()
        where = TopicPartition(topic, 0)
        if IS_NEW:
            listed = [entry["group_id"] for entry in admin.list_groups()]
            [described] = admin.describe_groups([group]).values()
            state, members = described["group_state"], [member["client_id"] for member in described["members"]]
            offset = admin.list_group_offsets(group)[group][where].offset
            delete = lambda: [value for _, value in items(admin.delete_groups([group]))][0]
        else:
            listed = [entry[0] for entry in admin.list_consumer_groups()]
            [described] = admin.describe_consumer_groups([group])
            state, members = described.state, [member.client_id for member in described.members]
            offset = admin.list_consumer_group_offsets(group)[where].offset
            delete = lambda: admin.delete_consumer_groups([group])[0][1]
        expect("listed", group in listed, True)
        expect("described", (state, members), ("Stable", ["lister"]))
        expect("offset", offset, 10)
        expect("not while it has members", name_of(delete), "NonEmptyGroupError")
        consumer.close()
        expect("deleted", name_of(delete), "NoError")

    def items(told):
        return told.items() if isinstance(told, dict) else told

    def name_of(action):
        try:
            told = action()
        except errors.KafkaError as error:
            return type(error).__name__
        told = told.get("error", told) if isinstance(told, dict) else told
        return "NoError" if told in (None, "OK") else getattr(told, "__name__", str(told))

    @harness.check("resets the offsets of a group")
    def _():
        needs_new("way to reset offsets")
        topic = client.create(unique("reset"))
        client.produce(topic, [{"value": b"%d" % index} for index in range(10)])
        group = unique("group")
        where = TopicPartition(topic, 0)
        admin.alter_group_offsets(group, {where: offset_and_metadata(7)})
        admin.reset_group_offsets(group, {where: 3})
        consumer = client.consumer(topic, group_id=group)
        expect("from there", take(consumer, 1)[0].offset, 3)
        consumer.close()

    @harness.check("deletes records, tells offsets, elects leaders, describes log directories")
    def _():
        needs_new("delete_records")
        from kafka import OffsetSpec

        topic = client.create(unique("shortened"))
        client.produce(topic, [{"value": b"%d" % index} for index in range(10)])
        where = TopicPartition(topic, 0)
        admin.delete_records({where: 6})
        offset = lambda spec: admin.list_partition_offsets({where: spec})[where].offset
        expect("ends", (offset(OffsetSpec.EARLIEST), offset(OffsetSpec.LATEST)), (6, 10))
        admin.elect_leaders(0, {topic: [0]}, raise_errors=False)
        expect("log directories", len(admin.describe_log_dirs()), 3)

    @harness.check("commits and aborts transactions, and readers see what is committed", in_quick=True)
    def _():
        needs_new("transactions")
        topic = client.create(unique("transactions"))
        producer = client.producer(transactional_id=unique("id"))
        producer.init_transactions()
        for number in range(6):
            producer.begin_transaction()
            producer.send(topic, b"%d" % number).get(LIMIT)
            producer.commit_transaction() if number % 2 == 0 else producer.abort_transaction()
        producer.close()
        committed = client.read(topic, 3, isolation_level="read_committed")
        expect("committed", [message.value for message in committed], [b"0", b"2", b"4"])
        expect("uncommitted", len(client.read(topic, 6, isolation_level="read_uncommitted")), 6)

    @harness.check("commits offsets in transactions")
    def _():
        needs_new("transactions")
        source, target, group = client.create(unique("source")), client.create(unique("target")), unique("group")
        client.produce(source, [{"value": b"%d" % index} for index in range(5)])
        consumer = client.consumer(source, group_id=group, isolation_level="read_committed")
        messages = take(consumer, 5)
        where = TopicPartition(source, 0)
        producer = client.producer(transactional_id=unique("id"))
        producer.init_transactions()
        for is_aborted in (True, False):
            producer.begin_transaction()
            for message in messages:
                producer.send(target, message.value)
            producer.send_offsets_to_transaction({where: offset_and_metadata(5)}, consumer.group_metadata())
            producer.abort_transaction() if is_aborted else producer.commit_transaction()
            # The answer comes when the outcome is certain, a moment before the group has heard of it.
            expected = None if is_aborted else 5
            eventually("committed", lambda: consumer.committed(where) == expected)
        expect("copied once", len(client.read(target, 5, isolation_level="read_committed")), 5)
        producer.close()
        consumer.close()

    @harness.check("fences an older producer of the same transactional id")
    def _():
        needs_new("transactions")
        topic, name = client.create(unique("fenced")), unique("id")
        old = client.producer(transactional_id=name)
        old.init_transactions()
        old.begin_transaction()
        old.send(topic, b"old").get(LIMIT)
        new = client.producer(transactional_id=name)
        new.init_transactions()
        error = error_of(old.commit_transaction)
        expect("error", error and error.__name__ in ("ProducerFencedError", "InvalidProducerEpochError"), True)
        new.begin_transaction()
        new.send(topic, b"new").get(LIMIT)
        new.commit_transaction()
        expect("only the new", client.read(topic, 1, isolation_level="read_committed")[0].value, b"new")
        new.close()
        old.close(1)

    harness.run()


def write(bootstrap, topic, codec, records):
    rows = [{"key": key, "value": value, "headers": headers, "partition": 0} for key, value, headers in records]
    options = {"acks": "all", "linger_ms": 200, "batch_size": 1_000_000, "compression_type": None if codec == "none" else codec}
    Client(bootstrap).produce(topic, rows, **options)


def read_all(bootstrap, topic, count):
    return [(message.key, message.value, message.headers) for message in Client(bootstrap).read(topic, count)]


if __name__ == "__main__":
    main(check, write, read_all)
