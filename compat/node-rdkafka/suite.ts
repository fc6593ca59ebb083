/** node-rdkafka's own e2e specs, run by mocha as its maker runs them: one broker, six topics of one partition. One check a spec. */
import { readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { complaintOf } from '../run/programs'
import type { CompatSuite, SuiteContext } from '../run/suite'
import { buildNodeRdkafka, nodeRdkafkaVersion } from './build'
import { knownFailures } from './known-failures'
import { createTopics } from './topics'

const topics = ['test', 'test2', 'test3', 'test4', 'test5', 'test6'] as const
/** As in its Makefile. */
const specTimeoutMs = 120_000
const fileTimeLimitMs = 15 * 60_000
const quickFiles = ['producer.spec.js']

interface MochaReport {
  readonly tests: readonly MochaTest[]
  readonly pending: readonly { readonly fullTitle: string }[]
  readonly failures: readonly MochaTest[]
}

interface MochaTest {
  readonly fullTitle: string
  readonly err: { readonly message?: string }
}

export const suites: readonly CompatSuite[] = [
  {
    name: 'node-rdkafka',
    knownFailures,
    timeLimitMs: 45 * 60_000,
    isInQuickRuns: false,
    async prepare(context) {
      const found = await buildNodeRdkafka(context)
      return found.isFound ? { version: nodeRdkafkaVersion } : { skipped: found.why }
    },
    run: runSpecs,
  },
]

async function runSpecs(context: SuiteContext): Promise<void> {
  const found = await buildNodeRdkafka(context)
  if (!found.isFound) throw new Error(found.why)
  const server = await context.serve(['--brokers', '1', '--auto-create-topics', '--session-timeout-ms', '10000'])
  await createTopics(server.bootstrapServers, topics)
  const files = readdirSync(join(found.directory, 'e2e')).filter((name) => name.endsWith('.spec.js'))
  for (const file of files.filter((name) => !context.isQuick || quickFiles.includes(name))) {
    const args = [found.mocha, '--exit', '--timeout', String(specTimeoutMs), '--reporter', 'json', join('e2e', file)]
    const result = await context.run(process.execPath, args, {
      cwd: found.directory,
      env: { KAFKA_HOST: server.bootstrapServers, LD_LIBRARY_PATH: found.libraries },
      timeLimitMs: fileTimeLimitMs,
    })
    const report = reportIn(result.stdout.toString())
    if (report === null) context.checks.failed(basename(file), complaintOf('mocha', result) || 'mocha printed no report')
    else sayAll(context, report)
  }
}

/** Specs write to the standard output as well; the report is the JSON at its end. */
function reportIn(output: string): MochaReport | null {
  const at = output.search(/^\{\s*"stats"/m)
  try {
    return at < 0 ? null : (JSON.parse(output.slice(at)) as MochaReport)
  } catch {
    return null
  }
}

function sayAll({ checks }: SuiteContext, { tests, pending, failures }: MochaReport): void {
  const skipped = new Set(pending.map(({ fullTitle }) => fullTitle))
  const seen = new Set<string>()
  for (const { fullTitle, err } of [...tests, ...failures]) {
    // A hook that fails is among the failures only.
    if (seen.has(fullTitle)) continue
    seen.add(fullTitle)
    if (skipped.has(fullTitle)) checks.skipped(fullTitle, 'its maker has switched it off')
    else if (err.message === undefined) checks.passed(fullTitle)
    else checks.failed(fullTitle, err.message.split('\n')[0] ?? '')
  }
}
