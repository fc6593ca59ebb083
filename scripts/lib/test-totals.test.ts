import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { addTotals, playwrightTotals, readTotals, vitestTotals } from './test-totals'

test('counts the tests of a vitest report, and names what failed with the beginning of its error', () => {
  const assertionResults = [
    { status: 'passed', fullName: 'adds' },
    { status: 'failed', fullName: 'subtracts', failureMessages: ['\u001b[31mexpected 1\u001b[39m\n  to be 2'] },
  ]
  const testResults = [{ name: 'sum.test.ts', status: 'failed', assertionResults }]
  expect(vitestTotals({ numPassedTests: 12, numFailedTests: 1, testResults })).toEqual({
    passed: 12,
    failed: 1,
    failures: ['sum.test.ts › subtracts\n    expected 1\n      to be 2'],
  })
})

test('cuts the error of a failed test where it gets long', () => {
  const failureMessages = [Array.from({ length: 50 }, (_, line) => `line ${line}`).join('\n')]
  const testResults = [{ name: 'a', status: 'failed', assertionResults: [{ status: 'failed', fullName: 'b', failureMessages }] }]
  const lines = vitestTotals({ numPassedTests: 0, numFailedTests: 1, testResults }).failures[0]?.split('\n') ?? []
  expect([lines.length, lines.at(-2), lines.at(-1)]).toEqual([14, '    line 11', '    …'])
})

test('counts a test file that does not load as a failure', () => {
  const testResults = [
    { name: 'broken.test.ts', status: 'failed', message: 'no such module', assertionResults: [] },
    { status: 'passed', assertionResults: [{}] },
  ]
  expect(vitestTotals({ numPassedTests: 1, numFailedTests: 0, testResults })).toEqual({
    passed: 1,
    failed: 1,
    failures: ['broken.test.ts\n    no such module'],
  })
})

test('counts a test file whose set-up fails as a failure, though its tests are only skipped', () => {
  const testResults = [{ name: 'a.test.ts', status: 'failed', message: 'no broker', assertionResults: [{ status: 'skipped' }] }]
  expect(vitestTotals({ numPassedTests: 0, numFailedTests: 0, testResults })).toEqual({
    passed: 0,
    failed: 1,
    failures: ['a.test.ts\n    no broker'],
  })
})

test('counts a flaky test and an error outside tests as failures, and names them', () => {
  const spec = (line: number, status: 'expected' | 'unexpected' | 'flaky', messages: readonly string[]) => ({
    title: 'opens',
    file: 'shell.spec.ts',
    line,
    tests: [{ status, results: messages.map((message) => ({ error: { message } })) }],
  })
  const report = {
    stats: { expected: 5, unexpected: 1, flaky: 1 },
    suites: [{ suites: [{ specs: [spec(3, 'flaky', ['too late']), spec(7, 'expected', []), spec(9, 'unexpected', [])] }] }],
    errors: [{ message: 'no display' }],
  }
  expect(playwrightTotals(report)).toEqual({
    passed: 5,
    failed: 3,
    failures: ['shell.spec.ts:3 › opens\n    too late', 'shell.spec.ts:9 › opens', 'outside the tests\n    no display'],
  })
})

test('counts a missing report as a failure', () => {
  const totals = readTotals(join(tmpdir(), 'no-such-report.json'), 'vitest')
  expect([totals.passed, totals.failed, totals.failures.length]).toEqual([0, 1, 1])
})

test('adds up', () => {
  expect(
    addTotals([
      { passed: 1, failed: 2, failures: ['a', 'b'] },
      { passed: 3, failed: 0, failures: [] },
    ]),
  ).toEqual({ passed: 4, failed: 2, failures: ['a', 'b'] })
})
