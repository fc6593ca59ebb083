/** Branches of a combinator: which count, and where they stand in the texts. Pure; for combined.ts and reasons.ts. */
import type { Child, CombinedShape, Criterion } from '../shape'
import { valueKey } from '../values'
import type { Step } from './comparison'

export interface Branch {
  readonly child: Child
  readonly index: number
}

/** Branches without repetitions: the same text twice counts once, as the registry counts it. */
export function distinct(shape: CombinedShape): readonly Branch[] {
  let branches = known.get(shape)
  if (branches === undefined) {
    branches = withoutRepetitions(shape.branches)
    known.set(shape, branches)
  }
  return branches
}

/** A combinator meets many others while definitions refer to one another; its branches are told apart once. */
const known = new WeakMap<CombinedShape, readonly Branch[]>()

function withoutRepetitions(branches: readonly Child[]): readonly Branch[] {
  const seen = new Set<string>()
  const kept: Branch[] = []
  for (const [index, child] of branches.entries()) {
    const shape = child.shape()
    // Parts of one node share its text and are told apart by their kind.
    const key = `${shape.kind} ${'criterion' in shape ? shape.criterion : ''} ${'isInteger' in shape ? shape.isInteger : ''} ${valueKey(child.node)}`
    if (!seen.has(key)) kept.push({ child, index })
    seen.add(key)
  }
  return kept
}

/** Where a branch stands in the text: parts that stand beside one another have no place of their own. */
export const branchSegments = (shape: CombinedShape, index: number): readonly string[] =>
  shape.isSynthetic ? [] : [shape.criterion, String(index)]

export const branchStep = (
  original: CombinedShape,
  before: number,
  shownIndex: number,
  update: CombinedShape,
  after: number,
): Step => ({
  shown: `${original.criterion satisfies Criterion}/${shownIndex}`,
  reader: branchSegments(update, after),
  writer: branchSegments(original, before),
})
