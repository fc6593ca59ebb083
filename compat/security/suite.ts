/** Security in `npm run compat`: run.ts, in its quick turn or with every mechanism, every client and Java's stores. */
import { scriptSuite } from '../run/script-suite'
import type { CompatSuite } from '../run/suite'

export const suites: readonly CompatSuite[] = [
  scriptSuite({
    name: 'security',
    script: 'security/run.ts',
    args: ({ isQuick }) => (isQuick ? ['--quick'] : []),
    timeLimitMs: 1_500_000,
  }),
]
