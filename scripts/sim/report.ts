/** The simulator's results in words: one failure, the sum of many runs, the way there. Pure. */
import type { SimResult } from '../../src/engine/testing/sim/simulate'

/** What was run: for a line that replays it. */
export interface Source {
  readonly commit: string
  readonly hasLocalChanges: boolean
}

export const exitCodes = {
  passed: 0,
  crash: 3,
  'broken-invariant': 4,
  'no-convergence': 5,
} as const satisfies Record<SimResult['outcome'], number>
export const EXIT_USAGE = 2
export const EXIT_NOT_THE_SAME = 6

const outcomeWords: Record<SimResult['outcome'], string> = {
  passed: 'passed',
  crash: 'crash',
  'broken-invariant': 'broken invariant',
  'no-convergence': 'no convergence',
}

export function sourceWords({ commit, hasLocalChanges }: Source): string {
  return `commit ${commit}${hasLocalChanges ? ' with local changes' : ''}`
}

export function replayLine(seed: number, onlyFaults: readonly number[] | null): string {
  const faults = onlyFaults === null ? '' : ` --only-faults ${onlyFaults.length === 0 ? 'none' : onlyFaults.join(',')}`
  return `npm run sim -- --seed ${seed}${faults}`
}

/** What broke, in a line: the rule, or the first line of the crash. */
export function ruleOf({ outcome, invariant, message }: SimResult): string {
  if (invariant !== null) return invariant
  const firstLine = message.split('\n', 1)[0] ?? ''
  return outcome === 'passed' ? '' : firstLine
}

export function failureWords(result: SimResult, onlyFaults: readonly number[] | null, source: Source): string {
  const { seed, outcome, atMs, invariant, message } = result
  const at = Number.isFinite(atMs) ? ` at ${(atMs / 1000).toFixed(3)} s of simulated time` : ''
  return [
    `Seed ${seed} failed: ${outcomeWords[outcome]}${at}, ${sourceWords(source)}.`,
    ...(invariant === null ? [] : [`  Rule broken: ${invariant}`]),
    ...message.split('\n').map((line) => `  ${line}`),
    `  Replay: ${replayLine(seed, onlyFaults)}`,
  ].join('\n')
}

/** `12 seeds/s` and the like, for a line that is written over. */
export function progressWords(done: number, total: number, failed: number, elapsedMs: number): string {
  const perSecond = done / Math.max(0.001, elapsedMs / 1000)
  const leftS = Math.round((total - done) / Math.max(0.001, perSecond))
  return `${done} of ${total} seeds, ${failed} failed, ${perSecond.toFixed(1)} seeds/s, ${leftS} s left`
}

/** Adds runs up. */
export class Totals {
  readonly failures: SimResult[] = []
  private readonly stats = new Map<string, number>()
  private runs = 0
  private events = 0
  private simulatedMs = 0

  add(result: SimResult): void {
    this.runs++
    this.events += result.eventCount
    this.simulatedMs += result.simulatedMs
    for (const [name, value] of Object.entries(result.stats)) this.stats.set(name, (this.stats.get(name) ?? 0) + value)
    if (result.outcome === 'passed') return
    this.failures.push(result)
    this.failures.sort((left, right) => left.seed - right.seed)
  }

  get runCount(): number {
    return this.runs
  }

  get exitCode(): number {
    const [first] = this.failures
    return first === undefined ? exitCodes.passed : exitCodes[first.outcome]
  }

  words(elapsedMs: number, jobs: number, source: Source): string {
    const seconds = elapsedMs / 1000
    const passed = this.runs - this.failures.length
    const names = [...this.stats.keys()].sort()
    const width = Math.max(0, ...names.map((name) => name.length))
    return [
      `${this.runs} ${this.runs === 1 ? 'seed' : 'seeds'}: ${passed} passed, ${this.failures.length} failed, in ${seconds.toFixed(1)} s (${(this.runs / seconds).toFixed(1)} a second, ${jobs} ${jobs === 1 ? 'job' : 'jobs'}), ${sourceWords(source)}.`,
      `${grouped(this.events)} events in ${(this.simulatedMs / 3_600_000).toFixed(2)} simulated hours.`,
      ...names.map((name) => `  ${name.padEnd(width)}  ${grouped(this.stats.get(name) ?? 0).padStart(14)}`),
      ...this.failures.map((each) => `failed  seed ${each.seed}  ${outcomeWords[each.outcome]}: ${ruleOf(each)}`),
    ].join('\n')
  }
}

function grouped(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 0 })
}
