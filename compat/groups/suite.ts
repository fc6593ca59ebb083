/** Groups under churn in `npm run compat`: run.ts, in its quick turn or in its whole one: two minutes a protocol, and two for a group that goes from one to the other. */
import { scriptSuite } from '../run/script-suite'
import type { CompatSuite } from '../run/suite'

export const suites: readonly CompatSuite[] = [
  scriptSuite({
    name: 'groups',
    script: 'groups/run.ts',
    args: ({ isQuick }) => (isQuick ? ['--quick'] : []),
    timeLimitMs: 900_000,
  }),
]
