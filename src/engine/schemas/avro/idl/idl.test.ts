import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readProtocol } from 'avsc'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { referenceFile, referencePath } from '../../../testing/reference-file'
import { avroFormat, outlineOfIdl, parseAvroIdl, printAvroIdl } from '../index'
import { anySchema } from '../testing/arbitraries'
import { applyFix, schemaOf } from '../testing/schemas'

const read = (text: string, references: ReadonlyMap<string, string> = new Map()) => {
  const outcome = parseAvroIdl(text, references, { isNew: true })
  if (!outcome.ok) throw new Error(outcome.error.map(({ message, from }) => `${from}: ${message}`).join('\n'))
  return outcome.value
}
const json = (text: string): unknown => JSON.parse(read(text).schemaText)
/** What stands at each problem, and what is said of it. */
const problems = (text: string): readonly string[] => {
  const outcome = parseAvroIdl(text, new Map(), { isNew: true })
  return (outcome.ok ? outcome.value.warnings : outcome.error).map(
    ({ from, to, message }) => `${text.slice(from, to)}: ${message}`,
  )
}

describe('reading IDL', () => {
  it('reads every kind of type', () => {
    expect(
      json(`
      namespace com.acme;
      schema Order;
      /** Colours of things. */
      enum Colour { RED, @ignored(1) GREEN } = RED;
      fixed Md5(0x10);
      record Order {
        long id; /** who */ string customer, partner = "";
        union { null, Colour } colour = null;
        array<Md5> hashes = []; map<array<int>> counts;
        decimal(12, 2) total; decimal(9) tax; date day; time_ms at; timestamp_ms then; local_timestamp_ms there; uuid ref;
        boolean ok = true; float f = 1.5f; double d = .5; bytes b = "\\u00ff"; null nothing;
        Colour again; Order? parent; string? note = "x"; int octal = 017;
      }`),
    ).toEqual({
      type: 'record',
      name: 'Order',
      namespace: 'com.acme',
      fields: [
        { name: 'id', type: 'long' },
        { name: 'customer', type: 'string', doc: 'who' },
        { name: 'partner', type: 'string', doc: 'who', default: '' },
        {
          name: 'colour',
          type: ['null', { type: 'enum', name: 'Colour', doc: 'Colours of things.', symbols: ['RED', 'GREEN'], default: 'RED' }],
          default: null,
        },
        { name: 'hashes', type: { type: 'array', items: { type: 'fixed', name: 'Md5', size: 16 } }, default: [] },
        { name: 'counts', type: { type: 'map', values: { type: 'array', items: 'int' } } },
        { name: 'total', type: { type: 'bytes', logicalType: 'decimal', precision: 12, scale: 2 } },
        { name: 'tax', type: { type: 'bytes', logicalType: 'decimal', precision: 9 } },
        { name: 'day', type: { type: 'int', logicalType: 'date' } },
        { name: 'at', type: { type: 'int', logicalType: 'time-millis' } },
        { name: 'then', type: { type: 'long', logicalType: 'timestamp-millis' } },
        { name: 'there', type: { type: 'long', logicalType: 'local-timestamp-millis' } },
        { name: 'ref', type: { type: 'string', logicalType: 'uuid' } },
        { name: 'ok', type: 'boolean', default: true },
        { name: 'f', type: 'float', default: 1.5 },
        { name: 'd', type: 'double', default: 0.5 },
        { name: 'b', type: 'bytes', default: 'ÿ' },
        { name: 'nothing', type: 'null' },
        { name: 'again', type: 'Colour' },
        { name: 'parent', type: ['null', 'Order'] },
        { name: 'note', type: ['string', 'null'], default: 'x' },
        { name: 'octal', type: 'int', default: 15 },
      ],
    })
    expect(read('record R { long big = 9223372036854775807L; }').schemaText).toContain('"default": 9223372036854775807')
  })

  it('reads annotations of definitions, types and fields', () => {
    expect(
      json(`@namespace("a.b") @aliases(["Old"]) @owner({"team": ["x", 1]}) record R {
        @logicalType("timestamp-micros") long @order("descending") @aliases(["then"]) at;
        @x(1) array<string> list;
        @y(true) string? maybe;
      }`),
    ).toEqual({
      type: 'record',
      name: 'R',
      namespace: 'a.b',
      fields: [
        { name: 'at', type: { type: 'long', logicalType: 'timestamp-micros' }, order: 'descending', aliases: ['then'] },
        { name: 'list', type: { type: 'array', items: 'string', x: 1 } },
        { name: 'maybe', type: ['null', { type: 'string', y: true }] },
      ],
      aliases: ['Old'],
      owner: { team: ['x', 1] },
    })
  })

  it('reads protocols: messages are no part of the schema, the last free type is', () => {
    const text = `@namespace("a") protocol P {
      record Inner { int x; } error Oops { string why; }
      record Outer { Inner inner; Inner? other = null; }
      /** says it */ Outer send(Inner what, int times = 1) throws Oops; void ping() oneway;
    }`
    expect(json(text)).toMatchObject({ name: 'Outer', namespace: 'a' })
    expect(problems(text)).toEqual([
      'Oops: Oops is not used by the schema and will not be part of it.',
      'Outer: Outer is taken for the schema: it is the last type that no other one uses.',
    ])
  })

  it('reads names of other namespaces, names in backticks and names of references', () => {
    const money = '{"type":"record","name":"Money","namespace":"com.acme","fields":[]}'
    const text =
      'namespace com.acme; schema array<R>; record R { x.y.E e; Money price; `record` it; E2 other; } @namespace("x.y") enum E { A } record `record` {} @namespace("z") enum E2 { B }'
    expect(parseAvroIdl(text, new Map([['m', money]]), { isNew: true })).toMatchObject({
      ok: false,
      error: [{ message: 'The type E2 is not in this namespace.' }],
    })
    const mended = read(text.replace('E2 other', 'z.E2 other'), new Map([['m', money]]))
    expect(JSON.parse(mended.schemaText)).toMatchObject({
      type: 'array',
      items: {
        namespace: 'com.acme',
        fields: [
          { type: { name: 'E', namespace: 'x.y' } },
          { type: 'Money' },
          { type: { name: 'record' } },
          { type: { namespace: 'z' } },
        ],
      },
    })
  })

  it('takes the stars out of comments', () => {
    expect(json('/**\n * One.\n *   Two.\n *\n * Three.\n */ record R {}')).toMatchObject({ doc: 'One.\n  Two.\n\nThree.' })
    expect(json('/**/ /* no */ // no\n record R {}')).not.toHaveProperty('doc')
  })

  it('has the places of paths, and an outline', () => {
    const text = 'record Order {\n  long id;\n  union { null, Status } status = null;\n}\nenum Status { PLACED, PAID }'
    const idl = read(text)
    const at = (path: string) => {
      const range = idl.locate(path)!
      return text.slice(range.from, range.to)
    }
    expect([
      at(''),
      at('/fields/0'),
      at('/fields/0/type'),
      at('/fields/1/type/1'),
      at('/fields/1/type/1/symbols'),
      at('/fields/1/type/1/symbols/1'),
      at('/fields/1/default'),
    ]).toEqual(['Order', 'id', 'long', 'Status', 'Status', 'PAID', 'null'])
    expect(outlineOfIdl(text)[0]!.children.map(({ name, detail }) => `${name} ${detail}`)).toEqual([
      'id long',
      'status enum Status?',
    ])
    expect(outlineOfIdl(`${text} record`)).toHaveLength(1)
    expect(outlineOfIdl('')).toEqual([])
  })
})

