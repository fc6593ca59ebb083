/** What the editor knows of Avro's attributes and types (specification 1.12): for completion and hover. Words only, no rules. */
export interface Word {
  readonly name: string
  /** A sentence or two, shown on hover and beside the completion. */
  readonly info: string
  /** What follows the key in a completion, the cursor after it; `"` pairs are put in as they stand. */
  readonly value?: string
}

const word = (name: string, info: string, value?: string): Word => (value === undefined ? { name, info } : { name, info, value })

export const avroPrimitives: readonly Word[] = [
  word('null', 'No value. In a union, what makes a field optional.'),
  word('boolean', 'true or false, one byte.'),
  word('int', '32 bits, signed, written as a varint.'),
  word('long', '64 bits, signed, written as a varint.'),
  word('float', 'IEEE 754, 32 bits.'),
  word('double', 'IEEE 754, 64 bits.'),
  word('bytes', 'Any number of bytes.'),
  word('string', 'Text in UTF-8.'),
]
export const avroComplex: readonly Word[] = [
  word('record', 'Named fields in an order. Needs "name" and "fields".'),
  word(
    'enum',
    'One of named symbols. Needs "name" and "symbols"; its "default" is what readers take for a symbol they do not know.',
  ),
  word('array', 'Any number of "items" of one type.'),
  word('map', 'Text keys to "values" of one type.'),
  word('fixed', 'Exactly "size" bytes. Needs "name".'),
]
export const avroLogicalTypes: readonly Word[] = [
  word('decimal', 'On bytes or fixed: an exact number with "precision" digits, "scale" of them behind the point.'),
  word('big-decimal', 'On bytes: an exact number that carries its own scale.'),
  word('uuid', 'On string or fixed of 16: a UUID.'),
  word('date', 'On int: days since 1970-01-01.'),
  word('time-millis', 'On int: milliseconds since midnight.'),
  word('time-micros', 'On long: microseconds since midnight.'),
  word('timestamp-millis', 'On long: milliseconds since 1970-01-01T00:00Z.'),
  word('timestamp-micros', 'On long: microseconds since 1970-01-01T00:00Z.'),
  word('timestamp-nanos', 'On long: nanoseconds since 1970-01-01T00:00Z.'),
  word('local-timestamp-millis', 'On long: milliseconds since 1970-01-01T00:00 in no zone.'),
  word('local-timestamp-micros', 'On long: microseconds since 1970-01-01T00:00 in no zone.'),
  word('local-timestamp-nanos', 'On long: nanoseconds since 1970-01-01T00:00 in no zone.'),
  word('duration', 'On fixed of 12: months, days and milliseconds.'),
]

const typeKey = word('type', 'The type: a primitive, the name of a named type, a definition, or a union in [ ].', '"string"')
const doc = word('doc', 'Words for people. No effect on reading or writing.', '""')
const name = word('name', 'A letter or _, then letters, digits and _.', '""')
const named = [
  name,
  word('namespace', 'What stands before the name, with dots. Types inside inherit it.', '""'),
  word('aliases', 'Other names under which a reader also takes what was written.', '[""]'),
  doc,
]
export const avroFieldKeys: readonly Word[] = [
  name,
  typeKey,
  word('default', 'What a reader takes where the writer has no such field. For a union it is of the first branch.', 'null'),
  doc,
  word('order', 'How records are compared by this field: ascending, descending or ignore.', '"ascending"'),
  word('aliases', 'Other names under which a reader also takes this field.', '[""]'),
]
export const avroKeysOfType: Readonly<Record<string, readonly Word[]>> = {
  record: [typeKey, ...named, word('fields', 'Its fields, in the order in which they are written.', '[]')],
  enum: [
    typeKey,
    ...named,
    word('symbols', 'Its symbols, each a name, none twice.', '[""]'),
    word('default', 'The symbol that a reader takes for one that it does not know.', '""'),
  ],
  array: [typeKey, word('items', 'The type of what it holds.', '"string"'), doc],
  map: [typeKey, word('values', 'The type of its values.', '"string"'), doc],
  fixed: [typeKey, ...named, word('size', 'How many bytes.', '16')],
}
export const avroLogicalKeys: readonly Word[] = [
  typeKey,
  word('logicalType', 'What the plain type means. Readers that do not know it take the plain type.', '""'),
  word('precision', 'Of a decimal: how many digits in all.', '12'),
  word('scale', 'Of a decimal: how many digits behind the point. 0 if absent.', '2'),
]
export const avroOrders: readonly Word[] = [
  word('ascending', 'Smaller first. This is the default.'),
  word('descending', 'Larger first.'),
  word('ignore', 'Not compared.'),
]

export const idlWords: readonly Word[] = [
  ...avroPrimitives,
  word('protocol', 'The outermost name. One file holds one protocol; its types become the schema.'),
  word('namespace', 'The namespace of what follows, in a file that holds a schema and no protocol.'),
  word('schema', 'The type that this file is about, in a file without a protocol.'),
  word('import', 'Takes types from another text: idl, protocol or schema.'),
  word('record', 'record Name { type field; }'),
  word('error', 'A record that is thrown.'),
  word('enum', 'enum Name { A, B } = A; the default follows the brace.'),
  word('fixed', 'fixed Name(16);'),
  word('union', 'union { null, string }'),
  word('array', 'array<string>'),
  word('map', 'map<long>'),
  word('date', 'int with the logical type date.'),
  word('time_ms', 'int with the logical type time-millis.'),
  word('timestamp_ms', 'long with the logical type timestamp-millis.'),
  word('local_timestamp_ms', 'long with the logical type local-timestamp-millis.'),
  word('decimal', 'decimal(12, 2): bytes with that logical type.'),
  word('uuid', 'string with the logical type uuid.'),
  word('@namespace', '@namespace("com.acme") before a type or the protocol.'),
  word('@aliases', '@aliases(["old"]) before a type or a field name.'),
  word('@order', '@order("descending") before a field name.'),
  word('@logicalType', '@logicalType("timestamp-micros") before a type.'),
]
