import { describe, expect, it } from 'vitest'
import { Checks } from '../run/checks'
import { addResults } from './own-tests'

const output = `=== RUN   TestA
=== PAUSE TestA
=== RUN   TestB
    b_test.go:12: broker does not support share groups
--- SKIP: TestB (0.00s)
=== CONT  TestA
=== RUN   TestA/one
    a_test.go:3: deleting topic x
    a_test.go:4: got 3 records, expected 4
=== RUN   TestA/two
--- FAIL: TestA (1.00s)
    --- FAIL: TestA/one (0.50s)
    --- PASS: TestA/two (0.50s)
--- PASS: FuzzC (0.00s)
FAIL
`

describe('what a Go test program prints', () => {
  it('becomes a check for each test, with what it said', () => {
    const checks = new Checks()
    expect(addResults(checks, output)).toBe(4)
    expect(checks.results).toEqual([
      { name: 'TestB', status: 'skipped', reason: 'broker does not support share groups' },
      { name: 'TestA', status: 'failed', reason: 'a test in it failed' },
      { name: 'TestA/one', status: 'failed', reason: 'got 3 records, expected 4' },
      { name: 'TestA/two', status: 'passed', reason: '' },
    ])
  })
})
