/** The canonical text is an interface: it is what ids, GUIDs and other registries' answers are compared by. */
import { describe, expect, it } from 'vitest'
import { protobufFormat } from '.'
import { parsed } from './testing/schemas'

describe('the canonical text of a Protobuf schema', () => {
  it('drops comments and white space, writes messages before enums and each message in its order of parts', () => {
    const text = `// About orders
syntax = 'proto3'; package shop;
import "google/protobuf/timestamp.proto";
enum Kind { NEW = 0; OLD = 1 [deprecated = true]; }
/* An order */
message Order {
  enum Inner { I0 = 0; }
  message Item { reserved 3; string sku = 1; }
  string id = 1; // its id
  oneof payment { string card = 2; int64 cash = 3 [jstype = JS_STRING, deprecated = true]; }
  map<string, Item> items = 4;
  optional google.protobuf.Timestamp at = 5 [json_name = "when"];
  reserved 8, 10 to 12; reserved "old";
  option deprecated = true;
}
service Orders { rpc Watch (Order) returns (stream Order); }`
    expect(protobufFormat.canonicalText(parsed(text))).toBe(`syntax = "proto3";
package shop;

import "google/protobuf/timestamp.proto";

message Order {
  reserved 8, 10 to 12;
  reserved "old";

  option deprecated = true;

  string id = 1;
  map<string, Item> items = 4;
  optional google.protobuf.Timestamp at = 5 [json_name = "when"];

  oneof payment {
    string card = 2;
    int64 cash = 3 [
      jstype = JS_STRING,
      deprecated = true
    ];
  }

  message Item {
    reserved 3;
  
    string sku = 1;
  }
  enum Inner {
    I0 = 0;
  }
}
enum Kind {
  NEW = 0;
  OLD = 1 [deprecated = true];
}

service Orders {
  rpc Watch (Order) returns (stream Order);
}
`)
  })

  it('is its own canonical text, for every kind of part', () => {
    const text = `syntax = "proto2";
import public "google/protobuf/descriptor.proto";
option java_package = "a.\\"b\\"";
message A {
  extensions 100 to 199, 300 to max;
  required string s = 1 [default = "x\\n"];
  repeated group G = 2 { optional int32 n = 1; }
  optional E e = 3 [default = E1, (note) = { text: "hi", tags: ["a", "b"], inner { n: -1.5e3 } }];
  message Empty {}
}
enum E { option allow_alias = true; E0 = 0; E1 = 1; E2 = 1; }
message Note { optional string text = 1; repeated string tags = 2; optional Note inner = 3; optional float n = 4; }
extend google.protobuf.FieldOptions { optional Note note = 50001; }
extend A { optional int32 more = 100; }`
    const canonical = protobufFormat.canonicalText(parsed(text))
    expect(protobufFormat.canonicalText(parsed(canonical))).toBe(canonical)
    expect(canonical).toContain('repeated group G = 2 {\n    optional int32 n = 1;\n  }')
    expect(canonical).toContain('extensions 100 to 199, 300 to max;')
  })

  it('normalized, resolves names and sorts fields, values, options and imports', () => {
    const one = `syntax = "proto3"; package p; import "google/protobuf/wrappers.proto"; import "google/protobuf/any.proto";
message A { B b = 2 [deprecated = true, jstype = JS_NORMAL]; google.protobuf.Any any = 1; map<string, B> m = 3; reserved 9, 7; } message B {} enum E { Z = 0; Y = 2; X = 1; }`
    const other = `syntax = "proto3"; package p; import "google/protobuf/any.proto"; import "google/protobuf/wrappers.proto";
message A { reserved 7; reserved 9; .google.protobuf.Any any = 1; p.B b = 2 [jstype = JS_NORMAL, deprecated = true]; map<string, p.B> m = 3; } message B {} enum E { Z = 0; X = 1; Y = 2; }`
    expect(protobufFormat.normalizedText(parsed(one))).toBe(protobufFormat.normalizedText(parsed(other)))
    expect(protobufFormat.normalizedText(parsed(one))).toContain('map<string, .p.B> m = 3;')
    expect(protobufFormat.canonicalText(parsed(one))).not.toBe(protobufFormat.canonicalText(parsed(other)))
  })

  it('keeps the order of messages when normalized, since message indexes count it', () => {
    const text = 'syntax = "proto3"; message B {} message A {}'
    expect(protobufFormat.normalizedText(parsed(text))).toBe('syntax = "proto3";\n\nmessage B {}\nmessage A {}\n')
  })
})
