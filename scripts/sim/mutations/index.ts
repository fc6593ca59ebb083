/**
 * `npm run sim:mutations`: shows that the simulator bites. Each planted bug is bundled into a simulator of its own, which runs seeds from 1 on until one
 * fails; a seed that fails without the bug too proves nothing and is passed over. Prints what found each, and fails where one is not found.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join, relative } from 'node:path'
import type { SimResult } from '../../../src/engine/testing/sim/simulate'
import { root } from '../../lib/steps'
import { UsageError } from '../arguments'
import { bundleSimulator } from '../bundle'
import { SimPool } from '../pool'
import { EXIT_USAGE, ruleOf, sourceWords } from '../report'
import { currentSource } from '../source'
import { type MutationArguments, mutationUsage, parseMutationArguments } from './arguments'
import { mutations as catalogue } from './catalogue'
import type { Mutation } from './mutation'
import { mutationPlugin } from './plugin'
import { type Finding, withFindings } from './table'

const EXIT_NOT_FOUND = 7
const TRACE_LINES_SHOWN = 60
const SEED_LIMIT_MS = 600_000
const DOCUMENT = join(root, 'docs', 'simulation.md')

/** Runs seeds without any bug, and remembers what became of each. */
class Baseline {
  private readonly passed = new Map<number, Promise<boolean>>()

  constructor(private readonly pool: SimPool) {}

  passes(seed: number): Promise<boolean> {
    let passed = this.passed.get(seed)
    if (passed === undefined) {
      passed = this.pool.run({ seed, onlyFaults: null, traceFile: null }).then(({ result }) => result.outcome === 'passed')
      this.passed.set(seed, passed)
    }
    return passed
  }
}

async function find(
  mutation: Mutation,
  { seedsMax, mutations }: MutationArguments,
  jobs: number,
  baseline: Baseline,
): Promise<Finding> {
  const startedMs = performance.now()
  const bundle = await bundleSimulator([mutationPlugin(mutation)])
  const pool = new SimPool({ bundleFile: bundle.file, jobs, seedLimitMs: SEED_LIMIT_MS })
  try {
    let found: SimResult | null = null
    let next = 1
    const worker = async (): Promise<void> => {
      // All seeds below the one found were begun before it, and are waited for: the number is the same however many run at once.
      for (let seed = next++; seed <= seedsMax && (found === null || seed < found.seed); seed = next++) {
        const { result } = await pool.run({ seed, onlyFaults: null, traceFile: null })
        if (result.outcome === 'passed' || (found !== null && found.seed < seed)) continue
        if (await baseline.passes(seed)) found = found === null || seed < (found as SimResult).seed ? result : found
      }
    }
    await Promise.all(Array.from({ length: jobs }, worker))
    if (found !== null && mutations.length === 1) await showTrace(pool, found)
    return { mutation, result: found, seconds: (performance.now() - startedMs) / 1000 }
  } finally {
    pool.end()
    bundle.remove()
  }
}

/** Of one planted bug alone: how the run looks that finds it. */
async function showTrace(pool: SimPool, { seed }: SimResult): Promise<void> {
  const folder = join(root, 'node_modules', '.cache', 'sim', 'traces')
  mkdirSync(folder, { recursive: true })
  const traceFile = join(folder, `planted-bug-${seed}.txt`)
  await pool.run({ seed, onlyFaults: null, traceFile })
  console.log(readFileSync(traceFile, 'utf8').trimEnd().split('\n').slice(-TRACE_LINES_SHOWN).join('\n'))
  console.log(`\nThe whole trace: ${relative(root, traceFile)}\n`)
}

async function main(): Promise<number> {
  let args: MutationArguments
  try {
    args = parseMutationArguments(process.argv.slice(2), catalogue)
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    console.error(`${error.message}\n\n${mutationUsage}`)
    return EXIT_USAGE
  }
  const startedMs = performance.now()
  const jobs = args.jobs ?? availableParallelism()
  const bundle = await bundleSimulator()
  const pool = new SimPool({ bundleFile: bundle.file, jobs: 1, seedLimitMs: SEED_LIMIT_MS })
  const baseline = new Baseline(pool)
  const findings: Finding[] = []
  try {
    for (const mutation of args.mutations) {
      const finding = await find(mutation, args, jobs, baseline)
      findings.push(finding)
      const { result, seconds } = finding
      const outcome =
        result === null ? `NOT FOUND in ${args.seedsMax} seeds` : `seed ${result.seed}  ${result.outcome}: ${ruleOf(result)}`
      console.log(`${mutation.name.padEnd(46)} ${seconds.toFixed(1).padStart(6)} s  ${outcome}`)
    }
  } finally {
    pool.end()
    bundle.remove()
  }
  const alive = findings.filter(({ result }) => result === null)
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(0)
  console.log(
    `\n${findings.length - alive.length} of ${findings.length} planted bugs found in ${seconds} s, ${sourceWords(currentSource())}.`,
  )
  if (alive.length > 0) console.log(`Not found: ${alive.map(({ mutation }) => mutation.name).join(', ')}.`)
  if (args.isDocumented) writeFileSync(DOCUMENT, withFindings(readFileSync(DOCUMENT, 'utf8'), findings, catalogue))
  return alive.length === 0 ? 0 : EXIT_NOT_FOUND
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
