/**
 * Generates pairs of small schemas that are close to one another, for tests: made together, so that a pair differs in a place or two and is compatible
 * often enough. What the registry's rules are not true of (truth.test.ts says what) is not generated.
 */
import fc from 'fast-check'

export type Schema = boolean | { readonly [keyword: string]: unknown }
export type Pair<T = Schema> = readonly [original: T, update: T]

/** The same on both sides more often than not. */
const both = <T>(values: fc.Arbitrary<T>): fc.Arbitrary<Pair<T>> =>
  fc.oneof(
    { weight: 3, arbitrary: values.map((value): Pair<T> => [value, value]) },
    { weight: 2, arbitrary: fc.tuple(values, values) },
  )

const maybe = <T>(...values: readonly T[]): fc.Arbitrary<T | undefined> => fc.constantFrom(undefined, undefined, ...values)

/** A schema pair of keyword pairs; what is undefined is left out. */
const record = (keywords: Readonly<Record<string, fc.Arbitrary<Pair<unknown>>>>): fc.Arbitrary<Pair<Record<string, unknown>>> =>
  fc.record(keywords).map((pairs) => {
    const side = (index: 0 | 1) =>
      Object.fromEntries(Object.entries(pairs).flatMap(([key, pair]) => (pair[index] === undefined ? [] : [[key, pair[index]]])))
    return [side(0), side(1)]
  })

const merged = (...parts: readonly fc.Arbitrary<Pair<Record<string, unknown>>>[]): fc.Arbitrary<Pair<Record<string, unknown>>> =>
  fc
    .tuple(...parts)
    .map((pairs) => [Object.assign({}, ...pairs.map((pair) => pair[0])), Object.assign({}, ...pairs.map((pair) => pair[1]))])

const typed = (name: string): fc.Arbitrary<Pair<unknown>> => both(fc.constantFrom<unknown>(name, name, name, undefined))

const strings = record({
  type: typed('string'),
  minLength: both(maybe(1, 2)),
  maxLength: both(maybe(1, 2, 3)),
  pattern: both(maybe('^a', 'b')),
})
const numbers = record({
  type: both(fc.constantFrom('number', 'integer')),
  minimum: both(maybe(0, 1)),
  maximum: both(maybe(1, 2, 3)),
  exclusiveMinimum: both(maybe(0, -1)),
  exclusiveMaximum: both(maybe(2, 4)),
  multipleOf: both(maybe(0.5, 1, 2)),
})
const scalars = ['a', 'ab', 1, 1.5, null, true]
const enums = record({ enum: both(fc.uniqueArray(fc.constantFrom(...scalars), { minLength: 1, maxLength: 4 })) })
const consts = record({ const: both(fc.constantFrom(...scalars)) })
const types = record({
  type: both(
    fc.uniqueArray(fc.constantFrom('string', 'integer', 'number', 'null', 'boolean', 'object', 'array'), {
      minLength: 1,
      maxLength: 4,
    }),
  ),
})
const plain = record({ type: both(fc.constantFrom('boolean', 'null')) })
const booleans: fc.Arbitrary<Pair> = both(fc.boolean())

const leaves: fc.Arbitrary<Pair> = fc.oneof(strings, numbers, enums, consts, types, plain, booleans)
/** Two schemas that have nothing to do with one another. */
const strangers: fc.Arbitrary<Pair> = fc.tuple(leaves, leaves).map(([a, b]) => [a[0], b[1]])

