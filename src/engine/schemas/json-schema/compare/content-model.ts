/**
 * The content model of objects and arrays: what may stand where neither a property, a pattern nor a tuple position says so
 * (registry-and-coordination section 2.2). Shared by objects.ts and arrays.ts; Confluent's words are open, closed and partially open.
 */
import type { Child } from '../shape'
import { type Comparison, type Difference, difference, type Step, step, under } from './comparison'
import type { DifferenceType } from './differences'

/** `additional` is additionalProperties or additionalItems, null for absent; `unevaluated` counts only where the first is absent or true. */
export interface ContentModel {
  readonly additional: Child | null
  readonly unevaluated: Child | null
}

const isKind = (child: Child | null, kind: 'true' | 'false'): boolean => child !== null && child.shape().kind === kind

/** Whether anything goes for names that nothing else speaks of. */
export const isOpen = (model: ContentModel): boolean =>
  (model.additional === null || isKind(model.additional, 'true')) &&
  (model.unevaluated === null || isKind(model.unevaluated, 'true'))

export const isClosed = (model: ContentModel): boolean =>
  isKind(model.additional, 'false') ||
  ((model.additional === null || isKind(model.additional, 'true')) && isKind(model.unevaluated, 'false'))

/** The schema that holds for what nothing else speaks of, null where the model is open or closed. */
export function cover(model: ContentModel): Child | null {
  if (isOpen(model) || isClosed(model)) return null
  return model.additional === null || isKind(model.additional, 'true') ? model.unevaluated : model.additional
}

type ModelName = 'ADDITIONAL_PROPERTIES' | 'UNEVALUATED_PROPERTIES' | 'ADDITIONAL_ITEMS' | 'UNEVALUATED_ITEMS'

/**
 * One of the keywords against itself: ADDED where more than nothing is allowed now, REMOVED where nothing is any more, NARROWED and EXTENDED
 * where a schema comes or goes; two schemas are compared.
 */
export function compareModels(
  comparison: Comparison,
  name: ModelName,
  at: Step,
  before: Child | null,
  after: Child | null,
): readonly Difference[] {
  const told = (how: 'ADDED' | 'REMOVED' | 'EXTENDED' | 'NARROWED') => [
    difference(`${name}_${how}` satisfies DifferenceType, [at], before?.node ?? null, after?.node ?? null),
  ]
  const [wasFalse, isFalse] = [isKind(before, 'false'), isKind(after, 'false')]
  if (wasFalse || isFalse) return wasFalse === isFalse ? [] : told(wasFalse ? 'ADDED' : 'REMOVED')
  const [was, is] = [constraining(before), constraining(after)]
  if (was !== null && is !== null) return under(at, comparison.compare(was.shape(), is.shape()))
  return was === null && is === null ? [] : told(was === null ? 'NARROWED' : 'EXTENDED')
}

/** The schema unless it lets everything pass, as its absence does. */
const constraining = (child: Child | null): Child | null => (child === null || isKind(child, 'true') ? null : child)

/** A schema under a keyword that constrains by being there: `contains`, `propertyNames`, `items`. */
export function compareOptional(
  comparison: Comparison,
  keyword: string,
  before: Child | null,
  after: Child | null,
): readonly Difference[] {
  if (before === null) return after === null ? [] : [difference('SCHEMA_ADDED', [step(keyword)], null, after.node)]
  if (after === null) return [difference('SCHEMA_REMOVED', [step(keyword)], before.node, null)]
  return under(step(keyword), comparison.compare(before.shape(), after.shape()))
}
