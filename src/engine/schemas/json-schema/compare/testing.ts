/** For the tests of this folder: schemas in few words, and what a comparison of two finds. */
import type { CompatibilityPolicy } from '../../format'
import { schemaOf } from '../testing'
import { compareShapes } from './compare'
import { isCompatibleChange } from './differences'

export type Schema = boolean | { readonly [keyword: string]: unknown }

export const draft2020 = 'https://json-schema.org/draft/2020-12/schema'
export const modern = (schema: Readonly<Record<string, unknown>>): Schema => ({ $schema: draft2020, ...schema })
export const object = (schema: Readonly<Record<string, unknown>>): Schema => ({ type: 'object', ...schema })
export const closed = (schema: Readonly<Record<string, unknown>>): Schema => object({ additionalProperties: false, ...schema })
export const [text, number, integer] = [{ type: 'string' }, { type: 'number' }, { type: 'integer' }]

/** Types of all differences, with their paths as the registry shows them, and the verdict. */
export function compared(from: Schema, to: Schema, policy: CompatibilityPolicy = 'STRICT') {
  const differences = compareShapes(schemaOf(from).shapes.root(), schemaOf(to).shapes.root(), policy)
  return {
    types: differences.map((each) => each.type),
    shown: differences.map(
      (each) => `${each.type} #/${each.steps.flatMap((at) => (at.shown === '' ? [] : [at.shown])).join('/')}`,
    ),
    isCompatible: differences.every((each) => isCompatibleChange(each.type, policy)),
  }
}
