import { describe, expect, it } from 'vitest'
import { Checks, expectEqual, Skipped } from './checks'

describe('checks', () => {
  it('pass, fail with what was thrown, or are skipped', async () => {
    const checks = new Checks()
    await checks.check('good', async () => undefined)
    await checks.check('bad', async () => expectEqual('count', 1, 2))
    await checks.check('neither', () => Promise.reject(new Skipped('no such version')))
    expect(checks.results).toEqual([
      { name: 'good', status: 'passed', reason: '' },
      { name: 'bad', status: 'failed', reason: 'count: 1 is not 2' },
      { name: 'neither', status: 'skipped', reason: 'no such version' },
    ])
  })

  it('fail when they take too long', async () => {
    const checks = new Checks()
    await checks.check('slow', () => new Promise(() => undefined), 5)
    expect(checks.results[0]).toEqual({ name: 'slow', status: 'failed', reason: 'not done after 0.005 s' })
  })

  it('are only those that a quick run asks for', async () => {
    const checks = new Checks()
    checks.restrictTo(['asked'])
    for (const name of ['asked', 'not asked']) await checks.check(name, async () => undefined)
    expect(checks.results.map(({ name }) => name)).toEqual(['asked'])
  })

  it('are read from the lines of a program, past all that is talk', () => {
    const checks = new Checks()
    const count = checks.addLines('% connected\nok reads: all\nfailed writes: broken: pipe\nskipped moves: too old\nokay then\n')
    expect(count).toBe(3)
    expect(checks.results).toEqual([
      { name: 'reads: all', status: 'passed', reason: '' },
      { name: 'writes', status: 'failed', reason: 'broken: pipe' },
      { name: 'moves', status: 'skipped', reason: 'too old' },
    ])
  })
})
