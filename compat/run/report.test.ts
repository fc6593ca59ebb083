import { describe, expect, it } from 'vitest'
import { hasUnexplained, markdownReport, type SuiteOutcome, summaryLines } from './report'
import type { CheckResult, KnownFailure } from './suite'

const passed = (name: string): CheckResult => ({ name, status: 'passed', reason: '' })
const failed = (name: string, reason = 'it broke'): CheckResult => ({ name, status: 'failed', reason })
const skipped = (name: string, reason: string): CheckResult => ({ name, status: 'skipped', reason })

function outcome(results: readonly CheckResult[], knownFailures: readonly KnownFailure[] = [], isWhole = true): SuiteOutcome {
  return { suite: { name: 'kcat', knownFailures }, detected: { version: '1.7.1' }, results, attachments: [], seconds: 3, isWhole }
}

describe('the report of a compat run', () => {
  it('is one line for a client of which all passed', () => {
    expect(summaryLines(outcome([passed('a'), passed('b')]), 12)).toEqual(['kcat 1.7.1    2 passed, 0 failed  [3 s]'])
  })

  it('says why checks were skipped, each reason once', () => {
    const [line] = summaryLines(outcome([skipped('a', 'too old'), skipped('b', 'too old')]), 12)
    expect(line).toContain('0 passed, 0 failed, 2 skipped (too old)')
  })

  it('says why a client was not asked at all', () => {
    const lines = summaryLines({ ...outcome([]), detected: { skipped: 'it is not installed' } }, 12)
    expect(lines).toEqual(['kcat          skipped: it is not installed'])
  })

  it('shows a failure that nobody explains, and is red', () => {
    const one = outcome([failed('reads', 'line one\nline two')])
    expect(summaryLines(one, 12)[1]).toBe('  failed reads: line one / line two')
    expect(hasUnexplained([outcome([passed('a')]), one])).toBe(true)
  })

  it('counts a failure of the list as explained, by its name or by a pattern', () => {
    const one = outcome(
      [failed('reads zstd'), failed('reads lz4'), passed('reads gzip')],
      [
        { check: 'reads zstd', reason: 'it cannot' },
        { check: /lz4$/, reason: 'it cannot either' },
      ],
    )
    expect(hasUnexplained([one])).toBe(false)
    expect(summaryLines(one, 12)).toEqual(['kcat 1.7.1    1 passed, 0 failed, 2 failed as known  [3 s]'])
    expect(markdownReport([one], 'npm run compat')).toContain('| reads zstd | failed as known | it cannot (it broke) |')
  })

  it('tells what is to be taken off the list: what passes, and what there is no more', () => {
    const known = [
      { check: 'reads', reason: 'mended since' },
      { check: 'gone', reason: 'renamed since' },
    ]
    expect(summaryLines(outcome([passed('reads')], known), 12).slice(1)).toEqual([
      '  take off the list of known failures: reads: passes',
      '  take off the list of known failures: gone: there is no such check',
    ])
    // A quick run makes few of the checks.
    expect(summaryLines(outcome([passed('other')], known, false), 12)).toHaveLength(1)
  })

  it('takes up what a suite attaches', () => {
    const one = { ...outcome([passed('a')]), attachments: ['| a | table |\n'] }
    expect(markdownReport([one], 'npm run compat')).toContain('\n\n| a | table |\n\n| Check |')
  })

  it('keeps a family on the list as long as one of it fails', () => {
    const one = outcome([failed('reads zstd'), passed('reads lz4')], [{ check: /^reads/, reason: 'old' }])
    expect(summaryLines(one, 12)).toHaveLength(1)
  })
})
