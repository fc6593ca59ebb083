#!/usr/bin/python3
"""librdkafka (Debian's python3-confluent-kafka) in the torture test.

  rdkafka.py produce '{"bootstrap": …, "idempotent": …, "rate": …, "streams": [[id, topic, partition], …]}'
      until a line comes on standard input; prints "a stream sequence offset floor ms" per acknowledgement ("floor" being the highest offset of the
      stream that had been acknowledged when the record was handed over), "f text" per failure, "r text" when the producer had to be replaced
  rdkafka.py consume BOOTSTRAP '[[topic, partition, end], …]'
      from offset 0 to the ends; prints "topic partition offset stream sequence"
"""
import json
import os
import sys
import threading
import time

from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition


def value_of(stream, sequence):
    filler = 20000 if sequence % 500 == 499 else 40 + sequence * 37 % 200
    return b"%d %d %s" % (stream, sequence, b"x" * filler)


class Run:
    def __init__(self, settings):
        self.settings = settings
        self.floors = {}
        self.next = {}
        self.fatal = None
        for stream, _, _ in settings["streams"]:
            self.floors[stream] = -1
            self.next[stream] = 0
        self.producer = self.create()

    def create(self):
        config = {
            "bootstrap.servers": self.settings["bootstrap"],
            "acks": "all",
            "linger.ms": 20,
            "message.timeout.ms": 280000,
            "socket.timeout.ms": 10000,
            "request.timeout.ms": 5000,
            "retry.backoff.ms": 50,
            "reconnect.backoff.ms": 20,
            "reconnect.backoff.max.ms": 250,
            "topic.metadata.refresh.fast.interval.ms": 100,
            "log_level": 0,
            "error_cb": self.on_error,
        }
        if self.settings["idempotent"]:
            config["enable.idempotence"] = True
            # With more than one, a request that overtakes a refused one is itself refused (OUT_OF_ORDER_SEQUENCE_NUMBER, rightly), and librdkafka
            # begins a new epoch, under which it writes again what stood unanswered at other partitions: its issue 4953.
            config["max.in.flight.requests.per.connection"] = 1
            # Why it began a new epoch, if it did: on standard error, and so in the timeline.
            config["debug"] = "eos"
            config["log_level"] = 7
        else:
            config["max.in.flight.requests.per.connection"] = 1
        return Producer(config)

    def on_error(self, error):
        if error.fatal() or error.code() == KafkaError._FATAL:
            self.fatal = str(error)

    def send(self, stream, topic, partition):
        sequence = self.next[stream]
        floor = self.floors[stream]

        def delivered(error, message):
            if error is not None:
                print("f %d %d %s" % (stream, sequence, error), flush=True)
                return
            offset = message.offset()
            offset = -1 if offset is None or offset < 0 else offset
            self.floors[stream] = max(self.floors[stream], offset)
            sys.stdout.write("a %d %d %d %d %d\n" % (stream, sequence, offset, floor, int(time.time() * 1000)))

        try:
            self.producer.produce(topic, value_of(stream, sequence), partition=partition, on_delivery=delivered)
        except BufferError:
            return False
        except KafkaException as error:
            print("f %d %d %s" % (stream, sequence, error), flush=True)
            return False
        self.next[stream] = sequence + 1
        return True

    def serve(self, call):
        # A fatal error comes out of whatever is called next.
        try:
            return call()
        except KafkaException as error:
            self.fatal = self.fatal or str(error)

    def replace(self):
        print("r %s" % self.fatal, flush=True)
        self.serve(self.producer.purge)
        self.serve(lambda: self.producer.flush(5))
        self.fatal = None
        self.producer = self.create()

    def run(self):
        stopping = threading.Event()

        def listen():
            # The end of the input is the end of the driver.
            if sys.stdin.readline() == "":
                os._exit(1)
            stopping.set()

        threading.Thread(target=listen, daemon=True).start()
        streams = self.settings["streams"]
        pause = len(streams) / self.settings["rate"]
        while not stopping.is_set():
            began = time.time()
            # More than this on their way would only be memory while the cluster stands still.
            if len(self.producer) < 5000:
                for stream, topic, partition in streams:
                    self.send(stream, topic, partition)
            self.serve(lambda: self.producer.poll(0))
            if self.fatal is not None:
                self.replace()
            sys.stdout.flush()
            time.sleep(max(0.001, pause - (time.time() - began)))
        left = self.serve(lambda: self.producer.flush(120))
        if self.fatal is not None:
            self.replace()
            left = 0
        sys.stdout.flush()
        if left:
            sys.exit("%d records were neither acknowledged nor failed" % left)


def consume(bootstrap, wanted):
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": "unused",
            "enable.auto.commit": False,
            "auto.offset.reset": "error",
            "fetch.error.backoff.ms": 50,
            "topic.metadata.refresh.fast.interval.ms": 100,
            "log_level": 0,
        }
    )
    open_partitions = {(topic, partition): end for topic, partition, end in wanted if end > 0}
    consumer.assign([TopicPartition(topic, partition, 0) for topic, partition in open_partitions])
    deadline = time.time() + 240
    while open_partitions:
        if time.time() > deadline:
            sys.exit("not at the end of %s after 240 s" % sorted(open_partitions))
        for message in consumer.consume(1000, 1):
            if message.error():
                if message.error().retriable() or message.error().code() in (KafkaError._TRANSPORT, KafkaError._ALL_BROKERS_DOWN):
                    continue
                raise KafkaException(message.error())
            key = (message.topic(), message.partition())
            stream, sequence, _ = message.value().split(b" ", 2)
            sys.stdout.write("%s %d %d %d %d\n" % (key[0], key[1], message.offset(), int(stream), int(sequence)))
            if key in open_partitions and message.offset() >= open_partitions[key] - 1:
                del open_partitions[key]
    sys.stdout.flush()
    consumer.close()


if sys.argv[1] == "produce":
    Run(json.loads(sys.argv[2])).run()
elif sys.argv[1] == "consume":
    consume(sys.argv[2], json.loads(sys.argv[3]))
else:
    sys.exit(__doc__)
