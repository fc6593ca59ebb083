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

export function tableOf(findings: readonly Finding[]): string {
  const rows = findings.map(({ mutation, result }) => {
    const found = result === null ? '| not found | |' : `| ${result.seed} | ${foundBy(result)} |`
    return `| \`${mutation.name}\` | ${mutation.breaks} ${found}`
  })
  return ['| Planted bug | What goes wrong | Seeds to find | Found by |', '| --- | --- | ---: | --- |', ...rows].join('\n')
}

/** `document` with what stands between the two marks replaced. */
export function withTable(document: string, table: string): string {
  const begin = document.indexOf(BEGIN)
  const end = document.indexOf(END)
  if (begin < 0 || end < begin) throw new Error('docs/simulation.md has lost the marks of its table')
  return `${document.slice(0, begin + BEGIN.length)}\n${table}\n${document.slice(end)}`
}

function foundBy(result: SimResult): string {
  if (result.outcome === 'no-convergence') return 'no convergence'
  const rule = ruleOf(result).replaceAll('|', '\\|')
  if (result.outcome === 'broken-invariant') return rule
  // "broker-1, timer: AssertionError: words of the rule"
  const words = /Error: (.*)$/.exec(rule)?.[1] ?? rule
  return `crash: ${words}`
}
