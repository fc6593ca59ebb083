#!/usr/bin/python3
"""librdkafka as a chain that reads, transforms and writes in transactions (KIP-447): each input once, whatever dies.

  confluent_exactly_once.py feed BOOTSTRAP                 writes numbered records to "eos-in" until a line comes on standard input; prints how many
  confluent_exactly_once.py chain BOOTSTRAP NAME COUNT     "eos-in" to "eos-out" until all COUNT inputs are behind it; prints "transactions N aborted N begun anew N"
  confluent_exactly_once.py verify BOOTSTRAP COUNT         reads committed records of "eos-out"; prints "read N missing N twice N out of order N"
"""
import sys
import threading
import time

from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition

PARTITIONS = 3
KEYS = 12
command, bootstrap = sys.argv[1], sys.argv[2]


def feed():
    stop = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.readline(), stop.set()), daemon=True).start()
    producer = Producer({"bootstrap.servers": bootstrap, "enable.idempotence": True, "message.timeout.ms": 600000, "linger.ms": 5, "log_level": 0})
    failed, count = [], 0
    while not stop.is_set():
        producer.produce("eos-in", str(count), key=str(count % KEYS), partition=count % KEYS % PARTITIONS, on_delivery=lambda error, _: error and failed.append(error))
        producer.poll(0)
        count += 1
        time.sleep(0.002)
    if producer.flush(120) or failed:
        sys.exit("some inputs were not written: %s" % failed[:1])
    print(count, flush=True)


def new_producer(name):
    while True:
        producer = Producer({"bootstrap.servers": bootstrap, "transactional.id": name, "transaction.timeout.ms": 20000, "log_level": 0})
        try:
            producer.init_transactions(30)
            return producer
        except KafkaException:
            time.sleep(0.5)


def chain(name, count):
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": "eos-chain",
            "isolation.level": "read_committed",
            "enable.auto.commit": False,
            "auto.offset.reset": "earliest",
            "session.timeout.ms": 10000,
            "log_level": 0,
        }
    )
    consumer.subscribe(["eos-in"])
    producer = new_producer(name)
    transactions = aborted = anew = 0
    end = time.time() + 600
    while time.time() < end:
        messages = [message for message in consumer.consume(50, 0.5) if message.error() is None]
        if not messages:
            if behind(consumer, count):
                break
            continue
        try:
            producer.begin_transaction()
            for message in messages:
                producer.produce("eos-out", message.value(), key=message.key(), partition=message.partition())
            producer.send_offsets_to_transaction(consumer.position(consumer.assignment()), consumer.consumer_group_metadata(), 30)
            while True:
                try:
                    producer.commit_transaction(30)
                    break
                except KafkaException as error:
                    if not error.args[0].retriable():
                        raise
            transactions += 1
        except KafkaException as failure:
            if failure.args[0].txn_requires_abort():
                aborted += 1
                try:
                    producer.abort_transaction(60)
                except KafkaException:
                    producer, anew = new_producer(name), anew + 1
            else:
                producer, anew = new_producer(name), anew + 1
            rewind(consumer)
    consumer.close()
    print("transactions %d aborted %d begun anew %d" % (transactions, aborted, anew), flush=True)


def behind(consumer, count):
    """Whether the group has committed all inputs."""
    try:
        committed = consumer.committed([TopicPartition("eos-in", partition) for partition in range(PARTITIONS)], 10)
        return sum(max(0, position.offset) for position in committed) >= count
    except KafkaException:
        return False


def rewind(consumer):
    """To where the group is: what was read since was not committed."""
    while True:
        try:
            for position in consumer.committed(consumer.assignment(), 10):
                consumer.seek(TopicPartition(position.topic, position.partition, max(0, position.offset)))
            return
        except KafkaException:
            time.sleep(0.2)


def verify(count):
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "unused", "isolation.level": "read_committed", "enable.auto.commit": False, "enable.partition.eof": True, "log_level": 0})
    consumer.assign([TopicPartition("eos-out", partition, 0) for partition in range(PARTITIONS)])
    seen, last, ended, twice, disordered = set(), {}, set(), 0, 0
    end = time.time() + 120
    while len(ended) < PARTITIONS and time.time() < end:
        message = consumer.poll(1)
        if message is None:
            continue
        if message.error():
            ended.add(message.partition())
            continue
        number, key = int(message.value()), message.key()
        twice += number in seen
        disordered += number < last.get(key, -1)
        last[key] = max(number, last.get(key, -1))
        seen.add(number)
    consumer.close()
    print("read %d missing %d twice %d out of order %d" % (len(seen), count - len(seen), twice, disordered), flush=True)


if command == "feed":
    feed()
elif command == "chain":
    chain(sys.argv[3], int(sys.argv[4]))
else:
    verify(int(sys.argv[3]))
