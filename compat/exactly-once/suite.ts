/** Exactly once over brokers that are killed in turn, by librdkafka and by Java, in both versions of transactions; see compat/kafka-clients/exactly-once.ts. */
import { scriptSuite } from '../run/script-suite'
import type { CompatSuite } from '../run/suite'

const seconds = '60'

export const suites: readonly CompatSuite[] = ['1', '2'].map((version) =>
  scriptSuite({
    name: `exactly-once-${version}`,
    script: 'kafka-clients/exactly-once.ts',
    args: () => ['--seconds', seconds, '--transaction-version', version],
    // Three brokers come back a few times, and the chain catches up: of either client.
    timeLimitMs: 15 * 60_000,
    isInQuickRuns: false,
  }),
)
