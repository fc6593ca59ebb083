/**
 * The strongest check of the rules: whenever a reader is called compatible under STRICT, it accepts every generated value that the writer's schema
 * accepts, and ajv is the judge. Schema pairs are made together, so that many are close to one another.
 *
 * Left out, because the registry's own rules are not true of values (its rules are kept all the same, and tested in rules.test.ts):
 * - a default beside a new required property: the reader is trusted to fill it in;
 * - branches of a oneOf that are not of different types: a value may come to fit two of the reader's;
 * - unevaluatedProperties and unevaluatedItems beside combinators: what is evaluated hangs on which branches fit;
 * - `format`, which nobody asserts.
 */
import { Ajv } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseJsonSchema } from '../parse'
import { compareShapes } from './compare'
import { isCompatibleChange } from './differences'
import { type Schema, schemaPairs } from './schema-pairs'

const atoms: readonly unknown[] = [null, true, false, 0, 1, 2, 3, -1, 0.5, 1.5, 4, '', 'a', 'ab', 'abc', 'b', 'bcde']
const few: readonly unknown[] = [null, 1, 1.5, 'a', 'abc', true, { a: 1 }, ['a']]

/** Every kind of value that the keywords above tell apart, nested twice. */
const values: readonly unknown[] = [
  ...atoms,
  [],
  {},
  ...atoms.map((atom) => [atom]),
  ...few.flatMap((x) => few.map((y) => [x, y])),
  ...few.flatMap((x) =>
    [1, 'a', null].flatMap((y) => [
      [x, y, 1],
      [x, x, y],
    ]),
  ),
  ...['a', 'b', 'I_1', 'x'].flatMap((key) => [...atoms, ...few].map((atom) => ({ [key]: atom }))),
  ...[
    ['a', 'b'],
    ['a', 'x'],
    ['a', 'I_1'],
    ['b', 'I_1'],
    ['b', 'x'],
  ].flatMap(([k, l]) => few.flatMap((x) => few.map((y) => ({ [k!]: x, [l!]: y })))),
  ...few.map((x) => ({ a: x, b: 1, I_1: 'a' })),
  ...few.flatMap((x) => [{ a: { a: x } }, { a: { b: x } }, { a: { x, a: 1 } }, { b: [x, 1] }, [{ a: x }], [[x]]]),
]

const runs = Number(process.env['JSON_SCHEMA_TRUTH_RUNS'] ?? 300)

describe('compatibility is true of values', () => {
  for (const is2020 of [false, true]) {
    it(`of ${is2020 ? 'draft 2020-12' : 'draft 7'}: what a compatible writer may send, the reader accepts`, {
      timeout: 60_000 + runs * 50,
    }, () => {
      let compatibleCount = 0
      // One for all: a fresh one compiles the draft's meta-schema first.
      const options = { strict: false, validateFormats: false, validateSchema: false, logger: false } as const
      const ajv = is2020 ? new Ajv2020(options) : new Ajv(options)
      fc.assert(
        fc.property(schemaPairs(is2020), ([writer, reader]) => {
          if (!isCompatible(writer, reader, is2020)) return
          compatibleCount++
          const [accepts, reads] = [ajv.compile(writer), ajv.compile(reader)]
          ajv.removeSchema()
          for (const value of values) {
            if (accepts(value) && !reads(value)) {
              throw new Error(
                `the reader refuses ${JSON.stringify(value)}\n writer ${JSON.stringify(writer)}\n reader ${JSON.stringify(reader)}`,
              )
            }
          }
        }),
        {
          numRuns: runs,
          ...(process.env['JSON_SCHEMA_TRUTH_SEED'] ? { seed: Number(process.env['JSON_SCHEMA_TRUTH_SEED']) } : {}),
        },
      )
      // A check of nothing is none: a fair share of the pairs has to be compatible.
      expect(compatibleCount).toBeGreaterThan(runs / 20)
    })
  }
})

function isCompatible(writer: Schema, reader: Schema, is2020: boolean): boolean {
  const parse = (schema: Schema) => {
    const declared =
      is2020 && typeof schema === 'object' ? { $schema: 'https://json-schema.org/draft/2020-12/schema', ...schema } : schema
    const parsed = parseJsonSchema(JSON.stringify(declared), new Map(), { isNew: false })
    if (!parsed.ok) throw new Error(`${JSON.stringify(schema)}: ${parsed.error[0]?.message}`)
    return parsed.value.shapes.root()
  }
  return compareShapes(parse(writer), parse(reader), 'STRICT').every((each) => isCompatibleChange(each.type, 'STRICT'))
}
