/** Subjects of the imagined shop: what the fake registry starts with. Texts are as a registry stores them, on one line. */
import type { SchemaReferenceView, SchemaType } from '../../../shared/model/schemas'

export interface FakeSubjectSeed {
  readonly subject: string
  readonly type: SchemaType
  readonly texts: readonly string[]
  readonly references?: readonly SchemaReferenceView[]
}

interface OrderShape {
  readonly symbols: readonly string[]
  readonly currency?: 'required' | 'default'
  readonly coupon?: boolean
  readonly lines?: boolean
}

function orderSchema({ symbols, currency, coupon, lines }: OrderShape): string {
  return JSON.stringify({
    type: 'record',
    name: 'Order',
    namespace: 'com.acme.orders',
    fields: [
      { name: 'orderId', type: 'long' },
      { name: 'customerId', type: 'string' },
      { name: 'status', type: { type: 'enum', name: 'Status', symbols } },
      { name: 'total', type: { type: 'bytes', logicalType: 'decimal', precision: 12, scale: 2 } },
      ...(currency ? [{ name: 'currency', type: 'string', ...(currency === 'default' ? { default: 'EUR' } : {}) }] : []),
      ...(lines ? [{ name: 'lines', type: { type: 'array', items: 'com.acme.Line' } }] : []),
      { name: 'placedAt', type: { type: 'long', logicalType: 'timestamp-millis' } },
      ...(coupon ? [{ name: 'coupon', type: ['null', 'string'], default: null }] : []),
    ],
  })
}

const base = ['PLACED', 'PAID', 'SHIPPED', 'CANCELLED']
const record = (name: string, namespace: string, fields: readonly object[]): string =>
  JSON.stringify({ type: 'record', name, namespace, fields })

export const fakeSubjects: readonly FakeSubjectSeed[] = [
  {
    subject: 'com.acme.Money',
    type: 'AVRO',
    texts: [
      record('Money', 'com.acme', [{ name: 'amount', type: { type: 'bytes', logicalType: 'decimal', precision: 12, scale: 2 } }]),
      record('Money', 'com.acme', [
        { name: 'amount', type: { type: 'bytes', logicalType: 'decimal', precision: 12, scale: 2 } },
        { name: 'currency', type: 'string', default: 'EUR' },
      ]),
    ],
  },
  {
    subject: 'com.acme.Line',
    type: 'AVRO',
    texts: [
      record('Line', 'com.acme', [
        { name: 'sku', type: 'string' },
        { name: 'quantity', type: 'int' },
        { name: 'unit', type: 'com.acme.Money' },
      ]),
    ],
    references: [{ name: 'com.acme.Money', subject: 'com.acme.Money', version: 2 }],
  },
  {
    subject: 'orders-value',
    type: 'AVRO',
    texts: [
      orderSchema({ symbols: base }),
      orderSchema({ symbols: base, coupon: true }),
      orderSchema({ symbols: [...base].reverse(), coupon: true }),
      orderSchema({ symbols: base, currency: 'default' }),
      orderSchema({ symbols: base, currency: 'default', coupon: true }),
      orderSchema({ symbols: [...base, 'REFUNDED'], currency: 'default', coupon: true }),
      orderSchema({ symbols: [...base, 'REFUNDED'], currency: 'default', coupon: true, lines: true }),
    ],
    references: [{ name: 'com.acme.Line', subject: 'com.acme.Line', version: 1 }],
  },
  { subject: 'orders-key', type: 'AVRO', texts: ['"string"'] },
  {
    subject: 'customers-value',
    type: 'AVRO',
    texts: [
      record('Customer', 'com.acme', [
        { name: 'id', type: 'string' },
        { name: 'email', type: ['null', 'string'], default: null },
      ]),
    ],
  },
  {
    subject: 'inventory.movements-value',
    type: 'JSON',
    texts: [
      '{"$schema":"http://json-schema.org/draft-07/schema#","title":"Movement","type":"object","properties":{"sku":{"type":"string"},"by":{"type":"integer"}},"required":["sku"]}',
    ],
  },
  {
    subject: 'fraud.scores-value',
    type: 'PROTOBUF',
    texts: ['syntax = "proto3";\npackage acme.fraud;\n\nmessage Score {\n  string order_id = 1;\n  double risk = 2;\n}\n'],
  },
]

/** Thousands, as some registries have. */
export const manySubjects = (count: number): FakeSubjectSeed[] =>
  Array.from({ length: count }, (_, index) => ({
    subject: `team-${String.fromCharCode(97 + (index % 9))}.stream-${String(index).padStart(4, '0')}-${index % 5 === 0 ? 'key' : 'value'}`,
    type: (['AVRO', 'AVRO', 'JSON', 'PROTOBUF'] as const)[index % 4]!,
    texts: [
      index % 4 === 3
        ? `syntax = "proto3";\nmessage Event${index} {\n  int64 id = 1;\n}\n`
        : index % 4 === 2
          ? `{"type":"object","title":"Event${index}","properties":{"id":{"type":"integer"}}}`
          : record(`Event${index}`, 'com.acme', [{ name: 'id', type: 'long' }]),
    ],
  }))
