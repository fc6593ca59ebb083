/**
 * Why branches do not match, for people: the registry says that they do not and leaves it at that. Nothing here takes part in the verdict.
 */
import type { Shape } from '../shape'
import { branchSegments } from './branches'
import { type Comparison, type Difference, under } from './comparison'

export const incompatibleOf = (comparison: Comparison, differences: readonly Difference[]): readonly Difference[] =>
  differences.filter((each) => !comparison.isCompatible([each]))

/**
 * For each branch of the smaller side that found nobody: the branch of the other side that it comes closest to, free ones first. `refused` are
 * the incompatible differences of each pair.
 */
export function unmatched(
  refused: readonly (readonly (readonly Difference[])[])[],
  matching: readonly (number | null)[],
  rightCount: number,
): readonly (readonly [number, number])[] {
  const lefts = refused.map((_, left) => left)
  const rights = Array.from({ length: rightCount }, (_, right) => right)
  const freeLefts = lefts.filter((left) => matching[left] === null)
  const freeRights = rights.filter((right) => !matching.includes(right))
  const far = ([left, right]: readonly [number, number]) => {
    const found = refused[left]![right]!
    // A pair that goes together is taken by others already: no reason to be read from it.
    return found.length === 0 ? elsewhere + 1 : distance(found)
  }
  const closest = (pairs: readonly (readonly [number, number])[]) =>
    pairs.reduce((best, pair) => (far(pair) < far(best) ? pair : best))
  if (refused.length <= rightCount) {
    return freeLefts.map((left) => closest([...freeRights, ...rights].map((right) => [left, right] as const)))
  }
  return freeRights.map((right) => closest([...freeLefts, ...lefts].map((left) => [left, right] as const)))
}

/** Why a combinator and a schema that is none do not go together: what its closest branch finds. Empty where neither or both are one. */
export function closestReasons(comparison: Comparison, original: Shape, update: Shape): readonly Difference[] {
  const combinator = original.kind === 'combined' ? original : update
  if (combinator.kind !== 'combined' || (original.kind === 'combined') === (update.kind === 'combined')) return []
  const isWriter = combinator === original
  const inner = combinator.branches.map((branch, index) => {
    const differences = isWriter ? comparison.compare(branch.shape(), update) : comparison.compare(original, branch.shape())
    const segments = branchSegments(combinator, index)
    const at = { shown: '', reader: isWriter ? [] : segments, writer: isWriter ? segments : [] }
    return under(at, incompatibleOf(comparison, differences))
  })
  const telling = inner.filter((found) => found.length > 0 && distance(found) < elsewhere)
  return telling.reduce<readonly Difference[]>(
    (best, found) => (best.length === 0 || found.length < best.length ? found : best),
    [],
  )
}

const elsewhere = 1_000_000

/** Another type altogether is further away than any number of differences inside of the same. */
const distance = (differences: readonly Difference[]): number =>
  differences.some((each) => each.type === 'TYPE_CHANGED' && each.steps.every((at) => at.shown === ''))
    ? elsewhere
    : differences.length
