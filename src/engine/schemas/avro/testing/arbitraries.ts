/** Generated Avro schemas that are valid: closed over a few names, so that two of them often meet. For property tests. */
import fc from 'fast-check'

type Json = unknown

const primitives = ['null', 'boolean', 'int', 'long', 'float', 'double', 'bytes', 'string'] as const
const fieldNames = ['a', 'b', 'c', 'd'] as const
const symbols = ['RED', 'GREEN', 'BLUE', 'GREY'] as const

/** A name is defined once in a schema: a counter makes each definition's own, and a small alphabet keeps pairs comparable. */
class Definitions {
  private readonly counts = new Map<string, number>()

  take(base: string): string {
    const count = this.counts.get(base) ?? 0
    this.counts.set(base, count + 1)
    return count === 0 ? base : `${base}${count}`
  }
}

interface Recipe {
  readonly make: (definitions: Definitions) => Json
}

const logicalTypes = fc.constantFrom<Json>(
  { type: 'int', logicalType: 'date' },
  { type: 'long', logicalType: 'timestamp-millis' },
  { type: 'bytes', logicalType: 'decimal', precision: 30, scale: 4 },
  { type: 'string', logicalType: 'uuid' },
)

const leaf: fc.Arbitrary<Recipe> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...primitives).map((name): Recipe => ({ make: () => name })) },
  { weight: 1, arbitrary: logicalTypes.map((type): Recipe => ({ make: () => type })) },
  {
    weight: 2,
    arbitrary: fc.record({ list: fc.shuffledSubarray([...symbols], { minLength: 1 }), hasDefault: fc.boolean() }).map(
      ({ list, hasDefault }): Recipe => ({
        make: (names) => ({
          type: 'enum',
          name: names.take('Colour'),
          symbols: list,
          ...(hasDefault ? { default: list[0] } : {}),
        }),
      }),
    ),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom(4, 8)
      .map((size): Recipe => ({ make: (names) => ({ type: 'fixed', name: names.take('Hash'), size }) })),
  },
)

/** The default of a type, undefined where it has none that is sure to fit. */
function defaultOf(type: Json): Json {
  if (Array.isArray(type)) return defaultOf(type[0])
  const kind = typeof type === 'string' ? type : (type as { type: string }).type
  const values: Readonly<Record<string, Json>> = {
    null: null,
    boolean: true,
    int: 7,
    long: 9,
    float: 0.5,
    double: 1.5,
    bytes: 'x',
    string: 'text',
    array: [],
    map: {},
  }
  return kind === 'enum' ? (type as { symbols: readonly string[] }).symbols[0] : values[kind]
}

const type: fc.Memo<Recipe> = fc.memo((depth) => {
  if (depth <= 1) return leaf
  const inner = type(depth - 1)
  return fc.oneof(
    { weight: 4, arbitrary: leaf },
    { weight: 1, arbitrary: inner.map((items): Recipe => ({ make: (names) => ({ type: 'array', items: items.make(names) }) })) },
    { weight: 1, arbitrary: inner.map((values): Recipe => ({ make: (names) => ({ type: 'map', values: values.make(names) }) })) },
    { weight: 3, arbitrary: fc.array(inner, { minLength: 1, maxLength: 3 }).map(unionOf) },
    { weight: 3, arbitrary: recordRecipe(inner) },
  )
})

/** Branches of one kind are dropped but for the first: names aside, a union has each once. */
function unionOf(recipes: readonly Recipe[]): Recipe {
  return {
    make: (names) => {
      const branches: Json[] = []
      const kinds = new Set<string>()
      for (const recipe of recipes) {
        const made = recipe.make(names)
        for (const branch of Array.isArray(made) ? (made as Json[]) : [made]) {
          const kind =
            typeof branch === 'string' ? branch : ((branch as { name?: string }).name ?? (branch as { type: string }).type)
          if (!kinds.has(kind)) branches.push(branch)
          kinds.add(kind)
        }
      }
      return branches
    },
  }
}

const recordRecipe = (inner: fc.Arbitrary<Recipe>): fc.Arbitrary<Recipe> =>
  fc
    .record({
      names: fc.shuffledSubarray([...fieldNames]),
      types: fc.array(inner, { minLength: 4, maxLength: 4 }),
      defaults: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
      aliases: fc.array(fc.constantFrom(undefined, undefined, undefined, 'a', 'b'), { minLength: 4, maxLength: 4 }),
      docs: fc.array(fc.constantFrom(undefined, undefined, 'What it is', 'a "quoted" */ one'), { minLength: 4, maxLength: 4 }),
      isRecursive: fc.boolean(),
    })
    .map(
      ({ names, types, defaults, aliases, docs, isRecursive }): Recipe => ({
        make: (definitions) => {
          const name = definitions.take('Node')
          const fields = names.map((fieldName, index) => {
            const made = types[index]!.make(definitions)
            const value = defaults[index] ? defaultOf(made) : undefined
            const alias = aliases[index]
            return {
              name: fieldName,
              type: made,
              ...(docs[index] === undefined ? {} : { doc: docs[index] }),
              ...(value === undefined ? {} : { default: value }),
              ...(alias === undefined || names.includes(alias) ? {} : { aliases: [alias] }),
            }
          })
          return {
            type: 'record',
            name,
            fields: isRecursive ? [...fields, { name: 'next', type: ['null', name], default: null }] : fields,
          }
        },
      }),
    )

/** JSON values of schemas, up to four levels deep. */
export const anySchema: fc.Arbitrary<Json> = type(4).map((recipe) => recipe.make(new Definitions()))

export const recordSchema: fc.Arbitrary<Json> = recordRecipe(type(3)).map((recipe) => recipe.make(new Definitions()))
