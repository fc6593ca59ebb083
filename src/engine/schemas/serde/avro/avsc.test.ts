/**
 * avsc as the judge of our Avro: of generated schemas and messages it must read what we write, write the same bytes, and resolve a reader's schema to
 * the same values. It is asked only for schemas that it takes (it refuses some that the registry accepts).
 */
import avro from 'avsc'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sampleMessages } from '../../samples'
import { compileCodec } from '../codec'

const longs = avro.types.LongType.__with({
  fromBuffer: (buffer: Buffer) => buffer.readBigInt64LE(),
  toBuffer(value: bigint) {
    const buffer = Buffer.alloc(8)
    buffer.writeBigInt64LE(value)
    return buffer
  },
  fromJSON: (value: number) => BigInt(value),
  toJSON: String,
  isValid: (value: unknown) => typeof value === 'bigint',
  compare: (a: bigint, b: bigint) => (a < b ? -1 : a > b ? 1 : 0),
})
type Schema = string | readonly Schema[] | { readonly [name: string]: unknown }

/** Without logical types, which are no part of the bytes: avsc would take its own long for one that has attributes. */
function plain(schema: Schema): Schema {
  if (typeof schema === 'string') return schema
  if (Array.isArray(schema)) return schema.map((branch) => plain(branch as Schema))
  const result: Record<string, unknown> = { ...schema }
  if ('logicalType' in result && typeof result['type'] === 'string') return result['type']
  for (const key of ['items', 'values']) if (key in result) result[key] = plain(result[key] as Schema)
  if (Array.isArray(result['fields']))
    result['fields'] = (result['fields'] as { type: Schema }[]).map((field) => ({ ...field, type: plain(field.type) }))
  return result
}

const judge = (schema: Schema): avro.Type =>
  avro.Type.forSchema(plain(schema) as avro.Schema, {
    wrapUnions: true,
    // Not by its registry, where a namespace around it hides it.
    typeHook: (given) => ((given as unknown) === 'long' ? longs : undefined),
  })

/** Names are made unique afterwards; a field's name hints at a meaning for the sample. */
const fieldName = fc.constantFrom('id', 'name', 'email', 'price', 'createdAt', 'count', 'items', 'x')
const scalar: fc.Arbitrary<Schema> = fc.oneof(
  fc.constantFrom<Schema>('null', 'boolean', 'int', 'long', 'float', 'double', 'bytes', 'string'),
  fc.constantFrom<Schema>(
    { type: 'bytes', logicalType: 'decimal', precision: 30, scale: 4 },
    { type: 'int', logicalType: 'date' },
    { type: 'long', logicalType: 'timestamp-nanos' },
    { type: 'string', logicalType: 'uuid' },
  ),
)
const { schema: schemas } = fc.letrec<{ schema: Schema; record: Schema }>((tie) => ({
  record: fc
    .uniqueArray(fc.tuple(fieldName, tie('schema')), { selector: ([name]) => name, minLength: 1, maxLength: 4 })
    .map((fields) => ({ type: 'record', name: '?', fields: fields.map(([name, type]) => ({ name, type })) })),
  schema: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    scalar,
    tie('record'),
    fc.constantFrom<Schema>({ type: 'enum', name: '?', symbols: ['A', 'B', 'C'] }, { type: 'fixed', name: '?', size: 5 }),
    tie('schema').map((items): Schema => ({ type: 'array', items })),
    tie('schema').map((values): Schema => ({ type: 'map', values })),
    fc
      .uniqueArray(fc.oneof(scalar, tie('record'), tie('record')), { selector: kindOf, minLength: 1, maxLength: 4 })
      .filter((branches) => branches.length > 0),
  ),
}))

/** Of a union no two may be of one kind, but for records. */
function kindOf(schema: Schema): string {
  if (typeof schema === 'string') return schema
  return 'fields' in schema ? JSON.stringify(schema) : String((schema as { type: unknown }).type)
}

/** Unions stand in no union, and every type has a name of its own. */
function named(schema: Schema, counter = { next: 0 }): Schema {
  if (typeof schema === 'string') return schema
  if (Array.isArray(schema)) return schema.map((branch) => named(branch as Schema, counter))
  const result: Record<string, unknown> = { ...schema }
  if (result['name'] === '?') result['name'] = `n${counter.next % 2}.T${counter.next++}`
  for (const key of ['items', 'values']) if (key in result) result[key] = named(result[key] as Schema, counter)
  if (Array.isArray(result['fields'])) {
    result['fields'] = (result['fields'] as { name: string; type: Schema }[]).map(({ name, type }) => ({
      name,
      type: named(type, counter),
    }))
  }
  return result
}

