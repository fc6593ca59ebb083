/** Each kind of difference as people read it: which field, what happens, what mends it. */
import { expect, it } from 'vitest'
import { avroFormat } from '../index'
import { enumOf, field, fixed, record, schemaOf } from '../testing/schemas'

const said = (reader: unknown, writer: unknown): readonly string[] =>
  avroFormat
    .incompatibilities(schemaOf(reader), schemaOf(writer), 'STRICT')
    .map(({ explanation, mend }) => `${explanation} | ${mend}`)
const order = (...fields: unknown[]) => record('Order', fields)

it.each([
  [
    'a symbol',
    order(field('status', enumOf('Status', ['PAID']))),
    order(field('status', enumOf('Status', ['PAID', 'REFUNDED']))),
    "In status: The writer has the symbol REFUNDED in Status. The reader does not know it and names no enum default, so it cannot decode it. | Keep REFUNDED in the reader's schema, or give its enum a default.",
  ],
  [
    'symbols of an inner record',
    order(field('line', record('Line', [field('kind', enumOf('Kind', []))]))),
    order(field('line', record('Line', [field('kind', enumOf('Kind', ['A', 'B', 'C']))]))),
    "In line.kind: The writer has the symbols A, B and C in Kind. The reader does not know them and names no enum default, so it cannot decode them. | Keep A, B and C in the reader's schema, or give its enum a default.",
  ],
  [
    'a field',
    order(field('currency', 'string')),
    order(),
    "The writer's Order has no field currency. The reader's Order has it without a default, so it has nothing to put there. | Give currency a default.",
  ],
  [
    'a field that may have been renamed',
    order(field('customer', 'string')),
    order(field('client', 'string'), field('id', 'long')),
    'The writer\'s Order has no field customer. The reader\'s Order has it without a default, so it has nothing to put there. | Give customer a default. If it was renamed, give it the alias "client".',
  ],
  [
    'a type',
    order(field('total', 'int')),
    order(field('total', { type: 'bytes', logicalType: 'decimal', precision: 9, scale: 2 })),
    'The writer writes total as a decimal(9, 2), and the reader expects an int, which cannot be read from it. | Keep decimal(9, 2), or let the reader take both in a union.',
  ],
  [
    'a name',
    order(field('price', record('Money', []))),
    order(field('price', record('com.acme.Amount', []))),
    'In price: The writer calls this record com.acme.Amount. The reader calls it Money and has no alias for the other name, so it takes the two for different types. | Name it Amount again, or give the reader\'s Money the alias "com.acme.Amount".',
  ],
  [
    'a size',
    fixed('Md5', 1),
    fixed('Md5', 16),
    "The writer's Md5 has 16 bytes, the reader's has 1 byte, so it would take the wrong bytes for it. | Keep the size of 16, or add a new field with a type of another name.",
  ],
  [
    'a branch',
    order(field('note', ['null', 'int'])),
    order(field('note', ['null', 'int', 'string'])),
    "The writer may write a string in note. The reader's int? has no branch that reads it. | Keep the branch string in the reader's union.",
  ],
  [
    'a branch that is there and does not read',
    order(field('m', ['null', record('Money', [field('cents', 'int')])])),
    order(field('m', ['null', record('Money', [])])),
    "In m: The writer may write the record Money, and the reader's branch for it does not read it: The writer's Money has no field cents. The reader's Money has it without a default, so it has nothing to put there. | Give cents a default.",
  ],
  [
    'an alias that means two fields',
    order(field('a', 'int', { aliases: ['b'] })),
    order(field('a', 'int'), field('b', 'int')),
    "The reader's field a answers to a and b of the writer by its name and aliases. No reader can tell which of them it is to take. | Take the aliases out of a that name fields which the writer has beside it.",
  ],
])('explains %s', (_, reader, writer, expected) => {
  expect(said(reader, writer)).toEqual([expected])
})

it('tells one difference once, however often its type is used', () => {
  const twice = (symbols: string[]) => order(field('a', enumOf('E', symbols)), field('b', 'E'))
  expect(said(twice(['A']), twice(['A', 'B']))).toHaveLength(1)
})

it('points at the place that names a type where the type stands in a referenced text', () => {
  const references = (fields: string) => new Map([['m', `{"type":"record","name":"Money","fields":[${fields}]}`]])
  const text = JSON.stringify(order(field('id', 'long'), field('price', 'Money')))
  const [difference] = avroFormat.incompatibilities(
    schemaOf(text, references('{"name":"cents","type":"int"}')),
    schemaOf(text, references('')),
    'STRICT',
  )
  expect(difference).toMatchObject({ path: '/fields/1/type', writerPath: null, type: 'READER_FIELD_MISSING_DEFAULT_VALUE' })
  const range = avroFormat.locate(text, difference!.path)!
  expect(text.slice(range.from, range.to)).toBe('"Money"')
})
