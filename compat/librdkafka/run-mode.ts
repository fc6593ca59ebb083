/** Runs the tests of one mode against a cluster of its own, one number after the other. Called by suite.ts and run.ts; knows no allow-list. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { javaClassPath } from '../administration/java-class-path'
import type { SuiteContext } from '../run/suite'
import type { TestRunner } from './build'
import { writeKafkaPath } from './kafka-tools'
import type { Mode } from './modes'
import { type DeclaredTest, declaredTests, runNumber, type TestResult } from './test-runner'

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
/** Those that have something done by a class of Java. */
const javaTests = new Set(['0098'])

/** What is not run at all, and why. */
function whyLeftOut(number: string): string | null {
  if (number >= '0170' && number < '0190') return 'share groups (KIP-932) are not in our API set'
  if (number === '0097')
    return 'needs the certificates of librdkafka’s own cluster scripts: two authorities, one in between, and keys in PEM, DER and PKCS#12'
  return null
}

export async function runMode(
  context: SuiteContext,
  runner: TestRunner & { readonly isFound: true },
  mode: Mode,
  options: ModeOptions,
): Promise<void> {
  const tests = declaredTests(runner.directory).filter((test) => !test.isLocal && !test.isManual && mode.includes(test))
  const numbers = [...new Set(tests.map(({ number }) => number))].filter((number) => options.numbers?.includes(number) ?? true)
  const needsJava = numbers.some((number) => javaTests.has(number))
  const java = needsJava ? javaClassPath() : null
  const classPath = java?.ok === true ? java.value : null
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
    KAFKA_PATH: writeKafkaPath(join(directory, 'kafka'), classPath),
    BROKERS: server.bootstrapServers,
    ...(options.debug === null ? {} : { TEST_DEBUG: options.debug }),
  }
  try {
    for (const number of numbers) {
      const leftOut = whyLeftOut(number)
      if (leftOut !== null) {
        for (const { name } of tests.filter((test) => test.number === number)) context.checks.skipped(name, leftOut)
        continue
      }
      if (javaTests.has(number) && java?.ok === false) {
        context.checks.skipped(number, `needs Java's client: ${java.error}`)
        continue
      }
      const expected = tests.filter((test) => test.number === number)
      const run = () =>
        runNumber(context, {
          ...runner,
          number,
          confFile,
          env,
          arguments: options.isThorough ? [] : ['-Q'],
          timeLimitMs,
        })
      const first = await run()
      // Tests have time limits of their own, in the code: a machine that was busy for some seconds gets a second chance, a bug fails twice.
      const { results, output } = first.results.some(({ state }) => state === 'FAILED') ? await run() : first
      if (options.outputDirectory !== null) writeFileSync(join(options.outputDirectory, `${number}.log`), output)
      for (const result of results) say(context, mode, expected, result)
    }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

function say({ checks }: SuiteContext, mode: Mode, expected: readonly DeclaredTest[], result: TestResult): void {
  const { name, state, reason, seconds } = result
  // Of a test-runner that died nobody knows which test of the number it was, unless there is only one.
  const [only] = expected
  const test = expected.length === 1 && name === only?.number ? only.name : name
  if (test !== only?.number && !expected.some((each) => each.name === test)) return
  const shown = mode.name === 'default' ? test : `${test} (${mode.name})`
  if (state === 'PASSED') checks.passed(shown)
  else if (state === 'FAILED') checks.failed(shown, `${reason} (after ${Math.round(seconds)} s)`)
  else checks.skipped(shown, reason.startsWith('Filtered') ? 'librdkafka itself counts it among its known issues' : reason)
}
