/** franz-go and sarama in `npm run compat`: our programs with them, and franz-go's own tests. */
import { commandCodecClient } from '../codecs/command-client'
import { complaintOf } from '../run/programs'
import { type CodecClient, type CompatSuite, codecs, type SuiteContext } from '../run/suite'
import { type Client, franz, goProgram, goTests, sarama } from './modules'
import { ownTests } from './own-tests'

const checksTimeLimitMs = 600_000
const ownTestsTimeLimitMs = 2_400_000

async function runChecks(context: SuiteContext, client: Client, bootstrap: string, ...more: readonly string[]): Promise<void> {
  const found = await goProgram(context, client)
  if (!found.isFound) throw new Error(found.why)
  const result = await context.run(found.program, ['check', bootstrap, ...more], { timeLimitMs: checksTimeLimitMs })
  const count = context.checks.addLines(result.stdout.toString())
  const complaint = complaintOf(client.folder, result)
  if (complaint !== '') throw new Error(complaint)
  if (count === 0) throw new Error(`${client.folder} has not checked anything`)
}

async function detect(context: Parameters<CompatSuite['prepare']>[0], client: Client) {
  const found = await goProgram(context, client)
  return found.isFound ? { version: found.version } : { skipped: found.why }
}

const franzSuite: CompatSuite = {
  name: 'franz-go',
  timeLimitMs: checksTimeLimitMs,
  prepare: (context) => detect(context, franz),
  async run(context) {
    const { bootstrapServers } = await context.serve()
    await runChecks(context, franz, bootstrapServers)
  },
}

/** Its own tests, with transactions of version 1, which brokers have by default; and those of transactions once more with version 2 (KIP-890). */
const franzTestsSuite: CompatSuite = {
  name: 'franz-go-tests',
  isInQuickRuns: false,
  timeLimitMs: ownTestsTimeLimitMs,
  async prepare(context) {
    const found = await goTests(context, franz, './pkg/kgo')
    return found.isFound ? { version: found.version } : { skipped: found.why }
  },
  async run(context) {
    const found = await goTests(context, franz, './pkg/kgo')
    if (!found.isFound) throw new Error(found.why)
    const { program } = found
    const { bootstrapServers: bootstrap } = await context.serve()
    await ownTests(context, { program, bootstrap, records: 10_000 })
  },
}

const franzTransactionsSuite: CompatSuite = {
  ...franzTestsSuite,
  name: 'franz-go-transactions-2',
  async run(context) {
    const found = await goTests(context, franz, './pkg/kgo')
    if (!found.isFound) throw new Error(found.why)
    const { bootstrapServers: bootstrap } = await context.serve(['--brokers', '3', '--config', 'transaction.version=2'])
    await ownTests(context, { program: found.program, bootstrap, records: 10_000, run: '^TestTxnEtl$' })
  },
}

const saramaSuite: CompatSuite = {
  name: 'sarama',
  timeLimitMs: checksTimeLimitMs,
  prepare: (context) => detect(context, sarama),
  async run(context) {
    const { bootstrapServers } = await context.serve()
    await runChecks(context, sarama, bootstrapServers)
  },
}

/** As an application that was written years ago has it, and never changed its setting. */
const saramaOldSuite: CompatSuite = {
  ...saramaSuite,
  name: 'sarama-set-to-2.0',
  isInQuickRuns: false,
  async run(context) {
    const { bootstrapServers } = await context.serve()
    await runChecks(context, sarama, bootstrapServers, '2.0.0')
  },
}

export const suites: readonly CompatSuite[] = [franzSuite, franzTestsSuite, franzTransactionsSuite, saramaSuite, saramaOldSuite]

export const codecClients: readonly CodecClient[] = [franz, sarama].map((client) =>
  commandCodecClient({
    name: client === franz ? 'franz-go' : 'sarama',
    writes: codecs,
    reads: codecs,
    async find(context) {
      const found = await goProgram(context, client)
      return found.isFound ? { version: found.version, command: [found.program] } : { skipped: found.why }
    },
  }),
)
