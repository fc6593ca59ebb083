/**
 * Arrays: the schema of all items, tuples by content model, contains, counts (registry-and-coordination section 2.2). A list that becomes one
 * schema, or the reverse, is told of as the schema of all items coming or going; what the registry overlooks at that (and `contains`, which it
 * does not compare) is told of too.
 */
import { compareDecimals, decimalOf } from '../decimal'
import type { ArrayShape, Bound, Child } from '../shape'
import { type Comparison, type Difference, difference, type Step, step, under } from './comparison'
import { type ContentModel, compareModels, compareOptional, cover, isOpen } from './content-model'
import type { DifferenceType } from './differences'
import { compareBounds } from './scalars'

export function compareArrays(comparison: Comparison, original: ArrayShape, update: ArrayShape): readonly Difference[] {
  return [
    ...compareAllItems(comparison, original, update),
    ...compareTuples(comparison, original, update),
    ...compareAdditionalItems(comparison, original, update),
    ...compareModels(
      comparison,
      'UNEVALUATED_ITEMS',
      step('unevaluatedItems'),
      original.unevaluatedItems,
      update.unevaluatedItems,
    ),
    ...compareBounds('MAX_ITEMS', 'maxItems', original.maxItems, update.maxItems),
    ...compareBounds('MIN_ITEMS', 'minItems', original.minItems, update.minItems),
    ...compareUniqueness(original, update),
    ...compareContains(comparison, original, update),
  ]
}

const spelled = (shown: string, before: string, after: string): Step => ({ shown, reader: [after], writer: [before] })

/** Without a tuple additionalItems says nothing: then the schema of all items is the model. */
const modelOf = (shape: ArrayShape): ContentModel => ({
  additional: shape.tuple === null ? shape.allItems : shape.additionalItems,
  unevaluated: shape.unevaluatedItems,
})

function compareAllItems(comparison: Comparison, original: ArrayShape, update: ArrayShape): readonly Difference[] {
  // An empty tuple has all its items behind it.
  const before = original.tuple?.length === 0 ? original.additionalItems : original.allItems
  return update.tuple === null ? compareOptional(comparison, 'items', before, update.allItems) : []
}

/** As the keyword stands on either side; where only the reader has a tuple, its rest takes what the writer's schema of all items allows. */
function compareAdditionalItems(comparison: Comparison, original: ArrayShape, update: ArrayShape): readonly Difference[] {
  if (original.tuple !== null && update.tuple === null) return []
  const at = spelled('additionalItems', original.spelling.additionalItems, update.spelling.additionalItems)
  const before = original.tuple === null && update.tuple !== null ? original.allItems : original.additionalItems
  return compareModels(comparison, 'ADDITIONAL_ITEMS', at, before, update.additionalItems)
}

function compareTuples(comparison: Comparison, original: ArrayShape, update: ArrayShape): readonly Difference[] {
  const told: Difference[] = []
  const [were, are] = [original.tuple ?? [], update.tuple ?? []]
  for (let index = 0; index < Math.max(were.length, are.length); index++) {
    const [before, after] = [were[index], are[index]]
    const at: Step = {
      shown: `items/${index}`,
      reader: [update.spelling.tuple, String(index)],
      writer: [original.spelling.tuple, String(index)],
    }
    if (before !== undefined && after !== undefined) told.push(...under(at, comparison.compare(before.shape(), after.shape())))
    else if (before !== undefined) told.push(...itemRemoved(comparison, before, update, at))
    else if (after !== undefined) told.push(...itemAdded(comparison, after, original, at))
  }
  return told
}

function itemRemoved(comparison: Comparison, before: Child, update: ArrayShape, at: Step): readonly Difference[] {
  const told = (type: DifferenceType) => difference(type, [at], before.node, null)
  const rest = cover(modelOf(update))
  if (rest !== null) {
    const inner = under(at, comparison.compare(before.shape(), rest.shape()))
    const type = comparison.isCompatible(inner)
      ? 'ITEM_REMOVED_IS_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL'
      : 'ITEM_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL'
    return [...inner, told(type)]
  }
  if (isOpen(modelOf(update))) return [told('ITEM_REMOVED_FROM_OPEN_CONTENT_MODEL')]
  return before.shape().kind === 'false'
    ? [told('ITEM_WITH_FALSE_REMOVED_FROM_CLOSED_CONTENT_MODEL')]
    : [told('ITEM_REMOVED_FROM_CLOSED_CONTENT_MODEL')]
}

function itemAdded(comparison: Comparison, after: Child, original: ArrayShape, at: Step): readonly Difference[] {
  const told = (type: DifferenceType) => difference(type, [at], null, after.node)
  const rest = cover(modelOf(original))
  if (rest !== null) {
    const inner = under(at, comparison.compare(rest.shape(), after.shape()))
    const type = comparison.isCompatible(inner)
      ? 'ITEM_ADDED_IS_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL'
      : 'ITEM_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL'
    return [...inner, told(type)]
  }
  if (!isOpen(modelOf(original))) return [told('ITEM_ADDED_TO_CLOSED_CONTENT_MODEL')]
  return after.shape().kind === 'true'
    ? [told('ITEM_WITH_EMPTY_SCHEMA_ADDED_TO_OPEN_CONTENT_MODEL')]
    : [told('ITEM_ADDED_TO_OPEN_CONTENT_MODEL')]
}

function compareUniqueness(original: ArrayShape, update: ArrayShape): readonly Difference[] {
  if (original.uniqueItems === update.uniqueItems) return []
  return [
    difference(
      update.uniqueItems ? 'UNIQUE_ITEMS_ADDED' : 'UNIQUE_ITEMS_REMOVED',
      [step('uniqueItems')],
      original.node,
      update.node,
    ),
  ]
}

const isZero = (bound: Bound | null): boolean => bound !== null && compareDecimals(bound.value, decimalOf('0')) === 0

function compareContains(comparison: Comparison, original: ArrayShape, update: ArrayShape): readonly Difference[] {
  const told = [
    ...compareOptional(comparison, 'contains', original.contains, update.contains),
    ...compareBounds('MAX_CONTAINS', 'maxContains', original.maxContains, update.maxContains),
    ...compareBounds('MIN_CONTAINS', 'minContains', original.minContains, update.minContains),
  ]
  if (original.contains === null || update.contains === null) return told
  // Without minContains one item has to be there, so the end of `minContains: 0` asks for more than before.
  if (isZero(original.minContains) && update.minContains === null) {
    told.push(difference('MIN_CONTAINS_INCREASED', [step('contains')], original.minContains!.node, update.contains.node))
  }
  // With an upper bound, items that count now and did not before may be too many.
  if (
    update.maxContains !== null &&
    !comparison.isCompatible(comparison.compare(update.contains.shape(), original.contains.shape()))
  ) {
    told.push(difference('TYPE_CHANGED', [step('contains')], original.contains.node, update.contains.node))
  }
  return told
}
