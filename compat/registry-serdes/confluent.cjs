// @confluentinc/schemaregistry: Protobuf with imports, nested messages and well-known types, JSON Schema with references, Avro; by prefix and by header.
const { registry, requireClient, same } = require('../registry/program.cjs')
const { exchange, run } = require('./exchange.cjs')
const { file, message, field, mapEntry } = require('./descriptors.cjs')

const library = requireClient('@confluentinc/schemaregistry')
const { SchemaRegistryClient, SerdeType } = library
const { create, createFileRegistry, createMutableRegistry, equals, fromJson, toJsonString } = requireClient('@bufbuild/protobuf')
const wellKnown = requireClient('@bufbuild/protobuf/wkt')
const clientOf = () => new SchemaRegistryClient({ baseURLs: [registry] })

const common = file('shop/common', [], [message('Money', [field('currency', 1, 'STRING'), field('units', 2, 'INT64')])])
const order = file(
  'shop/order',
  ['shop/common', 'google/protobuf/timestamp', 'google/protobuf/struct', 'google/protobuf/wrappers', 'google/protobuf/duration'],
  [
    message('First', [field('unused', 1, 'STRING')]),
    message(
      'Order',
      [
        field('order_id', 1, 'INT64'),
        field('u', 2, 'UINT64'),
        field('s', 3, 'SINT32'),
        field('f', 4, 'SFIXED64'),
        field('price', 5, '.shop.Money'),
        field('placed_at', 6, '.google.protobuf.Timestamp'),
        field('took', 7, '.google.protobuf.Duration'),
        field('extra', 8, '.google.protobuf.Struct'),
        field('note', 9, '.google.protobuf.StringValue'),
        field('lines', 10, '.shop.Order.Line', { label: 'LABEL_REPEATED' }),
        field('counts', 11, '.shop.Order.CountsEntry', { label: 'LABEL_REPEATED' }),
        field('state', 12, '=.shop.State'),
        field('raw', 13, 'BYTES'),
        field('ratio', 14, 'DOUBLE'),
        field('numbers', 15, 'INT32', { label: 'LABEL_REPEATED' }),
        field('card', 16, 'STRING', { oneofIndex: 0 }),
        field('cash', 17, 'BOOL', { oneofIndex: 0 }),
        field('maybe', 18, 'INT32', { oneofIndex: 1, proto3Optional: true }),
      ],
      {
        nestedType: [
          mapEntry('CountsEntry', 'STRING', 'UINT32'),
          message('Line', [field('sku', 1, 'STRING'), field('of', 2, '.shop.Order.Line.Part')], {
            nestedType: [message('Part', [field('n', 1, 'FLOAT')])],
          }),
        ],
        oneofDecl: [{ name: 'payment' }, { name: '_maybe' }],
      },
    ),
  ],
  [{ name: 'State', value: ['UNKNOWN', 'PAID'].map((name, number) => ({ name, number })) }],
)

const files = new Map([common, order].map((one) => [one.name, fromJson(wellKnown.FileDescriptorProtoSchema, one)]))
const resolve = (name) => files.get(name) ?? wellKnown[`file_${name.replace('.proto', '').replaceAll('/', '_')}`]
const descriptors = createFileRegistry(files.get('shop/order.proto'), resolve)

const whole = {
  orderId: '9223372036854775807',
  u: '18446744073709551615',
  s: -7,
  f: '-9223372036854775808',
  price: { currency: 'EUR', units: '12' },
  placedAt: '2024-01-31T12:34:56.789012345Z',
  took: '3.000000001s',
  extra: { a: [1, null, 'x'], b: { c: true } },
  note: 'ä€𝄞',
  lines: [{ sku: 'a', of: { n: 1.5 } }, { sku: 'b' }],
  counts: { one: 1, '': 4294967295 },
  state: 'PAID',
  raw: 'AP8Q',
  ratio: 0.1,
  numbers: [1, -1, 2147483647],
  cash: false,
  maybe: 0,
}