describe('problems of IDL', () => {
  it('are told in place, all of them', () => {
    expect(problems('record R {\n  string a\n  long b;\n  unknown c;\n  int d = "x";\n}')).toEqual([
      'a: A ; is missing behind this.',
      'unknown: The type unknown is unknown.',
      '"x": The default of "d" does not fit its type: the text "x" is no int.',
    ])
    expect(problems('record A { int x; record B { int y; }')).toEqual([
      'A: A is not used by the schema and will not be part of it.',
      '{: The record A is not closed: its } is missing.',
      'B: B is taken for the schema: it is the last type that no other one uses.',
    ])
    expect(problems('enum E { A B }')[0]).toBe('B: A comma is missing before this symbol.')
    expect(problems('import idl "x.avdl"; record R { }')).toEqual([
      'import idl "x.avdl";: Imports are not followed: a schema of a registry stands alone.',
    ])
    expect(problems('record R { @logicalType("timestamp-milli") long at; }')).toEqual([
      '"timestamp-milli": Logical type timestamp-milli is unknown.',
    ])
    expect(problems('record R { @x(1) union { null, int } at; }')).toEqual(['@x: A union takes no annotations.'])
    expect(problems('record R { @doc("x") int a; }')[0]).toBe('@doc: @doc is no annotation: IDL has its own way to write it.')
    expect(problems('')).toEqual([': There is no schema in this text.'])
    expect(problems('record R { string s = "open; }')).toContain(
      '"open; }: This text is not closed: its second quote is missing.',
    )
  })

  it('have fixes in the words of IDL', () => {
    const mended = (text: string): string => {
      const outcome = parseAvroIdl(text, new Map(), { isNew: true })
      const [problem] = outcome.ok ? outcome.value.warnings : outcome.error
      return applyFix(text, problem!.fixes[0]!)
    }
    expect(mended('record R { strng a; }')).toBe('record R { string a; }')
    expect(mended('record R { @logicalType("timestamp-milli") long at; }')).toBe(
      'record R { @logicalType("timestamp-millis") long at; }',
    )
    expect(mended('record R { int a }')).toBe('record R { int a; }')
  })

  it('never throw and always end, whatever the text', () => {
    const word = fc.constantFrom(
      'record',
      'R',
      '{',
      '}',
      ';',
      'union',
      '<',
      '>',
      'array',
      '@',
      '(',
      ')',
      '"x"',
      '1',
      '=',
      ',',
      '?',
      '/** d */',
      'protocol',
      'schema',
      'enum',
      '`',
      'import',
      '\\',
      '"',
    )
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(word, { maxLength: 40 }).map((words) => words.join(' ')),
        ),
        (text) => {
          for (const problem of problemsOf(text))
            expect(0 <= problem.from && problem.from <= problem.to && problem.to <= text.length).toBe(true)
          outlineOfIdl(text)
        },
      ),
      { numRuns: 300 },
    )
  })
})

