/** What passes between `npm run sim` and the children that run seeds (child.ts): orders one way, answers the other, as JSON over Node's IPC. */
import type { SimResult } from '../../src/engine/testing/sim/simulate'

export interface RunOrder {
  readonly seed: number
  /** Null: all faults of the plan. */
  readonly onlyFaults: readonly number[] | null
  /** The trace is written there as the run goes, so that it is there also where the run never ends. */
  readonly traceFile: string | null
}

export interface RunAnswer {
  readonly result: SimResult
  /** Sentences for a person, in the order of `result.faults`. */
  readonly faultWords: readonly string[]
}
