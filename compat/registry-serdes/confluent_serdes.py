"""confluent-kafka-python's serializers: Protobuf of protoc's code with imports and nested messages, JSON Schema, Avro with logical types; by prefix and by header.

    confluent_serdes.py REGISTRY BOOTSTRAP TOPIC

Writes each case to TOPIC with the JSON that it means beside it, and reads what the workbench makes of it from TOPIC-back. Prints `ok NAME` or `failed NAME: WHY`.
"""
import datetime
import decimal
import importlib
import json
import os
import sys
import tempfile
import time
import uuid

from confluent_kafka import Consumer, Producer
from confluent_kafka.schema_registry import Schema, SchemaReference, SchemaRegistryClient, header_schema_id_serializer
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.schema_registry.json_schema import JSONDeserializer, JSONSerializer
from confluent_kafka.schema_registry.protobuf import ProtobufDeserializer, ProtobufSerializer
from confluent_kafka.serialization import MessageField, SerializationContext
from google.protobuf.json_format import MessageToDict, ParseDict
from grpc_tools import protoc

registry, bootstrap, topic = sys.argv[1:4]
ANSWERS_LIMIT_SECONDS = 60
BY_HEADER = {"schema.id.serializer": header_schema_id_serializer}
client_of = lambda: SchemaRegistryClient({"url": registry})
client = client_of()


def context_of(headers):
    return SerializationContext(topic, MessageField.VALUE, headers)


def conf_of(subject, more):
    # Each case has a subject of its own.
    return {"subject.name.strategy": lambda _context, _record: subject, **more}


COMMON = """syntax = "proto3";
package serdes;
message Money { string currency = 1; int64 units = 2; }
"""
ORDER = """syntax = "proto3";
package serdes;
import "serdes/common.proto";
import "google/protobuf/timestamp.proto";
import "google/protobuf/duration.proto";
import "google/protobuf/struct.proto";
import "google/protobuf/wrappers.proto";
import "google/protobuf/any.proto";
import "google/protobuf/field_mask.proto";
import "google/type/date.proto";

enum State { option allow_alias = true; UNKNOWN = 0; PAID = 1; SETTLED = 1; }

message First { string unused = 1; }
message Order {
  enum Mood { GOOD = 0; BAD = -1; }
  message Line {
    message Part { float n = 1; }
    string sku = 1;
    Part of = 2;
    Line next = 3;
  }
  int64 order_id = 1;
  uint64 u = 2;
  sint32 s = 3;
  sfixed64 f = 4;
  fixed32 g = 5;
  Money price = 6;
  google.protobuf.Timestamp placed_at = 7;
  google.protobuf.Duration took = 8;
  google.protobuf.Struct extra = 9;
  google.protobuf.StringValue note = 10;
  google.protobuf.Any any = 11;
  google.protobuf.FieldMask mask = 12;
  google.type.Date day = 13;
  repeated Line lines = 14;
  map<string, uint32> counts = 15;
  map<int64, Money> by_number = 16;
  map<bool, State> flags = 17;
  State state = 18;
  Mood mood = 19;
  bytes raw = 20;
  double ratio = 21;
  repeated int32 numbers = 22;
  repeated sint64 plain = 23 [packed = false];
  oneof payment { string card = 24; bool cash = 25; }
  optional int32 maybe = 26;
  string odd_name = 27 [json_name = "anders"];
}
message Last { map<string, string> before = 1; message Inner { message Core { int32 n = 1; } string x = 1; } Inner inner = 2; }
"""
OLD = """syntax = "proto2";
package serdes.old;
message Old {
  required int32 id = 1;
  optional string name = 2 [default = "nobody"];
  repeated int32 many = 3;
  optional group Deep = 4 { optional string x = 1; }
  extensions 100 to 199;
}
"""
WHOLE = {
    "orderId": "9223372036854775807", "u": "18446744073709551615", "s": -7, "f": "-9223372036854775808", "g": 4294967295,
    "price": {"currency": "EUR", "units": "12"}, "placedAt": "2024-01-31T12:34:56.789012345Z", "took": "-3.000000001s",
    "extra": {"a": [1, None, "x"], "b": {"c": True}}, "note": "\u00e4\u20ac\U0001d11e",
    "any": {"@type": "type.googleapis.com/serdes.Money", "currency": "USD", "units": "1"}, "mask": "price.units,placedAt",
    "day": {"year": 2024, "month": 2, "day": 29}, "lines": [{"sku": "a", "of": {"n": 1.5}, "next": {"sku": "b"}}, {}],
    "counts": {"one": 1, "": 4294967295}, "byNumber": {"-1": {"units": "2"}}, "flags": {"true": "PAID", "false": "UNKNOWN"},
    "state": "PAID", "mood": "BAD", "raw": "AP8Q", "ratio": 0.1, "numbers": [1, -1, 2147483647], "plain": ["-1", "300"],
    "cash": False, "maybe": 0, "anders": "x",
}


