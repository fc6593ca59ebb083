/** The table of planted bugs in docs/simulation.md: what each breaks, which seed found it first, and by which rule. Pure. */
import type { SimResult } from '../../../src/engine/testing/sim/simulate'
import { ruleOf } from '../report'
import type { Mutation } from './mutation'

export interface Finding {
  readonly mutation: Mutation
  /** Null: no seed has found it. */
  readonly result: SimResult | null
  readonly seconds: number
}

const BEGIN = '<!-- planted bugs: written by npm run sim:mutations -- --write-docs -->'
const END = '<!-- end of planted bugs -->'

const HEAD = ['| Planted bug | What goes wrong | Seeds to find | Found by |', '| --- | --- | ---: | --- |']

/**
 * `document` with a row for each of the findings in the table between the two marks. The rows of other bugs stay as they were found, as long as there are such bugs;
 * all stand in the order of the catalogue.
 */
export function withFindings(document: string, findings: readonly Finding[], catalogue: readonly Mutation[]): string {
  const begin = document.indexOf(BEGIN)
  const end = document.indexOf(END)
  if (begin < 0 || end < begin) throw new Error('docs/simulation.md has lost the marks of its table')
  const rows = new Map<string, string>()
  for (const line of document.slice(begin, end).split('\n')) {
    const name = /^\| `([^`]+)` \|/.exec(line)?.[1]
    if (name !== undefined) rows.set(name, line)
  }
  for (const finding of findings) rows.set(finding.mutation.name, rowOf(finding))
  const table = [...HEAD, ...catalogue.flatMap(({ name }) => rows.get(name) ?? [])].join('\n')
  return `${document.slice(0, begin + BEGIN.length)}\n${table}\n${document.slice(end)}`
}

function rowOf({ mutation, result }: Finding): string {
  const found = result === null ? '| not found | |' : `| ${result.seed} | ${foundBy(result)} |`
  return `| \`${mutation.name}\` | ${mutation.breaks} ${found}`
}

function foundBy(result: SimResult): string {
  if (result.outcome === 'no-convergence') return 'no convergence'
  const rule = ruleOf(result).replaceAll('|', '\\|')
  if (result.outcome === 'broken-invariant') return rule
  // "broker-1, timer: AssertionError: words of the rule"
  const words = /Error: (.*)$/.exec(rule)?.[1] ?? rule
  return `crash: ${words}`
}
