/** What clients register as descriptors is the same schema as its text, both ways. */
import protobuf from 'protobufjs'
import 'protobufjs/ext/descriptor'
import { describe, expect, it } from 'vitest'
import { protobufFormat, serializedProtobuf } from '..'
import { parsed, proto2, proto3 } from '../testing/schemas'

const money = { 'money.proto': proto3('package common; message Money { int64 units = 1; }') }
const full = proto3(`package shop;
import "money.proto";
import public "google/protobuf/timestamp.proto";
option java_package = "a.b";
option optimize_for = CODE_SIZE;
message Order {
  reserved 20, 30 to 40, 1000 to max;
  reserved "old";
  option deprecated = true;
  int64 order_id = 1 [json_name = "id"];
  optional string note = 2 [deprecated = true, (confluent.tag) = "PII", (my).num = -5];
  repeated Line lines = 3;
  map<string, .common.Money> by_name = 4;
  google.protobuf.Timestamp at = 5;
  oneof payment { string card = 6; common.Money cash = 7; }
  Kind kind = 8;
  message Line { string sku = 1; Order of = 2; enum Deep { D0 = 0; } Deep deep = 3; }
}
enum Kind { reserved 7 to 9; K0 = 0; K1 = 1 [deprecated = true]; }
service S { rpc Watch (stream Order) returns (Order) { option deprecated = true; } }`)

describe('descriptors', () => {
  it('give the same schema back as text, normalized', () => {
    const schema = parsed(full, money)
    const again = parsed(serializedProtobuf(schema), money)
    expect(protobufFormat.normalizedText(again)).toBe(protobufFormat.normalizedText(schema))
    expect(protobufFormat.incompatibilities(again, schema, 'STRICT')).toEqual([])
  })

  it('keep what only proto2 has: labels, defaults, groups, extensions', () => {
    const text = proto2(`message A {
  required string s = 1 [default = "a\\"b\\n"];
  optional E e = 2 [default = Y];
  optional int32 n = 3 [default = -7];
  repeated group G = 4 { optional bool b = 1; }
  extensions 100 to 199;
}
enum E { X = 0; Y = 1; }
extend A { optional string more = 100; }`)
    const schema = parsed(text)
    const again = parsed(serializedProtobuf(schema))
    expect(protobufFormat.normalizedText(again)).toBe(protobufFormat.normalizedText(schema))
  })

  it('are what protobufjs reads: messages of one are messages of the other', () => {
    const schema = parsed(
      proto3(
        'package p; message A { int32 a = 1; map<string, B> m = 2; optional string o = 3; } message B { repeated int64 n = 1; }',
      ),
    )
    const { descriptor } = protobuf as unknown as {
      descriptor: { FileDescriptorProto: protobuf.Type; FileDescriptorSet: protobuf.Type }
    }
    const file = descriptor.FileDescriptorProto.decode(Buffer.from(serializedProtobuf(schema), 'base64'))
    const fromDescriptor = (protobuf.Root as unknown as { fromDescriptor(set: object): protobuf.Root }).fromDescriptor
    const fromText = protobuf.parse(schema.text, { keepCase: true }).root
    const ours = fromDescriptor(descriptor.FileDescriptorSet.create({ file: [file] })).lookupType('p.A')
    const message = { a: 5, m: { x: { n: [1, 2] } }, o: 'y' }
    const bytes = fromText.lookupType('p.A').encode(fromText.lookupType('p.A').fromObject(message)).finish()
    expect(ours.toObject(ours.decode(bytes), { longs: Number })).toEqual(message)
  })

  it('are only taken for one where they are one', () => {
    for (const text of ['abcdefgh', 'bWVzc2FnZSBB', 'message1'])
      expect(protobufFormat.parse(text, new Map(), { isNew: true }).ok).toBe(false)
  })
})
