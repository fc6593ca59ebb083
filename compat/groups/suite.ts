/** Groups under churn in `npm run compat`: run.ts, in its quick turn or in its whole one, two minutes a protocol. */
import { scriptSuite } from '../run/script-suite'
import type { CompatSuite } from '../run/suite'

export const suites: readonly CompatSuite[] = [
  scriptSuite({
    name: 'groups',
    script: 'groups/run.ts',
    args: ({ isQuick }) => (isQuick ? ['--quick'] : []),
    timeLimitMs: 600_000,
  }),
]
