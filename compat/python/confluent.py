"""confluent-kafka, old (Debian's 1.7 on librdkafka 2.0) and new: what its users do, each as a check. The command line is harness.py's."""
import time

import confluent_kafka
from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, ConfigResource, NewPartitions, NewTopic

from harness import Harness, Skip, eventually, expect, main, unique

CODECS = ["none", "gzip", "snappy", "lz4", "zstd"]
LIMIT = 20
# Records as old as theirs are beyond the default retention, and go when it next looks.
KEPT = {"retention.ms": "-1"}


def settings(bootstrap, **more):
    return dict({"bootstrap.servers": bootstrap}, **{name.replace("_", "."): value for name, value in more.items()})


def create(admin, topic, partitions=1, replication=3, config=None):
    new = NewTopic(topic, num_partitions=partitions, replication_factor=replication, config=config or {})
    for future in admin.create_topics([new], operation_timeout=LIMIT).values():
        future.result(LIMIT)
    eventually("topic is told", lambda: topic in admin.list_topics(timeout=LIMIT).topics)
    return topic


def produce(bootstrap, topic, records, **more):
    """Records as keywords of produce(); answers the messages as they were reported."""
    producer = Producer(settings(bootstrap, **dict({"linger_ms": 5}, **more)))
    reported = []
    for record in records:
        producer.produce(topic, on_delivery=lambda error, message: reported.append((error, message)), **record)
        producer.poll(0)
    expect("not delivered", producer.flush(LIMIT), 0)
    return reported


def produced(bootstrap, topic, records, **more):
    for error, _ in produce(bootstrap, topic, records, **more):
        if error is not None:
            raise KafkaException(error)


def consumer_of(bootstrap, group=None, **more):
    common = {"group.id": group or unique("group"), "enable.auto.commit": False, "auto.offset.reset": "earliest"}
    return Consumer(dict(settings(bootstrap, **more), **{name: value for name, value in common.items() if name.replace(".", "_") not in more}))


def read(bootstrap, topic, count, partition=0, offset=0, **more):
    consumer = consumer_of(bootstrap, **more)
    try:
        consumer.assign([TopicPartition(topic, partition, offset)])
        return take(consumer, count)
    finally:
        consumer.close()


def take(consumer, count, seconds=LIMIT):
    messages = []
    deadline = time.time() + seconds
    while len(messages) < count and time.time() < deadline:
        for message in consumer.consume(num_messages=count - len(messages), timeout=0.5):
            if message.error():
                raise KafkaException(message.error())
            messages.append(message)
    expect("messages read", len(messages), count)
    return messages


def code_of(action):
    """Kafka's error code that an action ends with; None where it ends well."""
    try:
        action()
        return None
    except KafkaException as error:
        return error.args[0].code()


