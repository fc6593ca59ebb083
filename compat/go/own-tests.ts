/**
 * franz-go's own tests against our brokers: the authors' groups that are joined and left at random while every record must be processed once, with and
 * without transactions, by both protocols of groups. One check each of their tests; those that need no broker run as well, and cost nothing.
 */
import type { Checks } from '../run/checks'
import { complaintOf } from '../run/programs'
import type { SuiteContext } from '../run/suite'

const timeLimitMs = 1_100_000

export interface OwnTests {
  readonly program: string
  readonly bootstrap: string
  /** How many records their chains of groups pass on; their own default is 500,000. */
  readonly records: number
  /** Only those that match; all where nothing is said. */
  readonly run?: string
}

export async function ownTests(context: SuiteContext, { program, bootstrap, records, run }: OwnTests): Promise<void> {
  const args = ['-test.v', `-test.timeout=${timeLimitMs / 1000 - 20}s`, ...(run === undefined ? [] : [`-test.run=${run}`])]
  const env = { KGO_SEEDS: bootstrap, KGO_TEST_RECORDS: String(records), KGO_LOG_LEVEL: 'none' }
  const result = await context.run(program, args, { env, timeLimitMs })
  const output = result.stdout.toString()
  const count = addResults(context.checks, output)
  if (count === 0) throw new Error(complaintOf('the tests of franz-go', result) || 'no test ran')
  if (result.code !== 0 && !/^\s*--- FAIL/m.test(output)) throw new Error(complaintOf('the tests of franz-go', result))
}

/** A test with tests in it counts by those; what a test said before its end is why it failed or was skipped. */
export function addResults(checks: Checks, output: string): number {
  const said = new Map<string, string[]>()
  const results: { readonly name: string; readonly status: string }[] = []
  let speaker = ''
  for (const line of output.split('\n')) {
    const [, about] = /^=== (?:RUN|CONT|NAME) {2,3}(\S+)/.exec(line) ?? []
    const [, status, name] = /^\s*--- (PASS|FAIL|SKIP): (\S+)/.exec(line) ?? []
    const [, message] = /^\s+\w+_test\.go:\d+: (.*)$/.exec(line) ?? []
    if (about !== undefined) speaker = about
    else if (status !== undefined && name !== undefined) results.push({ name, status })
    else if (message !== undefined) said.set(speaker, [...(said.get(speaker) ?? []), message])
  }
  const hasParts = (name: string) => results.some((other) => other.name.startsWith(`${name}/`))
  const judged = results.filter(({ name, status }) => name.startsWith('Test') && (status === 'FAIL' || !hasParts(name)))
  for (const { name, status } of judged) {
    const why = (said.get(name) ?? [])
      .filter((line) => !/^(FAILED TESTING|deleting )/.test(line))
      .slice(0, 3)
      .join(' / ')
    if (status === 'PASS') checks.passed(name)
    else if (status === 'SKIP') checks.skipped(name, why)
    else checks.failed(name, why || 'a test in it failed')
  }
  return judged.length
}