/** A newer version: numbers widened, fields turned round, one more with a default, nullable made of what was not. */
function evolved(schema: Schema, flags: readonly boolean[], at = { next: 0 }): Schema {
  const flag = (): boolean => flags[at.next++ % flags.length]!
  if (typeof schema === 'string') {
    const wider: Record<string, string> = { int: 'long', float: 'double', string: 'bytes', bytes: 'string' }
    return flag() ? (wider[schema] ?? schema) : schema
  }
  if (Array.isArray(schema)) return schema
  const result: Record<string, unknown> = { ...schema }
  for (const key of ['items', 'values']) if (key in result) result[key] = evolved(result[key] as Schema, flags, at)
  if (Array.isArray(result['fields'])) {
    const fields = (result['fields'] as { name: string; type: Schema }[]).map(({ name, type }) => ({
      name,
      type: evolved(type, flags, at),
    }))
    if (flag()) fields.reverse()
    if (flag()) fields.pop()
    if (flag()) fields.push({ name: 'added', type: ['null', 'long'], default: null } as never)
    result['fields'] = fields
  }
  return result
}

const codecOf = (schema: Schema, reader?: Schema) =>
  compileCodec({
    type: 'AVRO',
    text: JSON.stringify(schema),
    references: new Map(),
    ...(reader === undefined ? {} : { readerText: JSON.stringify(reader) }),
  })

test('avsc reads what is written here, and writes the same bytes', () => {
  fc.assert(
    fc.property(
      schemas.map((schema) => named(schema)),
      fc.integer(),
      (schema, seed) => {
        const type = judge(schema)
        const codec = codecOf(schema)
        for (const sample of sampleMessages(
          { type: 'AVRO', text: JSON.stringify(schema), references: new Map() },
          { seed, count: 2 },
        )) {
          const bytes = Buffer.from(codec.encode(sample))
          const value: unknown = type.fromBuffer(bytes)
          expect(type.toBuffer(value).equals(bytes)).toBe(true)
          expect(codec.decode(bytes).json).toBe(sample)
        }
      },
    ),
    { numRuns: 60 },
  )
})

const wider: Readonly<Record<string, readonly string[]>> = {
  int: ['long', 'float', 'double'],
  long: ['float', 'double'],
  float: ['double'],
  string: ['bytes'],
  bytes: ['string'],
}

/**
 * Whether a union holds a branch behind one that it would be promoted to. Java's resolver (and ours) looks for a branch of the same type first
 * (Resolver.ReaderUnion.firstMatchingBranch), avsc takes the first branch that can be read: it is no judge there.
 */
function hasPromotionInUnion(schema: Schema): boolean {
  if (typeof schema === 'string') return false
  if (Array.isArray(schema)) {
    const branches = schema.map((branch) => plain(branch as Schema))
    return (
      schema.some((branch) => hasPromotionInUnion(branch as Schema)) ||
      branches.some((branch, at) => wider[branch as string]?.some((name) => branches.slice(0, at).includes(name)) === true)
    )
  }
  const { items, values, fields } = schema as { items?: Schema; values?: Schema; fields?: readonly { type: Schema }[] }
  return [items, values, ...(fields ?? []).map(({ type }) => type)].some(
    (part) => part !== undefined && hasPromotionInUnion(part),
  )
}

test('avsc resolves a reader’s schema to the same', () => {
  const writers = schemas.map((schema) => named(schema))
  fc.assert(
    fc.property(writers, fc.array(fc.boolean(), { minLength: 7, maxLength: 7 }), fc.integer(), (writer, flags, seed) => {
      fc.pre(!hasPromotionInUnion(writer))
      const reader = evolved(writer, flags)
      const [writerType, readerType] = [judge(writer), judge(reader)]
      const resolver = readerType.createResolver(writerType)
      const codec = codecOf(writer, reader)
      for (const sample of sampleMessages(
        { type: 'AVRO', text: JSON.stringify(writer), references: new Map() },
        { seed, count: 2 },
      )) {
        const bytes = Buffer.from(codec.encode(sample))
        const theirs = readerType.toBuffer(readerType.fromBuffer(bytes, resolver))
        expect(codec.decode(bytes).json).toBe(codecOf(reader).decode(theirs).json)
      }
    }),
    { numRuns: 60 },
  )
})
