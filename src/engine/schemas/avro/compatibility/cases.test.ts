/**
 * The recorded verdicts of Apache's implementation, and a fixture of our own for a clone without them. What was recorded: Python's names in
 * small letters, '/' for the root, and '/' again beside the place of a name.
 */
import { describe, expect, it } from 'vitest'
import { referenceFile } from '../../../testing/reference-file'
import { avroFormat } from '../index'
import { enumOf, field, fixed, record, schemaOf } from '../testing/schemas'

interface RecordedCase {
  readonly reader: unknown
  readonly writer: unknown
  readonly compatible: boolean
  readonly incompatibilities: readonly string[]
  readonly locations: readonly string[]
  readonly messages: readonly string[]
}

const differences = (reader: unknown, writer: unknown) =>
  avroFormat.incompatibilities(schemaOf(reader), schemaOf(writer), 'STRICT')

/** 'TYPE /path info' of each, the path as the registry's words have it. */
const told = (reader: unknown, writer: unknown): readonly string[] =>
  differences(reader, writer).map(
    ({ type, description, additionalInfo }) => `${type} ${/path '([^']*)'/.exec(description)?.[1]} ${additionalInfo}`,
  )

describe('recorded pairs of Apache Avro', () => {
  const text = referenceFile('apache-avro/avro-compatibility-cases.json', 'recorded compatibility of Apache Avro')
  const cases = (text ? JSON.parse(text) : []) as readonly RecordedCase[]
  it.runIf(text)('are all there', () => {
    expect(cases).toHaveLength(131)
  })
  for (const [index, recorded] of cases.entries())
    it(`pair ${index}: ${JSON.stringify(recorded.reader).slice(0, 60)} reads ${JSON.stringify(recorded.writer).slice(0, 60)}`, () => {
      const found = differences(recorded.reader, recorded.writer)
      expect(found.length === 0).toBe(recorded.compatible)
      expect(found.map(({ type }) => type.toLowerCase())).toEqual(recorded.incompatibilities)
      const locations = found.map(({ description }) => /path '([^']*)'/.exec(description)![1]!)
      const recordedLocations = recorded.locations.filter((location) => recorded.locations.length === 1 || location !== '/')
      if (!recorded.compatible) expect([...new Set(locations)].sort()).toEqual([...recordedLocations].sort())
      expect(found.map(({ additionalInfo }) => asPythonSays(additionalInfo!)).sort()).toEqual([...recorded.messages].sort())
    })
})

/** Python writes types in small letters where one type meets another, and sets with braces. */
const asPythonSays = (info: string): string =>
  info.startsWith('reader type:')
    ? info.replace(/[A-Z]+/g, (word) => word.toLowerCase())
    : info.replace(
        /^\[(.*)\]$/,
        (_, symbols: string) =>
          `{${symbols
            .split(', ')
            .map((symbol) => `'${symbol}'`)
            .join(', ')}}`,
      )

const colours = (...symbols: string[]) => enumOf('Colour', symbols)

