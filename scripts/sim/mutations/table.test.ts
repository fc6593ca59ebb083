import { describe, expect, it } from 'vitest'
import type { SimResult } from '../../../src/engine/testing/sim/simulate'
import type { Mutation } from './mutation'
import { withFindings } from './table'

const bug = (name: string): Mutation => ({ name, file: 'a.ts', find: 'x', replace: 'y', breaks: `${name} goes wrong` })
const catalogue = [bug('first'), bug('second'), bug('third')]
const found = (seed: number): SimResult => ({
  ...{ seed, outcome: 'broken-invariant' as const, invariant: 'a rule', message: '', atMs: 1, eventCount: 1 },
  ...{ simulatedMs: 1, stats: {}, faults: [] },
})

const begin = '<!-- planted bugs: written by npm run sim:mutations -- --write-docs -->'
const end = '<!-- end of planted bugs -->'
const head = '| Planted bug | What goes wrong | Seeds to find | Found by |\n| --- | --- | ---: | --- |'
const documentOf = (...rows: string[]) => `Above\n${begin}\n${[head, ...rows].join('\n')}\n${end}\nBelow`

describe('the table of planted bugs', () => {
  it('gets the rows of those that were run, in the order of the catalogue, and keeps the others', () => {
    const document = documentOf(
      '| `third` | third goes wrong | 7 | an old rule |',
      '| `gone` | is no bug any more | 1 | a rule |',
    )
    const findings = [
      { mutation: bug('second'), result: null, seconds: 1 },
      { mutation: bug('first'), result: found(3), seconds: 1 },
    ]
    expect(withFindings(document, findings, catalogue)).toBe(
      documentOf(
        '| `first` | first goes wrong | 3 | a rule |',
        '| `second` | second goes wrong | not found | |',
        '| `third` | third goes wrong | 7 | an old rule |',
      ),
    )
  })

  it('says so where the document has lost its marks', () => {
    expect(() => withFindings('nothing', [], catalogue)).toThrow('has lost the marks of its table')
  })
})