def check(bootstrap, is_quick):
    harness = Harness(bootstrap, is_quick)
    admin = AdminClient(settings(bootstrap))

    def needs(name, where=admin):
        if not hasattr(where, name):
            raise Skip("this version has no %s" % name)

    @harness.check("tells the cluster: brokers, controller, its id", in_quick=True)
    def _():
        told = admin.list_topics(timeout=LIMIT)
        expect("brokers", sorted(told.brokers), [1, 2, 3])
        expect("controller is a broker", told.controller_id in told.brokers, True)
        expect("cluster id", len(told.cluster_id) > 10, True)

    @harness.check("creates topics, and is refused twice the same and too many replicas", in_quick=True)
    def _():
        topic = create(admin, unique("created"), 4)
        told = admin.list_topics(topic, timeout=LIMIT).topics[topic]
        expect("replicas", [len(told.partitions[partition].replicas) for partition in range(4)], [3] * 4)
        expect("again", code_of(lambda: create(admin, topic)), KafkaError.TOPIC_ALREADY_EXISTS)
        expect("replicas", code_of(lambda: create(admin, unique("wide"), 1, 9)), KafkaError.INVALID_REPLICATION_FACTOR)
        expect("name", code_of(lambda: create(admin, "no such/name")), KafkaError.TOPIC_EXCEPTION)

    @harness.check("only validates a topic when asked to")
    def _():
        topic = unique("validated")
        for future in admin.create_topics([NewTopic(topic, 1, 3)], validate_only=True).values():
            future.result(LIMIT)
        expect("exists", topic in admin.list_topics(timeout=LIMIT).topics, False)

    @harness.check("creates a topic with assigned replicas")
    def _():
        topic = unique("assigned")
        for future in admin.create_topics([NewTopic(topic, 2, replica_assignment=[[2, 3], [3, 1]])]).values():
            future.result(LIMIT)
        eventually("told", lambda: topic in admin.list_topics(timeout=LIMIT).topics)
        partitions = admin.list_topics(topic, timeout=LIMIT).topics[topic].partitions
        expect("replicas", [partitions[partition].replicas for partition in (0, 1)], [[2, 3], [3, 1]])

    @harness.check("adds partitions and is refused fewer")
    def _():
        topic = create(admin, unique("grown"), 2)
        for future in admin.create_partitions([NewPartitions(topic, 5)]).values():
            future.result(LIMIT)
        eventually("five", lambda: len(admin.list_topics(topic, timeout=LIMIT).topics[topic].partitions) == 5)
        fewer = admin.create_partitions([NewPartitions(topic, 3)])[topic]
        expect("fewer", code_of(lambda: fewer.result(LIMIT)), KafkaError.INVALID_PARTITIONS)

    @harness.check("deletes topics, and is refused one that there is not")
    def _():
        topic = create(admin, unique("deleted"))
        admin.delete_topics([topic], operation_timeout=LIMIT)[topic].result(LIMIT)
        eventually("gone", lambda: topic not in admin.list_topics(timeout=LIMIT).topics)
        again = admin.delete_topics([topic])[topic]
        expect("again", code_of(lambda: again.result(LIMIT)), KafkaError.UNKNOWN_TOPIC_OR_PART)

    @harness.check("describes and alters configs of a topic")
    def _():
        topic = create(admin, unique("configured"), config={"retention.ms": "5000"})
        resource = ConfigResource("topic", topic)
        described = admin.describe_configs([resource])[resource].result(LIMIT)
        expect("set", (described["retention.ms"].value, described["retention.ms"].is_default), ("5000", False))
        expect("default", described["cleanup.policy"].value, "delete")
        changed = ConfigResource("topic", topic, set_config={"retention.ms": "7000"})
        admin.alter_configs([changed])[changed].result(LIMIT)
        eventually("altered", lambda: admin.describe_configs([resource])[resource].result(LIMIT)["retention.ms"].value == "7000")
        wrong = ConfigResource("topic", topic, set_config={"retention.ms": "long"})
        expect("nonsense", code_of(lambda: admin.alter_configs([wrong])[wrong].result(LIMIT)), KafkaError.INVALID_CONFIG)

    @harness.check("alters configs one by one")
    def _():
        needs("incremental_alter_configs")
        from confluent_kafka.admin import AlterConfigOpType, ConfigEntry

        topic = create(admin, unique("altered"), config={"retention.ms": "5000"})
        entries = [
            ConfigEntry("cleanup.policy", "compact", incremental_operation=AlterConfigOpType.APPEND),
            ConfigEntry("retention.ms", None, incremental_operation=AlterConfigOpType.DELETE),
            ConfigEntry("segment.bytes", "2000000", incremental_operation=AlterConfigOpType.SET),
        ]
        resource = ConfigResource("topic", topic, incremental_configs=entries)
        admin.incremental_alter_configs([resource])[resource].result(LIMIT)
        asked = ConfigResource("topic", topic)

        def told():
            described = admin.describe_configs([asked])[asked].result(LIMIT)
            return described["cleanup.policy"].value, described["retention.ms"].value, described["segment.bytes"].value

        eventually("all three", lambda: told() == ("delete,compact", "604800000", "2000000"))

    @harness.check("describes configs of a broker")
    def _():
        resource = ConfigResource("broker", "1")
        described = admin.describe_configs([resource])[resource].result(LIMIT)
        expect("broker.id", described["broker.id"].value, "1")
        expect("read only", described["broker.id"].is_read_only, True)

    for acks in ("0", "1", "all"):

        @harness.check("writes with acks=%s" % acks, in_quick=acks == "all")
        def _(acks=acks):
            topic = create(admin, unique("acks"))
            produced(bootstrap, topic, [{"value": b"%d" % index} for index in range(50)], acks=acks)
            expect("values", [message.value() for message in read(bootstrap, topic, 50)], [b"%d" % index for index in range(50)])

    for codec in CODECS:

        @harness.check("writes and reads %s" % codec, in_quick=codec == "snappy")
        def _(codec=codec):
            topic = create(admin, unique("codec"))
            values = [b"%d " % index + b"compress me " * 20 for index in range(300)]
            produced(bootstrap, topic, [{"value": value} for value in values], compression_type=codec)
            expect("values", [message.value() for message in read(bootstrap, topic, 300)], values)

    @harness.check("writes as an idempotent producer", in_quick=True)
    def _():
        topic = create(admin, unique("idempotent"), 3)
        records = [{"value": b"%d" % index, "partition": index % 3} for index in range(900)]
        produced(bootstrap, topic, records, enable_idempotence=True)
        for partition in range(3):
            expect("values", [int(message.value()) for message in read(bootstrap, topic, 300, partition)], list(range(partition, 900, 3)))

    @harness.check("tells null from empty in keys and values", in_quick=True)
    def _():
        topic = create(admin, unique("nulls"))
        pairs = [(None, None), (b"", b""), (None, b""), (b"", None), (b"k", None), (None, b"v")]
        produced(bootstrap, topic, [{"key": key, "value": value} for key, value in pairs])
        expect("pairs", [(message.key(), message.value()) for message in read(bootstrap, topic, len(pairs))], pairs)

    @harness.check("keeps headers: repeated names, null and empty values, bytes")
    def _():
        topic = create(admin, unique("headers"))
        headers = [("a", b"1"), ("a", b"2"), ("null", None), ("empty", b""), ("bytes", bytes(range(256))), ("\u00fcml\u00e4ut", b"x")]
        produced(bootstrap, topic, [{"value": b"v", "headers": headers}, {"value": b"w"}])
        first, second = read(bootstrap, topic, 2)
        expect("headers", first.headers(), headers)
        expect("no headers", second.headers() or [], [])

    @harness.check("keeps the producer's timestamps, and the broker's own where the topic says so")
    def _():
        topic = create(admin, unique("stamped"), config=KEPT)
        produced(bootstrap, topic, [{"value": b"v", "timestamp": 1_600_000_000_123}])
        expect("timestamp", read(bootstrap, topic, 1)[0].timestamp(), (confluent_kafka.TIMESTAMP_CREATE_TIME, 1_600_000_000_123))
        topic = create(admin, unique("appended"), config={"message.timestamp.type": "LogAppendTime"})
        before = int(time.time() * 1000)
        produced(bootstrap, topic, [{"value": b"v", "timestamp": 1_600_000_000_123}])
        kind, stamp = read(bootstrap, topic, 1)[0].timestamp()
        expect("kind", kind, confluent_kafka.TIMESTAMP_LOG_APPEND_TIME)
        expect("is now", before - 1000 <= stamp <= time.time() * 1000 + 1000, True)

    @harness.check("finds offsets by timestamp")
    def _():
        topic = create(admin, unique("times"), config=KEPT)
        produced(bootstrap, topic, [{"value": b"%d" % index, "timestamp": 1_600_000_000_000 + index * 1000} for index in range(20)])
        consumer = consumer_of(bootstrap)
        asked = [1_600_000_000_000 + 7_500, 1_500_000_000_000, 1_900_000_000_000]
        found = [consumer.offsets_for_times([TopicPartition(topic, 0, stamp)], timeout=LIMIT)[0].offset for stamp in asked]
        expect("offsets", found, [8, 0, confluent_kafka.OFFSET_END])
        consumer.assign([TopicPartition(topic, 0, found[0])])
        expect("from there", take(consumer, 1)[0].value(), b"8")
        consumer.close()

    @harness.check("tells watermarks, seeks, pauses and resumes")
    def _():
        topic = create(admin, unique("sought"))
        produced(bootstrap, topic, [{"value": b"%d" % index} for index in range(30)])
        consumer = consumer_of(bootstrap)
        partition = TopicPartition(topic, 0, 0)
        expect("watermarks", consumer.get_watermark_offsets(partition, timeout=LIMIT), (0, 30))
        consumer.assign([partition])
        take(consumer, 10)
        consumer.seek(TopicPartition(topic, 0, 25))
        expect("after the seek", [int(message.value()) for message in take(consumer, 5)], list(range(25, 30)))
        consumer.pause([partition])
        produced(bootstrap, topic, [{"value": b"late"}])
        expect("paused", consumer.poll(1.0), None)
        consumer.resume([partition])
        expect("resumed", take(consumer, 1)[0].value(), b"late")
        consumer.close()

    @harness.check("starts where auto.offset.reset says when its offset is out of range")
    def _():
        topic = create(admin, unique("range"))
        produced(bootstrap, topic, [{"value": b"%d" % index} for index in range(10)])
        expect("earliest", read(bootstrap, topic, 1, offset=1000)[0].value(), b"0")
        consumer = consumer_of(bootstrap, auto_offset_reset="error")
        consumer.assign([TopicPartition(topic, 0, 1000)])
        message = eventually("an error", lambda: consumer.poll(1.0))
        expect("error", message.error().code() in (KafkaError._AUTO_OFFSET_RESET, KafkaError.OFFSET_OUT_OF_RANGE), True)
        consumer.close()

    @harness.check("writes and reads messages of almost a megabyte")
    def _():
        topic = create(admin, unique("big"))
        values = [bytes([index]) * 900_000 for index in range(5)]
        produced(bootstrap, topic, [{"value": value} for value in values])
        expect("values", [message.value() for message in read(bootstrap, topic, 5)] == values, True)

    @harness.check("is told of a message that is too large", in_quick=True)
    def _():
        topic = create(admin, unique("large"))
        [(error, _)] = produce(bootstrap, topic, [{"value": b"x" * 2_000_000}], message_max_bytes=5_000_000)
        expect("error", error and error.code(), KafkaError.MSG_SIZE_TOO_LARGE)
        wide = create(admin, unique("wide"), config={"max.message.bytes": "5000000"})
        produced(bootstrap, wide, [{"value": b"x" * 2_000_000}], message_max_bytes=5_000_000)
        expect("read", len(read(bootstrap, wide, 1)[0].value()), 2_000_000)

    @harness.check("is told of a topic and of a partition that there is not", in_quick=True)
    def _():
        [(error, _)] = produce(bootstrap, unique("unknown"), [{"value": b"v"}], topic_metadata_propagation_max_ms=1000)
        expect("topic", error and error.code() in (KafkaError._UNKNOWN_TOPIC, KafkaError.UNKNOWN_TOPIC_OR_PART), True)
        consumer = consumer_of(bootstrap, **{"allow_auto_create_topics": False})
        consumer.subscribe([unique("unknown")])
        message = eventually("an error", lambda: consumer.poll(1.0))
        expect("error", message.error().code(), KafkaError.UNKNOWN_TOPIC_OR_PART)
        consumer.close()

    @harness.check("is told that a compacted topic takes no record without a key")
    def _():
        topic = create(admin, unique("compacted"), config={"cleanup.policy": "compact"})
        [(error, _)] = produce(bootstrap, topic, [{"value": b"v"}])
        expect("error", error and error.name() in ("INVALID_RECORD", "_INVALID_RECORD"), True)
        produced(bootstrap, topic, [{"key": b"k", "value": b"v"}])

    @harness.check("reads in a group, commits, and goes on from there", in_quick=True)
    def _():
        topic = create(admin, unique("grouped"), 2)
        produced(bootstrap, topic, [{"value": b"%d" % index, "partition": index % 2} for index in range(40)])
        group = unique("group")
        first = consumer_of(bootstrap, group)
        first.subscribe([topic])
        messages = take(first, 20)
        first.commit(message=messages[-1], asynchronous=False)
        per_partition = {}
        for message in messages:
            per_partition[message.partition()] = message.offset() + 1
        offsets = [TopicPartition(topic, partition, offset) for partition, offset in sorted(per_partition.items())]
        first.commit(offsets=offsets, asynchronous=False)
        committed = first.committed(offsets, timeout=LIMIT)
        expect("committed", [entry.offset for entry in committed], [entry.offset for entry in offsets])
        first.close()
        second = consumer_of(bootstrap, group)
        second.subscribe([topic])
        rest = take(second, 20)
        seen = sorted(int(message.value()) for message in messages + rest)
        expect("each once", seen, list(range(40)))
        second.close()

    @harness.check("commits by itself every while and when it leaves")
    def _():
        topic = create(admin, unique("auto"))
        produced(bootstrap, topic, [{"value": b"%d" % index} for index in range(10)])
        group = unique("group")
        consumer = consumer_of(bootstrap, group, enable_auto_commit=True, auto_commit_interval_ms=200)
        consumer.subscribe([topic])
        take(consumer, 10)
        consumer.poll(0.1)
        consumer.close()
        reader = consumer_of(bootstrap, group)
        expect("committed", reader.committed([TopicPartition(topic, 0)], timeout=LIMIT)[0].offset, 10)
        reader.close()

    protocols = [("range", {}), ("roundrobin", {}), ("cooperative-sticky", {}), ("consumer", {"group_protocol": "consumer"})]
    for strategy, more in protocols:

        @harness.check("shares partitions with another member (%s)" % strategy)
        def _(strategy=strategy, more=more):
            if more and confluent_kafka.libversion()[1] < 0x020A0000:
                raise Skip("librdkafka %s has no group protocol of KIP-848" % confluent_kafka.libversion()[0])
            topic = create(admin, unique("shared"), 6)
            group = unique("group")
            options = more or {"partition_assignment_strategy": strategy}
            members = [consumer_of(bootstrap, group, **options) for _ in range(2)]
            for member in members:
                member.subscribe([topic])

            def shares(expected):
                for member in members:
                    member.poll(0.1)
                return sorted(len(member.assignment()) for member in members) == expected

            eventually("three each", lambda: shares([3, 3]), 30)
            owned = [(entry.topic, entry.partition) for member in members for entry in member.assignment()]
            expect("each partition once", len(set(owned)), 6)
            members.pop().close()
            eventually("all six", lambda: shares([6]), 30)
            members.pop().close()

    @harness.check("keeps its partitions over a restart as a static member")
    def _():
        topic = create(admin, unique("static"), 4)
        group = unique("group")

        def member(name):
            one = consumer_of(bootstrap, group, group_instance_id=name, session_timeout_ms=20000)
            one.subscribe([topic])
            return one

        first, second = member("one"), member("two")

        def assignments():
            first.poll(0.1), second.poll(0.1)
            return sorted(entry.partition for entry in first.assignment()), sorted(entry.partition for entry in second.assignment())

        eventually("two each", lambda: [len(part) for part in assignments()] == [2, 2], 30)
        before = assignments()
        second.close()
        second = member("two")
        eventually("the same again", lambda: assignments() == before, 30)
        first.close()
        second.close()

    @harness.check("subscribes to a pattern, and takes in what comes to match it")
    def _():
        prefix = unique("pattern")
        create(admin, prefix + "-a")
        consumer = consumer_of(bootstrap, topic_metadata_refresh_interval_ms=500, metadata_max_age_ms=2000)
        consumer.subscribe(["^%s-.*" % prefix])
        eventually("one", lambda: (consumer.poll(0.1), len(consumer.assignment()) == 1)[1], 30)
        create(admin, prefix + "-b")
        eventually("two", lambda: (consumer.poll(0.1), len(consumer.assignment()) == 2)[1], 30)
        consumer.close()

    @harness.check("lists groups with their members")
    def _():
        topic = create(admin, unique("listed"))
        group = unique("group")
        consumer = consumer_of(bootstrap, group, client_id="lister")
        consumer.subscribe([topic])
        eventually("assigned", lambda: (consumer.poll(0.1), consumer.assignment())[1])
        [told] = admin.list_groups(group, timeout=LIMIT)
        expect("state", (told.id, told.state, told.protocol_type), (group, "Stable", "consumer"))
        expect("members", [member.client_id for member in told.members], ["lister"])
        consumer.close()

    @harness.check("describes, resets and deletes groups")
    def _():
        needs("describe_consumer_groups")
        from confluent_kafka import ConsumerGroupTopicPartitions

        topic = create(admin, unique("reset"))
        produced(bootstrap, topic, [{"value": b"%d" % index} for index in range(10)])
        group = unique("group")
        consumer = consumer_of(bootstrap, group)
        consumer.subscribe([topic])
        take(consumer, 10)
        consumer.commit(asynchronous=False)
        described = admin.describe_consumer_groups([group])[group].result(LIMIT)
        expect("state", (described.state.name, len(described.members)), ("STABLE", 1))
        expect("refused", code_of(lambda: admin.delete_consumer_groups([group])[group].result(LIMIT)), KafkaError.NON_EMPTY_GROUP)
        consumer.close()
        listed = admin.list_consumer_groups().result(LIMIT)
        expect("listed", group in [entry.group_id for entry in listed.valid], True)
        asked = ConsumerGroupTopicPartitions(group, [TopicPartition(topic, 0)])
        expect("offset", admin.list_consumer_group_offsets([asked])[group].result(LIMIT).topic_partitions[0].offset, 10)
        reset = ConsumerGroupTopicPartitions(group, [TopicPartition(topic, 0, 3)])
        admin.alter_consumer_group_offsets([reset])[group].result(LIMIT)
        again = consumer_of(bootstrap, group)
        again.subscribe([topic])
        expect("from there", take(again, 1)[0].value(), b"3")
        again.close()
        admin.delete_consumer_groups([group])[group].result(LIMIT)
        expect("gone", group in [entry.group_id for entry in admin.list_consumer_groups().result(LIMIT).valid], False)

    @harness.check("describes topics and the cluster")
    def _():
        needs("describe_topics")
        from confluent_kafka import TopicCollection

        topic = create(admin, unique("described"), 2)
        told = admin.describe_topics(TopicCollection([topic]))[topic].result(LIMIT)
        expect("partitions", [(len(part.replicas), len(part.isr)) for part in told.partitions], [(3, 3)] * 2)
        cluster = admin.describe_cluster().result(LIMIT)
        expect("nodes", sorted(node.id for node in cluster.nodes), [1, 2, 3])

    @harness.check("lists offsets: earliest, latest, of the largest timestamp")
    def _():
        needs("list_offsets")
        from confluent_kafka.admin import OffsetSpec

        topic = create(admin, unique("offsets"), config=KEPT)
        produced(bootstrap, topic, [{"value": b"v", "timestamp": stamp} for stamp in (1000, 9000, 5000)])
        partition = TopicPartition(topic, 0)

        def offset(spec):
            return admin.list_offsets({partition: spec})[partition].result(LIMIT).offset

        specs = [OffsetSpec.earliest(), OffsetSpec.latest(), OffsetSpec.max_timestamp(), OffsetSpec.for_timestamp(4000)]
        expect("offsets", [offset(spec) for spec in specs], [0, 3, 1, 1])

    @harness.check("deletes records")
    def _():
        needs("delete_records")
        topic = create(admin, unique("shortened"))
        produced(bootstrap, topic, [{"value": b"%d" % index} for index in range(10)])
        [future] = admin.delete_records([TopicPartition(topic, 0, 6)]).values()
        expect("low watermark", future.result(LIMIT).low_watermark, 6)
        expect("first", read(bootstrap, topic, 1, offset=confluent_kafka.OFFSET_BEGINNING)[0].offset(), 6)

    @harness.check("elects preferred leaders")
    def _():
        needs("elect_leaders")
        from confluent_kafka import ElectionType

        topic = create(admin, unique("elected"))
        told = admin.elect_leaders(ElectionType.PREFERRED, [TopicPartition(topic, 0)]).result(LIMIT)
        [error] = told.values()
        expect("answer", error is None or error.name() == "ELECTION_NOT_NEEDED", True)

    @harness.check("commits and aborts transactions, and readers see what is committed", in_quick=True)
    def _():
        topic = create(admin, unique("transactions"))
        producer = Producer(settings(bootstrap, transactional_id=unique("id")))
        producer.init_transactions(LIMIT)
        for number in range(6):
            producer.begin_transaction()
            producer.produce(topic, b"%d" % number)
            producer.flush(LIMIT)
            producer.commit_transaction(LIMIT) if number % 2 == 0 else producer.abort_transaction(LIMIT)
        committed = read(bootstrap, topic, 3, isolation_level="read_committed")
        expect("committed", [message.value() for message in committed], [b"0", b"2", b"4"])
        every = read(bootstrap, topic, 6, isolation_level="read_uncommitted")
        expect("uncommitted", [message.value() for message in every], [b"%d" % number for number in range(6)])

    @harness.check("does not show an open transaction to readers of committed records")
    def _():
        topic = create(admin, unique("open"))
        producer = Producer(settings(bootstrap, transactional_id=unique("id")))
        producer.init_transactions(LIMIT)
        producer.begin_transaction()
        producer.produce(topic, b"pending")
        producer.flush(LIMIT)
        consumer = consumer_of(bootstrap, isolation_level="read_committed")
        consumer.assign([TopicPartition(topic, 0, 0)])
        expect("nothing yet", consumer.poll(1.5), None)
        producer.commit_transaction(LIMIT)
        expect("then", take(consumer, 1)[0].value(), b"pending")
        consumer.close()

    @harness.check("commits offsets in transactions")
    def _():
        source, target = create(admin, unique("source")), create(admin, unique("target"))
        produced(bootstrap, source, [{"value": b"%d" % index} for index in range(5)])
        group = unique("group")
        consumer = consumer_of(bootstrap, group, isolation_level="read_committed")
        consumer.subscribe([source])
        messages = take(consumer, 5)
        producer = Producer(settings(bootstrap, transactional_id=unique("id")))
        producer.init_transactions(LIMIT)
        for outcome, offset in (("abort", 5), ("commit", 5)):
            producer.begin_transaction()
            for message in messages:
                producer.produce(target, message.value())
            producer.send_offsets_to_transaction([TopicPartition(source, 0, offset)], consumer.consumer_group_metadata(), LIMIT)
            if outcome == "abort":
                producer.abort_transaction(LIMIT)
                told = consumer.committed([TopicPartition(source, 0)], timeout=LIMIT)[0].offset
                expect("after the abort", told, confluent_kafka.OFFSET_INVALID)
            else:
                producer.commit_transaction(LIMIT)
                expect("after the commit", consumer.committed([TopicPartition(source, 0)], timeout=LIMIT)[0].offset, 5)
        expect("copied once", len(read(bootstrap, target, 5, isolation_level="read_committed")), 5)
        consumer.close()

    @harness.check("fences an older producer of the same transactional id")
    def _():
        topic = create(admin, unique("fenced"))
        name = unique("id")
        old = Producer(settings(bootstrap, transactional_id=name))
        old.init_transactions(LIMIT)
        old.begin_transaction()
        old.produce(topic, b"old")
        old.flush(LIMIT)
        new = Producer(settings(bootstrap, transactional_id=name))
        new.init_transactions(LIMIT)
        code = code_of(lambda: old.commit_transaction(LIMIT))
        fenced = (KafkaError._FENCED, KafkaError.INVALID_PRODUCER_EPOCH, getattr(KafkaError, "PRODUCER_FENCED", 90))
        expect("error", code in fenced, True)
        new.begin_transaction()
        new.produce(topic, b"new")
        new.commit_transaction(LIMIT)
        expect("only the new", read(bootstrap, topic, 1, isolation_level="read_committed")[0].value(), b"new")

    harness.run()


def write(bootstrap, topic, codec, records):
    rows = [{"key": key, "value": value, "headers": headers, "partition": 0} for key, value, headers in records]
    produced(bootstrap, topic, rows, linger_ms=200, acks="all", compression_type=codec)


def read_all(bootstrap, topic, count):
    return [(message.key(), message.value(), message.headers()) for message in read(bootstrap, topic, count)]


if __name__ == "__main__":
    main(check, write, read_all)
