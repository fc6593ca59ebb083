/** The command line of `npm run sim:mutations`. Pure. */
import { UsageError } from '../arguments'
import type { Mutation } from './mutation'

export interface MutationArguments {
  readonly mutations: readonly Mutation[]
  readonly seedsMax: number
  readonly jobs: number | null
  /** Writes their rows into the table of docs/simulation.md. */
  readonly isDocumented: boolean
}

export const mutationUsage = `npm run sim:mutations -- [--only name[,name]] [--seeds-max 500] [--jobs J] [--write-docs]

Bundles the simulator once with each planted bug in it and runs seeds 1, 2, … until one fails that passes without the bug.
--write-docs writes the rows of those that were run into docs/simulation.md, and leaves the others as they are.
Exit code: 0 every one was found · 1 it could not be run · 2 usage · 7 one was not found.`

const SEEDS_MAX = 500

export function parseMutationArguments(args: readonly string[], catalogue: readonly Mutation[]): MutationArguments {
  let mutations = catalogue
  let seedsMax = SEEDS_MAX
  let jobs: number | null = null
  let isDocumented = false
  for (let index = 0; index < args.length; index++) {
    const name = args[index]
    if (name === '--write-docs') {
      isDocumented = true
      continue
    }
    const value = args[++index]
    if (value === undefined) throw new UsageError(`${name} needs a value, or is none of the options.`)
    if (name === '--only') mutations = chosen(value.split(','), catalogue)
    else if (name === '--seeds-max') seedsMax = count(name, value)
    else if (name === '--jobs') jobs = count(name, value)
    else throw new UsageError(`There is no ${name}.`)
  }
  return { mutations, seedsMax, jobs, isDocumented }
}

function chosen(names: readonly string[], catalogue: readonly Mutation[]): Mutation[] {
  return names.map((name) => {
    const found = catalogue.find((mutation) => mutation.name === name)
    if (found === undefined)
      throw new UsageError(`There is no planted bug ${name}. There are: ${catalogue.map((each) => each.name).join(', ')}.`)
    return found
  })
}

function count(name: string, text: string): number {
  const value = Number(text)
  if (!/^\d+$/.test(text) || value < 1 || !Number.isSafeInteger(value))
    throw new UsageError(`${name} takes whole numbers from 1 on, not ${text}.`)
  return value
}
