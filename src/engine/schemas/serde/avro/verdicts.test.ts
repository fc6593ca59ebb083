/**
 * The registry's verdict and the codec must not contradict each other: where compatibility says that a reader reads everything of a writer, every
 * message of the writer is read. (The other way round nothing follows: a message may do without what would break.)
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { avroFormat } from '../../avro'
import { sampleMessages } from '../../samples'
import { compileCodec } from '../codec'

const none = new Map<string, string>()

/** One field's type in several shapes, of which many are compatible with one another and many are not. */
const types: readonly unknown[] = [
  'int',
  'long',
  'float',
  'double',
  'string',
  'bytes',
  ['null', 'int'],
  ['null', 'string', 'long'],
  ['long', 'string', 'null'],
  { type: 'enum', name: 'E', symbols: ['A', 'B'] },
  { type: 'enum', name: 'other.E', symbols: ['B', 'A', 'C'] },
  { type: 'enum', name: 'E', symbols: ['C', 'D'], default: 'D' },
  { type: 'enum', name: 'F', aliases: ['shop.E'], symbols: ['A', 'B'] },
  { type: 'fixed', name: 'X', size: 2 },
  { type: 'fixed', name: 'X', size: 3 },
  { type: 'array', items: 'int' },
  { type: 'array', items: ['null', 'long'] },
  { type: 'map', values: 'int' },
  { type: 'map', values: ['double', 'null'] },
  { type: 'record', name: 'R', fields: [{ name: 'a', type: 'int' }] },
  { type: 'record', name: 'other.R', fields: [{ name: 'b', type: 'long', aliases: ['a'] }] },
  { type: 'record', name: 'R', fields: [{ name: 'c', type: 'string', default: 'x' }] },
  { type: 'record', name: 'S', aliases: ['shop.R'], fields: [] },
  ['null', { type: 'record', name: 'R', fields: [{ name: 'a', type: 'long' }] }, { type: 'record', name: 'S', fields: [] }],
  { type: 'record', name: 'N', fields: [{ name: 'next', type: ['null', 'N'] }] },
  {
    type: 'record',
    name: 'N',
    fields: [
      { name: 'next', type: ['N', 'null'] },
      { name: 'd', type: ['null', 'int'], default: 3 },
    ],
  },
]

const field = fc.record({ name: fc.constantFrom('p', 'q', 'r'), type: fc.constantFrom(...types), hasDefault: fc.boolean() })
const schema = fc.uniqueArray(field, { selector: ({ name }) => name, minLength: 1, maxLength: 1 }).map((fields) =>
  JSON.stringify({
    type: 'record',
    name: 'Order',
    namespace: 'shop',
    fields: fields.map(({ name, type, hasDefault }) => ({
      name,
      type,
      ...(hasDefault && Array.isArray(type) && type[0] === 'null' ? { default: null } : {}),
    })),
  }),
)

const parsed = (text: string) => {
  const result = avroFormat.parse(text, none, { isNew: true })
  if (!result.ok) throw new Error(`${text}: ${result.error[0]?.message}`)
  return result.value
}

test('a reader that is compatible reads every message of the writer', () => {
  let compatible = 0
  let refused = 0
  fc.assert(
    fc.property(schema, schema, fc.integer(), (writer, reader, seed) => {
      const isCompatible = avroFormat.incompatibilities(parsed(reader), parsed(writer), 'STRICT').length === 0
      const codec = compileCodec({ type: 'AVRO', text: writer, references: none, readerText: reader })
      for (const sample of sampleMessages({ type: 'AVRO', text: writer, references: none }, { seed, count: 3 })) {
        const payload = codec.encode(sample)
        if (isCompatible) {
          const { json } = codec.decode(payload)
          // What the reader was shown is a message of the reader's.
          compileCodec({ type: 'AVRO', text: reader, references: none }).encode(json)
          compatible++
        } else {
          try {
            codec.decode(payload)
          } catch {
            refused++
          }
        }
      }
    }),
    { numRuns: 700, seed: 42 },
  )
  // Both halves were really tried.
  expect(compatible).toBeGreaterThan(80)
  expect(refused).toBeGreaterThan(80)
})
