/**
 * Finds out which of a run's faults are needed for its failure: drops faults for as long as the failure stays (Zeller's delta debugging). The plan is
 * drawn from the seed before anything runs, so a run with some of its faults left out is a run like any other, and can be replayed.
 *
 * Pure but for the runs that it asks for. Called by `npm run sim -- --seed N --shrink`.
 */

export interface ShrinkOptions {
  /** The ids of the plan's faults, in the order in which they come. */
  readonly faults: readonly number[]
  /** Runs with these faults only; answers whether it fails in the same way. */
  stillFails(only: ReadonlySet<number>): Promise<boolean>
  /** After every run: how many faults are left, and how many runs it took. */
  onProgress?(left: number, runs: number): void
  /** Where it ends, finished or not: every step is a whole run. */
  readonly runsMax?: number
}

export interface ShrinkResult {
  readonly faults: readonly number[]
  readonly runs: number
  /** False: runsMax came first, and some of `faults` may be dispensable. */
  readonly isMinimal: boolean
}

const RUNS_MAX = 500

/** Answers a subset that still fails and from which no single fault can be left out; all of them where the failure does not even come back. */
export async function shrink(options: ShrinkOptions): Promise<ShrinkResult> {
  const runsMax = options.runsMax ?? RUNS_MAX
  let runs = 0
  let left = options.faults
  const fails = async (candidate: readonly number[]): Promise<boolean> => {
    runs++
    const isFailure = await options.stillFails(new Set(candidate))
    if (isFailure) left = candidate
    options.onProgress?.(left.length, runs)
    return isFailure
  }

  if (left.length === 0 || (await fails([]))) return { faults: left, runs, isMinimal: true }
  let parts = 2
  while (left.length > 1 && runs < runsMax) {
    const reduced = await reduceOnce(left, parts, fails, () => runs < runsMax)
    if (reduced === 'to one part') parts = 2
    else if (reduced === 'by one part') parts = Math.max(2, parts - 1)
    else if (parts >= left.length) return { faults: left, runs, isMinimal: true }
    else parts = Math.min(left.length, parts * 2)
  }
  return { faults: left, runs, isMinimal: left.length <= 1 }
}

/** One round: each of `parts` parts alone, then all but each. The first that fails is taken. */
async function reduceOnce(
  faults: readonly number[],
  parts: number,
  fails: (candidate: readonly number[]) => Promise<boolean>,
  mayGoOn: () => boolean,
): Promise<'to one part' | 'by one part' | 'not at all'> {
  const bounds = Array.from({ length: parts + 1 }, (_, index) => Math.round((index * faults.length) / parts))
  const ranges = Array.from({ length: parts }, (_, index) => [bounds[index] ?? 0, bounds[index + 1] ?? 0] as const)
  for (const [from, to] of ranges) {
    if (!mayGoOn()) return 'not at all'
    if (await fails(faults.slice(from, to))) return 'to one part'
  }
  // With two parts, "all but one" is the other one, which has been tried.
  if (parts === 2) return 'not at all'
  for (const [from, to] of ranges) {
    if (!mayGoOn()) return 'not at all'
    if (await fails([...faults.slice(0, from), ...faults.slice(to)])) return 'by one part'
  }
  return 'not at all'
}
