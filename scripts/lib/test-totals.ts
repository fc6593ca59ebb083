/** How many tests passed and failed, out of the JSON reports of vitest and Playwright. */
import { readFileSync } from 'node:fs'
import { stripVTControlCharacters } from 'node:util'

export interface Totals {
  readonly passed: number
  readonly failed: number
  /** What failed, an entry each: the test's file and name, then the first lines of its error. For the end of a long output. */
  readonly failures: readonly string[]
}

interface VitestReport {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly testResults?: readonly VitestFile[]
}

interface VitestFile {
  readonly name?: string
  readonly status: string
  readonly message?: string
  readonly assertionResults: readonly VitestAssertion[]
}

interface VitestAssertion {
  readonly status?: string
  readonly fullName?: string
  readonly failureMessages?: readonly string[]
}

interface PlaywrightReport {
  readonly stats: { readonly expected: number; readonly unexpected: number; readonly flaky: number }
  readonly suites?: readonly PlaywrightSuite[]
  readonly errors?: readonly { readonly message?: string }[]
}

interface PlaywrightSuite {
  readonly suites?: readonly PlaywrightSuite[]
  readonly specs?: readonly PlaywrightSpec[]
}

interface PlaywrightSpec {
  readonly title: string
  readonly file: string
  readonly line: number
  readonly tests: readonly PlaywrightTest[]
}

interface PlaywrightTest {
  readonly status: 'expected' | 'unexpected' | 'flaky' | 'skipped'
  readonly results: readonly { readonly error?: { readonly message?: string } }[]
}

const LINES_PER_FAILURE = 12

/** A report that is missing or not whole counts as one failure: a runner that crashed must not look like an empty suite. */
export function readTotals(path: string, kind: 'vitest' | 'playwright'): Totals {
  let content: unknown
  try {
    content = JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return { passed: 0, failed: 1, failures: [`no report at ${path}: the tests ended before they wrote it`] }
  }
  return kind === 'vitest' ? vitestTotals(content as VitestReport) : playwrightTotals(content as PlaywrightReport)
}

/** A test file that does not load, or whose set-up fails, is failed without a failed test: there are none, or they are skipped. */
export function vitestTotals(report: VitestReport): Totals {
  const files = report.testResults ?? []
  const filesFailed = files.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  )
  const failures = [
    ...files.flatMap((file) =>
      file.assertionResults
        .filter((test) => test.status === 'failed')
        .map((test) => failure(`${file.name ?? ''} › ${test.fullName ?? ''}`, test.failureMessages?.join('\n'))),
    ),
    ...filesFailed.map((file) => failure(file.name ?? 'a test file', file.message)),
  ]
  return { passed: report.numPassedTests, failed: report.numFailedTests + filesFailed.length, failures }
}

/** A flaky test passed in the end only by being repeated: it counts as failed. Errors outside tests count too. */
export function playwrightTotals(report: PlaywrightReport): Totals {
  const errors = report.errors ?? []
  const failures = [
    ...(report.suites ?? []).flatMap(specs).flatMap((spec) => {
      const counted = spec.tests.filter(({ status }) => status === 'unexpected' || status === 'flaky')
      return counted.map(({ results }) => {
        const messages = results.flatMap((result) => result.error?.message ?? [])
        return failure(`${spec.file}:${spec.line} › ${spec.title}`, messages.join('\n'))
      })
    }),
    ...errors.map((error) => failure('outside the tests', error.message)),
  ]
  return { passed: report.stats.expected, failed: report.stats.unexpected + report.stats.flaky + errors.length, failures }
}

function specs(suite: PlaywrightSuite): readonly PlaywrightSpec[] {
  return [...(suite.specs ?? []), ...(suite.suites ?? []).flatMap(specs)]
}

function failure(where: string, message = ''): string {
  const text = stripVTControlCharacters(message).trim()
  const lines = text === '' ? [] : text.split('\n')
  const shown = lines.slice(0, LINES_PER_FAILURE).map((line) => `    ${line}`)
  return [where, ...shown, ...(lines.length > shown.length ? ['    …'] : [])].join('\n')
}

export function addTotals(all: readonly Totals[]): Totals {
  return {
    passed: all.reduce((sum, one) => sum + one.passed, 0),
    failed: all.reduce((sum, one) => sum + one.failed, 0),
    failures: all.flatMap((one) => one.failures),
  }
}
