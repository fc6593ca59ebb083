import { describe, expect, it } from 'vitest'
import { parseArguments, UsageError } from './arguments'

describe('the command line of the simulator', () => {
  it('takes one seed, or a range with both ends', () => {
    expect(parseArguments(['--seed', '7'])).toMatchObject({ from: 7, to: 7, jobs: null, onlyFaults: null, stopsAtFirst: false })
    expect(parseArguments(['--seeds', '1..200', '--jobs', '2'])).toMatchObject({ from: 1, to: 200, jobs: 2 })
  })

  it('takes the faults that --shrink has left, none of them included', () => {
    expect(parseArguments(['--seed', '7', '--only-faults', '3,7,12']).onlyFaults).toEqual([3, 7, 12])
    expect(parseArguments(['--seed', '7', '--only-faults', 'none']).onlyFaults).toEqual([])
  })

  it.each([
    [[]],
    [['--seed']],
    [['--seed', '--trace']],
    [['--seed', 'x']],
    [['--seed', '1.5']],
    [['--seed', '1', '--seeds', '1..2']],
    [['--seed', '1', '--seed', '2']],
    [['--seeds', '5..1']],
    [['--seeds', '5']],
    [['--seeds', '1..2', '--shrink']],
    [['--seed', '1', '--trace', '--shrink']],
    [['--seed', '1', '--jobs', '0']],
    [['--seed', '1', '--only-faults', '1,,2']],
    [['--sed', '1']],
  ])('refuses %j', (args) => {
    expect(() => parseArguments(args)).toThrow(UsageError)
  })
})
