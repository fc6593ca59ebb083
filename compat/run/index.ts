/**
 * `npm run compat [-- --only NAME,NAME] [--quick] [--list] [--verbose]`: asks every foreign client that this machine can run.
 *
 * One line a client, the same and every check in node_modules/.cache/compat/report.md, exit code 1 on a failure that no list of known failures
 * explains. Suites run one after the other: each has a cluster and a client with threads of its own, and two cores are soon busy.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Checks, withinLimit } from './checks'
import { Context } from './context'
import { discoverSuites } from './discover'
import { hasUnexplained, labelOf, markdownReport, type SuiteOutcome, summaryLines } from './report'
import type { CompatSuite, Detected } from './suite'

const root = join(__dirname, '..', '..')
const cacheDirectory = join(root, 'node_modules', '.cache', 'compat')
const defaultTimeLimitMs = 10 * 60_000
const nameWidth = 34

interface Options {
  readonly isQuick: boolean
  readonly isVerbose: boolean
}

let running: Context | null = null

/** Whoever stops us does not want brokers and clients that go on by themselves. */
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    const exit = () => process.exit(1)
    if (running === null) exit()
    else running.end().then(exit, exit)
  })
}

async function runSuite(suite: CompatSuite, { isQuick, isVerbose }: Options): Promise<SuiteOutcome> {
  const startedMs = performance.now()
  const checks = new Checks(({ name, status, reason }) => {
    if (isVerbose) console.log(`    ${status} ${name}${reason === '' ? '' : `: ${reason}`}`)
  })
  const context = new Context(isQuick, cacheDirectory, checks)
  running = context
  const outcome = (detected: Detected): SuiteOutcome => ({
    suite,
    detected,
    results: checks.results,
    attachments: context.attachments,
    seconds: (performance.now() - startedMs) / 1000,
    isWhole: !isQuick,
  })
  try {
    const detected = await suite.prepare(context)
    if ('skipped' in detected) return outcome(detected)
    if (isVerbose) console.log(`  ${suite.name} ${detected.version}`)
    await withinLimit(suite.run(context), suite.timeLimitMs ?? defaultTimeLimitMs).catch((error: unknown) =>
      checks.failed('the suite ran to its end', error instanceof Error ? error.message : String(error)),
    )
    return outcome(detected)
  } catch (error) {
    checks.failed('the client was prepared', error instanceof Error ? (error.stack ?? error.message) : String(error))
    return outcome({ version: '' })
  } finally {
    await context.end()
  }
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      quick: { type: 'boolean', default: false },
      verbose: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
    },
  })
  const all = (await discoverSuites()).flatMap(({ suites = [] }) => suites)
  const names = all.map(({ name }) => name)
  if (values.list) {
    console.log(names.join('\n'))
    return 0
  }
  const asked = values.only?.split(',') ?? null
  const unknown = asked?.filter((name) => !names.includes(name)) ?? []
  if (unknown.length > 0) {
    console.error(`There is no suite ${unknown.join(', ')}. There are: ${names.join(', ')}.`)
    return 1
  }
  const chosen = all.filter((suite) => asked?.includes(suite.name) ?? !(values.quick && suite.isInQuickRuns === false))
  const outcomes: SuiteOutcome[] = []
  mkdirSync(cacheDirectory, { recursive: true })
  const reportFile = join(cacheDirectory, 'report.md')
  const command = ['npm run compat', ...(process.argv.length > 2 ? ['--', ...process.argv.slice(2)] : [])].join(' ')
  for (const suite of chosen) {
    const outcome = await runSuite(suite, { isQuick: values.quick, isVerbose: values.verbose })
    outcomes.push(outcome)
    for (const line of summaryLines(outcome, nameWidth)) console.log(line)
    // Written after each, so that a run that is broken off leaves what it has.
    writeFileSync(reportFile, markdownReport(outcomes, command))
  }
  const failed = outcomes.filter((outcome) => hasUnexplained([outcome])).map(labelOf)
  console.log(`Every check: ${reportFile}`)
  if (failed.length > 0) console.log(`Failures without an explanation: ${failed.join('; ')}`)
  return failed.length === 0 ? 0 : 1
}

main().then(
  // What a client has left open must not keep us; all that counts has been written.
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error)
    process.exit(1)
  },
)
