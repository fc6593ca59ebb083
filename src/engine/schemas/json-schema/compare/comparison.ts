/**
 * One comparison of two schemas: what a reader with `update` finds different from what a writer with `original` allows. Holds the memory that
 * keeps recursive schemas finite. Called by compare.ts's compareSchemas alone; the files beside it each know one kind of shape.
 *
 * A pair that is met again while it is being compared counts as compatible; a result that rests on this may be wrong when the pair turns out
 * incompatible. So the whole is done again with the pairs now known to be incompatible, until none is new: the greatest fixpoint.
 */
import type { CompatibilityPolicy } from '../../format'
import type { JsonNode } from '../json'
import type { Shape } from '../shape'
import { type DifferenceType, isCompatibleChange } from './differences'

/** A step of a path: as the registry shows it, and the segments that lead there in either text. */
export interface Step {
  readonly shown: string
  readonly reader: readonly string[]
  readonly writer: readonly string[]
}

export interface Difference {
  readonly type: DifferenceType
  /** From the pair that was compared. */
  readonly steps: readonly Step[]
  /** What the sentence for people is about: the values on either side, null where there is none. */
  readonly before: JsonNode | null
  readonly after: JsonNode | null
  /** Of branches that do not match: why the closest one does not. Paths go on from this difference's. For people, no part of the verdict. */
  readonly reasons: readonly Difference[]
}

/** A step that is written alike in both texts. */
export const step = (...segments: readonly string[]): Step => ({ shown: segments.join('/'), reader: segments, writer: segments })

type Pairs<V> = Map<Shape, Map<Shape, V>>
const pairGet = <V>(pairs: Pairs<V>, a: Shape, b: Shape): V | undefined => pairs.get(a)?.get(b)
function pairSet<V>(pairs: Pairs<V>, a: Shape, b: Shape, value: V): void {
  const row = pairs.get(a)
  if (row === undefined) pairs.set(a, new Map([[b, value]]))
  else row.set(b, value)
}

export type Comparer = (comparison: Comparison, original: Shape, update: Shape) => readonly Difference[]

/** Pairs inside of pairs that are followed at once; further ones wait their turn, or long rings of definitions would end the stack. */
const depthMax = 200

/** Differences of one pair that are kept. Rings of definitions repeat them without end, and nobody reads so many. */
const keptMax = 2_000

export class Comparison {
  private readonly done: Pairs<readonly Difference[]> = new Map()
  private readonly inProgress: Pairs<true> = new Map()
  private readonly waiting: (readonly [original: Shape, update: Shape])[] = []
  private assumed = false
  private depth = 0

  private constructor(
    readonly policy: CompatibilityPolicy,
    private readonly known: Pairs<readonly Difference[]>,
    private readonly comparer: Comparer,
  ) {}

  /** All differences between two roots, at the fixpoint. */
  static run(policy: CompatibilityPolicy, original: Shape, update: Shape, comparer: Comparer): readonly Difference[] {
    const known: Pairs<readonly Difference[]> = new Map()
    for (;;) {
      const comparison = new Comparison(policy, known, comparer)
      const differences = comparison.compare(original, update)
      for (let next = comparison.waiting.pop(); next !== undefined; next = comparison.waiting.pop()) comparison.compare(...next)
      const before = count(known)
      comparison.learnInto(known)
      if (!comparison.assumed || count(known) === before) return differences
    }
  }

  /** Differences of a pair, with paths from it. */
  compare(original: Shape, update: Shape): readonly Difference[] {
    const before = pairGet(this.done, original, update)
    if (before !== undefined) return before
    const isInProgress = pairGet(this.inProgress, original, update) === true
    if (isInProgress || this.depth >= depthMax) {
      const seed = pairGet(this.known, original, update)
      if (seed !== undefined) return seed
      this.assumed = true
      if (!isInProgress) this.waiting.push([original, update])
      return []
    }
    pairSet(this.inProgress, original, update, true)
    this.depth++
    const differences = this.bounded(this.comparer(this, original, update))
    this.depth--
    this.inProgress.get(original)!.delete(update)
    pairSet(this.done, original, update, differences)
    return differences
  }

  isCompatible(differences: readonly Difference[]): boolean {
    return differences.every((difference) => isCompatibleChange(difference.type, this.policy))
  }

  private refusing(differences: readonly Difference[]): readonly Difference[] {
    return differences.filter((each) => !isCompatibleChange(each.type, this.policy))
  }

  /** What breaks nobody goes first. */
  private bounded(differences: readonly Difference[]): readonly Difference[] {
    return differences.length <= keptMax ? differences : this.refusing(differences).slice(0, keptMax)
  }

  private learnInto(known: Pairs<readonly Difference[]>): void {
    for (const [original, row] of this.done) {
      for (const [update, differences] of row) {
        const refused = this.refusing(differences)
        if (refused.length > 0) pairSet(known, original, update, refused)
      }
    }
  }
}

const count = (pairs: Pairs<unknown>): number => [...pairs.values()].reduce((sum, row) => sum + row.size, 0)

/** Puts differences of a pair at its place. */
export const under = (at: Step, differences: readonly Difference[]): readonly Difference[] =>
  differences.map((difference) => ({ ...difference, steps: [at, ...difference.steps] }))

export const difference = (
  type: DifferenceType,
  steps: readonly Step[] = [],
  before: JsonNode | null = null,
  after: JsonNode | null = null,
): Difference => ({ type, steps, before, after, reasons: [] })