/** reader, writer, what is told when reader reads writer, and what when writer reads reader. */
const pairs: readonly (readonly [string, unknown, unknown, readonly string[], readonly string[]])[] = [
  ['equal primitives', 'int', 'int', [], []],
  ['int and long', 'long', 'int', [], ['TYPE_MISMATCH / reader type: INT not compatible with writer type: LONG']],
  ['int and float', 'float', 'int', [], ['TYPE_MISMATCH / reader type: INT not compatible with writer type: FLOAT']],
  ['int and double', 'double', 'int', [], ['TYPE_MISMATCH / reader type: INT not compatible with writer type: DOUBLE']],
  ['long and float', 'float', 'long', [], ['TYPE_MISMATCH / reader type: LONG not compatible with writer type: FLOAT']],
  ['long and double', 'double', 'long', [], ['TYPE_MISMATCH / reader type: LONG not compatible with writer type: DOUBLE']],
  ['float and double', 'double', 'float', [], ['TYPE_MISMATCH / reader type: FLOAT not compatible with writer type: DOUBLE']],
  ['string and bytes', 'string', 'bytes', [], []],
  [
    'boolean and int',
    'boolean',
    'int',
    ['TYPE_MISMATCH / reader type: BOOLEAN not compatible with writer type: INT'],
    ['TYPE_MISMATCH / reader type: INT not compatible with writer type: BOOLEAN'],
  ],
  [
    'array and map',
    { type: 'array', items: 'int' },
    { type: 'map', values: 'int' },
    ['TYPE_MISMATCH / reader type: ARRAY not compatible with writer type: MAP'],
    ['TYPE_MISMATCH / reader type: MAP not compatible with writer type: ARRAY'],
  ],
  [
    'items of arrays',
    { type: 'array', items: 'long' },
    { type: 'array', items: 'int' },
    [],
    ['TYPE_MISMATCH /items reader type: INT not compatible with writer type: LONG'],
  ],
  [
    'values of maps, deep',
    { type: 'map', values: { type: 'array', items: 'double' } },
    { type: 'map', values: { type: 'array', items: 'long' } },
    [],
    ['TYPE_MISMATCH /values/items reader type: LONG not compatible with writer type: DOUBLE'],
  ],
  [
    'sizes of fixed',
    fixed('Md5', 16),
    fixed('Md5', 8),
    ['FIXED_SIZE_MISMATCH /size expected: 8, found: 16'],
    ['FIXED_SIZE_MISMATCH /size expected: 16, found: 8'],
  ],
  ['symbols of an enum', colours('RED', 'BLUE'), colours('RED'), [], ['MISSING_ENUM_SYMBOLS /symbols [BLUE]']],
  ['several symbols, sorted', colours('RED'), colours('Z', 'RED', 'A'), ['MISSING_ENUM_SYMBOLS /symbols [A, Z]'], []],
  ['an enum with a default', enumOf('Colour', ['RED'], { default: 'RED' }), colours('RED', 'BLUE'), [], []],
  [
    'names of records',
    record('A', []),
    record('B', []),
    ['NAME_MISMATCH /name expected: B'],
    ['NAME_MISMATCH /name expected: A'],
  ],
  ['namespaces', record('R', [], { namespace: 'n1' }), record('R', [], { namespace: 'n2' }), [], []],
  [
    'an alias with its namespace',
    record('New', [], { namespace: 'n', aliases: ['Old'] }),
    record('Old', [], { namespace: 'n' }),
    [],
    ['NAME_MISMATCH /name expected: n.New'],
  ],
  [
    'an alias in another namespace',
    record('New', [], { namespace: 'n', aliases: ['other.Old'] }),
    record('Old', [], { namespace: 'n' }),
    ['NAME_MISMATCH /name expected: n.Old'],
    ['NAME_MISMATCH /name expected: n.New'],
  ],
  ['a field more', record('R', [field('a', 'int')]), record('R', []), ['READER_FIELD_MISSING_DEFAULT_VALUE /fields/0 a'], []],
  ['a field more with a default', record('R', [field('a', 'int', { default: 1 })]), record('R', []), [], []],
  ['a field more with the default null', record('R', [field('a', ['null', 'int'], { default: null })]), record('R', []), [], []],
  [
    'a field renamed with an alias',
    record('R', [field('b', 'int', { aliases: ['a'] })]),
    record('R', [field('a', 'int')]),
    [],
    ['READER_FIELD_MISSING_DEFAULT_VALUE /fields/0 a'],
  ],
  [
    "a field more of an enum with the enum's own default, which Java compares with the whole record",
    record('R', [field('a', enumOf('E', ['X'], { default: 'X' }))]),
    record('R', []),
    ['TYPE_MISMATCH /fields/0/type reader type: ENUM not compatible with writer type: RECORD'],
    [],
  ],
  [
    'two differences at once',
    record('R', [field('a', 'int'), field('b', fixed('F', 2))]),
    record('R', [field('b', fixed('F', 4))]),
    ['READER_FIELD_MISSING_DEFAULT_VALUE /fields/0 a', 'FIXED_SIZE_MISMATCH /fields/1/type/size expected: 4, found: 2'],
    ['FIXED_SIZE_MISMATCH /fields/0/type/size expected: 2, found: 4'],
  ],
  ['unions of different order', ['int', 'string'], ['string', 'int'], [], []],
  [
    'a branch more',
    ['null', 'int', 'boolean'],
    ['null', 'int'],
    [],
    ['MISSING_UNION_BRANCH /2 reader union lacking writer type: BOOLEAN'],
  ],
  [
    'a branch that promotes',
    ['null', 'long'],
    ['null', 'int'],
    [],
    ['MISSING_UNION_BRANCH /1 reader union lacking writer type: LONG'],
  ],
  [
    'a union reads its branch',
    ['null', 'string'],
    'string',
    [],
    ['TYPE_MISMATCH / reader type: STRING not compatible with writer type: NULL'],
  ],
  [
    'a union lacks the type',
    ['null', 'string'],
    'int',
    ['MISSING_UNION_BRANCH / reader union lacking writer type: INT'],
    [
      'TYPE_MISMATCH / reader type: INT not compatible with writer type: NULL',
      'TYPE_MISMATCH / reader type: INT not compatible with writer type: STRING',
    ],
  ],
  ['a union of one', ['int'], 'int', [], []],
  [
    'two records in a union, one of them changed',
    ['null', record('A', [field('x', 'int')]), record('B', [field('y', 'int')])],
    ['null', record('A', []), record('B', [field('y', 'int')])],
    ['MISSING_UNION_BRANCH /1 reader union lacking writer type: RECORD'],
    [],
  ],
  ['logical types', { type: 'long', logicalType: 'timestamp-millis' }, { type: 'long', logicalType: 'timestamp-micros' }, [], []],
  [
    'docs, orders and attributes',
    record('R', [field('a', 'int', { doc: 'x', order: 'ignore', x: 1 })], { doc: 'y' }),
    record('R', [field('a', 'int')]),
    [],
    [],
  ],
]

describe('pairs of our own, both ways round', () => {
  for (const [name, reader, writer, forth, back] of pairs)
    it(name, () => {
      expect(told(reader, writer)).toEqual(forth)
      expect(told(writer, reader)).toEqual(back)
    })
})