function protobuf(name, typeName, json, conf = {}) {
  const descriptor = descriptors.getMessage(typeName)
  const value = fromJson(descriptor, json, { registry: descriptors })
  const types = createMutableRegistry(...[...descriptors].filter(({ kind }) => kind === 'message'))
  const serializer = new library.ProtobufSerializer(clientOf(), SerdeType.VALUE, { autoRegisterSchemas: true, registry: types, ...subjectOf(name), ...conf })
  return {
    name: `Protobuf, ${name}`,
    json: toJsonString(descriptor, value, { alwaysEmitImplicit: true, registry: descriptors }),
    serialize: (topic, headers) => serializer.serialize(topic, value, headers),
    async read(bytes, headers) {
      const read = await new library.ProtobufDeserializer(clientOf(), SerdeType.VALUE, {}).deserialize('any', bytes, headers)
      same(read.$typeName, typeName)
      if (!equals(descriptor, create(descriptor, read), value)) throw new Error(toJsonString(descriptor, read, { registry: descriptors }))
    },
  }
}

/** Each case has a subject of its own. */
const subjectOf = (name) => ({ subjectNameStrategy: () => `confluent-${name}` })
const byHeader = { schemaIdSerializer: library.HeaderSchemaIdSerializer }

function plain(kind, name, schema, value, conf = {}, json = JSON.stringify(value)) {
  const subject = `confluent-${kind}-${name}`
  const client = clientOf()
  const given = { useLatestVersion: true, autoRegisterSchemas: false, subjectNameStrategy: () => subject, ...conf }
  return {
    name: `${kind}, ${name}`,
    json,
    async serialize(topic, headers) {
      for (const [of, body] of Object.entries(schema.before ?? {})) await client.register(of, body)
      await client.register(subject, schema)
      return new library[`${kind}Serializer`](client, SerdeType.VALUE, given).serialize(topic, value, headers)
    },
    async read(bytes, headers) {
      const reader = new library[`${kind}Deserializer`](clientOf(), SerdeType.VALUE, { ...conf.reader })
      same(JSON.parse(JSON.stringify(await reader.deserialize('any', bytes, headers))), value)
    },
  }
}

const money = { type: 'object', properties: { units: { type: 'integer' } }, required: ['units'] }
const person = (reference) => ({
  schemaType: 'JSON',
  schema: JSON.stringify({ type: 'object', properties: { name: { type: 'string' }, has: { $ref: reference } }, required: ['has'] }),
  references: [{ name: reference, subject: 'confluent-money', version: 1 }],
  before: { 'confluent-money': { schemaType: 'JSON', schema: JSON.stringify(money) } },
})
const avroOrder = {
  schemaType: 'AVRO',
  schema: JSON.stringify({
    type: 'record',
    name: 'Order',
    namespace: 'shop',
    fields: [
      { name: 'id', type: 'long' },
      { name: 'note', type: ['null', 'string'], default: null },
      { name: 'of', type: { type: 'array', items: 'shop.Money' } },
    ],
  }),
  references: [{ name: 'shop.Money', subject: 'confluent-avro-money', version: 1 }],
  before: {
    'confluent-avro-money': {
      schemaType: 'AVRO',
      schema: JSON.stringify({ type: 'record', name: 'Money', namespace: 'shop', fields: [{ name: 'units', type: 'int' }] }),
    },
  },
}
const avroValue = { id: 7, note: null, of: [{ units: 1 }, { units: -1 }] }

run(() =>
  exchange([
    protobuf('the first message', 'shop.First', { unused: 'x' }),
    protobuf('all kinds of fields', 'shop.Order', whole),
    protobuf('nothing but defaults', 'shop.Order', {}),
    protobuf('a nested message', 'shop.Order.Line', { sku: 'x', of: { n: 0.25 } }),
    protobuf('a message two levels down', 'shop.Order.Line.Part', { n: 16777216 }),
    protobuf('by header', 'shop.Order', whole, byHeader),
    protobuf('nested, by header', 'shop.Order.Line', { sku: 'x' }, byHeader),
    plain('Json', 'with a reference', person('money.json'), { name: 'ann', has: { units: 3 } }, { validate: true }),
    plain('Json', 'by header', person('money.json'), { name: 'bob', has: { units: 4 } }, { validate: true, ...byHeader }),
    plain('Avro', 'with a reference', avroOrder, avroValue),
    plain('Avro', 'by header', avroOrder, avroValue, byHeader),
  ]),
)
