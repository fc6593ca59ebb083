"""A member of a group with librdkafka, in a process of its own; ended by kill -9, or by a line on its standard input, which makes it leave.

    confluent_member.py BOOTSTRAP TOPIC GROUP NAME classic|cooperative|consumer

Prints one line of JSON for each thing that happens to it: "assigned" and "revoked" with partitions, at the moment when it hears of it, "processed" with the
offsets that it has worked on, before it commits them, and "refused" where it is told what it does not get over. Times are milliseconds since 1970.

Records are polled one by one: consume() of librdkafka before 2.1 skips some when a cooperative member goes on after a rebalance (its release notes name pause
and resume, which is what that does).
"""
import json
import sys
import threading
import time

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

bootstrap, topic, group, name, protocol = sys.argv[1:6]
stop = threading.Event()
threading.Thread(target=lambda: (sys.stdin.readline(), stop.set()), daemon=True).start()


def tell(event, partitions, **more):
    sys.stdout.write(json.dumps({"atMs": time.time() * 1000, "event": event, "partitions": partitions, **more}) + "\n")
    sys.stdout.flush()


def numbers(partitions):
    return [partition.partition for partition in partitions]


config = {
    "bootstrap.servers": bootstrap,
    "group.id": group,
    "client.id": name,
    "enable.auto.commit": False,
    "auto.offset.reset": "earliest",
    "fetch.wait.max.ms": 200,
    "log_level": 0,
}
if protocol == "consumer":
    config["group.protocol"] = "consumer"
else:
    strategy = "cooperative-sticky" if protocol == "cooperative" else "roundrobin"
    config.update({"session.timeout.ms": 6000, "heartbeat.interval.ms": 500, "partition.assignment.strategy": strategy})
consumer = Consumer(config)
consumer.subscribe(
    [topic],
    on_assign=lambda _, partitions: tell("assigned", numbers(partitions)),
    on_revoke=lambda _, partitions: tell("revoked", numbers(partitions)),
    on_lost=lambda _, partitions: tell("lost", numbers(partitions)),
)
tell("started", [])
while not stop.is_set():
    processed = {}
    for index in range(200):
        message = consumer.poll(0.2 if index == 0 else 0)
        if message is None:
            break
        if message.error() is not None and message.error().code() == KafkaError._FATAL:
            tell("refused", [], error=message.error().str())
        if message.error() is None:
            first, _ = processed.get(message.partition(), (message.offset(), 0))
            processed[message.partition()] = (first, message.offset())
    if not processed:
        continue
    tell("processed", list(processed), offsets=list(processed.values()))
    try:
        consumer.commit(offsets=[TopicPartition(topic, partition, last + 1) for partition, (_, last) in processed.items()], asynchronous=False)
    except KafkaException:
        pass  # Not its own any more: whoever has it reads it again.
consumer.close()
tell("left", [])
