"""confluent-kafka-python's registry client, Debian's and the current one: registers, evolves, fetches, checks, configures, deletes, writes to a topic and reads back.

    confluent_client.py REGISTRY BOOTSTRAP

Prints a line a check: `ok NAME`, `failed NAME: WHY`, `skipped NAME: WHY`. Debian's 1.7 has fewer calls and, without fastavro, no Avro serializer.
"""
import json
import signal
import sys
import time

from confluent_kafka import Consumer, Producer
from confluent_kafka.admin import AdminClient, NewTopic
from confluent_kafka.schema_registry import Schema, SchemaRegistryClient
from confluent_kafka.schema_registry.error import SchemaRegistryError

registry, bootstrap = sys.argv[1:3]
LIMIT_SECONDS = 60
client = SchemaRegistryClient({"url": registry})


class Skip(Exception):
    pass


def on_alarm(_signal, _frame):
    raise RuntimeError("not done after %d s" % LIMIT_SECONDS)


signal.signal(signal.SIGALRM, on_alarm)


def check(name):
    def run(action):
        signal.alarm(LIMIT_SECONDS)
        try:
            action()
            print("ok %s" % name, flush=True)
        except Skip as why:
            print("skipped %s: %s" % (name, why), flush=True)
        except BaseException as why:
            print("failed %s: %s %s" % (name, type(why).__name__, str(why).replace("\n", " ")), flush=True)
        finally:
            signal.alarm(0)

    return run


def same(actual, expected):
    if actual != expected:
        raise AssertionError("%r, not %r" % (actual, expected))


def refused(action):
    try:
        action()
    except SchemaRegistryError as error:
        return error.http_status_code, error.error_code
    raise AssertionError("it was not refused")


def avro(*fields):
    record = {"type": "record", "name": "Order", "namespace": "shop", "fields": list(fields)}
    return Schema(json.dumps(record), "AVRO")


ID = {"name": "id", "type": "int"}
FIRST = avro(ID)
SECOND = avro(ID, {"name": "note", "type": "string", "default": ""})
BREAKING = avro(ID, {"name": "must", "type": "string"})
SUBJECT = "python-order-value"


def through_topic(topic, values):
    admin = AdminClient({"bootstrap.servers": bootstrap})
    for future in admin.create_topics([NewTopic(topic, num_partitions=1, replication_factor=3)]).values():
        future.result(30)
    producer = Producer({"bootstrap.servers": bootstrap, "acks": "all"})
    for value in values:
        producer.produce(topic, value=value)
    if producer.flush(30) != 0:
        raise AssertionError("not all was delivered")
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "python-" + topic, "auto.offset.reset": "earliest"})
    consumer.subscribe([topic])
    read = []
    until = time.time() + 40
    while len(read) < len(values) and time.time() < until:
        message = consumer.poll(1)
        if message is not None and message.error() is None:
            read.append(message.value())
    consumer.close()
    return read


@check("registers, looks up, and lists")
def _():
    schema_id = client.register_schema(SUBJECT, FIRST)
    same(SchemaRegistryClient({"url": registry}).register_schema(SUBJECT, FIRST), schema_id)
    found = client.lookup_schema(SUBJECT, FIRST)
    same((found.schema_id, found.version), (schema_id, 1))
    same(client.get_versions(SUBJECT), [1])
    if SUBJECT not in client.get_subjects():
        raise AssertionError("the subject is not listed")


@check("evolves, and is refused what breaks readers")
def _():
    client.register_schema(SUBJECT, SECOND)
    same(client.get_latest_version(SUBJECT).version, 2)
    same(refused(lambda: client.register_schema(SUBJECT, BREAKING)), (409, 40901))
    same(json.loads(client.get_version(SUBJECT, 1).schema.schema_str), json.loads(FIRST.schema_str))


@check("fetches by id, and is told of one that is not there")
def _():
    schema_id = client.get_version(SUBJECT, 1).schema_id
    fresh = SchemaRegistryClient({"url": registry})
    same(json.loads(fresh.get_schema(schema_id).schema_str), json.loads(FIRST.schema_str))
    same(refused(lambda: fresh.get_schema(999999)), (404, 40403))


@check("checks compatibility")
def _():
    if not hasattr(client, "test_compatibility"):
        raise Skip("this version of the client has no such call")
    same(client.test_compatibility(SUBJECT, SECOND), True)
    same(client.test_compatibility(SUBJECT, BREAKING), False)