const problemsOf = (text: string) => {
  const outcome = parseAvroIdl(text, new Map(), { isNew: true })
  return outcome.ok ? outcome.value.warnings : outcome.error
}

describe('printing IDL', () => {
  it('prints what people would write', () => {
    const schema = schemaOf({
      type: 'record',
      name: 'Order',
      namespace: 'com.acme',
      doc: 'One order.',
      fields: [
        { name: 'id', type: 'long', doc: 'Its\nnumber.' },
        { name: 'status', type: { type: 'enum', name: 'Status', symbols: ['A', 'null'], default: 'A' }, default: 'A' },
        { name: 'total', type: { type: 'bytes', logicalType: 'decimal', precision: 30, scale: 2 } },
        { name: 'at', type: ['null', { type: 'long', logicalType: 'timestamp-millis' }], default: null },
        { name: 'exact', type: ['null', { type: 'long', logicalType: 'timestamp-nanos' }], default: null },
        {
          name: 'hash',
          type: { type: 'fixed', name: 'Md5', namespace: 'x', size: 16 },
          aliases: ['sum'],
          order: 'ignore',
          'my key': 1,
        },
      ],
    })
    expect(printAvroIdl(schema)).toBe(`// IDL cannot say: attribute "my key" of com.acme.Order.hash
namespace com.acme;
schema Order;

/** One order. */
record Order {
  /**
   * Its
   * number.
   */
  long id;
  Status status = "A";
  decimal(30, 2) total;
  timestamp_ms? at = null;
  union { null, @logicalType("timestamp-nanos") long } exact = null;
  x.Md5 @aliases(["sum"]) @order("ignore") hash;
}

enum Status { A, \`null\` } = A;

@namespace("x")
fixed Md5(16);
`)
  })

  it('reads back what it printed: generated schemas', () => {
    fc.assert(
      fc.property(anySchema, (value) => {
        const schema = schemaOf(value)
        const text = printAvroIdl(schema)
        const back = schemaOf(read(text).schemaText)
        const wanted = schemaOf(JSON.stringify(value).replace(/\*\//g, '* /'))
        expect(avroFormat.normalizedText(back), text).toBe(avroFormat.normalizedText(wanted))
      }),
      { numRuns: 150 },
    )
  })
})

describe('beside avsc', () => {
  const protocols = [
    'protocol P { record R { int a; union { null, string } b = null; array<long> c = []; map<R> d; } enum E { X, Y } fixed F(3); }',
    '@namespace("n") protocol P { @aliases(["o"]) record R { @order("ignore") string x = "a"; E e; } enum E { X } }',
    '/** p */ protocol P { /** r */ record R { /** f */ double d = 1.0e3; date day; } }',
  ]
  for (const text of protocols)
    it(`says the same of ${text.slice(0, 60)}`, () => {
      const { types } = readProtocol(text) as { readonly types: readonly { readonly name: string }[] }
      const declared = new Map(types.map((type) => [type.name.split('.').pop()!, type]))
      // Its types stand side by side: of each that ours inlines, name and fields or symbols are compared.
      const compare = (mine: unknown): void => {
        if (Array.isArray(mine)) for (const part of mine) compare(part)
        else if (mine && typeof mine === 'object') {
          const type = mine as {
            name?: string
            type?: unknown
            fields?: readonly { name: string; default?: unknown; order?: string }[]
            symbols?: unknown
            size?: unknown
          }
          const theirs =
            type.name !== undefined && typeof type.type === 'string'
              ? (declared.get(type.name) as typeof type | undefined)
              : undefined
          if (theirs && (type.fields || type.symbols || type.size)) {
            expect(type.symbols).toEqual(theirs.symbols)
            expect(type.size).toEqual(theirs.size)
            expect(type.fields?.map(({ name, default: value, order }) => [name, value, order])).toEqual(
              theirs.fields?.map(({ name, default: value, order }) => [name, value, order]),
            )
          }
          for (const part of Object.values(mine)) compare(part)
        }
      }
      compare(json(text))
    })
})

describe("Apache's own texts", () => {
  const sample = referenceFile('apache-avro/schemas/interop.avsc', "Apache's IDL texts")
  const folder = referencePath('apache-avro/schemas')
  for (const file of sample ? readdirSync(folder).filter((name) => name.endsWith('.avdl')) : [])
    it(`reads ${file}, prints it and reads it again`, () => {
      const text = readFileSync(join(folder, file), 'utf8')
      const outcome = parseAvroIdl(text, new Map(), { isNew: true })
      if (!outcome.ok) {
        // A protocol of an import and nothing else is refused for its import alone.
        expect(outcome.error.map(({ message }) => message).filter((message) => !message.startsWith('Imports'))).toEqual([])
        expect(text).toContain('import')
        return
      }
      const schema = schemaOf(outcome.value.schemaText)
      expect(avroFormat.normalizedText(schemaOf(read(printAvroIdl(schema)).schemaText))).toBe(avroFormat.normalizedText(schema))
    })
})
