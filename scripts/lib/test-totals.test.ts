import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { addTotals, playwrightTotals, readTotals, vitestTotals } from './test-totals'

test('counts the tests of a vitest report', () => {
  expect(vitestTotals({ numPassedTests: 12, numFailedTests: 2, testResults: [] })).toEqual({ passed: 12, failed: 2 })
})

test('counts a test file that does not load as a failure', () => {
  const testResults = [
    { status: 'failed', assertionResults: [] },
    { status: 'passed', assertionResults: [{}] },
  ]
  expect(vitestTotals({ numPassedTests: 1, numFailedTests: 0, testResults })).toEqual({ passed: 1, failed: 1 })
})

test('counts a flaky test and an error outside tests as failures', () => {
  expect(playwrightTotals({ stats: { expected: 5, unexpected: 1, flaky: 1 }, errors: [{}] })).toEqual({ passed: 5, failed: 3 })
})

test('counts a missing report as a failure', () => {
  expect(readTotals(join(tmpdir(), 'no-such-report.json'), 'vitest')).toEqual({ passed: 0, failed: 1 })
})

test('adds up', () => {
  expect(
    addTotals([
      { passed: 1, failed: 2 },
      { passed: 3, failed: 0 },
    ]),
  ).toEqual({ passed: 4, failed: 2 })
})
