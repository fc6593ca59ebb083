#!/usr/bin/python3
"""Debian's python3-confluent-kafka (librdkafka) as a client under test.

  confluent_client.py create BOOTSTRAP TOPIC PARTITIONS REPLICATION
  confluent_client.py produce BOOTSTRAP TOPIC PARTITIONS [idempotent]     until a line comes on standard input; prints "partition sequence ms" per acknowledgement
  confluent_client.py consume BOOTSTRAP TOPIC PARTITIONS     by assignment, to the end; prints "partition sequence"
"""
import sys
import threading
import time

from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic


def create(bootstrap, topic, partitions, replication):
    admin = AdminClient({"bootstrap.servers": bootstrap})
    futures = admin.create_topics([NewTopic(topic, partitions, replication, config={"min.insync.replicas": "2"})], operation_timeout=15)
    futures[topic].result(30)


def produce(bootstrap, topic, partitions, idempotent):
    fatal = []
    producer = Producer(
        {
            "bootstrap.servers": bootstrap,
            "acks": "all",
            "enable.idempotence": idempotent,
            # With idempotence the broker keeps the order of five; without it not even one keeps it over retries (librdkafka-order.ts).
            "max.in.flight.requests.per.connection": 5 if idempotent else 1,
            "error_cb": lambda error: fatal.append(error) if error.fatal() else None,
            "linger.ms": 5,
            "message.timeout.ms": 60000,
            "socket.timeout.ms": 10000,
            "request.timeout.ms": 5000,
            "retry.backoff.ms": 50,
            "reconnect.backoff.ms": 20,
            "reconnect.backoff.max.ms": 250,
            "topic.metadata.refresh.fast.interval.ms": 100,
            "log_level": 0,
        }
    )
    stopping = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.readline(), stopping.set()), daemon=True).start()
    out = sys.stdout

    def delivered(error, message):
        if error is not None:
            print("failed %s" % error, file=sys.stderr)
            return
        out.write("%d %d %d\n" % (message.partition(), int(message.value().split(b" ")[0]), int(time.time() * 1000)))

    sequence = 0
    padding = b" " + b"x" * 100
    while not stopping.is_set():
        for partition in range(partitions):
            while True:
                try:
                    producer.produce(topic, str(sequence).encode() + padding, partition=partition, on_delivery=delivered)
                    break
                except BufferError:
                    producer.poll(0.05)
        if fatal:
            sys.exit("fatal: %s" % fatal[0])
        sequence += 1
        producer.poll(0)
        time.sleep(0.002)
    left = producer.flush(60)
    out.flush()
    if fatal:
        sys.exit("fatal: %s" % fatal[0])
    if left:
        sys.exit("%d messages were neither acknowledged nor failed" % left)


def consume(bootstrap, topic, partitions):
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "unused", "enable.partition.eof": True, "enable.auto.commit": False, "log_level": 0})
    consumer.assign([TopicPartition(topic, partition, 0) for partition in range(partitions)])
    open_partitions = set(range(partitions))
    deadline = time.time() + 60
    while open_partitions:
        if time.time() > deadline:
            sys.exit("not at the end of %s after 60 s" % sorted(open_partitions))
        message = consumer.poll(1)
        if message is None:
            continue
        if message.error():
            if message.error().code() == KafkaError._PARTITION_EOF:
                open_partitions.discard(message.partition())
                continue
            raise KafkaException(message.error())
        print(message.partition(), int(message.value().split(b" ")[0]))
    consumer.close()


command, bootstrap, topic, partitions = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
if command == "create":
    create(bootstrap, topic, partitions, int(sys.argv[5]))
elif command == "produce":
    produce(bootstrap, topic, partitions, sys.argv[5:] == ["idempotent"])
elif command == "consume":
    consume(bootstrap, topic, partitions)
else:
    sys.exit(__doc__)