@check("sets and reads levels")
def _():
    same(refused(lambda: client.get_compatibility(SUBJECT)), (404, 40408))
    client.set_compatibility(SUBJECT, "FULL")
    same(client.get_compatibility(SUBJECT), "FULL")
    same(client.get_compatibility(), "BACKWARD")
    same(refused(lambda: client.set_compatibility(SUBJECT, "SIDEWAYS")), (422, 42203))


@check("takes subjects of any name")
def _():
    for name in ("python/slash", "python sp ace", "python-\u00e4:%41", ":.python:inner"):
        client.register_schema(name, FIRST)
        same(client.get_latest_version(name).version, 1)


@check("keeps references")
def _():
    from confluent_kafka.schema_registry import SchemaReference

    inner = {"type": "record", "name": "Inner", "namespace": "shop", "fields": []}
    client.register_schema("python-inner", Schema(json.dumps(inner), "AVRO"))
    outer = {"type": "record", "name": "Outer", "namespace": "shop", "fields": [{"name": "i", "type": "shop.Inner"}]}
    reference = SchemaReference("shop.Inner", "python-inner", 1)
    client.register_schema("python-outer", Schema(json.dumps(outer), "AVRO", [reference]))
    schema_id = client.get_latest_version("python-outer").schema_id
    read = SchemaRegistryClient({"url": registry}).get_schema(schema_id).references[0]
    # Debian's hands the JSON on as it is.
    read = read if isinstance(read, dict) else {"name": read.name, "subject": read.subject, "version": read.version}
    same(read, {"name": "shop.Inner", "subject": "python-inner", "version": 1})


@check("deletes versions and subjects")
def _():
    name = "python-deleted"
    client.register_schema(name, FIRST)
    client.register_schema(name, SECOND)
    same(client.delete_version(name, 1), 1)
    same(client.delete_subject(name), [2])
    same(refused(lambda: client.get_versions(name)), (404, 40401))


@check("deletes a subject for good")
def _():
    name = "python-gone"
    client.register_schema(name, FIRST)
    client.delete_subject(name)
    try:
        client.delete_subject(name, permanent=True)
    except TypeError as error:
        raise Skip("this version of the client cannot: %s" % error)
    except SchemaRegistryError as error:
        # The current one sends both deletions itself, and does not expect the first to be done.
        same(error.error_code, 40404)
        client.register_schema("python-gone-2", FIRST)
        client.delete_subject("python-gone-2", permanent=True)
        name = "python-gone-2"
    same(refused(lambda: client.delete_subject(name)), (404, 40401))


@check("serializes Avro to a topic and reads it back")
def _():
    try:
        from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
        from confluent_kafka.serialization import MessageField, SerializationContext
    except ImportError as why:
        raise Skip("its Avro serializer needs a module that is not there: %s" % why)
    topic = "python-registry-avro"
    context = SerializationContext(topic, MessageField.VALUE)
    serialize = AvroSerializer(client, SECOND.schema_str)
    read = through_topic(topic, [serialize({"id": 7, "note": "x"}, context)])
    same(AvroDeserializer(SchemaRegistryClient({"url": registry}))(read[0], context), {"id": 7, "note": "x"})
    same(client.get_versions(topic + "-value"), [1])


@check("serializes JSON Schema to a topic and reads it back")
def _():
    try:
        from confluent_kafka.schema_registry.json_schema import JSONDeserializer, JSONSerializer
        from confluent_kafka.serialization import MessageField, SerializationContext
    except ImportError as why:
        raise Skip("its JSON serializer needs a module that is not there: %s" % why)
    topic = "python-registry-json"
    context = SerializationContext(topic, MessageField.VALUE)
    schema = json.dumps({"title": "Person", "type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]})
    read = through_topic(topic, [JSONSerializer(schema, client)({"name": "ann"}, context)])
    same(JSONDeserializer(schema)(read[0], context), {"name": "ann"})


@check("writes the wire format by hand and finds the schema by the id in it")
def _():
    schema_id = client.register_schema("python-wire-value", FIRST)
    value = b"\x00" + schema_id.to_bytes(4, "big") + b"\x0e"
    (read,) = through_topic("python-wire", [value])
    same(read, value)
    found = SchemaRegistryClient({"url": registry}).get_schema(int.from_bytes(read[1:5], "big"))
    same(json.loads(found.schema_str), json.loads(FIRST.schema_str))