export function schemaPairs(is2020: boolean): fc.Arbitrary<Pair> {
  const level = (depth: number): fc.Arbitrary<Pair> => {
    if (depth === 0) return leaves
    const inner = level(depth - 1)
    const optional = fc.oneof(fc.constant<Pair<Schema | undefined>>([undefined, undefined]), inner, one(inner))
    const objects = merged(
      record({
        type: typed('object'),
        properties: maps(inner, ['a', 'b', 'I_1']),
        patternProperties: maps(inner, ['^I', '^a']),
        additionalProperties: fc.oneof(optional, both(fc.constantFrom<unknown>(undefined, true, false, false))),
        required: both(fc.constantFrom(undefined, ['a'], ['b'], ['a', 'b'])),
        minProperties: both(maybe(1)),
        maxProperties: both(maybe(1, 2)),
        propertyNames: fc.oneof({ weight: 5, arbitrary: fc.constant<Pair<unknown>>([undefined, undefined]) }, optional),
        ...(is2020
          ? { dependentRequired: both(maybe({ a: ['b'] }, { a: ['I_1'] })), dependentSchemas: maps(inner, ['b']) }
          : { dependencies: both(maybe<unknown>({ a: ['b'] }, { a: { required: ['b'] } })) }),
      }),
    )
    const unevaluated = record({
      type: fc.constant<Pair>(['object' as never, 'object' as never]),
      properties: maps(inner, ['a', 'b']),
      unevaluatedProperties: fc.oneof(optional, both(fc.constantFrom<unknown>(undefined, true, false))),
    })
    const counts = {
      minItems: both(maybe(1, 2)),
      maxItems: both(maybe(1, 2)),
      uniqueItems: both(maybe(true)),
      contains: optional,
    }
    const contained = is2020 ? { minContains: both(maybe(0, 2)), maxContains: both(maybe(1, 2)) } : {}
    const lists = record({ type: typed('array'), items: optional, ...counts, ...contained })
    const tuple = fc
      .array(fc.oneof(inner, one(inner)), { minLength: 1, maxLength: 3 })
      .map((pairs): Pair<unknown> => sides(pairs))
    const rest = fc.oneof(optional, both(fc.constantFrom<unknown>(undefined, true, false)))
    const tuples = is2020
      ? record({ type: typed('array'), prefixItems: tuple, items: rest })
      : record({ type: typed('array'), items: fc.oneof(tuple, optional), additionalItems: rest })
    const sums = fc
      .tuple(
        both(fc.constantFrom('anyOf', 'anyOf', 'allOf')),
        fc.array(fc.oneof(inner, one(inner)), { minLength: 1, maxLength: 3 }),
      )
      .map(
        ([[before, after], pairs]): Pair<Record<string, unknown>> => [
          { [before]: sides(pairs)[0] },
          { [after]: sides(pairs)[1] },
        ],
      )
    const disjoint = fc
      .tuple(
        fc.oneof(strings, one(strings)),
        fc.oneof(numbers, one(numbers)),
        fc.constant<Pair<Schema | undefined>>([undefined, { type: 'null' }]),
      )
      .map((pairs): Pair<Record<string, unknown>> => {
        const kinds = ['string', 'number', 'null']
        const of = (index: 0 | 1) =>
          pairs.flatMap((pair, kind) => {
            const schema = pair[index]
            return typeof schema === 'object'
              ? [{ type: kinds[kind], ...schema, ...(schema['type'] === undefined ? { type: kinds[kind] } : {}) }]
              : []
          })
        const some = (branches: readonly Schema[]) => ({ oneOf: branches.length === 0 ? [{ type: 'boolean' }] : branches })
        return [some(of(0)), some(of(1))]
      })
    const nots = record({ not: inner })
    // Put together from entries: an object with a `then` of its own looks like a promise to the linter.
    const branches = ['then', 'else'].map((name) => [name, optional] as const)
    const conditionals = record({ if: both(leaves.map((pair) => pair[0])), ...Object.fromEntries(branches) })
    const beside = fc.oneof(fc.constant<Pair<Record<string, unknown>>>([{}, {}]), sums, enums, nots, conditionals)
    const others: fc.Arbitrary<Pair>[] = [
      leaves,
      strangers,
      sums,
      disjoint,
      nots,
      conditionals,
      lists,
      tuples,
      ...(is2020 ? [unevaluated] : []),
    ]
    return fc.oneof(
      { weight: 6, arbitrary: objects },
      { weight: 3, arbitrary: merged(fc.oneof(objects, strings, numbers, lists), beside) },
      ...others,
    )
  }
  return level(2)
}

/** On one side only. */
const one = (inner: fc.Arbitrary<Pair>): fc.Arbitrary<Pair<Schema | undefined>> =>
  fc.tuple(inner, fc.boolean()).map(([pair, isFirst]) => (isFirst ? [pair[0], undefined] : [undefined, pair[1]]))

const sides = (pairs: readonly Pair<Schema | undefined>[]): Pair<readonly Schema[]> => {
  const side = (index: 0 | 1) => {
    const kept = pairs.flatMap((pair) => (pair[index] === undefined ? [] : [pair[index]]))
    return kept.length === 0 ? [true] : kept
  }
  return [side(0), side(1)]
}

const maps = (inner: fc.Arbitrary<Pair>, keys: readonly string[]): fc.Arbitrary<Pair<unknown>> => {
  const slot = fc.oneof(fc.constant<Pair<Schema | undefined>>([undefined, undefined]), inner, one(inner))
  return record(Object.fromEntries(keys.map((key) => [key, slot]))).map(
    ([before, after]): Pair<unknown> => [
      Object.keys(before).length === 0 ? undefined : before,
      Object.keys(after).length === 0 ? undefined : after,
    ],
  )
}
