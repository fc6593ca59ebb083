#!/usr/bin/python3
"""python3-confluent-kafka's AdminClient and producer against the brokers given; prints "ok NAME" or "failed NAME: why" for each check.

  admin_client.py BOOTSTRAP check       the administration
  admin_client.py BOOTSTRAP produce TOPIC BYTES CLIENT_ID      prints the seconds that it took
"""
import sys
import time

from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, ConfigResource, ConfigSource, NewPartitions, NewTopic

bootstrap = sys.argv[1]
admin = AdminClient({"bootstrap.servers": bootstrap, "log_level": 0})


def only(futures):
    return list(futures.values())[0].result(20)


def until(condition, seconds=10):
    deadline = time.time() + seconds
    while not condition():
        if time.time() > deadline:
            raise AssertionError("not within %d s" % seconds)
        time.sleep(0.05)


def equal(actual, expected):
    if actual != expected:
        raise AssertionError("%r is not %r" % (actual, expected))


def create():
    only(admin.create_topics([NewTopic("py-admin", 2, 2, config={"retention.ms": "1000000", "cleanup.policy": "delete"})]))
    until(lambda: len(admin.list_topics("py-admin", 10).topics["py-admin"].partitions) == 2)


def create_twice():
    try:
        only(admin.create_topics([NewTopic("py-admin", 2, 2)]))
    except KafkaException as error:
        return equal(error.args[0].name(), "TOPIC_ALREADY_EXISTS")
    raise AssertionError("was created twice")


def create_wrong():
    try:
        only(admin.create_topics([NewTopic("py-wrong", 1, 1, config={"retention.ms": "soon"})]))
    except KafkaException as error:
        return equal(error.args[0].name(), "INVALID_CONFIG")
    raise AssertionError("was created")


def describe_topic():
    configs = only(admin.describe_configs([ConfigResource("topic", "py-admin")]))
    own, inherited = configs["retention.ms"], configs["segment.bytes"]
    equal((own.value, own.source, own.is_read_only), ("1000000", ConfigSource.DYNAMIC_TOPIC_CONFIG.value, False))
    equal((inherited.value, inherited.source), ("1073741824", ConfigSource.DEFAULT_CONFIG.value))
    for name in ("message.format.version", "message.downconversion.enable", "remote.storage.enable", "preallocate"):
        equal((name, configs[name].is_read_only), (name, True))
    equal(len(configs) >= 34, True)


def alter_topic():
    only(admin.alter_configs([ConfigResource("topic", "py-admin", set_config={"max.message.bytes": "2000000"})]))
    configs = only(admin.describe_configs([ConfigResource("topic", "py-admin")]))
    equal((configs["max.message.bytes"].value, configs["retention.ms"].value), ("2000000", "604800000"))


def alter_wrong():
    try:
        only(admin.alter_configs([ConfigResource("topic", "py-admin", set_config={"min.insync.replicas": "0"})]))
    except KafkaException as error:
        return equal(error.args[0].name(), "INVALID_CONFIG")
    raise AssertionError("was altered")


def describe_broker():
    broker = str(sorted(admin.list_topics(timeout=10).brokers)[0])
    configs = only(admin.describe_configs([ConfigResource("broker", broker)]))
    equal((configs["broker.id"].value, configs["broker.id"].is_read_only), (broker, True))
    equal(configs["auto.create.topics.enable"].source, ConfigSource.STATIC_BROKER_CONFIG.value)


def alter_broker():
    broker = str(sorted(admin.list_topics(timeout=10).brokers)[0])
    only(admin.alter_configs([ConfigResource("broker", broker, set_config={"log.retention.ms": "123456"})]))
    topic = lambda: only(admin.describe_configs([ConfigResource("broker", broker)]))["log.retention.ms"]
    equal((topic().value, topic().source), ("123456", ConfigSource.DYNAMIC_BROKER_CONFIG.value))
    only(admin.alter_configs([ConfigResource("broker", broker, set_config={})]))
    equal(topic().value, "604800000")


def partitions():
    only(admin.create_partitions([NewPartitions("py-admin", 5)]))
    until(lambda: len(admin.list_topics("py-admin", 10).topics["py-admin"].partitions) == 5)


def auto_create():
    producer = Producer({"bootstrap.servers": bootstrap, "log_level": 0})
    errors = []
    producer.produce("py-wanted", b"x", on_delivery=lambda error, _message: errors.append(error))
    equal((producer.flush(20), errors), (0, [None]))
    equal(len(admin.list_topics("py-wanted", 10).topics["py-wanted"].partitions), 4)


def delete():
    only(admin.delete_topics(["py-admin"]))
    until(lambda: "py-admin" not in admin.list_topics(timeout=10).topics)


def produce(topic, size, client_id):
    producer = Producer({"bootstrap.servers": bootstrap, "client.id": client_id, "log_level": 0, "batch.num.messages": 10, "linger.ms": 1})
    start = time.time()
    errors = []
    for _ in range(size // 1000):
        producer.produce(topic, b"x" * 1000, partition=0, on_delivery=lambda error, _message: errors.append(error))
    left = producer.flush(60)
    if left or any(errors):
        sys.exit("not all delivered: %d left, %s" % (left, errors[:1]))
    print("%.2f" % (time.time() - start))


if sys.argv[2] == "produce":
    produce(sys.argv[3], int(sys.argv[4]), sys.argv[5])
else:
    for check in (create, create_twice, create_wrong, describe_topic, alter_topic, alter_wrong, describe_broker, alter_broker, partitions, auto_create, delete):
        try:
            check()
            print("ok %s" % check.__name__)
        except Exception as error:
            print("failed %s: %s" % (check.__name__, error))
