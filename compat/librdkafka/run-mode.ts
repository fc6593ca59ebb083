/** Runs the tests of one mode against a cluster of its own, one number after the other. Called by suite.ts and run.ts; knows no allow-list. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SuiteContext } from '../run/suite'
import type { TestRunner } from './build'
import { writeKafkaPath } from './kafka-tools'
import type { Mode } from './modes'
import { declaredTests, runNumber } from './test-runner'

export interface ModeOptions {
  /** All of the mode's where null. */
  readonly numbers: readonly string[] | null
  /** Without the test-runner's quick mode, which makes fewer messages and leaves out some subtests. */
  readonly isThorough: boolean
  /** All that a test says, in a file each; thrown away where null. */
  readonly outputDirectory: string | null
  readonly debug: string | null
}

/** The broker version that tests ask before they run: without share groups (4.2), which are not in our API set. */
const brokerVersion = '4.1.0'
/** Twice is what librdkafka's own scripts give; ours may share a small machine with three brokers in one process. */
const timeoutMultiplier = 3
const timeLimitMs = 12 * 60_000

export async function runMode(
  context: SuiteContext,
  runner: TestRunner & { readonly isFound: true },
  mode: Mode,
  options: ModeOptions,
): Promise<void> {
  const tests = declaredTests(runner.directory).filter((test) => !test.isLocal && !test.isManual && mode.includes(test))
  const numbers = [...new Set(tests.map(({ number }) => number))].filter((number) => options.numbers?.includes(number) ?? true)
  const server = await context.serve(mode.serve)
  const directory = mkdtempSync(join(tmpdir(), 'broker-workbench-librdkafka-'))
  const confFile = join(directory, 'test.conf')
  const conf = [
    `bootstrap.servers=${server.bootstrapServers}`,
    `test.timeout.multiplier=${timeoutMultiplier}`,
    ...mode.conf(server),
  ]
  writeFileSync(confFile, `${conf.join('\n')}\n`)
  const env = {
    ...mode.env,
    TEST_KAFKA_VERSION: brokerVersion,
    KAFKA_PATH: writeKafkaPath(join(directory, 'kafka')),
    BROKERS: server.bootstrapServers,
    ...(options.debug === null ? {} : { TEST_DEBUG: options.debug }),
  }
  try {
    for (const number of numbers) {
      const expected = tests.filter((test) => test.number === number)
      const { results, output } = await runNumber(context, {
        ...runner,
        number,
        confFile,
        env,
        arguments: options.isThorough ? [] : ['-Q'],
        timeLimitMs,
      })
      if (options.outputDirectory !== null) writeFileSync(join(options.outputDirectory, `${number}.log`), output)
      for (const { name, state, reason, seconds } of results) {
        if (name !== number && !expected.some((test) => test.name === name)) continue
        const shown = mode.name === 'default' ? name : `${name} (${mode.name})`
        if (state === 'PASSED') context.checks.passed(shown)
        else if (state === 'FAILED') context.checks.failed(shown, `${reason} (after ${Math.round(seconds)} s)`)
        else context.checks.skipped(shown, reason === '' ? 'the test-runner leaves it out' : reason)
      }
    }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}
