/**
 * What a checker is, and how to add one. After every event the world calls `afterEvent` of each, in the order of index.ts; the first of them reads what
 * the event has changed (ClusterView) and tells it to the others, so that most checkers are listeners and look at nothing that did not move.
 *
 * To add a rule, for groups, transactions, compaction or whatever comes:
 *  1. put its words into rules.ts, with where they come from, and assert it in the shipped code in the same words where one broker alone can tell;
 *  2. write a file here that exports `(world) => Checker`: listen to `viewOf(world)` (replicas that changed, logs that were recovered, transactions of
 *     coordination) or to `world.onDidSend`, and throw InvariantViolation from a listener of the view or from afterEvent, never from within engine code;
 *  3. add it to index.ts, and give it a test that hands it a world in which the rule is broken.
 */
export { type AppliedFault, type Checker, InvariantViolation, type World } from '../world'

import { InvariantViolation } from '../world'

/** Throws unless `condition` holds. `explain` is called only then. */
export function require(condition: boolean, rule: string, explain: () => string): asserts condition {
  if (!condition) throw new InvariantViolation(rule, explain())
}
