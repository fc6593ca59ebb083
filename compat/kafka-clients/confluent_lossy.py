#!/usr/bin/python3
"""librdkafka as an idempotent producer whose answers get lost, and as a reader that counts.

  confluent_lossy.py produce BOOTSTRAP TOPIC PARTITIONS COUNT     prints "acknowledged N"; ends with 1 where one failed
  confluent_lossy.py verify BOOTSTRAP TOPIC PARTITIONS COUNT      prints "read N gaps N duplicates N reordered N"
"""
import sys
import time

from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition

command, bootstrap, topic, partitions, count = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5])


def produce():
    fatal, failed, acknowledged = [], [], [0]
    producer = Producer(
        {
            "bootstrap.servers": bootstrap,
            "client.id": "lossy",
            "enable.idempotence": True,
            "max.in.flight.requests.per.connection": 5,
            "error_cb": lambda error: fatal.append(error) if error.fatal() else None,
            "linger.ms": 5,
            "batch.num.messages": 400,
            "message.timeout.ms": 600000,
            # How long it waits for an answer that was lost.
            "socket.timeout.ms": 400,
            "retry.backoff.ms": 10,
            "reconnect.backoff.ms": 5,
            "reconnect.backoff.max.ms": 20,
            "log_level": 0,
        }
    )

    def delivered(error, _message):
        if error is None:
            acknowledged[0] += 1
        else:
            failed.append(error)

    for sequence in range(count):
        while True:
            try:
                producer.produce(topic, str(sequence // partitions).encode(), partition=sequence % partitions, on_delivery=delivered)
                break
            except BufferError:
                producer.poll(0.05)
        if sequence % 1000 == 0:
            producer.poll(0)
    left = producer.flush(600)
    print("acknowledged %d" % acknowledged[0])
    if fatal or failed or left:
        sys.exit("fatal %s, failed %s, left %d" % (fatal[:1], failed[:1], left))


def verify():
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "unused", "enable.partition.eof": True, "enable.auto.commit": False, "log_level": 0})
    consumer.assign([TopicPartition(topic, partition, 0) for partition in range(partitions)])
    open_partitions = set(range(partitions))
    values = {partition: [] for partition in open_partitions}
    deadline = time.time() + 120
    while open_partitions and time.time() < deadline:
        for message in consumer.consume(1000, 1):
            if message.error() is None:
                values[message.partition()].append(int(message.value()))
            elif message.error().code() == KafkaError._PARTITION_EOF:
                open_partitions.discard(message.partition())
            else:
                raise KafkaException(message.error())
    consumer.close()
    if open_partitions:
        sys.exit("not at the end of %s" % sorted(open_partitions))
    read = sum(len(of) for of in values.values())
    expected = {partition: len(range(partition, count, partitions)) for partition in values}
    gaps = sum(len(set(range(expected[partition])) - set(of)) for partition, of in values.items())
    duplicates = sum(len(of) - len(set(of)) for of in values.values())
    reordered = sum(1 for of in values.values() for before, after in zip(of, of[1:]) if after < before)
    print("read %d gaps %d duplicates %d reordered %d" % (read, gaps, duplicates, reordered))


produce() if command == "produce" else verify()
