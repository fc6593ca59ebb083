/** The command line of `npm run sim`. Pure; says what is wrong with it in a sentence. */

export interface SimArguments {
  readonly from: number
  readonly to: number
  /** Null: as many as there are cores. */
  readonly jobs: number | null
  readonly onlyFaults: readonly number[] | null
  readonly isTraced: boolean
  readonly isShrunk: boolean
  readonly isTwice: boolean
  readonly stopsAtFirst: boolean
  readonly seedLimitMs: number
}

export class UsageError extends Error {}

export const usage = `npm run sim -- --seed N | --seeds A..B  [options]

  --seed N             one run; a failure is run again with its trace
  --seeds A..B         many runs, both ends included; goes on over failures and lists them at the end
  --jobs J             processes at once; as many as there are cores
  --stop-at-first      of many runs: ends with the first failure
  --trace              prints the whole trace (one seed)
  --shrink             drops faults for as long as the failure stays (one seed)
  --only-faults 3,7    only these faults of the plan, as --shrink prints them (one seed)
  --twice              runs each seed twice, traced, and compares the traces byte for byte
  --seed-limit S       seconds of real time after which a run counts as crashed; 300

Exit code: 0 all passed · 1 it could not be run · 2 usage · 3 crash · 4 broken invariant · 5 no convergence · 6 the same seed gave another
trace. Of many failures the one of the lowest seed counts.`

const DEFAULT_SEED_LIMIT_S = 300
const flags = ['--trace', '--shrink', '--twice', '--stop-at-first'] as const
const valued = ['--seed', '--seeds', '--jobs', '--only-faults', '--seed-limit'] as const

export function parseArguments(args: readonly string[]): SimArguments {
  const values = new Map<string, string>()
  for (let index = 0; index < args.length; index++) {
    const name = args[index] ?? ''
    if (values.has(name)) throw new UsageError(`${name} is there twice.`)
    if ((flags as readonly string[]).includes(name)) values.set(name, '')
    else if ((valued as readonly string[]).includes(name)) {
      const value = args[++index]
      if (value === undefined || value.startsWith('--')) throw new UsageError(`${name} needs a value.`)
      values.set(name, value)
    } else throw new UsageError(`There is no ${name}.`)
  }
  const { from, to } = seedsOf(values)
  const isOne = from === to
  for (const name of ['--trace', '--shrink', '--only-faults']) {
    if (values.has(name) && !isOne) throw new UsageError(`${name} goes with one seed.`)
  }
  if (values.has('--trace') && values.has('--shrink')) throw new UsageError('--trace and --shrink do not go together.')
  const jobs = values.get('--jobs')
  return {
    from,
    to,
    jobs: jobs === undefined ? null : wholeOf('--jobs', jobs, 1),
    onlyFaults: faultsOf(values.get('--only-faults')),
    isTraced: values.has('--trace'),
    isShrunk: values.has('--shrink'),
    isTwice: values.has('--twice'),
    stopsAtFirst: values.has('--stop-at-first'),
    seedLimitMs: wholeOf('--seed-limit', values.get('--seed-limit') ?? String(DEFAULT_SEED_LIMIT_S), 1) * 1000,
  }
}

function seedsOf(values: ReadonlyMap<string, string>): { from: number; to: number } {
  const seed = values.get('--seed')
  const seeds = values.get('--seeds')
  if ((seed === undefined) === (seeds === undefined)) throw new UsageError('Either --seed N or --seeds A..B is needed.')
  if (seed !== undefined) {
    const only = wholeOf('--seed', seed, 0)
    return { from: only, to: only }
  }
  const match = /^(\d+)\.\.(\d+)$/.exec(seeds ?? '')
  if (match === null) throw new UsageError(`--seeds takes A..B, not ${seeds}.`)
  const from = wholeOf('--seeds', match[1] ?? '', 0)
  const to = wholeOf('--seeds', match[2] ?? '', 0)
  if (to < from) throw new UsageError(`--seeds ${seeds} is empty.`)
  return { from, to }
}

/** 'none': what --shrink prints where a failure needs no fault. */
function faultsOf(text: string | undefined): readonly number[] | null {
  if (text === undefined) return null
  if (text === 'none') return []
  return text.split(',').map((part) => wholeOf('--only-faults', part, 0))
}

function wholeOf(name: string, text: string, least: number): number {
  const value = Number(text)
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < least) {
    throw new UsageError(`${name} takes whole numbers from ${least} on, not ${text}.`)
  }
  return value
}
