/**
 * librdkafka's own tests of brokers: 104 of them, without those of share groups. The test-runner is built once, which takes a while; a quick run takes
 * it as it is and runs a handful.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { CompatSuite, SuiteContext } from '../run/suite'
import { buildTestRunner, librdkafkaVersion } from './build'
import { knownFailures } from './known-failures'
import { type Mode, modes } from './modes'
import { runMode } from './run-mode'

const hour = 3_600_000
/** Order, sizes and errors of records, every codec, groups, transactions: half a minute. */
const quickNumbers = ['0001', '0005', '0011', '0012', '0017', '0030', '0085', '0099']

const isOfNewProtocol = (mode: Mode) => mode.name === 'new group protocol'

async function prepare(context: Parameters<CompatSuite['prepare']>[0]) {
  if (context.isQuick && !existsSync(join(context.cacheDirectory, 'librdkafka', `built-${librdkafkaVersion}`)))
    return { skipped: 'its test-runner is not built yet: npm run compat -- --only librdkafka-tests' }
  const runner = await buildTestRunner(context)
  return runner.isFound ? { version: librdkafkaVersion } : { skipped: runner.why }
}

async function runModes(context: SuiteContext, chosen: readonly Mode[], numbers: readonly string[] | null): Promise<void> {
  const runner = await buildTestRunner(context)
  if (!runner.isFound) throw new Error(runner.why)
  for (const mode of chosen) {
    await runMode(context, runner, mode, { numbers, isThorough: false, outputDirectory: null, debug: null })
  }
}

export const suites: readonly CompatSuite[] = [
  {
    name: 'librdkafka-tests',
    knownFailures,
    timeLimitMs: 2 * hour,
    prepare,
    run: (context) =>
      context.isQuick
        ? runModes(context, modes.slice(0, 1), quickNumbers)
        : runModes(
            context,
            modes.filter((mode) => !isOfNewProtocol(mode)),
            null,
          ),
  },
  {
    name: 'librdkafka-tests-new-groups',
    timeLimitMs: hour,
    isInQuickRuns: false,
    prepare,
    run: (context) => runModes(context, modes.filter(isOfNewProtocol), null),
  },
]
