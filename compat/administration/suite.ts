/** Administration in `npm run compat`: run.ts, and whether everybody is told the same of leaders and replicas. */
import { scriptSuite } from '../run/script-suite'
import type { CompatSuite } from '../run/suite'

export const suites: readonly CompatSuite[] = [
  scriptSuite({
    name: 'administration',
    script: 'administration/run.ts',
    args: ({ isQuick }) => (isQuick ? ['--part', 'confluent', '--part', 'kafkajs', '--part', 'rack'] : []),
    timeLimitMs: 1_500_000,
  }),
  scriptSuite({ name: 'agreement', script: 'administration/agreement.ts', timeLimitMs: 900_000, isInQuickRuns: false }),
]
