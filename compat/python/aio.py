"""aiokafka: what its users do, each as a check. The command line is harness.py's."""
import asyncio
import contextlib
import time

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRebalanceListener, TopicPartition, errors
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.structs import OffsetAndMetadata

from harness import Harness, expect, main, unique

LIMIT = 20
# Records as old as theirs are beyond the default retention, and go when it next looks.
KEPT = {"retention.ms": "-1"}


class Client:
    def __init__(self, bootstrap):
        self.bootstrap = bootstrap.split(",")

    @contextlib.asynccontextmanager
    async def admin(self):
        admin = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap)
        await admin.start()
        try:
            yield admin
        finally:
            await admin.close()

    async def create(self, topic, partitions=1, replication=3, config=None):
        async with self.admin() as admin:
            told = await admin.create_topics([NewTopic(topic, partitions, replication, topic_configs=config or {})], timeout_ms=LIMIT * 1000)
            raise_for(told.topic_errors)
            await eventually("topic is told", lambda: is_told(admin, topic))
        return topic

    @contextlib.asynccontextmanager
    async def producer(self, **more):
        producer = AIOKafkaProducer(bootstrap_servers=self.bootstrap, **more)
        await producer.start()
        try:
            yield producer
        finally:
            await asyncio.wait_for(producer.stop(), LIMIT)

    @contextlib.asynccontextmanager
    async def consumer(self, *topics, **more):
        consumer = AIOKafkaConsumer(*topics, bootstrap_servers=self.bootstrap, **dict({"auto_offset_reset": "earliest", "enable_auto_commit": False}, **more))
        await consumer.start()
        try:
            yield consumer
        finally:
            await asyncio.wait_for(consumer.stop(), LIMIT)

    async def produce(self, topic, records, **more):
        """Records as keywords of send(); answers what was told of each."""
        async with self.producer(**dict({"linger_ms": 5, "acks": "all"}, **more)) as producer:
            sent = [await producer.send(topic, **record) for record in records]
            return [await asyncio.wait_for(future, LIMIT) for future in sent]

    async def read(self, topic, count, partition=0, offset=None, **more):
        async with self.consumer(**more) as consumer:
            where = TopicPartition(topic, partition)
            consumer.assign([where])
            if offset is None:
                await consumer.seek_to_beginning(where)
            else:
                consumer.seek(where, offset)
            return await take(consumer, count)


async def is_told(admin, topic):
    return topic in await admin.list_topics()


async def eventually(what, condition, seconds=20):
    deadline = time.time() + seconds
    while not await condition():
        if time.time() > deadline:
            raise AssertionError("%s: not within %s s" % (what, seconds))
        await asyncio.sleep(0.05)


async def take(consumer, count, seconds=LIMIT):
    messages = []
    deadline = time.time() + seconds
    while len(messages) < count and time.time() < deadline:
        for batch in (await consumer.getmany(timeout_ms=500, max_records=count - len(messages))).values():
            messages.extend(batch)
    expect("messages read", len(messages), count)
    return messages


async def error_of(action):
    """The class of the error that an action ends with; None where it ends well."""
    try:
        await action
        return None
    except errors.KafkaError as error:
        return type(error)


def raise_for(rows):
    """Rows that begin with a name and an error code."""
    for row in rows:
        if row[1] != 0:
            raise errors.for_code(row[1])(row[0])