def generated():
    """protoc's code for the files, from a folder that lives as long as the program."""
    folder = tempfile.TemporaryDirectory()
    os.mkdir(os.path.join(folder.name, "serdes"))
    names = {"common": COMMON, "order": ORDER, "old": OLD}
    for name, text in names.items():
        with open(os.path.join(folder.name, "serdes", name + ".proto"), "w") as out:
            out.write(text)
    paths = ["-I" + os.path.join(os.path.dirname(protoc.__file__), "_proto")] + ["-I" + path for path in sys.path if os.path.isdir(os.path.join(path, "google", "type"))]
    if protoc.main(["protoc", "-I" + folder.name, *paths, "--python_out=" + folder.name, *["serdes/%s.proto" % name for name in names]]) != 0:
        raise RuntimeError("protoc has failed")
    sys.path.insert(0, folder.name)
    return folder, importlib.import_module("serdes.order_pb2"), importlib.import_module("serdes.old_pb2")


class Case:
    """What is written, the JSON that it means, and how the answer is read; `same` says whether it is the same message."""

    def __init__(self, name, value, meant, serialize, deserialize):
        self.name, self.value, self.meant, self.serialize, self.deserialize = name, value, meant, serialize, deserialize


def plain_numbers(value):
    """1.0 as 1: the same number, and what all other clients write."""
    if isinstance(value, dict):
        return {name: plain_numbers(of) for name, of in value.items()}
    if isinstance(value, list):
        return [plain_numbers(of) for of in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def protobuf(name, message_class, values, more=None, conf=None):
    message = ParseDict(values, message_class())
    if more:
        more(message)
    meant = json.dumps(plain_numbers(MessageToDict(message, always_print_fields_with_no_presence=True)))
    conf = conf_of("python-protobuf-" + name, {"use.deprecated.format": False, **(conf or {})})
    reading = conf_of("python-protobuf-" + name, {"use.deprecated.format": False})
    return Case(
        "Protobuf, " + name, message, meant,
        lambda context: ProtobufSerializer(message_class, client, conf)(message, context),
        lambda data, context: ProtobufDeserializer(message_class, reading, client_of())(data, context),
    )


def avro(name, schema, value, meant, conf=None, references=(), before=None):
    subject = "python-avro-" + name
    given = Schema(json.dumps(schema), "AVRO", list(references))

    def serialize(context):
        for of, text in (before or {}).items():
            client.register_schema(of, Schema(json.dumps(text), "AVRO"))
        return AvroSerializer(client, given, conf=conf_of(subject, conf or {}))(value, context)

    reading = conf_of(subject, {})
    return Case("Avro, " + name, value, json.dumps(meant) if not isinstance(meant, str) else meant, serialize,
                lambda data, context: AvroDeserializer(client_of(), conf=reading)(data, context))


def json_schema(name, schema, value, conf=None, references=(), before=None):
    subject = "python-json-" + name
    given = Schema(json.dumps(schema), "JSON", list(references))

    def serialize(context):
        for of, text in (before or {}).items():
            client.register_schema(of, Schema(json.dumps(text), "JSON"))
        return JSONSerializer(given, client, conf=conf_of(subject, conf or {}))(value, context)

    return Case("JSON Schema, " + name, value, json.dumps(value), serialize,
                lambda data, context: JSONDeserializer(given, schema_registry_client=client_of(), conf=conf_of(subject, {}))(data, context))


def record(name, *fields):
    return {"type": "record", "name": name, "namespace": "shop", "fields": [{"name": n, "type": t} for n, t in fields]}


def logical(of, kind, **more):
    return {"type": of, "logicalType": kind, **more}


UTC = datetime.timezone.utc
MOMENT = datetime.datetime(2024, 1, 31, 12, 34, 56, 789000, UTC)
MICROS = MOMENT.replace(microsecond=789012)
BEFORE_1970 = datetime.datetime(1901, 12, 13, 20, 45, 51, 1000, UTC)
BIG = "-123456789012345678901234567.890"
LOGICAL = record(
    "Logical",
    ("amount", logical("bytes", "decimal", precision=30, scale=3)),
    ("fixed", logical("fixed", "decimal", name="F", size=9, precision=20, scale=2)),
    ("millis", logical("long", "timestamp-millis")), ("micros", logical("long", "timestamp-micros")), ("old", logical("long", "timestamp-millis")),
    ("local", logical("long", "local-timestamp-millis")), ("day", logical("int", "date")), ("time", logical("int", "time-millis")),
    ("exact", logical("long", "time-micros")), ("id", logical("string", "uuid")),
    ("maybe", ["null", logical("bytes", "decimal", precision=9, scale=2)]), ("none", ["null", logical("long", "timestamp-millis")]),
)
LOGICAL_VALUE = {
    "amount": decimal.Decimal(BIG), "fixed": decimal.Decimal("-0.01"), "millis": MOMENT, "micros": MICROS, "old": BEFORE_1970,
    "local": MOMENT.replace(tzinfo=None), "day": datetime.date(1969, 12, 31), "time": datetime.time(23, 59, 59, 999000),
    "exact": datetime.time(0, 0, 0, 1), "id": uuid.UUID("12345678-9abc-4def-8123-456789abcdef"), "maybe": decimal.Decimal("1.50"), "none": None,
}
LOGICAL_MEANT = (
    '{"amount":%s,"fixed":-0.01,"millis":"2024-01-31T12:34:56.789Z","micros":"2024-01-31T12:34:56.789012Z","old":"1901-12-13T20:45:51.001Z",'
    '"local":"2024-01-31T12:34:56.789","day":"1969-12-31","time":"23:59:59.999","exact":"00:00:00.000001",'
    '"id":"12345678-9abc-4def-8123-456789abcdef","maybe":1.50,"none":null}' % BIG
)
KINDS = record(
    "Kinds",
    ("l", "long"), ("f", "float"), ("d", "double"), ("b", "bytes"), ("e", {"type": "enum", "name": "E", "symbols": ["A", "B"]}),
    ("x", {"type": "fixed", "name": "X", "size": 2}), ("m", {"type": "map", "values": "int"}), ("a", {"type": "array", "items": ["null", "string"]}),
    ("next", ["null", "shop.Kinds"]), ("t", ["null", "boolean", "int", "string"]),
)
KINDS_VALUE = {"l": 2**63 - 1, "f": 1.5, "d": 0.1, "b": b"\x00\xff", "e": "B", "x": b"ab", "m": {"k": -1}, "a": ["x", None], "next": None, "t": "s"}
KINDS_MEANT = {"l": 2**63 - 1, "f": 1.5, "d": 0.1, "b": "\u0000\u00ff", "e": "B", "x": "ab", "m": {"k": -1}, "a": ["x", None], "next": None, "t": "s"}
MONEY = record("Money", ("units", "int"))
JSON_MONEY = {"type": "object", "title": "Money", "properties": {"units": {"type": "integer"}}, "required": ["units"]}
JSON_ORDER = {"type": "object", "title": "Order", "properties": {"name": {"type": "string"}, "has": {"$ref": "money.json"}}, "required": ["has"]}


def cases(order, old):
    def unknown_state(message):
        message.state = 77

    def odd_doubles(message):
        message.ratio = float("-inf")

    simple = {"orderId": "1"}
    refs = [SchemaReference("money.json", "python-json-money", 1)]
    has = {"name": "ann", "has": {"units": 3}}
    return [
        protobuf("the first message", order.First, {"unused": "x"}),
        protobuf("all kinds of fields", order.Order, WHOLE),
        protobuf("nothing but defaults", order.Order, {}),
        protobuf("a number that the enum has not", order.Order, simple, unknown_state),
        protobuf("minus infinity", order.Order, simple, odd_doubles),
        protobuf("a nested message", order.Order.Line, {"sku": "x", "of": {"n": 0.1}}),
        protobuf("a message two levels down", order.Order.Line.Part, {"n": 16777216}),
        protobuf("a nested message behind a map", order.Last.Inner, {"x": "y"}),
        protobuf("two levels down behind a map", order.Last.Inner.Core, {"n": 5}),
        protobuf("by header", order.Order, WHOLE, conf=BY_HEADER),
        protobuf("nested, by header", order.Order.Line, {"sku": "x"}, conf=BY_HEADER),
        protobuf("proto2 with a group", old.Old, {"id": 5, "many": [1, 2], "deep": {"x": "y"}}),
        avro("logical types", LOGICAL, LOGICAL_VALUE, LOGICAL_MEANT),
        avro("all kinds", KINDS, KINDS_VALUE, KINDS_MEANT),
        avro("recursive, by header", KINDS, {**KINDS_VALUE, "next": KINDS_VALUE}, {**KINDS_MEANT, "next": KINDS_MEANT}, BY_HEADER),
        avro("with a reference", record("Order", ("of", "shop.Money")), {"of": {"units": 1}}, {"of": {"units": 1}},
             references=[SchemaReference("shop.Money", "python-avro-money", 1)], before={"python-avro-money": MONEY}),
        json_schema("plain", JSON_MONEY, {"units": 2**53 + 1}),
        json_schema("with a reference", JSON_ORDER, has, references=refs, before={"python-json-money": JSON_MONEY}),
        json_schema("by header", JSON_ORDER, has, BY_HEADER, references=refs, before={"python-json-money": JSON_MONEY}),
    ]


def report(name, action):
    try:
        action()
        print("ok %s" % name, flush=True)
        return True
    except Exception as why:
        print("failed %s: %s %s" % (name, type(why).__name__, str(why).replace("\n", " ")), flush=True)
        return False


def write(producer, case):
    headers = {}
    value = case.serialize(context_of(headers))
    producer.produce(topic, key=case.name, value=value, headers={**headers, "expected": case.meant})


def answers(count):
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": topic + "-client", "auto.offset.reset": "earliest"})
    consumer.subscribe([topic + "-back"])
    read = {}
    until = time.time() + ANSWERS_LIMIT_SECONDS
    while len(read) < count and time.time() < until:
        message = consumer.poll(1)
        if message is not None and message.error() is None:
            read[message.key().decode()] = message
    consumer.close()
    return read


def read_back(case, message):
    if message is None:
        raise AssertionError("nothing came back")
    headers = message.headers() or []
    problem = dict(headers).get("problem")
    if problem is not None:
        raise AssertionError(problem.decode())
    value = case.deserialize(message.value(), context_of(headers))
    if value != case.value:
        raise AssertionError("%r, not %r" % (value, case.value))


def main():
    folder, order, old = generated()
    producer = Producer({"bootstrap.servers": bootstrap, "acks": "all"})
    written = [case for case in cases(order, old) if report(case.name + ", the client writes", lambda: write(producer, case))]
    if producer.flush(30) != 0:
        raise AssertionError("not all was delivered")
    back = answers(len(written))
    for case in written:
        report(case.name + ", what is written here the client reads", lambda: read_back(case, back.get(case.name)))
    folder.cleanup()


main()
