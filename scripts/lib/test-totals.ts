/** How many tests passed and failed, out of the JSON reports of vitest and Playwright. */
import { readFileSync } from 'node:fs'

export interface Totals {
  readonly passed: number
  readonly failed: number
}

/** A report that is missing or not whole counts as one failure: a runner that crashed must not look like an empty suite. */
export function readTotals(path: string, kind: 'vitest' | 'playwright'): Totals {
  let content: unknown
  try {
    content = JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return { passed: 0, failed: 1 }
  }
  return kind === 'vitest' ? vitestTotals(content) : playwrightTotals(content)
}

/** A test file that does not even load has no tests in the report, only a failed suite. */
export function vitestTotals(report: unknown): Totals {
  const { numPassedTests, numFailedTests, testResults } = report as {
    numPassedTests: number
    numFailedTests: number
    testResults?: readonly { status: string; assertionResults: readonly unknown[] }[]
  }
  const filesNotLoaded = (testResults ?? []).filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  ).length
  return { passed: numPassedTests, failed: numFailedTests + filesNotLoaded }
}

/** A flaky test passed in the end only by being repeated: it counts as failed. Errors outside tests count too. */
export function playwrightTotals(report: unknown): Totals {
  const { stats, errors } = report as {
    stats: { expected: number; unexpected: number; flaky: number }
    errors?: readonly unknown[]
  }
  return { passed: stats.expected, failed: stats.unexpected + stats.flaky + (errors?.length ?? 0) }
}

export function addTotals(all: readonly Totals[]): Totals {
  return { passed: all.reduce((sum, one) => sum + one.passed, 0), failed: all.reduce((sum, one) => sum + one.failed, 0) }
}
