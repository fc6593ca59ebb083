/**
 * `npm run sim`: runs simulations by seed, many at once, and explains a failure: what broke, the line that replays it, the end of its trace,
 * and, with --shrink, which of its faults matter. The simulator itself is src/engine/testing/sim; docs/simulation.md says how to read it all.
 */
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join, relative } from 'node:path'
import { shrink } from '../../src/engine/testing/sim/shrink'
import type { SimResult } from '../../src/engine/testing/sim/simulate'
import { root } from '../lib/steps'
import { parseArguments, type SimArguments, UsageError, usage } from './arguments'
import { bundleSimulator } from './bundle'
import type { RunAnswer } from './messages'
import { SimPool } from './pool'
import {
  EXIT_NOT_THE_SAME,
  EXIT_USAGE,
  failureWords,
  progressWords,
  replayLine,
  ruleOf,
  type Source,
  sourceWords,
  Totals,
} from './report'
import { currentSource } from './source'

const TRACE_LINES_SHOWN = 200
const PROGRESS_EVERY_MS = process.stdout.isTTY ? 500 : 10_000

class Session {
  private readonly source: Source = currentSource()
  private readonly traces = join(root, 'node_modules', '.cache', 'sim', 'traces')

  constructor(
    private readonly args: SimArguments,
    private readonly jobs: number,
    private readonly pool: SimPool,
  ) {
    mkdirSync(this.traces, { recursive: true })
  }

  run(): Promise<number> {
    if (this.args.isTwice) return this.twice()
    return this.args.from === this.args.to ? this.one(this.args.from) : this.many()
  }

  private async one(seed: number): Promise<number> {
    const { onlyFaults, isTraced, isShrunk } = this.args
    const startedMs = performance.now()
    const traceFile = isTraced ? this.traceFile(seed) : null
    const { result } = await this.pool.run({ seed, onlyFaults, traceFile })
    if (traceFile !== null) process.stdout.write(readFileSync(traceFile))
    const totals = new Totals()
    totals.add(result)
    console.log(totals.words(performance.now() - startedMs, 1, this.source))
    if (result.outcome === 'passed') return totals.exitCode
    if (isShrunk) await this.shrink(result)
    else if (isTraced) this.explain(result, null)
    else await this.runAgainTraced(result)
    return totals.exitCode
  }

  private async many(): Promise<number> {
    const { from, to, stopsAtFirst } = this.args
    const startedMs = performance.now()
    const totals = new Totals()
    let shownMs = startedMs
    const total = to - from + 1
    const onAnswer = ({ result }: RunAnswer): boolean => {
      totals.add(result)
      if (result.outcome !== 'passed') say(`Seed ${result.seed} failed (${result.outcome}).`)
      const nowMs = performance.now()
      if (nowMs - shownMs > PROGRESS_EVERY_MS) {
        shownMs = nowMs
        progress(progressWords(totals.runCount, total, totals.failures.length, nowMs - startedMs))
      }
      return result.outcome === 'passed' || !stopsAtFirst
    }
    await this.pool.runAll(this.orders(), onAnswer)
    say(totals.words(performance.now() - startedMs, this.jobs, this.source))
    const [first] = totals.failures
    if (first !== undefined) await this.runAgainTraced(first)
    return totals.exitCode
  }

  private *orders() {
    for (let seed = this.args.from; seed <= this.args.to; seed++) yield { seed, onlyFaults: null, traceFile: null }
  }

  /** The same seed must give the same trace, in two processes. */
  private async twice(): Promise<number> {
    const { from, to, onlyFaults } = this.args
    const differing: number[] = []
    const traced = async (seed: number, name: string): Promise<string> => {
      const traceFile = join(this.traces, `seed-${seed}-${name}.txt`)
      const { result } = await this.pool.run({ seed, onlyFaults, traceFile })
      return createHash('sha256').update(readFileSync(traceFile)).update(JSON.stringify(result)).digest('hex')
    }
    let next = from
    const worker = async (): Promise<void> => {
      for (let seed = next++; seed <= to; seed = next++) {
        if ((await traced(seed, 'first')) !== (await traced(seed, 'second'))) differing.push(seed)
      }
    }
    await Promise.all(Array.from({ length: this.jobs }, worker))
    const count = to - from + 1
    if (differing.length === 0) {
      console.log(`${count} ${count === 1 ? 'seed' : 'seeds'} twice: the same trace each time, ${sourceWords(this.source)}.`)
      return 0
    }
    console.log(`The same seed gave different traces: ${differing.join(', ')}. They are in ${this.traces}.`)
    return EXIT_NOT_THE_SAME
  }

