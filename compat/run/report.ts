/** What a run of the suites has found, for a person: one line a client on the terminal, and every check in a file. Pure: it reads and writes nothing. */
import type { CheckResult, CompatSuite, Detected, KnownFailure } from './suite'

export interface SuiteOutcome {
  readonly suite: Pick<CompatSuite, 'name' | 'knownFailures'>
  readonly detected: Detected
  readonly results: readonly CheckResult[]
  /** Markdown of the suite's own, for the file. */
  readonly attachments: readonly string[]
  readonly seconds: number
  /** False for a quick run, in which checks of the list may not come up. */
  readonly isWhole: boolean
}

interface Judged {
  readonly passed: number
  readonly skipped: readonly CheckResult[]
  readonly unexplained: readonly CheckResult[]
  readonly explained: readonly { readonly result: CheckResult; readonly cause: string }[]
  /** Entries of the list that are to be taken off it: their check passed, or there is none of that name any more. */
  readonly outdated: readonly string[]
}

export function judge({ suite, results, isWhole }: SuiteOutcome): Judged {
  const known = suite.knownFailures ?? []
  const failed = results.filter(({ status }) => status === 'failed')
  const causes = failed.map((result) => ({ result, cause: known.find((entry) => covers(entry, result.name))?.reason }))
  const outdated = known.flatMap((entry) => {
    const covered = results.filter(({ name }) => covers(entry, name))
    if (covered.length === 0) return isWhole && results.length > 0 ? [`${entry.check}: there is no such check`] : []
    // A family of checks stays on the list as long as one of them fails or could not be made.
    return covered.every(({ status }) => status === 'passed') ? [`${entry.check}: passes`] : []
  })
  return {
    passed: results.filter(({ status }) => status === 'passed').length,
    skipped: results.filter(({ status }) => status === 'skipped'),
    unexplained: causes.filter(({ cause }) => cause === undefined).map(({ result }) => result),
    explained: causes.flatMap(({ result, cause }) => (cause === undefined ? [] : [{ result, cause }])),
    outdated,
  }
}

const covers = ({ check }: KnownFailure, name: string): boolean => (typeof check === 'string' ? check === name : check.test(name))

/** The line of a client, and below it what a person must look at. */
export function summaryLines(outcome: SuiteOutcome, nameWidth: number): string[] {
  const { detected, seconds, suite } = outcome
  if ('skipped' in detected) return [`${suite.name.padEnd(nameWidth)}  skipped: ${detected.skipped}`]
  const { passed, skipped, unexplained, explained, outdated } = judge(outcome)
  const counts = [
    `${passed} passed`,
    `${unexplained.length} failed`,
    ...(explained.length === 0 ? [] : [`${explained.length} failed as known`]),
    ...(skipped.length === 0 ? [] : [`${skipped.length} skipped (${skipReasons(skipped)})`]),
  ]
  return [
    `${labelOf(outcome).padEnd(nameWidth)}  ${counts.join(', ')}  [${seconds.toFixed(0)} s]`,
    ...unexplained.map(({ name, reason }) => `  failed ${name}: ${firstLine(reason)}`),
    ...outdated.map((entry) => `  take off the list of known failures: ${entry}`),
  ]
}

export function labelOf({ suite, detected }: SuiteOutcome): string {
  const version = 'version' in detected ? detected.version : ''
  return version === '' ? suite.name : `${suite.name} ${version}`
}

export function hasUnexplained(outcomes: readonly SuiteOutcome[]): boolean {
  return outcomes.some((outcome) => judge(outcome).unexplained.length > 0)
}

/** Every check of every client, as Markdown. */
export function markdownReport(outcomes: readonly SuiteOutcome[], command: string): string {
  const total = outcomes.map(judge)
  const count = (of: (judged: Judged) => number) => total.reduce((sum, judged) => sum + of(judged), 0)
  return [
    "# Other people's clients against our brokers",
    '',
    `\`${command}\`: ${count(({ passed }) => passed)} passed, ${count(({ unexplained }) => unexplained.length)} failed, ` +
      `${count(({ explained }) => explained.length)} failed as known, ${count(({ skipped }) => skipped.length)} skipped.`,
    ...outcomes.flatMap((outcome) => ['', ...sectionOf(outcome)]),
    '',
  ].join('\n')
}

function sectionOf(outcome: SuiteOutcome): string[] {
  const { detected, results, seconds } = outcome
  if ('skipped' in detected) return [`## ${outcome.suite.name}`, '', `Skipped: ${detected.skipped}`]
  const { explained, outdated } = judge(outcome)
  const causeOf = new Map(explained.map(({ result, cause }) => [result, cause]))
  const rows = results.map((result) => {
    const cause = causeOf.get(result)
    const status = cause === undefined ? result.status : 'failed as known'
    return `| ${cell(result.name)} | ${status} | ${cell(cause === undefined ? result.reason : `${cause} (${result.reason})`)} |`
  })
  return [
    `## ${labelOf(outcome)}`,
    '',
    `${seconds.toFixed(1)} s.`,
    ...outdated.map((entry) => `Take off the list of known failures: ${entry}.`),
    ...outcome.attachments.flatMap((attachment) => ['', attachment.trimEnd()]),
    '',
    '| Check | Result | Why |',
    '| --- | --- | --- |',
    ...rows,
  ]
}

const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll(/\s*\n\s*/g, ' / ')
const firstLine = (text: string) => cell(text).slice(0, 400)
const shownReasons = 2

/** The reasons why checks were skipped, each once; the report has them all. */
function skipReasons(skipped: readonly CheckResult[]): string {
  const reasons = [...new Set(skipped.map(({ reason }) => reason))]
  const more = reasons.length > shownReasons ? [`and ${reasons.length - shownReasons} more reasons, see the report`] : []
  return [...reasons.slice(0, shownReasons), ...more].join('; ')
}
