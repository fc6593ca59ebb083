/**
 * allOf, anyOf, oneOf, and the products and sums that keywords beside one another and lists of types make: against each other and against a
 * schema that is none. Rules of registry-and-coordination section 2.2. A oneOf is compared as if its branches excluded one another, as the
 * registry does: a value that comes to fit two branches of the reader is refused by it all the same.
 */

import type { CombinedShape, Shape } from '../shape'
import { branchSegments, branchStep, distinct } from './branches'
import { type Comparison, type Difference, difference, under } from './comparison'
import { maximumMatching } from './matching'
import { incompatibleOf, unmatched } from './reasons'

/** One side is a combinator and the other is none: the differences if that goes together, or null. */
export function compareMixed(comparison: Comparison, original: Shape, update: Shape): readonly Difference[] | null {
  if (original.kind !== 'combined' && update.kind === 'combined') {
    const isSum = update.criterion !== 'allOf'
    if (!isSum && update.branches.length !== 1) return null
    for (const [index, branch] of update.branches.entries()) {
      const inner = comparison.compare(original, branch.shape())
      if (!comparison.isCompatible(inner)) continue
      const placed = under({ shown: '', reader: branchSegments(update, index), writer: [] }, inner)
      if (update.branches.length === 1) return placed
      return [...placed, difference('SUM_TYPE_EXTENDED', [], original.node, update.node)]
    }
  }
  if (original.kind === 'combined' && update.kind !== 'combined') {
    if (original.criterion !== 'allOf' && original.branches.length !== 1) return null
    for (const [index, branch] of original.branches.entries()) {
      const inner = comparison.compare(branch.shape(), update)
      if (!comparison.isCompatible(inner)) continue
      const placed = under({ shown: '', reader: [], writer: branchSegments(original, index) }, inner)
      if (original.branches.length === 1) return placed
      return [...placed, difference('PRODUCT_TYPE_NARROWED', [], original.node, update.node)]
    }
  }
  return null
}

/**
 * Of the branches, as many as the smaller side has must find one another, each compatible; then the greater side decides: a sum may grow, a
 * product may shrink.
 */
export function compareCombined(comparison: Comparison, original: CombinedShape, update: CombinedShape): readonly Difference[] {
  const differences: Difference[] = []
  const told = (type: Difference['type']) => differences.push(difference(type, [], original.node, update.node))
  const criteria = compareCriteria(original, update)
  if (criteria !== null) told(criteria)
  if (criteria === 'COMBINED_TYPE_CHANGED') return differences

  const [was, is] = [distinct(original), distinct(update)]
  // What a product held to and no longer does only widens it, whatever it has become.
  if (was.length < is.length) told(update.criterion === 'allOf' ? 'PRODUCT_TYPE_EXTENDED' : 'SUM_TYPE_EXTENDED')
  if (was.length > is.length) told(original.criterion === 'allOf' ? 'PRODUCT_TYPE_NARROWED' : 'SUM_TYPE_NARROWED')

  const compared = (left: number, right: number) => comparison.compare(was[left]!.child.shape(), is[right]!.child.shape())
  const place = (left: number, right: number) => branchStep(original, was[left]!.index, left, update, is[right]!.index)
  const matching = maximumMatching(was.length, is.length, (left, right) => comparison.isCompatible(compared(left, right)))
  let matched = 0
  for (const [left, right] of matching.entries()) {
    if (right === null) continue
    matched++
    differences.push(...under(place(left, right), compared(left, right)))
  }
  if (matched < Math.min(was.length, is.length)) {
    const refused = was.map((_, left) => is.map((__, right) => incompatibleOf(comparison, compared(left, right))))
    const reasons = unmatched(refused, matching, is.length).flatMap(([left, right]) =>
      under(place(left, right), refused[left]![right]!),
    )
    differences.push({ ...difference('COMBINED_TYPE_SUBSCHEMAS_CHANGED', [], original.node, update.node), reasons })
  }
  return differences
}

/** Anything may become anyOf; what has one branch may become a oneOf or another of one branch; an allOf may become any of one branch. */
function compareCriteria(original: CombinedShape, update: CombinedShape): Difference['type'] | null {
  if (original.criterion === update.criterion) return null
  if (update.criterion === 'anyOf') return 'COMBINED_TYPE_EXTENDED'
  const [wasOne, isOne] = [original.branches.length === 1, update.branches.length === 1]
  const goes = isOne ? wasOne || original.criterion === 'allOf' : wasOne && update.criterion === 'oneOf'
  return goes ? 'COMBINED_TYPE_EXTENDED' : 'COMBINED_TYPE_CHANGED'
}
