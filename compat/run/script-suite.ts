/** A suite around a script of compat/ that prints one line a check: `ok …`, `failed …: why`, `skipped …: why`. For those that were there before the suites. */
import { join } from 'node:path'
import { complaintOf } from './programs'
import type { CompatSuite, KnownFailure, SuiteContext } from './suite'

export interface ScriptSuiteOptions {
  readonly name: string
  /** Below compat/. */
  readonly script: string
  readonly args?: (context: SuiteContext) => readonly string[]
  readonly timeLimitMs: number
  readonly isInQuickRuns?: boolean
  readonly knownFailures?: readonly KnownFailure[]
}

export function scriptSuite({ name, script, args, timeLimitMs, ...rest }: ScriptSuiteOptions): CompatSuite {
  return {
    name,
    timeLimitMs,
    ...rest,
    prepare: async () => ({ version: '' }),
    async run(context) {
      const file = join(__dirname, '..', script)
      const command = ['--import', 'tsx', file, ...(args?.(context) ?? [])]
      const result = await context.run(process.execPath, command, { timeLimitMs })
      const count = context.checks.addLines(result.stdout.toString())
      const hasSaidWhy = context.checks.results.some(({ status }) => status === 'failed')
      // A script that ends badly after a failed check has said why; one that says nothing has checked nothing.
      if (result.code !== 0 && !hasSaidWhy) context.checks.failed(`${script} ran to its end`, complaintOf(script, result))
      else if (count === 0) context.checks.failed(`${script} made checks`, 'it printed none')
    },
  }
}
