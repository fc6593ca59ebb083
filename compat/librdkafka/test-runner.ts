/**
 * Runs librdkafka's test-runner, one number a process, and reads what it says at its end. The numbers and names come from its own table of tests, so
 * that a newer librdkafka brings its newer tests by itself. Called by suite.ts; judges nothing.
 */
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { SuiteContext } from '../run/suite'

export interface DeclaredTest {
  readonly name: string
  readonly number: string
  /** Those that need no broker: unit tests, and those that talk to librdkafka's own mock. */
  readonly isLocal: boolean
  readonly isManual: boolean
  readonly scenarios: readonly string[]
}

export interface TestResult {
  readonly name: string
  readonly state: 'PASSED' | 'FAILED' | 'SKIPPED' | 'DNS'
  readonly reason: string
  readonly seconds: number
}

export interface RunOptions {
  /** tests/, with the test-runner in it. */
  readonly directory: string
  readonly librdkafka: string
  readonly number: string
  readonly confFile: string
  readonly env: Readonly<Record<string, string>>
  readonly arguments: readonly string[]
  readonly timeLimitMs: number
}

/** The table `struct test tests[]` of test.c. */
export function declaredTests(directory: string): DeclaredTest[] {
  const text = readFileSync(join(directory, 'test.c'), 'utf8')
  const table = text.slice(text.indexOf('struct test tests[]'))
  const tests: DeclaredTest[] = []
  for (const [, name = '', rest = ''] of table.matchAll(
    /\b_TEST\(\s*(\w+)\s*,([^;]*?)(?=\n\s*_TEST\(|\n#|\n\s*\/\* Manual|\{NULL\})/g,
  )) {
    const isLocal = /TEST_F_LOCAL/.test(rest) || name.includes('_mock')
    const scenarios = /\.scenario = "([^"]*)"/.exec(rest)?.[1]?.split(',') ?? ['default']
    tests.push({ name, number: name.slice(0, 4), isLocal, isManual: /TEST_F_MANUAL/.test(rest), scenarios })
  }
  return tests
}

const escapeSequences = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*[A-Za-z]`, 'g')

/** The table that the test-runner prints at its end; none where it crashed before. */
export function readSummary(stdout: string): TestResult[] {
  const results: TestResult[] = []
  for (const line of stdout.replace(escapeSequences, '').split('\n')) {
    const [, name, state, seconds, reason = ''] =
      /^\|\s*(\S+)\s*\|\s*(PASSED|FAILED|SKIPPED|DNS|RUNNING)\s*\|\s*([\d.]+)s\s*\|(.*)$/.exec(line) ?? []
    if (name === undefined || name === '<MAIN>') continue
    const known = state === 'PASSED' || state === 'SKIPPED' || state === 'DNS' ? state : 'FAILED'
    results.push({ name, state: known, seconds: Number(seconds), reason: reason.trim() })
  }
  return results
}

/** All tests of one number, in a process of their own. Answers also what was said, for the one who looks for a cause. */
export async function runNumber(
  context: Pick<SuiteContext, 'run'>,
  options: RunOptions,
): Promise<{ readonly results: readonly TestResult[]; readonly output: string }> {
  const { directory, librdkafka, number, confFile, env, timeLimitMs } = options
  const libraries = [join(librdkafka, 'src'), join(librdkafka, 'src-cpp')].join(':')
  const started = await context.run('./test-runner', ['-p1', '-L', '-K', ...options.arguments], {
    cwd: directory,
    timeLimitMs,
    env: { TEST_LEVEL: '2', ...env, TESTS: number, RDKAFKA_TEST_CONF: confFile, LD_LIBRARY_PATH: libraries },
  })
  for (const name of readdirSync(directory)) {
    if (/^(stats_.*\.json|core)$/.test(name)) rmSync(join(directory, name))
  }
  const output = `${started.stdout.toString()}\n${started.stderr}`
  const results = readSummary(started.stdout.toString()).filter((result) => result.name.startsWith(number))
  if (results.some(({ state }) => state !== 'DNS') && !started.hasTimedOut) return { results, output }
  const how = started.hasTimedOut
    ? `the test-runner did not end within ${timeLimitMs / 1000} s`
    : `the test-runner ended with ${started.code ?? 'a signal'}`
  const reason = `${firstFailure(output) ?? 'nothing was said'}; ${how}`
  return { results: [{ name: number, state: 'FAILED', reason, seconds: 0 }], output }
}

/** What a test complained of first. One that fails leaves threads behind, of which the test-runner then dies without its table. */
function firstFailure(output: string): string | null {
  const lines = output.replace(escapeSequences, '').split('\n')
  const at = lines.findIndex((line) => line.startsWith('### Test "'))
  if (at < 0) return null
  const [, test = '', place = ''] = /^### Test "(.*)" failed at (\S+)/.exec(lines[at]!) ?? []
  const why = lines.slice(at + 1, at + 4).filter((line) => line !== '' && !line.startsWith('[') && line !== '###')
  return [test, place, ...why].join(' / ')
}