def check(bootstrap, is_quick):
    harness = Harness(bootstrap, is_quick)
    client = Client(bootstrap)

    def check_of(name, in_quick=False):
        def add(function):
            harness.check(name, in_quick)(lambda: asyncio.run(function()))

        return add

    @check_of("tells the cluster: brokers, controller, its id", in_quick=True)
    async def _():
        async with client.admin() as admin:
            told = await admin.describe_cluster()
        expect("brokers", sorted(broker["node_id"] for broker in told["brokers"]), [1, 2, 3])
        expect("controller is a broker", told["controller_id"] in (1, 2, 3), True)

    @check_of("creates topics, and is refused twice the same and too many replicas", in_quick=True)
    async def _():
        topic = await client.create(unique("created"), 4)
        async with client.admin() as admin:
            [told] = await admin.describe_topics([topic])
        expect("replicas", [len(entry["replicas"]) for entry in told["partitions"]], [3] * 4)
        expect("again", await error_of(client.create(topic)), errors.TopicAlreadyExistsError)
        expect("replicas", await error_of(client.create(unique("wide"), 1, 9)), errors.InvalidReplicationFactorError)

    @check_of("adds partitions, deletes topics")
    async def _():
        topic = await client.create(unique("grown"), 2)
        async with client.admin() as admin:
            raise_for((await admin.create_partitions({topic: NewPartitions(5)})).topic_errors)

            async def has_five():
                return len((await admin.describe_topics([topic]))[0]["partitions"]) == 5

            await eventually("five", has_five)
            expect("fewer", await error_of(admin.create_partitions({topic: NewPartitions(3)})), errors.InvalidPartitionsError)
            raise_for((await admin.delete_topics([topic])).topic_error_codes)

            async def is_gone():
                return not await is_told(admin, topic)

            await eventually("gone", is_gone)

    @check_of("describes and alters configs of a topic")
    async def _():
        topic = await client.create(unique("configured"), config={"retention.ms": "5000"})
        async with client.admin() as admin:

            async def value():
                [told] = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
                return next(entry[1] for entry in told.resources[0][4] if entry[0] == "retention.ms")

            expect("set", await value(), "5000")
            await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, configs={"retention.ms": "7000"})])

            async def is_altered():
                return await value() == "7000"

            await eventually("altered", is_altered)

    for acks in (0, 1, "all"):

        @check_of("writes with acks=%s" % acks, in_quick=acks == "all")
        async def _(acks=acks):
            topic = await client.create(unique("acks"))
            await client.produce(topic, [{"value": b"%d" % index} for index in range(50)], acks=acks)
            expect("values", [message.value for message in await client.read(topic, 50)], [b"%d" % index for index in range(50)])

    for codec in (None, "gzip", "snappy", "lz4", "zstd"):

        @check_of("writes and reads %s" % codec, in_quick=codec == "snappy")
        async def _(codec=codec):
            topic = await client.create(unique("codec"))
            values = [b"%d " % index + b"compress me " * 20 for index in range(300)]
            await client.produce(topic, [{"value": value} for value in values], compression_type=codec)
            expect("values", [message.value for message in await client.read(topic, 300)], values)

    @check_of("writes as an idempotent producer")
    async def _():
        topic = await client.create(unique("idempotent"), 3)
        records = [{"value": b"%d" % index, "partition": index % 3} for index in range(900)]
        await client.produce(topic, records, enable_idempotence=True)
        for partition in range(3):
            values = [int(message.value) for message in await client.read(topic, 300, partition)]
            expect("values", values, list(range(partition, 900, 3)))

    @check_of("tells null from empty in keys and values", in_quick=True)
    async def _():
        topic = await client.create(unique("nulls"))
        pairs = [(b"", b""), (None, b""), (b"", None), (b"k", None), (None, b"v")]
        await client.produce(topic, [{"key": key, "value": value, "partition": 0} for key, value in pairs])
        expect("pairs", [(message.key, message.value) for message in await client.read(topic, len(pairs))], pairs)

    @check_of("keeps headers: repeated names, null and empty values, bytes")
    async def _():
        topic = await client.create(unique("headers"))
        headers = [("a", b"1"), ("a", b"2"), ("null", None), ("empty", b""), ("bytes", bytes(range(256)))]
        await client.produce(topic, [{"value": b"v", "headers": headers}, {"value": b"w"}])
        first, second = await client.read(topic, 2)
        expect("headers", list(first.headers), headers)
        expect("no headers", list(second.headers), [])

    @check_of("keeps the producer's timestamps, and the broker's own where the topic says so")
    async def _():
        topic = await client.create(unique("stamped"), config=KEPT)
        await client.produce(topic, [{"value": b"v", "timestamp_ms": 1_600_000_000_123}])
        [message] = await client.read(topic, 1)
        expect("timestamp", (message.timestamp_type, message.timestamp), (0, 1_600_000_000_123))
        topic = await client.create(unique("appended"), config={"message.timestamp.type": "LogAppendTime"})
        await client.produce(topic, [{"value": b"v", "timestamp_ms": 1_600_000_000_123}])
        [message] = await client.read(topic, 1)
        expect("is now", (message.timestamp_type, abs(message.timestamp - time.time() * 1000) < 30_000), (1, True))

    @check_of("finds offsets by timestamp, tells the first and the last, seeks, pauses")
    async def _():
        topic = await client.create(unique("times"), config=KEPT)
        await client.produce(topic, [{"value": b"%d" % index, "timestamp_ms": 1_600_000_000_000 + index * 1000} for index in range(20)])
        where = TopicPartition(topic, 0)
        async with client.consumer() as consumer:
            consumer.assign([where])
            expect("middle", (await consumer.offsets_for_times({where: 1_600_000_007_500}))[where].offset, 8)
            expect("late", (await consumer.offsets_for_times({where: 1_900_000_000_000}))[where], None)
            ends = (await consumer.beginning_offsets([where]))[where], (await consumer.end_offsets([where]))[where]
            expect("ends", ends, (0, 20))
            consumer.seek(where, 8)
            expect("from there", (await take(consumer, 1))[0].value, b"8")
            consumer.pause(where)
            expect("paused", await consumer.getmany(timeout_ms=500), {})
            consumer.resume(where)
            expect("resumed", (await take(consumer, 1))[0].value, b"9")

    @check_of("starts where auto_offset_reset says when its offset is out of range")
    async def _():
        topic = await client.create(unique("range"))
        await client.produce(topic, [{"value": b"%d" % index} for index in range(10)])
        expect("earliest", (await client.read(topic, 1, offset=1000))[0].value, b"0")
        expect("none", await error_of(client.read(topic, 1, offset=1000, auto_offset_reset="none")), errors.OffsetOutOfRangeError)

    @check_of("writes and reads big messages, and is told of one that is too large", in_quick=True)
    async def _():
        topic = await client.create(unique("big"))
        values = [bytes([index]) * 900_000 for index in range(5)]
        await client.produce(topic, [{"value": value} for value in values])
        expect("values", [message.value for message in await client.read(topic, 5)] == values, True)
        sent = client.produce(topic, [{"value": b"x" * 2_000_000}], max_request_size=5_000_000)
        expect("error", await error_of(sent), errors.MessageSizeTooLargeError)

    @check_of("is told of a topic that there is not", in_quick=True)
    async def _():
        sent = client.produce(unique("unknown"), [{"value": b"v"}], request_timeout_ms=3000)
        expect("error", await error_of(sent) in (errors.UnknownTopicOrPartitionError, errors.KafkaTimeoutError), True)

    @check_of("reads in a group, commits, and goes on from there", in_quick=True)
    async def _():
        topic = await client.create(unique("grouped"), 2)
        await client.produce(topic, [{"value": b"%d" % index, "partition": index % 2} for index in range(40)])
        group = unique("group")
        async with client.consumer(topic, group_id=group) as consumer:
            messages = await take(consumer, 20)
            offsets = {}
            for message in messages:
                offsets[TopicPartition(topic, message.partition)] = OffsetAndMetadata(message.offset + 1, "note")
            await consumer.commit(offsets)
            for where, entry in offsets.items():
                expect("committed", await consumer.committed(where), entry.offset)
        async with client.consumer(topic, group_id=group) as consumer:
            rest = await take(consumer, 20)
        expect("each once", sorted(int(message.value) for message in messages + rest), list(range(40)))

    @check_of("commits by itself when it leaves")
    async def _():
        topic = await client.create(unique("auto"))
        await client.produce(topic, [{"value": b"%d" % index} for index in range(10)])
        group = unique("group")
        async with client.consumer(topic, group_id=group, enable_auto_commit=True) as consumer:
            await take(consumer, 10)
        async with client.consumer(group_id=group) as consumer:
            expect("committed", await consumer.committed(TopicPartition(topic, 0)), 10)

    @check_of("shares partitions with another member, and takes them over when it leaves")
    async def _():
        topic = await client.create(unique("shared"), 6)
        group = unique("group")
        events = []

        class Listener(ConsumerRebalanceListener):
            async def on_partitions_revoked(self, revoked):
                events.append("revoked")

            async def on_partitions_assigned(self, assigned):
                events.append("assigned")

        async with client.consumer(group_id=group, heartbeat_interval_ms=300) as first:
            first.subscribe([topic], listener=Listener())

            async def owns(counts, *members):
                return sorted(len(member.assignment()) for member in members) == counts

            await eventually("all six", lambda: owns([6], first), 30)
            async with client.consumer(topic, group_id=group, heartbeat_interval_ms=300) as second:
                await eventually("three each", lambda: owns([3, 3], first, second), 30)
                expect("each once", len(first.assignment() | second.assignment()), 6)
            await eventually("all six again", lambda: owns([6], first), 30)
        expect("told", events.count("assigned") >= 3, True)

    @check_of("lists and describes groups, tells their offsets")
    async def _():
        topic = await client.create(unique("listed"))
        await client.produce(topic, [{"value": b"%d" % index} for index in range(10)])
        group = unique("group")
        async with client.consumer(topic, group_id=group, client_id="lister") as consumer, client.admin() as admin:
            await take(consumer, 10)
            await consumer.commit()
            listed = [entry[0] for entry in await admin.list_consumer_groups()]
            expect("listed", group in listed, True)
            [described] = await admin.describe_consumer_groups([group])
            error, name, state = described.groups[0][:3]
            expect("described", (error, name, state), (0, group, "Stable"))
            expect("offset", (await admin.list_consumer_group_offsets(group))[TopicPartition(topic, 0)].offset, 10)

    @check_of("deletes records")
    async def _():
        topic = await client.create(unique("shortened"))
        await client.produce(topic, [{"value": b"%d" % index} for index in range(10)])
        from aiokafka.admin import RecordsToDelete

        async with client.admin() as admin:
            told = await admin.delete_records({TopicPartition(topic, 0): RecordsToDelete(before_offset=6)})
        expect("low watermark", told[TopicPartition(topic, 0)], 6)
        expect("first", (await client.read(topic, 1))[0].offset, 6)

    @check_of("commits and aborts transactions, and readers see what is committed", in_quick=True)
    async def _():
        topic = await client.create(unique("transactions"))
        async with client.producer(transactional_id=unique("id")) as producer:
            for number in range(6):
                await producer.begin_transaction()
                await producer.send_and_wait(topic, b"%d" % number)
                await (producer.commit_transaction() if number % 2 == 0 else producer.abort_transaction())
        committed = await client.read(topic, 3, isolation_level="read_committed")
        expect("committed", [message.value for message in committed], [b"0", b"2", b"4"])
        expect("uncommitted", len(await client.read(topic, 6, isolation_level="read_uncommitted")), 6)

    @check_of("commits offsets in transactions")
    async def _():
        source, target, group = await client.create(unique("source")), await client.create(unique("target")), unique("group")
        await client.produce(source, [{"value": b"%d" % index} for index in range(5)])
        where = TopicPartition(source, 0)
        async with client.consumer(source, group_id=group, isolation_level="read_committed") as consumer:
            messages = await take(consumer, 5)
            async with client.producer(transactional_id=unique("id")) as producer:
                for is_aborted in (True, False):
                    await producer.begin_transaction()
                    for message in messages:
                        await producer.send(target, message.value)
                    await producer.send_offsets_to_transaction({where: 5}, group)
                    await (producer.abort_transaction() if is_aborted else producer.commit_transaction())
                    expected = None if is_aborted else 5

                    async def is_committed():
                        return await consumer.committed(where) == expected

                    # The answer comes when the outcome is certain, a moment before the group has heard of it.
                    await eventually("committed", is_committed)
        expect("copied once", len(await client.read(target, 5, isolation_level="read_committed")), 5)

    @check_of("fences an older producer of the same transactional id")
    async def _():
        topic, name = await client.create(unique("fenced")), unique("id")
        async with client.producer(transactional_id=name) as old:
            await old.begin_transaction()
            await old.send_and_wait(topic, b"old")
            async with client.producer(transactional_id=name) as new:
                expect("error", await error_of(old.commit_transaction()), errors.ProducerFenced)
                await new.begin_transaction()
                await new.send_and_wait(topic, b"new")
                await new.commit_transaction()
        read = await client.read(topic, 1, isolation_level="read_committed")
        expect("only the new", read[0].value, b"new")

    harness.run()


def write(bootstrap, topic, codec, records):
    rows = [{"key": key, "value": value, "headers": headers, "partition": 0} for key, value, headers in records]
    options = {"acks": "all", "linger_ms": 200, "max_batch_size": 1_000_000, "compression_type": None if codec == "none" else codec}
    asyncio.run(Client(bootstrap).produce(topic, rows, **options))


def read_all(bootstrap, topic, count):
    return [(message.key, message.value, message.headers) for message in asyncio.run(Client(bootstrap).read(topic, count))]


if __name__ == "__main__":
    main(check, write, read_all)
