/**
 * How two schemas compare: the rules of registry-and-coordination section 2.2 between shapes of any kind. `original` is the writer's schema,
 * `update` the reader's. Behaviour is the registry's; where it overlooks something that makes a reader refuse what a writer may write, this
 * tells of it (docs of each place say so), with the registry's nearest name.
 */
import type { CompatibilityPolicy } from '../../format'
import type { Shape } from '../shape'
import { compareArrays } from './arrays'
import { compareCombined, compareMixed } from './combined'
import { type Comparison, type Difference, difference, Comparison as Run, step, under } from './comparison'
import { compareObjects } from './objects'
import { closestReasons } from './reasons'
import { compareEnums, compareNumbers, compareStrings } from './scalars'

/** All differences, compatible or not, in the order of the keywords. */
export const compareShapes = (original: Shape, update: Shape, policy: CompatibilityPolicy): readonly Difference[] =>
  Run.run(policy, original, update, comparePair)

function comparePair(comparison: Comparison, original: Shape, update: Shape): readonly Difference[] {
  // Nothing that the writer allows, or everything that there is: no need to look closer.
  if (original.kind !== 'combined' || update.kind !== 'combined') {
    const mixed = compareMixed(comparison, original, update)
    if (mixed !== null) return mixed
  }
  if (original.kind !== update.kind) {
    if (original.kind === 'false' || update.kind === 'true') return []
    // Bytes were written in two ways by Kafka Connect's JSON converter; it reads both.
    if (original.annotations.connectType === 'bytes' && update.annotations.connectType === 'bytes') return []
    const changed = difference('TYPE_CHANGED', [], original.node, update.node)
    return [{ ...changed, reasons: closestReasons(comparison, original, update) }]
  }
  return [
    ...compareAnnotations(original, update),
    ...compareTyping(original, update),
    ...compareSame(comparison, original, update),
  ]
}

function compareAnnotations(original: Shape, update: Shape): readonly Difference[] {
  const [before, after] = [original.annotations, update.annotations]
  const changed = (type: Parameters<typeof difference>[0]) => difference(type, [], original.node, update.node)
  return [
    ...(before.id === after.id ? [] : [changed('ID_CHANGED')]),
    ...(before.title === after.title ? [] : [changed('TITLE_CHANGED')]),
    ...(before.description === after.description ? [] : [changed('DESCRIPTION_CHANGED')]),
    ...(before.default === after.default ? [] : [changed('DEFAULT_CHANGED')]),
  ]
}

/**
 * Keywords of a type without `type` let values of other types pass. The registry does not look at this; a `type` that comes to them refuses
 * what was allowed before, and one that goes allows more.
 */
function compareTyping(original: Shape, update: Shape): readonly Difference[] {
  if (!('isTyped' in original) || !('isTyped' in update) || original.isTyped === update.isTyped) return []
  return [difference(update.isTyped ? 'TYPE_NARROWED' : 'TYPE_EXTENDED', [], original.node, update.node)]
}

function compareSame(comparison: Comparison, original: Shape, update: Shape): readonly Difference[] {
  switch (original.kind) {
    case 'string':
      return update.kind === 'string' ? compareStrings(original, update) : []
    case 'number':
      return update.kind === 'number' ? compareNumbers(original, update) : []
    case 'enum':
      return update.kind === 'enum' ? compareEnums(original, update) : []
    case 'const':
      return update.kind === 'const' && update.value !== original.value
        ? [difference('ENUM_ARRAY_CHANGED', [step('const')], original.node, update.node)]
        : []
    case 'opaque':
      return update.kind === 'opaque' && update.uri !== original.uri
        ? [difference('TYPE_CHANGED', [], original.node, update.node)]
        : []
    case 'combined':
      return update.kind === 'combined' ? compareCombined(comparison, original, update) : []
    case 'object':
      return update.kind === 'object' ? compareObjects(comparison, original, update) : []
    case 'array':
      return update.kind === 'array' ? compareArrays(comparison, original, update) : []
    case 'not': {
      if (update.kind !== 'not') return []
      // What must not match is compared the other way round: forbidding less is allowing more.
      const reversed = comparison.compare(update.inner.shape(), original.inner.shape())
      const type = comparison.isCompatible(reversed) ? 'NOT_TYPE_NARROWED' : 'NOT_TYPE_EXTENDED'
      return [difference(type, [step('not')], original.inner.node, update.inner.node)]
    }
    case 'conditional': {
      if (update.kind !== 'conditional') return []
      // The registry does not compare conditions. Equal conditions leave their branches to compare; others are another type altogether.
      const [was, is] = [original.condition.shape(), update.condition.shape()]
      if (!comparison.isCompatible(comparison.compare(was, is)) || !comparison.isCompatible(comparison.compare(is, was))) {
        return [difference('TYPE_CHANGED', [step('if')], original.condition.node, update.condition.node)]
      }
      const branch = (name: 'then' | 'else', before: typeof original.whenTrue, after: typeof original.whenTrue) => {
        if (after === null) return before === null ? [] : [difference('SCHEMA_REMOVED', [step(name)], before.node, null)]
        if (before === null) {
          return after.shape().kind === 'true' ? [] : [difference('SCHEMA_ADDED', [step(name)], null, after.node)]
        }
        return under(step(name), comparison.compare(before.shape(), after.shape()))
      }
      return [...branch('then', original.whenTrue, update.whenTrue), ...branch('else', original.whenFalse, update.whenFalse)]
    }
    default:
      return []
  }
}
