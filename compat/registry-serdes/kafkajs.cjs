// @kafkajs/confluent-schema-registry: JSON Schema, Avro with its own types, and Protobuf by text, of which it writes no message indexes.
const { registry: host, requireClient, same } = require('../registry/program.cjs')
const { exchange, run } = require('./exchange.cjs')

const { SchemaRegistry, SchemaType } = requireClient('@kafkajs/confluent-schema-registry')

function exchanged(name, type, schema, value, { json = JSON.stringify(value), seen = value, references, before = {} } = {}) {
  const subject = `kafkajs-${name}`
  const registry = new SchemaRegistry({ host })
  return {
    name: `${type}, ${name}`,
    json,
    async serialize() {
      for (const [of, text] of Object.entries(before)) await registry.register({ type, schema: text }, { subject: of })
      const { id } = await registry.register({ type, schema, references }, { subject })
      return registry.encode(id, value)
    },
    async read(bytes) {
      same(JSON.parse(JSON.stringify(await new SchemaRegistry({ host }).decode(bytes))), seen)
    },
  }
}

const protobuf = `syntax = "proto3";
package shop;
message Order {
  message Line { string sku = 1; int32 count = 2; }
  int32 id = 1;
  string note = 2;
  repeated Line lines = 3;
  repeated int32 numbers = 4;
  map<string, int32> counts = 5;
}`
const order = { id: 7, note: 'ä€', lines: [{ sku: 'a', count: -1 }], numbers: [1, 300], counts: { a: 1 } }
const avro = (...fields) => JSON.stringify({ type: 'record', name: 'Order', namespace: 'shop', fields })

run(() =>
  exchange([
    exchanged('first field is a number', SchemaType.PROTOBUF, protobuf, order),
    exchanged('a text and nothing else', SchemaType.PROTOBUF, 'syntax = "proto3"; message Note { string text = 1; }', { text: 'hello' }),
    exchanged('an import', SchemaType.PROTOBUF, 'syntax = "proto3"; package shop; import "money.proto"; message Price { int32 id = 1; Money of = 2; }', { id: 1, of: { units: 3 } }, {
      references: [{ name: 'money.proto', subject: 'kafkajs-money', version: 1 }],
      before: { 'kafkajs-money': 'syntax = "proto3"; package shop; message Money { int32 units = 1; }' },
    }),
    exchanged('an object', SchemaType.JSON, '{"type":"object","properties":{"n":{"type":"integer"}},"required":["n"]}', { n: 3, more: [null, true, 'ä'] }),
    exchanged('unions, maps and bytes', SchemaType.AVRO, avro(
      { name: 'id', type: 'long' },
      { name: 'note', type: ['null', 'string'], default: null },
      { name: 'm', type: { type: 'map', values: 'double' } },
      { name: 'e', type: { type: 'enum', name: 'E', symbols: ['A', 'B'] } },
    ), { id: 4503599627370497, note: 'x', m: { a: 0.1 }, e: 'B' }),
  ]),
)
