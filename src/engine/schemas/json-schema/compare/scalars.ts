/** Bounds, and the types that are little more than bounds: strings, numbers, lists of values. Numbers are compared as written, exactly. */
import { compareDecimals, isMultipleOf } from '../decimal'
import type { Bound, EnumShape, NumberShape, StringShape } from '../shape'
import { type Difference, difference, step } from './comparison'
import type { DifferenceType } from './differences'

type BoundName =
  | 'MAX_LENGTH'
  | 'MIN_LENGTH'
  | 'MAXIMUM'
  | 'MINIMUM'
  | 'EXCLUSIVE_MAXIMUM'
  | 'EXCLUSIVE_MINIMUM'
  | 'MAX_PROPERTIES'
  | 'MIN_PROPERTIES'
  | 'MAX_ITEMS'
  | 'MIN_ITEMS'
  | 'MAX_CONTAINS'
  | 'MIN_CONTAINS'

/** How a bound changed: added, removed, increased, decreased, or not at all. */
export function compareBounds(
  name: BoundName,
  keyword: string,
  before: Bound | null,
  after: Bound | null,
): readonly Difference[] {
  const told = (how: 'ADDED' | 'REMOVED' | 'INCREASED' | 'DECREASED') => [
    difference(`${name}_${how}` satisfies DifferenceType, [step(keyword)], before?.node ?? null, after?.node ?? null),
  ]
  if (before === null) return after === null ? [] : told('ADDED')
  if (after === null) return told('REMOVED')
  const order = compareDecimals(before.value, after.value)
  return order === 0 ? [] : told(order < 0 ? 'INCREASED' : 'DECREASED')
}

export function compareStrings(original: StringShape, update: StringShape): readonly Difference[] {
  return [
    ...compareBounds('MAX_LENGTH', 'maxLength', original.maxLength, update.maxLength),
    ...compareBounds('MIN_LENGTH', 'minLength', original.minLength, update.minLength),
    ...comparePatterns(original, update),
  ]
}

/** Whether one expression matches all that another does is not asked: the registry does not, and no reader could follow the answer. */
function comparePatterns(original: StringShape, update: StringShape): readonly Difference[] {
  const [before, after] = [original.pattern, update.pattern]
  const told = (type: DifferenceType) => [difference(type, [step('pattern')], before, after)]
  if (before === null) return after === null ? [] : told('PATTERN_ADDED')
  if (after === null) return told('PATTERN_REMOVED')
  return before.value === after.value ? [] : told('PATTERN_CHANGED')
}

export function compareNumbers(original: NumberShape, update: NumberShape): readonly Difference[] {
  const typing: readonly Difference[] =
    original.isInteger === update.isInteger
      ? []
      : [difference(original.isInteger ? 'TYPE_EXTENDED' : 'TYPE_NARROWED', [], original.node, update.node)]
  return [
    ...compareBounds('MAXIMUM', 'maximum', original.maximum, update.maximum),
    ...compareBounds('MINIMUM', 'minimum', original.minimum, update.minimum),
    ...compareBounds('EXCLUSIVE_MAXIMUM', 'exclusiveMaximum', original.exclusiveMaximum, update.exclusiveMaximum),
    ...compareBounds('EXCLUSIVE_MINIMUM', 'exclusiveMinimum', original.exclusiveMinimum, update.exclusiveMinimum),
    ...compareMultiples(original.multipleOf, update.multipleOf),
    ...typing,
  ]
}

/** Expanded: fewer numbers are multiples now. Reduced: all that were still are. */
function compareMultiples(before: Bound | null, after: Bound | null): readonly Difference[] {
  const told = (type: DifferenceType) => [difference(type, [step('multipleOf')], before?.node ?? null, after?.node ?? null)]
  if (before === null) return after === null ? [] : told('MULTIPLE_OF_ADDED')
  if (after === null) return told('MULTIPLE_OF_REMOVED')
  if (compareDecimals(before.value, after.value) === 0) return []
  if (isMultipleOf(after.value, before.value)) return told('MULTIPLE_OF_EXPANDED')
  return told(isMultipleOf(before.value, after.value) ? 'MULTIPLE_OF_REDUCED' : 'MULTIPLE_OF_CHANGED')
}

export function compareEnums(original: EnumShape, update: EnumShape): readonly Difference[] {
  const gone = [...original.values.keys()].some((key) => !update.values.has(key))
  const come = [...update.values.keys()].some((key) => !original.values.has(key))
  if (!gone && !come) return []
  const type = !gone ? 'ENUM_ARRAY_EXTENDED' : come ? 'ENUM_ARRAY_CHANGED' : 'ENUM_ARRAY_NARROWED'
  return [difference(type, [step('enum')], original.node, update.node)]
}
