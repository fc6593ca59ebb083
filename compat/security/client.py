"""python3-confluent-kafka against a listener with security: produces one record and reads it back, or says with which error it was refused.

    client.py BOOTSTRAP TOPIC VALUE NAME=VALUE ...     settings are librdkafka's
    client.py BOOTSTRAP TOPIC --stay=SECONDS NAME=VALUE ...     produces for so long, whatever becomes of its connection

Prints `ok`, or `refused` and the names of the errors that it met.
"""
import sys
import time

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaException, Producer, TopicPartition

bootstrap, topic, value = sys.argv[1:4]
settings = dict(setting.split("=", 1) for setting in sys.argv[4:])
errors = []


def note(error):
    if error is not None and error.name() not in errors:
        errors.append(error.name())


common = {"bootstrap.servers": bootstrap, "error_cb": note, "log_level": 0, **settings}


def refuse():
    print("refused", *errors)
    sys.exit(0)



def stay(seconds):
    producer = Producer({**common, "enable.idempotence": True, "message.timeout.ms": 15000, "reconnect.backoff.ms": 20})
    refusals, until = [], time.time() + seconds
    while time.time() < until:
        producer.produce(topic, b"stays", partition=0, on_delivery=lambda error, _: error and refusals.append(error.name()))
        producer.poll(0.05)
    left = producer.flush(20)
    print("ok" if not left and not refusals else "refused %d left %s" % (left, refusals[:3]))
    sys.exit(0)


if value.startswith("--stay="):
    stay(float(value[len("--stay="):]))
producer = Producer({**common, "message.timeout.ms": 8000, "acks": "all"})
producer.produce(topic, value.encode(), partition=0, on_delivery=lambda error, _: note(error))
producer.flush(10)
if errors:
    refuse()
consumer = Consumer({**common, "group.id": "security-" + value, "enable.auto.commit": False})
try:
    consumer.assign([TopicPartition(topic, 0, OFFSET_BEGINNING)])
    until = time.time() + 10
    while time.time() < until:
        message = consumer.poll(0.2)
        if message is None:
            continue
        if message.error() is not None:
            note(message.error())
            break
        if message.value() == value.encode():
            print("ok")
            sys.exit(0)
except KafkaException as error:
    note(error.args[0])
finally:
    consumer.close()
refuse()