  private async runAgainTraced(failed: SimResult): Promise<void> {
    const { onlyFaults } = this.args
    const traceFile = this.traceFile(failed.seed)
    const { result } = await this.pool.run({ seed: failed.seed, onlyFaults, traceFile })
    if (result.outcome !== failed.outcome || result.atMs !== failed.atMs) {
      console.log(
        'The traced run ended otherwise than the first: the simulator is not deterministic here, which is a bug of its own.',
      )
    }
    this.explain(failed, traceFile)
  }

  private explain(failed: SimResult, traceFile: string | null): void {
    if (traceFile !== null) {
      const lines = readFileSync(traceFile, 'utf8').trimEnd().split('\n')
      console.log(`\n── the last ${Math.min(TRACE_LINES_SHOWN, lines.length)} of ${lines.length} lines of the trace\n`)
      console.log(lines.slice(-TRACE_LINES_SHOWN).join('\n'))
      console.log(`\nThe whole trace: ${relative(root, traceFile)}`)
    }
    console.log(`\n${failureWords(failed, this.args.onlyFaults, this.source)}`)
    if (failed.faults.length > 0) console.log(`  Which faults matter: ${replayLine(failed.seed, this.args.onlyFaults)} --shrink`)
  }

  private async shrink(failed: SimResult): Promise<void> {
    const { seed } = failed
    // Which process crashed may change when faults go; what it says may not.
    const whatBroke = (result: SimResult): string => `${result.outcome} ${ruleOf(result).replace(/^[\w-]+, [^:]*: /, '')}`
    const isSame = (result: SimResult): boolean =>
      result.outcome === 'no-convergence' ? failed.outcome === result.outcome : whatBroke(result) === whatBroke(failed)
    const { faults, runs, isMinimal } = await shrink({
      faults: failed.faults.map(({ id }) => id),
      stillFails: async (only) => isSame((await this.pool.run({ seed, onlyFaults: [...only], traceFile: null })).result),
      onProgress: (left, runCount) => progress(`${left} faults left after ${runCount} runs`),
    })
    const { result, faultWords } = await this.pool.run({ seed, onlyFaults: faults, traceFile: this.traceFile(seed) })
    say(`${isMinimal ? 'No fault of these' : 'Stopped early; perhaps not every fault of these'} can be left out (${runs} runs):`)
    for (const [index, fault] of result.faults.entries()) {
      console.log(
        `  ${String(fault.id).padStart(3)}  at ${(fault.atMs / 1000).toFixed(3)} s of the safety phase: ${faultWords[index]}`,
      )
    }
    console.log(`The trace: ${relative(root, this.traceFile(seed))}`)
    console.log(`\n${failureWords(result, faults, this.source)}`)
  }

  private traceFile(seed: number): string {
    return join(this.traces, `seed-${seed}.txt`)
  }
}

/** A line that the next one takes the place of, on a terminal. */
function progress(text: string): void {
  process.stdout.write(process.stdout.isTTY ? `\r\x1b[K${text}` : `${text}\n`)
}

function say(text: string): void {
  console.log(process.stdout.isTTY ? `\r\x1b[K${text}` : text)
}

async function main(): Promise<number> {
  let args: SimArguments
  try {
    args = parseArguments(process.argv.slice(2))
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    console.error(`${error.message}\n\n${usage}`)
    return EXIT_USAGE
  }
  const bundle = await bundleSimulator()
  const isOne = args.from === args.to
  const jobs = Math.min(args.jobs ?? availableParallelism(), isOne && !args.isTwice ? 1 : args.to - args.from + 1)
  const pool = new SimPool({ bundleFile: bundle.file, jobs, seedLimitMs: args.seedLimitMs })
  const tidy = (): void => {
    pool.end()
    bundle.remove()
  }
  process.once('SIGINT', () => {
    tidy()
    process.exit(130)
  })
  process.once('SIGTERM', () => {
    tidy()
    process.exit(143)
  })
  try {
    return await new Session(args, jobs, pool).run()
  } finally {
    tidy()
  }
}

main().then(
  (code) => {
    process.exitCode = code
  },
  (error: unknown) => {
    console.error(error instanceof Error ? error.stack : String(error))
    process.exitCode = 1
  },
)
